from datetime import UTC, datetime, timedelta
from unittest.mock import patch

from odoo.exceptions import AccessError
from odoo.tests import tagged
from odoo.tools import mute_logger

from odoo.addons.community_manager.connectors.errors import Duplicate, RateLimited, Refused
from odoo.addons.community_manager.models.response import community_reply_send

from .common import item
from .test_outbox import OutboxCase
from .toy_sending import lost

LOUD = (
    "odoo.addons.community_manager.models.response.community_outbox",
    "odoo.addons.community_manager.models.response.community_reply_send",
)


class Odd(BaseException):
    """What no connector should raise."""


@tagged("post_install", "-at_install")
class TestHostileNetworks(OutboxCase):
    """Whatever a network answers, a message comes to an end, others go on, and nobody is asked in circles."""

    def setUp(self):
        super().setUp()
        self.asked = []
        self.toy.before_sending = staticmethod(self.asked.append)

    def other_mention(self, number="2", **values):
        self.ingest(self.channel, item(number, text="Acme, another question", **values))
        return self.mentions(self.channel, external_id=number)

    def test_answers_that_cannot_be_stored(self):
        for answer in (item("a\0b"), item("\udcff"), item("y", url="https://toy.example/\0"), True, "said-0"):
            for keys in (0, 3600):
                with self.subTest(answer=answer, keys=keys), mute_logger(*LOUD):
                    self.asked.clear()
                    self.toy.asked, self.toy.repeat_seconds = 0, keys
                    reply = self.answer(f"{answer!r:.50} {keys}")
                    with patch.object(self.toy, "_said", lambda toy, outgoing, answer=answer: answer):
                        self.send()
                        self.assertEqual((reply.state, len(self.asked)), ("uncertain", 1))
                        for _look in range(community_reply_send.MOST_ATTEMPTS):
                            self.send()
                    self.assertEqual((reply.state, reply.next_try_at), ("uncertain", False))
                    self.assertLessEqual(len(self.asked) + self.toy.asked, community_reply_send.MOST_ATTEMPTS)
                    self.assertEqual(reply.activity_ids.user_id, self.agent)
                    reply.with_user(self.agent).action_was_sent()

    def test_errors_that_cannot_be_stored(self):
        for error, state in (
            (Refused("a\0b"), "failed"),
            (Refused("a\udcff"), "failed"),
            (Refused("x", detail="\0\udcff"), "failed"),
            (ZeroDivisionError("\0\udcff"), "uncertain"),
            (RecursionError("too deep"), "uncertain"),
            (Odd("x"), "uncertain"),
        ):
            with self.subTest(error=error), mute_logger(*LOUD):
                self.toy.answers = [error]
                reply = self.answer()
                self.send()
                self.assertEqual(reply.state, state)
                self.assertTrue(reply.problem)
                self.send()
                if state == "uncertain":
                    self.assertEqual(reply.state, "sent")

    def test_a_pause_holds_for_all_conversations_at_once(self):
        until = datetime.now(UTC).replace(microsecond=0) + timedelta(minutes=7)
        self.toy.answers = [RateLimited("Wait.", until)]
        self.answer("one")
        self.answer("two", mention=self.other_mention())
        self.send()
        self.assertEqual((len(self.asked), self.texts()), (1, []))

    def test_a_pause_that_is_over_already_is_a_pause(self):
        self.toy.answers = [RateLimited("Wait.", datetime.now(UTC) - timedelta(minutes=7)) for _time in range(50)]
        reply = self.answer()
        self.send()
        self.assertEqual(len(self.asked), 1)
        self.assertGreater(reply.next_try_at, reply.tried_at)
        reply.write({"state": "uncertain", "first_tried_at": reply.tried_at})
        over = RateLimited("Wait.", datetime.now(UTC) - timedelta(minutes=7))
        reply._conclude("find", None, over)
        self.assertGreater(reply.next_try_at, reply.tried_at)

    def test_a_network_that_says_it_has_it_and_is_asked_by_key_is_not_asked_in_circles(self):
        self.toy.repeat_seconds = 3600
        self.toy.answers = [Duplicate("You said that already.") for _time in range(50)]
        reply = self.answer()
        self.send()
        self.assertEqual((reply.state, len(self.asked)), ("uncertain", 2))
        self.assertGreater(reply.next_try_at, reply.tried_at)

    def test_what_a_person_decided_meanwhile_stands(self):
        self.toy.answers = [lost()]
        reply = self.answer()
        self.send()
        reply.with_user(self.agent).action_was_sent()
        reply._conclude("find", None, None)
        reply._conclude("find", None, Refused("No."))
        self.assertEqual((reply.state, reply.next_try_at, reply.problem), ("sent", False, False))
        self.send()
        self.assertEqual(len(self.toy.sent), 1)

    def test_a_mention_deleted_while_nobody_knows_what_became_of_its_answer(self):
        self.toy.answers = [lost()]
        reply = self.answer()
        self.send()
        self.mention.unlink()
        self.env.invalidate_all()
        self.send()
        self.assertEqual((reply.state, len(self.toy.sent)), ("sent", 1))

    def test_a_writer_who_left(self):
        self.toy.answers = [Refused("No."), Refused("No.")]
        mine = self.answer("one")
        theirs = self.answer("two", mention=self.other_mention())
        theirs.user_id = False
        self.agent.group_ids -= self.env.ref("community_manager.group_agent")
        self.send()
        self.assertEqual((mine.state, theirs.state), ("failed", "failed"))


