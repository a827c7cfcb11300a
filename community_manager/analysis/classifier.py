"""Feeling and intents of texts by a linear model over hashed features and word lists.

Imports NumPy: import it when a text is to be read, not before.

>>> classifier = Classifier.load()
>>> sentiment, intents = classifier.predict(["¡Me encanta!", "where is my refund"], ["es", "en"])
>>> sentiment.shape, intents.shape
((2, 3), (2, 10))
"""

import functools
import hashlib
import io
import zipfile
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from .encoding import DENSE, PAIR_WEIGHT, ROOM, SIZE, Rows, Vocabularies, parts
from .engine import FEELINGS, INTENTS
from .tokens import LONGEST_TEXT, TOKEN

WEIGHTS = Path(__file__).parent / "weights" / "fast.npz"
#: Raised with every change of features: weights of another format are of no use.
FORMAT = 1
#: Weights are refused above it, unpacked: hashed rows of all features would be less.
LARGEST = 32 * 1024 * 1024
#: An explanation names so many words.
TOLD = 8
#: Results: three feelings, then the intents.
RESULTS = len(FEELINGS) + len(INTENTS)
#: Columns of the weights: feelings by all that was learned, feelings by word lists foremost, whether somebody talks to
#: or about a company, and the intents.  See :func:`mixed`.
OUTPUTS = 2 * len(FEELINGS) + 1 + len(INTENTS)
LEARNED, LISTED = slice(0, 3), slice(3, 6)
COMPANY, MEANT = 6, slice(7, None)
#: A language has a bias of its own; "" is any other.
BIASED = ("", "es", "en", "pt", "fr", "de", "it", "ca")


def company_share(scores):
    """How far texts talk to or about a company, 0 to 1: the square root of its probability, so that doubt counts."""
    return 1.0 / np.sqrt(1.0 + np.exp(-np.clip(scores[:, COMPANY], -30, 30)))


def mixed(scores):
    """Results of the model from the outputs of its parts.

    What the corpus teaches holds where somebody talks to or about a company, as its lines do.  In everyday talk words
    mean other things, and the word lists know better; so the two are weighed by what kind of text it is.

    :param scores: n × OUTPUTS
    :return: n × RESULTS: scores of feelings and of intents
    """
    share = company_share(scores)[:, None]
    feelings = share * scores[:, LEARNED] + (1.0 - share) * scores[:, LISTED]
    return np.concatenate([feelings, scores[:, MEANT]], axis=1)


class WeightsError(ValueError):
    """Bytes that are no weights of this product and version; the message says why."""


@dataclass(slots=True)
class Weights:
    """What is learned.

    ============ =========== ===============================================================
    numbers      k           hashed features whose row is not 0, rising
    rows         k × OUTPUTS their weights
    dense        d × OUTPUTS weights of the dense features
    bias         8 × OUTPUTS for each of BIASED
    scale        RESULTS     what each raw score is multiplied by to be calibrated …
    shift        RESULTS     … and what is then added
    thresholds   10          probability from which an intent is told
    ============ =========== ===============================================================
    """

    numbers: np.ndarray
    rows: np.ndarray
    dense: np.ndarray
    bias: np.ndarray
    scale: np.ndarray
    shift: np.ndarray
    thresholds: np.ndarray

    def to_bytes(self):
        """As a compressed .npz; the same weights give the same bytes."""
        stream = io.BytesIO()
        with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
            for name in ("format", *self.__slots__):
                array = io.BytesIO()
                value = np.array(FORMAT) if name == "format" else getattr(self, name)
                np.lib.format.write_array(array, value, allow_pickle=False)
                # a fixed date: numpy.savez would write today's
                archive.writestr(
                    zipfile.ZipInfo(f"{name}.npy", (1980, 1, 1, 0, 0, 0)), array.getvalue(), zipfile.ZIP_DEFLATED
                )
        return stream.getvalue()

    @classmethod
    def from_bytes(cls, data):
        """Read what :meth:`to_bytes` wrote.

        :raises WeightsError: where it is something else, too large, of another version or not finite
        """
        expected = {
            "numbers": (None,), "rows": (None, OUTPUTS), "dense": (len(DENSE), OUTPUTS), "bias": (len(BIASED), OUTPUTS),
            "scale": (RESULTS,), "shift": (RESULTS,), "thresholds": (len(INTENTS),),
        }  # fmt: skip
        try:
            with zipfile.ZipFile(io.BytesIO(data)) as archive:
                if sum(entry.file_size for entry in archive.infolist()) > LARGEST:
                    raise WeightsError("weights are too large")
            with np.load(io.BytesIO(data), allow_pickle=False) as arrays:
                found = {name: arrays[name] for name in ("format", *expected)}
        except WeightsError:
            raise
        except (zipfile.BadZipFile, ValueError, KeyError, OSError, EOFError) as error:
            raise WeightsError(f"no weights: {error}") from error
        if found["format"].shape != () or found["format"].dtype.kind not in "ui" or int(found.pop("format")) != FORMAT:
            raise WeightsError("weights of another version")
        for name, shape in expected.items():
            array = found[name]
            kinds = "ui" if name == "numbers" else "f"
            fits = len(array.shape) == len(shape) and all(
                want is None or want == have for want, have in zip(shape, array.shape, strict=True)
            )
            if not fits or array.dtype.kind not in kinds or not np.isfinite(array).all():
                raise WeightsError(f"weights: {name} is not as expected")
        numbers = found["numbers"]
        if len(numbers) != len(found["rows"]) or (len(numbers) and int(numbers.max()) >= SIZE):
            raise WeightsError("weights: rows and numbers do not fit")
        return cls(**found)


