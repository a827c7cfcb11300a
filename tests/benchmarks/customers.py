"""A million customers and five million orders: ranking them, reading their behaviour, and the work of a day.

All orders are invented and loaded by ``COPY``.  Measured, in turns:

- ``rfm_vs_sql``: counting and ranking all customers and storing what changed (``community.score._refresh`` without
  what is expected of them), against the one plain statement that computes the quintiles of all customers from the
  orders, with ``ntile`` and the same memory, and stores nothing.  The first refresh, which stores a row for each
  customer, is measured too and printed as ``figure rfm_first_vs_sql``.
- ``bgnbd_vs_lifetimes``: fitting BG/NBD to the summary of all customers, against ``lifetimes`` on the same arrays.
- ``daily_vs_full``: the refresh after orders of one customer in a hundred have changed, against the whole one, with
  all that both do.

The scores of the plain statement are compared with those that were stored: where nobody's figures are equal they must
be the same.  ``COMMUNITY_CUSTOMERS`` is the number of customers; there are some five times as many orders.
"""

import io
import os
import random
import resource
import statistics
import sys
from datetime import datetime

import numpy as np

from odoo.tools import SQL

from tests.odoo_desk import environment

from ._bench import database, timed

CUSTOMERS = int(os.environ.get("COMMUNITY_CUSTOMERS") or 1_000_000)
DAYS, ROUNDS = 730, 3
#: how the invented customers behave, in weeks: some five orders each
RATE, SPREAD, LEAVE = 0.6, 2.6, (0.8, 5.0)
#: one customer in so many buys on the day that is measured
DAILY = 100
#: columns whose indexes are used
USED = ("(partner_id)", "(commercial_partner_id)", "(company_id)", "(state)")
#: megabytes that the process may take
MOST_MEMORY = 1024
SEED = 20
#: customers that ``lifetimes`` is asked to fit: with a million it needs minutes, and both are given the same
FITTED = int(os.environ.get("COMMUNITY_CUSTOMERS_FITTED") or 200_000)

PLAIN = """
    SELECT count(*), sum(r), sum(f), sum(m)
      FROM (SELECT partner_id, ntile(5) OVER (ORDER BY last_at) AS r, ntile(5) OVER (ORDER BY number) AS f,
                   ntile(5) OVER (ORDER BY total) AS m
              FROM (SELECT p.commercial_partner_id AS partner_id, max(o.date_order) AS last_at, count(*) AS number,
                           sum(o.amount_untaxed / o.currency_rate) AS total
                      FROM sale_order o
                      JOIN res_partner p ON p.id = o.partner_id
                     WHERE o.state = 'sale' AND o.company_id = %(company)s
                  GROUP BY p.commercial_partner_id) AS customer) AS ranked
"""


def copy(env, table, columns, rows):
    """Load rows into a table as ``COPY`` does, some hundred thousand at a time."""
    statement = f"COPY {table} ({', '.join(columns)}) FROM STDIN"
    batch = io.StringIO()
    for number, row in enumerate(rows, 1):
        batch.write("\t".join(map(str, row)) + "\n")
        if number % 200_000 == 0:
            batch.seek(0)
            env.cr.copy_expert(statement, batch)
            batch = io.StringIO()
    batch.seek(0)
    env.cr.copy_expert(statement, batch)


