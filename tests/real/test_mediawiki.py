"""A wiki: what people ask on talk pages becomes mentions and is answered beneath, once."""

import pytest


class Story:
    """What happened on the wiki, and where the desk keeps it."""


@pytest.fixture(scope="module")
def people(mediawiki):
    """Our own account and somebody who has something to say."""
    return mediawiki.editor("Desk"), mediawiki.editor("Eve")


@pytest.fixture(scope="module")
def story(desk, mediawiki, people):
    """A channel, and questions on our own talk page and on one that we follow."""
    us, eve = people
    story = Story()
    access = {"url": mediawiki.url, "username": us.login, "bot_password": us.password, "pages": "Talk:Lamp"}
    story.topic = desk.topic("Lamps", "lamp*")
    story.channel = desk.channel("Wiki", "mediawiki", {**access, "namespaces": "Talk"}, [story.topic])
    desk.listen(story.channel)
    story.own = eve.ask("User talk:Desk", "Floating", "Does it float? 3 < 4 & Ünïcode")
    story.lamp = eve.ask("Talk:Lamp", "Colour", "Which colours are there?")
    story.noise = eve.ask("Talk:Weather", "Rain", "It rains")
    desk.listen_until(lambda: len(desk.mentions(story.channel)) == 2, story.channel)
    yield story
    desk.call("community.channel", story.channel, "action_pause")


def found(desk, story, edit, *fields):
    """Return the mention of an edit."""
    domain = [("channel_id", "=", story.channel), ("external_id", "=", str(edit["newrevid"]))]
    return desk.one("community.mention", domain, list(fields))


def sends(_method, _url, body):
    """Return whether a request changes a page."""
    return body.get("action") == "edit"


def test_questions_become_mentions(desk, story):
    fields = ["text", "title", "author_id", "origin", "kind", "conversation_id"]
    own, lamp = found(desk, story, story.own, *fields), found(desk, story, story.lamp, *fields)
    assert "Does it float? 3 < 4 & Ünïcode" in own["text"] and "Floating" in own["title"]
    assert "Which colours are there?" in lamp["text"]
    assert own["origin"] == lamp["origin"] == "own" and own["conversation_id"] != lamp["conversation_id"]
    for mention in (own, lamp):
        assert desk.one("community.author", [("id", "=", mention["author_id"])], ["name"])["name"] == "Eve"


def test_an_answer_stands_once_beneath_the_question(desk, story, people):
    us, eve = people
    eve.ask("Talk:Lamp", "Price", "What does it cost?")
    answer = desk.say(found(desk, story, story.lamp)["id"], "Green and blue, <b>1 < 2</b> & more")
    text = eve.text("Talk:Lamp")
    place = text.index("Green and blue")
    assert text.index("Which colours are there?") < place < text.index("== Price ==")
    assert text.count("Green and blue") == 1 and "<b>" not in text
    newest = eve.revisions("Talk:Lamp")[0]
    assert (str(newest["revid"]), newest["user"]) == (answer["external_id"], "Desk")
    thanks = eve.edit(
        "Talk:Lamp", text.replace("== Price ==", "::Thank you! ~~~~\n\n== Price =="), summary="/* Colour */"
    )
    # the price, which was asked meanwhile, and the thanks
    desk.listen_until(lambda: len(desk.mentions(story.channel)) == 5, story.channel)
    ours = desk.one("community.mention", [("external_id", "=", answer["external_id"])], ["outgoing", "conversation_id"])
    question = found(desk, story, story.lamp, "conversation_id")
    theirs = found(desk, story, thanks, "conversation_id", "outgoing", "text")
    assert ours["outgoing"] and not theirs["outgoing"] and "Thank you!" in theirs["text"]
    assert ours["conversation_id"] == question["conversation_id"] == theirs["conversation_id"]


def test_a_lost_answer_is_found_and_not_repeated(desk, story, people):
    us, eve = people
    before = len(eve.revisions("User talk:Desk"))
    answer = desk.say_though_the_answer_is_lost(found(desk, story, story.own)["id"], "It does float.", sends)
    assert eve.text("User talk:Desk").count("It does float.") == 1
    revisions = eve.revisions("User talk:Desk")
    assert len(revisions) == before + 1 and str(revisions[0]["revid"]) == answer["external_id"]


def test_a_publication_is_a_section(desk, story, people):
    from odoo.addons.community_manager.connectors.items import Outgoing

    us, eve = people
    with desk.env() as env:
        connector = env["community.channel"].browse(story.channel)._connector()
        sent = connector.publish(Outgoing("b" * 32, "A new lamp is here.", "publish", title="News"))
    text = eve.text("User:Desk")
    assert "== News ==" in text and "A new lamp is here." in text
    assert sent.external_id == str(eve.revisions("User:Desk")[0]["revid"])


def test_a_deletion_is_noticed_by_looking_again(desk, mediawiki, story, people):
    _us, eve = people
    question = eve.ask("Talk:Lamps", "Gone", "Will this lamp be deleted?")
    desk.listen_until(lambda: is_there(desk, question), story.channel)
    mediawiki.admin.delete("Talk:Lamps")
    desk.listen(story.channel)
    assert found(desk, story, question, "text", "deleted_at")["text"], "absence from a list is no deletion"
    desk.look_again(story.channel)
    gone = found(desk, story, question, "text", "deleted_at")
    assert gone["deleted_at"] and not gone["text"]
    assert not found(desk, story, story.own, "deleted_at")["deleted_at"]


def is_there(desk, edit):
    """Return whether an edit has become a mention."""
    return desk.count("community.mention", [("external_id", "=", str(edit["newrevid"]))])


def test_a_withdrawn_password_is_told(desk, story, people):
    us, _eve = people
    desk.spoil(story.channel, "bot_password")
    state = desk.send(desk.answer(found(desk, story, story.own)["id"], "Once more"))
    assert state["state"] != "sent" and "wrong" not in (state["problem_detail"] or "")
    assert "Once more" not in us.text("User talk:Desk")
