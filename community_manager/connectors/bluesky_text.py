"""Texts and keys as Bluesky has them: graphemes, links by byte, record keys made from times."""

import hashlib
import re
from datetime import datetime

import regex

#: Alphabet of a TID, in the order of its values (atproto.com/specs/tid).
TID_DIGITS = "234567abcdefghijklmnopqrstuvwxyz"
#: A TID is 53 bits of microseconds since 1970 above 10 bits of a clock's number.
CLOCK_BITS = 10
#: Keys of ours seem to be made within this many bits of microseconds (two years) after the first of 2023, so that
#: none lies in the future and so that two messages never get the same.
KEYS_BEGIN = 1_672_531_200_000_000
KEY_BITS = 46
#: Longest hashtag, in graphemes (app.bsky.richtext.facet#tag).
LONGEST_TAG = 64
#: More handles than this are not looked up for one text.
MOST_MENTIONS = 10
#: More marks than this are not read in one text.
MOST_FACETS = 200

HANDLE = re.compile(r"(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z](?:[a-z0-9-]{0,61}[a-z0-9])?")
DID = re.compile(r"did:[a-z]+:[A-Za-z0-9._:%-]{1,200}")
_URL = re.compile(r"(?<![\w/])https?://[^\s<>\"“”]+", re.IGNORECASE)
_MENTION = re.compile(rf"(?<![\w/.@])@({HANDLE.pattern})(?![\w@])", re.IGNORECASE)
_TAG = re.compile(r"(?<![\w#&/])#(?!\ufe0f)([^\s#.,;:!?…()\[\]{}\"'“”<>]+)")
_AFTER_URL = ".,;:!?…'\")]}"


def length(text):
    """Return the length of a text as the network counts it, in graphemes.

    >>> length("Grüße"), length("👨‍👩‍👧‍👦👍🏽"), length("e\\u0301")
    (5, 2, 1)
    """
    return len(text) if text.isascii() and "\r" not in text else len(regex.findall(r"\X", text))


def record_key(*parts):
    """Return a valid record key (TID) that is always the same for the same parts.

    >>> record_key("a") == record_key("a") != record_key("b"), len(record_key("a")), record_key("a") < "3m"
    (True, 13, True)
    """
    bits = int.from_bytes(hashlib.sha256("\x1f".join(parts).encode()).digest()[:8])
    time, clock = bits >> CLOCK_BITS, bits & ((1 << CLOCK_BITS) - 1)
    return tid(KEYS_BEGIN + (time & ((1 << KEY_BITS) - 1)), clock)


def tid(microseconds, clock=0):
    """Return the TID of a time.

    >>> tid(1_795_324_050_610_000) < tid(1_795_324_050_610_001)
    True
    """
    number = (microseconds << CLOCK_BITS) | clock
    return "".join(TID_DIGITS[(number >> shift) & 31] for shift in range(60, -5, -5))


def milliseconds(moment):
    """Return a time as a number; 0 for none."""
    return int(moment.timestamp() * 1000) if isinstance(moment, datetime) else 0


def _slices(text, pattern, group=0):
    """Yield ``(match, first byte, byte after the last)`` of every match."""
    for match in pattern.finditer(text):
        start = len(text[: match.start()].encode())
        yield match, start, start + len(match.group(group).encode())


def facets(text, resolve):
    """Return the marks of links, hashtags and mentions in a text, by place in its UTF-8 bytes.

    :param resolve: function from a handle to the account's DID, empty when there is nobody

    >>> facets("ü https://a.example.", str)[0]["index"]
    {'byteStart': 3, 'byteEnd': 20}
    """
    found, taken = [], []

    def mark(start, end, kind, **feature):
        if not any(start < other_end and other_start < end for other_start, other_end in taken):
            taken.append((start, end))
            feature = {"$type": f"app.bsky.richtext.facet#{kind}", **feature}
            found.append({"index": {"byteStart": start, "byteEnd": end}, "features": [feature]})

    for match, start, _end in _slices(text, _URL):
        url = match.group().rstrip(_AFTER_URL)
        if url.count("(") > url.count(")") and match.group()[len(url) :].startswith(")"):
            url += ")"
        mark(start, start + len(url.encode()), "link", uri=url)
    for match, start, end in list(_slices(text, _MENTION))[:MOST_MENTIONS]:
        did = resolve(match.group(1).lower())
        if did:
            mark(start, end, "mention", did=did)
    for match, start, end in _slices(text, _TAG):
        tag = match.group(1)
        if not tag.isdigit() and length(tag) <= LONGEST_TAG:
            mark(start, end, "tag", tag=tag)
    return sorted(found, key=lambda facet: facet["index"]["byteStart"])


def features(marks):
    """Yield ``(start, end, feature)`` of every usable mark of a record."""
    for facet in marks[:MOST_FACETS] if isinstance(marks, list) else ():
        index = facet.get("index") if isinstance(facet, dict) else None
        if isinstance(index, dict):
            start, end, kinds = index.get("byteStart"), index.get("byteEnd"), facet.get("features")
            if type(start) is int and type(end) is int and 0 <= start < end and isinstance(kinds, list):
                for feature in kinds[:5]:
                    if isinstance(feature, dict):
                        yield start, end, feature


def with_whole_links(text, links):
    """Return a text whose shortened links are whole: clients write "acme.example/a/very…" for a long address.

    :param links: list of (first byte, byte after the last, address)

    >>> with_whole_links("See acme.example/a…!", [(4, 21, "https://acme.example/a/b")])
    'See https://acme.example/a/b!'
    """
    raw, place = text.encode("utf-8", "surrogatepass"), 0
    parts = []
    for start, end, uri in sorted(links):
        shown = raw[start:end].decode("utf-8", "ignore")
        head = shown.rstrip("….")
        if start >= place and end <= len(raw) and head != shown and head and head in uri:
            parts += [raw[place:start], uri.encode()]
            place = end
    return b"".join([*parts, raw[place:]]).decode("utf-8", "replace") if parts else text
