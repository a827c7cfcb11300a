"""The desk of the inbox with a million stored mentions, beside the same with ten thousand.

Measured is what the browser asks the server for when the inbox opens, as an agent, record rules and all: the queue of
eighty with its count (``web_search_read`` with the fields of the view), the figures below it (``get_desk``), and the
first conversation: the record, ``get_conversation``, ``get_reply_options`` and ``get_side``.  Every call begins with
empty caches of records, as requests do.

``ratio inbox_million_vs_ten_thousand`` is the time of all calls together with a million ÷ with ten thousand, the
median over rounds in which both are measured in turns; the target is at most 1.5.  ``figure inbox_queries`` is the
number of SQL queries of all calls together, with a million; the target is at most 60.

The mentions are invented and inserted set-wise; a tenth of them is still to do, which is far more than any desk leaves.
``COMMUNITY_INBOX_MENTIONS`` is the number of the larger desk.
"""

import os
import statistics
import sys

from lxml import etree

from odoo.tools import SQL
from odoo.tools.safe_eval import safe_eval

from tests.odoo_desk import environment

from ._bench import database, timed

LARGE = int(os.environ.get("COMMUNITY_INBOX_MENTIONS") or 1_000_000)
SMALL, PAGE, ROUNDS, WARM, MOST_QUERIES = 10_000, 80, 15, 2, 60
#: one in so many is still to do; mentions of one conversation, and of one author
TO_DO, TALK, BY_ONE = 10, 4, 10
CHECKED = 200


def fill(env, number):
    """Insert mentions with their authors, conversations, topics and intents."""
    company = env.company
    topics = env["community.topic"].create([{"name": f"Topic {index}"} for index in range(20)])
    question = env.ref("community_manager.intent_question")
    channel = env["community.channel"].create({"name": "Bench", "network": "mastodon"})
    env.flush_all()
    values = {
        "company": company.id,
        "channel": channel.id,
        "number": number,
        "authors": number // BY_ONE,
        "talks": number // TALK,
        "to_do": TO_DO,
        "topics": topics.ids,
        "question": question.id,
    }
    statements = (
        """
        INSERT INTO community_author (company_id, network, realm, external_id, name, handle, followers)
        SELECT %(company)s, 'mastodon', '', 'a' || n, 'Author ' || n, '@a' || n, n %% 5000
          FROM generate_series(0, %(authors)s - 1) AS n
        """,
        """
        INSERT INTO community_conversation (company_id, channel_id, network, realm, external_id, state, last_mention_at)
        SELECT %(company)s, %(channel)s, 'mastodon', '', 't' || n, 'open', now() AT TIME ZONE 'UTC'
          FROM generate_series(0, %(talks)s - 1) AS n
        """,
        """
        INSERT INTO community_mention (company_id, channel_id, network, realm, external_id, kind, origin, visibility,
                    outgoing, is_namesake, text, matched, language, sentiment, analysed, published_at, state, priority,
                    conversation_id, author_id, create_uid, create_date, write_date, need, queue_at)
        SELECT %(company)s, %(channel)s, 'mastodon', '', 'm' || n, 'post', 'own', 'public',
                    false, false, 'When does the parcel ' || n || ' arrive that I ordered?', 'parcel', 'en', 'negative',
                    'fast', moment, CASE WHEN n %% %(to_do)s = 0 THEN 'new' ELSE 'done' END,
                    CASE WHEN n %% 200 = 0 THEN '3' ELSE '0' END,
                    (SELECT min(id) FROM community_conversation WHERE external_id = 't0') + n / 4 %% %(talks)s,
                    (SELECT min(id) FROM community_author WHERE external_id = 'a0') + n %% %(authors)s,
                    1, moment, moment,
                    CASE WHEN n %% %(to_do)s > 0 THEN 0 WHEN n %% 200 = 0 THEN 2 WHEN n %% 20 = 0 THEN 1 ELSE 0 END,
                    CASE WHEN n %% %(to_do)s = 0 THEN moment + interval '1 day' END
          FROM (SELECT n, now() AT TIME ZONE 'UTC' - n * interval '1 minute' AS moment
                  FROM generate_series(0, %(number)s - 1) AS n) AS invented
        """,
        """
        INSERT INTO community_mention_topic_rel (mention_id, topic_id)
        SELECT id, (%(topics)s::integer[])[1 + id %% 20] FROM community_mention
        """,
        """
        INSERT INTO community_mention_intent_rel (mention_id, intent_id)
        SELECT id, %(question)s FROM community_mention WHERE need > 0
        """,
    )
    for statement in statements:
        env.cr.execute(SQL(statement, **values))
    env.invalidate_all()
    # what was written down here is what the application would have written
    found = env["community.mention"].search([("channel_id", "=", channel.id)], limit=CHECKED, order="need desc, id")
    found += found.search([("channel_id", "=", channel.id), ("state", "=", "new")], limit=CHECKED)
    before = found.mapped(lambda mention: (mention.need, mention.queue_at))
    found._queue_soon()
    if found.mapped(lambda mention: (mention.need, mention.queue_at)) != before:
        raise SystemExit("the order of the queue is not that of the application: the comparison would mean nothing")


