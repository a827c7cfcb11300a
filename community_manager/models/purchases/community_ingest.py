from odoo import api, models


class CommunityIngest(models.AbstractModel):
    """What important customers say is noticed when it arrives."""

    _inherit = "community.ingest"

    @api.model
    def _arrived(self, channel, mentions):
        result = super()._arrived(channel, mentions)
        self.env["community.alarm"]._hear(mentions)
        return result
