from datetime import timedelta

from odoo import api, fields, models
from odoo.tools import SQL

#: terms of each kind that are kept of a day, the most frequent; of a company with fewer mentions that is all of them
MOST = 20_000


class CommunityTerm(models.Model):
    """How many people used a word, tag or link on one day."""

    _name = "community.term"
    _description = "Term on a Day"
    _order = "day desc, count desc, term"
    _rec_name = "term"
    _log_access = False

    company_id = fields.Many2one("res.company", required=True, readonly=True, ondelete="cascade")
    day = fields.Date(required=True, readonly=True, index=True)
    kind = fields.Selection(
        [("word", "Word or phrase"), ("hashtag", "Hashtag"), ("link", "Link")], required=True, readonly=True
    )
    term = fields.Char(required=True, readonly=True, help="Without case and accents.")
    shown = fields.Char(required=True, readonly=True, string="As written")
    count = fields.Integer(required=True, readonly=True, string="People")

    _unique_term = models.UniqueIndex("(company_id, kind, term, day)")

    @api.model
    def _refresh(self, days):
        """Count days anew; doing it twice changes nothing.

        SQL, for it is one statement over all terms of a day, which may be millions.

        :param days: list of (company, date)
        """
        kept = self.env["community.term.source"]._days()
        days = [(company, day) for company, day in days if day > company._community_day() - timedelta(days=kept)]
        if not days:
            return
        daily = self.env["community.daily"]
        self.env["community.mention"].flush_model()
        self.env.cr.execute(
            SQL(
                """
                WITH %(days)s,
                spoken AS (
                    SELECT days.company_id, days.day, kind.key AS kind, term.key AS term,
                           max(COALESCE(NULLIF(term.value, ''), term.key)) AS shown,
                           count(DISTINCT COALESCE(said.author_id, -said.id)) AS count
                      FROM days
                      JOIN %(said)s ON true
                      JOIN community_term_source source ON source.mention_id = said.id,
                   LATERAL jsonb_each(source.terms) kind, LATERAL jsonb_each_text(kind.value) term
                     WHERE %(counts)s
                  GROUP BY days.company_id, days.day, kind.key, term.key
                ),
                fresh AS (
                    SELECT * FROM (SELECT *, row_number() OVER (
                                              PARTITION BY company_id, day, kind ORDER BY count DESC, term) AS place
                                     FROM spoken) ranked
                     WHERE place <= %(most)s
                ),
                gone AS (
                    DELETE FROM community_term old USING days
                     WHERE old.company_id = days.company_id AND old.day = days.day
                       AND NOT EXISTS (SELECT FROM fresh
                                        WHERE fresh.company_id = old.company_id AND fresh.day = old.day
                                          AND fresh.kind = old.kind AND fresh.term = old.term)
                )
                INSERT INTO community_term AS old (company_id, day, kind, term, shown, count)
                SELECT company_id, day, kind, term, shown, count FROM fresh
                    ON CONFLICT (company_id, kind, term, day)
                    DO UPDATE SET count = excluded.count, shown = excluded.shown
                    WHERE old.count <> excluded.count OR old.shown <> excluded.shown
                """,
                days=daily._days_sql(days),
                said=daily._said_sql(),
                counts=daily._counts_sql(),
                most=MOST,
            )
        )
        self.invalidate_model(flush=False)
