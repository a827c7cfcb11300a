"""A fediverse server: posts become mentions, mentions become a lead and a ticket."""

from datetime import UTC

import pytest

MANY = 500


class Story:
    """What happened on the server, and where the desk keeps it."""


@pytest.fixture(scope="module")
def people(snac):
    """Our own account and two people who have something to say."""
    return snac.account("desk"), snac.account("ann"), snac.account("ben")


def connect(desk, snac, account, name, **values):
    """Connect a channel and take note of what is there already."""
    topics = values.pop("topics", ())
    channel = desk.channel(name, "mastodon", {"server": snac.url, "access_token": account.token, **values}, topics)
    desk.listen(channel)
    return channel


@pytest.fixture(scope="module")
def story(desk, snac, people):
    """A channel with two rules, and a post, a question and a private message that come after it was connected."""
    us, ann, ben = people
    story = Story()
    story.topic = desk.topic("Teapots", "teapot*")
    story.channel = connect(desk, snac, us, "Fediverse", hashtags="teapots", topics=[story.topic])
    lead = {"channel_ids": [story.channel], "topic_ids": [story.topic], "lead_action": "create"}
    ticket = {"channel_ids": [story.channel], "keywords": "broken", "ticket_action": "create"}
    desk.create("community.rule", name="Interested", **lead)
    desk.create("community.rule", name="Trouble", **ticket)
    story.wish = ann.post("Where can I buy one of these #teapots? 3 < 4 & Ünïcode")
    story.other = ann.post("The weather is nice")
    story.trouble = ben.post(f"{us.handle} my lamp arrived broken")
    story.secret = ben.post(f"{us.handle} my address is 1 Long Street", visibility="direct")
    desk.listen_until(lambda: desk.count("community.mention", [("channel_id", "=", story.channel)]) == 3, story.channel)
    yield story
    desk.call("community.channel", story.channel, "action_pause")


def found(desk, story, post, *fields):
    """Return the mention of a post."""
    return desk.one("community.mention", [("channel_id", "=", story.channel), ("url", "=", post.url)], list(fields))


def test_posts_become_mentions(desk, story, people):
    _us, ann, ben = people
    fields = ["author_id", "text", "published_at", "kind", "visibility", "origin", "topic_ids", "outgoing"]
    for post, author in ((story.wish, ann), (story.trouble, ben), (story.secret, ben)):
        mention = found(desk, story, post, *fields)
        assert mention["published_at"].replace(tzinfo=UTC) == post.created_at.replace(microsecond=0)
        profile = desk.one("community.author", [("id", "=", mention["author_id"])], ["handle", "name", "url"])
        assert profile == {
            "id": mention["author_id"],
            "handle": f"@{author.name}@{ann.server.host}",
            "name": author.name,
            "url": f"{ann.server.url}/{author.name}",
        }
        assert not mention["outgoing"]
    wish = found(desk, story, story.wish, *fields)
    assert wish["text"] == "Where can I buy one of these #teapots? 3 < 4 & Ünïcode"
    assert (wish["origin"], wish["visibility"], wish["topic_ids"]) == ("search", "public", [story.topic])
    trouble = found(desk, story, story.trouble, *fields)
    assert "my lamp arrived broken" in trouble["text"]
    assert (trouble["origin"], trouble["visibility"], trouble["topic_ids"]) == ("own", "public", [])
    secret = found(desk, story, story.secret, *fields)
    assert (secret["origin"], secret["visibility"]) == ("own", "private")


def test_rules_make_a_lead_and_a_ticket(desk, story):
    wish = found(desk, story, story.wish, "lead_id", "task_id")
    lead = desk.one("crm.lead", [("id", "=", wish["lead_id"])], ["name", "description", "source_id", "medium_id"])
    assert lead["name"].startswith("ann: Where can I buy")
    assert story.wish.url in lead["description"] and "3 &lt; 4 &amp; Ünïcode" in lead["description"]
    assert desk.one("utm.source", [("id", "=", lead["source_id"])], ["name"])["name"] == "Mastodon"
    assert not wish["task_id"]
    trouble = found(desk, story, story.trouble, "lead_id", "task_id")
    ticket = desk.one("project.task", [("id", "=", trouble["task_id"])], ["name", "description"])
    assert "my lamp arrived broken" in ticket["name"] and story.trouble.url in ticket["description"]
    assert not trouble["lead_id"]


@pytest.fixture(scope="module")
def sequel(desk, story, people):
    """The same people say more, and we answer."""
    us, ann, ben = people
    sequel = Story()
    sequel.before = desk.count("crm.lead", []), desk.count("project.task", [])
    sequel.wish = ann.post("Still looking for #teapots, green ones")
    sequel.ours = us.post(f"{ben.handle} we are sorry, a new one is on its way", reply_to=story.trouble.id)
    sequel.theirs = ben.post(f"{us.handle} thank you", reply_to=sequel.ours.id)
    sequel.trouble = ben.post(f"{us.handle} the second one is broken too")
    urls = [post.url for post in (sequel.wish, sequel.theirs, sequel.trouble)]
    desk.listen_until(lambda: desk.count("community.mention", [("url", "in", urls)]) == 3, story.channel)
    return sequel


