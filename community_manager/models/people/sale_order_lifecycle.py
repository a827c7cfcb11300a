from odoo import api, models

#: what a change of may change the stage of the contact
TELLING = frozenset(("partner_id", "state", "date_order", "company_id"))


class SaleOrder(models.Model):
    """Quotations make prospects, and confirmed orders customers."""

    _inherit = "sale.order"

    def _note_lifecycle(self, also=()):
        self.env["community.person.stale"]._note("lifecycle", [*self.sudo().partner_id.ids, *also])

    @api.model_create_multi
    def create(self, vals_list):
        orders = super().create(vals_list)
        orders._note_lifecycle()
        return orders

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
