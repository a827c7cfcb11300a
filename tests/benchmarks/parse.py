"""What reading and normalising a network's pages costs beside parsing them.

``ratio parse_<code>``: time in which the connector of a network listens to about 120 new things, its answers coming
from memory without any transport, ÷ time of ``json.loads`` alone for the same bodies; for feeds, ÷ time of
``feedparser.parse`` alone.  Lower is better; the target is at most 3 for JSON, at most 1.2 for feeds.

The answers are those of the networks in memory that the conformance suite uses: built from recorded answers and
published schemas, completed by what the networks send with every thing and no connector looks at.  The time for each
thing is shown beside the ratio.

The target is reached by Reddit and Discourse (2), Mastodon, WordPress and Hacker News (2.5) and Trustpilot (3).  The
others are above it (figures and times of one machine, up to half more while it is busy):

- Stack Exchange 3.4, NodeBB 3.7 (half of what is new there is asked for post by post, 600 bytes each), Bluesky 4.3,
  Matrix 4.6, Google Play 4.8: 3 to 9 µs a thing too many.
- YouTube 5, Telegram 5, X 6, App Store 6: 5 to 7 µs too many.  A thing there has 370 to 760 bytes, which parse in 2 to
  3 µs.
- MediaWiki 5.5, 14 µs too many: what an edit brought is found by comparing the text with the one before, and is freed
  from markup and signatures.
- LinkedIn 6, Threads 6, Google Business 7, Facebook 8, Instagram 8.5: 5 to 9 µs too many.  A request to
  Threads, Facebook and Instagram names the fields it wants, a notification of LinkedIn and a review of a place have
  few, so nearly all that is parsed (300 to 500 bytes, 1.5 to 2 µs) is made into an item.

An item with its author, its time, its text and its addresses, each checked, takes 5.5 µs, 1.7 of which are the two
objects; that alone is three times the parsing of a thing of 1.8 µs.

Both run in the same process, in turns; the median of the rounds' ratios counts.
"""

import gc
import json
import statistics
import sys
import time
from pathlib import Path
from unittest import mock

import feedparser

sys.path.insert(0, str(Path(__file__).parents[2] / "community_manager"))
from connectors import errors
from connectors.http import Http
from connectors.transport import Secrets
from tests.benchmarks._documents import MISSING, complete
from tests.connectors.adapters import ADAPTERS
from tests.connectors.conforming import NETWORKS, connect, run

KNOWN, NEW, ROUNDS = 10, 120, 15
#: Each measurement repeats its work until it takes about this long.
SECONDS = 0.03


class Recording(Http):
    """Keeps what came of every request."""

    def __init__(self, **options):
        super().__init__(**options)
        self.outcomes = []

    def request(self, method, url, **options):
        """Ask, and keep the answer or the error."""
        try:
            answer = super().request(method, url, **options)
        except errors.ConnectorError as problem:
            self.outcomes.append(problem)
            raise
        self.outcomes.append(answer)
        return answer


class Replay(Http):
    """Gives the same answers again, in the same order, without any transport."""

    def __init__(self, outcomes):
        # no session, no pool, no guard: they are the transport's
        self.requests = 0
        self.rate_limit = None
        self.max_bytes = 0
        self._secrets = Secrets()
        self._outcomes = iter(outcomes)

    def request(self, method, url, **_options):
        """Return the next answer, not parsed yet."""
        self.requests += 1
        outcome = next(self._outcomes)
        if isinstance(outcome, Exception):
            raise outcome
        outcome._parsed.clear()
        return outcome


def recorded(adapter):
    """Return what it takes to read the new things: for each run the cursor and what comes of every request."""
    adapter.publish(KNOWN)
    cursor = run(adapter, {})[-1].cursor
    adapter.publish(NEW)
    runs, found, before = [], 0, -1
    while before < found < NEW:
        before = found
        http = Recording(transport=adapter.answer)
        runs.append((cursor, http.outcomes))
        # a network that takes a page for received once the next one is asked for gives one page a run
        for page in connect(adapter, http=http).listen(cursor):
            found += len(page.items)
            cursor = page.cursor
    for outcome in (one for _cursor, outcomes in runs for one in outcomes if not isinstance(one, Exception)):
        if adapter.cls.code in MISSING:
            document = outcome.json()
            complete(adapter.cls.code, document)
            outcome.content = json.dumps(document).encode()
    if found < NEW:
        raise SystemExit(f"{adapter.cls.code}: {found} of {NEW} things, the comparison would mean nothing")
    return runs


def listening(adapter, runs):
    """Return a function that listens once."""

    def work():
        for cursor, outcomes in runs:
            for _page in connect(adapter, http=Replay(outcomes)).listen(cursor):
                pass

    return work


def parsing(outcomes):
    """Return a function that only parses the same answers, and what does it."""
    bodies = [outcome.content for outcome in outcomes if not isinstance(outcome, Exception) and outcome.content]
    feeds = [body for body in bodies if body.lstrip()[:1] == b"<"]
    parse, bodies = (feedparser.parse, feeds) if feeds else (json.loads, bodies)

    def work():
        for body in bodies:
            parse(body)

    return work, parse.__name__, sum(map(len, bodies))


def seconds(work, times):
    """Return how long it takes to do something that often."""
    start = time.perf_counter()
    for _time in range(times):
        work()
    return time.perf_counter() - start


def measure(code):
    """Return the ratio of one network, the microseconds for each thing, and what was compared."""
    adapter = ADAPTERS[code]()
    adapter.cls = NETWORKS[code]
    runs = recorded(adapter)
    work = listening(adapter, runs)
    bare, name, size = parsing([outcome for _cursor, outcomes in runs for outcome in outcomes])
    # signing a request for access once a run is no part of reading
    with mock.patch("jwt.encode", return_value="signed"):
        times = max(1, round(SECONDS / seconds(work, 1)))
        bare_times = max(1, round(SECONDS / seconds(bare, 1)))
        ratios, each = [], []
        for _round in range(ROUNDS):
            gc.collect()
            each.append(seconds(work, times) / times)
            ratios.append(each[-1] / (seconds(bare, bare_times) / bare_times))
    return statistics.median(ratios), statistics.median(each) / NEW * 1e6, name, size


def main(codes):
    """Print the figures."""
    lines = []
    for code, cls in NETWORKS.items():
        if cls.can("listen") and not cls.local and (not codes or code in codes):
            figure, each, name, size = measure(code)
            print(f"{code}: {each:.0f} µs a thing, {figure:.2f} × {name} of {size // NEW} bytes each", flush=True)
            lines.append(f"ratio parse_{code} {figure:.2f}")
    print("\n".join(lines))


if __name__ == "__main__":
    main(sys.argv[1:])
