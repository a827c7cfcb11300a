"""Messages that other systems post to us."""

import hashlib
import hmac
import json
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from connectors import errors
from connectors.http import Http
from connectors.webhook import Webhook, read_mention, signature

UTC = UTC
NOW = datetime(2026, 1, 31, 12, tzinfo=UTC)
STAMP = str(int(NOW.timestamp()))
KEY = "a signing key"
SETTINGS = settings(max_examples=150, deadline=None, derandomize=True, database=None)


@pytest.fixture
def webhook():
    return Webhook(Http(), {}, {"signing_key": KEY})


def signed(body, key=KEY, stamp=STAMP):
    return {"x-community-timestamp": stamp, "x-community-signature": signature(key, stamp, body)}


def push(webhook, content, now=NOW):
    body = content if isinstance(content, bytes) else json.dumps(content).encode()
    return webhook.parse_push(signed(body), body, now)


def test_the_signature_is_what_the_text_says():
    expected = hmac.new(KEY.encode(), STAMP.encode() + b'.{"a":1}', hashlib.sha256).hexdigest()
    assert signature(KEY, STAMP, b'{"a":1}') == "sha256=" + expected


def test_one_mention_or_many_are_read(webhook):
    page = push(webhook, {"id": "1", "text": "x"})
    assert [item.external_id for item in page.items] == ["1"]
    page = push(webhook, {"mentions": [{"id": 1, "text": "x"}, {"id": 2, "text": "y"}], "unknown": True})
    assert [item.external_id for item in page.items] == ["1", "2"]
    assert page.rejects == []
    assert page.requests == 0


def test_everything_a_mention_can_hold_arrives():
    item = read_mention(
        {
            "id": "4711", "html": "<p>It is <b>late</b></p>", "title": "Where?", "url": "https://f.example/t/4711",
            "kind": "review", "published_at": "2026-01-31T12:00:00+01:00", "edited_at": "2026-01-31T11:30:00Z",
            "language": "en-GB", "parent_id": 4700, "conversation_id": "4700", "visibility": "private",
            "concerns_us": False, "rating": 4.5, "likes": 3, "shares": -1, "replies": 1, "hashtags": ["#Parcel"],
            "attachments": [{"url": "https://f.example/a.png", "kind": "image", "alt": "A torn box"}],
            "author": {"id": "ana", "name": "Ana Ruiz", "handle": "@ana", "url": "https://f.example/ana",
                       "email": "Ana@Example.com", "followers": 120, "bot": False, "password": "no"},
            "future_field": {"x": 1},
        },
        NOW,
    )  # fmt: skip
    assert (item.text, item.title, item.kind, item.rating, item.origin) == (
        "It is late",
        "Where?",
        "review",
        4.5,
        "search",
    )
    assert (item.published_at, item.edited_at) == (
        datetime(2026, 1, 31, 11, tzinfo=UTC),
        datetime(2026, 1, 31, 11, 30, tzinfo=UTC),
    )
    assert (item.parent_id, item.conversation_id, item.visibility, item.language) == ("4700", "4700", "private", "en")
    assert (item.likes, item.shares, item.replies, item.hashtags) == (3, 0, 1, ("parcel",))
    assert (item.attachments[0].alt, item.realm) == ("A torn box", None)
    author = item.author
    assert (author.external_id, author.name, author.email, author.followers, author.realm) == (
        "ana", "Ana Ruiz", "ana@example.com", 120, None
    )  # fmt: skip


def test_a_deletion_needs_only_the_id(webhook):
    page = push(webhook, {"id": "1", "deleted": True})
    assert page.items[0].deleted


