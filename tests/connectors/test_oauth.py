"""Authorisation and renewal against a server on loopback, kind and hostile."""

import base64
import hashlib
import json
from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qs, parse_qsl, urlsplit

import pytest

from connectors import errors, oauth
from connectors.base import Connector
from connectors.oauth import Authorization

from .conftest import ok

RETURN = "https://desk.example/community_manager/oauth/return"
VERIFIER = "v" * 64
CODE = "code-5b7f0c2e9d"
SECRET = "secret+/of=the app"


class Club(Connector):
    """A network whose addresses a test decides."""

    code = "club"

    def endpoints(self):
        """See :class:`.Connector`."""
        return self.authorization


@pytest.fixture
def club(server, client):
    """A connector on the loopback server; ``club(client_auth="basic")`` changes how it authorises."""

    def make(secrets=None, **options):
        options = {"scopes": ("read", "write"), **options}
        cls = type(
            "Own",
            (Club,),
            {"authorization": Authorization(server.url + "/authorize", server.url + "/token", **options)},
        )
        return cls(client, {"client_id": "app 1"}, {"client_secret": SECRET, **(secrets or {})})

    return make


def says(server, content, status="200 OK"):
    """Let the server answer everything with this."""
    body = content if isinstance(content, bytes) else json.dumps(content).encode()
    server.answer = lambda request, connection: ok(body, status, Content_Type="application/json")


def asked(server):
    """Return what the server was asked last, as a dict."""
    return dict(parse_qsl(server.requests[-1]["body"].decode()))


def about(moment, seconds):
    """Return whether a time lies ``seconds`` from now, as near as the run of a test is long."""
    return abs((moment - datetime.now(UTC)).total_seconds() - seconds) < 60


class TestAddress:
    """Where people are sent."""

    def test_all_that_the_standard_asks(self, club, server):
        connector = club(extra=(("access_type", "offline"), ("prompt", "consent")))
        parts = urlsplit(oauth.authorization_address(connector, RETURN, "state 1", VERIFIER))
        assert (parts.scheme, parts.netloc, parts.path) == ("http", server.host, "/authorize")
        challenge = base64.urlsafe_b64encode(hashlib.sha256(VERIFIER.encode()).digest()).rstrip(b"=").decode()
        assert {name: value for name, [value] in parse_qs(parts.query).items()} == {
            "response_type": "code",
            "client_id": "app 1",
            "redirect_uri": RETURN,
            "scope": "read write",
            "state": "state 1",
            "code_challenge": challenge,
            "code_challenge_method": "S256",
            "access_type": "offline",
            "prompt": "consent",
        }
        assert VERIFIER not in parts.query and "secret" not in parts.query

    def test_other_separator_and_no_challenge(self, club):
        connector = club(scope_separator=",", pkce=False)
        query = parse_qs(urlsplit(oauth.authorization_address(connector, RETURN, "s", VERIFIER)).query)
        assert query["scope"] == ["read,write"]
        assert not {"code_challenge", "code_challenge_method"} & set(query)

    def test_an_address_with_a_query_keeps_it(self, club):
        connector = club()
        connector.authorization = Authorization("https://club.example/dialog?v=2", "https://club.example/token")
        address = oauth.authorization_address(connector, RETURN, "s", VERIFIER)
        assert address.startswith("https://club.example/dialog?v=2&response_type=code&client_id=")

    @pytest.mark.parametrize(
        "address", ["", "javascript:alert(1)", "https://", "/authorize", "ftp://club.example", None]
    )
    def test_no_address(self, club, address):
        connector = club()
        connector.authorization = Authorization(address, "https://club.example/token")
        with pytest.raises(errors.Misconfigured):
            oauth.authorization_address(connector, RETURN, "s", VERIFIER)

    def test_without_an_application(self, club):
        connector = club()
        connector.values["client_id"] = " "
        for call in (
            lambda: oauth.authorization_address(connector, RETURN, "s", VERIFIER),
            lambda: oauth.exchange(connector, CODE, VERIFIER, RETURN),
        ):
            with pytest.raises(errors.Misconfigured, match="client ID"):
                call()


