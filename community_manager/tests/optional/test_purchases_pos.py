from unittest import SkipTest

from odoo import fields
from odoo.fields import Command
from odoo.tests import tagged

from odoo.addons.community_manager.tests.purchases_common import PurchasesCase


@tagged("post_install", "-at_install")
class TestPurchasesPos(PurchasesCase):
    """Receipts of the point of sale count, once."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        if "pos.order" not in cls.env:
            raise SkipTest("the point of sale is not installed in this database")
        cls.eva = cls.person()
        config = cls.env["pos.config"].create({"name": "Till", "company_id": cls.company.id})
        cls.session = cls.env["pos.session"].create({"config_id": config.id, "user_id": cls.env.uid})

    @classmethod
    def receipt(cls, amount=50.0, quantity=1, partner=None, state="paid", **values):
        """Write down a receipt that is paid."""
        line = {
            "product_id": cls.product.id,
            "qty": quantity,
            "price_unit": amount,
            "price_subtotal": amount * quantity,
            "price_subtotal_incl": amount * quantity,
            "name": "Line",
        }
        return cls.env["pos.order"].create(
            {
                "session_id": cls.session.id,
                "company_id": cls.company.id,
                "partner_id": (partner or cls.eva).id,
                "amount_total": amount * quantity,
                "amount_tax": 0,
                "amount_paid": amount * quantity,
                "amount_return": 0,
                "state": state,
                "date_order": fields.Datetime.now(),
                "lines": [Command.create({**line, **values})],
            }
        )

    def figures(self):
        self.env.flush_all()
        self.refresh()
        score = self.score(self.eva)
        lines = self.env["community.transaction"].search([("company_id", "=", self.company.id)])
        self.assertAlmostEqual(sum(lines.mapped("amount")), score.monetary, 2)
        return score.frequency, score.monetary

    def test_receipts_and_returns(self):
        """A return takes off and is no purchase; a draft is nothing."""
        self.receipt()
        self.receipt(quantity=-1, amount=20.0)
        self.receipt(1000.0, state="draft")
        self.assertEqual(self.figures(), (1, 30))
        line = self.env["community.transaction"].search([("company_id", "=", self.company.id), ("kind", "=", "sale")])
        self.assertEqual((line.source, line.product_id), ("receipt", self.product))

    def test_an_invoiced_receipt_counts_once(self):
        """Its invoice is of the receipt."""
        order = self.receipt()
        order.account_move = self.invoice(self.eva, 50.0)
        self.assertEqual(self.figures(), (1, 50))

    def test_an_order_that_is_paid_at_the_till_counts_once(self):
        """The order counts; the line of the receipt that settles it does not."""
        if "sale_order_line_id" not in self.env["pos.order.line"]._fields:
            self.skipTest("orders are not paid at the till in this database")
        order = self.order(self.eva, 80.0)
        self.receipt(80.0, sale_order_line_id=order.order_line.id)
        self.assertEqual(self.figures(), (1, 80))

    def test_new_receipts_are_found(self):
        """By the scheduled work, though receipts cannot tell by themselves."""
        self.bought(self.eva, 3)
        self.refresh()
        self.receipt()
        self.settle()
        self.assertEqual(self.score(self.eva).frequency, 2)
