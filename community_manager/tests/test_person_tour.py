from datetime import UTC, datetime, timedelta

from odoo import fields
from odoo.tests import tagged

from odoo.addons.community_manager.connectors.items import AuthorItem

from .common import item
from .http_common import CommunityHttpCase


@tagged("post_install", "-at_install")
class TestPersonTour(CommunityHttpCase):
    """Everything about a person, in the browser."""

    def test_person_is_looked_at_and_erased(self):
        """From the list of profiles to the page, through the line of time with its filters, to erasing."""
        channel = self.make_channel()
        now = datetime.now(UTC)
        vera = AuthorItem(external_id="vera", name="Vera Lamas", handle="@vera", followers=120)
        said = [
            item(f"n{number}", f"acme, number {number}.", vera, published_at=now - timedelta(hours=60 - number))
            for number in range(60)
        ]
        first = item("first", "This is the third acme lamp that I buy", vera, published_at=now - timedelta(days=20))
        self.ingest(channel, first, *said)
        mention = self.mentions(channel, external_id="n59")
        person = self.env["res.partner"].create({"name": "Vera Lamas", "email": "vera@lamas.example"})
        mention.author_id.partner_id = person
        reply = self.env["community.reply"].create({"mention_id": mention.id, "text": "Thank you, Vera"})
        reply.sudo().write({"state": "sent", "sent_at": fields.Datetime.now()})
        self.env["community.date"].create({"partner_id": person.id, "day": 1, "month": "6"})
        self.start_tour("/odoo/community-authors", "community_person", login=self.admin.login)
        self.env.invalidate_all()
        self.assertFalse(mention.text)
        self.assertEqual(person.name, "Erased person")
