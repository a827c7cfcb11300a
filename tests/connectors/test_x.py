"""X: what the conformance suite does not know of it.  Answers have the shape of the published schema."""

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from connectors import errors
from connectors.http import Http
from connectors.items import Outgoing, Target
from connectors.x import CREATE, CREATE_SUMMONED, CREATE_WITH_URL, X
from connectors.x_items import Reader
from connectors.x_push import SIGNATURE, signature
from connectors.x_text import weighted_length

from .fake_x import ANA, ME, FakeX

EMPTY = {"users": {}, "media": {}}


def connect(network, **values):
    secrets = {"access_token": "a-token", "api_secret": "key-secret"}
    made = X(Http(transport=network), {"client_id": "app", "api_key": "key", "messages": False, **values}, secrets)
    made.account_id = ME
    return made


def listen(network, cursor=None, **values):
    pages = []
    for page in connect(network, **values).listen(cursor or {}):
        pages.append(page)
    return pages, json.loads(json.dumps(pages[-1].cursor))


def refusing(status, answer):
    """Return a network that refuses whatever changes something there."""
    network = FakeX()

    def answering(request):
        if request.method == "GET":
            return network(request)
        return status, {}, json.dumps(answer).encode()

    return answering


def say(text="Hello", way="publish", target=None):
    return Outgoing("0" * 32, text, way, target, first_tried_at=datetime.now(UTC))


# --- reading -----------------------------------------------------------------------------------------------------


def test_a_post_is_read_with_its_addresses_and_pictures():
    post = FakeX().post(
        "@XDevelopers 1 &lt; 2 &amp; see https://t.co/abc https://t.co/pic",
        entities={
            "urls": [
                {"url": "https://t.co/abc", "expanded_url": "https://acme.example/page"},
                {"url": "https://t.co/pic", "expanded_url": "https://x.com/ana/status/1/photo/1", "media_key": "3_1"},
            ],
            "hashtags": [{"tag": "Acme"}],
            "mentions": [{"username": "XDevelopers", "id": ME}],
        },
        attachments={"media_keys": ["3_1"]},
        referenced_tweets=[{"type": "replied_to", "id": "1234567890"}],
        lang="es",
    )
    media = {"3_1": {"media_key": "3_1", "type": "photo", "url": "https://pbs.example/1.jpg", "alt_text": "A boot"}}
    item = Reader(ME).post(post, {"users": {ANA: FakeX.user(ANA)}, "media": media})
    assert item.text == "@XDevelopers 1 < 2 & see https://acme.example/page"
    assert (item.origin, item.outgoing, item.parent_id, item.language) == ("own", False, "1234567890", "es")
    assert [(one.kind, one.alt) for one in item.attachments] == [("image", "A boot")]
    assert (item.likes, item.shares, item.replies, item.hashtags) == (3, 5, 2, ("acme",))
    assert (item.author.handle, item.author.followers) == ("@ana", 120)
    assert item.url == f"https://x.com/ana/status/{post['id']}"


def test_an_edited_post_keeps_its_first_id_and_is_answered_by_its_last():
    network = FakeX()
    first, second = network.post("acme boot")["id"], network.post("acme boots")
    second["edit_history_tweet_ids"] = [first, second["id"]]
    item = Reader(ME).post(second, EMPTY)
    assert (item.external_id, item.identifiers["id"], item.text) == (first, second["id"], "acme boots")
    assert item.edited_at > item.published_at


def test_a_long_post_is_read_whole_and_a_repost_says_nothing():
    network = FakeX()
    long = network.post("The beginning…", note_tweet={"text": "The beginning and the end"})
    repost = network.post("RT @ana: hello", referenced_tweets=[{"type": "retweeted", "id": "1"}])
    items, rejects = Reader(ME).read([(long, EMPTY), (repost, EMPTY)], "search")
    assert [item.text for item in items] == ["The beginning and the end"] and not rejects


def test_a_service_that_only_knows_the_newer_names_is_asked_in_them():
    network = FakeX("post")
    network.mentions.append(network.post("@XDevelopers hello", referenced_tweets=[{"type": "replied_to", "id": "7"}]))
    pages, _cursor = listen(network)
    item = next(item for page in pages for item in page.items)
    assert (item.parent_id, item.shares) == ("7", 5)
    assert [query for _method, path, query, _body in network.requests if "post.fields" in query and "mentions" in path]


