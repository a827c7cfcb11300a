import base64
import json
from unittest.mock import patch

from odoo import fields
from odoo.tests import TransactionCase, tagged

from odoo.addons.community_manager.connectors.errors import AccessExpired, Gone, Interrupted, RateLimited
from odoo.addons.community_manager.connectors.http import DELETED, WAIT
from odoo.addons.community_manager.connectors.instagram import Instagram
from odoo.addons.community_manager.connectors.items import AuthorItem, MentionItem, Tokens
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

    def work(self, *answers):
        """Work on a delivery; ``answers`` is what looking it up brings, time after time."""
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
        listener = type(self.env["community.listener"])
        transact, answering = listener._transact, iter(answers)
        running, seen = [], []

        def watched(*args, **options):
            running.append("transaction")
            try:
                return transact(*args, **options)
            finally:
                running.pop()

        def answer(*_args):
            seen.extend(running)
            found = next(answering)
            if isinstance(found, Exception):
                raise found
            return found

        with (
            patch.object(listener, "_transact", watched),
            patch.object(Instagram, "lookup", side_effect=answer) as lookup,
        ):
            self.env["community.listener"]._take_pushes(delivery, 30.0)
        self.assertEqual(lookup.call_args.args[0], "55")
        self.assertEqual(lookup.call_count, len(answers))
        self.assertFalse(seen, "nothing is locked while the network is waited for")
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

    def test_access_that_is_refused_is_renewed_first(self):
        renewed = Tokens({"access_token": "renewed"})
        with patch.object(Instagram, "renewable", lambda connector: True), patch.object(Instagram, "renew") as renew:
            renew.return_value = renewed
            self.env["community.secret"]._store(self.channel, {"access_token": "old"})
            delivery, mention = self.work(AccessExpired("No more."), MentionItem("55", text="@acme look"))
        self.assertEqual((delivery.state, mention.text), ("done", "@acme look"))
        self.assertEqual(self.env["community.secret"]._reveal(self.channel)["access_token"], "renewed")

    def test_what_our_own_time_cuts_off_waits_for_the_next_run(self):
        delivery, mention = self.work(Interrupted("Time is up."))
        self.assertEqual((delivery.state, len(mention)), ("waiting", 0))
        self.assertTrue(delivery.body)
        self.assertFalse(self.channel.error_count)
