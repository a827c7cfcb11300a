"""Threads: what the conformance suite does not know of it.  Answers are those of Meta's sample app and reference."""

import json
from datetime import UTC, datetime, timedelta

import pytest

from connectors import errors
from connectors.http import Http
from connectors.items import Outgoing, Target, Tokens
from connectors.meta_push import SIGNATURE, signature
from connectors.threads import Threads
from connectors.threads_items import Reader

from .fake_graph import error
from .fake_threads import ME, FakeThreads

SECRETS = {"access_token": "a-token", "client_secret": "app-secret", "verify_token": "shown-by-meta"}


def connect(network, secrets=(), **values):
    made = Threads(Http(transport=network), {"client_id": "4711", **values}, {**SECRETS, **dict(secrets)})
    made.account_id = ME
    return made


def listen(network, cursor=None, **values):
    pages = list(connect(network, **values).listen(cursor or {}))
    return [item for page in pages for item in page.items], json.loads(json.dumps(pages[-1].cursor))


def say(text="Hello", way="publish", target=None):
    return Outgoing("0" * 32, text, way, target, first_tried_at=datetime.now(UTC))


def test_tokens_are_exchanged_and_renewed():
    network = FakeThreads()
    for tokens in (
        connect(network).granted(Tokens({"access_token": "short"}, scopes=("x",))),
        connect(network).renew(),
    ):
        assert tokens.secrets == {"access_token": "lasting"}
        assert timedelta(days=59) < tokens.expires_at - datetime.now(UTC) < timedelta(days=61)
    asked = [query for _method, _path, query in network.requests]
    assert [one["grant_type"] for one in asked] == ["th_exchange_token", "th_refresh_token"]
    assert asked[0]["access_token"] == "short" and asked[1]["access_token"] == "a-token"
    expired = json.dumps(error(190, "Session has expired")).encode()
    with pytest.raises(errors.AccessExpired):
        connect(lambda request: (400, {}, expired)).renew()


def test_replies_mentions_and_what_is_found_are_told_apart():
    network = FakeThreads()
    root = network.post("news", "acme")
    reply = network.post("nice", parent=root["id"])
    answer = network.post("thank you", "acme", parent=reply["id"])
    network.mentions.append(network.post("hi @acme"))
    network.found.append(network.post("acme boots"))
    items, cursor = listen(network, searches="acme boots")
    found = {item.text: item for item in items}
    assert (found["news"].outgoing, found["news"].conversation_id) == (True, root["id"])
    assert (found["nice"].parent_id, found["nice"].conversation_id, found["nice"].origin) == (
        root["id"],
        root["id"],
        "own",
    )
    assert (found["thank you"].outgoing, found["thank you"].parent_id) == (True, reply["id"])
    assert (found["hi @acme"].origin, found["acme boots"].origin) == ("own", "search")
    assert len(items) == 5 and answer["id"] in {item.external_id for item in items}
    later = network.post("me too", parent=reply["id"])
    assert [item.external_id for item in listen(network, cursor, searches="acme boots")[0]] == [later["id"]]


def test_reposts_say_nothing_and_links_belong_to_the_text():
    post = {"id": "1", "username": "Ana", "media_type": "TEXT_POST", "text": "Look", "topic_tag": "Boots"}
    item = Reader().item({**post, "link_attachment_url": "https://acme.example"})
    assert (item.text, item.hashtags, item.author.external_id) == ("Look\n\nhttps://acme.example", ("boots",), "ana")
    assert Reader().read([{**post, "media_type": "REPOST_FACADE"}]) == ([], [])
    assert Reader().read([{"id": "1"}])[1]


def test_posts_go_out_in_two_steps():
    network = FakeThreads()
    mention = network.post("hi @acme")
    target = Target(mention["id"], identifiers={"id": mention["id"]})
    item = connect(network).reply(say("Hi", "reply", target))
    steps = [(path, query) for method, path, query in network.requests if method == "POST"]
    assert [path for path, _query in steps] == ["me/threads", "me/threads_publish"]
    assert (steps[0][1]["reply_to_id"], steps[0][1]["media_type"], steps[0][1]["text"]) == (mention["id"], "TEXT", "Hi")
    assert (item.parent_id, item.outgoing) == (mention["id"], True)


