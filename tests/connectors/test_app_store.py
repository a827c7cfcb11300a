"""App Store Connect against its documented objects, its tokens, and what only it has."""

import json
from datetime import UTC, datetime, timedelta

import jwt
import pytest

from connectors import errors
from connectors.app_store import BAD_APP, BAD_KEY, AppStore, private_key
from connectors.http import Http

from .adapters.app_store import AppStoreAdapter, key, refusal
from .discovery import checked
from .fake_reviews import saying


def connect(adapter, answer=None, secrets=None, **values):
    settings = {**adapter.settings, **values}
    return AppStore(Http(transport=answer or adapter.answer), settings, secrets or adapter.secrets)


@pytest.fixture
def adapter():
    made = AppStoreAdapter()
    made.publish(60)
    return made


def test_everything_that_is_asked_and_answered_is_in_the_documented_objects(adapter):
    answer, schemas = checked("app_store", adapter)
    connector = connect(adapter, answer)
    connector.check()
    for page in connector.listen({}):
        cursor = page.cursor
    adapter.publish(70)
    connector.reply(saying(adapter, "Thank you"))
    items = [item for page in connector.listen(cursor) for item in page.items]
    assert len(items) == 71
    assert schemas.used == set(schemas.documents[0]["methods"])


def test_the_token_is_made_for_the_run_and_lasts_no_longer_than_apple_allows(adapter):
    tokens = set()

    def answer(request):
        tokens.add(request.headers["Authorization"].removeprefix("Bearer "))
        return adapter.answer(request)

    connector = connect(adapter, answer)
    connector.check()
    list(connector.listen({}))
    (token,) = tokens
    claims = jwt.decode(token, key().public_key(), ["ES256"], audience="appstoreconnect-v1")
    assert claims["iss"] == adapter.settings["issuer"]
    assert 0 < claims["exp"] - claims["iat"] <= 20 * 60
    assert jwt.get_unverified_header(token) == {"alg": "ES256", "kid": adapter.settings["key"], "typ": "JWT"}


def test_a_key_is_read_however_it_was_pasted(adapter):
    pem = private_key(adapter.secrets["private_key"])
    assert pem.startswith("-----BEGIN PRIVATE KEY-----\n")
    for pasted in (pem, pem.replace("\n", ""), pem.replace("\n", "\r\n"), f"  {pem}  "):
        assert private_key(pasted) == pem
        assert connect(adapter, secrets={"private_key": pasted}).check().ok


@pytest.mark.parametrize(
    "content", ["x", "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----", "-----BEGIN PRIVATE KEY-----"]
)
def test_what_is_no_key_is_said_without_telling_it(adapter, content):
    with pytest.raises(errors.Misconfigured) as caught:
        connect(adapter, secrets={"private_key": content}).check()
    assert caught.value.message == BAD_KEY and caught.value.__cause__ is None and not adapter.requests


@pytest.mark.parametrize("app", ["", "boots", "12/34", "１２３"])
def test_what_is_no_app_is_not_asked_for(adapter, app):
    with pytest.raises(errors.Misconfigured) as caught:
        list(connect(adapter, app=app).listen({}))
    assert caught.value.message == BAD_APP


def test_a_withdrawn_key_has_to_be_replaced(adapter):
    connector = connect(adapter, key="another")
    with pytest.raises(errors.AccessExpired):
        list(connector.listen({}))
    assert not connector.renewable()


def test_a_review_tells_its_store_and_where_that_is_clear_its_language(adapter):
    item = connect(adapter).lookup(adapter.reviews[0]["id"], {})
    assert (item.kind, item.rating, item.title, item.text) == ("review", 2.0, "Title 1", "Review 1")
    assert (item.language, item.identifiers["territory"]) == ("es", "ESP")
    entry = {"id": "x", "attributes": {"body": "Hi", "territory": "USA", "rating": 9}}
    item = connect(adapter).found({"review": entry, "answer": None}).review
    assert (item.language, item.rating, item.author.name) == ("", None, "App Store")


def test_times_of_any_zone_are_read(adapter):
    entry = {"id": "x", "attributes": {"body": "Hi", "createdDate": "2026-04-18T11:36:44-07:00"}}
    found = connect(adapter).found({"review": entry, "answer": None})
    assert found.review.published_at == datetime(2026, 4, 18, 18, 36, 44, tzinfo=UTC)


def test_a_response_that_is_not_shown_yet_says_so(adapter):
    item = connect(adapter).reply(saying(adapter, "Thank you"))
    assert item.identifiers == {"review": adapter.reviews[-1]["id"], "state": "PENDING_PUBLISH"}
    assert item.external_id == "response-" + adapter.reviews[-1]["id"]
    assert connect(adapter).lookup(item.external_id, item.identifiers).text == "Thank you"


def test_a_response_is_sent_as_apple_wants_it(adapter):
    connect(adapter).reply(saying(adapter, "Thank you"))
    method, url, body = adapter.requests[-1]
    assert (method, url) == ("POST", "https://api.appstoreconnect.apple.com/v1/customerReviewResponses")
    assert json.loads(body)["data"]["attributes"] == {"responseBody": "Thank you"}
    assert AppStore.objection(saying(adapter, "x" * 5971)).params == {"length": 5971, "limit": 5970}


@pytest.mark.parametrize(
    ("answer", "code"),
    [
        (refusal(409, "ENTITY_ERROR.ATTRIBUTE.INVALID.TOO_LONG"), "ENTITY_ERROR.ATTRIBUTE.INVALID.TOO_LONG"),
        (refusal(422, "ENTITY_UNPROCESSABLE"), "ENTITY_UNPROCESSABLE"),
        (refusal(409, "<b>x</b>"), "409"),
        ((400, {}, b"<html>"), "400"),
        ((409, {}, b'{"errors": [5]}'), "409"),
    ],
)
def test_a_response_that_apple_does_not_take_is_refused_with_its_reason(adapter, answer, code):
    def spoiled(request):
        return answer if request.method == "POST" else adapter.answer(request)

    with pytest.raises(errors.Refused) as caught:
        connect(adapter, spoiled).reply(saying(adapter, "Thank you"))
    assert caught.value.params == {"code": code} and not caught.value.unsure


def test_a_limit_without_an_end_is_waited_for_some_minutes(adapter):
    with pytest.raises(errors.RateLimited) as caught:
        list(connect(adapter, lambda request: refusal(429, "RATE_LIMIT_EXCEEDED")).listen({}))
    assert timedelta(minutes=10) < caught.value.retry_at - datetime.now(UTC) < timedelta(minutes=20)


def test_the_address_of_the_next_page_is_not_followed(adapter):
    asked = []

    def answer(request):
        asked.append(request.url)
        status, headers, body = adapter.answer(request)
        document = json.loads(body)
        following = document["links"].get("next")
        if following:
            document["links"]["next"] = "https://elsewhere.example/x?" + following.partition("?")[2]
        return status, headers, json.dumps(document).encode()

    *_pages, page = connect(adapter, answer).listen({})
    adapter.publish(70)
    assert len([item for page in connect(adapter, answer).listen(page.cursor) for item in page.items]) == 70
    assert all(url.startswith("https://api.appstoreconnect.apple.com/v1/") for url in asked)
