from odoo import api, models


class CommunityConsent(models.Model):
    """Consent makes somebody a known contact."""

    _inherit = "community.consent"

    @api.model_create_multi
    def create(self, vals_list):
        consents = super().create(vals_list)
        consents.partner_id._community_stale("lifecycle")
        return consents

    def write(self, vals):
        result = super().write(vals)
        if not {"state", "date", "partner_id"}.isdisjoint(vals):
            self.partner_id._community_stale("lifecycle")
        return result

    def unlink(self):
        partners = self.partner_id
        result = super().unlink()
        partners._community_stale("lifecycle")
        return result
