"""Training of the shipped weights: ``python -m analysis.training``.

Reads the corpus, fits linear models, calibrates them on lines that they were not fitted to, and writes
``weights/fast.npz``.  The same corpus and libraries give the same bytes.  scikit-learn is used here and in
``learning.py`` alone; reading texts needs NumPy only.
"""

import argparse
import os
import sys
from pathlib import Path
from zlib import crc32

from .engine import FEELINGS, INTENTS
from .examples import FOLDS, Examples, matrix, read_corpus

#: Inverse strength of the regularisation, for feelings and for intents.
C_FEELINGS, C_INTENTS = 1.0, 30.0
#: Lines without any intent stand for everyday talk, of which most posts consist and which the corpus has little of.
EVERYDAY = 2.0
#: What words learned from the corpus weigh beside the word lists where those come first.
WORDS_BESIDE_LISTS = 0.15
#: Added to the score of "neutral": everyday talk is neutral more often than talk about companies.
DOUBT = 0.3
#: Dense features that feelings are judged by: what the word lists say.  The others say how customers write.
FEELING_DENSE = (
    "positive", "negative", "best", "worst", "first", "last", "balance", "silent", "mixed",
    "emoji_positive", "emoji_negative",
)  # fmt: skip
#: What the dense features are multiplied by in training: a larger one is regularised less.
DENSE_SCALE = 3.0
#: Score of an intent that no line has.
RARE = -4.0
#: A hashed feature counts if it is in so many lines.
SEEN = 2


def features(texts, languages):
    """Dense features for models over more than words: what word lists and signs say.

    :return: n × len(encoding.DENSE), float32, each about −1 to 1
    """
    return matrix(texts, languages)[1]


def fit_scores(examples):
    """Linear models for all outputs of the classifier.

    :return: rows (SIZE × OUTPUTS), dense (d × OUTPUTS), bias (languages × OUTPUTS), as in :class:`classifier.Weights`
    """
    import numpy as np
    import scipy.sparse as sp
    from sklearn.linear_model import LogisticRegression

    from .classifier import COMPANY, LEARNED, LISTED, MEANT, OUTPUTS
    from .encoding import DENSE

    seen = np.flatnonzero(np.asarray((examples.sparse > 0).sum(axis=0)).ravel() >= SEEN)
    words = examples.sparse[:, seen]
    listed = [DENSE.index(name) for name in FEELING_DENSE]
    rows = np.zeros((examples.sparse.shape[1], OUTPUTS))
    dense = np.zeros((len(DENSE), OUTPUTS))
    bias = np.zeros((examples.languages.shape[1], OUTPUTS))

    everyday = ~examples.intents.any(axis=1) & (examples.intent_weights > 0)
    weights = examples.feeling_weights * np.where(everyday, EVERYDAY, 1.0)
    lists = sp.csr_matrix(examples.dense[:, listed] * DENSE_SCALE)
    for columns, share in ((LEARNED, 1.0), (LISTED, WORDS_BESIDE_LISTS)):
        model = LogisticRegression(C=C_FEELINGS, max_iter=1000, tol=1e-3)
        model.fit(sp.hstack([words * share, lists], format="csr"), examples.feelings, sample_weight=weights)
        rows[seen, columns] = model.coef_.T[: len(seen)] * share
        dense[listed, columns] = model.coef_.T[len(seen) :] * DENSE_SCALE
        bias[:, columns] = model.intercept_
        bias[:, columns][:, FEELINGS.index("neutral")] += DOUBT

    model = LogisticRegression(C=C_INTENTS, max_iter=1000, tol=1e-3)
    model.fit(words, ~everyday, sample_weight=examples.intent_weights)
    rows[seen, COMPANY], bias[:, COMPANY] = model.coef_[0], model.intercept_[0]

    said = examples.intent_weights > 0
    inputs = sp.hstack([words, sp.csr_matrix(examples.dense), sp.csr_matrix(examples.languages)], format="csr")
    for place, column in enumerate(range(OUTPUTS)[MEANT]):
        wanted = examples.intents[:, place]
        if len(np.unique(wanted[said])) < 2:
            bias[:, column] = RARE
            continue
        model = LogisticRegression(C=C_INTENTS, max_iter=1000, solver="liblinear", tol=1e-2)
        model.fit(inputs[said], wanted[said], sample_weight=examples.intent_weights[said])
        rows[seen, column] = model.coef_[0, : len(seen)]
        dense[:, column] = model.coef_[0, len(seen) : len(seen) + len(DENSE)]
        bias[:, column] = model.coef_[0, len(seen) + len(DENSE) :] + model.intercept_[0]
    return rows, dense, bias


