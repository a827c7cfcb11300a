from odoo import fields, models


class ResConfigSettings(models.TransientModel):
    """Settings of dates of people."""

    _inherit = "res.config.settings"

    community_leap_day = fields.Selection(related="company_id.community_leap_day", readonly=False, required=True)
