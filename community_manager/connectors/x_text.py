"""How X counts the length of a post.

The numbers are those of twitter-text, configuration v3 (``config/v3.json`` in its public repository): characters of
the first ranges count one, all others two, an emoji counts two however many code points it is made of, and an address
counts what X's own short one has, 23.
"""

import re
import unicodedata

#: ``scale``, ``defaultWeight``, ``transformedURLLength`` of the configuration.
WEIGHT = 100
OTHER_WEIGHT = 200
URL_LENGTH = 23
#: ``ranges`` of the configuration: Latin up to Georgian, spaces, dashes and quotation marks.
LIGHT = ((0, 4351), (8192, 8205), (8208, 8223), (8242, 8247))

_WORDS = (
    "com|org|net|info|biz|edu|gov|int|mil|app|dev|shop|store|online|site|blog|news|page|tech|cloud|live|world|agency|"
    "design|studio|email|travel|museum|name|pro|coop|jobs|mobi|aero|eus|cat|gal|social|link|click|club|xyz|top|art"
)
#: Addresses, and bare host names whose last part is a country or one of the widespread words.
_URL = re.compile(
    rf"(?<![@#$\w.-])(?:https?://[^\s<>\"“”]+|(?:[a-z0-9](?:[a-z0-9-]{{0,61}}[a-z0-9])?\.)+(?:[a-z]{{2}}|{_WORDS})"
    r"(?![\w.@-]*[\w@])(?:/[^\s<>\"“”]*)?)",
    re.IGNORECASE,
)
_BASE = (
    "[\u00a9\u00ae\u203c\u2049\u2122\u2139\u2194-\u21aa\u231a-\u23ff\u24c2\u25aa-\u25fe\u2600-\u27bf\u2934\u2935"
    "\u2b05-\u2b55\u3030\u303d\u3297\u3299\U0001f000-\U0001faff]"
)
_TONE = "[\U0001f3fb-\U0001f3ff]"
_EMOJI = re.compile(
    "[\U0001f1e6-\U0001f1ff]{2}"  # flags
    "|[0-9#*]\ufe0f?\u20e3"  # keys
    f"|(?:{_BASE}\ufe0f|{_BASE}{_TONE}?)(?:\u200d{_BASE}(?:\ufe0f|{_TONE})?)*[\U000e0020-\U000e007f]*"
)
#: Signs that are letters unless something behind them says otherwise.
_PLAIN = re.compile("[\u00a9\u00ae\u203c\u2049\u2122\u2139]")
_END = ".,;:!?…'\")]}"


def has_url(text):
    """Return whether a text holds an address, which X charges more for."""
    return bool(_URL.search(text))


def weighted_length(text):
    """Return how long a text is for X.

    >>> weighted_length("Grüße"), weighted_length("日本"), weighted_length("👨‍👩‍👧‍👦"), weighted_length("👍🏽🇪🇸")
    (5, 4, 2, 4)
    >>> weighted_length("See https://acme.example/a/very/long/path?with=query now"), weighted_length("acme.com.")
    (31, 24)
    """
    text = unicodedata.normalize("NFC", text)
    total, start = 0, 0
    for match in _URL.finditer(text):
        address = match.group().rstrip(_END)
        total += _weight(text[start : match.start()]) + URL_LENGTH * WEIGHT
        start = match.start() + len(address)
    return (total + _weight(text[start:])) // WEIGHT


def _weight(text):
    """Return the weight of a text without addresses."""
    if text.isascii():
        return len(text) * WEIGHT
    total, start = 0, 0
    for match in _EMOJI.finditer(text):
        if _PLAIN.fullmatch(match.group()):
            continue
        total += _plain_weight(text[start : match.start()]) + OTHER_WEIGHT
        start = match.end()
    return total + _plain_weight(text[start:])


def _plain_weight(text):
    total = 0
    for character in text:
        code = ord(character)
        light = any(first <= code <= last for first, last in LIGHT)
        total += WEIGHT if light else OTHER_WEIGHT
    return total


_NAMES = re.compile(r"\A(?:@\w{1,15}\s+)+")
_ANY_URL = re.compile(r"https?://\S+")


def same_words(one, other):
    """Return whether two texts are the same message: X shortens addresses and puts names in front of an answer.

    >>> same_words("@ana Look: https://t.co/x", "Look:  https://acme.example/page")
    True
    """
    return _essence(one) == _essence(other)


def _essence(text):
    text = _ANY_URL.sub("\u2317", unicodedata.normalize("NFC", _NAMES.sub("", text)))
    return " ".join(text.split())
