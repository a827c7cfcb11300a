from odoo import fields, models


class ResCompany(models.Model):
    """What a company decides about dates of people."""

    _inherit = "res.company"

    community_leap_day = fields.Selection(
        [("before", "28 February"), ("after", "1 March")],
        string="29 February in other years",
        required=True,
        default="before",
        help="When the birthday of those who were born on 29 February is kept in years that have none.",
    )
