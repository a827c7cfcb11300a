"""How well intents are read: ``python -m tests.evaluation.intent [--data FILE] [--deep none|use|e5]``.

--data is tab-separated, without quotes, with the header lang, sentiment, intent, text: language (ISO 639-1); negative,
neutral or positive (or -1, 0, 1; empty where not known); the intents separated by commas, or none.  Without --data the
held-out lines of the corpus are read.

Prints precision, recall and F1 of each intent, in percent, and of each language the mean; last
``figure intent_macro_f1 VALUE`` and ``figure sentiment_accuracy VALUE``, and the same for each language.  Macro-F1 is
the mean over the intents that at least one text has: where there is nothing to find, F1 says nothing, and the intent is
left out.
"""

import sys

from analysis.engine import INTENTS
from analysis.examples import Line
from analysis.measures import f1_scores, macro
from tests.evaluation.reading import asked, columns, feeling, told

HEADER = ("lang", "sentiment", "intent", "text")


def read(path):
    """The lines of a file.

    :raises SystemExit: with a message, where a line is not as the module says
    """
    lines = []
    for language, sentiment, intent, text in columns(path, HEADER):
        intents = frozenset(word.strip() for word in intent.split(",") if word.strip() not in ("", "none"))
        if not intents <= set(INTENTS):
            sys.exit(f"{path}: no intent: {intent!r}")
        lines.append(Line(language, feeling(path, sentiment) if sentiment else "", intents, text, path.stem))
    return lines


def accuracy(lines, feelings):
    """Share in percent of the lines with a feeling whose feeling was told; None where no line has one."""
    felt = [(line.sentiment, told) for line, told in zip(lines, feelings, strict=True) if line.sentiment]
    return 100.0 * sum(want == have for want, have in felt) / len(felt) if felt else None


def report(lines, feelings, intents):
    """Print the table of intents; returns (macro-F1, accuracy of feelings)."""
    wanted = [line.intents for line in lines]
    scores = f1_scores(wanted, intents, INTENTS)
    print(f"{'intent':14}{'texts':>7}{'told':>7}{'precision':>11}{'recall':>8}{'F1':>7}")
    for intent, score in scores.items():
        have, said = sum(intent in row for row in wanted), sum(intent in row for row in intents)
        right = sum(intent in want and intent in told for want, told in zip(wanted, intents, strict=True))
        cells = [
            "-" if share is None else f"{share:.1f}"
            for share in (100 * right / said if said else None, 100 * right / have if have else None, score)
        ]
        print(f"{intent:14}{have:7}{said:7}{cells[0]:>11}{cells[1]:>8}{cells[2]:>7}")
    return macro(scores), accuracy(lines, feelings)


def main(words=None):
    lines, embedding = asked(__doc__, read, words)
    feelings, intents = told(lines, embedding)
    figures = []
    languages = sorted({line.language for line in lines})
    for language in languages if len(languages) > 1 else []:
        places = [place for place, line in enumerate(lines) if line.language == language]
        print(f"{language}:")
        some = report([lines[p] for p in places], [feelings[p] for p in places], [intents[p] for p in places])
        figures += list(zip((f"intent_macro_f1_{language}", f"sentiment_accuracy_{language}"), some, strict=True))
        print()
    print("all:" if len(languages) > 1 else f"{languages[0]}:")
    figures += zip(("intent_macro_f1", "sentiment_accuracy"), report(lines, feelings, intents), strict=True)
    for name, value in figures:
        if value is not None:
            print(f"figure {name} {value:.1f}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
