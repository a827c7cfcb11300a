"""A blog with comments: what its feeds tell becomes mentions, a lead and a ticket."""

import time
from datetime import UTC, datetime

import pytest

MANY = 500


class Story:
    """What happened on the blog, and where the desk keeps it."""


def connect(desk, name, url, **values):
    """Connect a feed and take note of what is there already."""
    channel = desk.channel(name, "feed", {"url": url}, **values)
    desk.listen(channel)
    return channel


@pytest.fixture(scope="module")
def story(desk, wordpress):
    """Channels for articles and comments with a rule each, then an article, a comment on it and one on another."""
    story = Story()
    story.ann, story.ben = wordpress.writer("ann"), wordpress.writer("ben", "subscriber")
    story.topic = desk.topic("Kettles", "kettle", "kettles")
    old = story.ann.post("Before", "This was here before anybody listened")
    story.posts = connect(desk, "Blog", wordpress.url, topics=[story.topic])  # the feed is found on the page
    story.comments = connect(desk, "Comments", wordpress.comments_feed, topics=[story.topic])
    desk.create(
        "community.rule",
        name="Articles",
        channel_ids=[story.posts],
        topic_ids=[story.topic],
        ticket_action="create",
    )
    desk.create(
        "community.rule",
        name="Comments",
        channel_ids=[story.comments],
        topic_ids=[story.topic],
        lead_action="create",
    )
    story.article = story.ann.post("Our new kettle", "It <b>leaks</b> &amp; whistles.")
    story.noise = story.ann.post("The weather", "It rains")
    story.comment = story.ben.comment(story.article["id"], "I want a kettle like this")
    story.answer = story.ann.comment(story.article["id"], "This kettle is not for sale", reply_to=story.comment["id"])
    story.elsewhere = story.ben.comment(old["id"], "Nice")
    desk.listen(story.posts, story.comments)
    yield story
    desk.call("community.channel", [story.posts, story.comments], "action_pause")


def found(desk, thing, *fields):
    """Return the mention of an article or comment."""
    return desk.one("community.mention", [("url", "=", thing["link"])], list(fields))


def test_articles_and_comments_become_mentions(desk, story):
    fields = ["title", "text", "author_id", "published_at", "kind", "origin", "topic_ids", "channel_id"]
    article = found(desk, story.article, *fields)
    assert (article["title"], article["text"]) == ("Our new kettle", "It leaks & whistles.")
    assert (article["kind"], article["channel_id"]) == ("article", story.posts)
    comment = found(desk, story.comment, *fields)
    assert (comment["text"], comment["kind"], comment["channel_id"]) == (
        "I want a kettle like this",
        "comment",
        story.comments,
    )
    for mention, thing, author in ((article, story.article, "ann"), (comment, story.comment, "ben")):
        said = datetime.fromisoformat(thing["date_gmt"]).replace(tzinfo=UTC)
        assert mention["published_at"].replace(tzinfo=UTC) == said
        assert desk.one("community.author", [("id", "=", mention["author_id"])], ["name"])["name"] == author
        assert (mention["origin"], mention["topic_ids"]) == ("search", [story.topic])
    urls = {mention["url"] for mention in desk.mentions(story.posts, "url") + desk.mentions(story.comments, "url")}
    assert urls == {story.article["link"], story.comment["link"], story.answer["link"]}


def test_rules_make_a_lead_and_a_ticket(desk, story):
    comment = found(desk, story.comment, "lead_id", "task_id")
    lead = desk.one("crm.lead", [("id", "=", comment["lead_id"])], ["name", "description"])
    assert "I want a kettle" in lead["name"] and story.comment["link"] in lead["description"]
    article = found(desk, story.article, "lead_id", "task_id")
    ticket = desk.one("project.task", [("id", "=", article["task_id"])], ["name", "description"])
    assert "Our new kettle" in ticket["name"] and story.article["link"] in ticket["description"]
    assert not comment["task_id"] and not article["lead_id"]

    leads, tickets = desk.count("crm.lead", []), desk.count("project.task", [])
    again = story.ben.comment(story.article["id"], "Two kettles, please")
    worse = story.ann.post("The kettle again", "It still leaks")
    desk.listen(story.posts, story.comments)
    assert (desk.count("crm.lead", []), desk.count("project.task", [])) == (leads, tickets)
    assert found(desk, again, "lead_id")["lead_id"] == comment["lead_id"]
    assert found(desk, worse, "task_id")["task_id"] == article["task_id"]
    for model, record, text in (
        ("crm.lead", comment["lead_id"], "Two kettles"),
        ("project.task", article["task_id"], "still leaks"),
    ):
        notes = desk.read("mail.message", [("model", "=", model), ("res_id", "=", record)], ["body"])
        assert sum(text in note["body"] for note in notes) == 1


