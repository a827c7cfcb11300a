"""What we say on a site: as the site takes it, and told again from what stands there."""

import re
from datetime import timedelta

#: Clocks differ: what went out may seem this much older than our first attempt.
CLOCKS_DIFFER = timedelta(seconds=60)

_WORDS = re.compile(r"\w+")
_BETWEEN = re.compile(r"[\W_]+")


def folded(text):
    """Return a text without what sites change when they show it: quotes, dashes, spaces, markup.

    >>> folded('It\\'s "new" -- really') == folded("It’s “new” – really")
    True
    """
    return " ".join(_WORDS.findall(text.casefold()))


def letters(text):
    """Return the letters and figures of a text, where a network may also strip the marks and blanks of Markdown.

    >>> letters("See *this*: 1 & 2") == letters("See this:\\n1&2") == "seethis12"
    True
    """
    return _BETWEEN.sub("", text).casefold()


def as_sentence(text):
    """Return what a site gave as a reason so that it can end a sentence of ours.

    >>> as_sentence("Too short"), as_sentence("Why?")
    ('Too short.', 'Why?')
    """
    return text if text.endswith((".", "!", "?", "…")) else text + "."


def as_markdown(text):
    """Return plain text so that a forum does not take it for HTML; Markdown in it stays what it is.

    >>> as_markdown(" > 1 < 2 & *so on* ")
    '> 1 &lt; 2 &amp; *so on*'
    """
    return text.replace("&", "&amp;").replace("<", "&lt;").strip()


def as_ours(item):
    """Return an item as what was said by ourselves."""
    item.outgoing, item.origin = True, "own"
    return item


def not_before(outgoing):
    """Return the time before which nothing can be this message, ``None`` when it is not known."""
    return outgoing.first_tried_at - CLOCKS_DIFFER if outgoing.first_tried_at else None
