"""Words, signs and emoji of a text, and the features of each.

A text is cut by one regular expression; :func:`token` says what each piece is and contributes by itself.  What depends
on its neighbours is in ``encoding.py``.
"""

import re
from dataclasses import dataclass, field

from .lexicon import NOTHING, Entry, fold

#: So much of a text is read: what follows could not change what it says, only what it costs.
LONGEST_TEXT = 5_000
#: So many characters of a word; longer ones are no words.
LONGEST_WORD = 30
#: Lengths of the pieces of words that are features, word boundaries counted.
PIECES = (3, 4, 5)
#: What all pieces of a word weigh together, as against the word itself.
PIECES_WEIGHT = 1.0

_SUFFIX = r"(?:['’](?:[tsdm]|re|ll|ve)(?![^\W_]))?"
TOKEN = re.compile(
    r"https?://\S+|www\.\S+"
    rf"|[@#]?[^\W_][\w\u0300-\u036f·]*{_SUFFIX}"
    r"|[:;=]['-]?[)(\]\[DPpOo/\\|3*]+|</?3+|\([-']?[:;=]|\^[_.-]?\^"
    r"|[\u203c\u2049\u2190-\u21ff\u231a-\u23ff\u25a0-\u27bf\u2b00-\u2bff\u3030-\u303f\U0001f000-\U0001faff]"
    r"|[!?¡¿]+|\.\.+|…|[.,;:()\n]"
)
_LAUGH = re.compile(
    r"(?:[jh][aeiou]){2,}[jh]?$|a?(?:[jh]+a+){2,}[jh]*$|(?:rs|ks|ka){2,}$|k{3,}$"
    r"|lo+l+$|lmf?a+o+$|rofl$|mdr+$|ptdr+$|x+d+$"
)
_DRAWN_OUT = re.compile(r"(.)\1\1")
_HAPPY, _SAD = frozenset(")]DPp3*"), frozenset("(/\\|[")

#: What a token may be beside a word, in the order of the columns that count them.
SIGNS = (
    "words", "exclaims", "asks", "opens_question", "dots", "capitals", "drawn_out", "links", "names", "tags",
    "numbers", "laughs",
)  # fmt: skip


@dataclass(slots=True)
class Token:
    """What one piece of a text is by itself."""

    #: Folded; empty for a sign.
    word: str = ""
    #: Names of its features and what they weigh as against each other.  The first is the word itself.
    features: list[str] = field(default_factory=list)
    values: list[float] = field(default_factory=list)
    #: What the word lists say of it.
    entry: Entry = NOTHING
    #: 2 ends a sentence, 1 a clause.
    ends: int = 0
    #: Score of an emoji or emoticon, as in the word lists.
    emoji: float = 0.0
    #: Whether it takes part in pairs of neighbours.
    pairs: bool = True
    signs: dict[str, float] = field(default_factory=dict)

    def add(self, feature, value=1.0):
        """Add a feature."""
        self.features.append(feature)
        self.values.append(value)


def words_of(text):
    """The folded words of a text, signs left out."""
    pieces = (piece.removeprefix("#") for piece in TOKEN.findall(text))
    return [fold(piece) for piece in pieces if piece and piece[0].isalnum()]


def pieces_of(word):
    """The letters within a word: every run of 3, 4 or 5 of them, with its boundaries.

    >>> pieces_of("sol")
    ['<so', 'sol', 'ol>', '<sol', 'sol>']
    """
    bounded = f"<{word}>"
    return [
        bounded[start : start + size]
        for size in PIECES
        if size < len(bounded)
        for start in range(len(bounded) - size + 1)
    ]


def token(text, lexicon):
    """What one match of TOKEN is.

    :rtype: Token
    """
    first = text[0]
    if first.isalnum() or (first in "#@" and len(text) > 1):
        if text.startswith(("http://", "https://", "www.")):
            return _named("u", "links")
        if first == "@":
            return _named("a", "names")
        return _word(text, lexicon)
    found = Token()
    if first in "!?¡¿":
        found.ends = 2
        asks, exclaims = "?" in text, "!" in text
        found.add("s" + ("?" if asks else "¿" if "¿" in text else "") + ("!" if exclaims else ""))
        if text.count("!") > 1 or text.count("?") > 1:
            found.add("s" + ("??" if asks else "!!"))
        found.signs = {
            "exclaims": min(text.count("!"), 3),
            "asks": float(asks),
            "opens_question": float("¿" in text),
        }
        found.pairs = asks or exclaims
    elif first in ".…\n":
        found.ends = 2
        found.pairs = False
        if first == "…" or len(text) > 1:
            found.add("s…")
            found.signs = {"dots": 1.0}
    elif first in ",;:()" and len(text) == 1:
        found.ends = 1
        found.pairs = False
    elif first in ":;=<(^":
        _emoticon(found, text, lexicon)
    else:
        found.emoji = lexicon.emoji.get(text, 0.0)
        found.add("e" + text)
    return found


def _named(feature, sign):
    found = Token(signs={sign: 1.0})
    found.add(feature)
    return found


def _emoticon(found, text, lexicon):
    found.emoji = lexicon.emoji.get(text, 0.0)
    mouth = text[-1]
    if text[0] in "(^":
        shape, score = (":)", 1.5)
    elif text.startswith("<"):
        shape, score = ("</3", -2.0) if "/" in text else ("<3", 2.0)
    elif mouth in _HAPPY:
        shape, score = (":)", 1.5)
    elif mouth in _SAD:
        shape, score = (":(", -1.5)
    else:
        shape, score = (":o", 0.0)
    found.emoji = found.emoji or score
    found.add("e" + shape)


def _word(text, lexicon):
    found = Token()
    is_tag = text[0] == "#"
    bare = text[1:] if is_tag else text
    if bare[0].isdigit():
        found.word = fold(bare[:LONGEST_WORD])
        found.signs = {"numbers": 1.0}
        found.add("n" if len(bare) > 1 else "n" + bare)
        if not bare.isdigit():
            found.add("w" + found.word, 0.7)
        return found
    word = fold(bare[:LONGEST_WORD])
    if _LAUGH.match(word):
        found.emoji = lexicon.emoji.get(text, 0.0)
        found.signs = {"laughs": 1.0}
        found.add("laugh")
        return found
    found.word = word
    found.entry = lexicon.entry(word)
    found.signs = {
        "words": 1.0,
        "capitals": float(len(word) > 1 and bare.isupper()),
        "drawn_out": float(bool(_DRAWN_OUT.search(bare.lower()))),
        "tags": float(is_tag),
    }
    found.add("w" + word)
    pieces = pieces_of(word)
    if pieces:
        value = (PIECES_WEIGHT / len(pieces)) ** 0.5
        for piece in pieces:
            found.add("p" + piece, value)
    if is_tag:
        found.add("#", 0.5)
    if found.signs["drawn_out"]:
        found.add("drawn", 0.5)
    return found
