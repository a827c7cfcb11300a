"""Quiet hours, in the time of the person."""

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

#: media by which nobody is disturbed at night: the others stand in public, are agreed upon or come by post
LOUD = frozenset(("email", "sms", "message", "call"))


def zone_of(name, fallback):
    """Return the time zone with a name, or ``fallback`` where there is none of that name."""
    try:
        return ZoneInfo(name) if name else fallback
    except (ZoneInfoNotFoundError, ValueError):
        return fallback


def quiet_until(moment, zone, hours, days):
    """Return when quiet hours end that stand at a moment, or None outside of them.

    :param datetime moment: naive UTC
    :param zone: of the person
    :param hours: (from, until) in hours of the day; the first may be after the second, over midnight; equal ones mean
        that no hours are quiet
    :param days: seven truth values, Monday first: days that are quiet as a whole
    :returns: naive UTC, or None
    """
    begin, end = hours
    local = now = moment.replace(tzinfo=UTC).astimezone(zone)
    for _step in range(20):  # a week of quiet days, hours before and after each
        clock = local.hour + local.minute / 60 + local.second / 3600
        if days[local.weekday()]:
            local = _at(local.date() + timedelta(days=1), 0.0, zone)
        elif begin < end and begin <= clock < end:
            local = _at(local.date(), end, zone)
        elif begin > end and clock >= begin:
            local = _at(local.date() + timedelta(days=1), end, zone)
        elif begin > end and clock < end:
            local = _at(local.date(), end, zone)
        else:
            break
    if local == now:
        return None
    return local.astimezone(UTC).replace(tzinfo=None)


def _at(day, hours, zone):
    minutes = round(hours * 60)
    day += timedelta(days=minutes // 1440)
    return datetime.combine(day, time(minutes % 1440 // 60, minutes % 60), zone)
