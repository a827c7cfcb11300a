from odoo import models


class CrmLead(models.Model):
    """Leads that somebody sent to us."""

    _name = "crm.lead"
    _inherit = ["crm.lead", "community.referred"]

    def _merge_dependences(self, opportunities):
        result = super()._merge_dependences(opportunities)
        # the first who sent them, whichever of the leads is kept
        sent = (self | opportunities).sudo().filtered("community_referral_id").sorted("create_date")[:1]
        if sent:
            self.sudo().community_referral_id = sent.community_referral_id
        return result
