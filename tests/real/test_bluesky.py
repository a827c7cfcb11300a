"""Bluesky's own servers: what others say there with a client of theirs becomes mentions, and is answered once."""

from datetime import UTC, datetime

import pytest
import requests

from ..servers.bluesky import PATIENCE, Bluesky
from ..servers.process import wait_for

#: posts that come at once; more than one page of any list
MANY = 120
POST = "app.bsky.feed.post"


class Story:
    """What happened on the network, and where the desk keeps it."""


@pytest.fixture(scope="module")
def people(bluesky):
    """Our own account and two people who have something to say."""
    return bluesky.account("desk"), bluesky.account("ana"), bluesky.account("tom")


def connect(desk, account, name, **values):
    """Connect a channel and take note of what is there already."""
    topics = values.pop("topics", ())
    access = {"service": account.server.url, "identifier": account.handle, "app_password": account.app_password}
    channel = desk.channel(name, "bluesky", {**access, **values}, topics)
    desk.listen(channel)
    return channel


@pytest.fixture(scope="module")
def story(desk, people):
    """A channel, and a question to us, a wish of somebody and an aside that came after it was connected."""
    us, ana, tom = people
    story = Story()
    story.topic = desk.topic("Teapots", "teapot*")
    story.channel = connect(desk, us, "Bluesky", searches="teapot", topics=[story.topic])
    story.question = ana.post(f"@{us.handle} does it float? 3 < 4 & Ünïcode 👍🏽")
    story.wish = tom.post("I want a teapot like hers")
    story.aside = tom.post("The weather is nice")
    desk.listen_until(lambda: len(desk.mentions(story.channel)) == 2, story.channel)
    yield story
    desk.call("community.channel", story.channel, "action_pause")


def found(desk, story, post, *fields):
    """Return the mention of a post."""
    domain = [("channel_id", "=", story.channel), ("external_id", "=", post.uri)]
    return desk.one("community.mention", domain, list(fields))


def is_there(desk, post):
    """Return whether a post has become a mention."""
    return desk.count("community.mention", [("external_id", "=", post.uri)])


def sends(_method, url, _body):
    """Return whether a request publishes something."""
    return url.endswith("com.atproto.repo.putRecord")


def test_posts_become_mentions(desk, story, people):
    us, ana, tom = people
    fields = ["text", "author_id", "origin", "visibility", "topic_ids", "outgoing", "url"]
    question, wish = found(desk, story, story.question, *fields), found(desk, story, story.wish, *fields)
    assert question["text"] == f"@{us.handle} does it float? 3 < 4 & Ünïcode 👍🏽"
    assert (question["origin"], question["visibility"], question["outgoing"]) == ("own", "public", False)
    assert (wish["origin"], wish["topic_ids"]) == ("search", [story.topic])
    for mention, author in ((question, ana), (wish, tom)):
        profile = desk.one("community.author", [("id", "=", mention["author_id"])], ["handle", "external_id"])
        assert (profile["handle"], profile["external_id"]) == (f"@{author.handle}", author.did)
    account = desk.one("community.channel", [("id", "=", story.channel)], ["account_name", "health"])
    assert (account["account_name"], account["health"]) == (f"@{us.handle}", "ok")


@pytest.fixture(scope="module")
def sequel(desk, story, people):
    """Our answer to the question, and an answer to that."""
    _us, ana, tom = people
    sequel = Story()
    question = found(desk, story, story.question)["id"]
    sequel.text = f"It does, @{tom.handle} has seen it: https://acme.example/a?b=1&c=é #boats 🫖"
    sequel.sent = desk.say(question, sequel.text)
    [sequel.ours] = ana.replies(ana.seen(sequel.sent["external_id"]) and story.question)
    sequel.thanks = ana.post("Thank you", reply_to=sequel.ours)
    desk.listen_until(lambda: len(desk.mentions(story.channel)) == 4, story.channel)
    return sequel


def test_an_answer_stands_once_where_it_belongs(desk, story, sequel, people):
    us, ana, tom = people
    view = sequel.ours
    assert (view.uri, view.author.did, view.record.text) == (sequel.sent["external_id"], us.did, sequel.text)
    assert view.record.reply.parent.uri == view.record.reply.root.uri == story.question.uri
    marked = {}
    for facet in view.record.facets:
        place = slice(facet.index.byte_start, facet.index.byte_end)
        marked[sequel.text.encode()[place].decode()] = facet.features[0]
    assert marked[f"@{tom.handle}"].did == tom.did
    assert marked["https://acme.example/a?b=1&c=é"].uri == "https://acme.example/a?b=1&c=é"
    assert marked["#boats"].tag == "boats"
    mention = desk.one(
        "community.mention",
        [("external_id", "=", view.uri)],
        ["outgoing", "text", "parent_external_id", "conversation_id"],
    )
    assert mention["outgoing"] and mention["text"] == sequel.text
    assert mention["parent_external_id"] == story.question.uri
    thanks = found(desk, story, sequel.thanks, "parent_external_id", "conversation_id", "origin")
    assert (thanks["parent_external_id"], thanks["origin"]) == (view.uri, "own")
    question = found(desk, story, story.question, "conversation_id")
    assert question["conversation_id"] == mention["conversation_id"] == thanks["conversation_id"]


