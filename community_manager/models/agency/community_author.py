from odoo import models


class CommunityAuthor(models.Model):
    """Agencies see who wrote, and no more of them than the network shows."""

    _name = "community.author"
    _inherit = ["community.author", "community.agency"]
