from odoo import api, models


class CommunityIngest(models.AbstractModel):
    """New mentions take their place in the queue, and the desks hear of them."""

    _inherit = "community.ingest"

    @api.model
    def _complete(self, channel, vals_list):
        result = super()._complete(channel, vals_list)
        self.env["community.mention"]._place_in_queue(vals_list)
        return result

    @api.model
    def _arrived(self, channel, mentions):
        result = super()._arrived(channel, mentions)
        self.env["community.news"]._note_arrived(mentions)
        return result
