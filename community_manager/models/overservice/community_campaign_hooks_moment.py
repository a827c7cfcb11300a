from odoo import api, models


class CommunityMoment(models.Model):
    """Moments of truth that start campaigns."""

    _inherit = "community.moment"

    @api.model
    def _reached(self, partners, moment):
        result = super()._reached(partners, moment)
        self.env["community.campaign.signal"]._note(
            "moment",
            moment.company_id,
            partners,
            moment.display_name,
            lambda campaign: campaign.trigger_moment_id == moment,
        )
        return result
