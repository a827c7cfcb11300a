"""Training of the second pass: ``weights/use.npz`` and ``weights/e5.npz``, for the embeddings that are installed.

What the layers are is described in ``deep.py``.  The first layer is kernel ridge regression on landmarks drawn from the
corpus, the second logistic regression on scores of sentences whose file neither layer below was fitted to.  The same
corpus and libraries give the same bytes.
"""

import os
import random
import sys
from dataclasses import dataclass

from . import embeddings
from .engine import FEELINGS, INTENTS
from .examples import Examples, read_corpus
from .training import EVERYDAY, best_threshold, calibrate, out_of_fold

#: Training sentences that others are compared with.
LANDMARKS = 1_500
#: The kernel's γ as against the mean squared distance of two training sentences.
SHARPNESS = 1.2
#: Regularisation of the first layer, for each training sentence.
RIDGE = 1e-4
#: What people really post is less like the corpus than one part of the corpus is like another, and all its
#: probabilities are lower: thresholds are multiplied by it.
BOLDER = 0.75
#: Inverse strength of the regularisation of the second layer, for feelings and for intents.
C_FEELINGS, C_INTENTS = 0.15, 0.3
#: What a line of everyday talk counts as for feelings in the second layer; the corpus has less of it than the world.
PLAIN = 10.0
#: What weighs for feelings before anything is learned: scores of the first layer as against log-probabilities of the
#: first pass, and doubt.  The corpus knows customers best, for whom vectors are surer than words; half of what is
#: learned from it and half of this serve everyday talk too.
VECTORS, DOUBT = 4.0, 0.2
SEED = 4


@dataclass(slots=True, frozen=True)
class FirstPass:
    """What the first pass says of training sentences, by models that saw no line of their file; one row for each."""

    examples: Examples
    #: n × 3 and n × 10 probabilities.
    feelings: object
    intents: object

    @classmethod
    def of(cls, lines):
        """:param lines: list of examples.Line, with sentiment and intents"""
        import numpy as np
        from scipy.special import expit, softmax

        examples = Examples.of(lines)
        raw = out_of_fold(examples)
        scale, shift, _thresholds = calibrate(raw, examples.feelings, examples.intents)
        logits = raw * scale + shift
        first = len(FEELINGS)
        return cls(
            examples, softmax(logits[:, :first], axis=1).astype(np.float32), expit(logits[:, first:]).astype(np.float32)
        )


def landmarks(vectors):
    """A sample of the vectors, at most LANDMARKS, as they are stored."""
    import numpy as np

    chosen = sorted(random.Random(SEED).sample(range(len(vectors)), min(LANDMARKS, len(vectors))))
    return vectors[chosen].astype(np.float16)


def sharpness(vectors):
    """γ for these vectors: SHARPNESS over the mean squared distance of two of them."""
    import numpy as np

    # of vectors of length 1 the mean squared distance is 2 − 2 |mean|²
    return np.float32(SHARPNESS / (2.0 - 2.0 * float(np.square(vectors.mean(axis=0)).sum())))


def fit_first(near, among, targets, weights):
    """The first layer: weights of landmarks.

    :param near: n × k, kernel of the training sentences and the landmarks
    :param among: k × k, kernel of the landmarks
    :param targets: n × 13, 1 or 0
    :param weights: n × 13, how much each target counts
    :return: table (k × 13), base (13)
    """
    import numpy as np

    table, base = np.zeros((near.shape[1], targets.shape[1])), np.zeros(targets.shape[1])
    first = len(FEELINGS)
    # a sum over all sentences, and one over those with the intent: quicker than a sum of its own for each intent
    share = weights[:, :1]
    normal = (near.T @ (near * share)).astype(np.float64)
    solved = _solve(normal, share.sum(), among)
    base[:first] = (share * targets[:, :first]).sum(axis=0) / share.sum()
    table[:, :first] = solved(near.T @ (share * (targets[:, :first] - base[:first])))
    share = weights[:, first:][:, :1]
    normal = (near.T @ (near * share)).astype(np.float64)
    for place in range(first, targets.shape[1]):
        wanted = targets[:, place : place + 1]
        often = float((share * wanted).sum() / share.sum())
        # those with the intent count as much as those without, of which there are many more
        those, others = 0.5 / max(often, 1e-3), 0.5 / (1.0 - often)
        having = (near * np.sqrt(share))[wanted[:, 0] > 0].astype(np.float64)
        balanced = share * np.where(wanted > 0, those, others)
        base[place] = (balanced * wanted).sum() / balanced.sum()
        solved = _solve(others * normal + (those - others) * (having.T @ having), balanced.sum(), among)
        table[:, place] = solved(near.T @ (balanced * (wanted - base[place])))[:, 0]
    return table, base


def _solve(normal, total, among):
    """The function that solves (normal + RIDGE · total · among) x = right-hand side."""
    import numpy as np
    from scipy.linalg import cho_factor, cho_solve

    regular = normal + RIDGE * total * among
    # sums of 32-bit floats are not exact: without it the matrix may come out as not positive definite
    regular[np.diag_indices_from(regular)] += 3e-5 * total
    factor = cho_factor(regular)
    return lambda right: cho_solve(factor, right)


