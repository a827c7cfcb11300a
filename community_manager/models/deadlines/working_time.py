"""Time that counts: only while somebody works, in plain Python over intervals that are looked up once.

Moments are seconds since :const:`BASE`, UTC, so that a page of mentions is planned without a query or a time zone.
"""

from bisect import bisect_right
from datetime import datetime, timedelta

#: a Monday, so that periods of whole weeks begin with a week
BASE = datetime(2000, 1, 3)
#: days whose working hours are looked up together
PERIOD_DAYS = 28
PERIOD = PERIOD_DAYS * 86400
#: periods that are looked through for working hours: more than a year
MOST_PERIODS = 16
#: seconds that a local day may begin before or after the day in UTC
DAY = 86400


def seconds_of(moment):
    """Return a naive UTC time as seconds.

    >>> seconds_of(datetime(2000, 1, 3, 1))
    3600.0
    """
    return (moment - BASE).total_seconds()


def moment_of(seconds):
    """Return the naive UTC time of some seconds, in whole seconds.

    >>> moment_of(3600.2)
    datetime.datetime(2000, 1, 3, 1, 0)
    """
    return BASE + timedelta(seconds=round(seconds))


class WorkingTime:
    """When work is done, as far as it was asked for.

    >>> office = WorkingTime(lambda period: ((9 * 3600.0,), (17 * 3600.0,)) if period == 0 else ((), ()))
    >>> office.plan(1800, datetime(2000, 1, 3, 6))
    datetime.datetime(2000, 1, 3, 9, 30)
    >>> office.between(datetime(2000, 1, 3, 16), datetime(2000, 1, 4))
    3600.0

    Where nobody works for more than a year, every hour counts: nobody is to wait for ever.

    >>> WorkingTime(lambda period: ((), ())).plan(60, datetime(2000, 1, 3))
    datetime.datetime(2000, 1, 3, 0, 1)
    >>> WorkingTime(None).plan(60, datetime(2000, 1, 3))
    datetime.datetime(2000, 1, 3, 0, 1)
    """

    def __init__(self, look_up):
        """
        :param look_up: ``period number → (begins, ends)``, sorted seconds of the intervals of work that begin in it;
            None when every hour counts
        """
        self._look_up = look_up

    def plan(self, seconds, moment):
        """Return when so much time will have been worked.

        :param seconds: of work, 0 or more
        :param datetime moment: naive UTC from which they count
        """
        if self._look_up is None:
            return moment + timedelta(seconds=seconds)
        now = seconds_of(moment)
        left = seconds
        first = int((now - DAY) // PERIOD)
        for period in range(first, first + MOST_PERIODS):
            begins, ends = self._look_up(period)
            for index in range(bisect_right(ends, now), len(ends)):
                begin = max(begins[index], now)
                length = ends[index] - begin
                if left <= length:
                    return moment_of(begin + left)
                left -= length
        return moment + timedelta(seconds=seconds)

    def between(self, begin, end):
        """Return how many seconds were worked between two naive UTC times; 0 when the first is not earlier."""
        if end <= begin:
            return 0.0
        if self._look_up is None:
            return (end - begin).total_seconds()
        begin, end = seconds_of(begin), seconds_of(end)
        worked = 0.0
        for period in range(int((begin - DAY) // PERIOD), int((end + DAY) // PERIOD) + 1):
            begins, ends = self._look_up(period)
            for index in range(bisect_right(ends, begin), len(ends)):
                if begins[index] >= end:
                    break
                worked += min(ends[index], end) - max(begins[index], begin)
        return worked

    def span(self, stretches):
        """Return how many seconds were worked during some stretches, what they share counted once.

        :param stretches: (begin, end) pairs of naive UTC times
        """
        worked, reached = 0.0, None
        for begin, end in sorted(stretches):
            begin = begin if reached is None else max(begin, reached)
            worked += self.between(begin, end)
            reached = end if reached is None else max(reached, end)
        return worked
