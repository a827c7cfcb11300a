"""Zones of moments of truth: worked cases, and what holds whatever happened."""

import random
from datetime import date, datetime, timedelta

import pytest

from analysis.cycle import Event, Moment, Position, anniversaries, base_zone, positions, zone

NOW = datetime(2026, 6, 17, 12)
DAY = timedelta(days=1)
HOUR = timedelta(hours=1)
ORDER = datetime(2026, 6, 1, 9)
BEGINS = datetime(2026, 1, 1)


def moment(**values):
    return Moment(**{"id": 1, "opens": "order", "serves": "touch", "target": 2 * DAY, "stay": 10 * DAY, **values})


def order(at=ORDER, key="o1", **values):
    return Event(at, "order", key, **values)


def touch(at, key=None, **values):
    return Event(at, "touch", key or f"t{at}", **values)


def stand(given, *events, now=NOW):
    """Return the only position there is."""
    (position,) = positions([given], events, now, BEGINS)
    return position


@pytest.mark.parametrize(
    ("served", "wanted"),
    [
        (None, "late"),
        (ORDER + 2 * DAY + timedelta(seconds=1), "late"),
        (ORDER + 2 * DAY, "on_time"),
        (ORDER + 1.5 * DAY + timedelta(seconds=1), "on_time"),
        (ORDER + 1.5 * DAY, "anticipated"),
        (ORDER, "anticipated"),
    ],
)
def test_the_limits_of_the_zones_are_exact(served, wanted):
    """Two days to serve, half a day before is anticipated: each limit belongs to the better zone."""
    given = moment(early=12 * HOUR)
    assert stand(given, order(), *([touch(served)] if served else [])).zone == wanted


def test_there_is_still_time():
    """Nobody is late before the target is past, and the next look is the second after it."""
    position = stand(moment(), order(), now=ORDER + DAY)
    assert (position.zone, position.served_at, position.current) == ("on_time", None, True)
    assert position.next_at == ORDER + 2 * DAY + timedelta(seconds=1)
    assert stand(moment(), order(), now=ORDER + 2 * DAY).zone == "on_time"
    assert stand(moment(), order(), now=position.next_at).zone == "late"


def test_without_an_early_limit_only_what_comes_before_the_moment_is_anticipated():
    given = moment(ahead=3 * DAY)
    assert stand(given, order(), touch(ORDER - HOUR)).zone == "anticipated"
    assert stand(given, order(), touch(ORDER)).zone == "on_time"
    assert stand(given, order(), touch(ORDER - 4 * DAY)).zone == "late", "that was before anything counts"


def test_who_had_to_ask_was_not_anticipated():
    given = moment(early=DAY)
    asked = Event(ORDER + HOUR, "mention", "m1")
    assert stand(given, order(), touch(ORDER + 2 * HOUR), asked).zone == "on_time"
    assert stand(given, order(), touch(ORDER + HOUR / 2), asked).zone == "anticipated"
    assert stand(moment(early=DAY, heed_questions=False), order(), touch(ORDER + 2 * HOUR), asked).zone == "anticipated"
    ticket = Event(ORDER + HOUR, "ticket_opened", "k1")
    assert stand(given, order(), touch(ORDER + 2 * HOUR), ticket).zone == "on_time"


def test_the_question_that_opens_a_moment_does_not_spoil_it():
    given = moment(opens="mention", early=DAY)
    assert stand(given, Event(ORDER, "mention", "m1"), touch(ORDER + HOUR)).zone == "anticipated"


def test_contacts_beyond_the_limit_are_too_much():
    given = moment(most_touches=2)
    touches = [touch(ORDER + hour * HOUR) for hour in (1, 2, 3)]
    assert stand(given, order(), *touches[:2]).zone == "on_time"
    position = stand(given, order(), *touches)
    assert (position.zone, position.touches) == ("excess", 3)


def test_answers_to_their_own_questions_are_never_too_much():
    given = moment(most_touches=1)
    touches = [touch(ORDER + HOUR), *(touch(ORDER + hour * HOUR, own=True) for hour in (2, 3, 4))]
    position = stand(given, order(), *touches)
    assert (position.zone, position.touches) == ("on_time", 1)


def test_contacts_outside_the_moment_do_not_count():
    given = moment(most_touches=1)
    assert stand(given, order(), touch(ORDER + HOUR), touch(ORDER + 10 * DAY), touch(ORDER - HOUR)).zone == "on_time"


