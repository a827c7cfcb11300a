"""What servers say about how often they may be asked."""

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

#: No server may silence a channel for longer than this by one header.
LONGEST_PAUSE = timedelta(days=1)

_NUMBER = re.compile(r"\d{1,15}(\.\d{1,9})?$")
_PAIR = re.compile(r"""(?:^|[;,\s])(limit|remaining|reset|r|t|q)\s*=\s*"?(\d{1,15})""")


@dataclass(slots=True)
class RateLimit:
    """How many requests are left until ``reset_at`` (aware UTC); ``None`` where the server does not say."""

    remaining: int | None = None
    reset_at: datetime | None = None
    limit: int | None = None


def parse_moment(text, now):
    """Return the moment a header names: seconds from now, seconds or milliseconds since 1970, an ISO or an HTTP date.

    :param datetime now: aware UTC time
    :return: aware UTC time between ``now`` and :data:`LONGEST_PAUSE` later, or ``None`` when unreadable

    >>> noon = datetime(2026, 1, 1, 12, tzinfo=UTC)
    >>> for text in ("90", "1767268890", "2026-01-01T12:01:30.5Z", "Thu, 01 Jan 2026 12:01:30 GMT", "soon"):
    ...     print(parse_moment(text, noon))
    2026-01-01 12:01:30+00:00
    2026-01-01 12:01:30+00:00
    2026-01-01 12:01:30.500000+00:00
    2026-01-01 12:01:30+00:00
    None
    """
    text = (text or "").strip()
    try:
        if _NUMBER.match(text):
            number = float(text)
            if number >= 1e11:
                number /= 1000
            # One year in seconds is far below any moment since 1970 and far above any pause.
            moment = datetime.fromtimestamp(number, UTC) if number > 31e6 else now + timedelta(seconds=number)
        elif text[:1].isdigit():
            moment = datetime.fromisoformat(text.replace("Z", "+00:00"))
        else:
            moment = parsedate_to_datetime(text)
        if moment.tzinfo is None:
            moment = moment.replace(tzinfo=UTC)
        moment = moment.astimezone(UTC)
    except (ValueError, TypeError, OverflowError, OSError, IndexError):
        return None
    return min(max(moment, now), now + LONGEST_PAUSE)


def _count(text):
    # Reddit counts in fractions
    text = (text or "").split(",")[0].split(";")[0].split(".")[0].strip()
    return int(text) if text.isascii() and text.isdigit() and len(text) < 16 else None


def parse_rate_limit(headers, now):
    """Return the :class:`RateLimit` that a server's headers tell, or ``None`` when they tell nothing.

    Understands ``X-RateLimit-*``, ``X-Rate-Limit-*``, ``RateLimit-*`` and both drafts of the single ``RateLimit``
    header (``limit=100, remaining=50, reset=5`` and ``"default";r=50;t=5``).
    """
    for prefix in ("x-ratelimit-", "ratelimit-", "x-rate-limit-"):
        remaining = _count(headers.get(prefix + "remaining"))
        if remaining is not None:
            reset_at = parse_moment(headers.get(prefix + "reset"), now)
            return RateLimit(remaining, reset_at, _count(headers.get(prefix + "limit")))
    single = headers.get("ratelimit")
    if single:
        pairs = dict(_PAIR.findall(single[:500].lower()))
        remaining = pairs.get("remaining", pairs.get("r"))
        reset = pairs.get("reset", pairs.get("t"))
        if remaining is not None:
            limit = pairs.get("limit", pairs.get("q"))
            return RateLimit(int(remaining), parse_moment(reset, now) if reset else None, int(limit) if limit else None)
    return None
