"""Word lists: how words sound, and which words turn, strengthen or weaken their neighbours.

The files are described in ``lexicon/README.md``.  Words are compared folded: without case and accents, and with
letters that are drawn out ("buenísimoooo") written once.
"""

import csv
import functools
import re
import unicodedata
from dataclasses import dataclass, field, replace
from pathlib import Path

from .engine import INTENTS
from .language import LANGUAGES

FOLDER = Path(__file__).parent / "lexicon"
#: A phrase has at most so many words; longer ones are refused.
LONGEST_PHRASE = 9
_RUNS = re.compile(r"([^\W\d])\1{2,}")
_APOSTROPHES = re.compile(r"['’]")


def fold(word):
    """The word in lower case, without accents and apostrophes; what is drawn out is written once.

    >>> fold("Buenísimoooo"), fold("don’t")
    ('buenisimo', 'dont')
    """
    word = word.lower()
    if not word.isascii():
        word = unicodedata.normalize("NFKD", word)
        word = "".join(char for char in word if not unicodedata.combining(char)).replace("ß", "ss")
    return _RUNS.sub(r"\1", _APOSTROPHES.sub("", word))


def bare(emoji):
    """An emoji without the sign that asks for its coloured form."""
    return emoji.replace("\ufe0f", "")


@dataclass(slots=True, frozen=True)
class Entry:
    """What is known of a word or phrase; 0 where it has no such role."""

    #: −4 (worst) to 4 (best).
    score: float = 0.0
    #: What follows in the clause is multiplied by it.
    negator: float = 0.0
    #: The next words are multiplied by it (booster or damper).
    booster: float = 0.0
    #: What stands before it in the sentence is multiplied by it.
    but: float = 0.0
    #: Intents that it hints at, as places in INTENTS.
    intents: tuple[int, ...] = ()


NOTHING = Entry()


@dataclass(slots=True)
class Lexicon:
    """The lists of one language together with the emoji."""

    words: dict[str, Entry] = field(default_factory=dict)
    #: Beginnings of words; the longest one counts.
    stems: dict[str, Entry] = field(default_factory=dict)
    #: First word → second word → [(all words, whether any ending may follow the last one, entry)], the longest first.
    phrases: dict[str, dict[str, list[tuple[tuple[str, ...], bool, Entry]]]] = field(default_factory=dict)
    #: First word → beginnings of the second one, where a phrase has no more than these.
    phrase_stems: dict[str, dict[str, Entry]] = field(default_factory=dict)
    emoji: dict[str, float] = field(default_factory=dict)
    longest_stem: int = 0

    def entry(self, word):
        """The Entry of a folded word; NOTHING where it is in no list."""
        found = self.words.get(word)
        return self.stem(word) if found is None else found

    def stem(self, word):
        """The Entry of the longest beginning of a folded word that is listed with any ending."""
        for length in range(min(self.longest_stem, len(word)), 1, -1):
            found = self.stems.get(word[:length])
            if found is not None:
                return found
        return NOTHING

    def phrase(self, words):
        """The longest phrase at the beginning of a list of folded words: (number of words, Entry) or None."""
        second = words[1] if len(words) > 1 else ""
        for parts, is_stem, entry in self.phrases.get(words[0], {}).get(second, ()):
            count = len(parts)
            if count > len(words):
                continue
            last = words[count - 1]
            if tuple(words[: count - 1]) == parts[:-1] and (
                last.startswith(parts[-1]) if is_stem else last == parts[-1]
            ):
                return count, entry
        stems = self.phrase_stems.get(words[0])
        if stems:
            for length in range(len(second), 0, -1):
                entry = stems.get(second[:length])
                if entry is not None:
                    return 2, entry
        return None


def rows(path):
    """The rows of a list as dicts; a file that is not there has none."""
    if not path.exists():
        return []
    with path.open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE))


def _roles(language, folder):
    """Word as listed → {role: value}."""
    found = {}
    for row in rows(folder / f"{language}.tsv"):
        found.setdefault(row["word"], {})["score"] = float(row["score"])
    for row in rows(folder / "modifiers.tsv"):
        if row["lang"] == language:
            role = "booster" if row["kind"] == "damper" else row["kind"]
            found.setdefault(row["word"], {})[role] = float(row["factor"])
    return found


@functools.cache
def lexicon(language, folder=FOLDER):
    """The Lexicon of a language, read once; of a language without lists, emoji alone.

    :param str language: ISO 639-1 code; "" (undetermined) has the words of all lists that do not contradict each other
    """
    emoji = {bare(row["word"]): float(row["score"]) for row in rows(folder / "emoji.tsv")}
    if not language:
        return Lexicon(words=_common(folder), emoji=emoji)
    return _built({listed: Entry(**roles) for listed, roles in _roles(language, folder).items()}, emoji)


def _common(folder):
    """Single words of all languages; those that sound good in one and bad in another are left out."""
    entries = {}
    for language in LANGUAGES:
        for word, entry in lexicon(language, folder).words.items():
            entries.setdefault(word, []).append(entry)
    return {
        word: found[0]
        for word, found in entries.items()
        if len({(entry.score > 0) - (entry.score < 0) for entry in found}) == 1
    }


@functools.cache
def cues(language, folder=FOLDER):
    """A Lexicon of the words and phrases that hint at intents in a language."""
    found = {}
    for row in rows(folder / "cues.tsv"):
        if row["lang"] == language:
            found.setdefault(row["word"], []).append(INTENTS.index(row["intent"]))
    return _built({listed: Entry(intents=tuple(intents)) for listed, intents in found.items()}, {})


def _built(entries, emoji):
    """A Lexicon from words as listed."""
    from .tokens import words_of

    result = Lexicon(emoji=emoji)
    for listed, entry in entries.items():
        is_stem = listed.endswith("*")
        parts = tuple(words_of(listed.rstrip("*")))
        if not parts or len(parts) > LONGEST_PHRASE or (len(parts) == 1 and parts[0][0].isdigit()):
            continue  # a number alone says nothing, whatever it was listed with
        if len(parts) > 1:
            seconds = result.phrases.setdefault(parts[0], {})
            if is_stem and len(parts) == 2:
                result.phrase_stems.setdefault(parts[0], {})[parts[1]] = entry
            else:
                seconds.setdefault(parts[1], []).append((parts, is_stem, entry))
        elif is_stem:
            result.stems[parts[0]] = entry
            result.longest_stem = max(result.longest_stem, len(parts[0]))
        else:
            # two words that differ in an accent alone: the one that sounds stronger
            known = result.words.get(parts[0], NOTHING)
            if abs(entry.score) >= abs(known.score):
                result.words[parts[0]] = entry
    for word, entry in result.words.items():
        if not entry.score:
            # a word that strengthens, say, sounds as its stem does
            result.words[word] = replace(entry, score=result.stem(word).score)
    for seconds in result.phrases.values():
        for phrases in seconds.values():
            phrases.sort(key=lambda phrase: (-len(phrase[0]), phrase[1]))
    return result
