"""How many SQL queries one page costs, whatever its size.

``ratio page_queries N/12``: queries to store a page of 100 items in steady state, of pages with new posts, pages with
posts that are known already and pages where half are known and some were edited the most counts; the target is at
most 12 queries, that is a ratio of at most 1.

Steady state: the channel and its rules are in use, caches are warm, most authors and some conversations are known, the
items are those of the real connector.  Counted is all that the listener does from a page in its hand to its commit:
authors, conversations, mentions, rules, position and use of the channel.  With ``-v`` the queries are shown.
"""

import sys

from tests.local import posts
from tests.local.desk import make_channels, make_topics
from tests.odoo_desk import environment, open_registry

from ._bench import SERVER, database

PAGE, WARM, LIMIT = 100, 6, 12


def page(start, stop, edited=()):
    """Return a page as the connector reads it."""
    from odoo.addons.community_manager.connectors.items import Page
    from odoo.addons.community_manager.connectors.mastodon_items import Reader

    statuses = [posts.status(number) for number in range(start, stop)]
    for status in statuses:
        if posts.post_number(status["id"]) in edited:
            status["content"] = status["content"].replace("<p>", "<p>Corrected: ", 1)
            status["edited_at"] = status["created_at"]
    items, rejects = Reader("social.example", "social.example").read([(one, None) for one in statuses], "search")
    if rejects or len(items) != stop - start:
        raise SystemExit("the posts cannot be read: the comparison would mean nothing")
    return Page(items=items, cursor={"last": posts.post_id(stop)}, requests=1)


class Counting:
    """Counts, and keeps, what one cursor is asked."""

    def __init__(self, cr):
        self.queries = []
        original = cr.execute

        def execute(query, params=None, log_exceptions=True):
            self.queries.append(" ".join(str(getattr(query, "code", query)).split())[:150])
            return original(query, params, log_exceptions)

        cr.execute = execute


def store(name, channel_id, what):
    """Store a page as the listener does and return its queries and counts."""
    with environment(name) as env:
        listener = env["community.listener"]
        with open_registry(name).cursor() as cr:
            # another channel of the run is stored before, and warms what the process keeps
            counting = Counting(cr)
            counts = listener._take(cr, channel_id, what)
            return counting.queries, counts


def main(arguments):
    """Print the figures."""
    from tests.benchmarks.ingest import make_rules

    with database("queries") as name:
        with environment(name) as env:
            make_rules(env, make_topics(env))
            channel_id = make_channels(env, SERVER, ["every1"]).id
        for turn in range(WARM):
            store(name, channel_id, page(turn * PAGE, (turn + 1) * PAGE))
        first = WARM * PAGE
        cases = {
            "new": page(first, first + PAGE),
            "known": page(first, first + PAGE),
            "mixed": page(first + PAGE // 2, first + PAGE * 3 // 2, range(first + PAGE // 2, first + PAGE // 2 + 5)),
        }
        figures = {}
        for case, what in cases.items():
            queries, counts = store(name, channel_id, what)
            figures[case] = len(queries)
            print(f"{case}: {len(queries)} queries, {counts}", flush=True)
            if "-v" in arguments:
                print("\n".join(f"    {query}" for query in queries))
    for case, number in figures.items():
        print(f"ratio page_queries_{case} {number / LIMIT:.2f}")
    print(f"ratio page_queries {max(figures['new'], figures['known']) / LIMIT:.2f}")


if __name__ == "__main__":
    main(sys.argv[1:])
