"""Tags, links and words of a text."""

import re

from .matching import fold

_TAG = re.compile(r"(?<!\w)[#＃](\w{1,100})")
_LINK = re.compile(r"https?://[^\s<>\"']{1,2000}", re.IGNORECASE)


def hashtags(text):
    """Folded, without "#"."""
    return list(dict.fromkeys(fold(tag)[0] for tag in _TAG.findall(text)))


def links(text):
    """Web links as written."""
    return list(dict.fromkeys(_LINK.findall(text)))
