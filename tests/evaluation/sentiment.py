"""How well feelings are read: ``python -m tests.evaluation.sentiment [--data FILE] [--deep none|use|e5]``.

--data is tab-separated, without quotes: language (ISO 639-1), label, text; the label is negative, neutral or positive,
or -1, 0 or 1.  A header line may be there.  Without --data the held-out lines of the corpus are read.

Prints F1 of each feeling and their mean (macro-F1) for each language, in percent; last, for each language
``figure sentiment_macro_f1_LANGUAGE VALUE``, and as ``figure sentiment_macro_f1 VALUE`` the mean of the languages.
"""

import sys

from analysis.engine import FEELINGS
from analysis.examples import Line
from analysis.measures import f1_scores, macro
from tests.evaluation.reading import asked, columns, feeling, told

HEADER = ("lang", "label", "text")


def read(path):
    """The lines of a file.

    :raises SystemExit: with a message, where a line is not as the module says
    """
    return [
        Line(language, feeling(path, label), None, text, path.stem) for language, label, text in columns(path, HEADER)
    ]


def measure(lines, deep="none"):
    """Language → {feeling: F1 in percent, None where no text has it}.

    :param deep: "none", "use" or "e5"
    """
    feelings, _intents = told(lines, deep)
    result = {}
    for language in sorted({line.language for line in lines}):
        places = [place for place, line in enumerate(lines) if line.language == language]
        result[language] = f1_scores(
            [{lines[place].sentiment} for place in places], [{feelings[place]} for place in places], FEELINGS
        )
    return result


def main(words=None):
    lines, embedding = asked(__doc__, read, words)
    scores = measure(lines, embedding)
    print(f"{'language':10}{'texts':>7}" + "".join(f"{name:>10}" for name in FEELINGS) + f"{'macro-F1':>10}")
    for language, row in scores.items():
        count = sum(line.language == language for line in lines)
        cells = "".join(f"{'-' if row[name] is None else format(row[name], '.1f'):>10}" for name in FEELINGS)
        print(f"{language:10}{count:7}{cells}{macro(row):10.1f}")
    for language, row in scores.items():
        print(f"figure sentiment_macro_f1_{language} {macro(row):.1f}")
    print(f"figure sentiment_macro_f1 {sum(map(macro, scores.values())) / len(scores):.1f}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
