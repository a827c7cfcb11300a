from odoo import models


class BasePartnerMerge(models.TransientModel):
    """Who is one person has bought as one."""

    _inherit = "base.partner.merge.automatic.wizard"

    def _merge(self, partner_ids, dst_partner=None, extra_checks=True):
        partners = self.env["res.partner"].browse(partner_ids).exists()
        firms = partners.sudo().commercial_partner_id
        result = super()._merge(partner_ids, dst_partner=dst_partner, extra_checks=extra_checks)
        self.env["community.score.stale"]._mark_customers((partners | firms).exists())
        return result
