"""Texts as numbers, a whole batch at once.

What a token contributes by itself is worked out when it is first seen and remembered, so that a text costs a few
look-ups in a dictionary.  What depends on neighbours (negation, words that strengthen, pairs of words) is computed for
the batch with NumPy.  Imports NumPy: import it when a text is to be read, not before.

Features are hashed (K. Weinberger et al., "Feature hashing for large scale multitask learning", 2009): no vocabulary
is stored, and a text in any language or spelling has features.
"""

import threading
from dataclasses import dataclass
from zlib import crc32

import numpy as np

from .engine import INTENTS
from .lexicon import LONGEST_PHRASE, cues, lexicon
from .neighbours import before_but, last_marked, strengthened
from .tokens import LONGEST_TEXT, SIGNS, TOKEN, Token, token

#: Hashed features are numbers below it.
SIZE = 1 << 18
#: So many tokens are remembered for each language, and then forgotten all at once.
ROOM = 50_000
#: A batch is read in parts of so many characters, which bounds what is remembered within one.
PART = 200_000
#: A negator reaches so many tokens within its clause.
REACH = 4
#: A pair of neighbours weighs so much as against a word.
PAIR_WEIGHT = 0.7
#: Names of the dense features, in their order.
DENSE = (
    "positive", "negative", "best", "worst", "first", "last", "balance", "silent", "mixed",
    "emoji_positive", "emoji_negative", "negators", "exclaims", "asks", "opens_question", "dots", "capitals",
    "drawn_out", "links", "names", "tags", "numbers", "laughs", "length",
    *(f"hints_{intent}" for intent in INTENTS),
)  # fmt: skip

#: Columns of what is known of each token.
_SCORE, _NEGATOR, _BOOSTER, _BUT, _ENDS, _EMOJI, _PAIRS, _PHRASE, _ENERGY, _NEGATABLE, _HINTS, _CUES = range(12)
_SIGNS = 12
_COLUMNS = _SIGNS + len(SIGNS)
_BEGIN = ""
_LINKS = ("http://", "https://", "www.")


def hashed(feature):
    """The number of a feature."""
    return crc32(feature.encode("utf-8", "surrogatepass")) & (SIZE - 1)


@dataclass(slots=True)
class Batch:
    """Texts of one language as numbers."""

    #: Number of each token in the Vocabulary, the texts one after another; each text begins with token 0.
    ids: np.ndarray
    #: Where each text begins in ``ids``.
    starts: np.ndarray
    #: Whether each token stands in the reach of a negator.
    negated: np.ndarray
    #: For each pair of neighbours: hashed feature, and where its two tokens stand in ``ids``.
    pairs: np.ndarray
    pair_firsts: np.ndarray
    pair_places: np.ndarray
    #: What each listed word adds to the feeling, after its neighbours had their say; 0 for the others.
    scores: np.ndarray
    #: For each token the intents that it hints at: one column for each of INTENTS.
    hints: np.ndarray
    #: n × len(DENSE).
    dense: np.ndarray
    #: What the hashed features of each text are multiplied by.
    scale: np.ndarray
    #: What is known of each token, and what it turns.
    known: np.ndarray
    negators: np.ndarray

    def feelings(self):
        """For each token the score of its word or emoji."""
        return self.scores + self.known[:, _EMOJI]

    def dense_without(self, left_out):
        """The dense features as they would be if some words and emoji were in no list.

        :param left_out: mask over the tokens
        """
        known = self.known.copy()
        known[left_out, _EMOJI] = 0
        return _dense(np.where(left_out, 0, self.scores), known, self.negators, self.hints, self.starts)


class Rows:
    """Rows of numbers that more are added to; adding does not copy what is there each time."""

    def __init__(self, width, dtype=np.float32):
        """:param int width: numbers of a row; 0 where each is a number by itself"""
        self._array = np.zeros((64, width) if width else 64, dtype)
        self._count = 0

    def __getitem__(self, key):
        return self._array[key]

    def add(self, rows):
        """Add rows, one for each item of a sequence or array."""
        rows = np.asarray(rows, self._array.dtype)
        count = self._count + len(rows)
        if count > len(self._array):
            array = np.zeros((2 * count, *self._array.shape[1:]), self._array.dtype)
            array[: self._count] = self._array[: self._count]
            self._array = array
        self._array[self._count : count] = rows
        self._count = count


class _Ids(dict):
    """Token as written → its number; a token that is not known yet is learned."""

    def __init__(self, learn):
        super().__init__()
        self._learn = learn

    def __missing__(self, text):
        alike = "@x" if text[0] == "@" else "https://x" if text.startswith(_LINKS) else text
        if text != alike:
            # All names and all links say the same, and most are there once: they take no room.
            return self[alike]
        begins_sentence = len(text) > 3 and text[0].isupper() and text[1:].islower()
        number = self[text.lower()] if begins_sentence else self._learn(text)
        if len(text) <= 64:
            self[text] = number
        return number