class _Table:
    """Rows of hashed features; those that have none are 0."""

    def __init__(self, weights):
        self._places = np.zeros(SIZE, np.int32)
        self._places[weights.numbers] = np.arange(1, len(weights.numbers) + 1)
        self._rows = np.zeros((len(weights.numbers) + 1, OUTPUTS), np.float32)
        self._rows[1:] = weights.rows

    def __getitem__(self, numbers):
        return self._rows[self._places[numbers]]


class _Memory:
    """A Vocabulary together with the scores of its tokens."""

    def __init__(self, vocabulary, table):
        self.vocabulary = vocabulary
        self._table = table
        self._forget()

    def _forget(self):
        self.scores = Rows(OUTPUTS)
        #: What is added to the scores where the token is negated.
        self.turned = Rows(OUTPUTS)

    def encode(self, texts):
        if len(self.vocabulary) > ROOM:
            self.vocabulary.forget()
            self._forget()
        batch = self.vocabulary.encode(texts)
        if self.vocabulary.fresh:
            self._learn(self.vocabulary.fresh)
            self.vocabulary.fresh = []
        return batch

    def _learn(self, fresh):
        scores, turned = np.zeros((2, len(fresh), OUTPUTS), np.float32)
        places = [place for place, (numbers, _values, _negated) in enumerate(fresh) if numbers]
        if places:
            features = [number for numbers, _values, _negated in fresh for number in numbers]
            values = [value for _numbers, values, _negated in fresh for value in values]
            weighed = self._table[features] * np.array(values, np.float32)[:, None]
            starts = np.cumsum([0] + [len(fresh[place][0]) for place in places[:-1]])
            scores[places] = np.add.reduceat(weighed, starts)
        negatable = [
            (place, negated, numbers[0])
            for place, (numbers, _values, negated) in enumerate(fresh)
            if negated is not None
        ]
        if negatable:
            places, negated, plain = map(list, zip(*negatable, strict=True))
            turned[places] = self._table[negated] - self._table[plain]
        self.scores.add(scores)
        self.turned.add(turned)


