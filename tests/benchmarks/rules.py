"""What two hundred rules cost while mentions come in.

Rounds with and without rules are run in turns in one process and on one database; the median of the rounds' ratios
counts.

``ratio rules_on_ingest``: seconds for a mention with two hundred rules ÷ seconds without any.  Lower is better, target
at most 1.25.  Ingest is what ``ingest`` measures: pages of forty from the real connector, analysed, stored, one commit
for the pages that wait.

The rules are a mix as a large company has it: by words, topics, networks, followers, feeling and intent, by hours, by
how far a person has come, by risk; most set a department and a priority, some add topics, give mentions in turn, by
load or by language, let them rest, draft an answer, and make leads and tickets of what is rare.  The brake counts all
of them, with limits that are not reached.  Leads and tickets themselves are what ``ingest`` measures apart: they are
made of one mention in some hundred.
"""

import statistics

from tests.local import posts
from tests.local.desk import make_channels, make_topics
from tests.odoo_desk import environment

from ._bench import SERVER, Memory, database, ratio, timed
from .ingest import FIRST, ingest

ROUNDS, POSTS, RULES = 3, 10_000, 200
#: mentions of five rounds that some rule has to reach, so that the comparison means something
LEAST_REACHED = 0.2


def make_rules(env, topics):
    """Two hundred rules, each for something, in an order in which most are asked for every mention."""
    company = env.company
    company.write({"community_risk_words": "lawsuit*\nabogado*\npoison*\nfuego*"})
    company.write({f"community_brake_{name}": 1_000_000 for name in ("mentions", "leads", "tickets")})
    departments = env["community.department"].create([{"name": f"Department {number}"} for number in range(8)])
    group = env.ref("community_manager.group_agent")
    users = (
        env["res.users"]
        .with_context(no_reset_password=True)
        .create(
            [
                {
                    "name": f"Agent {n}",
                    "login": f"agent{n}",
                    "community_languages": "es, en",
                    "group_ids": [(4, group.id)],
                }
                for n in range(12)
            ]
        )
    )
    departments.member_ids = users
    intents = env["community.intent"].search([])
    calendar = company.resource_calendar_id
    names = posts.NAMES
    values = []
    for number in range(RULES):
        rule = {"name": f"Rule {number}", "sequence": number, "stop": number % 3 == 0}
        rule["department_id"] = departments[number % 8].id
        rule["priority"] = str(number % 3)
        kind = number % 10
        if kind < 3:  # by words
            rule["keywords"] = "\n".join([*names[number * 4 :][:3], f"never written {number}", "-gratis total"])
        elif kind == 3:  # by topic and words
            rule |= {"topic_ids": [(6, 0, topics[number % 50].ids)], "keywords": "broken\nroto\nlate week\nenvío tarde"}
        elif kind == 4:  # by topic and people
            rule |= {"topic_ids": [(6, 0, topics[number % 50].ids)], "audience_min": 20_000, "author_known": "unknown"}
        elif kind == 5:  # by what is wanted and felt
            rule |= {"intent_ids": [(6, 0, intents[number % len(intents)].ids)], "sentiment": "negative"}
            rule["topic_ids"] = [(6, 0, topics[number % 50].ids)]
        elif kind == 6:  # by hours
            rule |= {"hours": "outside", "calendar_id": calendar.id, "topic_ids": [(6, 0, topics[number % 50].ids)]}
            rule |= {"day_sat": True, "time_from": 22.0, "time_to": 6.0}
        elif kind == 7:  # of other networks and kinds
            rule |= {"kind_review": True, "visibility": "public", "languages": "fr, de"}
        elif kind == 8:  # by how far a person has come, and risks
            rule |= {"life_customer": True, "risk": number % 20 == 8, "keywords": names[number * 4]}
        else:  # exclusions
            rule |= {"topic_ids": [(6, 0, topics[number % 50].ids)], "keywords": "-the\n-of\n-el\n-la"}
        lines = {
            10: [("assign_turn", {}), ("topic", {"topic_ids": topics[1].ids})],
            20: [("assign_load", {})],
            31: [("assign_language", {}), ("snooze", {"hours": 2})],
            41: [("draft", {"text": "Thank you, {name}!"})],
            51: [("lead", {})],
            61: [("ticket", {})],
        }.get(number, [])
        rule["action_ids"] = [(0, 0, {"kind": kind, **more}) for kind, more in lines]
        values.append(rule)
    return env["community.rule"].create(values)


def main():
    """Print the figures."""
    with database("rules") as name:
        memory = Memory(FIRST)
        memory.prepare(range(FIRST + 2 * ROUNDS * POSTS + 2 * POSTS))
        with environment(name) as env:
            env["community.rule"].search([]).active = False
            topics = make_topics(env)
            rules = make_rules(env, topics)
            make_channels(env, SERVER, ["every1"])
        with memory.installed():
            with environment(name) as env:
                env["community.listener"]._listen_channels(env["community.channel"].search([]), 60)

            def run(active):
                """Return how many posts a second are taken in; switching rules on, which checks them, is no part."""
                with environment(name) as env:
                    rules.with_env(env).write({"active": active})
                seconds, done = timed(lambda: ingest(name, memory, POSTS))
                return done / seconds

            for active in (True, False):  # what is loaded once is no part of it
                run(active)
            speeds = {"bare": [], "ruled": []}
            for number in range(ROUNDS):
                for what, active in (("bare", False), ("ruled", True)):
                    speeds[what].append(run(active))
                print(f"round {number + 1}: " + ", ".join(f"{what} {speeds[what][-1]:,.0f}/s" for what in speeds))
        with environment(name) as env:
            mentions = env["community.mention"]
            reached = mentions.search_count([("rule_ids", "in", rules.ids)])
            made = {field: mentions.search_count([(field, "!=", False)]) for field in ("user_id", "lead_id", "task_id")}
            working = env["community.rule"].search_count([("id", "in", rules.ids), ("state", "=", "on")])
        if reached < LEAST_REACHED * ROUNDS * POSTS or working < RULES:
            raise SystemExit(f"{reached} mentions reached, {working} rules working: the comparison would mean nothing")
    print(f"{ROUNDS * POSTS} mentions, {RULES} rules; {reached} reached, {made}")
    for what, values in speeds.items():
        print(f"{what}: {statistics.median(values):,.0f}/s")
    print(f"ratio rules_on_ingest {ratio(speeds, 'bare', 'ruled'):.2f}")


if __name__ == "__main__":
    main()
