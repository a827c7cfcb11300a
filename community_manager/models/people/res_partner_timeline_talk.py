from odoo import models


class ResPartner(models.Model):
    """What a person said, and what was answered and made of it, in the timeline."""

    _inherit = "res.partner"

    def _community_timeline_kinds(self):
        authors = self._community_seen_profiles()
        return [
            *super()._community_timeline_kinds(),
            *authors._timeline_talk(self),
        ]
