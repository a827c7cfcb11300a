from odoo import fields, models


class ResConfigSettings(models.TransientModel):
    _inherit = "res.config.settings"

    community_undo_seconds = fields.Integer(related="company_id.community_undo_seconds", readonly=False)
