"""What the evaluations of reading share: files of labelled texts, and what the product says of them."""

import argparse
import sys
from pathlib import Path

from analysis import deep
from analysis.classifier import Classifier
from analysis.engine import FEELINGS, INTENTS
from analysis.examples import read_corpus
from analysis.measures import told_feelings, told_intents

#: Texts given to the product at once, as many as a page of a network holds at most.
BATCH = 200
#: What may be asked for: the first pass alone, or the second one with an embedding.
EMBEDDINGS = ("none", "use", "e5")
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


def asked(description, read, words=None):
    """What a command line asks for: the lines to read, and the embedding to read them with.

    :param str description: of the command
    :param read: function from the path of a file to its lines
    :param words: the command line; None for that of this process
    :return: list of analysis.examples.Line, and one of EMBEDDINGS
    :raises SystemExit: where there is nothing to read
    """
    parser = argparse.ArgumentParser(description=description, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, help="labelled texts as said above; left out: the held-out lines")
    parser.add_argument("--deep", choices=EMBEDDINGS, help="embedding of the second pass; left out: the one in use")
    options = parser.parse_args(words)
    lines = read(options.data) if options.data else read_corpus(held_out=True)
    if not lines:
        sys.exit("no lines to read")
    embedding = options.deep or in_use()
    print("second pass:", embedding)
    return lines, embedding


def in_use():
    """The embedding that the product uses here, or "none"."""
    return next(iter(deep.usable()), "none")


def told(lines, embedding="none"):
    """What the product says: the likeliest feeling of each line, however unsure, and its intents as a set.

    The language of a line is told to the product, as networks do.

    :param lines: list of analysis.examples.Line
    :param embedding: "none" for the first pass alone, or the embedding of the second one
    :raises SystemExit: where that embedding is not installed
    """
    if embedding == "none":
        classifier = Classifier.load()
        return told_feelings(classifier, lines), told_intents(classifier, lines)
    return told_deep(lines, embedding)


def told_deep(lines, name):
    """:func:`told` by the second pass with an embedding; what it does not know the language of stays with the first."""
    classifier = Classifier.load()
    feelings, intents = told_feelings(classifier, lines), told_intents(classifier, lines)
    if name not in deep.usable():
        sys.exit(f"{name} is not installed, or has no weights")
    thresholds = deep.head(name)[0].thresholds
    for start in range(0, len(lines), BATCH):
        part = lines[start : start + BATCH]
        places, chances, wanted = deep.read(
            name, classifier, [line.text for line in part], [line.language for line in part]
        )
        for place, feeling, row in zip(places, chances, wanted, strict=True):
            feelings[start + place] = FEELINGS[feeling.argmax()]
            intents[start + place] = {
                intent for intent, is_told in zip(INTENTS, row >= thresholds, strict=True) if is_told
            }
    return feelings, intents
