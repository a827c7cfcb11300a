from datetime import timedelta

from odoo import fields, models
from odoo.tools import SQL

from .community_close_reason import CLOSED

#: days of "answered lately"
LATELY = 7


class CommunityWorkload(models.Model):
    """What each person has on their desk, and what they answered lately.

    One row for each agent of a company, idle ones too, and one for what nobody has.
    """

    _name = "community.workload"
    _description = "Workload"
    _auto = False
    _order = "to_do desc, id"
    _rec_name = "user_id"
    _depends = {
        "community.mention": ["company_id", "user_id", "state", "outgoing", "snoozed_until", "answer_due"],
        "community.reply": ["company_id", "user_id", "state", "way", "sent_at"],
    }

    company_id = fields.Many2one("res.company", readonly=True)
    user_id = fields.Many2one("res.users", readonly=True, string="Person")
    to_do = fields.Integer(readonly=True, help="New or in progress, and not snoozed.")
    overdue = fields.Integer(readonly=True, help="Should have been answered by now.")
    waiting = fields.Integer(readonly=True, string="Waiting for an answer")
    snoozed = fields.Integer(readonly=True)
    answered_today = fields.Integer(readonly=True)
    answered_lately = fields.Integer(readonly=True, string="Answered (7 days)")
    absent = fields.Boolean(compute="_compute_absent", help="Away now: a leave, or out of office.")

    def _compute_absent(self):
        away = self.user_id._community_absent()
        for row in self:
            row.absent = row.user_id in away

    @property
    def _table_query(self):
        companies = self.env["res.company"].sudo().search([])  # the record rule says whose are seen
        agents = self.env.ref("community_manager.group_agent").sudo().all_user_ids
        now = fields.Datetime.now()
        begins = [company._community_span(company._community_day())[0] for company in companies]
        return SQL(
            """
            WITH days AS (
                SELECT * FROM unnest(%(companies)s::integer[], %(begins)s::timestamp[]) AS given(company_id, begins)
            ), desk AS (
                SELECT company_id, user_id,
                       count(*) FILTER (WHERE state != 'waiting' AND NOT asleep) AS to_do,
                       count(*) FILTER (WHERE state = 'waiting' AND NOT asleep) AS waiting,
                       count(*) FILTER (WHERE asleep) AS snoozed,
                       count(*) FILTER (WHERE answer_due < %(now)s) AS overdue
                  FROM community_mention,
               LATERAL (SELECT COALESCE(snoozed_until > %(now)s, false) AS asleep) AS sleep
                 WHERE company_id = ANY(%(companies)s) AND state IN %(open)s
                   AND outgoing IS NOT TRUE
              GROUP BY company_id, user_id
            ), said AS (
                SELECT r.company_id, r.user_id,
                       count(*) FILTER (WHERE sent_at >= days.begins) AS answered_today,
                       count(*) AS answered_lately
                  FROM community_reply r JOIN days ON days.company_id = r.company_id
                 WHERE r.state = 'sent' AND r.way != 'publish' AND r.sent_at >= %(since)s
                   AND r.user_id = ANY(%(agents)s)
              GROUP BY r.company_id, r.user_id
            ), people AS (
                SELECT company_id, user_id FROM desk
                 UNION SELECT cid, user_id FROM res_company_users_rel
                        WHERE cid = ANY(%(companies)s) AND user_id = ANY(%(working)s)
                 UNION SELECT company_id, user_id FROM said
            )
            SELECT COALESCE(people.user_id, 0)::bigint * 100000 + people.company_id AS id,
                   people.company_id, people.user_id,
                   COALESCE(desk.to_do, 0) AS to_do, COALESCE(desk.overdue, 0) AS overdue,
                   COALESCE(desk.waiting, 0) AS waiting, COALESCE(desk.snoozed, 0) AS snoozed,
                   COALESCE(said.answered_today, 0) AS answered_today,
                   COALESCE(said.answered_lately, 0) AS answered_lately
              FROM people
         LEFT JOIN desk ON desk.company_id = people.company_id AND desk.user_id IS NOT DISTINCT FROM people.user_id
         LEFT JOIN said ON said.company_id = people.company_id AND said.user_id = people.user_id
            """,
            companies=companies.ids,
            begins=begins,
            now=now,
            open=("new", "open", "waiting"),
            since=now - timedelta(days=LATELY),
            agents=agents.ids,
            working=agents.filtered("active").ids,
        )

    # -- buttons ---------------------------------------------------------------------------------------------------

    def action_open_mentions(self):
        """Open what these people have to do."""
        return self._open([("state", "not in", CLOSED)])

    def action_open_overdue(self):
        """Open what should have been answered by now."""
        return self._open([("state", "not in", CLOSED), ("answer_due", "<", fields.Datetime.now())])

    def _open(self, domain):
        action = self.env["ir.actions.act_window"]._for_xml_id("community_manager.action_mentions")
        return {
            **action,
            "domain": [
                *domain,
                ("outgoing", "=", False),
                ("company_id", "in", self.company_id.ids),
                ("user_id", "in", [row.user_id.id for row in self]),
            ],
            "context": {},
        }
