"""Reading single values out of answers that may hold anything."""

import hashlib
import re
from datetime import UTC, datetime, timedelta
from urllib.parse import quote, urlsplit

MAX_URL = 2000
MAX_ID = 500
#: No number that large identifies anything.
_BEYOND = 10**40
#: A clock that is this much ahead of ours is believed.
CLOCK_SKEW = timedelta(hours=1)
#: Nothing that people write on networks is older: such a time is a mistake.
OLDEST = datetime(1990, 1, 1, tzinfo=UTC)

_NOT_IN_URL = re.compile(r"[\x00-\x20\x7f-\x9f\ud800-\udfff\u202a-\u202e\u2066-\u2069<>\"\\]")
_UNRESERVED = re.compile(r"[A-Za-z0-9_.~-]*")


def web_url(value):
    """Return a web address, or an empty string for anything else (``javascript:``, a path, a number).

    >>> web_url("https://a.example/x"), web_url("javascript:alert(1)"), web_url(None)
    ('https://a.example/x', '', '')
    """
    if not isinstance(value, str):
        return ""
    value = value.strip()
    if not value.startswith(("https://", "http://")) and not value.lower().startswith(("https://", "http://")):
        return ""
    if len(value) > MAX_URL:
        return ""
    if value.isascii() and value.isprintable():
        # what is left of _NOT_IN_URL; five looks are quicker than one search
        bad = " " in value or '"' in value or "<" in value or ">" in value or "\\" in value
    else:
        bad = _NOT_IN_URL.search(value)
    return "" if bad else value


def server_of(address):
    """Return the host and port that an address leads to, as realms name servers; an empty string when it is none.

    >>> server_of("https://Social.example/@ana"), server_of("@ana@social.example:81"), server_of(None)
    ('social.example', 'social.example:81', '')
    """
    address = str(address or "").strip().lower()
    try:
        return urlsplit(address if "://" in address else f"https://{address}").netloc.rpartition("@")[2]
    except ValueError:
        return ""


def identifier(value):
    """Return an id as text, or an empty string for what cannot be one."""
    if isinstance(value, str):
        if value.isalnum() and len(value) <= MAX_ID:  # hardly an id holds anything else
            return value
        return value.strip()[:MAX_ID] if value.isprintable() else ""
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value) if -_BEYOND < value < _BEYOND else ""
    return ""


def number(value):
    """Return a positive number that a database can have given to something, or 0 for what is none.

    >>> number(7), number("7"), number(True), number(-7), number(2**63)
    (7, 0, 0, 0, 0)
    """
    return value if type(value) is int and 0 < value < 2**63 else 0


def in_address(text):
    """Return a text as one part of a web address; most ids can stand there as they are.

    >>> in_address("Ab-1_2"), in_address("a/b c")
    ('Ab-1_2', 'a%2Fb%20c')
    """
    return text if _UNRESERVED.fullmatch(text) else quote(text, safe="")


def count(value):
    """Return a number of likes, followers and so on: never negative, never beyond what a database takes."""
    if type(value) is int and 0 <= value <= 2_000_000_000:
        return value
    if isinstance(value, bool) or not isinstance(value, (int, float)) or value != value:
        return 0
    return int(min(max(value, 0), 2_000_000_000))


def moment(value, now=None):
    """Return an ISO date as aware UTC time, or ``None`` when it is unreadable, absurdly old or in the future.

    >>> moment("2026-01-31T12:00:00+02:00", datetime(2026, 2, 1, tzinfo=UTC)).isoformat()
    '2026-01-31T10:00:00+00:00'
    """
    if not isinstance(value, str):
        return None
    try:
        found = datetime.fromisoformat(value.strip()[:40])
        if found.tzinfo is not UTC:
            found = found.replace(tzinfo=UTC) if found.tzinfo is None else found.astimezone(UTC)
    except (ValueError, OverflowError):
        return None
    return found if OLDEST <= found <= (now or datetime.now(UTC)) + CLOCK_SKEW else None


def believable(found, now=None):
    """Return an aware time unless it is absurdly old or lies in the future."""
    if OLDEST <= found <= (now or datetime.now(UTC)) + CLOCK_SKEW:
        return found
    return None


def moment_at(seconds, now=None):
    """Return seconds since 1970 as aware UTC time, or ``None`` as :func:`moment` does.

    >>> moment_at(1769853600).isoformat(), moment_at(True), moment_at("1769853600"), moment_at(10**30)
    ('2026-01-31T10:00:00+00:00', None, None, None)
    """
    if type(seconds) not in (int, float) or not 0 < seconds < 10**11:
        return None
    return believable(datetime.fromtimestamp(seconds, UTC), now)


def digest(*parts, length=32):
    """Return a stable short hash of texts, for things that have no id of their own.

    >>> digest("a", "b") == digest("a", "b") != digest("ab", "")
    True
    """
    joined = "\x1f".join(str(part) for part in parts)
    return hashlib.sha256(joined.encode("utf-8", "surrogatepass")).hexdigest()[:length]
