from odoo import models

#: states in which an order is a purchase; others do not concern customers' figures
CONFIRMED = ("sale",)


class SaleOrder(models.Model):
    """An order counts from its confirmation on."""

    _name = "sale.order"
    _inherit = ["sale.order", "community.buying"]
    _community_counted = frozenset(
        ("state", "partner_id", "company_id", "amount_untaxed", "currency_id", "currency_rate", "date_order")
    )
