from odoo import api, models

#: what a change of may change the stage of the contact
TELLING = frozenset(("partner_id", "active", "probability", "stage_id", "won_status", "tag_ids", "company_id"))


class CrmLead(models.Model):
    """Leads make prospects, and won partnerships partners."""

    _inherit = "crm.lead"

    def _note_lifecycle(self, also=()):
        self.env["community.person.stale"]._note("lifecycle", [*self.sudo().partner_id.ids, *also])

    @api.model_create_multi
    def create(self, vals_list):
        leads = super().create(vals_list)
        leads._note_lifecycle()
        return leads

    def write(self, vals):
        if TELLING.isdisjoint(vals):
            return super().write(vals)
        before = self.sudo().partner_id.ids
        result = super().write(vals)
        self._note_lifecycle(before)
        return result

    def unlink(self):
        before = self.sudo().partner_id.ids
        result = super().unlink()
        self.env["community.person.stale"]._note("lifecycle", before)
        return result
