"""The client: what it reads, what it refuses, and what it says then."""

import gzip
import json
import logging
import threading
import time
import tracemalloc
import zlib
from datetime import UTC, datetime, timedelta

import pytest

from connectors import errors
from connectors.http import STATUS_ACTIONS, Http

from .conftest import ok


def status_of(client, server, status, actions=None, **headers):
    server.answer = lambda request, connection: ok(b"{}", f"{status} Some", **headers)
    with pytest.raises(errors.ConnectorError) as caught:
        client.get(server.url + "/x", actions=actions)
    return caught.value


# --- answers -----------------------------------------------------------------------------------------------------


def test_an_answer_comes_with_status_headers_content_and_count(client, server):
    server.answer = lambda request, connection: ok(b'{"a": 1}', Content_Type="application/json; charset=utf-8")
    response = client.get(server.url + "/x", params={"q": "ñ"}, headers={"X-One": "1"})
    assert (response.status, response.json(), response.charset, client.requests) == (200, {"a": 1}, "utf-8", 1)
    assert server.requests[0]["path"] == "/x?q=%C3%B1"
    assert server.requests[0]["headers"]["x-one"] == "1"
    assert server.requests[0]["headers"]["accept-encoding"] == "gzip, deflate"


def test_one_connection_serves_all_requests_of_a_run(client, server):
    for _turn in range(5):
        client.get(server.url)
    assert (server.connections, client.requests) == (1, 5)


def test_a_connection_closed_between_two_requests_is_opened_again(client, server):
    served = set()

    def once(request, connection):
        if connection in served:
            return None
        served.add(connection)
        return ok(b"hello")

    server.answer = once
    assert [client.get(server.url).content for _number in range(3)] == [b"hello"] * 3
    assert server.connections == 3


def test_what_changes_something_never_begins_on_a_connection_that_may_be_closed_already(client, server):
    served = set()

    def once(request, connection):
        if connection in served:
            return None
        served.add(connection)
        return ok(b"done")

    server.answer = once
    answers = [client.get(server.url), client.post(server.url, json={}), client.post(server.url, json={})]
    assert [answer.content for answer in answers] == [b"done"] * 3
    assert server.connections == 3


@pytest.mark.parametrize(("method", "attempts"), [("GET", 2), ("POST", 1)])
def test_a_server_that_hangs_up_is_asked_once_more_if_that_is_harmless(client, server, method, attempts):
    server.answer = lambda request, connection: None
    with pytest.raises(errors.Retriable):
        client.request(method, server.url)
    assert len(server.requests) == client.requests == attempts


@pytest.mark.parametrize(
    ("encoding", "pack"),
    [
        ("gzip", gzip.compress),
        ("deflate", zlib.compress),
        ("deflate", lambda body: zlib.compress(body)[2:-4]),
    ],
    ids=["gzip", "deflate", "raw deflate"],
)
def test_packed_answers_are_unpacked(client, server, encoding, pack):
    body = b"community " * 20000
    server.answer = lambda request, connection: ok(pack(body), Content_Encoding=encoding)
    assert client.get(server.url).content == body


def test_links_to_other_pages_are_absolute(client, server):
    link = '</next?a=1>; rel="next", <https://b.example/prev>; rel=prev, <x>; title="no rel"'
    server.answer = lambda request, connection: ok(b"[]", Link=link)
    response = client.get(server.url + "/list")
    assert response.next_link == server.url + "/next?a=1"
    assert response.links["prev"] == "https://b.example/prev"


def test_unchanged_is_an_answer_only_to_those_who_asked_for_it(client, server):
    server.answer = lambda request, connection: ok(status="304 Not Modified")
    assert client.get(server.url, headers={"If-None-Match": '"x"'}).status == 304
    with pytest.raises(errors.Malformed):
        client.get(server.url)


def test_cookies_are_not_kept(client, server):
    server.answer = lambda request, connection: ok(Set_Cookie="id=1; Path=/")
    client.get(server.url)
    client.get(server.url)
    assert "cookie" not in server.requests[1]["headers"]


@pytest.mark.parametrize("body", [b"", b"<html>", b'{"a":', b"\xff\xfe\x00", b"[" * 200000, b"9" * 5000])
def test_json_that_is_none_is_malformed(client, server, body):
    server.answer = lambda request, connection: ok(body)
    with pytest.raises(errors.Malformed):
        client.get(server.url).json()


# --- statuses ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        (400, errors.Misconfigured),
        (401, errors.AccessExpired),
        (403, errors.AccessDenied),
        (404, errors.Misconfigured),
        (410, errors.Misconfigured),
        (418, errors.Misconfigured),
        (422, errors.Misconfigured),
        (429, errors.RateLimited),
        (451, errors.AccessDenied),
        (500, errors.Retriable),
        (502, errors.Retriable),
        (503, errors.Retriable),
        (599, errors.Retriable),
        (300, errors.Malformed),
    ],
)
def test_a_status_says_what_to_do(client, server, status, kind):
    error = status_of(client, server, status)
    assert type(error) is kind
    assert error.status == status
    assert error.message.endswith(".")
    assert error.template % error.params == error.message if error.params else error.template == error.message


