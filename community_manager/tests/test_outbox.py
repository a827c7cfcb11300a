from datetime import UTC, datetime, timedelta
from unittest.mock import patch

from odoo import fields
from odoo.exceptions import UserError
from odoo.tests import tagged
from odoo.tools import mute_logger

from odoo.addons.community_manager.connectors.errors import (
    AccessDenied,
    AccessExpired,
    Duplicate,
    Gone,
    RateLimited,
    Refused,
    Unreachable,
)
from odoo.addons.community_manager.models.response import community_outbox, community_reply_send

from .common import CommunityCase, item
from .toy_sending import lost


class OutboxCase(CommunityCase):
    """A channel with a mention that waits for an answer."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.channel = cls.make_channel("Desk")

    def setUp(self):
        super().setUp()
        self.ingest(self.channel, item("1", text="Acme, where is my parcel?"))
        self.mention = self.mentions(self.channel)
        self.mention.with_user(self.agent).check_access("read")

    def answer(self, text="It is on its way.", way="reply", mention=None):
        return (mention or self.mention).with_user(self.agent)._reply(text, way).sudo()

    def send(self, *replies):
        """Let the outbox work with everything due now."""
        self.env["community.reply"].search([("next_try_at", "!=", False)]).next_try_at = "2020-01-01 00:00:00"
        result = self.env["community.outbox"]._send(20)
        self.env.invalidate_all()
        return result

    def texts(self):
        return [entry[1] for entry in self.toy.sent]


@tagged("post_install", "-at_install")
class TestOutbox(OutboxCase):
    """What is said goes out once, in order, and everybody can see how far it is."""

    def test_an_answer_goes_out_and_stands_in_the_conversation(self):
        reply = self.answer()
        self.assertEqual((reply.state, self.mention.state, self.mention.user_id), ("queued", "open", self.agent))
        self.send()
        self.assertEqual(self.toy.sent, [("reply", "It is on its way.", "1", reply.key)])
        self.assertEqual((reply.state, reply.external_id, reply.attempts), ("sent", "said-0", 1))
        self.assertEqual(self.mention.state, "done")
        stored = reply.sent_mention_id
        self.assertEqual((stored.text, stored.outgoing, stored.state), ("It is on its way.", True, "done"))
        self.assertEqual(stored.conversation_id, self.mention.conversation_id)
        self.send()
        self.assertEqual(len(self.toy.sent), 1)

    def test_listening_does_not_store_our_own_answer_again(self):
        self.answer()
        self.send()
        self.ingest(self.channel, item("said-0", text="It is on its way.", author="us", origin="own", outgoing=True))
        self.assertEqual(len(self.mentions(self.channel)), 2)

    def test_answers_of_one_conversation_keep_their_order(self):
        self.toy.answers = [Unreachable("The server does not answer.")]
        first, second = self.answer("one"), self.answer("two")
        self.env["community.outbox"]._send(20)
        self.assertEqual((first.state, second.state, self.texts()), ("queued", "queued", []))
        self.send()
        self.assertEqual(self.texts(), ["one", "two"])

    def test_another_conversation_does_not_wait_for_one_in_trouble(self):
        self.ingest(self.channel, item("2", text="Acme, another question"))
        other = self.mentions(self.channel) - self.mention
        self.toy.answers = [Unreachable("The server does not answer.")]
        self.answer("one")
        self.answer("two", mention=other)
        self.env["community.outbox"]._send(20)
        self.assertEqual(self.texts(), ["two"])

    def test_an_unreachable_network_is_tried_again_later_each_time(self):
        self.toy.answers = [Unreachable("The server does not answer.")] * 3
        reply = self.answer()
        pauses = []
        for _attempt in range(3):
            self.send()
            pauses.append((reply.next_try_at - reply.tried_at).total_seconds())
        self.assertEqual(reply.state, "queued")
        self.assertEqual(pauses, sorted(pauses))
        self.assertIn("does not answer", reply.status)
        self.send()
        self.assertEqual((reply.state, self.texts()), ("sent", ["It is on its way."]))

    def test_after_many_attempts_the_writer_is_told(self):
        reply = self.answer()
        self.toy.answers = [Unreachable("The server does not answer.")] * 50
        for _attempt in range(community_reply_send.MOST_ATTEMPTS):
            self.send()
        self.assertEqual(reply.state, "failed")
        self.assertEqual(reply.activity_ids.user_id, self.agent)
        self.toy.answers = []
        self.assertIn("does not answer", reply.problem)
        reply.with_user(self.agent).action_queue()
        self.send()
        self.assertEqual((reply.state, len(reply.activity_ids)), ("sent", 0))

    def test_a_lost_answer_is_looked_for_and_not_repeated(self):
        self.toy.answers = [lost()]
        reply = self.answer()
        self.env["community.outbox"]._send(20)
        self.assertEqual(reply.state, "uncertain")
        self.send()
        self.assertEqual((reply.state, self.toy.asked, len(self.toy.sent)), ("sent", 1, 1))
        self.assertEqual(reply.sent_mention_id.text, "It is on its way.")

    def test_the_same_words_said_before_are_not_taken_for_what_was_lost(self):
        first = self.answer("Thank you!")
        self.send()
        trouble = lost()
        trouble.arrived = False
        self.toy.answers = [trouble]
        second = self.answer("Thank you!")
        self.send()
        with patch.object(self.toy, "find_sent", lambda toy, outgoing: item("said-0", text="Thank you!")):
            self.send()
        self.send()
        self.assertEqual((first.external_id, second.state, second.external_id), ("said-0", "sent", "said-1"))

    def test_what_did_not_arrive_is_sent_after_looking(self):
        trouble = lost()
        trouble.arrived = False
        self.toy.answers = [trouble]
        reply = self.answer()
        self.send()
        self.assertEqual((reply.state, self.texts()), ("uncertain", []))
        self.send()
        self.assertEqual((reply.state, self.toy.asked, len(self.toy.sent)), ("sent", 1, 1))

    def test_a_network_that_knows_keys_is_asked_again_with_the_same_key(self):
        self.toy.repeat_seconds = 3600
        self.toy.answers = [lost()]
        reply = self.answer()
        key = reply.key
        self.send()
        self.assertEqual(reply.state, "uncertain")
        self.send()
        self.assertEqual((reply.state, self.toy.asked, self.toy.sent), ("sent", 0, [("reply", reply.text, "1", key)]))

    def test_keys_are_not_relied_on_longer_than_the_network_keeps_them(self):
        self.toy.repeat_seconds = 3600
        self.toy.answers = [lost()]
        reply = self.answer()
        self.send()
        reply.first_tried_at -= timedelta(hours=2)
        self.send()
        self.assertEqual((reply.state, self.toy.asked, len(self.toy.sent)), ("sent", 1, 1))

    def test_where_the_network_shows_nothing_a_person_decides(self):
        self.toy.shows = False
        trouble = lost()
        trouble.arrived = False
        self.toy.answers = [trouble]
        reply = self.answer()
        self.send()
        self.send()
        self.assertEqual((reply.state, reply.next_try_at, reply.activity_ids.user_id), ("uncertain", False, self.agent))
        self.send()
        self.assertEqual(len(self.toy.sent), 0)
        reply.with_user(self.agent).action_was_not_sent()
        self.send()
        self.assertEqual((reply.state, len(self.toy.sent), len(reply.activity_ids)), ("sent", 1, 0))

    def test_a_person_says_that_it_arrived(self):
        self.toy.shows = False
        self.toy.answers = [lost()]
        reply = self.answer()
        self.send()
        self.send()
        reply.with_user(self.agent).action_was_sent()
        self.send()
        self.assertEqual((reply.state, len(self.toy.sent), self.mention.state), ("sent", 1, "done"))

    def test_after_a_crash_it_is_looked_for_before_it_is_repeated(self):
        for arrived in (True, False):
            with self.subTest(arrived=arrived):
                self.toy.reset()
                reply = self.answer(f"crash {arrived}")
                now = fields.Datetime.now()
                reply.write({"state": "sending", "tried_at": now, "first_tried_at": now, "attempts": 1})
                if arrived:
                    self.toy.sent.append(("reply", reply.text, "1", reply.key))
                self.env["community.outbox"]._send(20)
                self.assertEqual(reply.state, "uncertain")
                self.assertGreaterEqual(reply.next_try_at, now + timedelta(seconds=community_reply_send.ABANDONED))
                self.send()
                self.assertEqual((reply.state, len(self.toy.sent)), ("sent", 1))

    def test_a_network_that_says_it_has_it_already_is_believed_after_looking(self):
        reply = self.answer()
        self.toy.sent = [("reply", reply.text, "1", reply.key)]
        self.toy.answers = [Duplicate("You said that already.")]
        self.send()
        self.send()
        self.assertEqual((reply.state, len(self.toy.sent)), ("sent", 1))

    def test_a_rate_limit_makes_reading_and_sending_wait_and_is_no_attempt(self):
        until = datetime.now(UTC).replace(microsecond=0) + timedelta(minutes=7)
        self.toy.answers = [RateLimited("Wait.", until)]
        self.channel.next_poll_at = fields.Datetime.now()
        reply = self.answer()
        self.send()
        expected = until.replace(tzinfo=None)
        self.assertEqual((reply.state, reply.next_try_at, reply.attempts), ("queued", expected, 0))
        self.assertEqual(self.channel.rate_limited_until, expected)
        self.assertEqual(self.channel.next_poll_at, expected)
        self.send()
        self.assertEqual(self.texts(), [], "the account is silent until then, whatever is due")
        self.channel.rate_limited_until = False
        self.send()
        self.assertEqual(self.texts(), ["It is on its way."])

    def test_accounts_that_pause_do_not_take_the_place_of_others(self):
        waiting = self.answer("later")
        self.channel.rate_limited_until = fields.Datetime.now() + timedelta(minutes=7)
        other = self.make_channel("Second")
        self.ingest(other, item("9", text="Acme elsewhere"))
        self.answer("now", mention=self.mentions(other))
        with patch.object(community_outbox, "CLAIM_LIMIT", 1):
            self.send()
        self.assertEqual((self.texts(), waiting.state), (["now"], "queued"))

    def test_lost_access_keeps_messages_and_says_so(self):
        self.toy.answers = [AccessExpired("The token was withdrawn.")]
        reply = self.answer()
        self.send()
        self.assertEqual((reply.state, self.channel.state), ("queued", "access"))
        self.send()
        self.assertTrue(reply.held)
        self.assertIn("needs access", reply.status)
        self.channel._set_access({"token": "a new one"})
        self.send()
        self.assertEqual((reply.state, self.texts()), ("sent", ["It is on its way."]))

    def test_what_sending_costs_is_counted_and_a_used_up_budget_stops_no_answer(self):
        self.toy.currency, self.toy.send_cost = "USD", 0.5
        self.addCleanup(setattr, self.toy, "currency", "")
        self.addCleanup(setattr, self.toy, "send_cost", 0.0)
        self.channel.monthly_budget = 1
        self.toy.answers = [lost()]
        self.answer("one")
        self.send()
        self.send()
        self.assertEqual(self.channel.spent_month, 0.5, "charged once, although it was tried and looked for")
        for text in ("two", "three"):
            self.answer(text)
            self.send()
        self.channel.invalidate_recordset()
        self.assertEqual((self.channel.spent_month, self.texts()), (1.5, ["one", "two", "three"]))
        self.assertIn("budget", self.channel.activity_ids[:1].summary)

    def test_refusals_are_told_to_the_writer(self):
        for error, words in (
            (Refused("The conversation is locked."), "locked"),
            (AccessDenied("You are blocked."), "blocked"),
            (Gone("Not there."), "deleted on the network"),
        ):
            with self.subTest(error=error):
                self.toy.answers = [error]
                reply = self.answer(words)
                self.send()
                self.assertEqual(reply.state, "failed")
                self.assertIn(words, reply.status)
                self.assertEqual(reply.activity_ids.user_id, self.agent)
                reply.with_user(self.agent).action_draft()

    def test_a_defect_of_a_connector_is_no_reason_to_repeat(self):
        reply = self.answer()
        self.toy.sent = [("reply", reply.text, "1", reply.key)]
        self.toy.answers = [ZeroDivisionError("a defect with token of Desk in it")]
        with mute_logger("odoo.addons.community_manager.models.response.community_reply_send"):
            self.send()
        self.assertEqual(reply.state, "uncertain")
        self.assertNotIn("token of Desk", reply.problem + (reply.problem_detail or ""))
        self.send()
        self.assertEqual((reply.state, len(self.toy.sent)), ("sent", 1))

    def test_cancelled_while_queued_never_goes_out(self):
        reply = self.answer()
        reply.with_user(self.agent).action_cancel()
        self.send()
        self.assertEqual((reply.state, self.texts()), ("cancelled", []))
        for state in ("sending", "sent", "uncertain"):
            reply.state = state
            with self.assertRaises(UserError):
                reply.with_user(self.agent).action_cancel()

    def test_limits_are_told_before_sending(self):
        self.toy.text_limit = 10
        with self.assertRaisesRegex(UserError, "17 characters; this network takes 10"):
            self.answer()
        self.assertEqual(self.mention.with_user(self.agent).check_reply("It is on its way.", "reply")["length"], 17)
        with self.assertRaisesRegex(UserError, "nothing to say"):
            self.answer("  ")

    def test_a_mention_deleted_meanwhile_is_not_answered(self):
        reply = self.answer()
        self.mention._erase_content()
        self.send()
        self.assertEqual((reply.state, self.texts()), ("failed", []))
        with self.assertRaisesRegex(UserError, "deleted"):
            self.answer()

    def test_two_accounts_send_side_by_side(self):
        other = self.make_channel("Second")
        self.ingest(other, item("9", text="Acme elsewhere"))
        self.answer("from the first")
        self.answer("from the second", mention=self.mentions(other))
        self.send()
        self.assertEqual(sorted(self.texts()), ["from the first", "from the second"])

    def test_only_accounts_of_the_same_server_answer_what_only_that_server_knows(self):
        same = self.make_channel("Same", access={"source": "Same", "server": "https://One.example/x"})
        far = self.make_channel("Far", access={"source": "Far", "server": "https://two.example"})
        self.ingest(same, item("7", text="Acme there", realm="one.example"))
        there = self.mentions(same)
        self.assertEqual(there._reply_channels(), same)
        self.assertEqual(set(self.mention._reply_channels().ids), {self.channel.id, same.id, far.id})
        same.action_pause()
        same.state = "draft"
        options = there.get_reply_options()
        self.assertEqual(options["ways"], [])
        self.assertIn("No account", options["reason"])

    def test_writers_are_told_when_their_account_is_deleted(self):
        waiting = self.answer()
        self.channel.unlink()
        self.assertEqual((waiting.state, waiting.channel_id.id, self.mention.exists()), ("failed", False, self.mention))
        self.assertIn("account was deleted", waiting.status)
        self.assertEqual(waiting.activity_ids.user_id, self.agent)
        self.assertEqual(waiting.network, "toy")
        self.send()
        self.assertEqual(self.texts(), [])

    def test_a_channel_without_its_connector_keeps_its_messages_and_disturbs_nobody(self):
        lost_one = self.make_channel("Lost")
        self.ingest(lost_one, item("9", text="Acme elsewhere"))
        waiting = self.answer("waits", mention=self.mentions(lost_one))
        lost_one.flush_recordset()
        self.env.cr.execute("UPDATE community_channel SET network = 'gone' WHERE id = %s", [lost_one.id])
        lost_one.invalidate_recordset()
        self.answer("goes")
        self.send()
        self.assertEqual((waiting.state, self.texts()), ("queued", ["goes"]))
        self.assertIn("not installed", waiting.status)
