"""What keywords find and how fast: ``python -m tests.evaluation.keywords --keywords FILE --texts FILE``.

--keywords holds a keyword a line, as on a topic's form: ``*`` at the end for any ending, ``-`` at the beginning for an
exclusion, ``one ~5 two`` for two words near each other.  A second column, after a tab, names the topic; without it
all keywords are of one topic.  --texts holds a text a line (of several columns, the last).

Prints the keywords that were found in most texts, with an example.  ``keywords_matched`` is the share of texts with a
match that no exclusion of its topic undoes, in per cent.
"""

import argparse
import sys
import time
from collections import Counter
from pathlib import Path

from analysis.matching import Keyword, Matcher, excerpt
from tests.evaluation._rows import read

SHOWN = 20


def load(path):
    """Keywords, of which a line without a letter is left out."""
    rows, header = read(path, {"keyword", "topic", "text"})
    column = header.get("keyword", header.get("text", 0))
    topic = header.get("topic", 1 - min(column, 1))
    found = []
    for row in rows:
        text, owner = row[column].strip(), row[topic].strip() if len(row) > 1 else ""
        try:
            found.append(Keyword(owner, text.removeprefix("-").strip(), exclude=text.startswith("-")))
        except ValueError as error:
            print(f"left out: {error}")
    return found


def main(words=None):
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--keywords", type=Path, required=True, help="file with a keyword a line")
    parser.add_argument("--texts", type=Path, required=True, help="file with a text a line")
    options = parser.parse_args(words)
    keywords = load(options.keywords)
    rows, header = read(options.texts, {"text"})
    texts = [row[header.get("text", -1)] for row in rows]
    started = time.perf_counter()
    matcher = Matcher(keywords)
    built = time.perf_counter() - started
    started = time.perf_counter()
    matches = list(matcher.match_many(texts))
    seconds = time.perf_counter() - started
    counts, examples = Counter(), {}
    for text, found in zip(texts, matches, strict=True):
        spans = {name: (start, end) for owner in found.values() for start, end, name in owner}
        counts.update(spans.keys())
        for name, span in spans.items():
            if name not in examples:
                examples[name] = excerpt(text, [span], 70)
    print(f"{'keyword':<28}{'texts':>8}  example")
    for name, count in counts.most_common(SHOWN):
        example = examples[name].encode("utf-8", "replace").decode()
        print(f"{name[:26]:<28}{count:>8}  {''.join(c if c.isprintable() else ' ' for c in example)}")
    print(f"figure keywords {len(keywords)}")
    print(f"figure keywords_texts {len(texts)}")
    print(f"figure keywords_matched {100 * sum(map(bool, matches)) / max(len(texts), 1):.2f}")
    print(f"figure keywords_found {len(counts)}")
    print(f"figure keywords_build_seconds {built:.3f}")
    print(f"figure keywords_texts_per_second {len(texts) / max(seconds, 1e-9):.0f}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
