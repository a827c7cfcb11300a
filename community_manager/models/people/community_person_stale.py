from odoo import api, fields, models
from odoo.tools import SQL


class CommunityPersonStale(models.Model):
    """Contacts of whom something changed that is worked out again soon.

    Rows are only added, in the transaction that changes something, and taken away by who works it out: nobody waits
    for anybody.
    """

    _name = "community.person.stale"
    _description = "Contact to Look at Again"
    _log_access = False

    partner_id = fields.Integer(required=True)
    kind = fields.Selection([("identity", "Identity"), ("lifecycle", "Lifecycle")], required=True)

    _waiting = models.Index("(kind, partner_id)")

    @api.model
    def _note(self, kind, partner_ids):
        """Note that contacts changed.

        :param str kind: what is to be worked out again
        :param partner_ids: ids; empty ones are left out
        """
        ids = sorted({number for number in partner_ids if isinstance(number, int) and number})
        if ids:
            # one statement in the middle of other people's writes: no defaults, no flush, no cache
            self.env.cr.execute(
                SQL("INSERT INTO %s (kind, partner_id) SELECT %s, unnest(%s)", SQL.identifier(self._table), kind, ids)
            )

    @api.model
    def _take(self, kind, limit):
        """Take contacts out, at most ``limit`` rows; return their ids.  Two workers never take the same."""
        table = SQL.identifier(self._table)
        rows = self.env.execute_query(
            SQL(
                "DELETE FROM %s WHERE id IN (SELECT id FROM %s WHERE kind = %s ORDER BY id LIMIT %s"
                " FOR UPDATE SKIP LOCKED) RETURNING partner_id",
                table, table, kind, limit,
            )
        )  # fmt: skip
        return sorted({partner_id for (partner_id,) in rows})
