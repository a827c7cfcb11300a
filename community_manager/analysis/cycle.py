"""Where customers stand on a journey: moments of truth, and how they were served there.

Four zones, for a moment that came at ``since`` and must be served until ``due``:

* excess: served more often than wanted, contacted more often than wanted, or contacted at all after a "not now".
  It outweighs all else, for it is what has to stop;
* late: not served and ``due`` is past, or first served after it;
* anticipated: first served at or before ``due - early``, where ``early`` is zero before ``since``, and before the
  customer asked or complained;
* on time: the rest, also while nothing has served the customer and there is still time.

What counts lies within the window of the moment: from ``since - ahead`` to ``since + stay``.
"""

from bisect import bisect_left
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

NOTHING = timedelta(0)
LATE, ON_TIME, ANTICIPATED, EXCESS = "late", "on_time", "anticipated", "excess"
#: beyond this a date is not a time anybody waits for
LAST = datetime(9000, 1, 1)


@dataclass(frozen=True)
class Moment:
    """What a moment of truth means.

    ``opens``: order, delivery, invoice, ticket_opened, ticket_closed, mention, reply, anniversary, date or after;
    ``serves``: touch, delivery, reply, ticket_closed, activity or invoice.  ``after`` is for moments that follow the
    one before, ``date_kind`` and ``date_name`` (casefolded) for dates, ``purpose`` and ``medium`` for contacts; limits
    of zero are none.
    """

    id: int
    opens: str
    serves: str
    target: timedelta
    early: timedelta = NOTHING
    ahead: timedelta = NOTHING
    stay: timedelta = timedelta(days=30)
    after: timedelta = NOTHING
    date_kind: str = ""
    date_name: str = ""
    purpose: int = 0
    medium: str = ""
    use_promise: bool = False
    most_serves: int = 0
    most_touches: int = 0
    heed_questions: bool = True


@dataclass(frozen=True, order=True)
class Event:
    """Something that happened between a customer and us, or a date to come.

    ``kind`` is one of :class:`Moment` or ``not_now``; ``key`` tells it from all others of its customer; ``own``
    marks a contact that answered the customer's own question, ``needed`` one that is no advertising; ``subject`` names
    what a delivery or the end of a ticket belongs to, where that is known.
    """

    at: datetime
    kind: str
    key: str
    person: int = 0
    promised: datetime | None = None
    until: datetime | None = None
    purpose: int = 0
    medium: str = ""
    own: bool = False
    needed: bool = False
    date_kind: str = ""
    name: str = ""
    subject: str = ""


@dataclass(frozen=True)
class Position:
    """One time that a customer comes to a moment; ``next_at`` is when time alone changes it, None for never."""

    moment: int
    key: str
    person: int
    since: datetime
    due_at: datetime
    ends_at: datetime
    served_at: datetime | None
    serves: int
    touches: int
    zone: str
    current: bool = False
    next_at: datetime | None = None


def shift(moment, by):
    """Return ``moment + by``, held within the dates that there are."""
    try:
        return min(moment + by, LAST)
    except OverflowError:
        return LAST if by > NOTHING else datetime.min


def zone(moment, since, due, served, asked, serves, touches, refused, now):
    """Return the zone of one customer at one moment, see the head of this file.

    :param Moment moment: what it means
    :param datetime since: when it came; ``due``: until when it must be served
    :param served: when it was first served, None while it was not
    :param asked: when the customer first asked or complained within the window, None if not
    :param int serves: how often it was served; ``touches``: how often the customer was contacted
    :param bool refused: whether a contact came after a "not now"
    """
    too_often = moment.most_serves and serves > moment.most_serves
    too_many = moment.most_touches and touches > moment.most_touches
    if refused or too_often or too_many:
        return EXCESS
    if (served or now) > due:
        return LATE
    if served is None:
        return ON_TIME
    if moment.heed_questions and asked is not None and asked < served:
        return ON_TIME
    ahead_of = served <= shift(due, -moment.early) if moment.early else served < since
    return ANTICIPATED if ahead_of else ON_TIME


def positions(moments, events, now, begins):
    """Return all positions of one customer on one journey, in time.

    :param list moments: :class:`Moment`, in the order of the journey
    :param list events: :class:`Event` of the customer, in any order
    :param datetime now: naive UTC
    :param datetime begins: moments that came before put nobody on the journey
    """
    by_kind = {}
    for event in sorted(events, key=lambda event: (event.at, event.key)):
        by_kind.setdefault(event.kind, []).append(event)
    found, before = [], []
    for place, moment in enumerate(moments):
        opened = _openings(moment, by_kind, before if place else [], begins)
        before = [_position(moment, event, by_kind, now) for event in opened]
        found += [(position.since, place, position) for position in before]
    found.sort(key=lambda entry: entry[:2])
    line = [position for _since, _place, position in found]
    return _with_current(line, now)


