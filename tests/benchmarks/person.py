"""A person with ten thousand mentions, beside one with a hundred: their page, and erasing them.

Measured is what the browser asks the server for when the page opens: who it is with facts and filters
(``get_community_person``) and the first page of the line of time (``get_community_timeline``), with empty caches of
records, as requests begin.  ``ratio person_page_many_vs_few`` is the time of both with many mentions ÷ with few, the
median over rounds in which both are measured in turns; the target is at most 3: many are counted up to a thousand.

Erasing is measured once: ``ratio erase_mention_many_vs_few`` is the time for each mention with many ÷ with few (a
hundred); the target is at most 1, for what is done once for each person spreads over more.

``COMMUNITY_PERSON_MENTIONS`` is the number of mentions of the person with many.
"""

import os
import statistics
import sys

from tests.odoo_desk import environment

from ._bench import database, timed

MANY = int(os.environ.get("COMMUNITY_PERSON_MENTIONS") or 10_000)
FEW, ROUNDS, WARM = 100, 15, 2


def fill(env, number, name):
    """Insert a person with one profile and so many mentions; return the contact."""
    company = env.company
    channel = env["community.channel"].create({"name": f"Bench {name}", "network": "mastodon"})
    person = env["res.partner"].create({"name": f"Bench {name}", "email": f"{name}@bench.example"})
    author = env["community.author"].create(
        {"company_id": company.id, "network": "mastodon", "realm": "", "external_id": name, "name": f"Bench {name}"}
        | {"handle": f"@bench{name}", "partner_id": person.id}
    )
    env.flush_all()
    # raw SQL: the mentions are only there to be read
    env.cr.execute(
        """
        INSERT INTO community_mention (company_id, channel_id, network, realm, external_id, kind, origin, visibility,
                    outgoing, is_namesake, text, language, sentiment, analysed, published_at, state, priority,
                    author_id, create_uid, create_date, write_date, need)
        SELECT %s, %s, 'mastodon', '', %s || n, 'post', 'own', 'public', false, false,
                    'When does the parcel ' || n || ' arrive that I ordered?', 'en', 'negative', 'fast',
                    now() AT TIME ZONE 'UTC' - n * interval '1 minute', 'done', '0', %s, 1, now(), now(), 0
          FROM generate_series(1, %s) AS n
        """,
        (company.id, channel.id, name, author.id, number),
    )
    env.cr.execute("ANALYZE community_mention")
    env.invalidate_all()
    return person


def page(person):
    """Read the page of a person as the browser does; return the number of queries."""
    env = person.env
    env.invalidate_all()
    before = env.cr.sql_log_count
    person.get_community_person()
    entries = person.get_community_timeline()["entries"]
    if len(entries) < 30:
        raise SystemExit("the page is short: the comparison would mean nothing")
    return env.cr.sql_log_count - before


def main(arguments):
    """Print the figures."""
    with database("person") as name, environment(name, context={"lang": "en_US", "tz": "Europe/Madrid"}) as env:
        people = {"few": fill(env, FEW, "few"), "many": fill(env, MANY, "many")}
        ratios, seconds, queries = [], {"few": [], "many": []}, {}
        for number in range(WARM + ROUNDS):
            for which, person in people.items():
                taken, queries[which] = timed(lambda person=person: page(person))
                if number >= WARM:
                    seconds[which].append(taken)
        ratios = [many / few for few, many in zip(seconds["few"], seconds["many"], strict=True)]
        for which, number in (("few", FEW), ("many", MANY)):
            middle = 1000 * statistics.median(seconds[which])
            print(f"page: {middle:.0f} ms with {number:,} mentions, {queries[which]} queries", flush=True)
        each = {}
        for which, number in (("few", FEW), ("many", MANY)):
            taken, _counts = timed(lambda which=which: env["community.erasing"]._erase(people[which]))
            each[which] = taken / number
            print(f"erasing {number:,} mentions: {taken:.1f} s", flush=True)
        env.cr.rollback()
    if "-v" in arguments:
        print("rounds: " + ", ".join(f"{one:.2f}" for one in ratios))
    print(f"ratio person_page_many_vs_few {statistics.median(ratios):.2f}")
    print(f"ratio erase_mention_many_vs_few {each['many'] / each['few']:.2f}")


if __name__ == "__main__":
    main(sys.argv[1:])
