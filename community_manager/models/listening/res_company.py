from odoo import fields, models


class ResCompany(models.Model):
    """How much of what no topic matches is kept, and for how long."""

    _inherit = "res.company"

    community_sample_share = fields.Integer(string="Sample of the rest (%)", default=0)
    community_sample_days = fields.Integer(string="Days the sample is kept", default=14)

    _community_sample = models.Constraint(
        "CHECK (community_sample_share BETWEEN 0 AND 100 AND community_sample_days > 0)",
        "The sample of what no topic matches is 0 to 100 per cent, and is kept for at least one day.",
    )
