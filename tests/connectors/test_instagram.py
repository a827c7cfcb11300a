"""Instagram: what the conformance suite does not know of it.  Answers have the shape of the published fields."""

import json
from datetime import UTC, datetime, timedelta

import pytest

from connectors import errors
from connectors.http import Http
from connectors.instagram import Instagram
from connectors.items import Outgoing, Target
from connectors.meta_push import SIGNATURE, signature

from .fake_instagram import ACCOUNT, PERSON, FakeInstagram

SECRETS = {"access_token": "person-token", "client_secret": "app-secret", "verify_token": "shown-by-meta"}


def connect(network, **values):
    made = Instagram(Http(transport=network), {"client_id": "4711", "account_id": ACCOUNT, **values}, SECRETS)
    made.account_id = ACCOUNT
    return made


def listen(network, cursor=None, **values):
    pages = list(connect(network, **values).listen(cursor or {}))
    return [item for page in pages for item in page.items], json.loads(json.dumps(pages[-1].cursor))


def say(text="Hello", way="reply", target=None):
    return Outgoing("0" * 32, text, way, target, first_tried_at=datetime.now(UTC))


def on(thing, kind, **kept):
    return Target(thing["id"], kind="comment", identifiers={"id": thing["id"], "type": kind, **kept})


def test_accounts_are_chosen_by_name_and_used_through_their_page():
    network = FakeInstagram()
    assert connect(network).choices() == {"account_id": [(ACCOUNT, "@acme")]}
    assert connect(network).renew().secrets == {"page_token": f"{ACCOUNT} page-token"}
    found = connect(network).check()
    assert (found.account, found.account_id, found.ok) == ("@acme", ACCOUNT, True)


def test_what_people_say_is_told_apart():
    network = FakeInstagram()
    media = network.post("Our #News")
    comment = network.comment(media, "Nice")
    network.comment(media, "Thank you", ACCOUNT, parent=comment["id"])
    network.post("with @acme", "ana", network.tagged)
    network.post("#acme rocks", "ana", network.hashtags["acme"])
    network.message("Where is it?")
    items, _cursor = listen(network, searches="#Acme")
    found = {item.text: item for item in items}
    assert (found["Our #News"].outgoing, found["Our #News"].hashtags) == (True, ("news",))
    writer = found["Nice"].author
    assert (writer.external_id, writer.realm, writer.handle) == (PERSON, ACCOUNT, "@ana")
    assert (found["with @acme"].author.external_id, found["with @acme"].author.realm) == ("ana", "")
    assert found["Nice"].parent_id == media["id"]
    answer = found["Thank you"]
    assert (answer.outgoing, answer.parent_id, answer.conversation_id) == (True, comment["id"], media["id"])
    assert (found["with @acme"].origin, found["with @acme"].outgoing) == ("own", False)
    assert (found["#acme rocks"].origin, found["#acme rocks"].author) == ("search", None)
    private = found["Where is it?"]
    assert (private.conversation_id, private.identifiers["person"]) == (f"t_{PERSON}", PERSON)


def test_ids_of_hashtags_are_asked_for_once():
    network = FakeInstagram()
    _items, cursor = listen(network, searches="#acme\nnobody used this")
    listen(network, cursor, searches="#acme\nnobody used this")
    assert network.searched.count("acme") == 1
    assert cursor["kept"]["hashtags"].keys() == {"acme"}


def test_no_more_hashtags_than_a_week_allows_are_asked_for():
    network = FakeInstagram()
    network.hashtags.update({"x" * number: [] for number in range(5, 40)})
    made = connect(network, searches="\n".join("x" * number for number in range(5, 30)), search_topics=True)
    made.keywords = ("y",)
    with pytest.raises(errors.Misconfigured):
        made.searches = lambda: ["x" * number for number in range(5, 40)]
        list(made.listen({}))
    assert len(network.searched) == 30


def test_a_reply_to_an_older_comment_is_found():
    network = FakeInstagram()
    media = network.post("news")
    comments = [network.comment(media, f"comment {turn}") for turn in range(5)]
    _items, cursor = listen(network)
    reply = network.comment(media, "late", parent=comments[0]["id"])
    assert [item.external_id for item in listen(network, cursor)[0]] == [reply["id"]]


def test_answers_go_where_they_belong():
    network = FakeInstagram()
    media = network.post("news")
    comment = network.comment(media, "hello")
    connect(network).reply(say(target=on(comment, "comment", media_id=media["id"])))
    assert network.requests[-1][:2] == ("POST", f"{comment['id']}/replies")
    connect(network).reply(say(target=on(media, "media")))
    assert network.requests[-1][:2] == ("POST", f"{media['id']}/comments")
    connect(network).reply(say(target=on({"id": "55"}, "mention", media_id="44")))
    sent = network.requests[-1]
    assert sent[1] == f"{ACCOUNT}/mentions" and (sent[2]["media_id"], sent[2]["comment_id"]) == ("44", "55")
    with pytest.raises(errors.Refused):
        connect(network).reply(say(target=on(media, "hashtag")))
    with pytest.raises(NotImplementedError):
        connect(network).find_sent(say(target=on({"id": "55"}, "mention", media_id="44")))


@pytest.mark.parametrize(
    ("kind", "ways"),
    [("comment", ("reply", "message")), ("media", ("reply",)), ("mention", ("reply",)), ("hashtag", ()), ("tag", ())],
)
def test_only_what_can_be_answered_offers_it(kind, ways):
    assert Instagram.ways(on({"id": "1"}, kind)) == ways


