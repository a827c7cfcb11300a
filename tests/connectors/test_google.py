"""Authorising at Google, renewing, and the words of its refusals."""

import json
from datetime import UTC, datetime
from urllib.parse import parse_qs, urlsplit

import pytest

from connectors import errors
from connectors.google import RESET_HOUR, TOKEN_URL, next_reset, reasons_in
from connectors.google_business import GoogleBusiness
from connectors.http import Http
from connectors.oauth import authorization_address, exchange
from connectors.youtube import YouTube

SETTINGS = {"client_id": "1.apps.googleusercontent.com"}
SECRETS = {"client_secret": "secret", "refresh_token": "1//refresh", "access_token": "ya29.old"}
BACK = "https://desk.example/community/oauth"


def granting(status, document):
    """Return a function that answers for the token endpoint, and the forms it was sent."""
    forms = []

    def answer(request):
        assert (request.method, request.url) == ("POST", TOKEN_URL)
        body = request.body.decode() if isinstance(request.body, bytes) else request.body
        forms.append({name: values[0] for name, values in parse_qs(body).items()})
        return status, {"Content-Type": "application/json"}, json.dumps(document).encode()

    return answer, forms


@pytest.mark.parametrize(
    ("cls", "scope"),
    [
        (YouTube, "https://www.googleapis.com/auth/youtube.force-ssl"),
        (GoogleBusiness, "https://www.googleapis.com/auth/business.manage"),
    ],
)
def test_people_authorise_for_one_permission_and_for_when_they_are_away(cls, scope):
    address = authorization_address(cls(Http(), SETTINGS, SECRETS), BACK, "state-1", "v" * 64)
    asked = {name: values[0] for name, values in parse_qs(urlsplit(address).query).items()}
    assert address.startswith("https://accounts.google.com/o/oauth2/v2/auth?")
    assert (asked["scope"], asked["access_type"], asked["prompt"]) == (scope, "offline", "consent")
    assert (asked["redirect_uri"], asked["state"], asked["code_challenge_method"]) == (BACK, "state-1", "S256")


def test_a_code_is_exchanged_for_access_and_what_renews_it():
    answer, forms = granting(
        200, {"access_token": "ya29.new", "expires_in": 3599, "refresh_token": "1//new", "token_type": "Bearer"}
    )
    tokens = exchange(YouTube(Http(transport=answer), SETTINGS, SECRETS), "4/code", "v" * 64, BACK)
    assert tokens.secrets == {"access_token": "ya29.new", "refresh_token": "1//new"}
    assert (forms[0]["client_id"], forms[0]["client_secret"]) == (SETTINGS["client_id"], "secret")


def test_access_is_renewed_and_a_withdrawn_one_is_not():
    answer, forms = granting(200, {"access_token": "ya29.new", "expires_in": 3599, "token_type": "Bearer"})
    connector = YouTube(Http(transport=answer), SETTINGS, SECRETS)
    assert connector.renewable()
    assert connector.renew().secrets["access_token"] == "ya29.new"
    assert forms[0]["refresh_token"] == "1//refresh"
    answer, _forms = granting(400, {"error": "invalid_grant", "error_description": "Token has been revoked."})
    with pytest.raises(errors.AccessExpired):
        YouTube(Http(transport=answer), SETTINGS, SECRETS).renew()


def test_without_access_nothing_is_asked():
    connector = YouTube(Http(transport=lambda request: pytest.fail(request.url)), SETTINGS, {})
    with pytest.raises(errors.AccessExpired):
        list(connector.listen({}))


@pytest.mark.parametrize(
    ("document", "expected"),
    [
        ({"error": {"errors": [{"reason": "quotaExceeded"}, 5, {}], "code": 403}}, ["quotaExceeded"]),
        ({"error": {"status": "NOT_FOUND", "details": [{"reason": "X_Y"}]}}, ["X_Y", "NOT_FOUND"]),
        ({"error": "invalid_grant"}, ["invalid_grant"]),
        ({"error": "token s3cr3t/x is wrong"}, []),
        ({"error": {"errors": "x", "status": ["y"]}}, []),
        ([], []),
        (None, []),
    ],
)
def test_reasons_of_every_generation_are_read_and_nothing_else(document, expected):
    assert reasons_in(document) == expected


@pytest.mark.parametrize("month", range(1, 13))
def test_at_the_reset_it_is_past_midnight_in_california(month):
    zoneinfo = pytest.importorskip("zoneinfo")
    now = datetime(2026, month, 15, 23, tzinfo=UTC)
    there = next_reset(now).astimezone(zoneinfo.ZoneInfo("America/Los_Angeles"))
    assert there.date() > now.astimezone(there.tzinfo).date() and there.hour in (0, 1)
    assert next_reset(now).hour == RESET_HOUR
