"""From the network's answer to stored mentions and leads, against what Odoo does today.

All run in one process and on one database, in turns; medians of the rounds' ratios count.

``ratio ingest_vs_gateway``: mentions per second ÷ leads per second of Odoo's mail gateway (``message_process`` with
``crm.lead``, one commit a message as ``fetchmail`` does).  Higher is better, target at least 60.
``ratio ingest_vs_bare``: mentions per second ÷ records per second of a bare batch ``create`` of a model with
``mail.thread``, the columns of a mention and nothing else, mail flags off.  Higher is better, target at least 0.30.
``ratio leads_vs_gateway``: leads per second that a rule makes of posts, from the answer of the network to the lead with
its origin logged, ÷ leads per second of the mail gateway.  Higher is better, target at least 12.

Ingest is the whole way of 20,000 posts: the real connector asks for pages of forty (the transport answers from memory),
JSON and HTML are read, a thousand keywords matched, known posts dropped, the texts analysed by the first pass with the
shipped weights (language, feeling, intents), authors, conversations and mentions stored, twenty rules applied, one
commit for the pages that wait, with the last position.  The second pass is no part of it: it runs later, elsewhere.
"""

import statistics
import uuid

from tests.local.desk import make_channels, make_due, make_topics
from tests.odoo_desk import environment, open_registry

from ._bench import SERVER, Memory, database, rates, ratio

ROUNDS, POSTS, LEADS, MAILS = 5, 4_000, 400, 50
#: Posts that are there before anything is measured.
FIRST = 40
BARE_BATCH = 500
QUIET = {"tracking_disable": True, "mail_create_nolog": True, "mail_create_nosubscribe": True}

MAIL = """\
From: {name} <{address}>
To: sales@desk.example
Message-Id: <{key}@mail.example>
Date: Mon, 05 Jan 2026 08:00:00 +0000
Subject: Question about an order
MIME-Version: 1.0
Content-Type: multipart/alternative; boundary="x"

--x
Content-Type: text/plain; charset="utf-8"

Hello, my order has not arrived yet although it should have been here last week. Could you help me, please?

--x
Content-Type: text/html; charset="utf-8"

<p>Hello, my order has not arrived yet although it should have been here <b>last week</b>.<br>Could you help me?</p>

--x--
"""


def gateway(name, count):
    """Make leads of mails, as the gateway does."""
    for _mail in range(count):
        with environment(name) as env:
            key = uuid.uuid4().hex
            raw = MAIL.format(name=f"Sender {key[:6]}", address=f"{key}@mail.example", key=key)
            env["mail.thread"].message_process("crm.lead", raw)
    return count


def make_bare_model(name):
    """Add a model with the columns of ``community.mention`` and nothing else to this process and database."""
    from odoo import fields, models
    from odoo.orm.model_classes import add_to_registry

    registry = open_registry(name)
    mention = registry["community.mention"]
    own = [f for f in mention._fields.values() if f.store and f.column_type and f._module == "community_manager"]
    columns = {}
    for field in own:
        if field.type == "many2one":
            columns[field.name] = fields.Many2one(field.comodel_name)
        elif field.type == "selection":
            columns[field.name] = fields.Selection(field.selection)
        else:
            columns[field.name] = type(field)()

    class Bare(models.Model):
        _name = "community.bare"
        _description = "Bare"
        _module = "community_manager"
        _inherit = ["mail.thread"]
        _log_access = True

    for column, field in columns.items():
        setattr(Bare, column, field)
        field.__set_name__(Bare, column)
    with registry.cursor() as cr:
        add_to_registry(registry, Bare)
        registry._setup_models__(cr, [Bare._name])
        registry.init_models(cr, [Bare._name], {"module": "community_manager"})
    return list(columns)


def bare_rows(name, columns, count):
    """Values of stored mentions, to be created again as bare records."""
    with environment(name) as env:
        rows = env["community.mention"].search([], limit=count, order="id desc").read(columns, load=None)
    for row in rows:
        row.pop("id")
    return rows


def bare(name, rows):
    """Create bare records in batches."""
    for start in range(0, len(rows), BARE_BATCH):
        with environment(name, context=QUIET) as env:
            env["community.bare"].create(rows[start : start + BARE_BATCH])
    return len(rows)


