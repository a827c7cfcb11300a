"""Who is heard among a hundred thousand authors with a million ties.

Three things are measured in turns, each round anew:

* *array*: the bare computation on arrays that are there already: PageRank by power iteration over a sparse matrix of
  SciPy, groups, connectors, reach and score (``analysis.influence.measure``);
* *rank alone*: the power iteration written down in a few lines of SciPy here, for orientation;
* *refresh*: what the scheduled action computes between reading and storing (``_measure`` and ``_rows``, which adds what
  explanations name and who leads each group), the places of the picture left out;
* *whole*: the scheduled action's ``_reckon``: reading people and ties from PostgreSQL, all of the above, and storing a
  row for each person.

``ratio influence_vs_array`` is refresh ÷ array, at most 1.5; ``ratio influence_whole_vs_array`` is whole ÷ array, at
most 6, medians over the rounds.  Before each whole run every figure is changed, so that all rows are written.  The
picture's layout is made once, in the first run, and said apart.

Then the ties themselves: ``ratio ties_daily_vs_all`` is the time to renew the ties of a hundredth of the authors ÷ that
of all, out of a tenth as many mentions; it would be 1 if a day cost as much as everything.

``COMMUNITY_INFLUENCE_AUTHORS`` is the number of authors; there are ten ties for each.
"""

import os
import statistics
import sys

import numpy as np

from odoo.tools import SQL

from tests.odoo_desk import environment

from ._bench import database, timed

AUTHORS = int(os.environ.get("COMMUNITY_INFLUENCE_AUTHORS") or 100_000)
TIES, ROUNDS = 10 * AUTHORS, 5
MENTIONS = AUTHORS // 2


def fill(env):
    """Insert authors, ties among them (a few are tied to very many), and mentions that answer each other."""
    channel = env["community.channel"].create({"name": "Bench", "network": "mastodon"})
    env.flush_all()
    values = {
        "company": env.company.id,
        "channel": channel.id,
        "authors": AUTHORS,
        "ties": TIES,
        "mentions": MENTIONS,
        "partner": env.company.partner_id.id,
    }
    statements = (
        """
        INSERT INTO community_author (company_id, network, realm, external_id, name, handle, followers, bot, partner_id)
        SELECT %(company)s, 'mastodon', '', 'a' || n, 'Author ' || n, '@a' || n, (power(random(), 4) * 90000)::integer,
               false, CASE WHEN n %% 50 = 0 THEN %(partner)s END
          FROM generate_series(0, %(authors)s - 1) AS n
        """,
        """
        INSERT INTO community_tie (company_id, source_id, target_id, kind, count, weight, tone, last_at)
        SELECT DISTINCT ON (source, target) %(company)s, first + source, first + target, 'reply', 1,
               random() + 0.1, random() - 0.2, now() AT TIME ZONE 'UTC' - random() * interval '300 days'
          FROM (SELECT min(id) AS first FROM community_author WHERE external_id ~ '^a[0-9]+$') AS authors,
       LATERAL (SELECT floor(random() * %(authors)s)::integer AS source,
                       floor(power(random(), 3) * %(authors)s)::integer AS target
                  FROM generate_series(1, (%(ties)s * 1.01)::integer) OFFSET 0) AS pairs
         WHERE source != target
         LIMIT %(ties)s
        """,
        """
        INSERT INTO community_mention (company_id, channel_id, network, realm, external_id, parent_external_id, kind,
                    origin, visibility, outgoing, is_namesake, text, sentiment, sentiment_score, published_at, state,
                    priority, author_id, create_uid, create_date, write_date)
        SELECT %(company)s, %(channel)s, 'mastodon', '', 'm' || n, CASE WHEN n %% 4 > 0 THEN 'm' || n / 4 * 4 END,
               'post', 'own', 'public', false, false, '@a' || n %% 977 || ' when does the parcel arrive?', 'neutral', 0,
               moment, 'done', '0', first + (n * 7919 %% %(authors)s), 1, moment, moment
          FROM (SELECT min(id) AS first FROM community_author WHERE external_id ~ '^a[0-9]+$') AS authors,
       LATERAL (SELECT n, now() AT TIME ZONE 'UTC' - n * interval '2 minutes' AS moment
                  FROM generate_series(0, %(mentions)s - 1) AS n OFFSET 0) AS invented
        """,
    )
    for statement in statements:
        env.cr.execute(SQL(statement, **values))
    env.invalidate_all()


