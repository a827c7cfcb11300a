"""Mastodon: what access allows, what lacks, and how it is got."""

from datetime import UTC, datetime, timedelta

import pytest

from connectors import errors
from connectors.http import KEPT_FOR_ANSWERS, Http
from connectors.items import Outgoing
from connectors.mastodon import Mastodon

from .fake_mastodon import HOST, FakeMastodon, Recorded, connect, listen, recorded


def test_checking_names_the_account_and_what_a_permission_lacks():
    server = FakeMastodon()
    server.refuse["/api/v2/search"] = 403
    found = connect(server, hashtags="acme", searches="boots").check()
    assert found.account == "@desk@mastodon.example"
    assert "Follow #acme" in found.can
    assert found.missing == ["“Search for “boots”” is not possible: the access lacks the permission read:search"]


def test_one_list_that_is_refused_does_not_keep_the_others_from_being_read():
    server = FakeMastodon()
    server.refuse["/api/v2/search"] = 403
    mention = server.notify(server.status("hello @desk"))
    found = []
    with pytest.raises(errors.AccessDenied):
        for page in connect(server, searches="boots").listen({}):
            found += [item.external_id for item in page.items]
    assert found == [mention]


def test_a_withdrawn_token_is_told():
    server = FakeMastodon()
    server.refuse["/api/v1/accounts/verify_credentials"] = 401
    with pytest.raises(errors.AccessExpired) as caught:
        connect(server).check()
    assert "Enter access again" in caught.value.message


def test_a_website_that_is_no_such_server_is_told():
    with pytest.raises(errors.Misconfigured) as caught:
        connect(lambda request: (200, {}, b"<html>Shop</html>"), hashtags="x", token="").check()
    assert "mastodon.example is not a server with the Mastodon API" in caught.value.message


def test_neither_token_nor_hashtag_is_nothing_to_read():
    with pytest.raises(errors.Misconfigured) as caught:
        connect(FakeMastodon(), token="").check()
    assert "at least one hashtag" in caught.value.message


def test_another_token_is_another_account():
    server = FakeMastodon()
    _pages, cursor = listen(server)
    server.requests.clear()
    listen(server, cursor)
    assert not [path for path, _query in server.requests if "verify" in path or "instance" in path]
    listen(server, cursor, token="another")
    assert [path for path, _query in server.requests if "verify" in path]


def test_requests_are_left_for_answering_people():
    server = FakeMastodon()
    reset = (datetime.now(UTC) + timedelta(minutes=3)).isoformat()
    server.headers = {
        "X-RateLimit-Limit": "300", "X-RateLimit-Remaining": str(KEPT_FOR_ANSWERS - 1), "X-RateLimit-Reset": reset
    }  # fmt: skip
    secrets = {"access_token": "a-token"}
    listening = Mastodon(Http(transport=server, reserve=KEPT_FOR_ANSWERS), {"server": HOST}, secrets)
    with pytest.raises(errors.RateLimited) as caught:
        list(listening.listen({}))
    assert caught.value.retry_at.isoformat() == reset
    assert len(server.requests) == 1
    answering = Mastodon(Http(transport=server), {"server": HOST}, secrets)
    assert answering.publish(Outgoing("0" * 32, "We are open.", "publish")).text == "We are open."


def test_the_places_to_authorise_are_on_the_server_of_the_account():
    endpoints = connect(FakeMastodon()).endpoints()
    assert endpoints.authorize_url == "https://mastodon.example/oauth/authorize"
    assert endpoints.token_url == "https://mastodon.example/oauth/token"
    assert endpoints.dynamic and "write:statuses" in endpoints.scopes


def test_the_desk_registers_itself():
    server = Recorded()
    found = connect(server, token="").register_app("https://desk.example/community/oauth")
    assert found == {"client_id": "an-id", "client_secret": "a-secret-one"}


@pytest.mark.parametrize("answer", [(404, b"{}"), (200, b"[]"), (200, b'{"client_id": "x"}')])
def test_a_server_that_registers_nobody_is_told(answer):
    with pytest.raises(errors.Misconfigured) as caught:
        connect(lambda request: (answer[0], {}, answer[1]), token="").register_app("https://desk.example/x")
    assert "Enter an access token instead" in caught.value.message


@pytest.mark.parametrize(
    ("scopes", "can"),
    [(["read", "write"], True), (["read", "write:statuses"], True), (["read"], False), (None, None)],
)
def test_a_check_says_whether_we_may_say_something(scopes, can):
    server = FakeMastodon()
    server._answer = lambda path, query, known=server._answer: (
        (200, {**recorded("application")["body"], "scopes": scopes})
        if path == "/api/v1/apps/verify_credentials"
        else known(path, query)
    )
    found = connect(server).check()
    assert ("Answer, write and publish" in found.can) is bool(can)
    lacking = "“Answer, write and publish” is not possible: the access lacks the permission write:statuses"
    assert (lacking in found.missing) is (can is False)


def test_words_of_topics_are_searched_and_missed_only_where_somebody_asked_for_them():
    server = FakeMastodon()
    server.refuse["/api/v2/search"] = 404
    connector = connect(server, search_topics=True)
    connector.keywords = ("teapot",)
    assert list(connector.listen({}))
    assert ("/api/v2/search", "teapot") in [(path, query.get("q")) for path, query in server.requests]
    with pytest.raises(errors.Misconfigured):
        list(connect(server, searches="teapot").listen({}))
