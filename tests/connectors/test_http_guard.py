"""Where the client goes: which redirects it follows, with what, and that it stays outside."""

import socket

import pytest

from connectors import errors
from connectors.http import Http

from .conftest import ok

# --- redirects ---------------------------------------------------------------------------------------------------


def test_redirects_are_followed_and_a_permanent_move_is_told(client, server):
    def answer(request, _connection):
        if request["path"] == "/old":
            return ok(status="301 Moved Permanently", Location="/new")
        return ok(b"here")

    server.answer = answer
    response = client.get(server.url + "/old")
    assert (response.content, response.url, client.requests) == (b"here", server.url + "/new", 2)
    assert response.moved_to == server.url + "/new"


def test_circles_end_after_five_redirects(client, server):
    server.answer = lambda request, connection: ok(status="302 Found", Location="/again")
    with pytest.raises(errors.Misconfigured):
        client.get(server.url)
    assert len(server.requests) == 6


def test_access_does_not_follow_a_redirect_to_another_host(server, other_server):
    server.answer = lambda request, connection: ok(status="302 Found", Location=other_server.url + "/x")
    with Http(allowed_hosts=[server.host, other_server.host]) as http:
        http.get(server.url, headers={"Authorization": "Bearer abcdef", "X-Key": "secret", "Accept": "text/plain"})
        http.get(server.url, auth=("user", "password"))
    assert server.requests[0]["headers"]["authorization"] == "Bearer abcdef"
    for request in other_server.requests:
        assert not {"authorization", "x-key"} & set(request["headers"])
    assert other_server.requests[0]["headers"]["accept"] == "text/plain"


def test_access_does_not_follow_a_redirect_from_https_to_http(answering):
    seen = []

    def answer(request):
        seen.append((request.url, request.headers.get("Authorization")))
        if request.url.startswith("https:"):
            return 302, {"Location": "http://a.example/x"}, b""
        return 200, {}, b"x"

    answering(answer).get("https://a.example/", headers={"Authorization": "Bearer abcdef"})
    assert seen == [("https://a.example/", "Bearer abcdef"), ("http://a.example/x", None)]


@pytest.mark.parametrize("status", ["307 Temporary Redirect", "308 Permanent Redirect"])
def test_a_body_is_never_sent_to_another_host(server, other_server, status):
    server.answer = lambda request, connection: ok(status=status, Location=other_server.url)
    hosts = [server.host, other_server.host]
    with Http(allowed_hosts=hosts) as http, pytest.raises(errors.Misconfigured):
        http.post(server.url, json={"private": "text"})
    assert other_server.requests == []


@pytest.mark.parametrize(
    "location",
    ["file:///etc/passwd", "ftp://a.example/", "http://169.254.169.254/latest/meta-data/", "http://[::1]:9/",
     "http://10.0.0.1/", "gopher://127.0.0.1/"],
)  # fmt: skip
def test_a_redirect_does_not_lead_inside(client, server, location):
    server.answer = lambda request, connection: ok(status="302 Found", Location=location)
    with pytest.raises(errors.Misconfigured):
        client.get(server.url)


# --- the guard ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "host",
    ["127.0.0.1", "localhost", "2130706433", "0x7f000001", "0177.0.0.1", "127.1", "0", "[::1]", "[::]",
     "[::ffff:127.0.0.1]", "[::ffff:7f00:1]", "[64:ff9b::7f00:1]", "[2002:7f00:1::]", "169.254.169.254",
     "100.100.100.200", "168.63.129.16", "[fd00:ec2::254]", "[fe80::1]", "10.0.0.1", "172.16.0.1", "192.168.1.1",
     "224.0.0.1", "255.255.255.255", "0.0.0.0", "127.0.0.1.", "[::127.0.0.1]"],
)  # fmt: skip
def test_inside_addresses_are_refused_however_they_are_written(server, host):
    with Http() as http, pytest.raises((errors.ForbiddenAddress, errors.Retriable)) as caught:
        http.get(f"http://{host}:{server.port}/")
    assert server.connections == 0
    assert isinstance(caught.value, errors.ForbiddenAddress) or "cannot be found" in caught.value.message


def test_a_name_that_resolves_inside_later_is_refused(server, monkeypatch):
    """DNS rebinding: the address that is checked is the one that is connected to."""
    answers = iter([[("93.184.215.14", 80)], [("127.0.0.1", server.port)]])
    asked = []

    def resolve(host, port, *_args, **_options):
        asked.append(host)
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", address) for address in next(answers)]

    monkeypatch.setattr("connectors.transport.socket.getaddrinfo", resolve)
    monkeypatch.setattr("connectors.transport._WatchedSocket.connect", refuse_to_connect)
    with Http() as http:
        with pytest.raises(errors.Retriable):
            http.get("http://rebind.example/")
        with pytest.raises(errors.ForbiddenAddress):
            http.get("http://rebind.example/")
    assert asked == ["rebind.example"] * 2
    assert server.connections == 0


def refuse_to_connect(_socket, address):
    assert address[0] == "93.184.215.14"
    raise ConnectionRefusedError


def test_of_several_addresses_only_the_public_ones_are_tried(monkeypatch):
    tried = []

    def connect(_socket, address):
        tried.append(address[0])
        raise ConnectionRefusedError

    found = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (ip, 80)) for ip in ("10.0.0.1", "93.184.215.14")]
    monkeypatch.setattr("connectors.transport.socket.getaddrinfo", lambda *_args, **_options: found)
    monkeypatch.setattr("connectors.transport._WatchedSocket.connect", connect)
    with Http() as http, pytest.raises(errors.Retriable):
        http.get("http://mixed.example/")
    assert tried == ["93.184.215.14"]


@pytest.mark.parametrize("allowed", ["127.0.0.1", "127.0.0.1:{port}", "127.0.0.0/8", " 127.0.0.1 "])
def test_an_administrator_can_allow_an_inside_address(server, allowed):
    with Http(allowed_hosts=[allowed.format(port=server.port)]) as http:
        assert http.get(server.url).status == 200


@pytest.mark.parametrize("allowed", ["127.0.0.1:1", "10.0.0.0/8", "example.com", "nonsense/99", ""])
def test_allowing_one_address_allows_no_other(server, allowed):
    with Http(allowed_hosts=[allowed]) as http, pytest.raises(errors.ForbiddenAddress):
        http.get(server.url)


def test_the_guard_also_looks_before_a_proxy_is_used():
    with Http(proxy="http://127.0.0.1:9") as http, pytest.raises(errors.ForbiddenAddress):
        http.get("http://10.0.0.1/")
