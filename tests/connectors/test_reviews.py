"""What review services have in common, shown on Google Business Profile: catching up, edits, answers."""

import json
import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from connectors import errors
from connectors.google_business import GoogleBusiness
from connectors.http import Http
from connectors.reviews import BUFFERED_PAGES, LATE_SECONDS, PAGE, REMEMBERED, words

from .adapters.google_business import GoogleBusinessAdapter
from .fake_reviews import saying


def connect(adapter, answer=None):
    connector = GoogleBusiness(Http(transport=answer or adapter.answer), adapter.settings, adapter.secrets)
    connector.account_id = "accounts/101"
    return connector


def listen(adapter, cursor=None, answer=None, pages=None):
    """Return the items of a run and the cursor after it."""
    items, cursor = [], cursor or {}
    for number, page in enumerate(connect(adapter, answer).listen(cursor), 1):
        cursor = json.loads(json.dumps(page.cursor))
        items += page.items
        if number == pages:
            break
    return items, cursor


def ids(items):
    return [item.external_id for item in items]


@pytest.fixture
def adapter():
    made = GoogleBusinessAdapter()
    made.publish(5)
    return made


# --- catching up -------------------------------------------------------------------------------------------------


def test_reviews_come_oldest_first_with_their_answers(adapter):
    adapter.say(adapter.reviews[1], "Thank you")
    items, _cursor = listen(adapter)
    first, second, third = (review["id"] for review in adapter.reviews[:3])
    assert ids(items)[:4] == [first, second, second + "/reply", third]
    assert items[2].outgoing and items[2].parent_id == items[2].conversation_id == second


def test_the_first_run_looks_back_one_page_only(adapter):
    adapter.publish(PAGE * 3)
    items, cursor = listen(adapter)
    assert len(items) == PAGE and len(adapter.requests) == 1
    adapter.publish(1)
    assert ids(listen(adapter, cursor)[0]) == [adapter.reviews[-1]["id"]]


def test_an_answer_that_somebody_else_gave_is_noticed_alone(adapter):
    _items, cursor = listen(adapter)
    adapter.say(adapter.reviews[0], "From the owner's phone")
    items, cursor = listen(adapter, cursor)
    assert [(item.external_id, item.text) for item in items] == [
        (adapter.reviews[0]["id"] + "/reply", "From the owner's phone")
    ]
    adapter.say(adapter.reviews[0], "Put better")
    assert [item.text for item in listen(adapter, cursor)[0]] == ["Put better"]


def test_an_edited_review_comes_again_under_its_id(adapter):
    adapter.publish(PAGE * 2)
    _items, cursor = listen(adapter)
    adapter.reviews[-3] |= {"text": "Worse now", "stars": 1, "edited": adapter.last_change() + timedelta(hours=1)}
    ((item,), _cursor) = listen(adapter, cursor)
    assert (item.external_id, item.text, item.rating) == (adapter.reviews[-3]["id"], "Worse now", 1.0)
    assert item.edited_at > item.published_at


def test_other_stars_alone_are_an_edit(adapter):
    _items, cursor = listen(adapter)
    adapter.reviews[2] |= {"stars": 5 if adapter.reviews[2]["stars"] != 5 else 4}
    assert ids(listen(adapter, cursor)[0]) == [adapter.reviews[2]["id"]]


def test_an_old_review_that_was_changed_comes_although_it_was_never_read(adapter):
    adapter.publish(PAGE * 2)
    _items, cursor = listen(adapter)
    adapter.reviews[0] |= {"text": "I come back to this", "edited": adapter.last_change() + timedelta(minutes=1)}
    assert ids(listen(adapter, cursor)[0]) == [adapter.reviews[0]["id"]]


def test_a_review_that_shows_up_late_is_new(adapter):
    _items, cursor = listen(adapter)
    adapter.publish(1)
    adapter.reviews[-1]["at"] = adapter.reviews[0]["at"] - timedelta(seconds=LATE_SECONDS - 60)
    assert ids(listen(adapter, cursor)[0]) == [adapter.reviews[-1]["id"]]
    adapter.publish(1)
    adapter.reviews[-1]["at"] = adapter.reviews[0]["at"] - timedelta(seconds=LATE_SECONDS * 2)
    assert listen(adapter, cursor)[0] != [] and adapter.reviews[-1]["id"] not in ids(listen(adapter, cursor)[0])


def test_what_was_read_last_may_be_deleted(adapter):
    _items, cursor = listen(adapter)
    for review in adapter.reviews:
        adapter.remove(review["id"])
    published = adapter.publish(3)
    assert ids(listen(adapter, cursor)[0]) == published


@pytest.mark.parametrize("killed_after", [1, 5, BUFFERED_PAGES, BUFFERED_PAGES + 2])
def test_a_long_absence_is_caught_up_whatever_happens(adapter, killed_after):
    _items, cursor = listen(adapter)
    published = adapter.publish(PAGE * (BUFFERED_PAGES + 4))
    stored, cursor = listen(adapter, cursor, pages=killed_after)
    adapter.publish(2)
    assert len(json.dumps(cursor)) < 200_000
    rest, cursor = listen(adapter, cursor)
    assert {*ids(stored), *ids(rest)} == {*published, *(review["id"] for review in adapter.reviews[-2:])}
    assert listen(adapter, cursor)[0] == []
    assert len(cursor["reviews"]) <= REMEMBERED and "walk" not in cursor