def test_bad_mentions_are_put_aside_and_the_rest_goes_on(webhook):
    bad = [
        None, 5, [], {}, {"id": "1"}, {"id": "", "text": "x"}, {"id": [], "text": "x"}, {"id": "2", "text": 5},
        {"id": "3", "text": "x", "kind": "gossip"}, {"id": "4", "text": "x", "visibility": "secret"},
        {"id": "5", "text": "x", "published_at": "yesterday"}, {"id": "6", "text": "x", "author": "ana"},
        {"id": "7", "text": "x", "rating": 11}, {"id": "8", "text": "x", "attachments": {}},
        {"id": "9", "text": "x", "deleted": "yes"}, {"id": "10", "text": "x", "published_at": "2099-01-01"},
        {"id": "11", "text": "x", "kind": [1]}, {"id": "12", "html": 1},
    ]  # fmt: skip
    page = push(webhook, {"mentions": [*bad, {"id": "good", "text": "x"}]})
    assert [item.external_id for item in page.items] == ["good"]
    assert len(page.rejects) == len(bad)
    assert all(reject.error for reject in page.rejects)
    assert page.rejects[-1].external_id == "12"


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"x-community-timestamp": STAMP},
        {"x-community-signature": signature(KEY, STAMP, b"{}")},
        {"x-community-timestamp": STAMP, "x-community-signature": "sha256="},
        {"x-community-timestamp": STAMP, "x-community-signature": signature("other", STAMP, b"{}")},
        {"x-community-timestamp": STAMP, "x-community-signature": signature(KEY, STAMP, b"{} ")},
        {"x-community-timestamp": "1", "x-community-signature": signature(KEY, STAMP, b"{}")},
        {"x-community-timestamp": "soon", "x-community-signature": signature(KEY, "soon", b"{}")},
        {"x-community-timestamp": "٣", "x-community-signature": signature(KEY, STAMP, b"{}")},
        {"x-community-timestamp": STAMP, "x-community-signature": "ñ\udcff"},
        {"x-community-timestamp": STAMP, "x-community-signature": "sha256=00," * 50 + signature(KEY, STAMP, b"{}")},
    ],
)  # fmt: skip
def test_a_message_that_is_not_signed_right_is_refused(webhook, headers):
    with pytest.raises(errors.AccessDenied):
        webhook.parse_push(headers, b"{}", NOW)


@pytest.mark.parametrize("late", [-301, 301, 10**9])
def test_a_message_from_another_time_is_refused(webhook, late):
    body = b'{"id": "1", "text": "x"}'
    with pytest.raises(errors.AccessDenied) as caught:
        webhook.parse_push(signed(body), body, NOW + timedelta(seconds=late))
    assert "too old" in caught.value.message
    assert webhook.parse_push(signed(body), body, NOW + timedelta(seconds=299)).items


def test_while_keys_are_changed_one_right_signature_is_enough(webhook):
    body = b'{"id": "1", "text": "x"}'
    both = signature("the other key", STAMP, body) + ", " + signature(KEY, STAMP, body).upper()
    headers = {"x-community-timestamp": STAMP, "x-community-signature": both}
    assert webhook.parse_push(headers, body, NOW).items


@pytest.mark.parametrize("secrets", [{}, {"signing_key": ""}])
def test_without_a_key_nothing_is_accepted(secrets):
    webhook = Webhook(Http(), {}, secrets)
    with pytest.raises(errors.AccessDenied):
        webhook.parse_push(signed(b"{}", key=""), b"{}", NOW)
    assert not webhook.check().ok


@pytest.mark.parametrize("body", [b"", b"x", b"5", b'"x"', b"null", b"\xff", b"[" * 100_000, b'{"mentions": 5}'])
def test_what_is_signed_but_unreadable_is_malformed(webhook, body):
    with pytest.raises(errors.Malformed):
        push(webhook, body)


def test_too_much_at_once_is_refused(webhook):
    with pytest.raises(errors.Malformed):
        push(webhook, {"mentions": [{"id": str(number), "text": "x"} for number in range(501)]})


def test_a_repeat_is_known_and_cannot_be_disguised():
    body = b'{"id": "1", "text": "x"}'
    once = Webhook.delivery_id(signed(body), body)
    again = signed(body) | {"x-community-signature": "sha256=00," + signature(KEY, STAMP, body), "x-other": "1"}
    assert Webhook.delivery_id(again, body) == once
    assert Webhook.delivery_id(signed(body, stamp="5"), body) != once
    assert Webhook.delivery_id(signed(body), body + b" ") != once
    assert set(signed(body)) == set(Webhook.push_headers)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20)
    | st.sampled_from(["1", "post", "<p>x</p>"]),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=12,
)  # fmt: skip
FIELDS = ["id", "text", "html", "title", "url", "kind", "published_at", "language", "parent_id", "author", "rating",
          "likes", "hashtags", "attachments", "deleted", "visibility", "edited_at", "concerns_us"]  # fmt: skip


@SETTINGS
@given(st.one_of(st.dictionaries(st.sampled_from(FIELDS), JSON, max_size=18), JSON))
def test_any_signed_json_is_a_page_or_malformed(content):
    webhook = Webhook(None, {}, {"signing_key": KEY})
    try:
        page = push(webhook, {"mentions": [content]})
    except errors.Malformed:
        return
    assert len(page.items) + len(page.rejects) == 1


@SETTINGS
@given(st.binary(max_size=200))
def test_any_signed_bytes_are_a_page_or_malformed(body):
    try:
        push(Webhook(None, {}, {"signing_key": KEY}), body)
    except errors.Malformed as error:
        assert error.message