def test_private_answers_go_to_the_person():
    network = FakeInstagram()
    now = datetime.now(UTC)
    kept = {"type": "message", "person": PERSON}
    target = Target("m", kind="message", visibility="direct", published_at=now - timedelta(days=2), identifiers=kept)
    item = connect(network).message(say("Hi", "message", target))
    sent = network.requests[-1]
    assert (sent[1], json.loads(sent[2]["recipient"]), sent[2]["tag"]) == ("me/messages", {"id": PERSON}, "HUMAN_AGENT")
    assert item.identifiers["person"] == PERSON
    assert connect(network).find_sent(say("Hi", "message", target)).external_id == item.external_id
    with pytest.raises(errors.Refused):
        connect(network).message(say("Hi", "message", Target("m", kind="message")))


def test_what_is_not_on_the_newest_page_may_have_gone_out_all_the_same():
    network = FakeInstagram()
    media = network.post("news")
    outgoing = say("Hello", target=on(media, "media"))
    for number in range(101):
        network.comment(media, f"long ago {number}")
    assert connect(network).find_sent(outgoing) is None
    for number in range(101):
        network.comment(media, f"since then {number}", moment=datetime.now(UTC))
    with pytest.raises(NotImplementedError):
        connect(network).find_sent(outgoing)


def test_an_answer_to_a_comment_is_found_in_the_conversation_it_belongs_to():
    network = FakeInstagram()
    media = network.post("news")
    comment = network.comment(media, "hello")
    target = Target(
        comment["id"], kind="comment", conversation_id=media["id"],
        identifiers={"id": comment["id"], "type": "comment", "media_id": media["id"]},
    )  # fmt: skip
    sent = connect(network).reply(say("Hi", target=target))
    found = connect(network).find_sent(say("Hi", target=target))
    assert (found.external_id, found.conversation_id) == (sent.external_id, sent.conversation_id) != ("", "")
    assert found.conversation_id == media["id"]


def test_messages_are_counted_in_bytes():
    target = Target("m", kind="message", identifiers={"type": "message"})
    assert Instagram.objection(say("é" * 500, "message", target)) is None
    assert Instagram.objection(say("é" * 501, "message", target)).params == {"length": 1002, "limit": 1000}


def test_posts_of_others_cannot_be_looked_at_again():
    with pytest.raises(errors.Refused):
        connect(FakeInstagram()).lookup("5", {"id": "5", "type": "hashtag"})


# --- push --------------------------------------------------------------------------------------------------------


def deliver(content, network):
    body = json.dumps({"object": "instagram", "entry": [{"id": ACCOUNT, "time": 1740816001, **content}]}).encode()
    headers = {SIGNATURE: signature("app-secret", body)}
    return connect(network).parse_push(headers, body, datetime.now(UTC))


def test_mentions_are_looked_up_for_only_their_place_is_told():
    network = FakeInstagram()
    network.mentions = {
        "55": {"text": "@acme look", "timestamp": "2025-03-01T08:00:00+0000", "username": "ana", "id": "55"},
        "44": {"caption": "with @acme", "media_type": "IMAGE", "username": "ana", "id": "44"},
    }
    page = deliver({"changes": [{"field": "mentions", "value": {"media_id": "44", "comment_id": "55"}}]}, network)
    page.items += deliver({"field": "mentions", "value": {"media_id": "44"}}, network).items
    assert [(one.external_id, one.partial, one.text) for one in page.items] == [("55", True, ""), ("44", True, "")]
    assert not network.requests
    found = [connect(network).lookup(one.external_id, one.identifiers) for one in page.items]
    assert [(one.external_id, one.text, one.conversation_id) for one in found] == [
        ("55", "@acme look", "44"), ("44", "with @acme", "44")
    ]  # fmt: skip


def test_messages_are_read_as_lists_would_bring_them_but_for_names():
    network = FakeInstagram()
    event = {"sender": {"id": PERSON}, "recipient": {"id": ACCOUNT}, "timestamp": 1740816000000}
    event["message"] = {"mid": "aWdf1", "text": "Where is it?"}
    item = deliver({"messaging": [event, {**event, "message": None, "read": {}}]}, network).items[0]
    listed, _rejects = connect(network)._reader().read("message", [network.message("Where is it?")])
    assert (item.author.external_id, item.author.realm) == (PERSON, ACCOUNT)
    assert (item.author.external_id, item.conversation_id) == (listed[0].author.external_id, listed[0].conversation_id)
    assert item.identifiers["person"] == listed[0].identifiers["person"] == PERSON
    echo = {**event, "sender": {"id": ACCOUNT}, "recipient": {"id": PERSON}}
    assert deliver({"messaging": [echo]}, network).items[0].outgoing
    assert item.published_at == datetime(2025, 3, 1, 8, tzinfo=UTC)
    taken_back = {**event, "message": {"mid": "aWdf1", "is_deleted": True}}
    assert deliver({"messaging": [taken_back]}, network).items[0].deleted


def test_subscribing_enters_the_address_and_adds_the_app_to_the_page():
    network = FakeInstagram()
    connect(network).subscribe("https://desk.example/x")
    assert network.subscribed["subscriptions"]["object"] == "instagram"
    assert network.subscribed["subscribed_apps"]["subscribed_fields"] == "feed"
