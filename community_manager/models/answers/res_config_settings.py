from odoo import fields, models


class ResConfigSettings(models.TransientModel):
    _inherit = "res.config.settings"

    community_self_approval = fields.Boolean(related="company_id.community_self_approval", readonly=False)
    community_approval_hours = fields.Integer(related="company_id.community_approval_hours", readonly=False)
