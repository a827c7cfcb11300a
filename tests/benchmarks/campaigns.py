"""A campaign for ten thousand people: simulated over thirty days, brought in, and its first mail written.

The campaign has a mail, a wait of three days, a branch and another mail; a policy with limits and quiet hours is in
force.  ``figure campaign_simulate_seconds`` is the whole simulation with its screen (target: at most 10 for ten
thousand people), ``figure campaign_mails_per_second`` how many people get their first mail in a second, everything
included, and ``ratio campaign_vs_mails`` the time of that ÷ the time in which Odoo creates as many plain mails with
traces in batches of the same size (target: at most 2.5).  ``COMMUNITY_CAMPAIGN_PEOPLE`` is the number of people.
"""

import os
import statistics
import sys

from odoo.fields import Command
from odoo.tools import SQL

from tests.odoo_desk import environment

from ._bench import database, timed

PEOPLE = int(os.environ.get("COMMUNITY_CAMPAIGN_PEOPLE") or 10_000)
ROUNDS = 3
#: of one transaction, as the work of campaigns has it
BATCH = 100
MOST_SECONDS, MOST_RATIO = 10.0, 2.5


def fill(env):
    """Insert people, and make a campaign for them; return it."""
    tag = env["res.partner.category"].create({"name": "Bench"})
    env.cr.execute(
        SQL(
            """WITH made AS (
                   INSERT INTO res_partner (name, complete_name, email, email_normalized, lang, active, partner_share,
                                            type, autopost_bills)
                   SELECT 'Person Number' || n, 'Person Number' || n, 'p' || n || '@x.example',
                          'p' || n || '@x.example', 'en_US', TRUE, TRUE, 'contact', 'ask'
                     FROM generate_series(1, %s) AS n
                RETURNING id
               ), own AS (
                   UPDATE res_partner p SET commercial_partner_id = p.id FROM made WHERE p.id = made.id RETURNING 1
               )
               INSERT INTO res_partner_res_partner_category_rel (partner_id, category_id) SELECT id, %s FROM made""",
            PEOPLE,
            tag.id,
        )
    )
    # in the statement above the rows are not yet there to be updated
    env.cr.execute("UPDATE res_partner SET commercial_partner_id = id WHERE commercial_partner_id IS NULL")
    env["community.contact.policy"].search([]).active = False
    env["community.contact.policy"].create(
        {
            "name": "Bench",
            "in_force": True,
            "hold_crisis": "none",
            "limit_ids": [Command.create({"media": "all", "window": "week", "most": 3})],
        }
    )
    env["res.users"].browse(2).email = "admin@x.example"
    purpose = env["community.purpose"].create({"name": "Bench", "code": "bench"})
    text = [Command.create({"subject": "For {{ first_name }}", "body": "<p>Hello {{ first_name }}, good day.</p>"})]
    return env["community.campaign"].create(
        {
            "name": "Bench",
            "trigger": "now",
            "purpose_id": purpose.id,
            "user_id": 2,
            "domain": f"[('category_id', 'in', [{tag.id}])]",
            "step_ids": [
                Command.create({"sequence": 1, "kind": "mail", "text_ids": text}),
                Command.create({"sequence": 2, "kind": "wait", "wait_count": 3}),
                Command.create({"sequence": 3, "kind": "branch", "condition": "answered", "yes_end": True}),
                Command.create({"sequence": 4, "kind": "mail", "text_ids": text}),
            ],
        }
    )


def plain(env, mailing, partners):
    """Create as many mails with traces as Odoo's own composer would, and nothing else."""
    for start in range(0, len(partners), BATCH):
        env["mail.mail"].create(
            [
                {
                    "model": "res.partner",
                    "res_id": partner.id,
                    "subject": "For you",
                    "body_html": "<p>Hello, good day.</p>",
                    "email_from": "admin@x.example",
                    "recipient_ids": [Command.link(partner.id)],
                    "auto_delete": True,
                    "is_notification": False,
                    "state": "outgoing",
                    "mailing_id": mailing.id,
                    "mailing_trace_ids": [
                        Command.create(
                            {
                                "email": partner.email_normalized,
                                "mass_mailing_id": mailing.id,
                                "model": "res.partner",
                                "res_id": partner.id,
                            }
                        )
                    ],
                }
                for partner in partners[start : start + BATCH]
            ]
        )
        env.cr.commit()


def main():
    with database("campaigns") as name:
        with environment(name) as env:
            campaign_id = fill(env).id
        with environment(name) as env:
            campaign = env["community.campaign"].browse(campaign_id)
            seconds = []
            for _round in range(ROUNDS):
                env.invalidate_all()
                before = env.cr.sql_log_count
                spent, action = timed(campaign.action_simulate)
                seconds.append(spent)
                queries = env.cr.sql_log_count - before
            forecast = env["community.campaign.forecast"].browse(action["res_id"])
            print(f"{spent:.1f} s, {queries} queries: {forecast.summary}", flush=True)
            assert forecast.people_count == PEOPLE
        with environment(name) as env:
            campaign = env["community.campaign"].browse(campaign_id)
            came, _result = timed(campaign.action_start)
            print(f"{PEOPLE:,} people came in within {came:.1f} s", flush=True)
        with environment(name) as env:
            ours = 0.0
            left = True
            while left:
                spent, (_moved, left) = timed(lambda: env["community.campaign.engine"]._run(3600))
                ours += spent
        with environment(name) as env:  # which sees what was committed
            people = env["community.campaign"].browse(campaign_id).person_ids
            assert set(people.step_id.mapped("kind")) == {"wait"}, people.step_id
            mailing = env["community.campaign"].browse(campaign_id).step_ids[0].mailing_id
            partners = people.partner_id
            partners.mapped("email_normalized")
            theirs, _result = timed(lambda: plain(env, mailing, partners))
        print(f"{ours:.1f} s for {PEOPLE:,} mails; plain mails took {theirs:.1f} s", flush=True)
    simulated, found = statistics.median(seconds), ours / theirs
    print(f"figure campaign_simulate_seconds {simulated:.2f}")
    print(f"figure campaign_mails_per_second {PEOPLE / ours:.0f}")
    print(f"ratio campaign_vs_mails {found:.2f}")
    return 0 if simulated <= MOST_SECONDS * PEOPLE / 10_000 + 1 and found <= MOST_RATIO else 1


if __name__ == "__main__":
    sys.exit(main())
