from odoo import models

#: kinds of entries that are with customers
WITH_CUSTOMERS = ("out_invoice", "out_refund", "out_receipt")


class AccountMove(models.Model):
    """Invoices count where there is no order, and credit notes take off."""

    _name = "account.move"
    _inherit = ["account.move", "community.buying"]
    _community_counted = frozenset(
        ("state", "partner_id", "commercial_partner_id", "company_id", "amount_untaxed_signed", "invoice_date")
    )

    def _community_buyers(self):
        theirs = self.sudo().filtered(lambda move: move.move_type in WITH_CUSTOMERS)
        return {(move.company_id.id, move.partner_id.id) for move in theirs}
