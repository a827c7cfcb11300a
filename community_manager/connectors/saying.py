"""Telling whether what stands on a site is what we sent there."""

import re
from datetime import timedelta

#: Clocks differ: what went out may seem this much older than our first attempt.
CLOCKS_DIFFER = timedelta(seconds=60)

_WORDS = re.compile(r"\w+")


def folded(text):
    """Return a text without what sites change when they show it: quotes, dashes, spaces, markup.

    >>> folded('It\\'s "new" -- really') == folded("It’s “new” – really")
    True
    """
    return " ".join(_WORDS.findall(text.casefold()))


def as_sentence(text):
    """Return what a site gave as a reason so that it can end a sentence of ours.

    >>> as_sentence("Too short"), as_sentence("Why?")
    ('Too short.', 'Why?')
    """
    return text if text.endswith((".", "!", "?", "…")) else text + "."


def not_before(outgoing):
    """Return the time before which nothing can be this message, ``None`` when it is not known."""
    return outgoing.first_tried_at - CLOCKS_DIFFER if outgoing.first_tried_at else None