class Vocabulary:
    """The tokens of one language that were seen lately.  Not safe for threads by itself."""

    def __init__(self, language):
        self.language = language
        self._lexicon = lexicon(language)
        self._cues = cues(language)
        self.forget()

    def forget(self):
        """Start anew: numbers given so far are void."""
        self._ids = _Ids(self._learn)
        self._words = []
        self._known = Rows(_COLUMNS)
        self._hashes = Rows(0, np.uint64)
        self._hints = {}
        self._fresh_known, self._fresh_hashes = [], []
        #: Features of the tokens seen since the caller last took them: [(numbers, values, number when negated)].
        self.fresh = []
        self._add(_BEGIN, Token(ends=2))

    def __len__(self):
        return len(self._words)

    def _learn(self, text):
        return self._add(text, token(text, self._lexicon))

    def _add(self, text, found):
        word = found.word
        entry = found.entry
        starts_phrase = bool(word) and word in self._lexicon.phrases
        hints = self._cues.entry(word).intents if word else ()
        if hints:
            self._hints[len(self._words)] = hints
        numbers = [hashed(feature) for feature in found.features]
        energy = sum(value * value for value in found.values)
        self._fresh_known.append(
            [entry.score, entry.negator, entry.booster, entry.but, found.ends, found.emoji, found.pairs]
            + [starts_phrase, energy, bool(word) and bool(found.signs.get("words")) and not entry.negator]
            + [bool(hints), bool(word) and word in self._cues.phrases]
            + [found.signs.get(sign, 0.0) for sign in SIGNS]
        )
        first = found.features[0] if found.features else "begin" if text == _BEGIN else "sign" + text[:1]
        self._fresh_hashes.append(crc32(first.encode("utf-8", "surrogatepass")))
        self.fresh.append((numbers, found.values, hashed("not " + word) if word else None))
        self._words.append(word)
        return len(self._words) - 1

    def encode(self, texts):
        """Texts as a Batch; at most PART characters of them together, or one text.

        :param texts: list of str
        """
        ids, starts = [], []
        for text in texts:
            starts.append(len(ids))
            ids.append(0)
            ids.extend(map(self._ids.__getitem__, TOKEN.findall(text[:LONGEST_TEXT])))
        if self._fresh_known:
            self._known.add(self._fresh_known)
            self._hashes.add(self._fresh_hashes)
            self._fresh_known, self._fresh_hashes = [], []
        return self._batch(np.array(ids, np.int64), np.array(starts, np.int64))

    def _batch(self, ids, starts):
        known = self._known[ids]
        places = np.arange(len(ids))
        score, negator = known[:, _SCORE].copy(), known[:, _NEGATOR].copy()
        booster, but = known[:, _BOOSTER].copy(), known[:, _BUT].copy()
        settled = self._phrases(ids, known, score, negator, booster, but)
        ends = known[:, _ENDS]
        begins = np.zeros(len(ids), bool)
        begins[starts] = True

        clause = last_marked(places, (ends > 0) | (but != 0))
        turned = last_marked(places, negator != 0)
        negated = (turned > clause) & (turned < places) & (places - turned <= REACH) & (known[:, _SIGNS] > 0)
        score[(negator != 0) & (but == 0)] = 0
        stronger = strengthened(score, booster, clause, places)
        turning = np.where(negated & ~settled, negator[np.maximum(turned, 0)], 1.0)
        shouted = 1.0 + 0.25 * known[:, _SIGNS + SIGNS.index("capitals")]
        final = stronger * turning * shouted
        final *= before_but(but, ends == 2, places)

        pairs, pair_firsts, pair_places = self._pairs(ids, known, begins)
        hints = self._hinted(ids, known)
        dense = _dense(final, known, negator, hints, starts)
        energy = np.add.reduceat(known[:, _ENERGY], starts)
        energy += PAIR_WEIGHT**2 * np.bincount(_text_of(pair_places, starts), minlength=len(starts))
        return Batch(
            ids=ids,
            starts=starts,
            negated=negated & (known[:, _NEGATABLE] > 0),
            pairs=pairs,
            pair_firsts=pair_firsts,
            pair_places=pair_places,
            scores=final,
            hints=hints,
            dense=dense,
            scale=(1.0 / np.sqrt(energy + 4.0)).astype(np.float32),
            known=known,
            negators=negator,
        )

    def _phrases(self, ids, known, score, negator, booster, but):
        """Give phrases the roles of their entry: the score to the first word, all others to the last one.

        :return: mask of the scores that no negator turns, because the phrase has one of its own
        """
        settled = np.zeros(len(ids), bool)
        past = -1
        for place in np.flatnonzero(known[:, _PHRASE]).tolist():
            if place < past:
                continue
            words = [self._words[number] for number in ids[place : place + LONGEST_PHRASE].tolist()]
            found = self._lexicon.phrase(words)
            if found is None:
                continue
            count, entry = found
            past = place + count
            settled[place] = bool(known[place:past, _NEGATOR].any())
            score[place:past] = negator[place:past] = booster[place:past] = but[place:past] = 0
            score[place] = entry.score
            negator[past - 1], booster[past - 1], but[past - 1] = entry.negator, entry.booster, entry.but
        return settled

    def _hinted(self, ids, known):
        """The intents that each token hints at; a phrase does so with its first word."""
        hints = np.zeros((len(ids), len(INTENTS)), np.float32)
        for place in np.flatnonzero(known[:, _HINTS]).tolist():
            for intent in self._hints[int(ids[place])]:
                hints[place, intent] = 1
        for place in np.flatnonzero(known[:, _CUES]).tolist():
            words = [self._words[number] for number in ids[place : place + LONGEST_PHRASE].tolist()]
            found = self._cues.phrase(words)
            if found is not None:
                for intent in found[1].intents:
                    hints[place, intent] = 1
        return hints

    def _pairs(self, ids, known, begins):
        kept = np.flatnonzero((known[:, _PAIRS] > 0) | begins)
        hashes = self._hashes[ids[kept]]
        mixed = hashes[:-1] * np.uint64(0x9E3779B1) + hashes[1:] * np.uint64(0x85EBCA77) + np.uint64(0x2545F491)
        mixed ^= mixed >> np.uint64(29)
        numbers = (mixed & np.uint64(SIZE - 1)).astype(np.int64)
        inside = ~begins[kept[1:]]
        return numbers[inside], kept[:-1][inside], kept[1:][inside]


