"""How well bursts are noticed: ``python -m tests.evaluation.crisis --data DIR --out DIR``.

Reads each CSV of --data (timestamp,value; one topic a file, buckets of equal length in order) and writes it to --out
with a column anomaly_score, 0 to 1.  The score of a row depends on this row and earlier ones alone.

With ``windows.json`` in --data ({"any/FILE.csv": [[begin, end], ...]}), also prints how many of these windows the
alerts hit, and how many alerts lie outside.  The first rows of a file, in which its detector learns, are left out as
the Numenta Anomaly Benchmark does.
"""

import argparse
import csv
import json
import sys
import time
from collections import Counter
from datetime import datetime, timedelta
from pathlib import Path

from analysis.bursts import BurstDetector

#: The benchmark leaves out this share of a file, and of no more than so many rows.
PROBATION = (0.15, 5000)
MONTH = timedelta(days=30)


def read(path):
    """[(timestamp as written, moment, value), ...]; a value that is no number is None."""
    rows = []
    with path.open(newline="", encoding="utf-8") as file:
        for row in csv.DictReader(file):
            try:
                value = float(row["value"])
            except ValueError:
                value = None
            rows.append((row["timestamp"], datetime.fromisoformat(row["timestamp"].strip()), value))
    return rows


def bucket(rows):
    """Seconds between rows: the most usual distance."""
    steps = Counter((after[1] - before[1]).total_seconds() for before, after in zip(rows, rows[1:], strict=False))
    known = [(count, -step) for step, count in steps.items() if step > 0]
    return -max(known)[1] if known else 3600.0


def judge(rows):
    """A reading for each row, in one pass."""
    detector = BurstDetector(bucket(rows))
    return [detector.update(moment, value) for _text, moment, value in rows]


def write(path, rows, readings):
    """The rows with their score."""
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(["timestamp", "value", "anomaly_score"])
        for (text, _moment, value), reading in zip(rows, readings, strict=True):
            writer.writerow([text, "" if value is None else f"{value:.15g}", repr(reading.score)])


def recall(rows, readings, windows):
    """(windows, windows with an alert, alerts outside windows, months judged)."""
    learning = int(min(PROBATION[0] * len(rows), PROBATION[0] * PROBATION[1]))
    spans = [(datetime.fromisoformat(begin), datetime.fromisoformat(end)) for begin, end in windows]
    hit, outside = set(), 0
    for (_text, moment, _value), reading in list(zip(rows, readings, strict=True))[learning:]:
        if reading.alert:
            inside = [span for span in spans if span[0] <= moment <= span[1]]
            hit.update(inside)
            outside += not inside
    return len(spans), len(hit), outside, (rows[-1][1] - rows[learning][1]) / MONTH if rows else 0.0


def main(words=None):
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True, help="folder of CSV files: timestamp,value")
    parser.add_argument("--out", type=Path, required=True, help="folder for the same files with anomaly_score")
    options = parser.parse_args(words)
    files = sorted(options.data.glob("*.csv"))
    if not files:
        parser.error(f"no CSV file in {options.data}")
    if options.out.resolve() == options.data.resolve():
        parser.error("--out is the folder of the data")
    options.out.mkdir(parents=True, exist_ok=True)
    labels = options.data / "windows.json"
    windows = json.loads(labels.read_text(encoding="utf-8")) if labels.exists() else {}
    windows = {Path(name).name: spans for name, spans in windows.items()}
    total, seconds, found = 0, 0.0, [0, 0, 0, 0.0]
    print(f"{'file':<34}{'rows':>8}{'bucket s':>10}{'scored':>8}{'alerts':>8}{'hit':>9}{'outside':>9}")
    for path in files:
        rows = read(path)
        started = time.perf_counter()
        readings = judge(rows)
        seconds += time.perf_counter() - started
        total += len(rows)
        write(options.out / path.name, rows, readings)
        hit = outside = ""
        if path.name in windows:
            result = recall(rows, readings, windows[path.name])
            found = [a + b for a, b in zip(found, result, strict=True)]
            hit, outside = f"{result[1]}/{result[0]}", result[2]
        scored = sum(reading.score > 0 for reading in readings)
        alerts = sum(reading.alert for reading in readings)
        print(f"{path.name:<34}{len(rows):>8}{bucket(rows):>10.0f}{scored:>8}{alerts:>8}{hit:>9}{outside:>9}")
    print(f"figure rows {total}")
    print(f"figure seconds_per_1000_rows {seconds / max(total, 1) * 1000:.4f}")
    if found[0]:
        print(f"figure crisis_windows {found[0]}")
        print(f"figure crisis_recall {100 * found[1] / found[0]:.1f}")
        print(f"figure crisis_false_alerts_per_month {found[2] / max(found[3], 1e-9):.2f}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
