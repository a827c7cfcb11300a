from odoo import api, fields, models
from odoo.tools import SQL

#: what decides whether and how a mention counts
COUNTED = frozenset(
    "state sentiment intent_ids topic_ids is_namesake copy_of_id rating deleted_at outgoing origin network author_id"
    " published_at".split()
)


class CommunityDailyStale(models.Model):
    """Days that have to be counted again.

    Rows are only added, and taken by the one that counts: workers that note the same day do not meet, as they would
    over a row for each day.
    """

    _name = "community.daily.stale"
    _description = "Day to Count Again"
    _log_access = False

    company_id = fields.Many2one("res.company", required=True, ondelete="cascade")
    day = fields.Date(required=True)

    @api.model
    def _mark(self, mentions):
        """Have the days of mentions counted again.

        :param mentions: ``community.mention``
        """
        pending = self.env.cr.precommit.data.setdefault(self._name, set())
        if not pending:
            # one statement for a transaction: the second pass writes mentions by the hundred
            self.env.cr.precommit.add(self._write_pending)
        pending.update(
            (company.id, company._community_day(mention.published_at))
            for company, said in mentions.sudo().grouped("company_id").items()
            for mention in said
        )

    @api.model
    def _write_pending(self):
        """Write down the days that this transaction has changed."""
        pending = self.env.cr.precommit.data.pop(self._name, None)
        if pending:
            companies, dates = zip(*sorted(pending), strict=True)
            # SQL, as nothing reads these rows but _take
            self.env.cr.execute(
                SQL(
                    "INSERT INTO %s (company_id, day) SELECT * FROM unnest(%s::integer[], %s::date[])",
                    SQL.identifier(self._table),
                    list(companies),
                    list(dates),
                )
            )

    @api.model
    def _take(self, most):
        """Remove some days, the newest first, and return them.

        :param int most: days
        :returns: list of (company, date), each once
        """
        self._write_pending()
        # SQL: reading and removing in one, so that what is added meanwhile stays for the next time
        rows = self.env.execute_query(
            SQL(
                "WITH next AS (SELECT DISTINCT company_id, day FROM %(table)s ORDER BY day DESC, company_id"
                " LIMIT %(most)s) DELETE FROM %(table)s old USING next"
                " WHERE old.company_id = next.company_id AND old.day = next.day RETURNING old.company_id, old.day",
                table=SQL.identifier(self._table),
                most=most,
            )
        )
        days = sorted(set(rows), key=lambda row: (row[1], row[0]), reverse=True)
        return [(self.env["res.company"].browse(company_id), day) for company_id, day in days]


class CommunityMention(models.Model):
    """What changes here changes the figures of its day."""

    _inherit = "community.mention"

    def write(self, vals):
        counted = not COUNTED.isdisjoint(vals)
        stale = self.env["community.daily.stale"]
        if counted and not {"published_at", "network"}.isdisjoint(vals):
            stale._mark(self)
        result = super().write(vals)
        if counted:
            stale._mark(self)
        return result

    def unlink(self):
        self.env["community.daily.stale"]._mark(self)
        return super().unlink()
