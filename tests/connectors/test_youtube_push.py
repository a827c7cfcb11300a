"""What Google's hub asks and delivers about videos."""

import hashlib
import hmac
from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qs

import pytest

from connectors import errors
from connectors.http import Http
from connectors.youtube import YouTube
from connectors.youtube_push import HUB, TOPIC

from .adapters.youtube import ME, YouTubeAdapter

NOW = datetime.now(UTC)
ADDRESS = "https://desk.example/community/push/1/x"


@pytest.fixture
def adapter():
    return YouTubeAdapter()


def connect(adapter, answer=None):
    connector = YouTube(Http(transport=answer or adapter.answer), adapter.settings, adapter.secrets)
    connector.account_id = ME
    return connector


def question(adapter, mode="subscribe", **values):
    """Return what the hub asks after we subscribed."""
    connect(adapter).subscribe(ADDRESS)
    token = parse_qs(adapter.requests[-1][2])["hub.verify_token"][0]
    asked = {"hub.mode": mode, "hub.topic": TOPIC + ME, "hub.challenge": "c0ffee", "hub.lease_seconds": "432000"}
    asked |= {"hub.verify_token": token} | values
    return {name: value for name, value in asked.items() if value is not None}


def test_subscribing_asks_the_hub_and_is_renewed_long_before_it_ends(adapter):
    again = connect(adapter).subscribe(ADDRESS)
    method, url, body = adapter.requests[-1]
    form = {name: values[0] for name, values in parse_qs(body).items()}
    assert (method, url) == ("POST", HUB)
    assert (form["hub.mode"], form["hub.callback"], form["hub.topic"]) == ("subscribe", ADDRESS, TOPIC + ME)
    assert form["hub.secret"] == adapter.secrets["hub_secret"] and form["hub.secret"] not in form["hub.verify_token"]
    # the hub may grant half of what is asked for
    assert again - datetime.now(UTC) < timedelta(seconds=int(form["hub.lease_seconds"])) / 2
    connect(adapter).unsubscribe(ADDRESS)
    assert "hub.mode=unsubscribe" in adapter.requests[-1][2]


def test_a_channel_that_is_not_connected_cannot_subscribe(adapter):
    connector = YouTube(Http(transport=adapter.answer), adapter.settings, adapter.secrets)
    with pytest.raises(errors.Misconfigured):
        connector.subscribe(ADDRESS)
    assert not adapter.requests


@pytest.mark.parametrize("mode", ["subscribe", "unsubscribe"])
def test_our_own_question_is_confirmed(adapter, mode):
    assert connect(adapter).handshake("GET", "", question(adapter, mode), {}) == (200, "text/plain", "c0ffee")


def test_a_hub_that_does_not_repeat_our_word_may_begin_but_not_end(adapter):
    asked = question(adapter, **{"hub.verify_token": None})
    assert connect(adapter).handshake("GET", "", asked, {})[2] == "c0ffee"
    with pytest.raises(errors.AccessDenied):
        connect(adapter).handshake("GET", "", {**asked, "hub.mode": "unsubscribe"}, {})


@pytest.mark.parametrize(
    "values",
    [
        {"hub.topic": TOPIC + "UCsomebodyelse"},
        {"hub.topic": None},
        {"hub.verify_token": "wrong"},
        {"hub.challenge": None},
        {"hub.challenge": "x" * 600},
        {"hub.challenge": "a\r\nb"},
    ],
)
def test_what_we_did_not_ask_for_is_not_confirmed(adapter, values):
    with pytest.raises(errors.AccessDenied):
        connect(adapter).handshake("GET", "", question(adapter, **values), {})


def test_a_denial_is_taken_note_of(adapter):
    asked = {"hub.mode": "denied", "hub.topic": TOPIC + ME, "hub.reason": "no"}
    assert connect(adapter).handshake("GET", "", asked, {})[0] == 200
    assert connect(adapter).handshake("POST", "", asked, {}) is None


def test_a_new_video_is_read(adapter):
    headers, body = adapter.push(["abc-DEF_123"], NOW)
    (item,) = connect(adapter).parse_push(headers, body, NOW).items
    assert (item.external_id, item.title, item.kind) == ("abc-DEF_123", "A & B", "post")
    assert (item.outgoing, item.origin, item.partial) == (True, "own", True)
    assert item.url == "https://www.youtube.com/watch?v=abc-DEF_123"
    assert item.published_at == datetime(2025, 3, 6, 21, 40, 57, tzinfo=UTC)


def test_only_a_new_video_is_told_whole(adapter):
    for age, partial in ((timedelta(minutes=1), False), (timedelta(hours=1), True)):
        headers, body = adapter.push(adapter.feed(["abc"], published=(NOW - age).isoformat()), NOW)
        (item,) = connect(adapter).parse_push(headers, body, NOW).items
        assert item.partial is partial


def test_a_deleted_video_is_gone(adapter):
    gone = f'<at:deleted-entry ref="yt:video:abc" when="{NOW.isoformat()}"><link href="x"/></at:deleted-entry>'
    headers, body = adapter.push(adapter.feed([], entries=gone), NOW)
    (item,) = connect(adapter).parse_push(headers, body, NOW).items
    assert (item.external_id, item.deleted) == ("abc", True)


def test_an_entry_without_a_video_is_put_aside(adapter):
    headers, body = adapter.push(adapter.feed(["abc"], entries="<entry><title>x</title></entry>"), NOW)
    page = connect(adapter).parse_push(headers, body, NOW)
    assert len(page.items) == len(page.rejects) == 1


@pytest.mark.parametrize("method", ["sha1", "sha256", "sha512"])
def test_every_method_of_the_standard_is_verified(adapter, method):
    body = adapter.feed(["abc"])
    signature = hmac.new(adapter.secrets["hub_secret"].encode(), body, method).hexdigest()
    headers = {"x-hub-signature": f"{method}={signature}"}
    assert len(connect(adapter).parse_push(headers, body, NOW).items) == 1
    with pytest.raises(errors.AccessDenied):
        connect(adapter).parse_push(headers, body + b" ", NOW)


@pytest.mark.parametrize("header", ["", "sha1", "sha1=", "md5=" + hashlib.md5(b"").hexdigest(), "=x", "sha1=é"])
def test_what_is_not_signed_is_refused(adapter, header):
    with pytest.raises(errors.AccessDenied):
        connect(adapter).parse_push({"x-hub-signature": header}, adapter.feed(["abc"]), NOW)


def test_entities_that_could_fill_memory_are_refused(adapter):
    bomb = b'<!DOCTYPE f [<!ENTITY a "aaaa">]><feed xmlns="http://www.w3.org/2005/Atom"><title>&a;</title></feed>'
    headers, body = adapter.push(bomb, NOW)
    with pytest.raises(errors.Malformed):
        connect(adapter).parse_push(headers, body, NOW)


def test_the_same_delivery_has_the_same_id_and_another_another(adapter):
    first, second = adapter.push(["a"], NOW), adapter.push(["b"], NOW)
    assert connect(adapter).delivery_id(*first) == connect(adapter).delivery_id(*first)
    assert connect(adapter).delivery_id(*first) != connect(adapter).delivery_id(*second)


def test_listening_fills_in_what_the_hub_does_not_tell(adapter):
    headers, body = adapter.push([adapter.video("A video")], NOW)
    (pushed,) = connect(adapter).parse_push(headers, body, NOW).items
    (listened,) = [item for page in connect(adapter).listen({}) for item in page.items]
    assert (pushed.external_id, pushed.realm) == (listened.external_id, listened.realm)
    assert not listened.partial and listened.text == "About it"
