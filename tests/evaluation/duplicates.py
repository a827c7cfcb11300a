"""How well copies are found: ``python -m tests.evaluation.duplicates --base FILE --queries FILE``.

--base is tab-separated, UTF-8: id, text.  --queries is tab-separated: text, id of the text in --base that it is a copy
of, or nothing (or "-", "none") where it is no copy.  With headers the columns may be others: ``text`` and ``id`` in the
first, ``text`` and ``original`` (or ``id``) in the second.  A file may also hold one text a line: the id is then the
number of the line, from 1; queries without ids only tell how many of them are found.

A copy is found as the product does it: the texts that share a MinHash band with it are candidates, and those that are
alike enough are copies.  ``duplicates_recall`` is the share of copies for which their original is among these, in per
cent; ``duplicates_false_per_1000`` counts the texts that are no copies though one was found.  ``bands_`` figures are
those of the candidates alone.
"""

import argparse
import sys
import time
from collections import defaultdict
from pathlib import Path

from analysis.alike import ALIKE, gist, likeness
from analysis.similarity import bands_of
from tests.evaluation._rows import read

_NONE = frozenset(("", "-", "none", "null", "0", "-1"))
_NAMES = {"id", "text", "original", "original_id", "copy_of", "duplicate_of", "base", "base_id"}


def load(path, queries=False):
    """[(id, text), ...]; of queries the id is "" where there is no original, and None where it is not told."""
    rows, header = read(path, _NAMES)
    width = len(rows[0]) if rows else 0
    if width == 1:
        return [(None if queries else str(number), row[0]) for number, row in enumerate(rows, 1)]
    if header:
        text = header.get("text", 0 if queries else width - 1)
        names = ["original", "original_id", "copy_of", "duplicate_of", "base", "base_id", "id"]
        columns = [header[name] for name in (names if queries else ["id"]) if name in header]
        key = columns[0] if columns else 1 - min(text, 1)
    else:
        # The texts are what is longest, in whichever order somebody wrote the two columns.
        text = max(range(width), key=lambda column: sum(len(row[column]) for row in rows))
        key = next(column for column in (range(width) if text else range(1, width)) if column != text)
    return [(row[key].strip(), row[text]) for row in rows]


class Index:
    """Texts by their bands."""

    def __init__(self, texts):
        self._texts = texts
        self._gists = {}
        self._places = defaultdict(list)
        for place, bands in enumerate(bands_of(texts)):
            for band in enumerate(bands or ()):
                self._places[band].append(place)

    def candidates(self, bands):
        """The texts that share a band."""
        return {place for band in enumerate(bands or ()) for place in self._places.get(band, ())}

    def copies(self, text, candidates):
        """Those of the candidates that are alike."""
        mine = gist(text)
        return {place for place in candidates if likeness(mine, self._gist(place)) >= ALIKE}

    def _gist(self, place):
        if place not in self._gists:
            self._gists[place] = gist(self._texts[place])
        return self._gists[place]


def main(words=None):
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--base", type=Path, required=True, help="tab-separated file: id, text")
    parser.add_argument("--queries", type=Path, required=True, help="tab-separated file: text, id of its original")
    options = parser.parse_args(words)
    base, queries = load(options.base), load(options.queries, queries=True)
    ids = [key for key, _text in base]
    started = time.perf_counter()
    index = Index([text for _key, text in base])
    found, likely = [], []
    for (_original, text), bands in zip(queries, bands_of([text for _original, text in queries]), strict=True):
        candidates = index.candidates(bands)
        likely.append({ids[place] for place in candidates})
        found.append({ids[place] for place in index.copies(text, candidates)})
    seconds = time.perf_counter() - started
    known = set(ids)
    unknown = sum(bool(key) and key.lower() not in _NONE and key not in known for key, _text in queries)
    copies = [n for n, (key, _text) in enumerate(queries) if key in known]
    strangers = [n for n, (key, _text) in enumerate(queries) if key is not None and key.lower() in _NONE - known]
    print(f"{'':<22}{'texts':>8}{'by bands':>10}{'confirmed':>11}")
    rows = [("base", len(base), "", "")]
    if copies or strangers:
        hits = [sum(queries[n][0] in sets[n] for n in copies) for sets in (likely, found)]
        wrong = [sum(bool(sets[n]) for n in strangers) for sets in (likely, found)]
        rows += [("copies", len(copies), *hits), ("no copies", len(strangers), *wrong)]
    else:
        rows += [("queries", len(queries), sum(map(bool, likely)), sum(map(bool, found)))]
    for name, *numbers in rows:
        print(f"{name:<22}{numbers[0]:>8}{numbers[1]:>10}{numbers[2]:>11}")
    if unknown:
        print(f"{unknown} queries name an original that is not in the base: left out")
    if copies:
        print(f"figure bands_recall {100 * hits[0] / len(copies):.2f}")
        print(f"figure duplicates_recall {100 * hits[1] / len(copies):.2f}")
    if strangers:
        print(f"figure bands_false_per_1000 {1000 * wrong[0] / len(strangers):.1f}")
        print(f"figure duplicates_false_per_1000 {1000 * wrong[1] / len(strangers):.1f}")
    if not copies and not strangers:
        print(f"figure duplicates_found {sum(map(bool, found))}")
    print(f"figure duplicates_texts_per_second {(len(base) + len(queries)) / max(seconds, 1e-9):.0f}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
