from odoo import fields, models

from .community_term_source import DAYS, DAYS_PARAMETER


class ResConfigSettings(models.TransientModel):
    _inherit = "res.config.settings"

    community_term_days = fields.Integer(
        string="Days for which words are kept",
        config_parameter=DAYS_PARAMETER,
        default=DAYS,
        help="Words, tags and links are counted by day, to see what rises. At least 42 days are kept.",
    )
