"""A Matrix homeserver: what is said in rooms becomes mentions and is answered there, once."""

import pytest


class Story:
    """What happened on the server, and where the desk keeps it."""


@pytest.fixture(scope="module")
def people(matrix):
    """Our own account and two people who have something to say."""
    return matrix.account("desk"), matrix.account("mia"), matrix.account("tom")


@pytest.fixture(scope="module")
def story(desk, matrix, people):
    """A channel in a public room, then a question to us there, an aside, and a private message."""
    us, mia, tom = people
    story = Story()
    story.room = mia.create_room("kettles")
    for one in (us, tom):
        one.join(story.room)
    access = {"server": matrix.url, "user": us.id, "password": us.password}
    story.topic = desk.topic("Kettles", "kettle*")
    story.channel = desk.channel("Matrix", "matrix", access, [story.topic])
    desk.listen(story.channel)
    story.question = mia.say(story.room, "desk: does it whistle? 3 < 4 & Ünïcode", mentions=[us])
    story.wish = tom.say(story.room, "I would like a kettle")
    story.aside = tom.say(story.room, "The weather is nice")
    story.private = tom.create_room(invite=[us], direct=True)
    desk.listen_until(lambda: story.private in us.rooms(), story.channel)
    story.secret = tom.say(story.private, "My address is 1 Long Street")
    desk.listen_until(lambda: len(desk.mentions(story.channel)) == 3, story.channel)
    yield story
    desk.call("community.channel", story.channel, "action_pause")


def found(desk, story, event, *fields):
    """Return the mention of a message."""
    domain = [("channel_id", "=", story.channel), ("external_id", "=", event)]
    return desk.one("community.mention", domain, list(fields))


def is_there(desk, event):
    """Return whether a message has become a mention."""
    return desk.count("community.mention", [("external_id", "=", event)])


def sends(_method, url, _body):
    """Return whether a request says something."""
    return "/send/m.room.message/" in url


def said(person, room, text):
    """Return the messages of a room that hold a text."""
    return [one for one in person.messages(room) if text in one["content"]["body"]]


def test_messages_become_mentions(desk, story, people):
    _us, mia, tom = people
    fields = ["text", "author_id", "origin", "visibility", "kind", "topic_ids"]
    question, wish = found(desk, story, story.question, *fields), found(desk, story, story.wish, *fields)
    secret = found(desk, story, story.secret, *fields)
    assert question["text"] == "desk: does it whistle? 3 < 4 & Ünïcode"
    assert (question["origin"], wish["origin"], secret["origin"]) == ("own", "search", "own")
    assert (secret["visibility"], secret["kind"], wish["topic_ids"]) == ("direct", "message", [story.topic])
    for mention, author in ((question, mia), (wish, tom), (secret, tom)):
        profile = desk.one("community.author", [("id", "=", mention["author_id"])], ["external_id"])
        assert profile["external_id"] == author.id


def test_an_answer_stands_once_where_it_belongs(desk, story, people):
    us, mia, _tom = people
    answer = desk.say(found(desk, story, story.question)["id"], "It does: https://acme.example <b>3 < 4</b>")
    [seen] = said(mia, story.room, "It does")
    assert (seen["event_id"], seen["sender"]) == (answer["external_id"], us.id)
    assert seen["content"]["m.relates_to"]["m.in_reply_to"]["event_id"] == story.question
    relation = {"m.relates_to": {"m.in_reply_to": {"event_id": answer["external_id"]}}}
    thanks = mia.say(story.room, "Thank you", mentions=[us], **relation)
    desk.listen_until(lambda: is_there(desk, thanks), story.channel)
    ours = desk.one(
        "community.mention",
        [("external_id", "=", answer["external_id"])],
        ["outgoing", "conversation_id", "parent_external_id"],
    )
    theirs = found(desk, story, thanks, "conversation_id", "parent_external_id", "outgoing")
    assert ours["outgoing"] and ours["parent_external_id"] == story.question
    assert theirs["parent_external_id"] == answer["external_id"] and not theirs["outgoing"]


def test_a_private_message_is_answered_in_private(desk, story, people):
    us, mia, tom = people
    mention = found(desk, story, story.secret)["id"]
    with desk.env() as env:
        [way, *_more] = [one["way"] for one in env["community.mention"].browse(mention).get_reply_options()["ways"]]
    desk.say(mention, "It is on its way", way)
    assert [one["sender"] for one in said(tom, story.private, "It is on its way")] == [us.id]
    assert not said(mia, story.room, "It is on its way")


def test_a_lost_answer_is_not_repeated(desk, story, people):
    us, _mia, tom = people
    answer = desk.say_though_the_answer_is_lost(found(desk, story, story.wish)["id"], "Here is one", sends)
    assert [one["event_id"] for one in said(tom, story.room, "Here is one")] == [answer["external_id"]]
    desk.listen(story.channel)
    assert desk.count("community.mention", [("external_id", "=", answer["external_id"])]) == 1


def test_an_edit_keeps_the_earlier_text(desk, story, people):
    _us, mia, _tom = people
    asked = mia.say(story.room, "desk: one kettle?", mentions=[people[0]])
    desk.listen_until(lambda: is_there(desk, asked), story.channel)
    mia.edit(story.room, asked, "desk: two kettles?")
    desk.listen_until(lambda: found(desk, story, asked, "edited_at")["edited_at"], story.channel)
    mention = found(desk, story, asked, "text", "version_ids")
    assert mention["text"] == "desk: two kettles?"
    [version] = desk.read("community.mention.version", [("id", "in", mention["version_ids"])], ["text"])
    assert version["text"] == "desk: one kettle?"


def test_a_removed_message_is_gone(desk, story, people):
    _us, _mia, tom = people
    wish = tom.say(story.room, "No kettle after all")
    desk.listen_until(lambda: is_there(desk, wish), story.channel)
    tom.redact(story.room, wish)
    desk.listen(story.channel)
    desk.look_again(story.channel)
    gone = found(desk, story, wish, "text", "deleted_at")
    assert gone["deleted_at"] and not gone["text"]
    assert not found(desk, story, story.secret, "deleted_at")["deleted_at"]


def test_a_session_that_ends_is_renewed(desk, matrix, story, people):
    us, mia, _tom = people
    with desk.env() as env:
        secrets = env["community.secret"]._reveal(env["community.channel"].browse(story.channel))
    us.revoke(secrets["access_token"])
    asked = mia.say(story.room, "desk: still there?", mentions=[us])
    state = desk.listen(story.channel)
    assert (state["state"], state["health"], state["last_error"]) == ("listening", "ok", False)
    assert is_there(desk, asked)


def test_many_messages_while_the_server_restarts(desk, matrix, story, people):
    _us, mia, _tom = people
    events = [mia.say(story.room, f"Kettle number {number}") for number in range(150)]
    with desk.stopping(matrix, after=2):
        desk.listen(story.channel)
    matrix.start()
    desk.listen_until(lambda: desk.count("community.mention", [("external_id", "in", events)]) == 150, story.channel)
    desk.listen(story.channel)
    assert desk.count("community.mention", [("external_id", "in", events)]) == 150
