from datetime import timedelta
from unittest.mock import patch

from odoo import fields
from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged
from odoo.tools import mute_logger

from .common import item
from .test_outbox import OutboxCase
from .toy_sending import lost


@tagged("post_install", "-at_install")
class TestHolds(OutboxCase):
    """One mechanism holds messages back, and says why and until when."""

    def test_a_hold_says_why_and_until_when_and_then_lets_go(self):
        until = fields.Datetime.now() + timedelta(hours=2)
        hold = self.env["community.hold"].with_user(self.manager).create({"name": "Press conference", "until": until})
        reply = self.answer()
        self.assertTrue(reply.held)
        self.assertEqual((reply.hold_reason, reply.hold_until), ("Press conference", until))
        self.send()
        self.assertEqual((reply.state, self.texts()), ("queued", []))
        hold.action_end()
        self.assertFalse(reply.held)
        self.send()
        self.assertEqual(reply.state, "sent")

    def test_a_hold_ends_by_itself(self):
        self.env["community.hold"].create({"name": "Night", "until": fields.Datetime.now() + timedelta(hours=1)})
        reply = self.answer()
        self.send()
        later = fields.Datetime.now() + timedelta(hours=2)
        with patch.object(fields.Datetime, "now", staticmethod(lambda *_args: later)):
            self.send()
        self.assertEqual(reply.state, "sent")

    def test_a_hold_covers_what_it_says_and_nothing_else(self):
        other = self.make_channel("Second")
        self.ingest(other, item("9", text="Acme elsewhere", author="bob"))
        mine, theirs = self.mention, self.mentions(other)
        holds = self.env["community.hold"]
        for values, held in (
            ({"channel_ids": self.channel.ids}, (True, False)),
            ({"author_ids": theirs.author_id.ids}, (False, True)),
            ({"scope": "publish"}, (False, False)),
            ({"scope": "answer"}, (True, True)),
            ({}, (True, True)),
        ):
            with self.subTest(values=values):
                hold = holds.create({"name": "Reason", **values})
                replies = [self.answer(mention=mine), self.answer(mention=theirs)]
                self.assertEqual(tuple(reply.held for reply in replies), held)
                hold.unlink()
                for reply in replies:
                    reply.with_user(self.agent).action_cancel()

    def test_what_was_begun_comes_to_its_end_under_a_hold(self):
        self.toy.answers = [lost()]
        reply = self.answer()
        self.send()
        self.env["community.hold"].create({"name": "Crisis"})
        self.send()
        self.assertEqual((reply.state, len(self.toy.sent)), ("sent", 1))

    def test_a_paused_channel_says_nothing(self):
        reply = self.answer()
        self.channel.action_pause()
        self.send()
        self.assertEqual((reply.state, self.texts()), ("queued", []))
        self.assertIn("paused", reply.status)
        self.channel.action_start()
        self.send()
        self.assertEqual(reply.state, "sent")

    def test_a_copied_database_sends_nothing_and_asks_before_it_does(self):
        reply = self.answer()
        home = self.env["community.home"]
        parameter = self.env["ir.config_parameter"].sudo().search([("key", "=", "community_manager.home")])
        parameter.value = "another:database|key"
        self.send()
        self.assertEqual((reply.state, self.texts()), ("queued", []))
        self.assertIn("copy", reply.status)
        home.with_user(self.admin).action_settle()
        self.send()
        self.assertEqual(self.texts(), [])
        self.assertIn("copied", reply.status)
        self.env["community.hold"].search([]).action_end()
        self.send()
        self.assertEqual(reply.state, "sent")


@tagged("post_install", "-at_install")
class TestReplyRights(OutboxCase):
    """An agent writes and cancels; how far a message is, only the outbox decides."""

    def test_state_cannot_be_written_by_hand(self):
        reply = self.answer().with_user(self.agent)
        for values in ({"state": "sent"}, {"key": "0" * 32}, {"external_id": "7"}, {"next_try_at": False}):
            with self.assertRaises(AccessError):
                reply.write(values)
        with self.assertRaises(AccessError):
            self.env["community.reply"].with_user(self.agent).create(
                {"mention_id": self.mention.id, "text": "x", "state": "queued"}
            )

    def test_what_is_on_its_way_is_not_changed_or_removed(self):
        reply = self.answer().with_user(self.agent)
        with self.assertRaises(UserError):
            reply.text = "Something else"
        with self.assertRaises(UserError):
            reply.unlink()
        reply.action_cancel()
        reply.unlink()

    def test_nobody_answers_for_another_company(self):
        elsewhere = self.env["res.company"].create({"name": "Elsewhere"})
        channel = self.make_channel("There", company_id=elsewhere.id)
        self.ingest(channel, item("5", text="Acme there", origin="own"))
        theirs = self.mentions(channel)
        with self.assertRaises(AccessError), mute_logger("odoo.addons.base.models.ir_rule"):
            theirs.with_user(self.agent)._reply("hello")
        with self.assertRaises(UserError), mute_logger("odoo.addons.base.models.ir_rule"):
            self.mention.with_user(self.agent)._reply("hello", channel=channel.with_user(self.agent))

    def test_the_reply_box_offers_what_the_network_allows(self):
        options = self.mention.with_user(self.agent).get_reply_options()
        self.assertEqual([way["way"] for way in options["ways"]], ["reply", "message"])
        self.assertEqual(options["channel_id"], self.channel.id)
        sent = self.mention.with_user(self.agent).send_reply("Hello", "message")
        self.assertEqual((sent["state"], sent["can_cancel"]), ("queued", True))
        self.send()
        self.assertEqual(self.toy.sent[0][:3], ("message", "Hello", "1"))
        self.mention._erase_content()
        options = self.mention.with_user(self.agent).get_reply_options()
        self.assertEqual(options["ways"], [])
        self.assertIn("deleted", options["reason"])
