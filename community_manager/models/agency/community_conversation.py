from odoo import models


class CommunityConversation(models.Model):
    """Agencies see the part of a conversation that came through their channels."""

    _name = "community.conversation"
    _inherit = ["community.conversation", "community.agency"]
