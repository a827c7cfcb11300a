from odoo import models
from odoo.tools import SQL


class BasePartnerMerge(models.TransientModel):
    """Contacts that turn out to be one stand at one place."""

    _inherit = "base.partner.merge.automatic.wizard"

    def _update_foreign_keys(self, src_partners, dst_partner):
        # SQL: what both have come to by the same, such as an anniversary, stays once; else all of the source would go
        self.env["community.position"].flush_model()
        self.env.cr.execute(
            SQL(
                "DELETE FROM community_position old USING community_position kept"
                " WHERE old.partner_id = ANY(%(src)s) AND kept.partner_id = ANY(%(all)s) AND kept.id <> old.id"
                " AND kept.moment_id = old.moment_id AND kept.key = old.key"
                " AND (kept.partner_id = %(dst)s OR kept.id < old.id)",
                src=src_partners.ids,
                all=(src_partners | dst_partner).ids,
                dst=dst_partner.id,
            )
        )
        self.env["community.position"].invalidate_model(flush=False)
        result = super()._update_foreign_keys(src_partners, dst_partner)
        # sudo: the queue is nobody's to read; whatever company has a journey looks again
        companies = self.env["community.journey"].sudo().search([]).company_id
        firms = (dst_partner | dst_partner.sudo().commercial_partner_id).ids
        self.env["community.position.stale"].sudo()._mark(
            (company.id, partner) for company in companies for partner in firms
        )
        return result
