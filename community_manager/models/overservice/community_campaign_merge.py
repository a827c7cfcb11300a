from odoo import models


class BasePartnerMerge(models.TransientModel):
    """Who is one person is in a campaign once."""

    _inherit = "base.partner.merge.automatic.wizard"

    def _update_foreign_keys(self, src_partners, dst_partner):
        self.env["community.campaign"].sudo()._merge_people(dst_partner, src_partners)
        return super()._update_foreign_keys(src_partners, dst_partner)
