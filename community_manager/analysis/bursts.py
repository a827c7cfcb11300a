"""Notice when a topic is suddenly talked about more than its own past explains.

A :class:`BurstDetector` watches the counts of one topic (all mentions, or the negative ones) in buckets of fixed
length, one bucket after the other, and looks at no bucket twice.  It learns

* what is *normal*: a level, times the rhythm of the hours of the day, times the rhythm of the weekdays, and how far
  counts usually lie from it.  Each is a moving average of residuals clipped at some spreads (Huber's psi), so that a
  burst teaches it little: P. J. Huber, "Robust Estimation of a Location Parameter", Ann. Math. Statist. 35 (1964).
* what is *rare*: how high the statistic of this topic rises anyway.  A fixed Poisson limit does not do, as people talk
  in waves.  The excess over a high quantile of the topic's own past is taken as exponential, the simplest tail of the
  generalised Pareto family: J. Pickands, "Statistical Inference Using Extreme Order Statistics", Ann. Statist. 3
  (1975); streaming use as in A. Siffer et al., "Anomaly Detection in Streams with Extreme Value Theory", KDD 2017.  The
  quantile follows by stochastic approximation: H. Robbins, S. Monro, Ann. Math. Statist. 22 (1951).

The statistic is the robust z of an exponentially weighted mean (S. W. Roberts, Technometrics 1, 1959).  Topics with few
posts an hour are also judged by the CUSUM of that z, which adds up small excesses (E. S. Page, "Continuous Inspection
Schemes", Biometrika 41, 1954), against a tail of its own; the rarer of the two counts.

A burst alerts once; then there is silence until the event is over.

>>> from datetime import datetime, timedelta
>>> detector = BurstDetector(3600)
>>> start = datetime(2026, 1, 5)
>>> readings = [detector.update(start + timedelta(hours=n), 20 + n % 3) for n in range(24 * 7)]
>>> any(reading.alert for reading in readings)
False
>>> detector.update(start + timedelta(days=7), 200).alert
True
>>> detector.update(start + timedelta(days=7, hours=1), 200).alert
False
"""

import math
from dataclasses import dataclass
from datetime import UTC, datetime

#: Counts above are taken as this: nothing that is counted reaches it, and sums of it stay finite.
MOST = 1e12
HOUR = 3600.0
DAY = 24 * HOUR
#: Mean absolute deviation to standard deviation of a normal law is sqrt(pi/2) = 1.25; clipping takes some away.
_DEVIATION = 1.35
#: Shapes of a day and a week stay within these multiples of the level.
_HOURS = (0.1, 4.0)
_DAYS = (0.2, 3.0)
_VERSION = 1


@dataclass(frozen=True)
class Tuning:
    """How fast a detector learns and when it speaks; times in seconds.

    The values are round ones from the middle of what works, not the best found for any data.
    """

    #: Time constant of the mean that is judged: a burst lasts longer than one odd bucket.
    smooth: float = HOUR
    #: Time constants of the level, of the spread, and of the tail.
    level: float = 3 * DAY
    spread: float = 4 * DAY
    tail: float = 5 * DAY
    #: Share of what is learned about an hour of the day on each visit, and about a weekday on each of its days.
    season: float = 0.1
    #: Residuals beyond so many spreads teach no more than this many.
    clip: float = 2.5
    #: The spread of an hour grows with its expected count to this power.
    power: float = 0.25
    #: The tail begins where this share of the past lies below.
    quantile: float = 0.95
    #: Where the tail begins, and its mean excess, before anything is known.
    start: float = 1.5
    excess: float = 0.5
    #: Mean excesses over the tail's beginning that make a score of 1 - 1/e.
    scale: float = 12.0
    #: Scores up to the first open no event; an event alerts once its score reaches the second.
    least: float = 0.05
    alert: float = 0.35
    #: A higher score is news within an event if it covers this share of the way left to 1.
    step: float = 0.25
    #: After so long without a higher score the next one is news again; the event is over once, besides, nothing was
    #: unusual for some time.
    silence: float = DAY
    calm: float = 3 * HOUR
    #: An event that lasts longer has become normal.
    longest: float = 7 * DAY
    #: No score before so much has been seen.
    warm: float = DAY
    #: Posts an hour under which the CUSUM counts too (at a third more, no longer); its slack and its cap in spreads.
    quiet: float = 10.0
    slack: float = 1.0
    cap: float = 8.0


