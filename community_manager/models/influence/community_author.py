from odoo import api, fields, models


class CommunityAuthor(models.Model):
    """How much a profile is heard, and why."""

    _inherit = "community.author"

    influence_ids = fields.One2many("community.influence", "author_id", readonly=True)
    heard = fields.Float(
        related="influence_ids.score", string="Influence", help="How much they are heard, 0 to 100; 0: not known yet."
    )

    @api.readonly
    def get_heard_because(self):
        """Return why this person is heard, in words; empty when nothing is known."""
        self.ensure_one()
        self.check_access("read")
        return ""
