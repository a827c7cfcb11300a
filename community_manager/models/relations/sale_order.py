from odoo import models


class SaleOrder(models.Model):
    """Orders of people whom somebody sent to us."""

    _name = "sale.order"
    _inherit = ["sale.order", "community.referred"]

    def _community_attribute(self):
        super()._community_attribute()
        if "opportunity_id" not in self._fields:
            return
        # an order made from a lead counts for who sent the lead, also where the lead knew no contact yet
        for order in self.sudo().filtered(lambda one: one.opportunity_id and not one.community_referral_id):
            sent = order.opportunity_id.community_referral_id
            if sent and not order._community_own(sent):
                order.community_referral_id = sent