@dataclass(frozen=True, slots=True)
class Reading:
    """What a detector says about one bucket."""

    #: 0 (usual, or not new within an event) to 1 (never so rare).
    score: float
    #: Whether to tell people: once in an event.
    alert: bool
    #: Posts expected in this bucket and posts seen; seen is None for a count that cannot be one.
    expected: float
    seen: float | None
    #: Distance of the smoothed count from what is expected, in usual spreads.
    z: float
    #: Score whether it is new or not.
    strength: float
    #: Whether an event is under way after this bucket.
    event: bool


class BurstDetector:
    """Streaming detector for one topic: feed it each bucket in order, store :meth:`state` between runs.

    Hours and weekdays are those of the moments given, so give them in the time zone of the people who write.
    """

    def __init__(self, bucket: float, state: dict | None = None, tuning: Tuning | None = None):
        if not (math.isfinite(bucket) and 0 < bucket <= DAY):
            raise ValueError("A bucket lasts more than nothing and at most a day.")
        self.bucket = float(bucket)
        self.tuning = tuning = tuning or Tuning()
        self._first = self._last = None
        self._level = self._spread = self._mean = self._sum = 0.0
        self._hours = [1.0] * 24
        self._days = [1.0] * 7
        #: Where the tail begins and its mean excess: of the z, and of the CUSUM.
        self._tails = [[tuning.start, tuning.excess], [tuning.start, tuning.excess]]
        self._quiet = False
        #: The event under way: when it began, its last news, when something was unusual, its score, whether it alerted.
        self._event: list | None = None
        # Shares of one bucket in the moving averages.
        self._fresh = 1 - math.exp(-self.bucket / tuning.smooth)
        self._noise = self._fresh / (2 - self._fresh)
        if state is not None:
            self._load(state)

    # ------------------------------------------------------------------------------------------------- storing

    def state(self) -> dict:
        """Everything learned, for JSON; ``BurstDetector(bucket, state)`` goes on as if it had never stopped."""
        return {
            "version": _VERSION,
            "bucket": self.bucket,
            "first": self._first,
            "last": self._last,
            "level": self._level,
            "spread": self._spread,
            "mean": self._mean,
            "sum": self._sum,
            "hours": list(self._hours),
            "days": list(self._days),
            "tails": [list(tail) for tail in self._tails],
            "quiet": self._quiet,
            "event": self._event and list(self._event),
        }

    def _load(self, state):
        if state.get("version") != _VERSION or state.get("bucket") != self.bucket:
            raise ValueError("This state belongs to another version or another length of bucket.")
        self._first, self._last = state["first"], state["last"]
        self._level, self._spread = state["level"], state["spread"]
        self._mean, self._sum = state["mean"], state["sum"]
        self._hours, self._days = list(state["hours"]), list(state["days"])
        self._tails = [list(tail) for tail in state["tails"]]
        self._quiet = state["quiet"]
        self._event = state["event"] and list(state["event"])

    # ------------------------------------------------------------------------------------------------- judging

    def expected(self, moment: datetime) -> float:
        """Posts that are normal for the bucket at ``moment``."""
        return self._level * self._hour(moment) * self._days[moment.weekday()]

    def update(self, moment: datetime, count: float | None) -> Reading:
        """Judge the bucket that begins at ``moment``, then learn from it.

        A count that cannot be one (missing, negative, not a number) and a moment not after the last teach nothing.
        """
        when = (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()
        seen = float(count) if count is not None else math.nan
        if not (seen >= 0 and math.isfinite(seen)) or self._last is not None and when <= self._last:
            known = seen if seen >= 0 and math.isfinite(seen) else None
            return Reading(0.0, False, self.expected(moment), known, 0.0, 0.0, self._event is not None)
        seen = min(seen, MOST)
        tuning = self.tuning
        if self._first is None:
            self._first, self._mean = when, seen
            self._level = max(seen, self._floor())
            self._spread = self._level / 2
        else:
            self._skip(moment, when - self._last)
        self._last = when
        expected = self.expected(moment)
        self._mean += self._fresh * (seen - self._mean)
        # Where more is usual, counts vary more: by a power between none and the square root of a Poisson law.
        width = (expected / self._level) ** tuning.power
        # No topic varies less than a Poisson law; a post an hour more, so that the first after silence is no burst.
        least = math.sqrt((expected + self.bucket / HOUR) * self._noise)
        residual = (self._mean - expected) / width
        z = residual / max(self._spread, least, self._level / 50)
        z = max(-MOST, min(MOST, z))
        strength = self._strength(z)
        self._learn(moment, when, residual, z, width)
        score, alert = 0.0, False
        if when - self._first > tuning.warm:
            score, alert = self._judge(when, strength)
        return Reading(score, alert, expected, seen, z, strength, self._event is not None)

    def _strength(self, z):
        """How rare the statistic is in the past of this topic, 0 to 1."""
        tuning = self.tuning
        self._sum = max(0.0, self._sum + (min(z, tuning.cap) - tuning.slack) * min(1.0, self.bucket / tuning.smooth))
        an_hour = self._level * HOUR / self.bucket
        self._quiet = an_hour < tuning.quiet * (4 / 3 if self._quiet else 1)
        (begin, excess), (begin_sum, excess_sum) = self._tails
        beyond = (z - begin) / excess
        if self._quiet:
            beyond = max(beyond, (self._sum - begin_sum) / excess_sum)
        return -math.expm1(-max(0.0, beyond) / tuning.scale)

    def _judge(self, when, strength):
        """Score and alert: news only, and one alert an event."""
        tuning, event = self.tuning, self._event
        if event:
            began, news, unusual, _highest, _alerted = event
            faded = when - news > tuning.silence
            if faded and when - unusual > tuning.calm or when - began > tuning.longest:
                event = self._event = None
            elif faded:
                event[3] = 0.0
        if strength <= tuning.least:
            return 0.0, False
        if not event:
            self._event = [when, when, when, strength, strength >= tuning.alert]
            return strength, strength >= tuning.alert
        event[2] = when
        if event[3] and strength <= event[3] + tuning.step * (1 - event[3]):
            return 0.0, False
        alert = strength >= tuning.alert and not event[4]
        event[1], event[3], event[4] = when, strength, event[4] or alert
        return strength, alert

    # ------------------------------------------------------------------------------------------------ learning

    def _floor(self):
        """The lowest level that is told from nothing: a post in a hundred hours."""
        return self.bucket / HOUR / 100

    def _hour(self, moment):
        """The rhythm of the day, drawn as lines between the middles of the hours."""
        place = moment.hour + moment.minute / 60 - 0.5
        hour = math.floor(place)
        share = place - hour
        return self._hours[hour % 24] * (1 - share) + self._hours[(hour + 1) % 24] * share

    def _skip(self, moment, elapsed):
        """Buckets nobody counted: what was under way fades towards the expected."""
        missing = elapsed - self.bucket
        if missing > self.bucket / 2:
            kept = math.exp(-missing / self.tuning.smooth)
            expected = self.expected(moment)
            self._mean = expected + (self._mean - expected) * kept
            self._sum *= kept

    def _learn(self, moment, when, residual, z, width):
        tuning, bucket = self.tuning, self.bucket
        # Young averages weigh all buckets alike (after two hours or two buckets), old ones forget.
        age = max(when - self._first, 2 * HOUR, 2 * bucket)

        def share(constant):
            return -math.expm1(-bucket / min(constant, age))

        spread = max(self._spread, self._level / 50)
        clipped = max(-tuning.clip, min(tuning.clip, residual / spread)) * spread * width
        hour, day = self._hour(moment), self._days[moment.weekday()]
        level = self._level
        self._level = min(MOST, max(self._floor(), level + share(tuning.level) * clipped / max(hour * day, 0.2)))
        rate = tuning.season * clipped / self._level
        learned = self._hours[moment.hour] + rate * bucket / max(HOUR, bucket) / day
        self._hours[moment.hour] = min(_HOURS[1], max(_HOURS[0], learned))
        learned = day + rate * bucket / DAY / hour
        self._days[moment.weekday()] = min(_DAYS[1], max(_DAYS[0], learned))
        distance = min(abs(residual), tuning.clip * spread)
        self._spread = max(self._floor() / 100, spread + share(tuning.spread) * (distance * _DEVIATION - spread))
        share_tail = share(tuning.tail)
        for tail, statistic in zip(self._tails, (z, self._sum), strict=True):
            self._learn_tail(tail, statistic, share_tail)

    def _learn_tail(self, tail, statistic, share):
        """Move the quantile by a step up or down, and the mean excess towards this one if it is beyond."""
        begin, excess = tail
        over = statistic - begin
        step = self.tuning.quantile if over > 0 else self.tuning.quantile - 1
        tail[0] = max(0.5, begin + 6 * share * excess * step)
        if over > 0:
            tail[1] = max(0.2, excess + min(0.3, 10 * share) * (min(over, 4 * excess) - excess))
