from odoo import fields, models


class CommunityConversation(models.Model):
    """Whether the person of a conversation is satisfied."""

    _inherit = "community.conversation"

    satisfaction_asked_at = fields.Datetime(readonly=True, string="Asked whether satisfied")
    satisfaction = fields.Selection(
        [("happy", "Satisfied"), ("neutral", "Neither nor"), ("unhappy", "Not satisfied")], readonly=True
    )