def test_more_of_the_same_person_is_added(desk, story, sequel):
    assert (desk.count("crm.lead", []), desk.count("project.task", [])) == sequel.before
    lead = found(desk, story, story.wish, "lead_id")["lead_id"]
    ticket = found(desk, story, story.trouble, "task_id")["task_id"]
    assert found(desk, story, sequel.wish, "lead_id")["lead_id"] == lead
    assert found(desk, story, sequel.trouble, "task_id")["task_id"] == ticket
    for model, record, text in (("crm.lead", lead, "green ones"), ("project.task", ticket, "the second one")):
        notes = desk.read("mail.message", [("model", "=", model), ("res_id", "=", record)], ["body"])
        assert sum(text in note["body"] for note in notes) == 1


def test_a_conversation_threads(desk, story, sequel):
    desk.look_again(story.channel)
    first = found(desk, story, story.trouble, "conversation_id", "external_id")
    second = found(desk, story, sequel.ours, "conversation_id", "outgoing", "parent_external_id", "external_id")
    third = found(desk, story, sequel.theirs, "conversation_id", "outgoing", "parent_external_id")
    assert first["conversation_id"] == second["conversation_id"] == third["conversation_id"]
    assert (second["outgoing"], third["outgoing"]) == (True, False)
    assert second["parent_external_id"] == first["external_id"]
    assert third["parent_external_id"] == second["external_id"]
    assert found(desk, story, story.wish, "conversation_id")["conversation_id"] != first["conversation_id"]


def test_an_edit_keeps_the_earlier_text(desk, story, people):
    _us, ann, _ben = people
    mentions = desk.count("community.mention", [])
    ann.edit(story.wish.id, "Where can I buy two of these #teapots?")
    desk.listen(story.channel)
    wish = found(desk, story, story.wish, "text", "edited_at", "version_ids")
    assert wish["text"] == "Where can I buy two of these #teapots?" and wish["edited_at"]
    [version] = desk.read("community.mention.version", [("id", "in", wish["version_ids"])], ["text"])
    assert "buy one of these" in version["text"]
    assert desk.count("community.mention", []) == mentions


def test_a_deletion_is_noticed_by_looking_again(desk, snac, story, people):
    _us, ann, _ben = people
    ann.delete(story.wish)
    desk.listen(story.channel)
    assert found(desk, story, story.wish, "text", "deleted_at")["text"], "absence from a list is no deletion"
    desk.look_again(story.channel)
    wish = found(desk, story, story.wish, "text", "deleted_at", "version_ids")
    assert wish["deleted_at"] and not wish["text"] and not wish["version_ids"]
    assert not found(desk, story, story.trouble, "deleted_at")["deleted_at"]


@pytest.fixture
def crowd(desk, snac, people):
    """A channel that follows a hashtag of this test alone; yields it and a function that posts to it."""
    us, ann, ben = people
    tag = f"crowd{len(desk.read('community.channel', [], []))}"
    topic = desk.topic(tag, f"#{tag}")
    channel = connect(desk, snac, us, tag, hashtags=tag, topics=[topic])

    def say(number):
        return [(ann, ben)[n % 2].post(f"Number {n} in the #{tag}") for n in range(number)]

    yield channel, say
    desk.call("community.channel", channel, "action_pause")


def assert_all_once(desk, channel, posts):
    urls = [mention["url"] for mention in desk.mentions(channel, "url")]
    assert len(urls) == len(set(urls)) and {post.url for post in posts} == set(urls)


def test_500_posts_at_once(desk, crowd):
    channel, say = crowd
    posts = [*say(1)]
    desk.listen(channel)
    posts += say(MANY)
    state = desk.listen(channel)
    assert (state["state"], state["error_count"]) == ("listening", 0)
    assert_all_once(desk, channel, posts)
    desk.listen(channel)
    assert_all_once(desk, channel, posts)


def test_the_server_restarts_in_the_middle(desk, snac, crowd):
    channel, say = crowd
    posts = say(1)
    desk.listen(channel)
    posts += say(MANY)
    with desk.stopping(snac, after=8):
        state = desk.listen(channel)
    stored = len(desk.mentions(channel))
    assert 1 < stored < MANY
    assert state["error_count"] == 1 and state["health"] == "warning"
    assert "127.0.0.1" in state["last_error"]
    snac.start()
    state = desk.listen(channel)
    assert (state["state"], state["error_count"], state["last_error"]) == ("listening", 0, False)
    assert_all_once(desk, channel, posts)


def test_a_wrong_token_is_told_and_nothing_is_lost(desk, crowd, people):
    us, _ann, _ben = people
    channel, say = crowd
    posts = say(2)
    desk.spoil(channel, "access_token")
    state = desk.listen(channel)
    assert (state["state"], state["health"]) == ("access", "error")
    assert "Enter access again" in state["last_error"] and "wrong" not in state["last_error_detail"]
    activities = [("res_model", "=", "community.channel"), ("res_id", "=", channel)]
    assert desk.count("mail.activity", activities)
    posts += say(3)
    desk.write("community.channel", channel, access_form={"values": {"access_token": us.token}})
    state = desk.listen(channel)
    assert (state["state"], state["health"], state["last_error"]) == ("listening", "ok", False)
    assert not desk.count("mail.activity", activities)
    assert_all_once(desk, channel, posts)
