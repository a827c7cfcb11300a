import base64
from datetime import timedelta

from odoo import fields
from odoo.exceptions import AccessError
from odoo.fields import Command
from odoo.tests import tagged

from .purchases_common import PurchasesCase


@tagged("post_install", "-at_install")
class TestPurchases(PurchasesCase):
    """What counts as a purchase, once and with which amount."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.eva = cls.person()

    def figures(self, partner=None):
        """Return (purchases, amount) after counting, and check that the lines say the same."""
        partner = partner or self.eva
        self.env.flush_all()
        self.refresh()
        score = self.score(partner)
        lines = self.env["community.transaction"].search(
            [("company_id", "=", self.company.id), ("commercial_partner_id", "=", partner.commercial_partner_id.id)]
        )
        if score:
            self.assertAlmostEqual(sum(lines.mapped("amount")), score.monetary, 2)
        return score.frequency, round(score.monetary, 2)

    def invoiced(self, order):
        """Invoice an order."""
        move = order._create_invoices()
        move.action_post()
        return move

    def credit(self, move, **values):
        """Take an invoice back."""
        reversal = self.env["account.move.reversal"].with_context(active_model="account.move", active_ids=move.ids)
        wizard = reversal.create({"journal_id": move.journal_id.id, "date": self.today})
        refund = self.env["account.move"].browse(wizard.reverse_moves(**values)["res_id"])
        return refund

    def test_orders_count_from_confirmation(self):
        """A quotation is no purchase; a cancelled order is none any more."""
        order = self.order(self.eva, confirm=False)
        self.assertEqual(self.figures(), (0, 0))
        order.action_confirm()
        self.assertEqual(self.figures(), (1, 100))
        order._action_cancel()
        self.assertEqual(self.figures(), (0, 0))

    def test_an_order_and_its_invoice_count_once(self):
        """Also with a line that was added to the invoice by hand, which only adds its amount."""
        order = self.order(self.eva)
        move = self.invoiced(order)
        self.assertEqual(self.figures(), (1, 100))
        move.button_draft()
        move.invoice_line_ids = [
            Command.create({"product_id": self.product.id, "quantity": 1, "price_unit": 7, "tax_ids": False})
        ]
        move.action_post()
        self.assertEqual(self.figures(), (1, 107))

    def test_invoices_without_an_order_count(self):
        """And their credit notes take off."""
        move = self.invoice(self.eva, 80.0)
        self.assertEqual(self.figures(), (1, 80))
        self.invoice(self.eva, 30.0, "out_refund")
        self.assertEqual(self.figures(), (1, 50))
        self.invoice(self.eva, 999.0, "in_invoice")
        self.assertEqual(self.figures(), (1, 50))
        move.button_draft()
        self.assertEqual(self.figures(), (0, 0))

    def test_a_return_takes_off_what_the_order_is_short_of(self):
        """A credit note of an order reduces; an invoice that is cancelled and written anew changes nothing."""
        order = self.order(self.eva, 300.0, quantity=3)
        move = self.invoiced(order)
        refund = self.credit(move)
        refund.invoice_line_ids.quantity = 1
        refund.action_post()
        self.assertEqual(order.order_line.qty_invoiced, 2)
        self.assertEqual(self.figures(), (1, 200))
        again = self.invoiced(order)
        self.assertEqual(again.amount_untaxed, 100)
        self.assertEqual(self.figures(), (1, 300))

    def test_a_lowered_order_is_not_lowered_twice(self):
        """Who orders less afterwards and gets a credit note for the difference has bought what is left."""
        order = self.order(self.eva, 300.0, quantity=3)
        refund = self.credit(self.invoiced(order))
        refund.invoice_line_ids.quantity = 1
        refund.action_post()
        order.order_line.product_uom_qty = 2
        self.assertEqual(self.figures(), (1, 200))

    def test_a_down_payment_is_no_purchase(self):
        """Nor is giving it back."""
        order = self.order(self.eva, 200.0)
        wizard = self.env["sale.advance.payment.inv"].with_context(active_ids=order.ids, active_model="sale.order")
        wizard = wizard.create({"advance_payment_method": "percentage", "amount": 50})
        wizard.create_invoices()
        order.invoice_ids.action_post()
        self.assertEqual(self.figures(), (1, 200))
        self.credit(order.invoice_ids).action_post()
        self.assertEqual(self.figures(), (1, 200))

    def test_currencies(self):
        """Amounts are in the currency of the company, at the rate of the day of each document."""
        franc = self.env.ref("base.CHF")
        franc.active = True
        self.env["res.currency.rate"].create(
            [
                {"currency_id": franc.id, "company_id": self.company.id, "name": day, "rate": rate}
                for day, rate in ((self.today - timedelta(days=400), 2.0), (self.today - timedelta(days=10), 4.0))
            ]
        )
        order = self.order(self.eva, 100.0)
        order.currency_id = franc
        order.date_order = fields.Datetime.now() - timedelta(days=100)
        self.assertEqual((order.currency_id, order.currency_rate), (franc, 2.0))
        self.assertEqual(self.figures(), (1, 50))
        self.invoice(self.eva, 100.0, ago=1, currency=franc)
        self.assertEqual(self.figures(), (2, 75))
        purchase = self.bought(self.eva, 200)
        purchase.currency_id = franc
        self.assertEqual(self.figures(), (3, 125))

    def test_people_buy_for_their_firm(self):
        """What the people of a firm buy counts for the firm; somebody who leaves takes along what they bought."""
        firm = self.person("Firm", is_company=True)
        ann, bob = self.person("Ann", parent_id=firm.id), self.person("Bob", parent_id=firm.id)
        self.order(ann, 10.0)
        self.order(bob, 20.0)
        self.invoice(firm, 30.0)
        self.assertEqual(self.figures(firm), (3, 60))
        self.assertEqual(self.score(ann), self.score(firm))
        self.assertEqual(self.score(ann).partner_id, firm)
        self.settle()
        bob.parent_id = False
        self.settle()
        self.assertEqual((self.score(bob).monetary, self.score(firm).monetary), (20, 40))

    def test_companies_are_apart(self):
        """What is bought from one company is nothing to another."""
        self.bought(self.eva, 1)
        self.bought(self.eva, 1, 2, amount=5.0, company=self.other_company)
        self.assertEqual(self.figures(), (1, 100))
        self.env["community.score"]._refresh(self.other_company)
        theirs = self.env["community.score"].search(
            [("partner_id", "=", self.eva.id), ("company_id", "=", self.other_company.id)]
        )
        self.assertEqual((theirs.frequency, theirs.monetary), (2, 10))

    def test_merged_contacts_are_one_customer(self):
        """Their purchases come together, and the other's figures go."""
        eve = self.person("Eve")
        self.bought(self.eva, 10, amount=40.0)
        self.bought(eve, 5, amount=60.0)
        self.refresh()
        self.env["base.partner.merge.automatic.wizard"]._merge((self.eva | eve).ids, self.eva)
        self.settle()
        score = self.score(self.eva)
        self.assertEqual((score.frequency, score.monetary), (2, 100))
        gone = self.env["community.score"].search([("company_id", "=", self.company.id)]) - score
        self.assertFalse(gone)

    def test_import_again_changes_nothing_twice(self):
        """Through Odoo's own import, with an external id: the second time the same rows are changed."""
        text = (
            "External ID,Reference,Customer,Date,Without taxes,From\n"
            "old.t1,T1,Eva,2026-01-05,19.5,Old shop\n"
            "old.t2,T2,Eva,2026-02-05,{},Old shop\n"
        )
        for amount in ("30", "40"):
            wizard = self.env["base_import.import"].create(
                {
                    "res_model": "community.purchase",
                    "file": base64.b64decode(base64.b64encode(text.format(amount).encode())),
                    "file_name": "old.csv",
                    "file_type": "text/csv",
                }
            )
            columns = ["id", "name", "partner_id", "date", "amount", "origin"]
            options = {"quoting": '"', "separator": ",", "has_headers": True, "date_format": "%Y-%m-%d"}
            result = wizard.execute_import(columns, [], options | {"float_decimal_separator": "."})
            self.assertFalse(result["messages"], result["messages"])
        self.assertEqual(self.figures(), (2, 59.5))

    def test_what_changes_is_counted_again(self):
        """Every way to change a purchase tells its customer; nobody else is counted."""
        other = self.person("Other")
        self.bought(other, 3)
        order = self.order(self.eva)
        self.refresh()
        self.env["community.score.stale"].search([]).unlink()
        self.env.cr.precommit.data.pop("community.score.stale", None)
        order.order_line.price_unit = 150
        self.env.flush_all()
        self.assertEqual(self.env.cr.precommit.data["community.score.stale"], {(self.company.id, self.eva.id)})
        self.settle()
        self.assertEqual(self.score(self.eva).monetary, 150)
        self.assertFalse(self.env["community.score.stale"].search([("company_id", "=", self.company.id)]))
        order.partner_id = other
        self.settle()
        self.assertFalse(self.score(self.eva))
        self.assertEqual(self.score(other).monetary, 250)
        order._action_cancel()
        self.settle()
        self.assertEqual(self.score(other).monetary, 100)

    def test_the_day_is_the_companys(self):
        """An order late in the evening is of that day where the company is."""
        self.company.partner_id.tz = "Pacific/Auckland"
        order = self.order(self.eva)
        order.date_order = "2026-03-01 12:30:00"  # already the second of March there
        self.refresh()
        self.assertEqual(str(self.score(self.eva).last_on), "2026-03-02")

    def test_lines_lead_to_their_document(self):
        """Products, categories and documents stand on the lines; only salespeople and managers see them."""
        order = self.order(self.eva)
        line = self.env["community.transaction"].search([("company_id", "=", self.company.id)])
        self.assertEqual((line.product_id, line.categ_id.name, line.source), (self.product, "Lamps", "order"))
        self.assertEqual(line.action_open_document()["res_id"], order.id)
        with self.assertRaises(AccessError):
            line.with_user(self.agent).read(["amount"])
        self.assertTrue(line.with_user(self.manager).read(["amount"]))

    def test_amounts_are_not_for_everybody(self):
        """Agents see how a customer ranks, and no amount."""
        self.bought(self.eva, 1)
        self.refresh()
        score = self.score(self.eva).with_user(self.agent)
        self.assertEqual(score.rfm, "3-1-3")
        for name in ("monetary", "lifetime_value"):
            with self.subTest(name), self.assertRaises(AccessError):
                score.read([name])
        self.assertEqual(score.with_user(self.manager).monetary, 100)
