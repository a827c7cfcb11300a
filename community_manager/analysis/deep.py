"""The second pass: feelings and intents from sentence embeddings, word lists and the first pass together.

A head of two layers stands over the vector of a text.  The first is a kernel machine over the vector alone: how like
the text is to some hundreds of landmarks, which are training sentences (C. Williams and M. Seeger, "Using the Nyström
method to speed up kernel machines", 2000).  The second weighs its scores against the probabilities of the first pass
and what the word lists say, and is calibrated on sentences that no layer below had seen (D. Wolpert, "Stacked
generalization", 1992).  What a company taught the first pass therefore counts here too.

Imports NumPy: import it when a text is to be read, not before.  ``training_deep.py`` makes the weights.
"""

import functools
import hashlib
import io
import zipfile
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from . import embeddings
from .encoding import DENSE
from .engine import FEELINGS, INTENTS
from .tokens import LONGEST_TEXT, TOKEN

FOLDER = Path(__file__).parent / "weights"
#: Raised with every change of what the layers are given: weights of another format are of no use.
FORMAT = 1
OUTPUTS = len(FEELINGS) + len(INTENTS)
#: What word lists say of feelings, by the names of the dense features.  The others say how customers write, and count
#: for intents only: everyday talk is written in other ways.
LISTS = [
    DENSE.index(name)
    for name in (
        "positive", "negative", "best", "worst", "first", "last", "balance", "silent", "mixed",
        "emoji_positive", "emoji_negative",
    )
]  # fmt: skip
#: What the second layer is given for feelings: scores of the first layer, log-probabilities of the first pass, LISTS.
FEELING_INPUTS = 2 * len(FEELINGS) + len(LISTS)
#: And for intents: all scores of the first layer, the log-odds of the first pass, and what signs and lists say.
INTENT_INPUTS = OUTPUTS + len(INTENTS) + len(DENSE)
#: Log-probabilities and log-odds end here: more certain than this is nobody.
SUREST = 6.0
#: An explanation by embedding looks at so many words, one after another left out; a longer text is explained by words.
EXPLAINED = 40
#: An explanation names so many words.
TOLD = 8


class HeadError(ValueError):
    """Bytes that are no weights of this product, version and embedding; the message says why."""


@dataclass(slots=True)
class Head:
    """The weights over one embedding of width d.

    =========== ============ ====================================================================
    landmarks   k × d        vectors of training sentences, float16
    gamma       scalar       1 / (2 σ²) of the Gaussian kernel
    table       k × 13       weights of the landmarks: three feelings, ten intents
    base        13           scores of a text that is like none of them
    feelings    17 × 3       second layer, see FEELING_INPUTS
    feeling_bias 3
    intents     … × 10       second layer, see INTENT_INPUTS
    intent_bias 10
    thresholds  10           probability from which an intent is told
    =========== ============ ====================================================================
    """

    landmarks: np.ndarray
    gamma: np.ndarray
    table: np.ndarray
    base: np.ndarray
    feelings: np.ndarray
    feeling_bias: np.ndarray
    intents: np.ndarray
    intent_bias: np.ndarray
    thresholds: np.ndarray

    def to_bytes(self):
        """As a compressed .npz; the same weights give the same bytes."""
        stream = io.BytesIO()
        with zipfile.ZipFile(stream, "w") as archive:
            for name in ("format", *self.__slots__):
                array = io.BytesIO()
                value = np.array(FORMAT) if name == "format" else getattr(self, name)
                np.lib.format.write_array(array, value, allow_pickle=False)
                # a fixed date: numpy.savez would write today's
                entry = zipfile.ZipInfo(f"{name}.npy", (1980, 1, 1, 0, 0, 0))
                archive.writestr(entry, array.getvalue(), zipfile.ZIP_DEFLATED, 9)
        return stream.getvalue()

    @classmethod
    def from_bytes(cls, data, width):
        """Read what :meth:`to_bytes` wrote.

        :param int width: of the embedding
        :raises HeadError: where it is something else, of another version or embedding, or not finite
        """
        shapes = {
            "landmarks": (None, width), "gamma": (), "table": (None, OUTPUTS), "base": (OUTPUTS,),
            "feelings": (FEELING_INPUTS, len(FEELINGS)), "feeling_bias": (len(FEELINGS),),
            "intents": (INTENT_INPUTS, len(INTENTS)), "intent_bias": (len(INTENTS),), "thresholds": (len(INTENTS),),
        }  # fmt: skip
        try:
            with np.load(io.BytesIO(data), allow_pickle=False) as arrays:
                found = {name: arrays[name] for name in ("format", *shapes)}
        except (zipfile.BadZipFile, ValueError, KeyError, OSError, EOFError) as error:
            raise HeadError(f"no weights: {error}") from error
        if found["format"].shape != () or int(found.pop("format")) != FORMAT:
            raise HeadError("weights of another version")
        for name, shape in shapes.items():
            have = found[name].shape
            fits = len(have) == len(shape) and all(w in (None, h) for w, h in zip(shape, have, strict=True))
            if not fits or found[name].dtype.kind != "f" or not np.isfinite(found[name]).all():
                raise HeadError(f"weights: {name} is not as expected")
        if len(found["landmarks"]) != len(found["table"]):
            raise HeadError("weights: landmarks and table do not fit")
        return cls(**{name: array.astype(np.float32) for name, array in found.items()})

    def scores(self, vectors):
        """The first layer: n × d vectors of length 1 → n × 13 scores, about −1 to 1."""
        return kernel(vectors, self.landmarks, self.gamma) @ self.table + self.base

    def predict(self, vectors, feelings, intents, dense):
        """Calibrated probabilities of both layers.

        :param vectors: n × d, each of length 1
        :param feelings: n × 3, probabilities of the first pass
        :param intents: n × 10, likewise
        :param dense: n × len(DENSE), what signs and lists say
        :return: n × 3 in the order of FEELINGS (each row sums to 1), n × 10 in the order of INTENTS
        """
        for_feelings, for_intents = inputs(self.scores(vectors), feelings, intents, dense)
        logits = for_feelings @ self.feelings + self.feeling_bias
        found = np.exp(logits - logits.max(axis=1, keepdims=True))
        odds = np.clip(for_intents @ self.intents + self.intent_bias, -30, 30)
        return found / found.sum(axis=1, keepdims=True), 1.0 / (1.0 + np.exp(-odds))


