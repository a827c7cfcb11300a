"""Answers on a fediverse server: they reach who asked, once, in public or in private as the question was."""

import pytest

from ..servers.process import wait_for


class Story:
    """What happened on the server, and where the desk keeps it."""


@pytest.fixture(scope="module")
def people(snac):
    """Our own account and somebody who has something to say."""
    return snac.account("helpdesk"), snac.account("eva")


@pytest.fixture(scope="module")
def story(desk, snac, people):
    """A channel, a question in public and one in private that came after it was connected."""
    us, eva = people
    story = Story()
    story.channel = desk.channel("Answers", "mastodon", {"server": snac.url, "access_token": us.token})
    desk.listen(story.channel)
    story.question = eva.post(f"{us.handle} where is my lamp?")
    story.other = eva.post(f"{us.handle} and my kettle?")
    story.secret = eva.post(f"{us.handle} I live in 1 Long Street", visibility="direct")
    desk.listen_until(lambda: len(desk.mentions(story.channel)) == 3, story.channel)
    yield story
    desk.call("community.channel", story.channel, "action_pause")


def mention_of(desk, story, post):
    """Return the id of the mention of a post."""
    return desk.one("community.mention", [("channel_id", "=", story.channel), ("url", "=", post.url)], [])["id"]


def sends(method, url, _body):
    """Return whether a request publishes something."""
    return method == "POST" and url.endswith("/api/v1/statuses")


def told(person, text):
    """Return the posts with a text that the server told somebody of, each once."""
    notes = person.client.notifications(limit=40)
    return list(
        {note.status.uri: note.status for note in notes if note.status and text in note.status.content}.values()
    )


def arrived(person, text):
    """Wait until the server tells somebody of a post, and return all that it told with this text."""
    return wait_for(lambda: told(person, text), f"no post “{text}”", 120, pause=0.2)


def test_an_answer_stands_once_where_it_belongs(desk, story, people):
    us, eva = people
    answer = desk.say(mention_of(desk, story, story.question), "On its way: https://acme.example/a?b=1&c=2 3 < 4")
    [seen] = arrived(eva, "On its way")
    assert (seen.url, seen.visibility) == (answer["url"], "public")
    assert seen.account.acct.partition("@")[0] == us.name
    assert [post.uri for post in eva.client.status_context(seen.id).ancestors] == [story.question.uri]
    thanks = eva.post(f"{us.handle} thank you", reply_to=seen.id)
    found = [("channel_id", "=", story.channel), ("url", "=", thanks.url)]
    desk.listen_until(lambda: desk.count("community.mention", found), story.channel)
    ours = [("channel_id", "=", story.channel), ("url", "=", answer["url"])]
    ours = desk.one("community.mention", ours, ["outgoing", "external_id"])
    theirs = desk.one("community.mention", found, ["parent_external_id"])
    assert ours["outgoing"] and theirs["parent_external_id"] == ours["external_id"] == answer["external_id"]


def test_a_private_question_is_answered_in_private(desk, story, people):
    _us, eva = people
    desk.say(mention_of(desk, story, story.secret), "We have noted that")
    [seen] = arrived(eva, "We have noted that")
    # this server calls both private, and lists neither in public
    assert seen.visibility == eva.client.status(story.secret.id).visibility == "private"
    public = {post.uri for post in eva.client.timeline_local(limit=40)}
    assert story.question.uri in public and not public & {story.secret.uri, seen.uri}


def test_a_lost_answer_is_found_and_not_repeated(desk, story, people):
    us, eva = people
    answer = desk.say_though_the_answer_is_lost(mention_of(desk, story, story.other), "The kettle too", sends)
    [seen] = arrived(eva, "The kettle too")
    assert seen.url == answer["url"]
    own = us.client.account_statuses(us.id, limit=40)
    assert sum("The kettle too" in post.content for post in own) == 1
    desk.listen(story.channel)
    assert desk.count("community.mention", [("url", "=", answer["url"])]) == 1


def test_what_was_deleted_cannot_be_answered(desk, story, people):
    us, eva = people
    post = eva.post(f"{us.handle} are you there?")
    found = [("channel_id", "=", story.channel), ("url", "=", post.url)]
    desk.listen_until(lambda: desk.count("community.mention", found), story.channel)
    eva.delete(post)
    answer = desk.send(desk.answer(mention_of(desk, story, post), "We are here"))
    assert answer["state"] in ("failed", "cancelled") and answer["problem"]
    assert not any("We are here" in one.content for one in us.client.account_statuses(us.id, limit=40))