def test_served_more_often_than_wanted():
    given = moment(most_serves=1)
    assert stand(given, order(), touch(ORDER + HOUR), touch(ORDER + 2 * HOUR)).zone == "excess"


def test_a_contact_after_not_now_is_too_much_until_it_ends():
    refused = Event(ORDER + HOUR, "not_now", "n1", until=ORDER + 2 * DAY)
    given = moment(stay=20 * DAY)
    assert stand(given, order(), refused, touch(ORDER + HOUR / 2)).zone == "on_time"
    assert stand(given, order(), refused, touch(ORDER + 2 * HOUR)).zone == "excess"
    assert stand(given, order(), refused, touch(ORDER + 2 * DAY)).zone == "on_time"
    assert stand(given, order(), Event(ORDER, "not_now", "n1"), touch(ORDER + DAY)).zone == "excess"
    assert stand(given, order(), Event(ORDER, "not_now", "n1"), touch(ORDER + DAY, needed=True)).zone == "on_time"


def test_only_the_wanted_purpose_and_medium_serve():
    given = moment(purpose=4, medium="call")
    assert stand(given, order(), touch(ORDER + HOUR, purpose=4, medium="email")).zone == "late"
    assert stand(given, order(), touch(ORDER + HOUR, purpose=5, medium="call")).zone == "late"
    assert stand(given, order(), touch(ORDER + HOUR, purpose=4, medium="call")).served_at == ORDER + HOUR


def test_the_promised_day_is_the_target():
    given = moment(serves="delivery", use_promise=True, early=DAY, stay=40 * DAY)
    promised = ORDER + 10 * DAY
    arrives = lambda at: Event(at, "delivery", "d1")  # noqa: E731
    assert stand(given, order(promised=promised), arrives(ORDER + 9 * DAY)).zone == "anticipated"
    assert stand(given, order(promised=promised), arrives(promised)).zone == "on_time"
    assert stand(given, order(promised=promised), arrives(promised + HOUR)).zone == "late"
    assert stand(given, order(), arrives(promised)).zone == "late", "without a promise the target counts"


def test_a_delivery_of_another_order_serves_nobody():
    given = moment(serves="delivery")
    mine = order(subject="sale.order,1")
    assert stand(given, mine, Event(ORDER + HOUR, "delivery", "d2", subject="sale.order,2")).zone == "late"
    assert stand(given, mine, Event(ORDER + HOUR, "delivery", "d2")).zone == "on_time"
    assert stand(given, mine, Event(ORDER + HOUR, "delivery", "d1", subject="sale.order,1")).zone == "on_time"


def test_a_moment_follows_the_one_before():
    """Ordered, then seven days later; ahead of time the second is known and nobody is there yet."""
    line = [moment(id=1, stay=7 * DAY), moment(id=2, opens="after", after=7 * DAY)]
    first, second = positions(line, [order()], ORDER + DAY, BEGINS)
    assert (first.moment, second.moment, second.since) == (1, 2, ORDER + 7 * DAY)
    assert (first.current, second.current, second.next_at) == (True, False, ORDER + 7 * DAY)
    first, second = positions(line, [order()], ORDER + 8 * DAY, BEGINS)
    assert (first.current, second.current) == (False, True)


def test_two_orders_are_two_rounds_and_one_place():
    """Each order has its own rounds; the customer stands where they came last."""
    line = [moment(id=1), moment(id=2, opens="after", after=2 * DAY)]
    events = [order(), order(ORDER + 3 * DAY, "o2")]
    found = positions(line, events, ORDER + 4 * DAY, BEGINS)
    assert [(one.moment, one.key) for one in found] == [(1, "o1"), (2, "o1"), (1, "o2"), (2, "o2")]
    assert [one.key for one in found if one.current] == ["o2"]


def test_after_a_while_a_customer_is_nowhere():
    position = stand(moment(), order(), now=ORDER + 10 * DAY)
    assert (position.current, position.next_at, position.zone) == (False, None, "late")


def test_what_is_older_than_the_journey_puts_nobody_on_it():
    assert positions([moment()], [order(datetime(2025, 12, 31, 23, 59))], NOW, BEGINS) == []
    assert len(positions([moment()], [order(BEGINS)], NOW, BEGINS)) == 1


