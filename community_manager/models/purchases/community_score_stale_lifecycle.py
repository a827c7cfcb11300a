from odoo import api, models


class CommunityScoreStale(models.Model):
    """Whose purchases change may become a customer."""

    _inherit = "community.score.stale"

    @api.model
    def _mark(self, pairs):
        pairs = list(pairs)
        self.env["community.person.stale"]._note("lifecycle", {partner for _company, partner in pairs})
        return super()._mark(pairs)
