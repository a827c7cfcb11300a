from odoo import api, models


class CommunityIngest(models.AbstractModel):
    """What the community did for us is noticed as it comes in."""

    _inherit = "community.ingest"

    @api.model
    def _arrived(self, channel, mentions):
        result = super()._arrived(channel, mentions)
        # no query for a page without replies
        self.env["community.defence"]._notice(mentions, new=True)
        return result
