"""Links that are stored by a second connection."""

from odoo import fields


class LooseMany2one(fields.Many2one):
    """A Many2one without a foreign key.

    Reservations are committed by a connection of their own.  A foreign key would refuse a person whom the transaction
    that sends has only just created, and would wait for whoever changes one.  What is deleted is taken care of by the
    models themselves.
    """

    def update_db_foreign_key(self, model, column):
        """Make none."""