class TestExchange:
    """From a code to access."""

    def test_tokens(self, club, server):
        says(
            server,
            {
                "access_token": "access-1",
                "refresh_token": "refresh-1",
                "token_type": "Bearer",
                "expires_in": 3600,
                "refresh_token_expires_in": 86400 * 60,
                "scope": "read write:statuses",
                "created_at": 1,
            },
        )
        tokens = oauth.exchange(club(), CODE, VERIFIER, RETURN)
        assert tokens.secrets == {"access_token": "access-1", "refresh_token": "refresh-1"}
        assert about(tokens.expires_at, 3600) and about(tokens.lost_at, 86400 * 60)
        assert tokens.scopes == ("read", "write:statuses")
        request = server.requests[-1]
        assert request["line"] == "POST /token HTTP/1.1"
        assert request["headers"]["content-type"] == "application/x-www-form-urlencoded"
        assert asked(server) == {
            "grant_type": "authorization_code",
            "code": CODE,
            "redirect_uri": RETURN,
            "code_verifier": VERIFIER,
            "client_id": "app 1",
            "client_secret": SECRET,
        }

    def test_basic(self, club, server):
        says(server, {"access_token": "a"})
        oauth.exchange(club(client_auth="basic"), CODE, VERIFIER, RETURN)
        login = base64.b64decode(server.requests[-1]["headers"]["authorization"].removeprefix("Basic ")).decode()
        assert login == "app+1:secret%2B%2Fof%3Dthe+app"
        assert not {"client_id", "client_secret"} & set(asked(server))

    def test_public_client(self, club, server):
        says(server, {"access_token": "a"})
        oauth.exchange(club(client_auth="none"), CODE, VERIFIER, RETURN)
        assert asked(server)["client_id"] == "app 1"
        assert "client_secret" not in asked(server)
        assert "authorization" not in server.requests[-1]["headers"]

    def test_without_challenge(self, club, server):
        says(server, {"access_token": "a"})
        oauth.exchange(club(pkce=False), CODE, VERIFIER, RETURN)
        assert "code_verifier" not in asked(server)

    @pytest.mark.parametrize(
        ("given", "seconds"),
        [
            (7200, 7200),
            ("7200", 7200),
            (7200.5, 7200),
            (None, None),
            (0, None),
            (-5, None),
            (10**30, None),
            ("9" * 40, None),
            ("soon", None),
            (True, None),
            ({"a": 1}, None),
            ([3600], None),
            (float("inf"), None),
        ],
    )
    def test_times(self, club, server, given, seconds):
        says(server, {"access_token": "a", "expires_in": given})
        found = oauth.exchange(club(), CODE, VERIFIER, RETURN).expires_at
        assert found is None if seconds is None else about(found, seconds)

    @pytest.mark.parametrize(
        "content",
        [
            b"",
            b"<html>Sign in</html>",
            b"access_token=form",
            b"[1, 2]",
            b"null",
            b'"access-token"',
            {},
            {"access_token": None},
            {"access_token": ""},
            {"access_token": ["a"]},
            {"access_token": {"a": 1}},
            {"access_token": "two words"},
            {"access_token": "line\r\nX-Other: 1"},
            {"access_token": "nil\x00"},
            {"access_token": "ünïcode"},
            {"access_token": "x" * 20_000},
            {"access_token": "a", "refresh_token": "line\nbreak"},
            b"[" * 100_000,
        ],
    )
    def test_malformed(self, club, server, content):
        says(server, content)
        with pytest.raises(errors.Malformed):
            oauth.exchange(club(), CODE, VERIFIER, RETURN)

    @pytest.mark.parametrize("scope", [["a", 1, None, "b"], "a b", {"a": 1}, 7, None, "x " * 5000])
    def test_scopes_of_any_kind(self, club, server, scope):
        says(server, {"access_token": "a", "scope": scope})
        scopes = oauth.exchange(club(), CODE, VERIFIER, RETURN).scopes
        assert all(isinstance(name, str) for name in scopes) and len(scopes) <= oauth.MAX_SCOPES
        if isinstance(scope, list):
            assert set(scopes) == {"a", "b"}

    def test_too_large(self, club, server):
        says(server, {"access_token": "a", "more": "x" * 300_000})
        with pytest.raises(errors.TooLarge):
            oauth.exchange(club(), CODE, VERIFIER, RETURN)

    def test_a_code_that_is_used_or_old(self, club, server):
        says(server, {"error": "invalid_grant", "error_description": f"code {CODE} is used"}, "400 Bad Request")
        with pytest.raises(errors.AccessExpired) as caught:
            oauth.exchange(club(), CODE, VERIFIER, RETURN)
        assert "invalid_grant" in caught.value.message and "Authorise again" in caught.value.message
        assert CODE not in caught.value.message + caught.value.detail

    def test_an_error_with_status_200(self, club, server):
        says(server, {"error": "bad_verification_code"})
        with pytest.raises(errors.AccessExpired):
            oauth.exchange(club(), CODE, VERIFIER, RETURN)

    @pytest.mark.parametrize(
        ("error", "status"), [("invalid_client", "401 Unauthorized"), ("unauthorized_client", "400 Bad")]
    )
    def test_a_wrong_application(self, club, server, error, status):
        says(server, {"error": error}, status)
        with pytest.raises(errors.Misconfigured, match="client ID"):
            oauth.exchange(club(), CODE, VERIFIER, RETURN)

    def test_no_secret_in_errors(self, club, server):
        for content, status in (
            ({"error": f"{SECRET}\n<b>{'x' * 500}"}, "400 Bad Request"),
            (f"you sent {SECRET} {CODE}".encode(), "500 Oops"),
            (f"you sent {SECRET} {CODE}".encode(), "400 Bad Request"),
        ):
            says(server, content, status)
            with pytest.raises(errors.ConnectorError) as caught:
                oauth.exchange(club(), CODE, VERIFIER, RETURN)
            shown = caught.value.message + caught.value.detail
            assert CODE not in shown and SECRET not in shown
            assert "\n" not in caught.value.message and len(caught.value.message) < 300

    def test_the_body_goes_nowhere_else(self, club, server, other_server):
        server.answer = lambda request, connection: ok(b"", "307 Moved", Location=f"{other_server.url}/token")
        with pytest.raises(errors.ConnectorError):
            oauth.exchange(club(), CODE, VERIFIER, RETURN)
        assert not other_server.requests

    @pytest.mark.parametrize(
        ("status", "kind"),
        [("503 Down", errors.Retriable), ("429 Slow", errors.RateLimited), ("404 No", errors.Misconfigured)],
    )
    def test_trouble(self, club, server, status, kind):
        says(server, b"no", status)
        with pytest.raises(kind):
            oauth.exchange(club(), CODE, VERIFIER, RETURN)

    def test_nobody_there(self, club, server):
        connector = club()
        server.close()
        with pytest.raises(errors.Retriable):
            oauth.exchange(connector, CODE, VERIFIER, RETURN)