def test_a_network_overrides_single_statuses(client, server):
    assert type(status_of(client, server, 404, {404: errors.Gone})) is errors.Gone
    server.answer = lambda request, connection: ok(b"x", "409 Conflict")
    assert client.get(server.url, actions={409: None}).status == 409
    assert STATUS_ACTIONS[401] is errors.AccessExpired


def in_seconds(seconds):
    return datetime.now(UTC) + timedelta(seconds=seconds)


@pytest.mark.parametrize(
    "headers",
    [
        {"Retry_After": "90"},
        {"Retry_After": lambda: in_seconds(90).strftime("%a, %d %b %Y %H:%M:%S GMT")},
        {"X_RateLimit_Remaining": "0", "X_RateLimit_Reset": lambda: in_seconds(90).isoformat().replace("+00:00", "Z")},
        {"X_RateLimit_Remaining": "0", "X_RateLimit_Reset": lambda: str(int(in_seconds(90).timestamp()))},
        {"RateLimit_Remaining": "0", "RateLimit_Reset": "90", "RateLimit_Limit": "100"},
        {"RateLimit": "limit=100, remaining=0, reset=90"},
        {"RateLimit": '"default";r=0;t=90'},
    ],
    ids=["seconds", "HTTP date", "ISO date", "epoch", "delta", "draft 7", "draft 9"],
)
def test_a_rate_limit_tells_when_to_come_back(client, server, headers):
    filled = {name: value() if callable(value) else value for name, value in headers.items()}
    error = status_of(client, server, 429, **filled)
    assert type(error) is errors.RateLimited
    assert abs((error.retry_at - in_seconds(90)).total_seconds()) < 5


@pytest.mark.parametrize("value", ["soon", "-5", "9" * 40, "nan", "", "2026-99-99", "Thu, 99 Foo 2026"])
def test_an_unreadable_pause_is_no_pause(client, server, value):
    error = status_of(client, server, 429, Retry_After=value)
    assert error.retry_at is None


def test_no_server_silences_a_channel_for_years(client, server):
    assert status_of(client, server, 429, Retry_After="999999999").retry_at <= in_seconds(86401)


@pytest.mark.parametrize("status", [403, 503])
def test_a_refusal_with_a_pause_is_a_rate_limit(client, server, status):
    assert type(status_of(client, server, status, Retry_After="9")) is errors.RateLimited


def test_what_is_left_of_the_limit_is_kept_after_good_answers_too(client, server):
    server.answer = lambda request, connection: ok(X_RateLimit_Remaining="7", X_RateLimit_Limit="300")
    client.get(server.url)
    assert (client.rate_limit.remaining, client.rate_limit.limit) == (7, 300)


# --- sizes and times ---------------------------------------------------------------------------------------------


def test_a_declared_size_above_the_limit_is_not_read(server):
    def answer(_request, connection):
        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 99999999999\r\n\r\nxxx")
        time.sleep(5)

    server.answer = answer
    # reading on would end in a connection that broke off, which is another error
    with Http(allowed_hosts=[server.host], max_bytes=1000) as http, pytest.raises(errors.TooLarge):
        http.get(server.url)


def test_an_undeclared_size_is_cut_off_at_the_limit(server):
    sent = []

    def answer(_request, connection):
        connection.sendall(b"HTTP/1.1 200 OK\r\n\r\n")
        while True:
            sent.append(connection.send(b"x" * 65536))

    server.answer = answer
    with Http(allowed_hosts=[server.host], max_bytes=100000) as http, pytest.raises(errors.TooLarge):
        http.get(server.url)


def test_a_zip_bomb_is_cut_off_without_filling_memory(server):
    packer = zlib.compressobj(9, zlib.DEFLATED, 31)
    bomb = b"".join(packer.compress(b"\0" * 1_000_000) for _turn in range(300)) + packer.flush()
    server.answer = lambda request, connection: ok(bomb, Content_Encoding="gzip")
    tracemalloc.start()
    with Http(allowed_hosts=[server.host], max_bytes=2_000_000) as http, pytest.raises(errors.TooLarge):
        http.get(server.url)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert len(bomb) < 2_000_000
    assert peak < 20_000_000


@pytest.mark.parametrize("encoding", ["br", "gzip"])
def test_wrongly_packed_answers_are_malformed(client, server, encoding):
    server.answer = lambda request, connection: ok(b"plain text", Content_Encoding=encoding)
    with pytest.raises(errors.Malformed):
        client.get(server.url)


def test_an_answer_that_breaks_off_is_tried_again(client, server):
    def answer(_request, connection):
        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\nhalf")

    server.answer = answer
    with pytest.raises(errors.Retriable):
        client.get(server.url)
    whole = gzip.compress(bytes(range(256)) * 50)
    server.answer = lambda request, connection: ok(whole[:-20], Content_Encoding="gzip")
    with pytest.raises(errors.Retriable):
        client.get(server.url)


