"""How well languages are told: ``python -m tests.evaluation.language --data FILE``.

FILE is tab-separated, UTF-8, one text a line: language (ISO 639-1), text.  With a header (``lang`` and ``text`` among
its names) the columns may be others.  Rows in a language that the product does not read show how often one of its own
is seen where there is none.

``language_macro_accuracy`` is the mean over languages of the share of texts whose most probable language is the right
one, and ``language_short_accuracy`` that share of all texts under 40 characters.  The product says "undetermined" below
p = 0.5: ``language_determined`` is the share where it does not, ``language_determined_accuracy`` how often it is right
there.
"""

import argparse
import re
import sys
import time
from collections import defaultdict
from pathlib import Path

from analysis.language import LANGUAGES, LEAST, detector
from tests.evaluation._rows import read

SHORT = 40
_CODE = re.compile(r"[a-z]{2,3}([_-][A-Za-z]{2,4})?")


def load(path):
    """[(language, text), ...]"""
    rows, header = read(path, {"lang", "language", "text"})
    if header:
        language, text = header.get("lang", header.get("language", 0)), header.get("text", len(rows[0]) - 1)
    else:
        columns = [n for n in range(len(rows[0])) if all(_CODE.fullmatch(row[n].strip()) for row in rows[:50])]
        if not columns or len(rows[0]) < 2:
            raise SystemExit(f"{path} has no column of languages")
        language, text = columns[0], 0 if columns[0] == len(rows[0]) - 1 else len(rows[0]) - 1
    return [(row[language].strip().lower()[:3].rstrip("-_"), row[text]) for row in rows]


def share(part, whole):
    """In per cent; 0 of nothing."""
    return 100 * part / whole if whole else 0.0


class Count:
    """Texts of one language."""

    def __init__(self):
        self.texts = self.right = self.short = self.short_right = self.determined = self.determined_right = 0

    def add(self, text, right, confidence):
        """One more."""
        self.texts += 1
        self.right += right
        if len(text) < SHORT:
            self.short += 1
            self.short_right += right
        if confidence >= LEAST:
            self.determined += 1
            self.determined_right += right


def main(words=None):
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True, help="tab-separated file: language, text")
    options = parser.parse_args(words)
    rows = load(options.data)
    reader = detector()
    reader.guess_many(["hola"])
    started = time.perf_counter()
    guesses = reader.guess_many([text for _language, text in rows])
    seconds = time.perf_counter() - started
    counts, foreign = defaultdict(Count), []
    for (language, text), (guess, confidence) in zip(rows, guesses, strict=True):
        if language in LANGUAGES:
            counts[language].add(text, guess == language, confidence)
        else:
            foreign.append(confidence < LEAST)
    print(f"{'language':<10}{'texts':>8}{'right %':>9}{'short':>8}{'right %':>9}{'determined %':>14}{'right %':>9}")
    every = list(counts.items())
    for language, count in sorted(every):
        print(
            f"{language:<10}{count.texts:>8}{share(count.right, count.texts):>9.1f}{count.short:>8}"
            f"{share(count.short_right, count.short):>9.1f}{share(count.determined, count.texts):>14.1f}"
            f"{share(count.determined_right, count.determined):>9.1f}"
        )
    total = {name: sum(getattr(count, name) for _language, count in every) for name in vars(Count())}
    macro = sum(share(count.right, count.texts) for _language, count in every) / max(len(every), 1)
    print(f"figure language_texts {total['texts']}")
    print(f"figure language_macro_accuracy {macro:.2f}")
    print(f"figure language_short_texts {total['short']}")
    print(f"figure language_short_accuracy {share(total['short_right'], total['short']):.2f}")
    print(f"figure language_determined {share(total['determined'], total['texts']):.2f}")
    print(f"figure language_determined_accuracy {share(total['determined_right'], total['determined']):.2f}")
    if foreign:
        print(f"figure language_foreign_texts {len(foreign)}")
        print(f"figure language_foreign_undetermined {share(sum(foreign), len(foreign)):.2f}")
    print(f"figure language_texts_per_second {len(rows) / max(seconds, 1e-9):.0f}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
