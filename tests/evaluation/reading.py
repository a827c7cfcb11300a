"""What the evaluations of reading share: files of labelled texts, and what the product says of them."""

import sys

from analysis.classifier import Classifier
from analysis.engine import FEELINGS, Analyst
from analysis.measures import told_feelings, told_intents

#: Texts given to the product at once, as many as a page of a network holds at most.
BATCH = 200
_NUMBERS = {"-1": "negative", "0": "neutral", "1": "positive"}


def columns(path, header):
    """The rows of a tab-separated file without its header, if it has one; the last column may hold tabs.

    :raises SystemExit: where a row has too few columns
    """
    rows = []
    with path.open(newline="", encoding="utf-8") as file:
        for number, line in enumerate(file, 1):
            row = line.rstrip("\r\n").split("\t", len(header) - 1)
            if row == [""] or (number == 1 and tuple(row) == header):
                continue
            if len(row) < len(header):
                sys.exit(f"{path}, line {number}: not {', '.join(header)} separated by tabs")
            rows.append(row)
    return rows


def feeling(path, label):
    """One of FEELINGS for a label of a file.

    :raises SystemExit: where it is none
    """
    found = _NUMBERS.get(label.strip(), label.strip())
    if found not in FEELINGS:
        sys.exit(f"{path}: {label!r} is not negative, neutral, positive, -1, 0 or 1")
    return found


def told(lines, deep="none"):
    """What the product says: the likeliest feeling of each line, however unsure, and its intents as a set.

    The language of a line is told to the product, as networks do.

    :param lines: list of analysis.examples.Line
    :param deep: "none" for the first pass alone, or the embedding of the second one
    :raises SystemExit: where that embedding is not installed
    """
    if deep == "none":
        classifier = Classifier.load()
        return told_feelings(classifier, lines), told_intents(classifier, lines)
    return told_deep(lines, deep)


def told_deep(lines, deep):
    """:func:`told` by the second pass."""
    analyst = Analyst()
    if analyst.deep_available() != deep:
        sys.exit(f"the second pass does not read with {deep}: it is not installed, or another embedding is active")
    feelings, intents = [], []
    for start in range(0, len(lines), BATCH):
        part = lines[start : start + BATCH]
        texts = [line.text for line in part]
        readings = analyst.read_deep(texts, analyst.read(texts, [line.language for line in part]))
        feelings += [reading.sentiment or "neutral" for reading in readings]
        intents += [set(reading.intents) for reading in readings]
    return feelings, intents
