from datetime import timedelta

from odoo import fields
from odoo.fields import Command

from .routing_common import RoutingCase


class CampaignCase(RoutingCase):
    """People with and without what a campaign needs, and a purpose that asks for no consent."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env["community.contact.policy"].search([]).active = False
        cls.env["community.campaign"].search([("state", "!=", "draft")]).write({"state": "draft"})
        cls.purpose = cls.env["community.purpose"].create({"name": "Care", "code": "test_care"})
        cls.tag = cls.env["res.partner.category"].create({"name": "Campaign test"})
        cls.ann = cls.make_person("Ann Archer", lang="en_US")
        cls.ben = cls.make_person("Ben Bowman", lang="en_US")
        cls.nameless = cls.make_person("x99", lang="en_US")
        cls.product = cls.env["product.product"].create({"name": "Lamp", "list_price": 10})

    @classmethod
    def make_person(cls, name, **values):
        email = f"{name.split()[0].lower()}@people.example"
        tags = [Command.link(cls.tag.id)]
        return cls.env["res.partner"].create({"name": name, "email": email, "category_id": tags, **values})

    @classmethod
    def make_campaign(cls, *steps, **values):
        """Create a campaign for everybody with the tag; steps are dicts."""
        steps = [
            Command.create({"sequence": 10 * number, **step}) for number, step in enumerate(steps or [cls.mail()], 1)
        ]
        domain = f"[('category_id', 'in', [{cls.tag.id}])]"
        return cls.env["community.campaign"].create(
            {
                "name": "Care for people",
                "purpose_id": cls.purpose.id,
                "user_id": cls.manager.id,
                "trigger": "now",
                "domain": domain,
                "step_ids": steps,
                **values,
            }
        )

    @classmethod
    def mail(cls, body="<p>Hello {{ first_name }}, how are you?</p>", subject="For {{ first_name }}", **values):
        """Return the values of a step that sends a mail."""
        text = {"subject": subject, "body": body}
        return {"kind": "mail", "text_ids": [Command.create(text)], **values}

    @classmethod
    def work(cls):
        """Let the scheduled work of campaigns run once."""
        cls.env.flush_all()
        result = cls.env["community.campaign.engine"]._run(30.0)
        cls.env.invalidate_all()
        return result

    @classmethod
    def later(cls, campaign, **delta):
        """Let time pass for the people of a campaign."""
        delta = timedelta(**delta)
        cls.env.flush_all()
        for person in campaign.person_ids:
            values = {
                name: person[name] - delta
                for name in ("next_at", "wait_until", "step_since", "held_since", "started_at")
                if person[name]
            }
            person.write(values)
        for action in campaign.person_ids.action_ids:
            action.moment -= delta
        campaign.looked_at = campaign.looked_at and campaign.looked_at - delta

    @classmethod
    def person(cls, campaign, partner):
        return campaign.person_ids.filtered(lambda one: one.partner_id == partner)

    @classmethod
    def mails(cls, campaign):
        """Return the mails of a campaign that are queued."""
        ids = campaign.person_ids.action_ids.mapped("mail_id")
        return cls.env["mail.mail"].search([("id", "in", ids), ("state", "=", "outgoing")])

    @classmethod
    def order(cls, partner, days_ago=0, product=None):
        """Let somebody buy."""
        line = Command.create({"product_id": (product or cls.product).id, "product_uom_qty": 1})
        order = cls.env["sale.order"].create({"partner_id": partner.id, "order_line": [line]})
        order.action_confirm()
        if days_ago:
            order.date_order = fields.Datetime.now() - timedelta(days=days_ago)
        return order