@tagged("post_install", "-at_install")
class TestLongQueues(OutboxCase):
    """What waits does not hold up what can go."""

    def test_what_is_free_is_found_behind_what_is_held(self):
        count = 2 * community_reply_send.HEADS + 5
        self.ingest(self.channel, *(item(f"m{n}", text="Acme, a question", author=f"a{n}") for n in range(count)))
        for mention in self.mentions(self.channel) - self.mention:
            self.answer("held", mention=mention)
        authors = (self.mentions(self.channel) - self.mention).author_id
        self.env["community.hold"].create({"name": "Complaint", "author_ids": authors.ids})
        self.answer("goes")
        self.send()
        self.assertEqual(self.texts(), ["goes"])

    def test_choosing_takes_as_many_queries_however_many_wait(self):
        def queries():
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            self.env["community.reply"]._next_of(self.channel)
            return self.env.cr.sql_log_count - before

        for number in range(community_reply_send.HEADS + 1):
            self.answer(f"answer {number}")
        few = queries()
        for number in range(200):
            self.answer(f"another {number}")
        self.assertLessEqual(queries(), few)


@tagged("post_install", "-at_install")
class TestEmptyHolds(OutboxCase):
    """A hold on something that is deleted ends: it never becomes one on everything."""

    def assert_forgotten(self, doomed, **values):
        hold = self.env["community.hold"].create({"name": "Reason", **values})
        both = self.env["community.hold"].create({"name": "Crisis", **values})
        name = next(iter(values))
        kept = {"channel_ids": self.channel, "author_ids": self.mention.author_id, "reply_ids": self.reply}[name]
        both[name] += kept
        self.assertEqual(self.reply.hold_reason, "Crisis")
        doomed.unlink()
        self.env.invalidate_all()
        self.assertEqual((hold.active, both.active, both[name]), (False, True, kept))
        both.action_end()
        self.assertFalse(self.reply.held)

    def setUp(self):
        super().setUp()
        self.reply = self.answer()

    def test_a_channel(self):
        second = self.make_channel("Second")
        self.assert_forgotten(second, channel_ids=second.ids)

    def test_an_archived_channel(self):
        second = self.make_channel("Second")
        self.env["community.hold"].create({"name": "Reason", "channel_ids": second.ids})
        second.active = False
        self.env.invalidate_all()
        self.reply._look_at_holds()
        self.assertFalse(self.reply.held)

    def test_a_message(self):
        second = self.answer("two")
        second.action_cancel()
        self.assert_forgotten(second, reply_ids=second.ids)

    def test_a_person(self):
        self.ingest(self.channel, item("2", text="Acme, another question", author="bob"))
        other = self.mentions(self.channel) - self.mention
        bob = other.author_id
        other.unlink()
        self.assert_forgotten(bob, author_ids=bob.ids)


@tagged("post_install", "-at_install")
class TestHostileAgents(OutboxCase):
    """What the outbox decides cannot be said by the way."""

    def test_by_defaults_of_the_context(self):
        key = "0" * 32
        context = {"default_state": "sent", "default_key": key, "default_attempts": 5, "default_external_id": "7"}
        context["default_user_id"] = self.manager.id
        replies = self.env["community.reply"].with_user(self.agent).with_context(**context)
        reply = replies.create({"mention_id": self.mention.id, "text": "x"})
        self.assertEqual((reply.state, reply.attempts, reply.external_id), ("draft", 0, False))
        self.assertEqual(reply.user_id, self.agent)
        self.assertNotEqual(reply.key, key)

    def test_as_somebody_else_or_to_somebody_else(self):
        reply = self.answer().with_user(self.agent)
        for values in (
            {"user_id": self.manager.id},
            {"author_id": False},
            {"conversation_id": False},
            {"network": False},
        ):
            with self.subTest(values=values):
                with self.assertRaises(AccessError):
                    reply.write(values)
                with self.assertRaises(AccessError):
                    reply.create({"mention_id": self.mention.id, "text": "x", **values})

    def test_through_the_mention_and_by_import(self):
        mention = self.mention.with_user(self.agent)
        reply = self.answer()
        for command in ((0, 0, {"text": "x", "state": "sent"}), (1, reply.id, {"state": "sent"})):
            with self.assertRaises(AccessError):
                mention.write({"reply_ids": [command]})
        result = self.env["community.reply"].with_user(self.agent).load(["text", "state"], [["a", "Sent"]])
        self.assertFalse(result["ids"])

    def test_what_a_network_told_stays_as_it_was_told(self):
        mention = self.mention.with_user(self.manager)
        for record, name, value in (
            (mention, "external_id", "2"),
            (mention, "identifiers", {"path": ".."}),
            (mention, "channel_id", False),
            (mention, "text", "Acme is great"),
            (mention.author_id, "external_id", "somebody else"),
            (mention.conversation_id, "external_id", "elsewhere"),
        ):
            with self.subTest(record=record, name=name), self.assertRaises(AccessError):
                record[name] = value
        mention.write({"state": "open", "user_id": self.agent.id})
        mention._erase_content()
        self.assertTrue(mention.deleted_at)
