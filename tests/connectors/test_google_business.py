"""Google Business Profile against its published schemas, and what only it has."""

import json

import pytest

from connectors import errors
from connectors.google import API_OFF, NARROW
from connectors.google_business import NO_PLACE, GoogleBusiness, original
from connectors.http import Http

from .adapters.google_business import PLACE, GoogleBusinessAdapter, refusal
from .discovery import checked
from .fake_reviews import saying


def connect(adapter, answer=None, **values):
    settings = {**adapter.settings, **values}
    return GoogleBusiness(Http(transport=answer or adapter.answer), settings, adapter.secrets)


@pytest.fixture
def adapter():
    made = GoogleBusinessAdapter()
    made.publish(60)
    return made


def test_everything_that_is_asked_and_answered_is_in_the_published_schemas(adapter):
    answer, schemas = checked("google_business", adapter)
    connector = connect(adapter, answer)
    cursor = {}
    for _turn in range(2):
        for page in connector.listen(cursor):
            cursor = page.cursor
        adapter.publish(70)
    connector.check()
    connector.choices()
    connector.metrics([])
    item = connector.reply(saying(adapter, "Thank you"))
    connector.lookup(item.external_id, item.identifiers)
    post = connector.publish(saying(adapter, "We open at nine", "publish", language="en"))
    connector.lookup(post.external_id, post.identifiers)
    assert connector.find_sent(saying(adapter, "We open at nine", "publish")).external_id == post.external_id
    assert schemas.used == {name for document in schemas.documents for name in document["methods"]}


def test_a_review_is_read_with_its_stars_and_times(adapter):
    item = connect(adapter).lookup(adapter.reviews[0]["id"], {})
    assert (item.kind, item.rating, item.text, item.origin) == ("review", 2.0, "Review 1", "own")
    assert item.published_at == adapter.reviews[0]["at"] and item.edited_at is None
    assert (item.realm, item.author.realm, item.author.name) == ("locations/202", "locations/202", "Eva")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Muy bueno\n\n(Translated by Google)\nVery good", "Muy bueno"),
        ("(Translated by Google) Very good\n\n(Original)\nMuy bueno", "Muy bueno"),
        ("Nothing of it", "Nothing of it"),
        ("(Translated by Google) only", "(Translated by Google) only"),
    ],
)
def test_a_translation_by_google_is_left_out(text, expected):
    assert original(text) == expected


def test_reviews_without_words_or_names_are_read(adapter):
    entry = {
        "reviewId": "x",
        "starRating": "FIVE",
        "reviewer": {"isAnonymous": True},
        "createTime": "2026-01-01T00:00:00Z",
    }
    item = connect(adapter).found(entry).review
    assert (item.text, item.rating, item.author.name) == ("", 5.0, "Google")
    assert connect(adapter).found({**entry, "starRating": "STAR_RATING_UNSPECIFIED"}).review.rating is None


def test_without_a_place_one_has_to_be_chosen(adapter):
    connector = connect(adapter, location="")
    with pytest.raises(errors.Misconfigured) as caught:
        list(connector.listen({}))
    assert caught.value.message == NO_PLACE
    found = connector.check()
    assert (found.ok, found.account, found.missing, found.sample) == (True, "Ana Ruiz", [NO_PLACE], [])
    places = connector.choices()["location"]
    assert (PLACE, "Acme Boots, Sevilla") in places or ("accounts/100/locations/202", "Acme Boots, Sevilla") in places
    assert len(places) == 1, "a place that two accounts reach is offered once"
    chosen = connect(adapter, location=places[0][0])
    assert chosen.place == "locations/202"


@pytest.mark.parametrize("place", ["accounts/1", "accounts/../locations/2/x", "x/1/locations/2", "accounts/1/places/2"])
def test_what_is_no_place_is_not_asked_for(adapter, place):
    with pytest.raises(errors.Misconfigured):
        list(connect(adapter, location=place).listen({}))
    assert not adapter.requests


def test_an_account_is_known_by_its_own_name_whatever_else_it_manages(adapter):
    assert connect(adapter).check().account_id == "accounts/101"


def test_a_reply_is_put_and_counted_in_bytes(adapter):
    connect(adapter).reply(saying(adapter, "¡Gracias!"))
    method, url, body = adapter.requests[-1]
    assert (method, url.rpartition("/")[2], json.loads(body)) == ("PUT", "reply", {"comment": "¡Gracias!"})
    assert GoogleBusiness.length("¡Gracias!") == 10
    assert GoogleBusiness.objection(saying(adapter, "ñ" * 2049)).params == {"length": 4098, "limit": 4096}


def test_a_text_that_google_does_not_take_is_refused(adapter):
    with pytest.raises(errors.Refused) as caught:
        connect(adapter).reply(saying(adapter, "ñ" * 2049))
    assert not caught.value.unsure and not adapter.sent()


def test_an_older_post_of_the_same_words_is_not_taken_for_ours(adapter):
    connect(adapter).publish(saying(adapter, "We open at nine", "publish"))
    adapter.posts[0]["createTime"] = "2026-01-01T00:00:00.000000Z"
    assert connect(adapter).find_sent(saying(adapter, "We open at nine", "publish")) is None


def test_figures_are_the_stars_and_the_views_of_the_last_counted_day(adapter):
    figures = connect(adapter).metrics([])
    assert (figures.rating, figures.views) == (4.2, 360)


@pytest.mark.parametrize(
    ("answer", "kind", "sentence"),
    [
        (refusal(403, "PERMISSION_DENIED", "SERVICE_DISABLED"), errors.AccessDenied, API_OFF),
        (refusal(403, "PERMISSION_DENIED", "ACCESS_TOKEN_SCOPE_INSUFFICIENT"), errors.AccessDenied, NARROW),
        (refusal(429, "RESOURCE_EXHAUSTED", "RATE_LIMIT_EXCEEDED"), errors.RateLimited, None),
        (refusal(401, "UNAUTHENTICATED", "ACCESS_TOKEN_EXPIRED"), errors.AccessExpired, None),
        (refusal(400, "INVALID_ARGUMENT"), errors.Misconfigured, None),
        (refusal(503, "UNAVAILABLE"), errors.Retriable, None),
    ],
)
def test_reasons_of_google_become_the_errors_they_are(adapter, answer, kind, sentence):
    with pytest.raises(kind) as caught:
        list(connect(adapter, lambda request: answer).listen({}))
    assert sentence is None or caught.value.message == sentence


def test_what_a_reply_went_through_is_kept(adapter):
    entry = adapter.review(adapter.reviews[0])
    entry["reviewReply"] = {"comment": "Thanks", "updateTime": "2026-01-01T00:00:00Z", "reviewReplyState": "REJECTED"}
    assert connect(adapter).found(entry).answer.identifiers["state"] == "REJECTED"
