from odoo import models


class BasePartnerMergeAutomaticWizard(models.TransientModel):
    """Merging contacts joins what is kept of them as people we care for."""

    _inherit = "base.partner.merge.automatic.wizard"

    def _update_foreign_keys(self, src_partners, dst_partner):
        result = super()._update_foreign_keys(src_partners, dst_partner)
        # sudo: whoever merges contacts need have no part in the community
        found = self.env["community.influencer"].sudo().search([("partner_id", "=", dst_partner.id)])
        for together in found.grouped("company_id").values():
            if len(together) > 1:
                together._join()
        return result