def _text_of(places, starts):
    """The number of the text in which each place lies."""
    return np.searchsorted(starts, places, side="right") - 1


def _dense(final, known, negator, hints, starts):
    """The dense features, each about 0 to 1."""

    def total(values):
        return np.add.reduceat(values, starts)

    positive, negative = np.maximum(final, 0), np.maximum(-final, 0)
    pos, neg = total(positive), total(negative)
    emoji = known[:, _EMOJI]
    happy, sad = total(np.maximum(emoji, 0)), total(np.maximum(-emoji, 0))
    count = np.diff(np.append(starts, len(final)))
    signs = {sign: total(known[:, _SIGNS + column]) for column, sign in enumerate(SIGNS)}
    words = np.maximum(signs["words"], 1)
    balance = pos + happy - neg - sad
    first, last = _ends(final, starts)
    columns = {
        "positive": np.tanh(pos / 4),
        "negative": np.tanh(neg / 4),
        "best": np.maximum.reduceat(positive, starts) / 4,
        "worst": np.maximum.reduceat(negative, starts) / 4,
        "first": first / 4,
        "last": last / 4,
        "balance": balance / np.sqrt(balance**2 + 15),
        "silent": (pos + neg + happy + sad == 0) * 1.0,
        "mixed": np.tanh(np.minimum(pos, neg) / 2),
        "emoji_positive": np.tanh(happy / 3),
        "emoji_negative": np.tanh(sad / 3),
        "negators": np.minimum(total((negator != 0) * 1.0), 3) / 3,
        "exclaims": np.minimum(signs["exclaims"], 3) / 3,
        "asks": np.minimum(signs["asks"], 2) / 2,
        "opens_question": np.minimum(signs["opens_question"], 1),
        "dots": np.minimum(signs["dots"], 2) / 2,
        "capitals": signs["capitals"] / words,
        "drawn_out": np.minimum(signs["drawn_out"], 2) / 2,
        "links": np.minimum(signs["links"], 1),
        "names": np.minimum(signs["names"], 2) / 2,
        "tags": np.minimum(signs["tags"], 3) / 3,
        "numbers": np.minimum(signs["numbers"], 3) / 3,
        "laughs": np.minimum(signs["laughs"], 1),
        "length": np.log1p(count) / 5,
    }
    hinted = np.minimum(np.add.reduceat(hints, starts), 3) / 3
    columns |= {f"hints_{intent}": hinted[:, place] for place, intent in enumerate(INTENTS)}
    return np.stack([columns[name] for name in DENSE], axis=1).astype(np.float32)


def _ends(final, starts):
    """The first and the last score other than 0 of each text."""
    places = np.flatnonzero(final)
    first, last = np.zeros(len(starts), np.float32), np.zeros(len(starts), np.float32)
    texts = _text_of(places, starts)
    last[texts] = final[places]  # of several for one text the last one stays
    first[texts[::-1]] = final[places[::-1]]
    return first, last


def parts(texts):
    """Cut a list of texts into lists of at most PART characters, or of one text."""
    part, size = [], 0
    for text in texts:
        length = min(len(text), LONGEST_TEXT)
        if part and size + length > PART:
            yield part
            part, size = [], 0
        part.append(text)
        size += length
    if part:
        yield part


class Vocabularies:
    """One Vocabulary for each language; threads take turns."""

    def __init__(self):
        self.lock = threading.RLock()
        self._found = {}

    def __getitem__(self, language):
        if language not in self._found:
            self._found[language] = Vocabulary(language)
        return self._found[language]
