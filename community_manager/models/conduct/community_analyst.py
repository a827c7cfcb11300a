from odoo import api, models


class CommunityAnalyst(models.AbstractModel):
    """What the second look says of a reply may make an answer for us of it, or none."""

    _inherit = "community.analyst"

    @api.model
    def _deepen(self, mentions, readings):
        result = super()._deepen(mentions, readings)
        defences = self.env["community.defence"].sudo()
        # what was understood otherwise now, and nobody has thanked for, was none
        noticed = defences.search([("mention_id", "in", mentions.ids), ("state", "=", "new")])
        noticed.filtered(lambda one: not one._may_answer(one.mention_id))._dismiss()
        defences._notice(mentions)
        return result
