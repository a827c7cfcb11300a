"""Trustpilot against its documented answers, its access, and what only it has."""

import json
from datetime import UTC, datetime, timedelta

import pytest

from connectors import errors
from connectors.http import Http
from connectors.trustpilot import NO_SECRET, NO_TOKEN, NO_UNIT, NOT_TAKEN, UNKNOWN_UNIT, Trustpilot

from .adapters.trustpilot import TOKEN, UNIT, USER, TrustpilotAdapter
from .discovery import checked
from .fake_reviews import saying


def connect(adapter, answer=None, secrets=None, **values):
    settings = {**adapter.settings, **values}
    return Trustpilot(
        Http(transport=answer or adapter.answer), settings, adapter.secrets if secrets is None else secrets
    )


@pytest.fixture
def adapter():
    made = TrustpilotAdapter()
    made.publish(60)
    return made


def test_everything_that_is_asked_and_answered_is_in_the_documentation(adapter):
    answer, schemas = checked("trustpilot", adapter)

    def ask(request):
        # access is asked for with a form, which is no object
        return adapter.answer(request) if "/oauth/" in request.url else answer(request)

    connector = connect(adapter, ask)
    connector.check()
    for page in connector.listen({}):
        cursor = page.cursor
    adapter.publish(70)
    connector.reply(saying(adapter, "Thank you"))
    items = [item for page in connector.listen(cursor) for item in page.items]
    assert len(items) == 71
    assert schemas.used == set(schemas.documents[0]["methods"]) - {"token"}


def test_a_review_is_read(adapter):
    item = connect(adapter).lookup(adapter.reviews[0]["id"], {})
    assert (item.title, item.text, item.rating, item.language, item.likes) == ("Title 1", "Review 1", 2.0, "es", 3)
    assert item.url == f"https://www.trustpilot.com/reviews/{item.external_id}"
    assert item.published_at == adapter.reviews[0]["at"] and item.edited_at is None
    assert item.author.url.startswith("https://www.trustpilot.com/users/507f191e810c19729de8")


def test_the_business_is_found_once_and_remembered(adapter):
    for page in connect(adapter).listen({}):
        cursor = json.loads(json.dumps(page.cursor))
    assert cursor["kept"] == {"unit": ["acme.example", UNIT]}
    adapter.requests.clear()
    list(connect(adapter).listen(cursor))
    assert len(adapter.requests) == 1
    list(connect(adapter, business_unit=UNIT).listen({}))
    assert not [url for _method, url, _body in adapter.requests if "find" in url]
    assert connect(adapter, business_unit="https://Acme.example/").check().account_id == UNIT


def test_another_domain_is_looked_up_again(adapter):
    for page in connect(adapter).listen({}):
        cursor = page.cursor
    with pytest.raises(errors.Misconfigured) as caught:
        list(connect(adapter, business_unit="other.example").listen(cursor))
    assert caught.value.message == UNKNOWN_UNIT % {"name": "other.example"}
    with pytest.raises(errors.Misconfigured) as caught:
        list(connect(adapter, business_unit=" ").listen({}))
    assert caught.value.message == NO_UNIT


def test_reading_needs_the_key_only(adapter):
    connector = connect(adapter, secrets={})
    items = [item for page in connector.listen({}) for item in page.items]
    assert len(items) == 50 and not connector.renewable()
    assert connector.check().missing == [NO_SECRET]
    with pytest.raises(errors.Misconfigured) as caught:
        connector.reply(saying(adapter, "Thank you"))
    assert caught.value.message == NO_SECRET and not caught.value.unsure


def test_replying_needs_somebody_who_replies(adapter):
    with pytest.raises(errors.Misconfigured):
        connect(adapter, business_user="").reply(saying(adapter, "Thank you"))
    with pytest.raises(errors.Refused) as caught:
        connect(adapter, business_user="0" * 24).reply(saying(adapter, "Thank you"))
    assert caught.value.message == NOT_TAKEN


def test_a_reply_is_sent_as_trustpilot_wants_it(adapter):
    item = connect(adapter).reply(saying(adapter, "Thank you"))
    method, url, body = adapter.requests[-1]
    assert (method, url.removeprefix("https://api.trustpilot.com/v1")) == (
        "POST", f"/private/reviews/{adapter.reviews[-1]['id']}/reply"
    )  # fmt: skip
    assert json.loads(body) == {"authorBusinessUserId": USER, "message": "Thank you"}
    assert (item.outgoing, item.parent_id) == (True, adapter.reviews[-1]["id"])


def test_access_is_renewed_by_key_and_secret_and_kept(adapter):
    connector = connect(adapter)
    assert connector.renewable()
    tokens = connector.renew()
    assert tokens.secrets == {"access_token": TOKEN}
    assert timedelta(hours=99) < tokens.expires_at - datetime.now(UTC) < timedelta(hours=101)
    adapter.requests.clear()
    connect(adapter, secrets={**adapter.secrets, **tokens.secrets}).reply(saying(adapter, "Thank you"))
    assert not [url for _method, url, _body in adapter.requests if "oauth" in url]


def test_access_that_ended_is_renewable_and_a_wrong_secret_is_not(adapter):
    with pytest.raises(errors.AccessExpired) as caught:
        connect(adapter, secrets={**adapter.secrets, "access_token": "old"}).reply(saying(adapter, "Thank you"))
    assert caught.value.message == NO_TOKEN and not caught.value.unsure
    with pytest.raises(errors.AccessExpired):
        connect(adapter, secrets={"api_secret": "wrong"}).renew()


@pytest.mark.parametrize("body", [b"{}", b"[]", b'{"access_token": 5}', b'{"access_token": "\\u00e9"}'])
def test_an_unreadable_grant_is_an_error(adapter, body):
    with pytest.raises(errors.Malformed):
        connect(adapter, lambda request: (200, {}, body)).renew()


def test_a_reply_that_was_changed_on_the_site_is_noticed(adapter):
    for page in connect(adapter).listen({}):
        cursor = page.cursor
    adapter.say(adapter.reviews[-1], "From the site")
    (item,) = [item for page in connect(adapter).listen(cursor) for item in page.items]
    assert (item.outgoing, item.text) == (True, "From the site")


def test_the_trust_score_is_the_rating(adapter):
    assert connect(adapter).metrics([]).rating == 4.6