def test_a_container_that_cannot_be_published_went_nowhere():
    network = FakeThreads()
    body = json.dumps(
        error(100, "Invalid parameter", error_user_msg="You have reached the limit of 250 posts")
    ).encode()

    def answer(request):
        return (400, {}, body) if "threads_publish" in request.url else network(request)

    with pytest.raises(errors.Refused) as caught:
        connect(answer).publish(say())
    assert caught.value.message.endswith("You have reached the limit of 250 posts.") and not caught.value.unsure


@pytest.mark.parametrize(("text", "length"), [("a" * 500, 500), ("é", 1), ("漢", 1), ("👍", 4), ("👍🏽", 8), ("❤️", 6)])
def test_emoji_count_by_their_bytes(text, length):
    assert Threads.length(text) == length


def test_what_is_not_on_the_newest_page_may_have_gone_out_all_the_same():
    network = FakeThreads()
    for number in range(100):
        network.post(f"since then {number}", "acme", datetime.now(UTC))
    assert connect(network).find_sent(say()) is None
    network.post("one more than is shown", "acme", datetime.now(UTC))
    with pytest.raises(NotImplementedError):
        connect(network).find_sent(say())


def test_only_our_own_posts_are_deleted():
    network = FakeThreads()
    reply = network.post("rude", parent=network.post("news", "acme")["id"])
    made = connect(network)
    made.moderate("hide", Target(reply["id"], author_id="ana"))
    assert network.hidden == {reply["id"]}
    made.moderate("unhide", Target(reply["id"], author_id="ana"))
    assert not network.hidden
    with pytest.raises(errors.Refused):
        made.moderate("delete", Target(reply["id"], author_id="ana"))


def test_figures_are_those_of_the_last_day_and_of_each_post():
    network = FakeThreads()
    post = network.post("news", "acme")
    figures = connect(network).metrics([(post["id"], {}), ("99", {})])
    assert (figures.followers, figures.views) == (120, 40)
    assert set(figures.items) == {post["id"]}
    counts = figures.items[post["id"]]
    assert (counts.views, counts.likes, counts.replies, counts.shares) == (5, 5, 7, 13)


def deliver(values, secrets=(), key="app-secret"):
    body = json.dumps({"app_id": "1", "topic": "moderate", "target_id": "7", "values": values}).encode()
    return connect(FakeThreads(), secrets).parse_push({SIGNATURE: signature(key, body)}, body, datetime.now(UTC))


def test_deliveries_are_read():
    root = {"id": "9", "owner_id": ME, "username": "acme"}
    value = {"id": "8", "username": "ana", "text": "Reply", "replied_to": {"id": "9"}, "root_post": root}
    item = deliver({"value": value, "field": "replies"}).items[0]
    assert (item.parent_id, item.conversation_id, item.outgoing) == ("9", "9", False)
    assert deliver({"value": {**value, "username": "acme"}, "field": "replies"}).items[0].outgoing
    others = {**value, "root_post": {**root, "owner_id": "5"}}
    assert not deliver({"value": others, "field": "replies"}).items
    assert deliver({"value": {"id": "8", "username": "ana"}, "field": "mentions"}).items[0].external_id == "8"
    assert deliver({"value": {"id": "8"}, "field": "delete"}).items[0].deleted
    assert deliver({"value": {"text": "x"}, "field": "mentions"}).rejects
    with pytest.raises(errors.Malformed):
        deliver({"field": "replies"})


def test_deliveries_are_signed_with_the_secret_of_the_app_where_it_is_known():
    value = {"value": {"id": "8", "username": "ana"}, "field": "mentions"}
    assert deliver(value, {"app_secret": "whole-app"}, "whole-app").items
    with pytest.raises(errors.AccessDenied):
        deliver(value, {"app_secret": "whole-app"})


def test_the_handshake_wants_our_token():
    query = {"hub.mode": "subscribe", "hub.verify_token": "shown-by-meta", "hub.challenge": "12"}
    assert connect(FakeThreads()).handshake("GET", "", query, {}) == (200, "text/plain", "12")
    with pytest.raises(NotImplementedError):
        connect(FakeThreads()).subscribe("https://desk.example/x")
