"""Links of tables with a row for each customer."""

from odoo import fields


class Bare(fields.Many2one):
    """A Many2one without a foreign key.

    A million rows are written by one statement when scores are refreshed; checking a foreign key for each of them
    takes longer than all the rest.  Whoever deletes what is linked to sees to these rows, see ``res.partner.unlink``.
    """

    def update_db_foreign_key(self, model, column):
        """Leave the column without a constraint."""