class TestRefresh:
    """Access is renewed without a person."""

    def test_a_new_refresh_token(self, club, server):
        says(server, {"access_token": "access-2", "refresh_token": "refresh-2", "expires_in": 60})
        tokens = club({"refresh_token": "refresh-1"}).renew()
        assert tokens.secrets == {"access_token": "access-2", "refresh_token": "refresh-2"}
        assert about(tokens.expires_at, 60)
        assert asked(server) == {
            "grant_type": "refresh_token",
            "refresh_token": "refresh-1",
            "client_id": "app 1",
            "client_secret": SECRET,
        }

    def test_the_old_one_stays(self, club, server):
        says(server, {"access_token": "access-2"})
        tokens = oauth.refresh(club({"refresh_token": "refresh-1"}))
        assert tokens.secrets == {"access_token": "access-2", "refresh_token": "refresh-1"}
        assert tokens.expires_at is None and tokens.lost_at is None

    @pytest.mark.parametrize("client_auth", ["basic", "none"])
    def test_client(self, club, server, client_auth):
        says(server, {"access_token": "access-2"})
        oauth.refresh(club({"refresh_token": "refresh-1"}, client_auth=client_auth))
        assert "client_secret" not in asked(server)
        assert ("client_id" in asked(server)) == (client_auth == "none")
        assert ("authorization" in server.requests[-1]["headers"]) == (client_auth == "basic")

    @pytest.mark.parametrize(
        ("content", "status"),
        [
            ({"error": "invalid_grant"}, "400 Bad Request"),
            ({"error": "invalid_request", "error_description": "The token was invalid."}, "400 Bad Request"),
            ({"error": {"type": "OAuthException", "code": 190}}, "400 Bad Request"),
            ({"error": "bad_refresh_token"}, "200 OK"),
            ({"error": ["odd"]}, "401 Unauthorized"),
            (b"go away", "401 Unauthorized"),
            (b"forbidden", "403 Forbidden"),
            ({}, "400 Bad Request"),
        ],
    )
    def test_a_person_has_to_authorise_again(self, club, server, content, status):
        says(server, content, status)
        with pytest.raises(errors.AccessExpired, match="Authorise again"):
            oauth.refresh(club({"refresh_token": "refresh-1"}))

    @pytest.mark.parametrize("error", sorted(oauth.FOR_NOW))
    def test_not_now(self, club, server, error):
        says(server, {"error": error}, "400 Bad Request")
        with pytest.raises(errors.Retriable):
            oauth.refresh(club({"refresh_token": "refresh-1"}))

    def test_nothing_to_renew_with(self, club, server):
        connector = club()
        assert not connector.renewable()
        with pytest.raises(errors.AccessExpired):
            connector.renew()
        assert not server.requests

    def test_renewable(self, club):
        assert club({"refresh_token": "r"}).renewable()
        assert not club({"refresh_token": "r"}, refresh=False).renewable()

    def test_new_tokens_are_masked(self, club, server, client):
        says(server, {"access_token": "access-very-new", "refresh_token": "refresh-very-new"})
        connector = club({"refresh_token": "refresh-1"})
        oauth.refresh(connector)
        says(server, b"seen access-very-new and refresh-very-new", "500 Oops")
        with pytest.raises(errors.Retriable) as caught:
            connector.http.get(server.url + "/access-very-new")
        assert "very-new" not in caught.value.message + caught.value.detail

    def test_the_end_of_renewing(self, club, server):
        says(server, {"access_token": "a", "expires_in": 60, "refresh_expires_in": "1800"})
        tokens = oauth.refresh(club({"refresh_token": "r"}))
        assert tokens.lost_at - datetime.now(UTC) < timedelta(seconds=1801)