def test_marks_of_pages_that_are_no_longer_taken_begin_the_walk_again(adapter):
    _items, cursor = listen(adapter)
    published = adapter.publish(PAGE * (BUFFERED_PAGES + 4))
    stored, cursor = listen(adapter, cursor, pages=BUFFERED_PAGES + 1)
    assert cursor["walk"]["token"]

    def refused(request):
        old = f"pageToken={cursor['walk']['token']}&" in request.url + "&"
        return (
            (400, {}, b'{"error": {"code": 400}}') if old and not refused.times.append(1) else adapter.answer(request)
        )

    refused.times = []
    rest, cursor = listen(adapter, cursor, refused)
    again, cursor = listen(adapter, cursor)
    assert refused.times and {*ids(stored), *ids(rest), *ids(again)} == set(published)


@pytest.mark.parametrize("pages", [1, BUFFERED_PAGES + 2])
def test_a_service_that_gives_the_same_page_for_ever_is_left(adapter, pages):
    _items, cursor = listen(adapter)
    adapter.publish(PAGE * (pages + 1))

    def answer(request):
        if "pageToken" in request.url and len(adapter.requests) > pages:
            request.url = re.sub("pageToken=[0-9]+", f"pageToken={PAGE * pages}", request.url)
        status, headers, body = adapter.answer(request)
        return status, headers, json.dumps({**json.loads(body), "nextPageToken": "9"}).encode()

    assert listen(adapter, cursor, answer)[0]
    assert len(adapter.requests) < pages + 5


def test_one_bad_review_is_put_aside(adapter):
    def answer(request):
        status, headers, body = adapter.answer(request)
        document = json.loads(body)
        document["reviews"][1] = {"reviewId": document["reviews"][1]["reviewId"], "comment": 5}
        document["reviews"][2] = None
        return status, headers, json.dumps(document).encode()

    (page,) = connect(adapter, answer).listen({})
    assert len(page.items) == 3 and len(page.rejects) == 2
    assert page.rejects[0].external_id == adapter.reviews[-2]["id"]


# --- one review --------------------------------------------------------------------------------------------------


def test_a_thread_is_the_review_and_its_answer(adapter):
    adapter.say(adapter.reviews[0], "Thank you")
    review_id = adapter.reviews[0]["id"]
    for item_id in (review_id, review_id + "/reply"):
        assert ids(connect(adapter).thread(item_id, {"review": review_id})) == [review_id, review_id + "/reply"]


def test_an_answer_that_was_withdrawn_is_gone(adapter):
    review_id = adapter.reviews[0]["id"]
    with pytest.raises(errors.Gone):
        connect(adapter).lookup(review_id + "/reply", {"review": review_id})


# --- answering ---------------------------------------------------------------------------------------------------


def test_an_answer_takes_the_place_of_an_earlier_one(adapter):
    first = connect(adapter).reply(saying(adapter, "Thank you"))
    second = connect(adapter).reply(saying(adapter, "Thank you very much"))
    assert first.external_id == second.external_id
    assert adapter.reviews[-1]["answer"][0] == "Thank you very much"


def test_our_own_answer_can_be_answered_too(adapter):
    item = connect(adapter).reply(saying(adapter, "Thank you"))
    target = replace(adapter.target(), external_id=item.external_id, identifiers=item.identifiers)
    connect(adapter).reply(saying(adapter, "Put better", target=target))
    assert adapter.reviews[-1]["answer"][0] == "Put better"


def test_the_same_answer_is_not_given_twice(adapter):
    connect(adapter).reply(saying(adapter, "Thank  you\nAna"))
    with pytest.raises(errors.Duplicate):
        connect(adapter).reply(saying(adapter, "Thank you Ana "))
    assert len(adapter.sent()) == 1


def test_a_look_that_fails_before_sending_leaves_no_doubt(adapter):
    with pytest.raises(errors.Retriable) as caught:
        connect(adapter, lambda request: (500, {}, b"")).reply(saying(adapter, "Thank you"))
    assert not caught.value.unsure


def test_what_was_sent_is_found_and_nothing_older_or_else(adapter):
    outgoing = saying(adapter, "Thank you")
    assert connect(adapter).find_sent(outgoing) is None
    sent = connect(adapter).reply(outgoing)
    assert connect(adapter).find_sent(outgoing).external_id == sent.external_id
    assert connect(adapter).find_sent(saying(adapter, "Other words")) is None
    later = datetime.now(UTC) + timedelta(minutes=2)
    assert connect(adapter).find_sent(saying(adapter, "Thank you", first_tried_at=later)) is None


def test_words_are_compared_as_services_keep_them():
    assert words("A <b>bold</b>\n\n word") == words("A bold word") != words("A word")