def test_an_answer_deep_in_a_conversation_names_its_root(desk, story, sequel, people):
    _us, ana, _tom = people
    answer = desk.say(found(desk, story, sequel.thanks)["id"], "You are welcome")
    reply = ana.seen(answer["external_id"]).record.reply
    assert (reply.root.uri, reply.parent.uri) == (story.question.uri, sequel.thanks.uri)


def test_a_lost_answer_is_found_and_not_repeated(desk, story, people):
    us, _ana, tom = people
    wish = found(desk, story, story.wish)["id"]
    answer = desk.say_though_the_answer_is_lost(wish, "Here it is: https://acme.example", sends)
    assert answer["attempts"] == 1
    tom.seen(answer["external_id"])
    assert [one.record.text for one in tom.replies(story.wish)] == ["Here it is: https://acme.example"]
    own = us.client.com.atproto.repo.list_records({"repo": us.did, "collection": POST}).records
    assert sum(one.value.text.startswith("Here it is") for one in own) == 1


def test_the_same_key_never_makes_a_second_record(desk, bluesky, story, people):
    """The network itself keeps a repeat from standing there twice, also when its words differ."""
    from odoo.addons.community_manager.connectors import errors
    from odoo.addons.community_manager.connectors.items import Outgoing

    us, _ana, _tom = people
    outgoing = Outgoing("c0ffee" + "0" * 26, "Only once", "publish")
    with desk.env() as env:
        connector = env["community.channel"].browse(story.channel)._connector()
        first = connector.publish(outgoing)
        for _again in range(2):
            with pytest.raises(errors.Duplicate):
                connector.publish(outgoing)
        assert connector.find_sent(outgoing).external_id == first.external_id
        outgoing.text = "Something else"
        with pytest.raises(errors.Duplicate):
            connector.publish(outgoing)
        assert connector.find_sent(outgoing) is None
    own = us.client.com.atproto.repo.list_records({"repo": us.did, "collection": POST}).records
    assert [one.value.text for one in own if one.uri == first.external_id] == ["Only once"]
    assert not any(one.value.text == "Something else" for one in own)


def test_what_is_too_long_is_refused_where_it_is_written(desk, story):
    from odoo.exceptions import UserError

    wish = found(desk, story, story.wish)["id"]
    with pytest.raises(UserError, match="301 characters; this network takes 300"):
        desk.answer(wish, "👨‍👩‍👧‍👦" * 301)
    assert len(desk.say(wish, "👨‍👩‍👧" * 150)["external_id"]) > 20


def test_figures_and_moderation(desk, story, people):
    us, ana, tom = people
    tom.client.like(story.wish.uri, story.wish.cid)
    with desk.env() as env:
        connector = env["community.channel"].browse(story.channel)._connector()
        target = env["community.mention"].search([("external_id", "=", story.wish.uri)])
        target = target._target(target.channel_id)

        def liked():
            # the network counts a little later than it takes a like
            known = connector.metrics([(story.wish.uri, {})])
            return known if known.items[story.wish.uri].likes else None

        figures = wait_for(liked, "the like is not counted", PATIENCE, pause=0.2)
        assert figures.posts >= 3 and figures.followers == 0
        assert figures.items[story.wish.uri].replies == 2 and figures.items[story.wish.uri].likes == 1
        assert connector.profile(f"@{ana.handle}").external_id == ana.did
        assert connector.profile("nobody.test") is None
        for _twice in range(2):
            connector.moderate("mute", target)
            connector.moderate("report", target, "Says the same again and again.")
        assert us.client.get_profile(tom.did).viewer.muted
        us.client.unmute(tom.did)


def test_an_answer_beneath_our_post_can_be_hidden(desk, story, people):
    us, ana, _tom = people
    ours = us.post("Ask us anything")
    rude = ana.post("You are thieves", reply_to=ours)
    desk.listen_until(lambda: is_there(desk, rude), story.channel)
    with desk.env() as env:
        mention = env["community.mention"].search([("external_id", "=", rude.uri)])
        connector = env["community.channel"].browse(story.channel)._connector()
        target = mention._target(mention.channel_id)
        gates = {"repo": us.did, "collection": "app.bsky.feed.threadgate"}
        for action, expected in (("hide", [rude.uri]), ("hide", [rude.uri]), ("unhide", [])):
            connector.moderate(action, target)
            [gate] = us.client.com.atproto.repo.list_records(gates).records
            assert (gate.value.hidden_replies, gate.value.post) == (expected, ours.uri)


