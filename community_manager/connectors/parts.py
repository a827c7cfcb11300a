"""Cutting a long text into parts that a network takes, for a thread."""

import regex

#: Parts of one text; what is longer is no answer any more.
MOST_PARTS = 25
#: A part ends with a paragraph or a sentence where that leaves it at least this full.
FULL_ENOUGH = 0.5

_PARAGRAPH = regex.compile(r"\n\s*\n\s*")
_SENTENCE = regex.compile(r"(?<=[.!?…][\"'”»)\]]?)\s+")
_WORD = regex.compile(r"\s+")
_LETTER = regex.compile(r"\X")


class Unsplittable(ValueError):
    """The text cannot be cut into at most :data:`MOST_PARTS` parts that are taken."""


def split(text, fits, numbered=True):
    """Return the parts of a text, each of which a network takes; one part where the whole fits.

    Parts end between paragraphs, sentences or words, and inside a word only where it is longer than a part.

    :param str text: plain text
    :param fits: function from a text to whether the network takes it as it is
    :param bool numbered: whether each part ends with its number, as in "(1/3)"
    :raises Unsplittable: it takes too many parts, or not even a letter fits

    >>> split("One two. Three four. Five.", lambda text: len(text) <= 24)
    ['One two. (1/2)', 'Three four. Five. (2/2)']
    >>> split("One two. Three four.", lambda text: len(text) <= 12, numbered=False)
    ['One two.', 'Three four.']
    """
    text = text.strip()
    if fits(text):
        return [text]
    count = 2
    while True:
        parts = _cut(text, fits, count if numbered else 0)
        if not numbered or len(parts) == count:
            return parts
        # one more figure in the number leaves less for the words, so the count is tried again
        count = max(count + 1, len(parts))


def _cut(text, fits, count):
    parts = []
    while text:
        if len(parts) == MOST_PARTS or count > MOST_PARTS:
            raise Unsplittable
        number = f" ({len(parts) + 1}/{count})" if count else ""

        def good(piece, number=number):
            return fits(piece.rstrip() + number)

        if good(text):
            parts.append(text.rstrip() + number)
            break
        end = _end(text, good)
        parts.append(text[:end].rstrip() + number)
        text = text[end:].lstrip()
    return parts


def _end(text, good):
    """Return where the first part of a text ends."""
    borders = [found.start() for found in _WORD.finditer(text)]
    word = _last(borders, text, good)
    if not word:
        letters = [found.end() for found in _LETTER.finditer(text[: borders[0] if borders else len(text)])]
        end = _last(letters, text, good)
        if not end:
            raise Unsplittable
        return end
    for pattern in (_PARAGRAPH, _SENTENCE):
        ends = [found.start() for found in pattern.finditer(text, 0, word + 1) if found.start() <= word]
        if ends and ends[-1] >= word * FULL_ENOUGH:
            return ends[-1]
    return word


def _last(ends, text, good):
    """Return the last of some positions up to which a text is taken, 0 when it is none of them."""
    low, high = 0, len(ends)
    while low < high:
        middle = (low + high) // 2
        if good(text[: ends[middle]]):
            low = middle + 1
        else:
            high = middle
    return ends[low - 1] if low else 0