def test_dates_are_told_by_kind_and_name():
    given = moment(opens="date", date_kind="own", date_name="moving day", ahead=5 * DAY)
    day = Event(NOW + 2 * DAY, "date", "x1", date_kind="own", name=" Moving DAY")
    other = Event(NOW + 2 * DAY, "date", "x2", date_kind="own", name="wedding")
    born = Event(NOW + 2 * DAY, "date", "x3", date_kind="birthday", name="moving day")
    (position,) = positions([given], [day, other, born, touch(NOW - DAY)], NOW, BEGINS)
    assert (position.zone, position.current, position.next_at) == ("anticipated", False, NOW + 2 * DAY)


def test_the_end_of_time_stops_nobody():
    """Absurd dates of an import are held within the dates that there are."""
    position = stand(moment(), order(datetime(9999, 12, 31)), now=NOW)
    assert (position.current, position.next_at) == (False, None)
    assert stand(moment(ahead=3650 * DAY), order()).zone == "late"


def test_anniversaries_and_29_february():
    leap = date(2024, 2, 29)
    assert anniversaries(leap, leap, date(2028, 12, 31)) == [
        date(2025, 2, 28),
        date(2026, 2, 28),
        date(2027, 2, 28),
        leap.replace(year=2028),
    ]
    assert anniversaries(leap, date(2025, 1, 1), date(2025, 12, 31), leap_after=True) == [date(2025, 3, 1)]
    assert anniversaries(date(2026, 5, 1), date(2020, 1, 1), date(2027, 4, 30)) == []


@pytest.mark.parametrize(
    ("place", "unhappy", "happy", "wanted"),
    [
        ("late", False, True, "dissatisfied"),
        ("excess", True, False, "dissatisfied"),
        ("excess", False, True, "excess"),
        ("anticipated", False, False, "delighted"),
        ("on_time", False, True, "delighted"),
        ("on_time", False, False, "satisfied"),
    ],
)
def test_the_base(place, unhappy, happy, wanted):
    """Anger outweighs too much, which outweighs delight."""
    assert base_zone(place, unhappy, happy) == wanted


def test_time_changes_nothing_between_the_moments_it_names():
    """Whatever happened: until the nearest ``next_at`` a later look finds the same; at that moment it is another."""
    dice = random.Random(7)
    line = [
        moment(id=1, early=DAY, most_touches=2, stay=6 * DAY),
        moment(id=2, opens="after", after=4 * DAY, ahead=DAY),
        moment(id=3, opens="delivery", serves="reply", target=6 * HOUR, stay=3 * DAY),
    ]
    for _round in range(300):
        kinds = ["order", "delivery", "touch", "reply", "mention", "not_now"]
        events = [
            Event(ORDER + timedelta(minutes=dice.randrange(20_000)), dice.choice(kinds), f"e{number}")
            for number in range(dice.randrange(1, 12))
        ]
        now = max(event.at for event in events)
        found = positions(line, events, now, BEGINS)
        coming = min((one.next_at for one in found if one.next_at), default=None)
        if coming is None:
            assert positions(line, events, now + 400 * DAY, BEGINS) == found
            continue
        assert positions(line, events, coming - timedelta(seconds=1), BEGINS) == found
        assert positions(line, events, coming, BEGINS) != found


def test_one_place_at_most():
    dice = random.Random(3)
    line = [moment(id=1), moment(id=2, opens="after", after=DAY), moment(id=3, opens="delivery")]
    for _round in range(200):
        events = [
            Event(ORDER + dice.randrange(400) * HOUR, dice.choice(["order", "delivery", "touch"]), f"e{number}")
            for number in range(8)
        ]
        found = positions(line, events, ORDER + dice.randrange(500) * HOUR, BEGINS)
        assert sum(one.current for one in found) <= 1
        assert all(isinstance(one, Position) for one in found)
        assert len({(one.moment, one.key) for one in found}) == len(found)


def test_zone_alone():
    """The rule itself, without events around it."""
    given = moment(early=DAY)
    due = ORDER + 2 * DAY
    assert zone(given, ORDER, due, ORDER, None, 1, 1, False, NOW) == "anticipated"
    assert zone(given, ORDER, due, ORDER, None, 1, 1, True, NOW) == "excess"
