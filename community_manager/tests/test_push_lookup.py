import base64
import json
from unittest.mock import patch

from odoo import fields
from odoo.tests import TransactionCase, tagged

from odoo.addons.community_manager.connectors.errors import Gone, RateLimited
from odoo.addons.community_manager.connectors.http import DELETED, WAIT
from odoo.addons.community_manager.connectors.instagram import Instagram
from odoo.addons.community_manager.connectors.items import AuthorItem, MentionItem
from odoo.addons.community_manager.connectors.meta_push import SIGNATURE, signature

from .common import CommunityMixin

ACCOUNT = "17841405793187218"
TOLD = {"field": "mentions", "value": {"media_id": "44", "comment_id": "55"}}


@tagged("post_install", "-at_install")
class TestPushLookup(CommunityMixin, TransactionCase):
    """Some networks only tell where something was said: it is looked up when the delivery is worked on."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls._set_up_community()
        access = {"client_id": "4711", "client_secret": "app-secret"}
        cls.channel = cls.make_channel("Pictures", network="instagram", access=access, start=False)
        cls.channel.sudo().settings = {**cls.channel.settings, "account_id": ACCOUNT}
        cls.channel.state = "listening"

    def work(self, answer):
        """Work on a delivery; ``answer`` is what looking it up brings."""
        body = json.dumps({"object": "instagram", "entry": [{"id": ACCOUNT, "changes": [TOLD]}]}).encode()
        delivery = self.env["community.push"].create(
            {
                "channel_id": self.channel.id,
                "delivery_id": f"delivery {self.id()}",
                "received_at": fields.Datetime.now(),
                "headers": {SIGNATURE: signature("app-secret", body)},
                "body": base64.b64encode(body).decode(),
            }
        )
        with patch.object(Instagram, "lookup", side_effect=[answer]) as lookup:
            delivery._process(self.channel)
        self.assertEqual(lookup.call_args.args[0], "55")
        return delivery, self.env["community.mention"].search([("channel_id", "=", self.channel.id)])

    def test_what_is_there_is_stored_with_its_words(self):
        author = AuthorItem("ana", name="Ana", handle="@ana")
        delivery, mention = self.work(MentionItem("55", kind="comment", text="@acme look", author=author))
        self.assertEqual(delivery.state, "done")
        self.assertEqual((mention.external_id, mention.text), ("55", "@acme look"))

    def test_what_is_gone_already_is_left_out(self):
        delivery, mention = self.work(Gone(DELETED, params={"host": "graph.facebook.com"}))
        self.assertEqual((delivery.state, len(mention)), ("done", 0))

    def test_what_cannot_be_looked_up_now_is_kept_to_be_tried_again(self):
        delivery, mention = self.work(RateLimited(WAIT, params={"host": "graph.facebook.com"}))
        self.assertEqual((delivery.state, len(mention)), ("failed", 0))
        self.assertTrue(delivery.body and delivery.error)
