"""Find the keywords of many topics in a text, in one pass.

Text and keywords are *folded* first: case, accents, kinds of white space and typographic variants do not matter.  An
Aho-Corasick automaton then finds all keywords at once, so ten thousand cost hardly more than ten; what it finds is
checked for word boundaries and mapped back to the text as it was written.

>>> matcher = Matcher([Keyword("brand", "café sol"), Keyword("brand", "receta", exclude=True), Keyword("tag", "#acme")])
>>> matcher.match("El CAFE  Sol, de #Acme")
{'brand': [(3, 12, 'café sol')], 'tag': [(17, 22, '#acme')]}
>>> matcher.match("Receta del café sol de #Acmeland")
{}

Two words "near" each other are one keyword: ``refund ~3 acme`` is found where at most three words stand between them,
in either order.

>>> Matcher([Keyword("money", "refund* ~3 acme")]).match("Acme, I want my refunds. All of my money, Acme.")
{'money': [(0, 4, 'refund* ~3 acme'), (16, 22, 'refund* ~3 acme')]}
"""

import re
import unicodedata
from bisect import bisect_left
from collections.abc import Hashable
from dataclasses import dataclass

import ahocorasick

#: Letters and signs that Unicode does not decompose though people write one for the other, and two that must not be:
#: "Acme™" is the word Acme, not "acmetm".
_VARIANTS = {
    "æ": "ae", "œ": "oe", "ø": "o", "ł": "l", "đ": "d", "ħ": "h", "ŧ": "t", "ı": "i",
    "’": "'", "‘": "'", "ʼ": "'", "´": "'", "`": "'", "‐": "-", "‑": "-", "−": "-", "™": "™", "℠": "℠",
}  # fmt: skip

#: Scripts that write words without spaces between them, or with particles joined to them (Thai to Myanmar, Khmer,
#: Hangul, kana, Han): a word may begin and end anywhere there.
_UNSPACED = re.compile(
    "[\u0e00-\u0eff\u1000-\u11ff\u1780-\u17ff\u3005-\u3007\u3040-\u318f\u31a0-\u31ff\u3400-\u4dbf\u4e00-\u9fff"
    "\ua960-\ua97f\uac00-\ud7ff\uf900-\ufaff\U00020000-\U0003ffff]"
)
_GAPS = re.compile(r"\s\s+")
_WORD = re.compile(r"\w+")
#: "refund ~3 acme"
_NEAR = re.compile(r"(\S.*?)\s+~(\d{1,2})\s+(\S.*)")
#: A group, so that ``split`` keeps what it splits at; four at most, so that answers can be remembered.
_NOT_ASCII = re.compile("([^\0-\x7f]{1,4})")


class _Memo(dict):
    """A function of a short string that remembers its answers, as far as there is room."""

    _ROOM = 50_000

    def __init__(self, function):
        super().__init__()
        self._function = function

    def __missing__(self, key):
        answer = self._function(key)
        if len(self) < self._ROOM:
            self[key] = answer
        return answer


def _fold_char(char):
    variant = _VARIANTS.get(char) or _VARIANTS.get(char.lower())
    if variant:
        return variant
    parts = unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", char).casefold())
    return "".join(
        " " if part.isspace() else _VARIANTS.get(part, part).lower() for part in parts if not _is_dropped(part)
    )


def _is_dropped(char):
    """Accents, vowel points, variation selectors, joiners and soft hyphens; not the marks that make another letter."""
    if unicodedata.category(char) == "Cf" or "\ufe00" <= char <= "\ufe0f":
        return True
    placing = unicodedata.combining(char)  # 7 nukta, 8 kana voicing, 9 virama, 84-132 Indic and Thai vowels stay
    return placing == 1 or 10 <= placing <= 36 or placing >= 200


def _is_joining(char):
    """Whether two such characters side by side belong to one word."""
    return (char.isalnum() or char == "_" or unicodedata.category(char)[0] == "M") and not _UNSPACED.match(char)


def _is_extending(char):
    """Whether the character before it is another letter together with it: a match cannot end between the two."""
    return (
        unicodedata.combining(char) in (7, 8)
        or "\u1160" <= char <= "\u11ff"  # vowels and finals of a decomposed Hangul syllable
        or (unicodedata.category(char)[0] == "M" and bool(_UNSPACED.match(char)))
    )