def fit_second(scores, first_pass, weights):
    """The second layer and its thresholds, from scores out of fold.

    :return: dict of the fields of deep.Head that it consists of
    """
    import numpy as np
    from sklearn.linear_model import LogisticRegression

    from .deep import SUREST, inputs

    examples = first_pass.examples
    for_feelings, for_intents = inputs(scores, first_pass.feelings, first_pass.intents, examples.dense)
    found = _second_of_feelings(for_feelings, examples, weights[:, 0])
    intents, bias = np.zeros((for_intents.shape[1], len(INTENTS))), np.zeros(len(INTENTS))
    thresholds = np.full(len(INTENTS), 0.5)
    for place in range(len(INTENTS)):
        wanted = examples.intents[:, place]
        if any(len(np.unique(wanted[examples.folds != fold])) < 2 for fold in np.unique(examples.folds)):
            bias[place] = -SUREST  # nobody says it: it is not told
            continue
        chances = np.zeros(len(wanted))
        for fold in np.unique(examples.folds):
            held = examples.folds == fold
            model = LogisticRegression(C=C_INTENTS, max_iter=2000).fit(for_intents[~held], wanted[~held])
            chances[held] = model.predict_proba(for_intents[held])[:, 1]
        thresholds[place] = BOLDER * best_threshold(chances, wanted)
        model = LogisticRegression(C=C_INTENTS, max_iter=2000).fit(for_intents, wanted)
        intents[:, place], bias[place] = model.coef_[0], model.intercept_[0]
    return {**found, "intents": intents, "intent_bias": bias, "thresholds": thresholds}


def _second_of_feelings(given, examples, weights):
    """Weights of the second layer for feelings: half learned, half set; one temperature makes them probabilities."""
    import numpy as np
    from sklearn.linear_model import LogisticRegression

    count = len(FEELINGS)
    plain = np.where(examples.intents.any(axis=1), 1.0, PLAIN)
    model = LogisticRegression(C=C_FEELINGS, max_iter=2000)
    model.fit(given, examples.feelings, sample_weight=(weights > 0) * plain)
    table, bias = 0.5 * model.coef_.T, 0.5 * model.intercept_
    table[:count] += 0.5 * VECTORS * np.eye(count)
    table[count : 2 * count] += 0.5 * np.eye(count)
    bias[FEELINGS.index("neutral")] += 0.5 * DOUBT
    logits = np.hstack([given @ table + bias, np.zeros((len(given), len(INTENTS)))])
    scale, _shift, _thresholds = calibrate(logits, examples.feelings, np.zeros((len(given), len(INTENTS)), bool))
    return {"feelings": scale[0] * table, "feeling_bias": scale[0] * bias}


def weigh(examples):
    """How much each sentence counts for each output: n × 13; see training.EVERYDAY."""
    import numpy as np

    everyday = np.where(examples.intents.any(axis=1), 1.0, EVERYDAY)
    feelings = np.repeat((examples.feeling_weights * everyday)[:, None], len(FEELINGS), axis=1)
    return np.hstack([feelings, np.repeat(examples.intent_weights[:, None], len(INTENTS), axis=1)])


def train(vectors, first_pass):
    """A Head from vectors of training sentences.

    :param vectors: n × d, each of length 1
    :param first_pass: FirstPass of the same sentences
    :rtype: deep.Head
    """
    import numpy as np

    from .deep import Head, kernel

    examples = first_pass.examples
    marks = landmarks(vectors)
    gamma = sharpness(vectors)
    near = kernel(vectors, marks.astype(np.float32), gamma)
    among = kernel(marks.astype(np.float32), marks.astype(np.float32), gamma).astype(np.float64)
    targets = np.hstack([np.eye(len(FEELINGS))[examples.feelings], examples.intents]).astype(np.float32)
    weights = weigh(examples).astype(np.float32)
    scores = np.zeros_like(targets)
    for fold in np.unique(examples.folds):
        held = examples.folds == fold
        table, base = fit_first(near[~held], among, targets[~held], weights[~held])
        scores[held] = near[held] @ table + base
    table, base = fit_first(near, among, targets, weights)
    found = {"gamma": gamma, "table": table, "base": base, **fit_second(scores, first_pass, weights)}
    return Head(landmarks=marks, **{name: np.asarray(value, np.float32) for name, value in found.items()})


def main(names=None):
    """Train and write the weights of the given embeddings; of all that are installed where none is given."""
    from .deep import FOLDER

    names = names or embeddings.available()
    lines = read_corpus()
    first_pass = FirstPass.of(lines) if names else None
    for name in names:
        known = [at for at, line in enumerate(lines) if embeddings.knows(name, line.language)]
        vectors = embeddings.embed(name, [lines[at].text for at in known])
        here = FirstPass(first_pass.examples.take(known), first_pass.feelings[known], first_pass.intents[known])
        data = train(vectors, here).to_bytes()
        (FOLDER / f"{name}.npz").write_bytes(data)
        sys.stdout.write(f"{len(known)} lines, {len(data) / 1e6:.1f} MB in {name}.npz\n")
    for name in set(embeddings.NAMES) - set(names):
        sys.stdout.write(f"{name}.npz stays as it is: {embeddings.MODULES[name]} is not installed\n")
    return 0


if __name__ == "__main__":
    for variable in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
        os.environ[variable] = "1"  # sums in one order: the same weights every time
    sys.exit(main(sys.argv[1:]))