def test_what_is_read_is_counted_once_a_day():
    network = FakeX()
    network.mentions += [network.post("@XDevelopers one"), network.post("@XDevelopers two")]
    pages, cursor = listen(network)
    assert sum(page.cost for page in pages) == pytest.approx(2 * 0.005 + 0.010)
    network.mentions.append(network.post("@XDevelopers three"))
    pages, cursor = listen(network, cursor)
    assert sum(page.cost for page in pages) == pytest.approx(0.005)
    cursor["kept"]["day"] = "2025-01-01"
    assert sum(page.cost for page in listen(network, cursor)[0]) > 0


def test_later_runs_ask_only_for_what_is_newer():
    network = FakeX()
    network.mentions.append(network.post("@XDevelopers one"))
    _pages, cursor = listen(network)
    assert "since_id" not in network.requests[-1][2]
    listen(network, cursor)
    assert int(network.requests[-1][2]["since_id"]) < int(network.mentions[0]["id"])


def test_a_search_that_is_too_long_is_told_and_the_rest_is_read():
    network = FakeX()
    network.mentions.append(network.post("@XDevelopers one"))
    found = []
    with pytest.raises(errors.Misconfigured) as caught:
        for page in connect(network, searches="x" * 600).listen({}):
            found += page.items
    assert len(found) == 1 and "497" in caught.value.message


def test_a_thread_is_in_order_with_its_root():
    network = FakeX()
    root = network.post("root")
    answers = [network.post(f"answer {turn}", conversation_id=root["id"]) for turn in range(3)]
    items = connect(network).thread(answers[1]["id"], {"id": answers[1]["id"]})
    assert [item.external_id for item in items] == [root["id"], *(one["id"] for one in answers)]


# --- what refusals mean ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("status", "answer", "kind"),
    [
        (403, {"detail": "You are not allowed to create a Tweet with duplicate content."}, errors.Duplicate),
        (403, {"detail": "Not allowed to reply: you were not mentioned.", "type": "about:blank"}, errors.Refused),
        (403, {"detail": "No", "type": "https://api.x.com/2/problems/client-forbidden"}, errors.AccessDenied),
        (402, {"title": "CreditsDepleted", "detail": "no credits"}, errors.AccessDenied),
        (429, {"title": "UsageCapExceeded", "type": "https://api.x.com/2/problems/usage-capped"}, errors.RateLimited),
        (401, {"title": "Unauthorized", "status": 401}, errors.AccessExpired),
    ],
)
def test_refusals_are_told_apart(status, answer, kind):
    with pytest.raises(kind) as caught:
        connect(refusing(status, answer)).publish(say())
    assert type(caught.value) is kind and caught.value.message.endswith(".")


def test_an_answer_to_those_who_did_not_mention_us_is_refused_with_the_reason():
    body = {"detail": "You are not permitted to perform this action.", "type": "about:blank", "status": 403}
    with pytest.raises(errors.Refused) as caught:
        connect(refusing(403, body)).reply(say("Hi", "reply", Target("1")))
    assert "Enterprise" in caught.value.message and caught.value.message.endswith("perform this action.")


def test_the_reset_of_a_limit_is_kept_to():
    reset = datetime.now(UTC) + timedelta(minutes=9)
    headers = {
        "x-rate-limit-limit": "300",
        "x-rate-limit-remaining": "0",
        "x-rate-limit-reset": str(int(reset.timestamp())),
    }
    with pytest.raises(errors.RateLimited) as caught:
        connect(lambda request: (429, headers, b'{"title": "Too Many Requests"}')).check()
    assert abs((caught.value.retry_at - reset).total_seconds()) < 2


# --- saying ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "length"),
    [
        ("a" * 280, 280), ("é" * 3, 3), ("e\u0301", 1), ("漢字", 4), ("\u201cx\u201d", 3), ("👨‍🎤", 2), ("🙋🏽", 2),
        ("☎️", 2),
        ("© 2026", 6), ("©️", 2), ("1️⃣", 2), ("🏴󠁧󠁢󠁥󠁮󠁧󠁿", 2), ("https://acme.example/" + "x" * 200, 23),
        ("(https://a.example)", 25),
        ("acme.com", 23), ("name@acme.com", 13), ("end.Then", 8), ("v1.2", 4),
    ],
)  # fmt: skip
def test_length_is_counted_as_x_counts_it(text, length):
    assert weighted_length(text) == length


