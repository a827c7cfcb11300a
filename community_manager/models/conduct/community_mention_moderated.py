from odoo import fields, models


class CommunityMention(models.Model):
    """What was done about mentions, by the rules for taking part, and whom we thanked."""

    _inherit = "community.mention"

    moderation_ids = fields.One2many("community.moderation.record", "mention_id")

    def _erase_content(self, when=None):
        # who deletes their post may not want it kept elsewhere
        self.sudo().moderation_ids.said = False
        return super()._erase_content(when)

    def _note_answered(self):
        self.sudo().defence_ids.filtered(lambda one: one.state == "new").write(
            {"state": "thanked", "thanked_at": fields.Datetime.now()}
        )
        return super()._note_answered()
