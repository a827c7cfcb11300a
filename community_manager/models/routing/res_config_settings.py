from odoo import fields, models


class ResConfigSettings(models.TransientModel):
    """Limits that all rules of a company share."""

    _inherit = "res.config.settings"

    community_brake_mentions = fields.Integer(related="company_id.community_brake_mentions", readonly=False)
    community_brake_leads = fields.Integer(related="company_id.community_brake_leads", readonly=False)
    community_brake_tickets = fields.Integer(related="company_id.community_brake_tickets", readonly=False)
    community_catch_all_share = fields.Integer(related="company_id.community_catch_all_share", readonly=False)
    community_risk_words = fields.Text(related="company_id.community_risk_words", readonly=False)