def drip(where):
    """Return an answer that sends one byte every 50 ms, forever, in the headers or in the body."""

    def answer(_request, connection):
        head = b"HTTP/1.1 200 OK\r\n"
        connection.sendall(head + (b"X-Long: " if where == "headers" else b"Content-Length: 1000000\r\n\r\n"))
        while True:
            connection.sendall(b"x")
            time.sleep(0.05)

    return answer


@pytest.mark.parametrize("where", ["headers", "body"])
def test_a_server_that_drips_is_cut_off(server, where):
    server.answer = drip(where)  # without end
    with Http(allowed_hosts=[server.host], request_seconds=0.8) as http, pytest.raises(errors.Retriable) as caught:
        http.get(server.url)
    assert "too slowly" in caught.value.message


@pytest.mark.parametrize("where", ["headers", "body"])
def test_the_end_of_the_run_interrupts_a_request(server, where):
    server.answer = drip(where)
    with Http(allowed_hosts=[server.host], deadline=time.monotonic() + 0.6) as http:
        with pytest.raises(errors.Interrupted):
            http.get(server.url)
        with pytest.raises(errors.Interrupted):
            http.get(server.url)
    assert len(server.requests) == 1


def silent(server):
    """Let the server say nothing until the event that is returned is set; also return a list that then has an entry."""
    release, ended = threading.Event(), []
    server.answer = lambda request, connection: ended.append(release.wait(120))
    return release, ended


def test_stopping_interrupts_a_request_while_its_server_is_still_silent(server):
    release, ended = silent(server)
    stop = threading.Event()
    threading.Timer(0.3, stop.set).start()
    with Http(allowed_hosts=[server.host], stop=stop) as http, pytest.raises(errors.Interrupted):
        http.get(server.url)
    assert not ended
    release.set()


def test_the_timeout_ends_a_request_while_its_server_is_still_silent(server):
    release, ended = silent(server)
    with Http(allowed_hosts=[server.host], timeout=(1, 0.7)) as http, pytest.raises(errors.Retriable):
        http.get(server.url)
    assert not ended
    release.set()


def test_a_closed_port_is_told_in_words(server):
    server.close()
    with Http(allowed_hosts=["127.0.0.1"]) as http, pytest.raises(errors.Retriable) as caught:
        http.get(server.url)
    assert caught.value.message.startswith("The server 127.0.0.1 does not answer.")


def test_an_unknown_name_is_told_in_words():
    with Http() as http, pytest.raises(errors.Retriable) as caught:
        http.get("https://no-such-server.invalid/feed")
    assert "no-such-server.invalid cannot be found" in caught.value.message


@pytest.mark.parametrize(
    "url",
    ["", "feed", "ftp://a.example/", "file:///etc/passwd", "http://", "http://[::1", "http://a b/", "//a.example/x",
     "http://a.example:99999/", "http://a.example:0/", "http://a\n.example/", "javascript:alert(1)", "http://\udcff/",
     "http://a.example\\@b.example/", "http://" + "a" * 300 + ".example/"],
)  # fmt: skip
def test_what_is_no_web_address_is_misconfigured(url):
    with Http(allowed_hosts=["127.0.0.1"]) as http, pytest.raises((errors.Misconfigured, errors.Retriable)):
        http.get(url)


# --- secrets -----------------------------------------------------------------------------------------------------


def test_secrets_are_in_no_error_and_no_log(client, server, caplog):
    caplog.set_level(logging.DEBUG)
    secret = "s3cret/tok en+value"
    client.mask(secret)
    echo = json.dumps({"error": f"bad token {secret}"}).encode()
    server.answer = lambda request, connection: ok(echo, "403 Forbidden")
    with pytest.raises(errors.AccessDenied) as caught:
        client.get(server.url + "/x", params={"token": secret}, headers={"Authorization": f"Bearer {secret}"})
    error = caught.value
    for text in (str(error), error.message, error.detail, repr(error), repr(error.params), caplog.text, repr(client)):
        assert secret not in text
        assert "s3cret" not in text
    assert "***" in error.detail


def test_a_failed_connection_does_not_tell_the_query(server, caplog):
    caplog.set_level(logging.DEBUG)
    server.close()
    with Http(allowed_hosts=["127.0.0.1"]) as http, pytest.raises(errors.Retriable) as caught:
        http.get(f"http://user:passw0rd@{server.host}/x?token=abcdefgh")
    told = f"{caught.value} {caught.value.detail} {caught.value.__context__!r} {caught.value.__cause__!r} {caplog.text}"
    assert "abcdefgh" not in told
    assert "passw0rd" not in told


def test_sentences_can_be_said_in_another_language(client, server):
    error = status_of(client, server, 500)
    assert "%(host)s" in error.template
    assert set(error.params) == {"host", "status"}