_FOLD = _Memo(_fold_char)
_FOLD_RUN = _Memo(lambda run: "".join(map(_FOLD.__getitem__, run)))
_STAYS_PUT = _Memo(lambda run: all(len(_FOLD[char]) == 1 for char in run))
_JOINS = _Memo(_is_joining)
_EXTENDS = _Memo(_is_extending)


def fold_text(text):
    """The text of :func:`fold` without its offsets, several times faster."""
    return _fold(text)[0]


def _fold(text):
    """The folded text, and the runs of characters beyond ASCII in the text as written."""
    runs = ()
    if not text.isascii():
        pieces = _NOT_ASCII.split(text)
        runs = pieces[1::2]
        pieces[1::2] = map(_FOLD_RUN.__getitem__, runs)
        text = "".join(pieces)
    text = text.replace("`", "'").lower().strip()
    if "  " in text or not text.isprintable():
        text = " ".join(text.split())
    return text, runs


def fold(text):
    """Return the text without case, accents and surplus white space, and where each of its characters comes from.

    :return: the folded text, and a list one longer than it: the index in ``text`` of each character, and at last
        where the text ends
    :rtype: tuple[str, list[int]]

    >>> fold(" Straße ")
    ('strasse', [1, 2, 3, 4, 5, 5, 6, 7])
    """
    return fold_text(text), _offsets(text)


def _offsets(text):
    pieces, origins, index, begin = _NOT_ASCII.split(text), [], 0, 0
    for place in range(1, len(pieces), 2):
        piece = pieces[place]
        index += len(pieces[place - 1])
        pieces[place] = _FOLD_RUN[piece]
        if not _STAYS_PUT[piece]:
            origins += range(begin, index)
            origins += [origin for origin, char in enumerate(piece, index) for _part in _FOLD[char]]
            begin = index + len(piece)
        index += len(piece)
    origins += range(begin, len(text) + 1)
    # Of each stretch of white space the first place stays; what follows the last word is where the text ends.
    loose = "".join(pieces)
    start = len(loose) - len(loose.lstrip())
    end = max(len(loose.rstrip()), start)
    offsets = []
    for gap in _GAPS.finditer(loose, start, end):
        offsets += origins[start : gap.start() + 1]
        start = gap.end()
    return offsets + origins[start : end + 1]


def _nothing_moved(text, folded, runs):
    """Whether each character of ``folded`` is at the same place in ``text``."""
    return len(folded) == len(text) and all(map(_STAYS_PUT.__getitem__, runs))


@dataclass(frozen=True, slots=True)
class Keyword:
    """A word or phrase that an owner (a topic) looks for, or with ``exclude`` does not want to see.

    A final ``*`` stands for any ending.  ``#`` and ``@`` belong to the word: ``#acme`` and ``@acme`` are found by
    ``acme``, but not the other way round.  ``one ~5 two`` stands for two words with at most five others between them.

    :raises ValueError: there is no letter or digit to look for
    """

    owner: Hashable
    text: str
    exclude: bool = False
    whole_word: bool = True

    def __post_init__(self):
        if not all(fold_text(part).strip("#@* ") for part in self.parts):
            raise ValueError(f"keyword {self.text!r} has nothing to look for")

    @property
    def parts(self):
        """What has to be found: the text, or the two that have to stand near each other."""
        near = _NEAR.fullmatch(self.text.strip())
        return near.group(1, 3) if near else (self.text.strip(),)

    @property
    def distance(self):
        """How many words may stand between the parts."""
        near = _NEAR.fullmatch(self.text.strip())
        return int(near.group(2)) if near else 0


