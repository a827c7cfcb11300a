from odoo import fields, models


class ResConfigSettings(models.TransientModel):
    _inherit = "res.config.settings"

    community_rank_by = fields.Selection(related="company_id.community_rank_by", readonly=False, required=True)
    community_rank_days = fields.Char(related="company_id.community_rank_days", readonly=False)
    community_rank_count = fields.Char(related="company_id.community_rank_count", readonly=False)
    community_rank_amount = fields.Char(related="company_id.community_rank_amount", readonly=False)
