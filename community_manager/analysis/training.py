"""Training of the shipped weights: ``python -m analysis.training``.

Reads the corpus, fits linear models, calibrates them on lines that they were not fitted to, and writes
``weights/fast.npz``.  The same corpus and libraries give the same bytes.  scikit-learn is used here and in
``learning.py`` alone; reading texts needs NumPy only.
"""

import argparse
import csv
import os
import sys
from dataclasses import dataclass
from pathlib import Path

from .engine import FEELINGS, INTENTS

CORPUS = Path(__file__).parent / "corpus"
#: Parts of the cross-validation; each part of the corpus (a file) lies in one of them as a whole.
FOLDS = 5
#: Inverse strength of the regularisation, for feelings and for intents.
C_FEELINGS, C_INTENTS = 1.0, 3.0
#: Lines without any intent stand for everyday talk, of which most posts consist and which the corpus has little of.
EVERYDAY = 2.0
#: Added to the score of "neutral": everyday talk is neutral more often than talk about companies.
DOUBT = 0.3
#: Dense features that feelings are judged by: what the word lists say.  The others say how customers write.
FEELING_DENSE = (
    "positive", "negative", "best", "worst", "first", "last", "balance", "silent", "mixed",
    "emoji_positive", "emoji_negative",
)  # fmt: skip
#: What the dense features are multiplied by in training: a larger one is regularised less.
DENSE_SCALE = 3.0
#: A hashed feature counts if it is in so many lines.
SEEN = 2


@dataclass(slots=True, frozen=True)
class Line:
    """A labelled text."""

    language: str
    sentiment: str
    intents: frozenset
    text: str
    #: Name of the file it is from, without ending.
    part: str
    weight: float = 1.0


def read_corpus(held_out=False, folder=CORPUS):
    """The lines of the corpus, in the order of file names: those that are trained on, or those that never are.

    :raises ValueError: where a line is not as ``corpus/README.md`` says
    :rtype: list[Line]
    """
    lines = []
    for path in sorted(folder.glob("*.tsv")):
        if path.stem.startswith("heldout_") == held_out:
            lines += read_part(path)
    return lines


def read_part(path):
    """The lines of one file of the corpus; see :func:`read_corpus`."""
    lines = []
    with path.open(newline="", encoding="utf-8") as file:
        reader = csv.reader(file, delimiter="\t", quoting=csv.QUOTE_NONE)
        if next(reader) != ["lang", "sentiment", "intent", "text"]:
            raise ValueError(f"{path.name}: no header lang, sentiment, intent, text")
        for number, row in enumerate(reader, 2):
            language, sentiment, intent, text = row if len(row) == 4 else ("", "", "", "")
            intents = frozenset() if intent == "none" else frozenset(intent.split(","))
            if sentiment not in FEELINGS or not intents <= set(INTENTS) or not text.strip():
                raise ValueError(f"{path.name}, line {number}: not lang, sentiment, intent, text")
            lines.append(Line(language, sentiment, intents, text, path.stem))
    return lines


def matrix(texts, languages):
    """All features of texts as the classifier sees them: a sparse n × SIZE matrix, and a dense n × len(DENSE) one."""
    import numpy as np
    import scipy.sparse as sp

    from .classifier import BIASED
    from .encoding import DENSE, PAIR_WEIGHT, SIZE, Vocabulary, parts

    order, blocks, dense = [], [], np.zeros((len(texts), len(DENSE)), np.float32)
    for language in BIASED:
        places = [place for place, code in enumerate(languages) if (code if code in BIASED else "") == language]
        vocabulary, done = Vocabulary(language), 0
        tokens = []
        for part in parts([texts[place] for place in places]):
            batch = vocabulary.encode(part)
            tokens += vocabulary.fresh
            vocabulary.fresh = []
            counts = np.diff(np.append(batch.starts, len(batch.ids)))
            text_of = np.repeat(np.arange(len(part)), counts)
            rows, columns, values = [], [], []
            for text, number, negated in zip(text_of, batch.ids, batch.negated, strict=True):
                numbers, weights, turned = tokens[number]
                if negated:
                    numbers = [turned, *numbers[1:]]
                rows += [text] * len(numbers)
                columns += numbers
                values += weights
            rows += text_of[batch.pair_places].tolist()
            columns += batch.pairs.tolist()
            values += [PAIR_WEIGHT] * len(batch.pairs)
            block = sp.csr_matrix((values, (rows, columns)), shape=(len(part), SIZE), dtype=np.float64)
            blocks.append(sp.diags(batch.scale) @ block)
            here = places[done : done + len(part)]
            dense[here] = batch.dense
            order += here
            done += len(part)
    stacked = sp.vstack(blocks, format="csr")
    return stacked[np.argsort(order)], dense