def test_an_address_makes_a_post_dearer_but_not_a_message():
    assert X.cost_of(say("See https://acme.example")) == CREATE_WITH_URL
    assert X.cost_of(say("See acme.com")) == CREATE_WITH_URL
    assert X.cost_of(say("Hello")) == X.cost_of(say("See https://acme.example", "message")) == CREATE
    assert X.cost_of(say("See https://acme.example", "reply", Target("1"))) == CREATE_SUMMONED


def test_requests_are_as_documented():
    network = FakeX()
    post = network.post("@XDevelopers hello")
    target = Target(post["id"], author_id=ANA, identifiers={"id": post["id"]})
    connect(network).reply(say("Hi", "reply", target))
    assert network.requests[-1][0::3] == ("POST", {"text": "Hi", "reply": {"in_reply_to_tweet_id": post["id"]}})
    connect(network).message(say("Hi", "message", target))
    assert network.requests[-1][:2] == ("POST", f"/2/dm_conversations/with/{ANA}/messages")
    inside = replace(target, visibility="direct", identifiers={"id": "1", "dm_conversation_id": "1-2"})
    connect(network).message(say("Hi", "message", inside))
    assert network.requests[-1][1] == "/2/dm_conversations/1-2/messages"
    for action, shown in (("hide", True), ("unhide", False)):
        connect(network).moderate(action, target)
        assert network.requests[-1] == ("PUT", f"/2/tweets/{post['id']}/hidden", {}, {"hidden": shown})
    connect(network).moderate("mute", target)
    assert network.requests[-1][1:] == (f"/2/users/{ME}/muting", {}, {"target_user_id": ANA})
    with pytest.raises(errors.Refused):
        connect(network).moderate("delete", target)


def test_what_was_sent_is_found_although_x_shortens_addresses():
    network = FakeX()
    post = network.post("@XDevelopers hello")
    outgoing = say("See https://acme.example/a now", "reply", Target(post["id"], author_id=ANA))
    sent = connect(network).reply(outgoing)
    network.posts[sent.external_id]["text"] = "@ana See https://t.co/a now"
    assert connect(network).find_sent(outgoing).external_id == sent.external_id


def test_figures_come_from_the_public_metrics():
    network = FakeX()
    post = network.post("hello", ME)
    figures = connect(network).metrics([(post["id"], {"id": post["id"]}), ("5", {"dm_conversation_id": "1-2"})])
    assert (figures.followers, figures.posts) == (120, 45)
    counts = figures.items[post["id"]]
    assert (counts.views, counts.likes, counts.shares, counts.replies, counts.clicks) == (60, 3, 5, 2, None)


# --- push --------------------------------------------------------------------------------------------------------


def deliver(event, network=None):
    body = json.dumps({"data": {"filter": {"user_id": ME}, **event}}).encode()
    made = connect(network or FakeX())
    return made.parse_push({SIGNATURE: signature("key-secret", body)}, body, datetime.now(UTC))


def test_the_challenge_is_answered():
    status, kind, body = connect(FakeX()).handshake("GET", "", {"crc_token": "challenge"}, {})
    assert (status, kind) == (200, "application/json")
    assert json.loads(body) == {"response_token": signature("key-secret", b"challenge")}
    assert connect(FakeX()).handshake("GET", "", {}, {}) is None


def test_mentions_and_deletions_are_pushed():
    post = FakeX().post("@XDevelopers hello")
    page = deliver(
        {"event_type": "post.mention.create", "payload": post, "includes": {"users": [{"data": FakeX.user(ANA)}]}}
    )
    assert [(one.text, one.origin, one.author.name) for one in page.items] == [("@XDevelopers hello", "own", "Ana")]
    assert page.cost == 0.005
    gone = deliver({"event_type": "post.delete", "payload": {"id": "77", "author_id": ME}}).items[0]
    assert (gone.external_id, gone.deleted) == ("77", True)


def test_what_is_not_ours_or_not_said_brings_nothing():
    post = FakeX().post("hello")
    assert not deliver({"event_type": "post.create", "payload": post, "filter": {"user_id": "5"}}).items
    assert not deliver({"event_type": "follow.follow", "payload": {}}).items
    page = deliver({"event_type": "post.create", "payload": {"id": None}})
    assert not page.items and page.rejects


def test_subscribing_makes_one_webhook_and_can_be_repeated():
    network = FakeX()
    address = "https://desk.example/x"
    for _turn in range(2):
        assert connect(network, messages=True).subscribe(address) is None
    assert [hook["url"] for hook in network.webhooks.values()] == [address]
    assert len(network.subscriptions) == 7
    connect(network, messages=True).unsubscribe(address)
    assert not network.webhooks and not network.subscriptions
