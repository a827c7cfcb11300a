"""Which texts may be copies of each other, found by looking up numbers in a database.

A text is cut into overlapping pieces of a few characters.  MinHash keeps for each of 64 random orders of all pieces the
first one that the text has: two texts agree on a share of these that estimates which share of their pieces they have in
common (Jaccard index).  A. Z. Broder, "On the resemblance and containment of documents", SEQUENCES 1997.

The 64 numbers are joined to 16 *bands* of 4.  Texts that share a band are candidates: with a resemblance s that happens
with probability 1 - (1 - s⁴)¹⁶, so nearly always above 0.7 and hardly ever below 0.1.  P. Indyk, R. Motwani,
"Approximate nearest neighbors", STOC 1998.  ``alike.py`` then compares the texts themselves.

The bands of a text are stored, so the same text has the same bands in every process and version.

>>> one, copy, other = bands_of([
...     "El pedido 4711 llegó roto y nadie contesta al teléfono",
...     "RT @ana: el pedido 4711 llego ROTO, y nadie contesta al teléfono!! https://a.example/x",
...     "Llevo dos años con esta bici y no puedo estar más feliz",
... ])
>>> one == copy, set(one) & set(other)
(True, set())
"""

import hashlib
import re

from .matching import fold_text

PERMUTATIONS, BANDS = 64, 16
#: Characters of a piece: more find fewer copies, fewer find more strangers.
PIECE = 5
#: Texts with fewer characters say the same by chance.
SHORTEST = 20
#: The beginning of a long text is compared.
LONGEST = 4_000
#: Characters that are worked on at once: what is computed stays in the cache of the processor.
_AT_ONCE = 16_384
_ADDED = re.compile(r"\b(?:rt|via)\b|(?:https?://|www\.)\S+|[@#]\w+|[^\w\s]|_")


def _constants(name, count):
    """Odd 32-bit numbers that are the same everywhere."""
    digests = (hashlib.sha256(f"{name} {number}".encode()).digest() for number in range(count))
    return [int.from_bytes(digest[:4], "big") | 1 for digest in digests]


_POWERS = _constants("piece", PIECE)
_MULTIPLIERS = _constants("order", PERMUTATIONS)
_JOINERS = _constants("band", PERMUTATIONS // BANDS)


def plain(text):
    """What of a text is compared: no case, accents, links, tags, names, punctuation and surplus white space."""
    return " ".join(_ADDED.sub(" ", fold_text(text[:LONGEST])).split())


def bands_of(texts):
    """The bands of each text.

    :param texts: list of str
    :return: for each text 16 signed 32-bit integers, or None where it is too short to compare
    :rtype: list[tuple[int, ...] | None]
    """
    answers = [None] * len(texts)
    part, size = [], 0
    for place, text in enumerate(texts):
        found = plain(text)
        if len(found) < SHORTEST:
            continue
        part.append((place, found))
        size += len(found)
        if size > _AT_ONCE:
            _fill(answers, part)
            part, size = [], 0
    if part:
        _fill(answers, part)
    return answers


def _fill(answers, part):
    for (place, _text), row in zip(part, _bands([text for _place, text in part]).tolist(), strict=True):
        answers[place] = tuple(row)


def _bands(texts):
    """n × 16 signed 32-bit integers."""
    import numpy

    codes = numpy.frombuffer("".join(texts).encode("utf-32-le", "surrogatepass"), dtype="<u4")
    ends = numpy.cumsum([len(text) for text in texts])
    starts = numpy.concatenate([[0], ends[:-1]])
    pieces = numpy.zeros(len(codes) - PIECE + 1, dtype=numpy.uint32)
    for offset, power in enumerate(_POWERS):
        pieces += codes[offset : len(codes) - PIECE + 1 + offset] * numpy.uint32(power)
    pieces = _mixed(pieces)
    # Pieces that reach into the next text count for none: each text stops where its last piece begins.
    bounds = numpy.stack([starts, ends - PIECE + 1], axis=1).ravel()[:-1]
    signature = numpy.empty((PERMUTATIONS, len(texts)), dtype=numpy.uint32)
    ordered = numpy.empty_like(pieces)
    for row, multiplier in zip(signature, _MULTIPLIERS, strict=True):
        numpy.multiply(pieces, numpy.uint32(multiplier), out=ordered)
        row[:] = numpy.minimum.reduceat(ordered, bounds)[::2]
    bands = numpy.zeros((BANDS, len(texts)), dtype=numpy.uint32)
    for offset, joiner in enumerate(_JOINERS):
        bands += _mixed(signature[offset :: len(_JOINERS)]) * numpy.uint32(joiner)
    return _mixed(bands).view(numpy.int32).T


def _mixed(numbers):
    """Each 32-bit number as another one that looks random (the finaliser of MurmurHash3, by A. Appleby)."""
    import numpy

    numbers = (numbers ^ (numbers >> numpy.uint32(16))) * numpy.uint32(0x85EBCA6B)
    numbers = (numbers ^ (numbers >> numpy.uint32(13))) * numpy.uint32(0xC2B2AE35)
    return numbers ^ (numbers >> numpy.uint32(16))
