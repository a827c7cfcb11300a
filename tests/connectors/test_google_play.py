"""Google Play against its published schema, service accounts, and what only it has."""

import json
from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qs

import jwt
import pytest

from connectors import errors
from connectors.google import ACCOUNT_ENDED, NO_ACCOUNT, TOKEN_URL
from connectors.google_play import BAD_PACKAGE, SCOPE, TOO_OLD, GooglePlay
from connectors.http import Http

from .adapters import SECRET
from .adapters.google_play import GooglePlayAdapter, account, key
from .discovery import DATA, checked
from .fake_reviews import saying


def connect(adapter, answer=None, package="com.example.boots", **secrets):
    return GooglePlay(Http(transport=answer or adapter.answer), {"package": package}, {**adapter.secrets, **secrets})


@pytest.fixture
def adapter():
    made = GooglePlayAdapter()
    made.publish(60)
    return made


def test_everything_that_is_asked_and_answered_is_in_the_published_schema(adapter):
    answer, schemas = checked("google_play", adapter, ["oauth2.googleapis.com"])
    connector = connect(adapter, answer)
    for page in connector.listen({}):
        cursor = page.cursor
    adapter.publish(70)
    list(connector.listen(cursor))
    connector.reply(saying(adapter, "Thank you"))
    assert schemas.used == {"reviews.list", "reviews.get", "reviews.reply"}
    (document,) = schemas.documents
    example = json.loads((DATA / "google_play" / "example.json").read_text())
    schemas.value("example", example, {"$ref": "ReviewsListResponse"}, document["schemas"])


def test_the_documented_example_is_read():
    body = (DATA / "google_play" / "example.json").read_bytes()
    granted = b'{"access_token": "x", "token_type": "Bearer"}'
    connector = connect(GooglePlayAdapter(), lambda request: (200, {}, granted if request.url == TOKEN_URL else body))
    (page,) = connector.listen({})
    first, answer, second = page.items
    assert (first.external_id, first.likes, first.language, first.rating) == ("11223344", 10, "en", 5.0)
    assert first.published_at is None, "a time of 1974 is a mistake"
    assert (answer.outgoing, answer.text, answer.parent_id) == (True, "That's great to hear!", "11223344")
    assert (second.text, second.published_at.isoformat()) == (
        "This is the best app ever!", "2015-10-01T05:20:26.713000+00:00"
    )  # fmt: skip


def test_a_title_stands_before_a_tab(adapter):
    item = connect(adapter).lookup(adapter.reviews[0]["id"], {})
    assert (item.title, item.text, item.language) == ("Title 1", "Review 1", "es")
    assert item.url == "https://play.google.com/store/apps/details?id=com.example.boots&reviewId=review-000001-abcdef"
    assert item.identifiers["appVersionName"] == "1.2.3"


def test_the_newest_word_of_each_side_counts():
    entry = {
        "reviewId": "x",
        "authorName": "Eva",
        "comments": [
            {"userComment": {"text": "Bad", "starRating": 1}},
            {"developerComment": {"text": "Sorry"}},
            {"userComment": {"text": "Good", "starRating": 5}},
        ],
    }
    found = connect(GooglePlayAdapter()).found(entry)
    assert (found.review.text, found.review.rating, found.answer.text) == ("Good", 5.0, "Sorry")


def test_a_service_account_signs_for_its_access_once_a_run(adapter):
    connector = connect(adapter)
    list(connector.listen({}))
    connector.lookup(adapter.reviews[0]["id"], {})
    asked = [body for _method, url, body in adapter.requests if url == TOKEN_URL]
    assert len(asked) == 1
    form = parse_qs(asked[0])
    assert form["grant_type"] == ["urn:ietf:params:oauth:grant-type:jwt-bearer"]
    claims = jwt.decode(form["assertion"][0], key().public_key(), ["RS256"], audience=TOKEN_URL)
    assert claims["scope"] == SCOPE and claims["exp"] - claims["iat"] == 3600
    assert jwt.get_unverified_header(form["assertion"][0])["kid"] == SECRET


def test_a_file_cannot_send_the_signature_elsewhere(adapter):
    assert json.loads(account())["token_uri"] == "https://elsewhere.example/token"
    list(connect(adapter).listen({}))
    assert not [url for _method, url, _body in adapter.requests if "elsewhere" in url]


@pytest.mark.parametrize(
    "content",
    ["", "x", "[]", '{"private_key": "x", "client_email": "a@b.example"}', '{"client_email": "a@b.example"}',
     '{"private_key": 5, "client_email": 5}',
     '{"private_key": "-----BEGIN PRIVATE KEY-----\\nAAAA\\n-----END PRIVATE KEY-----"}'],
)  # fmt: skip
def test_what_is_no_key_is_said_without_telling_it(adapter, content):
    with pytest.raises(errors.Misconfigured) as caught:
        list(connect(adapter, service_account=content).listen({}))
    assert caught.value.message == NO_ACCOUNT and caught.value.__cause__ is None
    assert not adapter.requests


def test_a_withdrawn_key_has_to_be_replaced(adapter):
    def answer(request):
        return 400, {}, b'{"error": "invalid_grant", "error_description": "Invalid JWT Signature."}'

    with pytest.raises(errors.AccessExpired) as caught:
        list(connect(adapter, answer).listen({}))
    assert caught.value.message == ACCOUNT_ENDED and not connect(adapter).renewable()


@pytest.mark.parametrize("package", ["", "boots", "com.example/../x", "com.example.boots?x", "1com.x"])
def test_what_is_no_package_is_not_asked_for(adapter, package):
    with pytest.raises(errors.Misconfigured) as caught:
        connect(adapter, package=package).check()
    assert caught.value.message == BAD_PACKAGE


def test_an_old_review_that_is_not_shown_was_not_deleted(adapter):
    review = adapter.reviews[0]
    adapter.remove(review["id"])
    young = int(datetime.now(UTC).timestamp())
    old = young - int(timedelta(days=8).total_seconds())
    with pytest.raises(errors.Gone):
        connect(adapter).lookup(review["id"], {"changed": young})
    for look in (connect(adapter).lookup, connect(adapter).thread):
        with pytest.raises(errors.Refused) as caught:
            look(review["id"], {"changed": old})
        assert caught.value.message == TOO_OLD


def test_a_reply_is_sent_as_google_wants_it(adapter):
    item = connect(adapter).reply(saying(adapter, "Thank you"))
    method, url, body = adapter.requests[-1]
    assert (method, url.rpartition(":")[2], json.loads(body)) == ("POST", "reply", {"replyText": "Thank you"})
    assert item.external_id.endswith(":reply") and item.published_at is not None
    assert GooglePlay.objection(saying(adapter, "x" * 351)).params == {"length": 351, "limit": 350}
    with pytest.raises(errors.Refused):
        connect(adapter).reply(saying(adapter, "x" * 351))


@pytest.mark.parametrize("reason", ["quotaExceeded", "dailyLimitExceeded"])
def test_a_spent_quota_waits_until_it_starts_anew(adapter, reason):
    def answer(request):
        if request.url == TOKEN_URL:
            return adapter.answer(request)
        return 403, {}, json.dumps({"error": {"errors": [{"reason": reason}]}}).encode()

    with pytest.raises(errors.RateLimited) as caught:
        list(connect(adapter, answer).listen({}))
    assert caught.value.retry_at.hour == 8 and caught.value.retry_at > datetime.now(UTC)
