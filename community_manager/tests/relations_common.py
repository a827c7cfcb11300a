from datetime import timedelta

from odoo import fields

from .common import item
from .routing_common import RoutingCase


class RelationsCase(RoutingCase):
    """Ann, who speaks of us on a network, and Bob, who buys."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env["community.candidate"].search([]).unlink()
        cls.desk = cls.make_channel("Desk")
        cls.ann = cls.env["res.partner"].create({"name": "Ann Marsh", "email": "ann@example.org", "lang": "en_US"})
        cls.bob = cls.env["res.partner"].create({"name": "Bob Hill", "email": "bob@example.org"})
        cls.product = cls.env["product.product"].create({"name": "Lamp", "list_price": 100, "taxes_id": [(5,)]})
        cls.seller = cls._new_user("seller", "sales_team.group_sale_salesman_all_leads")

    @classmethod
    def stage(cls, kind):
        return cls.env.ref(f"community_manager.influencer_stage_{kind}")

    def care(self, partner=None, **values):
        """Care for somebody; return the record as an agent sees it."""
        partner = self.ann if partner is None else partner
        found = (
            self.env["community.influencer"]
            .with_user(self.agent)
            .create({"partner_id": partner.id, "role": "advocate", **values})
        )
        return found

    def profile(self, name="ann", text="Acme is great, I love it", partner=None, days=0, **values):
        """Let somebody say something in public some days ago; return the mention."""
        moment = fields.Datetime.now() - timedelta(days=days)
        mention = self.say(text, name, channel=self.desk, published_at=moment.astimezone(), **values)
        if partner:
            mention.author_id.partner_id = partner
        return mention

    def collaborate(self, influencer, **values):
        return (
            self.env["community.collaboration"]
            .with_user(self.agent)
            .create({"name": "Video", "influencer_id": influencer.id, "project_template_id": False, **values})
        )

    def promise(self, influencer, amount=300, **values):
        return (
            self.env["community.compensation"]
            .with_user(self.manager)
            .create({"name": "Fee", "influencer_id": influencer.id, "amount": amount, **values})
        )

    def send_all(self):
        """Let the outbox send what is due."""
        self.env["community.reply"].search([("next_try_at", "!=", False)]).next_try_at = "2020-01-01 00:00:00"
        self.env["community.outbox"]._send(20)
        self.env.invalidate_all()

    def kit(self, **values):
        texts = [
            (0, 0, {"text": "See the lamps: {{ link }} now"}),
            (0, 0, {"text": "Vea las lámparas", "lang": "es_ES"}),
        ]
        return (
            self.env["community.share.kit"]
            .with_user(self.manager)
            .create(
                {"name": "Lamps", "url": "https://acme.example/lamps", "hashtags": "#acme", "disclosure": "#ad"}
                | {"line_ids": texts, **values}
            )
        )

    def link(self, influencer, kit=None):
        """Give somebody a link of a share kit."""
        return (kit or self.kit()).with_user(self.agent)._give(influencer)

    def click(self, referral, times=1):
        for number in range(times):
            self.env["link.tracker.click"].create({"link_id": referral.sudo().link_id.id, "ip": f"10.0.0.{number}"})

    def lead(self, referral=None, partner=None, **values):
        """Let somebody ask through a link."""
        if referral:
            link = referral.sudo().link_id
            values |= {"source_id": link.source_id.id, "campaign_id": link.campaign_id.id}
        return self.env["crm.lead"].create({"name": "Asks", "partner_id": partner and partner.id, **values})

    def order(self, referral=None, partner=None, price=100, confirm=True, **values):
        """Let somebody buy through a link, or without one."""
        if referral:
            link = referral.sudo().link_id
            values |= {"source_id": link.source_id.id, "campaign_id": link.campaign_id.id}
        line = (0, 0, {"product_id": self.product.id, "price_unit": price, "tax_ids": [(5,)]})
        order = self.env["sale.order"].create({"partner_id": (partner or self.bob).id, "order_line": [line], **values})
        if confirm:
            order.action_confirm()
        return order


__all__ = ["RelationsCase", "item"]
