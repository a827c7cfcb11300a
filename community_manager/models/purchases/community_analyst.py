from odoo import api, models


class CommunityAnalyst(models.AbstractModel):
    """The second pass may find that something is meant badly; an occasion that was noticed already is none."""

    _inherit = "community.analyst"

    @api.model
    def _deepen(self, mentions, readings):
        result = super()._deepen(mentions, readings)
        self.env["community.alarm"]._hear(mentions)
        return result
