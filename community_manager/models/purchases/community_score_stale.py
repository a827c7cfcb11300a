from odoo import api, fields, models
from odoo.tools import SQL


class CommunityScoreStale(models.Model):
    """Contacts whose purchases have changed, so that their customer has to be counted again.

    Rows are only added, and taken by the one that counts: whoever sells meets nobody here.
    """

    _name = "community.score.stale"
    _description = "Customer to Count Again"
    _log_access = False

    company_id = fields.Integer(required=True)
    partner_ref = fields.Integer(required=True)

    _by_company = models.Index("(company_id, id)")

    @api.model
    def _mark(self, pairs):
        """Have customers counted again.

        :param pairs: of the id of a company and the id of a contact of the customer
        """
        pairs = {(company, partner) for company, partner in pairs if company and partner}
        if not pairs:
            return
        pending = self.env.cr.precommit.data.setdefault(self._name, set())
        if not pending:
            # one statement for a transaction: a thousand orders may be confirmed in one
            self.env.cr.precommit.add(self._write_pending)
        pending.update(pairs)

    @api.model
    def _mark_customers(self, partners):
        """Have customers counted again in every company, for the contacts themselves have changed."""
        # sudo: which companies there are is no secret of anybody's
        companies = self.env["res.company"].sudo().with_context(active_test=False).search([]).ids
        self._mark((company, partner) for company in companies for partner in partners.ids)

    @api.model
    def _write_pending(self):
        """Write down whom this transaction has changed."""
        pending = self.env.cr.precommit.data.pop(self._name, None)
        if pending:
            companies, partners = zip(*sorted(pending), strict=True)
            # SQL, as nothing reads these rows but _take
            self.env.cr.execute(
                SQL(
                    "INSERT INTO %s (company_id, partner_ref) SELECT * FROM unnest(%s::integer[], %s::integer[])",
                    SQL.identifier(self._table),
                    list(companies),
                    list(partners),
                )
            )

    @api.model
    def _take(self, company, most=None):
        """Remove the oldest rows of a company and return the ids of their contacts.

        :param company: ``res.company``
        :param int most: rows; all when empty
        """
        self._write_pending()
        # SQL: reading and removing in one, so that what is added meanwhile stays for the next time
        rows = self.env.execute_query(
            SQL(
                "WITH next AS (SELECT id FROM %(table)s WHERE company_id = %(company)s ORDER BY id LIMIT %(most)s)"
                " DELETE FROM %(table)s old USING next WHERE old.id = next.id RETURNING old.partner_ref",
                table=SQL.identifier(self._table),
                company=company.id,
                most=most,
            )
        )
        return sorted({row[0] for row in rows})
