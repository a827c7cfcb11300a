from datetime import UTC, datetime, timedelta
from unittest.mock import patch

from odoo import fields
from odoo.exceptions import UserError
from odoo.tests import tagged
from odoo.tools import mute_logger

from odoo.addons.community_manager.connectors.errors import AccessDenied, AccessExpired, Retriable
from odoo.addons.community_manager.connectors.items import Tokens
from odoo.addons.community_manager.models.listening import community_channel_push

from .common import CommunityCase, item, page

PUSH = community_channel_push.__name__


@tagged("post_install", "-at_install")
class TestPushSubscription(CommunityCase):
    """Networks that can be asked to deliver are asked, kept to it, and told when it is over."""

    def setUp(self):
        super().setUp()
        self.asked = []
        self.answer = None
        test = self

        def subscribe(connector, address):
            test.asked.append(("on", address))
            if isinstance(test.answer, Exception):
                raise test.answer
            return test.answer

        def unsubscribe(connector, address):
            test.asked.append(("off", address))

        for name, function in (("subscribe", subscribe), ("unsubscribe", unsubscribe)):
            patcher = patch.object(self.toy, name, function)
            patcher.start()
            self.addCleanup(patcher.stop)
        self.known_as("https://odoo.example.com")

    def known_as(self, address):
        """Let this Odoo be known under an address."""
        self.env["ir.config_parameter"].sudo().set_param("web.base.url", address)
        self.env.invalidate_all()

    def settle(self):
        """Do what the scheduled action does; return what was asked."""
        self.asked.clear()
        self.env["community.channel"]._settle_subscriptions()
        self.env.invalidate_all()
        return list(self.asked)

    def subscribed(self, until=None):
        """Return a channel that its network delivers to."""
        self.answer = until
        channel = self.make_channel("Pushed")
        self.settle()
        self.assertEqual(channel.push_state, "subscribed")
        return channel

    def test_asked_when_started_and_not_before(self):
        """Starting asks nobody itself; the scheduled action does, woken at once."""
        channel = self.make_channel("Pushed", start=False)
        self.assertEqual(self.settle(), [])
        triggers = self.env["ir.cron.trigger"]
        mine = [("cron_id", "=", self.env.ref("community_manager.cron_subscribe").id)]
        before = triggers.search_count(mine)
        channel.action_start()
        self.assertEqual((channel.state, channel.push_state, self.asked), ("listening", "waiting", []))
        self.assertGreater(triggers.search_count(mine), before)
        self.answer = datetime.now(UTC) + timedelta(days=9)
        self.assertEqual(self.settle(), [("on", channel.push_url)])
        self.assertTrue(channel.push_url.startswith("https://odoo.example.com/community_manager/push/"))
        self.assertEqual((channel.push_state, channel.push_address), ("subscribed", channel.push_url))
        self.assertAlmostEqual(
            channel.subscribed_until, self.answer.replace(tzinfo=None), delta=timedelta(seconds=2)
        )  # fmt: skip
        self.assertIn("renewed", channel.push_text)
        self.assertEqual(self.settle(), [], "once is enough")

    def test_without_an_end(self):
        """A subscription that never ends is not asked for again, and says no date."""
        channel = self.subscribed()
        self.assertFalse(channel.subscribed_until)
        self.assertEqual(channel.push_text, "The network delivers here.")
        self.assertEqual(self.settle(), [])

    def test_renewed_before_its_end(self):
        """What ends soon is asked for again, and what ends later is not."""
        channel = self.subscribed(datetime.now(UTC) + timedelta(days=9))
        channel.subscribed_until = fields.Datetime.now() + timedelta(days=3)
        self.assertEqual(self.settle(), [])
        channel.subscribed_until = fields.Datetime.now() + timedelta(days=1)
        self.assertEqual(self.settle(), [("on", channel.push_url)])
        self.assertGreater(channel.subscribed_until, fields.Datetime.now() + timedelta(days=8))

    def test_a_renewal_that_fails_keeps_what_there_is(self):
        """Until its end the old subscription goes on; the next day it is tried again."""
        channel = self.subscribed(datetime.now(UTC) + timedelta(days=1))
        self.answer = Retriable("The server has a problem.")
        self.settle()
        self.assertEqual((channel.push_state, channel.push_address), ("failed", channel.push_url))
        self.assertTrue(channel.subscribed_until)
        self.answer = None
        self.assertEqual(self.settle(), [("on", channel.push_url)])
        self.assertEqual(channel.push_state, "subscribed")

    def test_addresses_nobody_can_deliver_to(self):
        """An address that is not https, or known here only, is told to no network; the channel is polled."""
        for address, said in (
            ("http://odoo.example.com", "https"),
            ("https://localhost:8069", "localhost"),
            ("https://192.168.1.4", "192.168.1.4"),
            ("https://odoo.local", "odoo.local"),
            ("https://odoo", "odoo"),
        ):
            with self.subTest(address=address):
                self.known_as(address)
                channel = self.make_channel(address)
                self.assertEqual(self.settle(), [])
                self.assertEqual((channel.state, channel.push_state), ("listening", "impossible"))
                self.assertIn(said, channel.push_text)
                self.assertIn("web.base.url", channel.push_text)
                self.script(address, [page(item("1"))])
                self.assertEqual(self.listen(channel), (1, 0))
        self.known_as("https://odoo.example.com")
        self.assertEqual(len(self.settle()), 5, "a mended address is noticed")

    def test_a_refusal_in_words(self):
        """What the network says is shown, without secrets, and stops nothing."""
        self.answer = AccessDenied("The token of Pushed may not do this.")
        channel = self.make_channel("Pushed")
        self.env["community.secret"]._store(channel, {"token": "token of Pushed"})
        self.settle()
        self.assertEqual((channel.state, channel.push_state, channel.error_count), ("listening", "failed", 0))
        self.assertEqual(channel.push_text, "The *** may not do this.")
        channel.with_user(self.admin).action_subscribe()
        self.answer = None
        self.assertEqual(len(self.settle()), 1)
        self.assertEqual(channel.push_text, "The network delivers here.")

    def test_access_is_renewed_first(self):
        """Access that was used up is renewed, and the network asked with what it gives."""
        renewed = []

        def renew(connector):
            renewed.append(connector.secrets["token"])
            return Tokens({"access_token": "new"})

        def subscribe(connector, address):
            if connector.secrets.get("access_token") != "new":
                raise AccessExpired("The access has ended.")

        channel = self.make_channel("Pushed")
        with (
            patch.object(self.toy, "renewable", lambda connector: True),
            patch.object(self.toy, "renew", renew),
            patch.object(self.toy, "subscribe", subscribe),
        ):
            self.settle()
        self.assertEqual((channel.push_state, len(renewed)), ("subscribed", 1))

    def test_a_defect_stays_with_its_channel(self):
        """A connector that fails unexpectedly is logged without secrets; the other channels are asked."""
        bad, good = self.make_channel("Bad"), self.make_channel("Good")
        original = self.toy.subscribe

        def subscribe(connector, address):
            if connector.values["source"] == "Bad":
                raise KeyError(connector.secrets["token"])
            return original(connector, address)

        with patch.object(self.toy, "subscribe", subscribe), self.assertLogs(PUSH, "ERROR") as logs:
            self.settle()
        self.assertNotIn("token of Bad", "".join(logs.output))
        self.assertEqual((bad.push_state, good.push_state), ("failed", "subscribed"))
        self.assertIn("unexpected", bad.push_note)

    def test_another_address(self):
        """When this Odoo is known under another address, the network delivers there and no more to the old one."""
        channel = self.subscribed()
        before = channel.push_url
        self.known_as("https://shop.example.com")
        self.assertEqual(self.settle(), [("off", before), ("on", channel.push_url)])
        self.assertEqual(channel.push_address, channel.push_url)
        self.assertNotEqual(channel.push_url, before)

    def test_other_access(self):
        """With other access the network is asked again: it may be another account."""
        channel = self.subscribed()
        channel._set_access({"token": "another one"})
        self.assertEqual(self.settle(), [("on", channel.push_url)])

    def test_ended_with_the_channel(self):
        """Pausing and archiving end deliveries, starting again asks for them again."""
        channel = self.subscribed()
        channel.action_pause()
        self.assertEqual((channel.push_state, self.asked[1:]), ("ending", []))
        self.assertEqual(self.settle(), [("off", channel.push_url)])
        self.assertFalse(channel.push_state or channel.push_address)
        channel.action_start()
        self.assertEqual(self.settle(), [("on", channel.push_url)])
        channel.active = False
        self.assertEqual(self.settle(), [("off", channel.push_url)])
        channel.active = True
        self.assertEqual(self.settle(), [("on", channel.push_url)])

    def test_started_again_before_it_was_ended(self):
        """Whoever starts a channel while its deliveries are being ended gets them all the same."""
        channel = self.subscribed()
        channel.action_pause()

        def unsubscribe(connector, address):
            self.asked.append(("off", address))
            channel.action_start()

        with patch.object(self.toy, "unsubscribe", unsubscribe):
            self.settle()
        self.assertEqual(channel.push_state, "waiting")
        self.assertEqual(self.settle(), [("on", channel.push_url)])
        self.assertEqual(channel.push_state, "subscribed")

    def test_paused_while_it_was_asked_for(self):
        """Whoever pauses a channel while its network is asked does not leave it delivering."""
        channel = self.subscribed()
        channel._want_subscription()
        channel.push_state = "waiting"

        def subscribe(connector, address):
            channel.action_pause()

        with patch.object(self.toy, "subscribe", subscribe):
            self.settle()
        self.assertEqual(channel.push_state, "ending")
        self.assertEqual(self.settle(), [("off", channel.push_url)])

    def test_deleted(self):
        """A deleted channel's network is told when it is certain that the channel is gone."""
        channel = self.subscribed()
        address = channel.push_url
        self.asked.clear()
        channel.unlink()
        self.assertEqual(self.asked, [])
        self.env.cr.postcommit.run()
        self.assertEqual(self.asked, [("off", address)])

    def test_a_network_that_cannot_be_told(self):
        """Ending deliveries that cannot be ended is not a failure of anything."""
        channel = self.subscribed()
        for problem in (NotImplementedError(), Retriable("The server has a problem.")):
            with patch.object(self.toy, "unsubscribe", side_effect=problem):
                channel.action_pause()
                self.settle()
            self.assertFalse(channel.push_state or channel.push_address or channel.error_count)
            channel.action_start()
            self.settle()

    def test_by_hand(self):
        """Where the network cannot be asked the administrator is told to copy the address."""
        channel = self.make_channel("Shop", network="webhook", access={})
        self.assertEqual(channel.push_state, "hand")
        self.assertFalse(channel.can_subscribe)
        self.assertTrue(channel.has_push_key)
        self.assertIn("Copy the address", channel.push_text)
        self.assertEqual(self.settle(), [])
        matrix = self.make_channel("Rooms", network="matrix", access={"server": "a.example", "access_token": "x"})
        self.assertIn("registration file", matrix.push_guide)
        self.assertFalse(channel.push_guide)
        with self.assertRaises(UserError):
            channel.action_pause() or channel.action_subscribe()

    def test_held_database(self):
        """A copy asks for nothing and ends nothing: the networks deliver to the live database."""
        channel = self.subscribed()
        channel.action_pause()
        self.env["ir.config_parameter"].sudo().set_param("community_manager.home", "elsewhere:uuid|")
        self.assertEqual(self.settle(), [])
        with mute_logger(PUSH):
            channel.unlink()
            self.env.cr.postcommit.run()
        self.assertEqual(self.asked, [])

    def test_the_connector_knows_its_address(self):
        """A network that is asked while it delivers can tell our address from another's."""
        channel = self.subscribed()
        self.assertEqual(channel._connector().push_address, channel.push_url)
        self.assertEqual(self.make_channel("New", start=False)._connector().push_address, "")

    def test_one_page_a_run(self):
        """A network that takes a page for received when the next is asked for is asked again at once, not before."""
        channel = self.make_channel("Paged")
        self.script("Paged", [page(item("1"), more=True)], [page(item("2"), more=True)], [page(item("3"))])
        self.assertEqual(self.listen(channel), (0, 1))
        self.assertLessEqual(channel.next_poll_at, fields.Datetime.now())
        self.assertEqual(self.toy.seen["Paged"], [{}])
        self.assertEqual(self.listen(channel), (0, 1))
        self.assertEqual(self.listen(channel), (1, 0))
        self.assertGreater(channel.next_poll_at, fields.Datetime.now())
        self.assertEqual(self.toy.seen["Paged"], [{}, {"last": "1"}, {"last": "2"}])
        self.assertEqual(len(self.mentions(channel)), 3)
