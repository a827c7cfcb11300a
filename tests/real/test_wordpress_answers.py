"""A blog that gave us access: comments are answered beneath, once, and moderated."""

import pytest


class Story:
    """What happened on the blog, and where the desk keeps it."""


@pytest.fixture(scope="module")
def people(wordpress):
    """Our own account, an editor, and two people who comment."""
    writers = (
        wordpress.writer("host", "editor"),
        wordpress.writer("kim", "subscriber"),
        wordpress.writer("lou", "subscriber"),
    )
    return writers


@pytest.fixture(scope="module")
def story(desk, wordpress, people):
    """A channel, and two comments on an article that came after it was connected."""
    us, kim, lou = people
    story = Story()
    story.article = us.post("Our lamps", "They shine")
    access = {"url": wordpress.url, "username": us.name, "application_password": us.auth[1]}
    story.channel = desk.channel("Blog with access", "wordpress", access)
    desk.listen(story.channel)
    story.question = kim.comment(story.article["id"], "Does it float? 3 < 4 & Ünïcode")
    story.other = lou.comment(story.article["id"], "And in which colours?")
    desk.listen_until(lambda: is_there(desk, story.question) and is_there(desk, story.other), story.channel)
    yield story
    desk.call("community.channel", story.channel, "action_pause")


def is_there(desk, comment):
    """Return whether a comment has become a mention of this channel."""
    return desk.count("community.mention", [("network", "=", "wordpress"), ("url", "=", comment["link"])])


def found(desk, comment, *fields):
    """Return the mention of a comment."""
    return desk.one("community.mention", [("network", "=", "wordpress"), ("url", "=", comment["link"])], list(fields))


def sends(method, url, _body):
    """Return whether a request makes a comment."""
    return method == "POST" and url.endswith("wp/v2/comments")


def answers(wordpress, comment):
    """Return the answers to a comment, as the site has them."""
    return wordpress.admin.call("GET", f"comments?post={comment['post']}&parent={comment['id']}&context=edit")


def test_an_answer_stands_once_where_it_belongs(desk, wordpress, story, people):
    us, kim, _lou = people
    text = "It does: https://acme.example/a?b=1&c=2 <b>3 < 4</b> “ü” 😀"
    answer = desk.say(found(desk, story.question)["id"], text)
    [seen] = answers(wordpress, story.question)
    assert (seen["author"], seen["link"], seen["status"]) == (us.id, answer["url"], "approved")
    thanks = kim.comment(story.article["id"], "Thank you", reply_to=seen["id"])
    desk.listen_until(lambda: is_there(desk, thanks), story.channel)
    fields = ["outgoing", "text", "external_id", "parent_external_id", "conversation_id"]
    question, ours, theirs = (found(desk, one, *fields) for one in (story.question, seen, thanks))
    assert ours["outgoing"] and ours["text"] == text
    assert ours["parent_external_id"] == question["external_id"]
    assert theirs["parent_external_id"] == ours["external_id"] == answer["external_id"]
    assert question["conversation_id"] == ours["conversation_id"] == theirs["conversation_id"]


def test_a_lost_answer_is_found_and_not_repeated(desk, wordpress, story):
    answer = desk.say_though_the_answer_is_lost(found(desk, story.other)["id"], "In all of them, 1 < 2", sends)
    assert [one["link"] for one in answers(wordpress, story.other)] == [answer["url"]]
    desk.listen(story.channel)
    assert desk.count("community.mention", [("url", "=", answer["url"])]) == 1


def test_a_comment_is_moderated(desk, wordpress, story, people):
    _us, _kim, lou = people
    rude = lou.comment(story.article["id"], "You are thieves")
    desk.listen_until(lambda: is_there(desk, rude), story.channel)
    with desk.env() as env:
        mention = env["community.mention"].browse(found(desk, rude)["id"])
        connector = env["community.channel"].browse(story.channel)._connector()
        target = mention._target(mention.channel_id)
        for action, status in (("hide", "hold"), ("unhide", "approved"), ("spam", "spam"), ("spam", "spam")):
            connector.moderate(action, target)
            assert wordpress.admin.call("GET", f"comments/{rude['id']}?context=edit")["status"] == status


def test_what_was_deleted_cannot_be_answered(desk, wordpress, story, people):
    _us, kim, _lou = people
    comment = kim.comment(story.article["id"], "Are you there?")
    desk.listen_until(lambda: is_there(desk, comment), story.channel)
    wordpress.admin.delete_comment(comment["id"])
    answer = desk.send(desk.answer(found(desk, comment)["id"], "We are here"))
    assert answer["state"] in ("failed", "cancelled") and answer["problem"]
    comments = wordpress.admin.call("GET", f"comments?post={story.article['id']}&context=edit&per_page=100")
    assert not any("We are here" in one["content"]["raw"] for one in comments)
