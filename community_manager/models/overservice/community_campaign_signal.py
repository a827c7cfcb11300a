from odoo import api, fields, models


class CommunityCampaignSignal(models.Model):
    """Something happened that may bring a person into a campaign.

    Written in the transaction in which it happens, and nothing else is done there; the scheduled work of campaigns
    takes it from here.
    """

    _name = "community.campaign.signal"
    _description = "Signal for Campaigns"
    _order = "id"

    campaign_id = fields.Many2one("community.campaign", required=True, ondelete="cascade", index=True)
    company_id = fields.Many2one(related="campaign_id.company_id", store=True, index=True)
    partner_id = fields.Many2one("res.partner", required=True, ondelete="cascade", index=True)
    origin = fields.Char()
    moment = fields.Datetime(default=fields.Datetime.now)

    @api.model
    def _note(self, trigger, company, partners, origin="", wanted=None):
        """Note that something happened to persons, for every campaign of a company that starts by it.

        :param str trigger: of ``community.campaign``
        :param company: ``res.company``
        :param partners: ``res.partner`` records
        :param str origin: what it was, in words
        :param wanted: function that takes a campaign and returns whether it is meant; all are when left out
        """
        if not partners or not company or not self.env["community.campaign"]._awaits(trigger, company):
            return self.browse()
        campaigns = self.env["community.campaign"]._started_by(trigger, company)
        if wanted:
            campaigns = campaigns.filtered(wanted)
        if not campaigns:
            return self.browse()
        values = [
            {"campaign_id": campaign.id, "partner_id": partner.id, "origin": origin}
            for campaign in campaigns
            for partner in partners
        ]
        # sudo: whoever confirms an order need not know of campaigns
        signals = self.sudo().create(values)
        campaigns._wake()
        return signals
