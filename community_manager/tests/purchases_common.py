from datetime import timedelta

from odoo import fields
from odoo.fields import Command

from .routing_common import RoutingCase


class PurchasesCase(RoutingCase):
    """A company with customers, what they buy, and nothing that others left."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env["community.alarm"].search([]).active = False
        cls.company = cls.env["res.company"].create({"name": "Shop"})
        cls.env.user.company_ids |= cls.company
        cls.env = cls.env(context={**cls.env.context, "allowed_company_ids": cls.company.ids})
        cls.company = cls.company.with_env(cls.env)
        (cls.agent | cls.manager | cls.admin).write(
            {"company_ids": [Command.link(cls.company.id)], "company_id": cls.company.id}
        )
        cls.env["account.chart.template"].try_loading("generic_coa", company=cls.company, install_demo=False)
        category = cls.env["product.category"].create({"name": "Lamps"})
        cls.product = cls.env["product.product"].create(
            {"name": "Lamp Alba", "list_price": 100.0, "taxes_id": False, "invoice_policy": "order"}
            | {"categ_id": category.id, "type": "consu"}
        )
        cls.today = cls.company._community_day()

    @classmethod
    def person(cls, name="Eva", **values):
        """Make a contact."""
        return cls.env["res.partner"].create({"name": name, **values})

    @classmethod
    def order(cls, partner, amount=100.0, ago=0, quantity=1, confirm=True, **values):
        """Make an order some days ago."""
        order = cls.env["sale.order"].create(
            {
                "partner_id": partner.id,
                "company_id": cls.company.id,
                "order_line": [
                    Command.create(
                        {"product_id": cls.product.id, "product_uom_qty": quantity, "price_unit": amount / quantity}
                        | {"tax_ids": False}
                    )
                ],
                **values,
            }
        )
        if confirm:
            order.action_confirm()
            order.date_order = fields.Datetime.now() - timedelta(days=ago)
        return order

    @classmethod
    def bought(cls, partner, *days, amount=100.0, company=None):
        """Note purchases from elsewhere, each so many days ago."""
        return cls.env["community.purchase"].create(
            [
                {
                    "name": f"{partner.name} {ago}",
                    "partner_id": partner.id,
                    "company_id": (company or cls.company).id,
                    "currency_id": (company or cls.company).currency_id.id,
                    "date": cls.today - timedelta(days=ago),
                    "amount": amount,
                }
                for ago in days
            ]
        )

    @classmethod
    def invoice(cls, partner, amount=100.0, kind="out_invoice", ago=0, currency=None):
        """Post an invoice that comes from no order."""
        move = cls.env["account.move"].create(
            {
                "move_type": kind,
                "partner_id": partner.id,
                "company_id": cls.company.id,
                "invoice_date": cls.today - timedelta(days=ago),
                "currency_id": (currency or cls.company.currency_id).id,
                "invoice_line_ids": [
                    Command.create(
                        {"product_id": cls.product.id, "quantity": 1, "price_unit": amount, "tax_ids": False}
                    )
                ],
            }
        )
        move.action_post()
        return move

    @classmethod
    def refresh(cls, partners=None):
        """Count customers anew: all, or those of some contacts."""
        cls.env["community.score"]._refresh(cls.company, None if partners is None else partners.ids)

    @classmethod
    def score(cls, partner):
        """Return the figures of a contact's customer."""
        return cls.env["community.score"]._of(partner, cls.company).get(partner.id, cls.env["community.score"])

    @classmethod
    def settle(cls):
        """Do what the scheduled work does with what waits."""
        cls.env["community.score.stale"]._write_pending()
        cls.env.flush_all()
        cls.env["community.score.stale"]._write_pending()
        cls.env["community.score"]._refresh_batch(cls.company)
        cls.env.invalidate_all()
