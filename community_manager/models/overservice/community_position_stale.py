from datetime import timedelta

from odoo import api, fields, models
from odoo.tools import SQL


class CommunityPositionStale(models.Model):
    """Customers whose place on a journey has to be looked at again.

    Rows are only added, and taken by the one that looks: workers that note the same customer do not meet.
    """

    _name = "community.position.stale"
    _description = "Customer to Look at Again"
    _log_access = False

    # no foreign keys: whoever sells or writes waits for nobody here
    company_id = fields.Integer(required=True)
    partner_id = fields.Integer(required=True)

    @api.model
    def _mark(self, pairs):
        """Note customers; written down once, before the transaction ends.

        :param pairs: iterable of (company id, contact id); contacts of a customer stand for it
        """
        found = {(company_id, partner_id) for company_id, partner_id in pairs if company_id and partner_id}
        if not found:
            return
        pending = self.env.cr.precommit.data.setdefault(self._name, set())
        if not pending:
            self.env.cr.precommit.add(self._write_pending)
        pending.update(found)

    @api.model
    def _write_pending(self):
        """Write down the customers that this transaction has changed, where their company has a journey."""
        pending = self.env.cr.precommit.data.pop(self._name, None)
        if pending:
            companies, partners = zip(*sorted(pending), strict=True)
            # SQL: one statement for whatever the transaction did; nothing reads these rows but _take
            self.env.cr.execute(
                SQL(
                    "INSERT INTO community_position_stale (company_id, partner_id)"
                    " SELECT DISTINCT given.company_id, COALESCE(who.commercial_partner_id, who.id)"
                    " FROM unnest(%s::integer[], %s::integer[]) AS given(company_id, partner_id)"
                    " JOIN res_partner who ON who.id = given.partner_id"
                    " WHERE EXISTS (SELECT FROM community_journey road WHERE road.active"
                    " AND road.company_id = given.company_id)",
                    list(companies),
                    list(partners),
                )
            )

    @api.model
    def _mark_touched(self, since=None):
        """Note the customers of contacts that were made, which are stored without the ORM.

        :param datetime since: of the last look, a day ago when not known; half an hour before it is looked at again,
            for transactions that ended late
        """
        now = fields.Datetime.now()
        self.env.cr.execute(
            SQL(
                "INSERT INTO community_position_stale (company_id, partner_id)"
                " SELECT DISTINCT touch.company_id, who.commercial_partner_id FROM community_touch touch"
                " JOIN res_partner who ON who.id = touch.partner_id"
                " WHERE touch.state = 'used' AND touch.write_date >= %s"
                " AND EXISTS (SELECT FROM community_journey road WHERE road.active"
                " AND road.company_id = touch.company_id)",
                (since or now - timedelta(days=1)) - timedelta(minutes=30),
            )
        )

    @api.model
    def _take(self, most):
        """Remove some customers of one company and return them.

        Rows that another worker is taking are left to it.

        :param int most: customers
        :returns: (company, list of contact ids), or (no company, [])
        """
        self._write_pending()
        # SQL: reading and removing in one, and what somebody else holds is passed over
        rows = self.env.execute_query(
            SQL(
                """
                WITH first AS (SELECT company_id FROM community_position_stale LIMIT 1),
                     next AS (SELECT stale.id FROM community_position_stale stale JOIN first USING (company_id)
                              LIMIT %s FOR UPDATE OF stale SKIP LOCKED)
                DELETE FROM community_position_stale old USING next WHERE old.id = next.id
                RETURNING old.company_id, old.partner_id
                """,
                most,
            )
        )
        if not rows:
            return self.env["res.company"], []
        return self.env["res.company"].browse(rows[0][0]).exists(), sorted({row[1] for row in rows})

    @api.model
    def _customers_sql(self, company, begins):
        """Return SQL of the customers of a company to whom anything happened that a journey looks at.

        :param company: ``res.company``
        :param datetime begins: since when
        """
        return SQL(
            """
            SELECT who.commercial_partner_id FROM res_partner who JOIN (
                SELECT partner_id FROM sale_order
                 WHERE company_id = %(company)s AND state = 'sale'
                 UNION SELECT partner_id FROM account_move
                 WHERE company_id = %(company)s AND move_type = 'out_invoice' AND state = 'posted'
                   AND invoice_date >= %(begins)s
                 UNION SELECT partner_id FROM project_task WHERE partner_id IS NOT NULL AND create_date >= %(begins)s
                   AND (company_id IS NULL OR company_id = %(company)s)
                 UNION SELECT author.partner_id FROM community_mention said
                  JOIN community_author author ON author.id = said.author_id
                 WHERE said.company_id = %(company)s AND said.published_at >= %(begins)s
                   AND author.partner_id IS NOT NULL
                 UNION SELECT partner_id FROM community_date WHERE company_id = %(company)s AND active
            ) AS found ON found.partner_id = who.id
            """,
            company=company.id,
            begins=begins,
        )


class CommunityTouch(models.Model):
    """Contacts are found by when they were made."""

    _inherit = "community.touch"

    _made = models.Index("(write_date) WHERE state = 'used'")
