"""How counts of mentions become alarms: buckets, what is learned of them, and what is unusual among the last ones.

Counts are of quarters of an hour, each by when its mentions were published.  What people write reaches us late: a poll
comes by the hour, a network delays, a server was off.  So each bucket is *learned* only when it has settled, once and
for good; what is said *now* is read by a copy of the detector which goes on through all buckets that have not settled,
the one under way among them.  As a bucket only grows, what alarms while it is half full would alarm when it is full.

History that is brought later than that never alarms, as settled buckets are not looked at again.
"""

from collections import deque
from dataclasses import dataclass
from datetime import UTC, datetime

from ...analysis.bursts import BurstDetector, Tuning

#: seconds of a bucket: zones differ from UTC by multiples of it
BUCKET = 900
AN_HOUR = 3600 // BUCKET
#: seconds after which a bucket has settled: longer than the slowest poll, and than a night's maintenance
SETTLE = 6 * 3600
#: seconds of history that are learned at first
HISTORY = 56 * 86400
#: seconds before which nothing is called unusual
LEARNING = int(Tuning().warm)
#: an event is over when nothing of it was seen for so many seconds
SILENCE = 86400
#: score from which an event is told
SCORES = {"low": 0.5, "normal": 0.35, "high": 0.2}
#: what is counted, and how many within an hour are needed to speak of an event
LEAST = {"volume": 5, "negative": 3}


def bucket_of(moment):
    """Return the beginning of the bucket of a moment, in seconds since 1970.

    :param datetime moment: naive UTC
    """
    return int(moment.replace(tzinfo=UTC).timestamp()) // BUCKET * BUCKET


def moment_of(bucket):
    """Return when a bucket begins, naive UTC."""
    return datetime.fromtimestamp(bucket, UTC).replace(tzinfo=None)


def detector_of(kind, sensitivity, state=None):
    """Return a detector for the counts of one kind, fresh or as it was stored.

    :param str kind: "volume" or "negative"
    :param str sensitivity: "low", "normal" or "high"
    :param dict state: as of :meth:`~...analysis.bursts.BurstDetector.state`
    :raises ValueError: the state is of another version
    """
    return BurstDetector(BUCKET, state, Tuning(alert=SCORES[sensitivity]))


@dataclass(frozen=True, slots=True)
class Seen:
    """What was seen in one bucket."""

    #: When the bucket begins, seconds since 1970.
    bucket: int
    #: Mentions in it, and how many were expected.
    count: int
    expected: float
    #: The same within the hour that ends with it.
    hour: int
    hour_expected: float
    #: How rare it is, 0 to 1, and in usual spreads.
    score: float
    z: float
    #: Whether an event that is to be told is under way.
    alarming: bool


def go_on(kind, detector, zone, counts, begin, end):
    """Let a detector read the buckets from ``begin`` to before ``end``; yield what it has :class:`Seen` in each.

    :param str kind: "volume" or "negative"
    :param detector: a :class:`~...analysis.bursts.BurstDetector`, which learns
    :param zone: of the people who write: their hours and weekdays are learned
    :param dict counts: ``{bucket: mentions}``
    """
    last = deque((counts.get(begin - BUCKET * back, 0) for back in range(AN_HOUR - 1, 0, -1)), maxlen=AN_HOUR)
    usual = deque(maxlen=AN_HOUR)
    for bucket in range(begin, end, BUCKET):
        count = counts.get(bucket, 0)
        reading = detector.update(datetime.fromtimestamp(bucket, zone), count)
        last.append(count)
        usual.append(reading.expected)
        unusual = reading.event and reading.strength >= detector.tuning.alert
        yield Seen(
            bucket,
            count,
            reading.expected,
            sum(last),
            sum(usual) * AN_HOUR / len(usual),
            reading.strength,
            reading.z,
            unusual and sum(last) >= LEAST[kind],
        )


def events_of(seen):
    """Return the first bucket of each event among what was seen, with silence between them.

    :param seen: iterable of :class:`Seen`, in order
    """
    found, last = [], None
    for one in seen:
        if one.alarming:
            if last is None or one.bucket - last >= SILENCE:
                found.append(one)
            last = one.bucket
    return found