def plain_rank(graph):
    """PageRank in a few lines of SciPy: power iteration to the same tolerance."""
    from scipy import sparse

    size = graph.size
    matrix = sparse.coo_array((graph.weight, (graph.source, graph.target)), shape=(size, size)).tocsr()
    given = matrix.sum(axis=1)
    matrix = sparse.diags_array(np.divide(1.0, given, out=np.zeros(size), where=given > 0)) @ matrix
    flow, start = matrix.T.tocsr(), graph.trust / graph.trust.sum()
    held, dangling = start, given == 0
    for _round in range(100):
        fresh = 0.85 * (flow @ held + held[dangling].sum() * start) + 0.15 * start
        done = np.abs(fresh - held).sum() < size * 1e-9
        held = fresh
        if done:
            break
    return held


def measure_round(name):
    """Return seconds of each work in one round, in one transaction that is undone."""
    from odoo.addons.community_manager.analysis.influence import measure

    with environment(name) as env:
        refresh, company = env["community.influence.refresh"], env.company
        people, ties = refresh._load(company)
        _found, graph, _measures = refresh._measure(people, ties, company.community_tie_half_life)
        seconds = {}
        seconds["rank alone"], _held = timed(lambda: plain_rank(graph))
        seconds["array"], _measures = timed(lambda: measure(graph))

        def compute():
            found, graph, measures = refresh._measure(people, ties, company.community_tie_half_life)
            return refresh._rows(people, found, graph, measures, 1.0)

        seconds["refresh"], _rows = timed(compute)
        env.cr.execute("UPDATE community_influence SET score = score + 1")
        seconds["whole"], _done = timed(lambda: refresh._reckon(company))
        env.cr.execute("SELECT count(*) FROM community_influence")
        (stored,) = env.cr.fetchone()
        if stored < AUTHORS * 0.99:
            raise SystemExit(f"{stored} figures were stored: the comparison would mean nothing")
        env.cr.rollback()
    return seconds


def measure_ties(name):
    """Return seconds to renew the ties of all authors of the mentions, and of a hundredth of them."""
    with environment(name) as env:
        ties, company = env["community.tie.refresh"], env.company
        env.cr.execute("SELECT DISTINCT author_id FROM community_mention WHERE external_id ~ '^m[0-9]+$' ORDER BY 1")
        authors = [author for (author,) in env.cr.fetchall()]
        few = authors[::100]
        every, _done = timed(
            lambda: [ties._renew(company, authors[at : at + 2000]) for at in range(0, len(authors), 2000)]
        )
        some, _done = timed(lambda: ties._renew(company, few))
        env.cr.rollback()
    return some, every


def main(arguments):
    """Print the figures."""
    with database("influence") as name:
        with environment(name) as env:
            seconds, _done = timed(lambda: fill(env))
        with environment(name) as env, env.registry.cursor() as cr:
            cr._cnx.autocommit = True
            cr.execute("VACUUM ANALYZE")
        print(f"{AUTHORS:,} authors and {TIES:,} ties inserted in {seconds:.0f} s", flush=True)
        with environment(name) as env:
            first, _done = timed(lambda: env["community.influence.refresh"]._reckon(env.company))
        print(f"the first time, with the places of the picture: {first:.1f} s", flush=True)
        rounds = [measure_round(name) for _round in range(ROUNDS)]
        some, every = measure_ties(name)
    for work in rounds[0]:
        print(f"{work}: {statistics.median(one[work] for one in rounds):.2f} s")
    if "-v" in arguments:
        print("rounds: " + ", ".join(f"{one['whole'] / one['array']:.2f}" for one in rounds))
    print(f"ties of {MENTIONS:,} mentions: {every:.1f} s, of a hundredth of their authors {some:.2f} s")
    print(f"ratio ties_daily_vs_all {some / every:.3f}")
    print(f"ratio influence_vs_array {statistics.median(one['refresh'] / one['array'] for one in rounds):.2f}")
    print(f"ratio influence_whole_vs_array {statistics.median(one['whole'] / one['array'] for one in rounds):.2f}")


if __name__ == "__main__":
    main(sys.argv[1:])
