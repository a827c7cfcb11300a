from datetime import timedelta

from odoo import api, fields, models
from odoo.tools import SQL

#: a complaint is asked to be solved after so many hours, not before
SOLVE_HOURS = 48
#: days of companies that are counted at once
DAYS_AT_ONCE = 30
#: how often a day is counted again only because time has passed
AGAIN = timedelta(hours=1)
#: topics that are about others: what concerns only them says nothing of our reputation
OTHERS = ("competitor", "sector")


class CommunityDaily(models.Model):
    """How many mentions of which kind there were, by company, day and network.

    Figures of long periods are added up from here: a year of ten networks is a few thousand rows.
    """

    _name = "community.daily"
    _description = "Mentions of a Day"
    _order = "day desc, network"
    _rec_name = "day"
    _log_access = False

    company_id = fields.Many2one("res.company", required=True, readonly=True, ondelete="cascade")
    day = fields.Date(required=True, readonly=True, help="The company's day.")
    network = fields.Selection(
        selection=lambda self: self.env["community.channel"]._selection_network(), required=True, readonly=True
    )
    mentions = fields.Integer(readonly=True)
    authors = fields.Integer(readonly=True, string="People")
    negative = fields.Integer(readonly=True)
    neutral = fields.Integer(readonly=True)
    positive = fields.Integer(readonly=True)
    rated = fields.Integer(readonly=True, string="Ratings")
    stars = fields.Float(readonly=True, string="Sum of stars")
    complaints = fields.Integer(readonly=True)
    complaints_due = fields.Integer(readonly=True, string="Complaints to be solved by now")
    complaints_solved = fields.Integer(readonly=True)
    refreshed_at = fields.Datetime(readonly=True)

    _unique_day = models.UniqueIndex("(company_id, day, network)")
    _unripe = models.Index("(refreshed_at) WHERE complaints > complaints_due")

    @api.model
    def _cron_refresh(self):
        """Count the days again on which something changed."""
        progress = self.env["ir.cron"]._commit_progress
        left = progress(0)
        while left and (counted := self._count_next()):
            left = progress(counted, remaining=1)
        for (company,) in self._read_group([], ["company_id"]):
            if left:
                self.env["community.rising"]._refresh(company)
                left = progress(1)

    @api.model
    def _count_now(self):
        """Count all days that wait within this transaction, as demo data is while it is installed."""
        while self._count_next():
            pass
        for (company,) in self._read_group([], ["company_id"]):
            self.env["community.rising"]._refresh(company)

    @api.model
    def _count_next(self):
        """Count some days again on which something changed; return how many."""
        days = self._take_days()
        self._refresh(days)
        self.env["community.term"]._refresh(days)
        return len(days)

    @api.model
    def _take_days(self):
        """Return the next ``(company, day)`` pairs to count: changed ones, and those whose complaints are due now."""
        days = self.env["community.daily.stale"]._take(DAYS_AT_ONCE)
        if not days:
            # SQL, as a domain cannot compare two columns; the partial index holds only these rows
            rows = self.env.execute_query(
                SQL(
                    "SELECT DISTINCT company_id, day FROM %s WHERE complaints > complaints_due AND refreshed_at < %s"
                    " ORDER BY day LIMIT %s",
                    SQL.identifier(self._table),
                    fields.Datetime.now() - AGAIN,
                    DAYS_AT_ONCE,
                )
            )
            days = [(self.env["res.company"].browse(company_id), day) for company_id, day in rows]
        return days

    @api.model
    def _refresh(self, days):
        """Count days anew; doing it twice changes nothing.

        SQL, for it is one statement over all mentions of the days: read and counted in Python it took a hundred times
        as long.

        :param days: list of (company, date)
        """
        if not days:
            return
        mentions = self.env["community.mention"]
        mentions.flush_model()
        self.env.cr.execute(
            SQL(
                """
                WITH %(days)s,
                fresh AS (
                    SELECT days.company_id, days.day, said.network,
                           count(*) AS mentions,
                           count(DISTINCT COALESCE(said.author_id, -said.id)) AS authors,
                           count(*) FILTER (WHERE said.sentiment = 'negative') AS negative,
                           count(*) FILTER (WHERE said.sentiment = 'neutral') AS neutral,
                           count(*) FILTER (WHERE said.sentiment = 'positive') AS positive,
                           count(*) FILTER (WHERE said.rating > 0) AS rated,
                           COALESCE(sum(LEAST(said.rating, 5)) FILTER (WHERE said.rating > 0), 0) AS stars,
                           count(*) FILTER (WHERE complaint) AS complaints,
                           count(*) FILTER (WHERE complaint AND due) AS complaints_due,
                           count(*) FILTER (WHERE complaint AND due AND said.state = 'done') AS complaints_solved
                      FROM days
                      JOIN %(said)s ON true,
                   LATERAL (SELECT %(complaint)s AS complaint, said.published_at < %(due)s AS due) AS judged
                     WHERE %(counts)s
                  GROUP BY days.company_id, days.day, said.network
                ),
                gone AS (
                    DELETE FROM community_daily old USING days
                     WHERE old.company_id = days.company_id AND old.day = days.day
                       AND NOT EXISTS (SELECT FROM fresh
                                        WHERE fresh.company_id = old.company_id AND fresh.day = old.day
                                          AND fresh.network = old.network)
                )
                INSERT INTO community_daily (company_id, day, network, %(columns)s, refreshed_at)
                SELECT company_id, day, network, %(columns)s, %(now)s FROM fresh
                    ON CONFLICT (company_id, day, network)
                    DO UPDATE SET (%(columns)s, refreshed_at) = (%(excluded)s, excluded.refreshed_at)
                """,
                days=self._days_sql(days),
                said=self._said_sql(),
                complaint=self._intent_sql("complaint"),
                counts=self._counts_sql(),
                due=fields.Datetime.now() - timedelta(hours=SOLVE_HOURS),
                now=fields.Datetime.now(),
                columns=SQL(", ").join(map(SQL.identifier, COUNTS)),
                excluded=SQL(", ").join(SQL.identifier("excluded", name) for name in COUNTS),
            )
        )
        self.invalidate_model(flush=False)

    # -- shared with what counts words -----------------------------------------------------------------------------

    @api.model
    def _days_sql(self, days):
        """Return SQL of a common table ``days`` (company_id, day, begins, ends).

        :param days: list of (company, date)
        """
        rows = [(company.id, day, *company._community_span(day)) for company, day in days]
        return SQL(
            "days AS (SELECT * FROM unnest(%s::integer[], %s::date[], %s::timestamp[], %s::timestamp[])"
            " AS given(company_id, day, begins, ends))",
            *(list(column) for column in zip(*rows, strict=True)),
        )

    @api.model
    def _said_sql(self):
        """Return SQL of the mentions ``said`` of a row of ``days``.

        OFFSET 0 keeps it apart: each day is then read by the index of dates, ten times as fast as joining days with a
        million mentions, which PostgreSQL would do.
        """
        return SQL(
            "LATERAL (SELECT id, company_id, network, author_id, published_at, sentiment, rating, state, outgoing,"
            " copy_of_id, is_namesake, deleted_at, origin FROM community_mention"
            " WHERE company_id = days.company_id AND published_at >= days.begins AND published_at < days.ends"
            " OFFSET 0) AS said"
        )

    @api.model
    def _intent_sql(self, code):
        """Return SQL for whether the mention ``said`` has an intent."""
        return SQL(
            "EXISTS (SELECT FROM community_mention_intent_rel wish"
            " WHERE wish.mention_id = said.id AND wish.intent_id = %s)",
            self.env["community.intent"]._by_code().get(code, 0),
        )

    @api.model
    def _counts_sql(self):
        """Return SQL for whether the mention ``said`` counts.

        Not: what we wrote, copies, namesakes, spam, what was deleted, what is only about others.
        """
        return SQL(
            """
            said.outgoing IS NOT TRUE AND said.copy_of_id IS NULL AND said.is_namesake IS NOT TRUE
            AND said.deleted_at IS NULL AND NOT %s
            AND (said.origin = 'own'
                 OR NOT EXISTS (SELECT FROM community_mention_topic_rel about WHERE about.mention_id = said.id)
                 OR EXISTS (SELECT FROM community_mention_topic_rel about
                              JOIN community_topic topic ON topic.id = about.topic_id
                             WHERE about.mention_id = said.id AND topic.kind NOT IN %s))
            """,
            self._intent_sql("spam"),
            OTHERS,
        )


#: what is counted
COUNTS = "mentions authors negative neutral positive rated stars complaints complaints_due complaints_solved".split()