class Matcher:
    """All keywords of all topics, built once and never changed: threads may share it."""

    def __init__(self, keywords):
        """:param keywords: iterable of :class:`Keyword`"""
        patterns = {}
        for keyword in keywords:
            parts = keyword.parts
            for number, part in enumerate(parts):
                near = (keyword, number) if len(parts) > 1 else None
                entry = keyword.owner, keyword.text, keyword.exclude, keyword.whole_word, part.endswith("*"), near
                patterns.setdefault(fold_text(part.removesuffix("*")), []).append(entry)
        self._automaton = ahocorasick.Automaton() if patterns else None
        for pattern, entries in patterns.items():
            first, last = pattern[0], pattern[-1]
            # "#" and "@" begin a tag or a name only where no word goes before: info@acme is not @acme
            joins_before = first in "#@" or _JOINS[first]
            loose = any(is_stem or not whole for _owner, _name, _exclude, whole, is_stem, _near in entries)
            self._automaton.add_word(pattern, (len(pattern), joins_before, _JOINS[last], loose, entries))
        if patterns:
            self._automaton.make_automaton()

    def match(self, text, places=True):
        """Return where each owner's keywords stand in ``text``.

        Owners with an exclusion in the text are left out.  Spans overlap where keywords do, and are sorted.

        :param bool places: False where it matters only what is found: the spans are then those of the folded text,
            which saves a fifth of the time
        :rtype: dict[Hashable, list[tuple[int, int, str]]]
        :return: owner → (start, end, keyword as entered) in the text as written
        """
        if self._automaton is None:
            return {}
        folded, runs = _fold(text)
        hits = list(self._automaton.iter(folded))
        if not hits:
            return {}
        moved = places and not _nothing_moved(text, folded, runs)
        return self._confirm(folded, hits, text if moved else None)

    def match_many(self, texts):
        """Yield :meth:`match` of each text."""
        return map(self.match, texts)

    def _confirm(self, folded, hits, text):
        """What of the hits counts; ``text`` is given where its characters stand in other places than folded."""
        size = len(folded)
        found, excluded, offsets, apart = {}, set(), None, {}
        for last, (length, joins_before, joins_after, loose, entries) in hits:
            end = last + 1
            start = end - length
            ends = True
            if end < size:
                after = folded[end]
                if _EXTENDS[after]:
                    continue
                ends = not (joins_after and _JOINS[after])
            begins = not (joins_before and start and _JOINS[folded[start - 1]])
            if not (loose or (begins and ends)):
                continue
            for owner, name, exclude, whole_word, is_stem, near in entries:
                if whole_word and not (begins and (ends or is_stem)):
                    continue
                if near:
                    apart.setdefault(near[0], []).append((start, end, near[1]))
                    continue
                if exclude:
                    excluded.add(owner)
                    continue
                span = start, end, name
                if text is not None:
                    offsets = offsets or _offsets(text)
                    span = offsets[start], max(offsets[end], offsets[last] + 1), name
                found.setdefault(owner, []).append(span)
        for keyword, pieces in apart.items():
            pieces = _near(folded, pieces, keyword.distance)
            if pieces and keyword.exclude:
                excluded.add(keyword.owner)
            elif pieces:
                offsets = offsets or (range(size + 1) if text is None else _offsets(text))
                spans = found.setdefault(keyword.owner, [])
                spans += [(offsets[a], max(offsets[b], offsets[b - 1] + 1), keyword.text) for a, b in pieces]
        for owner in excluded:
            found.pop(owner, None)
        for spans in found.values():
            if len(spans) > 1:
                spans.sort()
        return found


def _near(folded, pieces, distance):
    """Return the (start, end) of pieces with a piece of the other kind near them: at most so many words between.

    :param pieces: (start, end, 0 or 1) in ``folded``
    """
    kept, last = set(), {}
    words = [word.start() for word in _WORD.finditer(folded)]
    for start, end, kind in sorted(pieces):
        other = last.get(1 - kind)
        # one of the other kind is enough, the closest one before; those after it look back to this one
        if other and other[1] <= start and bisect_left(words, start) - bisect_left(words, other[1]) <= distance:
            kept |= {other, (start, end)}
        last[kind] = (start, end)
    return sorted(kept)


def excerpt(text, spans, width=160):
    """Return a piece of ``text`` of at most ``width`` characters around the first span, cut between words.

    >>> excerpt("one two three four five six", [(14, 18, "four")], 18)
    '…three four five…'
    """
    if len(text) <= width:
        return text
    first = min(spans, default=(0, 0))
    spare = max(width - 2 - (first[1] - first[0]), 0)
    latest = len(text) - width + 1
    start = min(max(first[0] - spare // 2, 0), latest)
    end = width - 1 if start == 0 else len(text) if start == latest else start + width - 2
    if start:
        cut = text.find(" ", start - 1, first[0])
        start = start if cut < 0 else cut + 1
    if end < len(text):
        cut = text.rfind(" ", max(first[1], start + 1), end + 1)
        end = end if cut < 0 else cut
    return ("…" if start else "") + text[start:end].strip() + ("…" if end < len(text) else "")