def kernel(vectors, landmarks, gamma):
    """The Gaussian kernel exp(−γ ‖x − y‖²) of vectors of length 1: n × d and k × d → n × k."""
    return np.exp((2.0 * gamma) * (vectors @ landmarks.T - 1.0))


def inputs(scores, feelings, intents, dense):
    """What the second layer is given: n × FEELING_INPUTS and n × INTENT_INPUTS."""
    told = np.log(np.clip(feelings, np.exp(-SUREST), 1.0))
    chances = np.clip(intents, 1e-6, 1 - 1e-6)  # beyond what SUREST leaves, and within single precision
    odds = np.clip(np.log(chances / (1.0 - chances)), -SUREST, SUREST)
    first = len(FEELINGS)
    return np.hstack([scores[:, :first], told, dense[:, LISTS]]), np.hstack([scores, odds, dense])


def usable():
    """The embeddings that are installed and for which there are weights, the more accurate one first.

    :rtype: list[str]
    """
    return [name for name in reversed(embeddings.available()) if (FOLDER / f"{name}.npz").exists()]


@functools.cache
def head(name):
    """The shipped Head of an embedding and the name of its version, read once."""
    data = (FOLDER / f"{name}.npz").read_bytes()
    version = f"{name}-{FORMAT}-{hashlib.sha256(data).hexdigest()[:8]}"
    return Head.from_bytes(data, embeddings.WIDTH[name]), version


def read(name, classifier, texts, languages):
    """What the second pass finds.

    :param str name: one of :func:`usable`
    :param classifier: the :class:`~.classifier.Classifier` of the first pass
    :param languages: for each text its ISO 639-1 code, or ""
    :return: places of the texts that it could read (an embedding does not know every language, and nothing knows a
        text without words), their n × 3 and n × 10 probabilities as :meth:`Head.predict` has them
    """
    known = [at for at, language in enumerate(languages) if embeddings.knows(name, language)]
    vectors = embeddings.embed(name, [texts[at] for at in known])
    some = np.flatnonzero(vectors.any(axis=1))
    places = [known[at] for at in some]
    texts, languages = [texts[at] for at in places], [languages[at] for at in places]
    found, _version = head(name)
    return places, *_predict(found, classifier, vectors[some], texts, languages)


def _predict(found, classifier, vectors, texts, languages):
    return found.predict(vectors, *classifier.predict(texts, languages), classifier.dense(texts, languages))


def explain(name, classifier, text, language, what):
    """Words that weighed most in the second pass: each is left out in turn, and what that changes is its weight.

    Costs one embedding for each word, so it is for one text that somebody looks at.

    :param str what: one of FEELINGS or of INTENTS
    :return: [(start, end, weight)] in the text as written, the heaviest first, at most TOLD, in log-odds; a weight
        above 0 speaks for it.  None where the second pass cannot tell: a language that the embedding does not know,
        no words, or more than EXPLAINED
    """
    spans = [
        match.span() for match in TOKEN.finditer(text[:LONGEST_TEXT]) if match[0][0].isalnum() or match[0][0] in "#"
    ]
    if not spans or len(spans) > EXPLAINED:
        return None
    texts = [text, *(f"{text[:start]} {text[end:]}" for start, end in spans)]
    places, feelings, intents = read(name, classifier, texts, [language] * len(texts))
    if not places or places[0] != 0:
        return None
    chances = feelings[:, FEELINGS.index(what)] if what in FEELINGS else intents[:, INTENTS.index(what)]
    chances = np.clip(chances, 1e-6, 1 - 1e-6)
    odds = np.log(chances / (1 - chances))
    weights = dict(zip(places, odds[0] - odds, strict=True))
    # without its only word a text says nothing: all that it said was that word
    found = [(*span, float(weights.get(at, odds[0]))) for at, span in enumerate(spans, 1)]
    found.sort(key=lambda item: (-abs(item[2]), item[0]))
    least = 0.1 * abs(found[0][2])
    return [item for item in found[:TOLD] if item[2] and abs(item[2]) >= least]