def prepare(name, number):
    """Fill a database and return the id of the agent who works there."""
    with environment(name) as env:
        fill(env, number)
        group = env.ref("community_manager.group_agent")
        agent = env["res.users"].create({"name": "Bench", "login": "bench", "group_ids": [(4, group.id)]})
    with environment(name) as env:
        env.cr.commit()
        with env.registry.cursor() as cr:
            cr._cnx.autocommit = True
            cr.execute("VACUUM ANALYZE")
    return agent.id


def screen(env):
    """Return (domain, fields as the client asks for them, order) of the inbox as it opens."""
    action = env.ref("community_manager.action_inbox").sudo()
    views = env["community.mention"].get_views([*action.views[:1], (action.search_view_id.id, "search")])["views"]
    arch, search = (etree.fromstring(views[kind]["arch"]) for kind in ("kanban", "search"))
    specification = {}
    for node in arch.iter("field"):
        name = node.get("name")
        field = env["community.mention"]._fields[name]
        below = {"display_name": {}} if field.relational else None
        if below and node.get("widget") == "many2many_tags":
            below["color"] = {}
        specification[name] = {"fields": below} if below else {}
    to_do = search.xpath("//filter[@name='not_done']/@domain")[0]
    domain = safe_eval(action.domain, {"uid": env.uid}) + safe_eval(to_do, {"uid": env.uid})
    return domain, specification, arch.get("default_order")


def calls(env, domain, specification, order):
    """Yield (name, function) of what the browser asks for, one after the other."""
    mentions, found = env["community.mention"], {}

    def queue():
        found.update(mentions.web_search_read(domain, specification, limit=PAGE, order=order, count_limit=1001))
        if len(found["records"]) != PAGE:
            raise SystemExit(f"the queue shows {len(found['records'])}: the comparison would mean nothing")

    def first():
        return mentions.browse(found["records"][0]["id"])

    yield "queue", queue
    yield "figures", lambda: mentions.get_desk(domain)
    yield "record", lambda: first().web_read(specification)
    yield "conversation", lambda: first().get_conversation()
    yield "reply options", lambda: first().get_reply_options()
    yield "side", lambda: first().get_side()


def measure(name, user):
    """Return {call: (seconds, queries)} of opening the inbox once."""
    figures = {}
    with environment(name, user=user, context={"lang": "en_US", "tz": "Europe/Madrid"}) as env:
        what = screen(env)
        for call, work in calls(env, *what):
            env.invalidate_all()
            before = env.cr.sql_log_count
            seconds, _result = timed(work)
            figures[call] = (seconds, env.cr.sql_log_count - before)
        env.cr.rollback()
    return figures


def main(arguments):
    """Print the figures."""
    with database("inbox_small") as small, database("inbox_large") as large:
        agents = {}
        for name, number in ((small, SMALL), (large, LARGE)):
            seconds, agents[name] = timed(lambda name=name, number=number: prepare(name, number))
            print(f"{number:,} mentions inserted in {seconds:.0f} s", flush=True)
        ratios, rounds = [], []
        for number in range(WARM + ROUNDS):
            few, many = measure(small, agents[small]), measure(large, agents[large])
            if number < WARM:
                continue
            rounds.append((few, many))
            ratios.append(sum(one for one, _n in many.values()) / sum(one for one, _n in few.values()))
    for call in rounds[0][0]:
        few, many = (statistics.median(1000 * side[call][0] for side in sides) for sides in zip(*rounds, strict=True))
        asked = rounds[-1][1][call][1]
        print(f"{call}: {few:.1f} ms with {SMALL:,}, {many:.1f} ms with {LARGE:,}, {asked} queries")
    queries = max(sum(count for _seconds, count in many.values()) for _few, many in rounds)
    if "-v" in arguments:
        print("rounds: " + ", ".join(f"{one:.2f}" for one in ratios))
    print(f"figure inbox_queries {queries}")
    print(f"ratio inbox_queries {queries / MOST_QUERIES:.2f}")
    print(f"ratio inbox_million_vs_ten_thousand {statistics.median(ratios):.2f}")


if __name__ == "__main__":
    main(sys.argv[1:])
