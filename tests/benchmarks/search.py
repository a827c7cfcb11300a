"""Full-text search over a million mentions, beside searching for a piece of text and beside bare SQL.

For words that few, many and half of all mentions contain, for two words and for words side by side: the first page of
the ranked list as somebody sees it who may see it (record rules and all), with the count beside the search bar.

``ratio search_ilike`` is how many times as fast that is as looking for the same piece of text with ``ilike``, for the
rare word.  ``ratio search_bare`` is its time ÷ that of a bare tsquery of one language, ranked, on the table alone; the
median over the queries.  ``ratio search_frequent`` is the time for the most frequent word ÷ that for the rare one.

The mentions are invented and inserted set-wise, index and all (through the application it would take an hour);
``COMMUNITY_SEARCH_MENTIONS`` is their number.  How fast the application itself indexes is measured on a few thousand.
"""

import functools
import io
import os
import random
import statistics

from odoo.tools import SQL

from tests.local import posts
from tests.odoo_desk import environment

from ._bench import database, timed

MENTIONS = int(os.environ.get("COMMUNITY_SEARCH_MENTIONS") or 1_000_000)
ROUNDS, PAGE, WORDS_EACH, VOCABULARY, COUNTED, INDEXED = 5, 80, 20, 30_000, 10_001, 5_000
CONFIGURATIONS = {"es": "spanish", "en": "english"}


def vocabulary():
    """Words of a language, the most frequent first: real ones, then invented ones."""
    rng = random.Random(2)
    words = {"es": list(dict.fromkeys(posts.WORDS["es"])), "en": list(dict.fromkeys(posts.WORDS["en"]))}
    invented = {}
    while len(invented) < VOCABULARY:
        invented["".join(rng.choice(posts.SYLLABLES) for _ in range(rng.randint(3, 5)))] = None
    return {language: known + list(invented) for language, known in words.items()}


