"""What the contact policy adds to sending: queries and time of the composer, and of many decisions outside of it.

The composer prepares and makes the e-mails of a mailing to 50 contacts, with the policy in force and with the hooks
of the policy taken out.  ``ratio touch_queries_per_batch`` is how many more queries a batch of 50 takes, until the
e-mails are sent, those on connections of their own included; the target is at most 4.  ``ratio touch_time_per_batch``
is the time with ÷ the time without, the median over rounds in turns.

Then people are decided outside the composer, in thousands: ``ratio touch_queries_per_thousand`` is the number of
queries for each thousand; the target is at most 20.  ``COMMUNITY_TOUCHES_PEOPLE`` is their number.

E-mails are not handed to a server: what leaves is measured up to the connection.
"""

import contextlib
import os
import sys
from unittest.mock import patch

from tests.odoo_desk import environment

from ._bench import database, ratio, timed

PEOPLE = int(os.environ.get("COMMUNITY_TOUCHES_PEOPLE") or 100_000)
BATCH, ROUNDS, MOST_PER_BATCH, MOST_PER_THOUSAND = 50, 9, 4, 20


class Counted:
    """Counts the queries of all cursors of this process while it is entered."""

    def __enter__(self):
        from odoo import sql_db

        self.queries, counted = 0, self
        execute = sql_db.Cursor.execute

        def count(cursor, *args, **kwargs):
            counted.queries += 1
            return execute(cursor, *args, **kwargs)

        self._patch = patch.object(sql_db.Cursor, "execute", count)
        self._patch.start()
        return self

    def __exit__(self, *_error):
        self._patch.stop()


def fill(env):
    """Insert contacts, a policy that looks at everything, and some of what it looks at."""
    env["community.contact.policy"].search([]).in_force = False
    env["community.contact.policy"].create(
        {
            "name": "Bench",
            "in_force": True,
            "quiet": True,
            "quiet_from": 3,
            "quiet_until": 3.1,
            "ask_consent": False,
            "limit_ids": [
                (0, 0, {"most": 40, "window": "day"}),
                (0, 0, {"most": 90, "window": "week", "media": "written"}),
                (0, 0, {"most": 200, "window": "month"}),
            ],
        }
    )
    env.flush_all()
    env.cr.execute(
        """INSERT INTO res_partner (name, complete_name, email, email_normalized, active, partner_share, type,
                                    autopost_bills, company_id)
           SELECT 'Person ' || n, 'Person ' || n, 'p' || n || '@example.com', 'p' || n || '@example.com', TRUE, TRUE,
                  'contact', 'ask', NULL
             FROM generate_series(1, %s) n RETURNING id""",
        [PEOPLE],
    )
    ids = [row[0] for row in env.cr.fetchall()]
    env.cr.execute("UPDATE res_partner SET commercial_partner_id = id WHERE commercial_partner_id IS NULL")
    env.cr.execute(
        """INSERT INTO community_touch (partner_id, company_id, medium, state, moment, reserved)
           SELECT id, %s, 'call', 'used', now() AT TIME ZONE 'UTC' - (id %% 40) * interval '1 day', FALSE
             FROM unnest(%s) id WHERE id %% 3 = 0""",
        [env.company.id, ids],
    )
    env.cr.execute(
        """INSERT INTO community_consent (partner_id, company_id, medium, state, source, date)
           SELECT id, %s, 'email', 'granted', 'form', now() AT TIME ZONE 'UTC' FROM unnest(%s) id WHERE id %% 2 = 0""",
        [env.company.id, ids],
    )
    env.cr.execute("ANALYZE res_partner, community_touch, community_consent")
    return ids


@contextlib.contextmanager
def without_policy(env):
    """Take the hooks of the policy out of Odoo's sending."""
    composer, mail = type(env["mail.compose.message"]), type(env["mail.mail"])
    with (
        patch.object(composer, "_community_reserve", lambda *_args: None),
        patch.object(mail, "_community_allowed", lambda self: self),
        patch.object(mail, "_community_note_sent", lambda *_args: None),
        patch.object(type(env["community.touch"]), "_release", lambda *_args, **_options: None),
    ):
        yield


def send(env, ids):
    """Send one mailing to some contacts, as the composer and the queue do."""
    servers = type(env["ir.mail_server"])
    mailing = env["mailing.mailing"].create(
        {
            "name": "Bench",
            "subject": "Bench",
            "body_html": "<p>Lamps</p>",
            "mailing_model_id": env["ir.model"]._get("res.partner").id,
            "mailing_domain": repr([("id", "in", ids)]),
            "community_purpose_id": env["community.purpose"]._get("care").id,
        }
    )
    env.flush_all()
    env.cr.commit()
    env.invalidate_all()
    with (
        patch.object(servers, "_disable_send", lambda _self: False),
        patch.object(servers, "_connect__", lambda *_args, **_options: None),
        patch.object(servers, "send_email", lambda *_args, **_options: "<bench@example.com>"),
        Counted() as counted,
    ):
        seconds, _sent = timed(lambda: (mailing.action_send_mail(), env.flush_all()))
    assert len(mailing.mailing_trace_ids.filtered(lambda trace: trace.trace_status == "sent")) == len(ids)
    env.cr.commit()
    return seconds, counted.queries


def main():
    """Measure and print; return 1 when a target is missed."""
    with database("touches") as name:
        with environment(name) as env:
            ids = fill(env)
            env.cr.commit()
        queries, speeds = {"with": [], "without": []}, {"with": [], "without": []}
        with environment(name) as env:
            for number in range(ROUNDS + 1):
                batch = ids[number * BATCH : (number + 1) * BATCH]
                for kind in ("with", "without"):
                    with without_policy(env) if kind == "without" else contextlib.nullcontext():
                        seconds, count = send(env, batch)
                    if number:  # the first round fills caches
                        queries[kind].append(count)
                        speeds[kind].append(BATCH / seconds)
                if number:
                    print(
                        f"round {number}: with {queries['with'][-1]} queries {speeds['with'][-1]:,.0f}/s, "
                        f"without {queries['without'][-1]} queries {speeds['without'][-1]:,.0f}/s",
                        flush=True,
                    )
            more = sorted(a - b for a, b in zip(queries["with"], queries["without"], strict=True))[ROUNDS // 2]
            slower = ratio(speeds, "without", "with")
            touches = env["community.touch"]
            requests = [
                {"partner_id": one, "company_id": env.company.id, "medium": "email", "purpose": "care"} for one in ids
            ]
            env.invalidate_all()
            with Counted() as counted:
                seconds, decisions = timed(lambda: touches._decide(requests))
            decided = counted.queries / (PEOPLE / 1000)
            print(f"decided {PEOPLE:,} people in {seconds:.1f} s, {sum(d['allowed'] for d in decisions):,} allowed")
            with Counted() as counted:
                seconds, decisions = timed(lambda: touches._reserve(requests))
            reserved = counted.queries / (PEOPLE / 1000)
            print(f"reserved for {PEOPLE:,} people in {seconds:.1f} s")
    print(f"figure touch_decide_queries_per_thousand {decided:.2f}")
    print(f"ratio touch_time_per_batch {slower:.2f}")
    print(f"ratio touch_queries_per_thousand {reserved:.2f}")
    print(f"ratio touch_queries_per_batch {more}")
    return int(more > MOST_PER_BATCH or max(decided, reserved) > MOST_PER_THOUSAND)


if __name__ == "__main__":
    sys.exit(main())
