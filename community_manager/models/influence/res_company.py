from odoo import fields, models

from ...analysis.influence import HALF_LIFE


class ResCompany(models.Model):
    _inherit = "res.company"

    community_tie_half_life = fields.Integer(
        string="Days after which a tie counts half",
        default=HALF_LIFE,
        help="An answer, a mention or a share counts half after so many days, a quarter after twice as many. What is "
        "older than five times as many does not count.",
    )

    _community_half_life = models.Constraint(
        "CHECK (community_tie_half_life > 0)", "Ties need a day or more to lose half of their weight."
    )