def fill(cr, company_id):
    """Insert the mentions and their words."""
    words, rng = vocabulary(), random.Random(3)
    weights = {language: [1 / (rank + 10) for rank in range(len(known))] for language, known in words.items()}
    chosen = {
        language: iter(rng.choices(known, weights[language], k=WORDS_EACH * (MENTIONS // 2 + 1)))
        for language, known in words.items()
    }
    lines = io.StringIO()
    for number in range(MENTIONS):
        language = ("es", "en")[number % 2]
        text = " ".join(next(chosen[language]) for _ in range(WORDS_EACH))
        lines.write(f"{number}\t{language}\t{text}\n")
    lines.seek(0)
    cr.execute("CREATE TEMP TABLE invented (number integer, language text, text text)")
    cr.copy_expert("COPY invented FROM STDIN", lines)
    cr.execute(
        SQL(
            "INSERT INTO community_mention (company_id, network, realm, external_id, kind, origin, visibility, state,"
            " outgoing, text, language, published_at, create_uid, create_date, write_date)"
            " SELECT %s, 'rss', '', 'bench-' || number, 'post', 'search', 'public', 'new', false, text, language,"
            " now() AT TIME ZONE 'UTC' - number * interval '1 minute', 1, now(), now() FROM invented",
            company_id,
        )
    )
    cr.execute(
        SQL(
            "INSERT INTO community_search (mention_id, configuration, document)"
            " SELECT id, name, to_tsvector(name::regconfig, text) || array_to_tsvector(ARRAY['=' || name])"
            " FROM community_mention JOIN unnest(%s::text[], %s::text[]) AS used(code, name) ON code = language",
            list(CONFIGURATIONS),
            list(CONFIGURATIONS.values()),
        )
    )


def queries(cr):
    """Return ``{name: (what is typed, piece of text for ilike)}``."""
    cr.execute("SELECT word, ndoc FROM ts_stat('SELECT document FROM community_search LIMIT 100000') ORDER BY ndoc")
    known = set.intersection(*(set(words) for words in vocabulary().values()))
    found = [(word, count) for word, count in cr.fetchall() if word in known]
    rare = next(word for word, count in found if count >= 10)
    many = next(word for word, count in found if count >= 1000)
    return {
        "rare": (rare, rare),
        "many": (many, many),
        "frequent": ("pedido or order", "pedido"),
        "two": (f"tienda {many}", many),
        "phrase": ('"producto roto"', "producto roto"),
        "without": (f"{many} -tienda", many),
    }


def page(model, domain):
    """The first page and the count, as the web client asks for them."""
    found = model.search(domain, limit=PAGE)
    found.env.invalidate_all()
    return len(found), model.search_count(domain, limit=COUNTED)


def bare(cr, typed):
    """The same in SQL alone: one language, every match ranked, no rights."""
    cr.execute(
        SQL(
            "SELECT mention_id FROM community_search, websearch_to_tsquery('spanish', %s) AS wanted"
            " WHERE document @@ wanted ORDER BY ts_rank_cd(document, wanted, 1) DESC LIMIT %s",
            typed,
            PAGE,
        )
    )
    cr.fetchall()
    cr.execute(
        SQL(
            "SELECT count(*) FROM (SELECT FROM community_search WHERE document @@ websearch_to_tsquery('spanish', %s)"
            " LIMIT %s) AS found",
            typed,
            COUNTED,
        )
    )
    cr.fetchall()


def measure(env, typed, piece):
    """Return {how: median milliseconds} of one query."""
    mentions = env["community.mention"].with_user(env.ref("base.user_admin"))
    works = {
        "words": functools.partial(page, mentions, [("words", "ilike", typed)]),
        "ilike": functools.partial(page, mentions, ["|", ("title", "ilike", piece), ("text", "ilike", piece)]),
        "bare": functools.partial(bare, env.cr, typed),
    }
    found = {name: [] for name in works}
    for _number in range(ROUNDS):
        for name, work in works.items():
            seconds, result = timed(work)
            found[name].append(seconds * 1000)
            if name == "words" and not result[0]:
                raise SystemExit(f"{typed!r} finds nothing: the comparison would mean nothing")
    return {name: statistics.median(times) for name, times in found.items()} | {"found": result}


def main():
    """Print the figures."""
    with database("search") as name:
        with environment(name) as env:
            seconds, _none = timed(lambda: fill(env.cr, env.company.id))
            print(f"{MENTIONS:,} mentions with their words inserted in {seconds:.0f} s", flush=True)
        with environment(name) as env:
            env.cr.execute("SELECT pg_relation_size('community_search__document_index')")
            print(f"index {env.cr.fetchone()[0] / 1e6:,.0f} MB", flush=True)
            env.cr.commit()
            with env.registry.cursor() as cr:
                cr._cnx.autocommit = True
                cr.execute("VACUUM ANALYZE community_search")
                cr.execute("ANALYZE community_mention")
        with environment(name) as env:
            newest = env["community.mention"].search([], limit=INDEXED)
            newest.mapped("text")
            seconds, _none = timed(lambda: env["community.search"]._keep(newest))
            print(f"the application indexes {INDEXED / seconds:,.0f} mentions a second", flush=True)
            env.cr.rollback()
            times = {}
            for kind, (typed, piece) in queries(env.cr).items():
                times[kind] = measure(env, typed, piece)
                print(
                    f"{kind} {typed!r}: "
                    + ", ".join(f"{how} {times[kind][how]:,.1f} ms" for how in ("words", "ilike", "bare")),
                    flush=True,
                )
    print(f"ratio search_ilike {times['rare']['ilike'] / times['rare']['words']:.1f}")
    print(f"ratio search_bare {statistics.median(case['words'] / case['bare'] for case in times.values()):.2f}")
    print(f"ratio search_frequent {times['frequent']['words'] / times['rare']['words']:.2f}")


if __name__ == "__main__":
    main()
