from odoo import api, fields, models
from odoo.tools import SQL

#: what decides whether and how a mention makes ties, and what it says of its author
TIED = frozenset(
    "author_id text deleted_at is_namesake sentiment sentiment_score copy_of_id topic_ids published_at visibility"
    " parent_external_id outgoing".split()
)


class CommunityTieStale(models.Model):
    """Authors whose ties have to be made anew.

    Rows are only added, and taken by whoever makes the ties.  New mentions are not noted here: they are found by their
    numbers, so that ingest does nothing for this.
    """

    _name = "community.tie.stale"
    _description = "Ties to Renew"
    _log_access = False

    company_id = fields.Many2one("res.company", required=True, ondelete="cascade")
    author_id = fields.Many2one("community.author", required=True, ondelete="cascade")

    _of_company = models.Index("(company_id)")

    @api.model
    def _mark(self, mentions):
        """Have the ties of the authors of some mentions made anew.

        :param mentions: ``community.mention``
        """
        pending = self.env.cr.precommit.data.setdefault(self._name, set())
        if not pending:
            # one statement for a transaction: the second pass writes mentions by the hundred
            self.env.cr.precommit.add(self._write_pending)
        pending.update((one.company_id.id, one.author_id.id) for one in mentions.sudo() if one.author_id)

    @api.model
    def _write_pending(self):
        """Write down the authors whose mentions this transaction has changed."""
        pending = self.env.cr.precommit.data.pop(self._name, None)
        if pending:
            companies, authors = zip(*sorted(pending), strict=True)
            # SQL: an author that was deleted meanwhile has no ties left to renew
            self.env.cr.execute(
                SQL(
                    "INSERT INTO %s (company_id, author_id)"
                    " SELECT given.* FROM unnest(%s::integer[], %s::integer[]) AS given(company_id, author_id)"
                    " WHERE EXISTS (SELECT FROM community_author WHERE id = given.author_id)",
                    SQL.identifier(self._table),
                    list(companies),
                    list(authors),
                )
            )

    @api.model
    def _take(self, company, most):
        """Remove some authors and return their ids, each once.

        :param company: ``res.company``
        :param int most: authors
        """
        self._write_pending()
        # SQL: reading and removing in one, so that what is added meanwhile stays; two workers take different ones
        rows = self.env.execute_query(
            SQL(
                "WITH next AS (SELECT DISTINCT author_id FROM (SELECT author_id FROM %(table)s"
                " WHERE company_id = %(company)s ORDER BY id LIMIT %(rows)s) AS first LIMIT %(most)s)"
                " DELETE FROM %(table)s old USING next"
                " WHERE old.author_id = next.author_id AND old.company_id = %(company)s RETURNING old.author_id",
                table=SQL.identifier(self._table),
                company=company.id,
                rows=most * 4,
                most=most,
            )
        )
        return sorted({author_id for (author_id,) in rows})


class CommunityMention(models.Model):
    """What changes here changes the ties of its author."""

    _inherit = "community.mention"

    def write(self, vals):
        tied = not TIED.isdisjoint(vals)
        stale = self.env["community.tie.stale"]
        if tied and "author_id" in vals:
            stale._mark(self)
        result = super().write(vals)
        if tied:
            stale._mark(self)
        return result

    def unlink(self):
        self.env["community.tie.stale"]._mark(self)
        return super().unlink()
