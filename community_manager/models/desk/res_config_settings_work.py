from odoo import fields, models


class ResConfigSettings(models.TransientModel):
    """How a company closes what people wrote."""

    _inherit = "res.config.settings"

    community_ask_reason = fields.Boolean(related="company_id.community_ask_reason", readonly=False)
    community_ask_satisfied = fields.Boolean(related="company_id.community_ask_satisfied", readonly=False)
    community_ask_satisfied_hours = fields.Integer(related="company_id.community_ask_satisfied_hours", readonly=False)
    community_ask_satisfied_days = fields.Integer(related="company_id.community_ask_satisfied_days", readonly=False)
    community_ask_satisfied_way = fields.Selection(
        related="company_id.community_ask_satisfied_way", readonly=False, required=True
    )
    community_ask_satisfied_text = fields.Char(related="company_id.community_ask_satisfied_text", readonly=False)
    community_reopen_unsatisfied = fields.Boolean(related="company_id.community_reopen_unsatisfied", readonly=False)
