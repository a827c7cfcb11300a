from odoo import fields, models


class ResCompany(models.Model):
    """How long those are left alone whom nobody wanted to care for."""

    _inherit = "res.company"

    community_refused_months = fields.Integer(
        "Months before a refused candidate is proposed again", default=6, required=True
    )

    _community_refused_months = models.Constraint(
        "CHECK(community_refused_months >= 1)", "A refused candidate is left alone for a month at least."
    )
