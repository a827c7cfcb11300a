"""How well texts are read: macro-F1 of feelings and intents on labelled lines."""

from .engine import FEELINGS, INTENTS


def f1_scores(wanted, told, values):
    """F1 of each value in percent.

    F1 = 2 · right / (told + wanted), the harmonic mean of precision and recall.

    :param wanted: for each text the set of values that are right
    :param told: for each text the set of values that were told
    :param values: which to measure
    :return: value → F1; None where no text has the value: there is nothing to find
    """
    scores = {}
    for value in values:
        right = sum(value in have and value in want for want, have in zip(wanted, told, strict=True))
        total = sum(value in want for want in wanted)
        said = sum(value in have for have in told)
        scores[value] = 200.0 * right / (said + total) if total else None
    return scores


def macro(scores):
    """The mean of F1 scores, those of None left out; None where all are."""
    known = [score for score in scores.values() if score is not None]
    return sum(known) / len(known) if known else None


def told_feelings(classifier, lines):
    """The likeliest feeling of each line."""
    if not lines:
        return []
    chances = classifier.predict([line.text for line in lines], [line.language for line in lines])[0]
    return [FEELINGS[place] for place in chances.argmax(axis=1)]


def told_intents(classifier, lines):
    """The intents of each line that are past their threshold, as sets."""
    if not lines:
        return []
    chances = classifier.predict([line.text for line in lines], [line.language for line in lines])[1]
    return [
        {intent for intent, is_told in zip(INTENTS, row, strict=True) if is_told}
        for row in (chances >= classifier.thresholds).tolist()
    ]


def judge(classifier, lines):
    """Macro-F1 in percent of both kinds, and F1 of each value.

    Lines on which nobody said the feeling (or the intents) are left out of that kind.

    :param lines: list of examples.Line
    :return: {"sentiment": macro-F1 or None, "intents": …, "feelings": {feeling: F1}, "by_intent": {intent: F1}}
    """
    felt = [line for line in lines if line.sentiment]
    meant = [line for line in lines if line.intents is not None]
    feelings = f1_scores(
        [{line.sentiment} for line in felt], [{feeling} for feeling in told_feelings(classifier, felt)], FEELINGS
    )
    intents = f1_scores([line.intents for line in meant], told_intents(classifier, meant), INTENTS)
    return {"sentiment": macro(feelings), "intents": macro(intents), "feelings": feelings, "by_intent": intents}


def confusion(classifier, lines):
    """Counts of what people said (rows) × what is read (columns), both in the order of FEELINGS."""
    felt = [line for line in lines if line.sentiment]
    counts = [[0] * len(FEELINGS) for _feeling in FEELINGS]
    for line, told in zip(felt, told_feelings(classifier, felt), strict=True):
        counts[FEELINGS.index(line.sentiment)][FEELINGS.index(told)] += 1
    return counts