def test_a_conversation_threads(desk, story):
    fields = ["conversation_id", "parent_external_id", "external_id"]
    article, comment, answer = (found(desk, one, *fields) for one in (story.article, story.comment, story.answer))
    assert article["conversation_id"] == comment["conversation_id"] == answer["conversation_id"]
    assert comment["parent_external_id"] == article["external_id"]
    assert answer["parent_external_id"] == comment["external_id"]


def test_nothing_new_is_not_read_again(desk, wordpress, story):
    time.sleep(2)  # what changed just now may change again within the second that its date names
    desk.listen(story.posts, story.comments)
    before = len(wordpress.requests)
    usage = desk.read("community.channel.usage", [], ["items", "requests"])
    state = desk.listen(story.posts, story.comments)
    assert sorted(wordpress.requests[before:]) == ["304 GET /comments/feed/", "304 GET /feed/"]
    after = desk.read("community.channel.usage", [], ["items", "requests"])
    assert sum(one["items"] for one in after) == sum(one["items"] for one in usage)
    assert sum(one["requests"] for one in after) == sum(one["requests"] for one in usage) + 2
    assert (state["state"], state["health"]) == ("listening", "ok")


def test_an_edit_keeps_the_earlier_text(desk, story):
    mentions = desk.count("community.mention", [])
    story.ann.edit_post(story.article["id"], title="Our old kettle", content="It never leaks")
    desk.listen(story.posts)
    article = found(desk, story.article, "title", "text", "edited_at", "version_ids")
    assert (article["title"], article["text"]) == ("Our old kettle", "It never leaks") and article["edited_at"]
    [version] = desk.read("community.mention.version", [("id", "in", article["version_ids"])], ["title", "text"])
    assert (version["title"], version["text"]) == ("Our new kettle", "It leaks & whistles.")
    assert desk.count("community.mention", []) == mentions


def test_a_deletion_is_noticed_by_looking_again(desk, wordpress, story):
    kept = story.ann.post("One more kettle", "It stays")
    gone = story.ann.post("A last kettle", "It goes")
    told = story.ben.comment(kept["id"], "No kettle for me")
    desk.listen(story.posts, story.comments)
    story.ann.delete_post(gone["id"])
    wordpress.admin.delete_comment(told["id"])
    desk.listen(story.posts, story.comments)
    for thing in (gone, told):
        mention = found(desk, thing, "text", "deleted_at")
        assert mention["text"] and not mention["deleted_at"], "absence from a feed is no deletion"
    desk.look_again(story.posts)
    desk.look_again(story.comments)
    for thing in (gone, told):
        mention = found(desk, thing, "title", "text", "deleted_at")
        assert mention["deleted_at"] and not mention["text"] and not mention["title"]
    assert found(desk, kept, "text")["text"] == "It stays"
    assert not found(desk, story.comment, "deleted_at")["deleted_at"]


def test_more_comments_than_the_feed_shows(desk, wordpress, story):
    topic = desk.topic("Queue", "queue")
    article = story.ann.post("Come in", "One after another")
    said = [story.ben.comment(article["id"], "First in the queue")]
    channel = connect(desk, "Queue", wordpress.comments_feed, topics=[topic])
    said += story.ben.many(lambda n: story.ben.comment(article["id"], f"Number {n} in the queue"), 120)
    said.append(story.ann.comment(article["id"], "Last in the queue", reply_to=said[0]["id"]))
    for _twice in range(2):
        desk.listen(channel)
        fields = ["url", "text", "parent_id", "conversation_id", "version_ids"]
        mentions = {mention["url"]: mention for mention in desk.mentions(channel, *fields)}
        assert len(mentions) == len(desk.mentions(channel)) == len(said)
        assert set(mentions) == {comment["link"] for comment in said}
        assert len({mention["conversation_id"] for mention in mentions.values()}) == 1
        assert not any(mention["version_ids"] for mention in mentions.values())
        first, last = mentions[said[0]["link"]], mentions[said[-1]["link"]]
        assert (first["text"], last["text"]) == ("First in the queue", "Last in the queue")
        assert last["parent_id"] == first["id"]
    desk.call("community.channel", channel, "action_pause")


def test_500_posts_while_the_server_restarts(desk, wordpress, story):
    topic = desk.topic("Crowd", "crowd")
    channel = connect(desk, "Crowd", wordpress.feed, topics=[topic])
    posts = story.ann.posts([(f"Number {number}", "One of the crowd") for number in range(MANY)])
    with desk.stopping(wordpress, after=5):
        state = desk.listen(channel)
    assert state["error_count"] == 1 and "127.0.0.1" in state["last_error"]
    assert state["health"] == "warning"
    wordpress.start()
    for _twice in range(2):
        state = desk.listen(channel)
        assert (state["state"], state["error_count"], state["last_error"]) == ("listening", 0, False)
        urls = [mention["url"] for mention in desk.mentions(channel, "url")]
        assert len(urls) == len(set(urls)) == MANY and set(urls) == {post["link"] for post in posts}
    desk.call("community.channel", channel, "action_pause")