def features(texts, languages):
    """Dense features for models over more than words: what word lists and signs say.

    :return: n × len(encoding.DENSE), float32, each about −1 to 1
    """
    return matrix(texts, languages)[1]


@dataclass(slots=True)
class Examples:
    """Lines as numbers."""

    sparse: object
    dense: object
    languages: object
    feelings: object
    intents: object
    weights: object
    folds: object

    @classmethod
    def of(cls, lines):
        """:param lines: list of Line"""
        import numpy as np

        from .classifier import BIASED

        languages = [line.language if line.language in BIASED else "" for line in lines]
        sparse, dense = matrix([line.text for line in lines], languages)
        names = sorted({line.part for line in lines})
        return cls(
            sparse=sparse,
            dense=dense,
            languages=np.array([[code == name for name in BIASED] for code in languages], np.float64),
            feelings=np.array([FEELINGS.index(line.sentiment) for line in lines]),
            intents=np.array([[intent in line.intents for intent in INTENTS] for line in lines]),
            weights=np.array([line.weight for line in lines]),
            folds=np.array([names.index(line.part) % FOLDS for line in lines]),
        )

    def take(self, chosen):
        """Those of a mask or of indices."""
        return Examples(**{name: getattr(self, name)[chosen] for name in self.__slots__})


def fit_scores(examples):
    """Linear models for three feelings and ten intents.

    :return: rows (SIZE × 13), dense (d × 13), bias (languages × 13): what :class:`classifier.Weights` holds
    """
    import numpy as np
    import scipy.sparse as sp
    from sklearn.linear_model import LogisticRegression

    from .classifier import OUTPUTS
    from .encoding import DENSE

    seen = np.flatnonzero(np.asarray((examples.sparse > 0).sum(axis=0)).ravel() >= SEEN)
    words = examples.sparse[:, seen]
    listed = [DENSE.index(name) for name in FEELING_DENSE]
    rows = np.zeros((examples.sparse.shape[1], OUTPUTS))
    dense = np.zeros((len(DENSE), OUTPUTS))
    bias = np.zeros((examples.languages.shape[1], OUTPUTS))

    first = len(FEELINGS)
    model = LogisticRegression(C=C_FEELINGS, max_iter=1000, tol=1e-3)
    everyday = np.where(examples.intents.any(axis=1), 1.0, EVERYDAY)
    inputs = sp.hstack([words, sp.csr_matrix(examples.dense[:, listed] * DENSE_SCALE)], format="csr")
    model.fit(inputs, examples.feelings, sample_weight=examples.weights * everyday)
    rows[seen, :first] = model.coef_.T[: len(seen)]
    dense[listed, :first] = model.coef_.T[len(seen) :] * DENSE_SCALE
    bias[:, :first] = model.intercept_
    bias[:, FEELINGS.index("neutral")] += DOUBT

    inputs = sp.hstack(
        [words, sp.csr_matrix(examples.dense * DENSE_SCALE), sp.csr_matrix(examples.languages)], format="csr"
    )
    for place, column in enumerate(range(first, OUTPUTS)):
        model = LogisticRegression(C=C_INTENTS, max_iter=1000, solver="liblinear")
        model.fit(inputs, examples.intents[:, place], sample_weight=examples.weights)
        rows[seen, column] = model.coef_[0, : len(seen)]
        dense[:, column] = model.coef_[0, len(seen) : len(seen) + len(DENSE)] * DENSE_SCALE
        bias[:, column] = model.coef_[0, len(seen) + len(DENSE) :] + model.intercept_[0]
    return rows, dense, bias


