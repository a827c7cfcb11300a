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
SHARPNESS = 1.7
#: Regularisation of the first layer, for each training sentence.
RIDGE = 3e-4
#: What people really post is less like the corpus than one part of the corpus is like another, and all its
#: probabilities are lower: thresholds are multiplied by it.
BOLDER = 0.75
#: Inverse strength of the regularisation of the second layer.
C_SECOND = 0.3
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
    from scipy.linalg import cho_factor, cho_solve

    table, base = np.zeros((near.shape[1], targets.shape[1])), np.zeros(targets.shape[1])
    first = len(FEELINGS)
    # feelings share one weighting of the sentences; each intent has its own
    for columns in (slice(0, first), *(slice(place, place + 1) for place in range(first, targets.shape[1]))):
        share = weights[:, columns][:, :1]
        wanted = targets[:, columns]
        if columns.start >= first:
            # those with the intent count as much as those without, of which there are many more
            often = float((share * wanted).sum() / share.sum())
            share = share * np.where(wanted > 0, 0.5 / max(often, 1e-3), 0.5 / (1 - often))
        base[columns] = (share * wanted).sum(axis=0) / share.sum()
        normal = near.T @ (near * share) + RIDGE * share.sum() * among
        normal[np.diag_indices_from(normal)] += 1e-6 * share.sum()
        table[:, columns] = cho_solve(cho_factor(normal), near.T @ (share * (wanted - base[columns])))
    return table, base


def fit_second(scores, first_pass, weights):
    """The second layer and its thresholds, from scores out of fold.

    :return: dict of the fields of deep.Head that it consists of
    """
    import numpy as np
    from sklearn.linear_model import LogisticRegression

    from .deep import inputs

    examples = first_pass.examples
    for_feelings, for_intents = inputs(scores, first_pass.feelings, first_pass.intents, examples.dense)
    model = LogisticRegression(C=C_SECOND, max_iter=2000)
    model.fit(for_feelings, examples.feelings, sample_weight=weights[:, 0])
    found = {"feelings": model.coef_.T, "feeling_bias": model.intercept_}
    intents, bias = np.zeros((for_intents.shape[1], len(INTENTS))), np.zeros(len(INTENTS))
    thresholds = np.full(len(INTENTS), 0.5)
    for place in range(len(INTENTS)):
        wanted = examples.intents[:, place]
        chances = np.zeros(len(wanted))
        for fold in np.unique(examples.folds):
            held = examples.folds == fold
            model = LogisticRegression(C=C_SECOND, max_iter=2000).fit(for_intents[~held], wanted[~held])
            chances[held] = model.predict_proba(for_intents[held])[:, 1]
        thresholds[place] = BOLDER * best_threshold(chances, wanted)
        model = LogisticRegression(C=C_SECOND, max_iter=2000).fit(for_intents, wanted)
        intents[:, place], bias[place] = model.coef_[0], model.intercept_[0]
    return {**found, "intents": intents, "intent_bias": bias, "thresholds": thresholds}


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
    near = kernel(vectors, marks.astype(np.float32), gamma).astype(np.float64)
    among = kernel(marks.astype(np.float32), marks.astype(np.float32), gamma).astype(np.float64)
    targets = np.hstack([np.eye(len(FEELINGS))[examples.feelings], examples.intents])
    weights = weigh(examples)
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
