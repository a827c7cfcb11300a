from odoo import api, models

#: signals taken in one transaction
BATCH = 500


class CommunityCampaignEngine(models.AbstractModel):
    """Taking signals."""

    _inherit = "community.campaign.engine"

    @api.model
    def _take_signals(self, env):
        """Bring in those of whom signals tell; return how many signals were taken.

        Two workers that take the same signals at once meet at deleting them: one of both starts again.
        """
        signals = env["community.campaign.signal"].search([], limit=BATCH)
        count = len(signals)
        for (campaign, origin), group in signals.grouped(lambda one: (one.campaign_id, one.origin)).items():
            company = campaign.company_id
            campaign = campaign.with_company(company).with_context(allowed_company_ids=company.ids)
            campaign._start_person(group.partner_id, origin or "")
        signals.unlink()
        return count