def ingest(name, memory, count):
    """Publish posts and listen to them; returns how many mentions there are more, all of them analysed."""
    with environment(name) as env:
        before = env["community.mention"].search_count([])
        make_due(env)
    memory.published += count
    with environment(name) as env:
        env["community.listener"]._listen_channels(env["community.channel"].search([]), 600)
    with environment(name) as env:
        stored = env["community.mention"].search_count([]) - before
        unread = env["community.mention"].search_count([("analysed", "=", False)])
    if stored != count or unread:
        raise SystemExit(
            f"{stored} mentions of {count} posts, {unread} not analysed: the comparison would mean nothing"
        )
    return stored


def make_rules(env, topics):
    """Twenty rules by topic, keywords and audience; some rule applies to about a third of the posts."""
    rules = env["community.rule"]
    if "keywords" not in rules._fields:
        raise SystemExit("community.rule has no conditions yet")
    # what is measured has no hour: no rule may pause itself
    env.company.write({f"community_brake_{name}": 0 for name in ("mentions", "leads", "tickets")})
    team = env["crm.team"].search([], limit=1)
    department = env["community.department"].create({"name": "Care", "crm_team_id": team.id})
    values = []
    for number in range(20):
        rule = {"name": f"Rule {number}", "sequence": number + 1, "priority": str(number % 4), "stop": number % 2 == 0}
        if number % 4 == 0:
            rule["topic_ids"] = [(6, 0, topics[number].ids)]
        elif number % 4 == 1:
            rule |= {"keywords": "broken\nroto\n-gracias", "audience_min": 1000 * number}
        elif number % 4 == 2:
            rule |= {"topic_ids": [(6, 0, topics[number : number + 2].ids)], "department_id": department.id}
        else:
            rule["keywords"] = f"phrase that nobody writes {number}"
        values.append(rule)
    return rules.create(values)


def main():
    """Print the figures."""
    with database("ingest") as name:
        memory = Memory(FIRST)
        memory.prepare(range(FIRST))
        for start in range(FIRST, FIRST + ROUNDS * (POSTS + LEADS), POSTS + LEADS):
            memory.prepare(range(start, start + POSTS))
            memory.prepare(range(start + POSTS, start + POSTS + LEADS), strangers=True)
        with environment(name) as env:
            topics = make_topics(env)
            rules = make_rules(env, topics)
            channel = make_channels(env, SERVER, ["every1"])
            lead_rule = rules.create(
                {
                    "name": "Lead",
                    "sequence": 0,
                    "channel_ids": [(6, 0, channel.ids)],
                    "lead_action": "create",
                    "active": False,
                }
            )
        columns = make_bare_model(name)

        def leads(_number):
            with environment(name) as env:
                last = env["crm.lead"].search([], order="id desc", limit=1).id or 0
                lead_rule.with_env(env).active = True
            ingest(name, memory, LEADS)
            with environment(name) as env:
                lead_rule.with_env(env).active = False
                made = env["crm.lead"].search([("id", ">", last)])
                logged = env["mail.message"].search([("model", "=", "crm.lead"), ("res_id", "in", made.ids)])
                if len(made) != LEADS or len(set(logged.mapped("res_id"))) != LEADS:
                    raise SystemExit(f"{len(made)} leads of {LEADS} posts: the comparison would mean nothing")
                return len(made)

        with memory.installed():
            with environment(name) as env:
                env["community.listener"]._listen_channels(env["community.channel"].search([]), 60)
            rows = bare_rows(name, columns, FIRST) * (POSTS // FIRST)
            speeds = rates(
                ROUNDS,
                gateway=lambda _number: gateway(name, MAILS),
                bare=lambda _number: bare(name, rows),
                ingest=lambda _number: ingest(name, memory, POSTS),
                leads=leads,
            )
    print(f"{ROUNDS * POSTS} posts; {len(columns)} columns a mention")
    for what, values in speeds.items():
        print(f"{what}: {statistics.median(values):,.0f}/s")
    print(f"ratio leads_vs_gateway {ratio(speeds, 'leads', 'gateway'):.1f}")
    print(f"ratio ingest_vs_bare {ratio(speeds, 'ingest', 'bare'):.2f}")
    print(f"ratio ingest_vs_gateway {ratio(speeds, 'ingest', 'gateway'):.0f}")


if __name__ == "__main__":
    main()
