"""Names of people and companies: their words, whether two go together, and what they are found by."""

import functools
import re

from slugify import slugify

#: words of names that say nothing of whose they are
PARTICLES = frozenset("a al and da das de del der des di do dos e el en i la las le los of the u und van von y".split())
#: words of companies' forms
FORMS = frozenset("ag bv co company corp gmbh group grupo inc limited llc ltd sa sas sl slu spa srl".split())


@functools.lru_cache(maxsize=65536)
def words(text):
    """Return the words of a name as lower-case ASCII, without particles, in their order.

    >>> words("José de la Peña-Ruiz")
    ('jose', 'pena', 'ruiz')
    """
    found = [word for word in slugify(text or "", separator=" ").split() if not word.isdigit()]
    kept = [word for word in found if word not in PARTICLES]
    return tuple(kept or found)


def distance(one, other, most=2):
    """Return how many letters have to be changed, added, left out or swapped with their neighbour; more than ``most``
    is told as ``most + 1``.

    >>> distance("ruiz", "riuz"), distance("gonzalez", "gonzales"), distance("ana", "luis")
    (1, 1, 3)
    """
    if abs(len(one) - len(other)) > most:
        return most + 1
    before, last = [], list(range(len(other) + 1))
    for i, a in enumerate(one, 1):
        row = [i]
        for j, b in enumerate(other, 1):
            best = min(last[j] + 1, row[j - 1] + 1, last[j - 1] + (a != b))
            if i > 1 and j > 1 and a == other[j - 2] and one[i - 2] == b:
                best = min(best, before[j - 2] + 1)
            row.append(best)
        if min(row) > most:
            return most + 1
        before, last = last, row
    return min(last[-1], most + 1)


def _spelling(word):
    """Return a word without what is spelt now this way, now that; all vowels stay: Mario is not María."""
    word = word.replace("ph", "f").replace("qu", "k").replace("ll", "y").replace("h", "")
    return re.sub(r"(.)\1+", r"\1", word.translate(str.maketrans("zvwcqxj", "sbbkksi")))


def _goes_with(one, other):
    """Return 2 for the same word (or its initial), 1 for one with a letter wrong, 0 for another."""
    if one == other or (len(min(one, other, key=len)) == 1 and one[0] == other[0]):
        return 2
    if len(min(one, other, key=len)) < 4:
        return 0
    return 2 if _spelling(one) == _spelling(other) else 1 if distance(one, other, 1) <= 1 else 0


def compare_names(one, other):
    """Return how two names go together.

    :returns: "same"; "alike" (a part left out, an initial, another spelling); "near" (a letter wrong, which may be
        another name: Mario and María); "part" (one word, with which the other begins); "different" (each is a full
        name, and they contradict each other); "apart" (a single word that the other does not begin with); "unknown"
        (one is missing)
    """
    return _compare(words(one), words(other))


@functools.lru_cache(maxsize=65536)
def _compare(one, other):
    one = tuple(word for word in one if word not in FORMS) or one
    other = tuple(word for word in other if word not in FORMS) or other
    if not one or not other:
        return "unknown"
    if sorted(one) == sorted(other) or "".join(one) == "".join(other):
        return "same"
    short, long = sorted((one, other), key=len)
    if len(short) == 1:
        return "part" if _goes_with(short[0], long[0]) == 2 and len(short[0]) > 1 else "apart"
    left, weakest = list(long), 2
    for word in sorted(short, key=len, reverse=True):
        fits = [_goes_with(word, candidate) for candidate in left]
        best = max(fits, default=0)
        if not best:
            return "different"
        weakest = min(weakest, best)
        del left[fits.index(best)]
    return "alike" if weakest == 2 else "near"


@functools.lru_cache(maxsize=65536)
def skeleton(word):
    """Return the first letter and the consonants of a word, those that are confused with each other made one."""
    word = word.replace("ph", "f").replace("qu", "k").replace("ll", "y").replace("ç", "s")
    table = str.maketrans({"z": "s", "v": "b", "w": "b", "c": "k", "q": "k", "y": "i", "j": "i", "x": "s"})
    rest = re.sub("[aeiouh]", "", word[1:].translate(table))
    return word[:1].translate(table) + re.sub(r"(.)\1+", r"\1", rest)


def joined(name):
    """Return a name as one word, as handles spell it."""
    return "".join(words(name))
