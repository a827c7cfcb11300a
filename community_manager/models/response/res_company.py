from odoo import fields, models

#: seconds for which an answer can be taken back, at most
LONGEST_UNDO = 60


class ResCompany(models.Model):
    """How long what is sent from the reply box can be taken back."""

    _inherit = "res.company"

    community_undo_seconds = fields.Integer(string="Seconds to take an answer back", default=10)

    _community_undo = models.Constraint(
        f"CHECK (community_undo_seconds BETWEEN 0 AND {LONGEST_UNDO})",
        "An answer can be taken back for 0 to 60 seconds.",
    )