def raw_scores(examples, fitted):
    """Scores before calibration, n × 13, by what :func:`fit_scores` returned."""
    rows, dense, bias = fitted
    return examples.sparse @ rows + examples.dense @ dense + examples.languages @ bias


def out_of_fold(examples):
    """Raw scores of each line by models that saw no line of its file."""
    import numpy as np

    scores = np.zeros((len(examples.feelings), len(FEELINGS) + len(INTENTS)))
    for fold in range(FOLDS):
        held = examples.folds == fold
        if held.any():
            scores[held] = raw_scores(examples.take(held), fit_scores(examples.take(~held)))
    return scores


def calibrate(scores, feelings, intents):
    """Scale and shift that turn scores into probabilities, and the thresholds of intents.

    Feelings get one temperature (C. Guo et al., "On calibration of modern neural networks", 2017), intents a sigmoid
    each (J. Platt, "Probabilistic outputs for support vector machines", 1999); thresholds are those of the best F1.

    :return: scale (13), shift (13), thresholds (10)
    """
    import numpy as np
    from scipy.optimize import minimize_scalar
    from scipy.special import log_softmax
    from sklearn.linear_model import LogisticRegression

    scale, shift = np.ones(scores.shape[1]), np.zeros(scores.shape[1])
    first = len(FEELINGS)
    everyone = np.arange(len(feelings))

    def loss(log_scale):
        return -log_softmax(scores[:, :first] * np.exp(log_scale), axis=1)[everyone, feelings].mean()

    scale[:first] = np.exp(minimize_scalar(loss, bounds=(-3, 3), method="bounded").x)
    thresholds = np.full(len(INTENTS), 0.5)
    for place in range(len(INTENTS)):
        raw, wanted = scores[:, first + place], intents[:, place]
        if not wanted.any() or wanted.all():
            continue
        model = LogisticRegression(C=1e3).fit(raw[:, None], wanted)
        scale[first + place], shift[first + place] = max(model.coef_[0, 0], 1e-3), model.intercept_[0]
        chances = 1 / (1 + np.exp(-(raw * scale[first + place] + shift[first + place])))
        thresholds[place] = best_threshold(chances, wanted)
    return scale, shift, thresholds


def best_threshold(chances, wanted):
    """The probability from which telling an intent gives the best F1."""
    import numpy as np

    grid = np.arange(0.15, 0.66, 0.025)
    told = chances[:, None] >= grid
    right = (told & wanted[:, None]).sum(axis=0)
    f1 = 2 * right / np.maximum(told.sum(axis=0) + wanted.sum(), 1)
    # of a plateau the middle: neighbours have a say
    smooth = np.convolve(np.pad(f1, 1, mode="edge"), [0.25, 0.5, 0.25], mode="valid")
    return float(grid[np.argmax(smooth)])


def train(lines):
    """Weights from lines.

    :rtype: classifier.Weights
    """
    import numpy as np

    from .classifier import Weights

    examples = Examples.of(lines)
    scale, shift, thresholds = calibrate(out_of_fold(examples), examples.feelings, examples.intents)
    rows, dense, bias = fit_scores(examples)
    rows = rows.astype(np.float16)
    numbers = np.flatnonzero(np.abs(rows).max(axis=1) > 0)
    return Weights(
        numbers=numbers.astype(np.uint32),
        rows=rows[numbers],
        dense=dense.astype(np.float32),
        bias=bias.astype(np.float32),
        scale=scale.astype(np.float32),
        shift=shift.astype(np.float32),
        thresholds=thresholds.astype(np.float32),
    )


def main(words=None):
    """Train and write the shipped weights."""
    from .classifier import WEIGHTS

    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", type=Path, default=WEIGHTS, help="where the weights are written")
    options = parser.parse_args(words)
    lines = read_corpus()
    data = train(lines).to_bytes()
    options.out.parent.mkdir(exist_ok=True)
    options.out.write_bytes(data)
    sys.stdout.write(f"{len(lines)} lines, {len(data) / 1e6:.1f} MB in {options.out.name}\n")
    return 0


if __name__ == "__main__":
    for variable in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
        os.environ[variable] = "1"  # sums in one order: the same weights every time
    sys.exit(main())
