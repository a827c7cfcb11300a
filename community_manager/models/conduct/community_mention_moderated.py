from odoo import fields, models


class CommunityMention(models.Model):
    """What was done about mentions, by the rules for taking part."""

    _inherit = "community.mention"

    moderation_ids = fields.One2many("community.moderation.record", "mention_id", string="Moderation")

    def _erase_content(self, when=None):
        # who deletes their post may not want it kept elsewhere
        self.sudo().moderation_ids.said = False
        return super()._erase_content(when)