def raw_scores(examples, fitted):
    """Scores before calibration, n × classifier.RESULTS, by what :func:`fit_scores` returned."""
    from .classifier import mixed

    rows, dense, bias = fitted
    return mixed(examples.sparse @ rows + examples.dense @ dense + examples.languages @ bias)


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

    :return: scale (RESULTS), shift (RESULTS), thresholds (10)
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
    """Weights from lines, calibrated by cross-validation.

    :rtype: classifier.Weights
    """
    examples = Examples.of(lines)
    calibration = calibrate(out_of_fold(examples), examples.feelings, examples.intents)
    return packed(fit_scores(examples), calibration)


def refit(lines, like):
    """Weights from lines, with the calibration of others: saves the cross-validation.

    :param like: classifier.Weights
    :rtype: classifier.Weights
    """
    return packed(fit_scores(Examples.of(lines)), (like.scale, like.shift, like.thresholds))


def packed(fitted, calibration):
    """Weights from what :func:`fit_scores` and :func:`calibrate` returned.

    :rtype: classifier.Weights
    """
    import numpy as np

    from .classifier import Weights

    (rows, dense, bias), (scale, shift, thresholds) = fitted, calibration
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


def doubtful(lines, count):
    """Lines whose feeling models that saw no line of their file contradict most surely.

    :return: [(line, feeling that was read, its probability)], the surest first
    """
    import numpy as np
    from scipy.special import softmax

    examples = Examples.of(lines)
    raw = out_of_fold(examples)
    scale, shift, _thresholds = calibrate(raw, examples.feelings, examples.intents)
    chances = softmax((raw * scale + shift)[:, : len(FEELINGS)], axis=1)
    read = chances.argmax(axis=1)
    surest = [at for at in np.argsort(-chances.max(axis=1), kind="stable") if read[at] != examples.feelings[at]]
    return [(lines[at], FEELINGS[read[at]], float(chances[at].max())) for at in surest[:count]]


def curve(lines, held_out, shares=(0.2, 0.4, 0.6, 0.8, 1.0)):
    """How well held-out lines are read after training on a part of the lines, chosen by their texts.

    :return: [(number of lines, macro-F1 of feelings, macro-F1 of intents)]
    """
    from .classifier import Classifier
    from .measures import judge

    def place(line):
        return crc32(line.text.encode())

    like, ordered, rows = Classifier.load().weights, sorted(lines, key=place), []
    for share in shares:
        some = ordered[: round(share * len(ordered))]
        figures = judge(Classifier(refit(some, like), "curve"), held_out)
        rows.append((len(some), figures["sentiment"], figures["intents"]))
    return rows


def main(words=None):
    """Train and write the shipped weights, or look at the corpus."""
    from .classifier import WEIGHTS

    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", type=Path, default=WEIGHTS, help="where the weights are written")
    parser.add_argument("--curve", action="store_true", help="print the learning curve instead")
    parser.add_argument(
        "--doubtful", type=int, metavar="N", help="print the N lines that are contradicted most instead"
    )
    options = parser.parse_args(words)
    lines = read_corpus()
    if options.curve:
        sys.stdout.write("lines\tfeelings\tintents\n")
        for count, feelings, intents in curve(lines, read_corpus(held_out=True)):
            sys.stdout.write(f"{count}\t{feelings:.1f}\t{intents:.1f}\n")
    elif options.doubtful:
        for line, feeling, chance in doubtful(lines, options.doubtful):
            sys.stdout.write(f"{line.part}\t{line.sentiment}\t{feeling} {chance:.2f}\t{line.text}\n")
    else:
        data = train(lines).to_bytes()
        options.out.parent.mkdir(exist_ok=True)
        options.out.write_bytes(data)
        sys.stdout.write(f"{len(lines)} lines, {len(data) / 1e6:.1f} MB in {options.out.name}\n")
    return 0


if __name__ == "__main__":
    for variable in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
        os.environ[variable] = "1"  # sums in one order: the same weights every time
    sys.exit(main())
