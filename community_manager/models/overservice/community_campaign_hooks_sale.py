from odoo import models


class SaleOrder(models.Model):
    """Orders that bring people into campaigns."""

    _inherit = "sale.order"

    def action_confirm(self):
        result = super().action_confirm()
        for order in self.filtered(lambda one: one.state == "sale"):
            number = 0

            def wanted(campaign, order=order):
                nonlocal number
                if not campaign.trigger_order:
                    return True
                if not number:
                    number = order._community_number()
                return number == campaign.trigger_order

            origin = self.env._("Order %s was confirmed", order.name)
            self.env["community.campaign.signal"]._note("order", order.company_id, order.partner_id, origin, wanted)
        return result

    def _community_number(self):
        """Return which confirmed order of their commercial entity this is: 1 for the first."""
        self.ensure_one()
        domain = [
            ("partner_id.commercial_partner_id", "=", self.partner_id.commercial_partner_id.id),
            ("company_id", "=", self.company_id.id),
            ("state", "=", "sale"),
        ]
        # sudo: how many they are, not what is in them
        return self.sudo().search_count(domain)