def fill(env):
    """Invent customers who buy at rates of their own, and stop."""
    chance = random.Random(SEED)
    # the copy is thrown away: what checks every row that is loaded, and has no part in what is measured, goes first
    again = []
    for table in ("sale_order", "res_partner"):
        keys = "SELECT conname FROM pg_constraint WHERE conrelid = %s::regclass AND contype = 'f'"
        for (key,) in env.execute_query(SQL(keys, table)):
            env.cr.execute(SQL("ALTER TABLE %s DROP CONSTRAINT %s", SQL.identifier(table), SQL.identifier(key)))
        names = "SELECT indexname, indexdef FROM pg_indexes WHERE tablename = %s AND indexdef NOT LIKE '%%UNIQUE%%'"
        for index, definition in env.execute_query(SQL(names, table)):
            env.cr.execute(SQL("DROP INDEX %s", SQL.identifier(index)))
            if any(column in definition for column in USED):
                again.append(definition)
    company = env.company.id
    first = env.execute_query(SQL("SELECT COALESCE(max(id), 0) + 1 FROM res_partner"))[0][0]
    people = range(first, first + CUSTOMERS)
    copy(
        env,
        "res_partner",
        ("id", "name", "complete_name", "commercial_partner_id", "active", "autopost_bills"),
        ((number, f"C{number}", f"C{number}", number, "t", "ask") for number in people),
    )

    def orders():
        for number in people:
            begin = DAYS * chance.random()
            rate = chance.gammavariate(RATE, 1 / SPREAD) / 7
            leave = chance.betavariate(*LEAVE)
            while begin < DAYS:
                yield number, DAYS - begin, round(20 + 200 * chance.random(), 2)
                if not rate or chance.random() < leave:
                    break
                begin += chance.expovariate(rate)

    moment = env.execute_query(SQL("SELECT date_trunc('minute', now() AT TIME ZONE 'UTC')"))[0][0].timestamp()
    columns = ("name", "state", "partner_id", "partner_invoice_id", "partner_shipping_id", "company_id", "currency_id")
    columns += ("currency_rate", "amount_untaxed", "amount_total", "date_order")
    currency = env.company.currency_id.id

    copy(
        env,
        "sale_order",
        columns,
        (
            (f"B{place}", "sale", number, number, number, company, currency, 1, amount, amount)
            + (datetime.fromtimestamp(moment - 86400 * ago - place % 60).isoformat(sep=" "),)
            for place, (number, ago, amount) in enumerate(orders())
        ),
    )
    for definition in again:
        env.cr.execute(SQL(definition))
    env.cr.execute("SELECT setval('res_partner_id_seq', (SELECT max(id) FROM res_partner))")
    env.cr.commit()
    with env.registry.cursor() as cr:
        cr._cnx.autocommit = True
        cr.execute("VACUUM ANALYZE sale_order")
        cr.execute("VACUUM ANALYZE res_partner")
    return people


def plain(env):
    """Run the one plain statement; return what it says of all together."""
    env.cr.execute("SET LOCAL work_mem = '128MB'")
    return env.execute_query(SQL(PLAIN, company=env.company.id))[0]


def ranked(env):
    """Count and rank all customers and store what changed, without what is expected of them."""
    scores = env["community.score"]
    basis = env["community.score.basis"]._of(env.company)
    env.cr.execute("SET LOCAL work_mem = '128MB'")
    scores._count(env.company, None)
    scores._find_borders(env.company, basis)
    changed = scores._store_ranked(env.company, basis, None)
    env.flush_all()
    return changed


def check(env):
    """Compare the stored scores of money, where hardly two are equal, with quintiles."""
    query = """
        SELECT count(*), count(*) FILTER (WHERE m = fifth)
          FROM (SELECT m, ntile(5) OVER (ORDER BY monetary) AS fifth
                  FROM community_score WHERE company_id = %s) AS ranked
    """
    total, same = env.execute_query(SQL(query, env.company.id))[0]
    # equal amounts of money stay together, so some at a border are on its other side
    if not total or same < 0.9999 * total:
        raise SystemExit(f"{total - same} of {total} scores differ: the comparison would mean nothing")


def summary(env):
    """Return the arrays that both libraries fit."""
    _ids, frequency, span, age, _monetary = env["community.score"]._history(env.company)
    return frequency - 1, span / 7, age / 7


