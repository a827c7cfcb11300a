from datetime import timedelta

from odoo import api, fields, models
from odoo.tools import SQL, format_amount

#: weeks that are counted, before and after this one
BACK, AHEAD = 8, 8


class CommunityMomentBudget(models.Model):
    """Counting what weeks of moments cost and how many customers they bring."""

    _inherit = "community.moment.budget"

    @api.model
    def _weeks(self, company):
        """Return the Mondays of the weeks that are counted.

        :param company: ``res.company``
        """
        today = company._community_day()
        monday = today - timedelta(days=today.weekday())
        return [monday + timedelta(weeks=number) for number in range(-BACK, AHEAD + 1)]

    @api.model
    def _count(self, company):
        """Count the weeks around today of all moments of a company; doing it twice changes nothing.

        What was set by hand for a week stays.  SQL: one statement for all moments and weeks.
        """
        moments = self.env["community.moment"].sudo().search([("company_id", "=", company.id)])
        if not moments:
            return
        self.env["community.position"].flush_model()
        (moments | self.env["community.moment"]).flush_recordset()
        self.flush_model()
        spans = [(week, company._community_span(week)[0]) for week in self._weeks(company)]
        weeks = [week for week, _begins in spans]
        begins = [begin for _week, begin in spans]
        ends = [company._community_span(week + timedelta(days=7))[0] for week in weeks]
        self.env.cr.execute(
            SQL(
                """
                INSERT INTO community_moment_budget (moment_id, journey_id, company_id, week, planned, by_hand, spent,
                                                     customers, create_uid, create_date, write_uid, write_date)
                SELECT moment.id, moment.journey_id, moment.company_id, weeks.week, COALESCE(moment.budget_week, 0),
                       false, COALESCE(paid.spent, 0), COALESCE(there.customers, 0), %(uid)s, %(now)s, %(uid)s, %(now)s
                  FROM community_moment moment
                 CROSS JOIN unnest(%(weeks)s::date[], %(begins)s::timestamp[], %(ends)s::timestamp[])
                            AS weeks(week, begins, ends)
                  LEFT JOIN LATERAL (
                       SELECT count(DISTINCT place.partner_id) AS customers FROM community_position place
                        WHERE place.moment_id = moment.id
                          AND place.since >= weeks.begins AND place.since < weeks.ends) AS there ON true
                  LEFT JOIN LATERAL (%(spent)s) AS paid ON true
                 WHERE moment.id = ANY(%(moments)s)
                    ON CONFLICT (moment_id, week) DO UPDATE SET
                       planned = CASE WHEN community_moment_budget.by_hand THEN community_moment_budget.planned
                                      ELSE excluded.planned END,
                       spent = excluded.spent, customers = excluded.customers
                """,
                weeks=weeks,
                begins=begins,
                ends=ends,
                moments=moments.ids,
                spent=self._spent_sql(),
                uid=self.env.uid,
                now=fields.Datetime.now(),
            )
        )
        self.invalidate_model(flush=False)

    @api.model
    def _spent_sql(self):
        """Return SQL of what campaigns that begin with ``moment`` spent in one of ``weeks``."""
        if "community.campaign.action" not in self.env:
            return SQL("SELECT 0 AS spent")
        return SQL(
            "SELECT sum(done.cost) AS spent FROM community_campaign_action done"
            " JOIN community_campaign campaign ON campaign.id = done.campaign_id"
            " WHERE campaign.trigger_moment_id = moment.id AND done.state = 'done'"
            " AND done.moment >= weeks.begins AND done.moment < weeks.ends"
        )

    @api.model
    @api.readonly
    def get_heading(self, domain):
        """Return what the report shows, in plain words.

        :param list domain: which weeks
        :returns: dict with ``sentence`` and ``more``
        """
        self.check_access("read")
        rows = self._read_group(domain or [], ["company_id"], ["planned:sum", "spent:sum", "customers:sum"])
        sentence = ""
        if len(rows) == 1:
            company, planned, spent, customers = rows[0]
            sentence = self.env._(
                "In these weeks %(customers)s customers come to a moment of truth; %(planned)s are planned and "
                "%(spent)s are spent.",
                customers=customers,
                planned=format_amount(self.env, planned, company.currency_id),
                spent=format_amount(self.env, spent, company.currency_id),
            )
        more = [
            self.env._("Weeks to come count whom we know to come: dates, and moments that follow another."),
            self.env._("Spent is what campaigns cost that begin with the moment."),
            self.env._("What you plan for one week stays; other weeks follow the budget of the moment."),
        ]
        return {"sentence": sentence, "more": more}
