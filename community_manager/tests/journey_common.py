from datetime import timedelta

from odoo import fields

from .common import CommunityCase, item

__all__ = ["JourneyCase", "JourneyMixin"]


class JourneyMixin:
    """A company with a journey of two moments, and customers that are put on it by what happens to them."""

    @classmethod
    def _set_up_journey(cls):
        cls.env["community.journey"].search([]).active = False
        cls.now = fields.Datetime.now()
        cls.channel = cls.make_channel("Journey")
        cls.product = cls.env["product.product"].create({"name": "Lamp", "list_price": 100})
        cls.ann = cls.make_customer("Ann Field")
        cls.ben = cls.make_customer("Ben Hill")
        cls.journey = cls.env["community.journey"].create({"name": "Lamps"})
        cls.thanks = cls.make_moment("Thanks", target=2, stay_days=7, most_touches=2)
        cls.week = cls.make_moment("First week", opens_with="after", after_days=7, target=3, stay_days=20)
        cls.settle()

    @classmethod
    def make_customer(cls, name, **values):
        """Create a contact."""
        email = f"{name.split()[0].lower()}@example.com"
        return cls.env["res.partner"].create({"name": name, "email": email, **values})

    @classmethod
    def make_moment(cls, name, **values):
        """Create a moment at the end of the journey."""
        return cls.env["community.moment"].create({"name": name, "journey_id": cls.journey.id, **values})

    @classmethod
    def order(cls, partner, ago=0, **values):
        """Confirm an order as it was so many days ago."""
        line = (0, 0, {"product_id": cls.product.id, "product_uom_qty": 1, "price_unit": 100})
        order = cls.env["sale.order"].create({"partner_id": partner.id, "order_line": [line], **values})
        order.action_confirm()
        order.date_order = cls.now - timedelta(days=ago)
        return order

    @classmethod
    def touch(cls, partner, ago=0, medium="email", **values):
        """Note that a person was contacted so many days ago."""
        source = cls.env["res.partner"].create({"name": "Source"})
        row = {"partner_id": partner.id, "company_id": cls.company.id, "medium": medium}
        row |= {"moment": cls.now - timedelta(days=ago), "source": ("res.partner", source.id)}
        cls.env["community.touch"]._note([{**row, **values}])

    @classmethod
    def settle(cls):
        """Let the scheduled work look at whoever waits."""
        cls.env.flush_all()
        cls.env["community.position.stale"]._mark_touched()
        cls.env["community.position"]._refresh_now()
        cls.env.invalidate_all()

    @classmethod
    def place(cls, partner, moment=None):
        """Return where a customer is, or was at a moment."""
        domain = [("partner_id", "=", partner.id), ("journey_id", "=", cls.journey.id)]
        domain.append(("moment_id", "=", moment.id) if moment else ("is_current", "=", True))
        return cls.env["community.position"].search(domain)

    @classmethod
    def say_as(cls, partner, text, number, ago=1, **values):
        """Let a customer say something on a network so many days ago; return its mention."""
        cls.ingest(cls.channel, item(f"j{number}", text, partner.name.split()[0], origin="own"))
        mention = cls.env["community.mention"].search([("external_id", "=", f"j{number}")])
        mention.author_id.partner_id = partner
        mention.write({"published_at": cls.now - timedelta(days=ago), **values})
        return mention


class JourneyCase(JourneyMixin, CommunityCase):
    """Base of tests of journeys."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls._set_up_journey()