def fit_in_turns(env):
    """Return how long ours and ``lifetimes`` take, round by round, on the same customers."""
    from lifetimes import BetaGeoFitter

    from odoo.addons.community_manager.analysis.purchases import fit_buying

    x, t_x, T = summary(env)
    whole, model = timed(lambda: fit_buying(x, t_x, T))
    print(f"BG/NBD of {len(x):,} customers: {whole:.1f} s, {model}", flush=True)
    chosen = np.random.default_rng(SEED).permutation(len(x))[:FITTED]
    x, t_x, T = x[chosen], t_x[chosen], T[chosen]
    ratios = []
    for _round in range(ROUNDS):
        ours, mine = timed(lambda: fit_buying(x, t_x, T))
        theirs, fitter = timed(lambda: BetaGeoFitter().fit(x, t_x, T))
        print(f"of {len(x):,}: ours {ours:.2f} s, lifetimes {theirs:.2f} s", flush=True)
        ratios.append(ours / theirs)
    theirs = fitter.params_
    print(f"parameters: ours {mine}, lifetimes {theirs.to_dict()}", flush=True)
    if abs(mine.r / theirs["r"] - 1) > 0.02 or abs(mine.alpha / theirs["alpha"] - 1) > 0.02:
        raise SystemExit("the two find different customers: the comparison would mean nothing")
    return statistics.median(ratios)


def a_day(env, people):
    """Change an order of one customer in so many, by the application's own statement of what is stale."""
    chosen = list(people)[::DAILY]
    env.cr.execute(SQL("UPDATE sale_order SET amount_untaxed = amount_untaxed + 1 WHERE partner_id = ANY(%s)", chosen))
    env["community.score.stale"]._mark((env.company.id, number) for number in chosen)
    env["community.score.stale"]._write_pending()
    env.cr.commit()


def daily(env):
    """Do the scheduled work until nothing waits."""
    total, more = 0, True
    while more:
        done, more = env["community.score"]._refresh_batch(env.company)
        total += done
        env.cr.commit()
    return total


def main(_arguments):
    """Print the figures."""
    with database("customers") as name:
        with environment(name) as env:
            seconds, people = timed(lambda: fill(env))
            orders = env.execute_query(SQL("SELECT count(*) FROM sale_order"))[0][0]
            print(f"{CUSTOMERS:,} customers with {orders:,} orders loaded in {seconds:.0f} s", flush=True)
        with environment(name) as env:
            plain(env)  # warm
            base, _found = timed(lambda: plain(env))
            first, _changed = timed(lambda: ranked(env))
            env.cr.commit()
            env.cr.execute("ANALYZE community_score")
            check(env)
            env.cr.commit()
            print(f"plain statement {base:.1f} s, first refresh {first:.1f} s", flush=True)
            ratios = []
            for _round in range(ROUNDS):
                base, _found = timed(lambda: plain(env))
                env.cr.commit()
                seconds, changed = timed(lambda: ranked(env))
                env.cr.commit()
                print(f"plain statement {base:.1f} s, refresh {seconds:.1f} s, {changed} rows changed", flush=True)
                ratios.append(seconds / base)
        with environment(name) as env:
            whole, _changed = timed(lambda: env["community.score"]._refresh(env.company))
            env.cr.commit()
            env.cr.execute("SELECT count(*), count(*) FILTER (WHERE method <> 'none') FROM community_score")
            print(f"all that a whole refresh does: {whole:.1f} s, {env.cr.fetchone()}", flush=True)
            a_day(env, people)
            seconds, changed = timed(lambda: daily(env))
            print(f"after 1 in {DAILY} changed: {seconds:.1f} s, {changed:,} customers", flush=True)
        memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        with environment(name) as env:
            fitted = fit_in_turns(env)
    print(f"figure customers_peak_mb {memory:.0f}")
    print(f"figure rfm_first_vs_sql {first / base:.2f}")
    print(f"ratio customers_memory {memory / MOST_MEMORY:.2f}")
    print(f"ratio rfm_vs_sql {statistics.median(ratios):.2f}")
    print(f"ratio bgnbd_vs_lifetimes {fitted:.2f}")
    print(f"ratio daily_vs_full {seconds / whole:.3f}")


if __name__ == "__main__":
    main(sys.argv[1:])