class Classifier:
    """Reads feeling and intents; threads may share it."""

    def __init__(self, weights, version):
        #: Name of the weights.
        self.version = version
        self.weights = weights
        #: Probability from which each intent is told, as an array in the order of INTENTS.
        self.thresholds = weights.thresholds.astype(np.float64)
        self._table = _Table(weights)
        self._dense = weights.dense.astype(np.float32)
        self._bias = dict(zip(BIASED, weights.bias.astype(np.float32), strict=True))
        self._memories = {}
        self._vocabularies = Vocabularies()

    @classmethod
    def load(cls, data=None):
        """A Classifier with the given weights.

        :param bytes data: weights of a learned version; None for the shipped ones
        :raises WeightsError: where the bytes are no weights
        """
        if data is None:
            return _shipped()
        return cls(Weights.from_bytes(data), f"{FORMAT}-{hashlib.sha256(data).hexdigest()[:8]}")

    def to_bytes(self):
        """Its weights, as :meth:`load` takes them."""
        return self.weights.to_bytes()

    def predict(self, texts, languages):
        """Calibrated probabilities.

        :param texts: list of str
        :param languages: for each its ISO 639-1 code, or ""
        :return: n × 3 in the order of FEELINGS (each row sums to 1), n × 10 in the order of INTENTS
        """
        return self.calibrated(self.scores(texts, languages))

    def calibrated(self, scores):
        """Raw scores as probabilities; see :meth:`predict`."""
        logits = scores * self.weights.scale + self.weights.shift
        feelings = logits[:, : len(FEELINGS)]
        feelings = np.exp(feelings - feelings.max(axis=1, keepdims=True))
        intents = 1.0 / (1.0 + np.exp(-np.clip(logits[:, len(FEELINGS) :], -30, 30)))
        return feelings / feelings.sum(axis=1, keepdims=True), intents

    def scores(self, texts, languages):
        """Raw scores, before calibration: n × RESULTS, three feelings and ten intents."""
        return mixed(self._read(texts, languages)[0])

    def dense(self, texts, languages):
        """What word lists and signs say: n × len(encoding.DENSE), float32; learned weights play no part."""
        return self._read(texts, languages)[1]

    def _read(self, texts, languages):
        scores = np.zeros((len(texts), OUTPUTS), np.float32)
        dense = np.zeros((len(texts), len(DENSE)), np.float32)
        by_language = {}
        for place, language in enumerate(languages):
            by_language.setdefault(language if language in self._bias else "", []).append(place)
        with self._vocabularies.lock:
            for language, places in by_language.items():
                done = 0
                for part in parts([texts[place] for place in places]):
                    here = places[done : done + len(part)]
                    scores[here], dense[here] = self._part(part, language)
                    done += len(part)
        return scores, dense

    def _memory(self, language):
        if language not in self._memories:
            self._memories[language] = _Memory(self._vocabularies[language], self._table)
        return self._memories[language]

    def _part(self, texts, language):
        memory = self._memory(language)
        batch = memory.encode(texts)
        return self._sums(memory, batch, language), batch.dense

    def _sums(self, memory, batch, language):
        """The outputs of each text of a Batch."""
        rows = memory.scores[batch.ids]
        rows[batch.negated] += memory.turned[batch.ids[batch.negated]]
        # added in the place of the second word, so that one sum over each text is enough
        rows[batch.pair_places] += PAIR_WEIGHT * self._table[batch.pairs]
        sums = np.add.reduceat(rows, batch.starts) * batch.scale[:, None]
        return sums + batch.dense @ self._dense + self._bias[language]

    def explain(self, text, language, what):
        """Words that weighed most.

        :param str what: "negative", "positive", "neutral" or one of INTENTS
        :return: [(start, end, weight)] in the text as written, the heaviest first; a weight above 0 speaks for it
        """
        language = language if language in self._bias else ""
        with self._vocabularies.lock:
            memory = self._memory(language)
            batch = memory.encode([text])
            column = self._column(what, self._sums(memory, batch, language))
            weights = self._token_weights(memory, batch, column)
        spans = [match.span() for match in TOKEN.finditer(text[:LONGEST_TEXT])]
        found = [(*span, weight) for span, weight in zip(spans, weights[1:].tolist(), strict=True) if span]
        found.sort(key=lambda item: (-abs(item[2]), item[0]))
        least = 0.1 * abs(found[0][2]) if found else 0.0
        return [item for item in found[:TOLD] if item[2] and abs(item[2]) >= least]

    def _column(self, what, scores):
        """What each output counts for a feeling or an intent of one text, given its outputs."""
        column = np.zeros(OUTPUTS, np.float32)
        if what in FEELINGS:
            # against a feeling stands its opposite; against "neutral" both of the others
            place = FEELINGS.index(what)
            own = np.full(len(FEELINGS), -0.5) if what == "neutral" else np.array([-1.0, 0.0, -1.0])
            own[place] = 1.0
            own *= self.weights.scale[: len(FEELINGS)]
            share = company_share(scores)[0]
            column[LEARNED], column[LISTED] = share * own, (1.0 - share) * own
        else:
            if what not in INTENTS:
                raise ValueError(f"no feeling and no intent: {what!r}")
            place = INTENTS.index(what)
            column[MEANT][place] = self.weights.scale[len(FEELINGS) + place]
        return column

    def _token_weights(self, memory, batch, column):
        """What each token adds to the calibrated score."""
        scores = memory.scores[batch.ids] @ column
        turned = memory.turned[batch.ids[batch.negated]] @ column
        scores[batch.negated] += turned
        pairs = 0.5 * PAIR_WEIGHT * (self._table[batch.pairs] @ column)
        np.add.at(scores, batch.pair_places, pairs)
        np.add.at(scores, batch.pair_firsts, pairs)
        scores *= batch.scale[0]
        feelings = batch.feelings()
        dense = self._dense @ column
        for sign in (1, -1):
            listed = feelings * sign > 0
            if listed.any():
                gone = (batch.dense[0] - batch.dense_without(listed)[0]) @ dense
                scores[listed] += gone * np.abs(feelings[listed]) / np.abs(feelings[listed]).sum()
        hinted = DENSE.index(f"hints_{INTENTS[0]}")
        weights = dense[hinted:] * batch.dense[0, hinted:] / np.maximum(batch.hints.sum(axis=0), 1)
        return scores + batch.hints @ weights


@functools.cache
def _shipped():
    data = WEIGHTS.read_bytes()
    return Classifier(Weights.from_bytes(data), f"{FORMAT}-{hashlib.sha256(data).hexdigest()[:8]}")
