from odoo import fields, models


class ResConfigSettings(models.TransientModel):
    _inherit = "res.config.settings"

    community_tie_half_life = fields.Integer(related="company_id.community_tie_half_life", readonly=False)
