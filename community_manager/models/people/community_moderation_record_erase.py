from odoo import models

from .community_erasing import add


class CommunityModerationRecord(models.Model):
    """What was done about a person who is erased."""

    _inherit = "community.moderation.record"

    def _erase_said(self):
        """Empty what these records quote; what was done by which rule stays.

        :returns: ``{model: count}``
        """
        erasing = self.env["community.erasing"]
        texts = dict.fromkeys(("said", "reason", "appeal_text", "decision_note"), False)
        return add({self._name: erasing._empty(self, texts)}, erasing._erase_trail(self))