def _openings(moment, by_kind, before, begins):
    """Return the events that put the customer at a moment, each once."""
    if moment.opens == "after":
        events = [
            Event(shift(position.since, moment.after), "after", position.key, position.person) for position in before
        ]
    else:
        events = by_kind.get(moment.opens, [])
    if moment.opens == "date":
        events = [event for event in events if event.date_kind == moment.date_kind]
        if moment.date_name:
            events = [event for event in events if event.name.strip().casefold() == moment.date_name]
    seen, kept = set(), []
    for event in events:
        if event.at >= begins and event.key not in seen:
            seen.add(event.key)
            kept.append(event)
    return kept


def _within(events, first, last):
    """Return those of ``events``, which are in time, that lie in ``[first, last)``."""
    start = bisect_left(events, first, key=lambda event: event.at)
    return events[start : bisect_left(events, last, key=lambda event: event.at)]


def _position(moment, opened, by_kind, now):
    since = opened.at
    due = shift(since, moment.target)
    if moment.use_promise and opened.promised:
        due = opened.promised
    first, last = shift(since, -moment.ahead), shift(since, moment.stay)
    last = max(last, due + timedelta(seconds=1))  # what comes in the very second that it is due is on time
    happened = min(last, now + timedelta(seconds=1))
    serving = [
        event for event in _within(by_kind.get(moment.serves, []), first, happened) if _serves(moment, opened, event)
    ]
    contacts = [event for event in _within(by_kind.get("touch", []), first, happened) if not event.own]
    asked = [
        event
        for kind in ("mention", "ticket_opened")
        for event in _within(by_kind.get(kind, []), first, happened)
        if event.key != opened.key
    ]
    refused = any(
        event.at < contact.at and (event.until is None or contact.at < event.until)
        for event in by_kind.get("not_now", [])
        for contact in contacts
        if not contact.needed
    )
    served = serving[0].at if serving else None
    told = zone(
        moment,
        since,
        due,
        served,
        min((event.at for event in asked), default=None),
        len(serving),
        len(contacts),
        refused,
        now,
    )
    return Position(
        moment=moment.id,
        key=opened.key,
        person=opened.person,
        since=since,
        due_at=due,
        ends_at=last,
        served_at=served,
        serves=len(serving),
        touches=len(contacts),
        zone=told,
    )


def _serves(moment, opened, event):
    """Return whether ``event``, which is of the right kind, serves the customer at a moment that ``opened``."""
    if moment.serves == "touch":
        return event.purpose == (moment.purpose or event.purpose) and event.medium == (moment.medium or event.medium)
    # what is known to belong to another order or ticket does not serve this one
    return not event.subject or not opened.subject or event.subject == opened.subject


def _with_current(line, now):
    """Return positions with which of them is the customer's place now, and when time alone changes each."""
    place = None
    for index, position in enumerate(line):
        if position.since <= now < position.ends_at:
            place = index
    return [
        replace(position, current=index == place, next_at=_next(position, now)) for index, position in enumerate(line)
    ]


def _next(position, now):
    """Return when time alone changes a position: it comes, it is late, it ends."""
    moments = [position.since, position.ends_at]
    if position.served_at is None and position.zone == ON_TIME:
        moments.append(position.due_at + timedelta(seconds=1))
    return min((moment for moment in moments if now < moment < LAST), default=None)


def anniversaries(first, begins, until, leap_after=False):
    """Return the anniversaries of a day, the day itself left out.

    29 February is kept on 28 February of other years, or on 1 March.

    :param date first: what is remembered
    :param date begins: none before; ``until``: none after
    :param bool leap_after: whether 29 February moves to 1 March
    :returns: list of dates
    """
    days = []
    for year in range(max(first.year + 1, begins.year), until.year + 1):
        try:
            day = first.replace(year=year)
        except ValueError:
            day = date(year, 3, 1) if leap_after else date(year, 2, 28)
        if begins <= day <= until:
            days.append(day)
    return days


def base_zone(place, unhappy, happy):
    """Return how a customer stands as a whole: dissatisfied, excess, delighted or satisfied.

    :param str place: zone of the customer's place on the journey
    :param bool unhappy: rated badly, spoke badly of us or complained lately
    :param bool happy: rated well or praised us lately
    """
    if unhappy or place == LATE:
        return "dissatisfied"
    if place == EXCESS:
        return "excess"
    return "delighted" if happy or place == ANTICIPATED else "satisfied"