def test_a_deletion_is_noticed_by_looking_again(desk, story, people):
    _us, ana, tom = people
    other = tom.post("No teapot after all")
    answer = ana.post("Why no teapot?", reply_to=other)
    desk.listen_until(lambda: is_there(desk, answer), story.channel)
    tom.delete(other)
    desk.listen(story.channel)
    assert found(desk, story, other, "text", "deleted_at")["text"], "absence from a list is no deletion"
    desk.look_again(story.channel)
    gone = found(desk, story, other, "text", "deleted_at")
    assert gone["deleted_at"] and not gone["text"]
    kept = found(desk, story, answer, "text", "deleted_at")
    assert kept["text"] == "Why no teapot?" and not kept["deleted_at"]


def test_what_is_deleted_cannot_be_answered(desk, story, people):
    us, ana, _tom = people
    question = ana.post(f"@{us.handle} are you there?")
    desk.listen_until(lambda: is_there(desk, question), story.channel)
    ana.delete(question)
    answer = desk.send(desk.answer(found(desk, story, question)["id"], "We are"))
    assert answer["state"] in ("failed", "cancelled") and answer["problem"]
    records = us.client.com.atproto.repo.list_records({"repo": us.did, "collection": POST}).records
    assert not any(one.value.text == "We are" for one in records)


def test_a_session_that_ends_is_renewed(desk, people):
    us, ana, _tom = people
    channel = connect(desk, us, "Sessions")
    for names in (("access_token",), ("access_token", "refresh_token")):
        desk.spoil(channel, *names, value="not-a-token")
        question = ana.post(f"@{us.handle} and now {len(names)}?")
        state = desk.listen(channel)
        assert (state["state"], state["health"], state["last_error"]) == ("listening", "ok", False)
        assert desk.count("community.mention", [("external_id", "=", question.uri)]) == 1
    desk.call("community.channel", channel, "action_pause")


def test_a_withdrawn_app_password_is_told(desk, people):
    us, _ana, _tom = people
    access = {"service": us.server.url, "identifier": us.handle, "app_password": us.new_app_password("other")}
    channel = desk.channel("Withdrawn", "bluesky", access)
    us.revoke_app_password("other")
    desk.spoil(channel, "access_token", "refresh_token", value="not-a-token")
    state = desk.listen(channel)
    assert (state["state"], state["health"]) == ("access", "error")
    assert "Create a new app password" in state["last_error"]
    desk.write("community.channel", channel, access_form={"values": {"app_password": us.app_password}})
    state = desk.listen(channel)
    assert (state["state"], state["health"], state["last_error"]) == ("listening", "ok", False)
    desk.call("community.channel", channel, "action_pause")


def test_a_limit_is_waited_for(desk):
    server = Bluesky(limited=True)
    try:
        us = server.account("busy")
        channel = connect(desk, us, "Limits")
        login = f"{server.url}/xrpc/com.atproto.server.createSession"
        wrong = {"identifier": us.handle, "password": "wrong"}
        # thirty in five minutes
        answers = [requests.post(login, json=wrong, timeout=30).status_code for _attempt in range(31)]
        assert answers[0] == 401 and answers[-1] == 429
        desk.spoil(channel, "access_token", "refresh_token", value="not-a-token")
        state = desk.listen(channel)
        [limit] = desk.read("community.channel", [("id", "=", channel)], ["rate_limited_until", "next_poll_at"])
        assert state["state"] == "listening" and limit["rate_limited_until"] > datetime.now(UTC).replace(tzinfo=None)
        assert limit["next_poll_at"] >= limit["rate_limited_until"]
        desk.call("community.channel", channel, "action_pause")
    finally:
        server.remove()


def test_many_posts_at_once(desk, people):
    us, ana, tom = people
    channel = connect(desk, us, "Crowd")
    posts = []
    for number in range(MANY):
        author = (ana, tom)[number % 2]
        posts.append(author.mention(us, f"Number {number} of the crowd"))
    tom.seen(posts[-1].uri)
    for _twice in range(2):
        state = desk.listen(channel)
        assert (state["state"], state["error_count"]) == ("listening", 0)
        uris = [post.uri for post in posts]
        assert desk.count("community.mention", [("external_id", "in", uris)]) == MANY
    desk.call("community.channel", channel, "action_pause")
