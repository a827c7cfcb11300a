import time
from datetime import UTC, datetime, timedelta
from unittest.mock import patch

import psycopg2

from odoo import fields, sql_db
from odoo.exceptions import UserError
from odoo.tests import tagged
from odoo.tools import mute_logger

from odoo.addons.community_manager.connectors.errors import AccessDenied, Interrupted, RateLimited, Retriable
from odoo.addons.community_manager.connectors.items import Reject
from odoo.addons.community_manager.models.listening import community_listener
from odoo.addons.community_manager.models.listening.community_listener import CLAIM_CLASS

from .common import CommunityCase, item, page
from .toy import gone

INGEST = "odoo.addons.community_manager.models.listening.community_ingest"
LISTENER = "odoo.addons.community_manager.models.listening.community_listener"


@tagged("post_install", "-at_install")
class TestListener(CommunityCase):
    """From due channels to stored pages."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.channel = cls.make_channel("One")

    def test_pages_and_positions(self):
        """Each page is stored with its position, and the next run goes on from the last one."""
        self.script("One", [page(item("1"), item("2")), page(item("3"))], [page(item("4"))])
        self.assertEqual(self.listen(self.channel), (1, 0))
        self.assertEqual(self.mentions(self.channel).mapped("external_id"), ["1", "2", "3"])
        self.assertEqual(self.channel.sudo().position, {"last": "3"})
        self.listen(self.channel)
        self.assertEqual(self.toy.seen["One"], [{}, {"last": "3"}])
        self.assertEqual(len(self.mentions(self.channel)), 4)
        self.assertEqual(self.channel.sudo().position, {"last": "4"})

    def test_the_same_page_again(self):
        """A page that comes again, because a crash lost its position or the network repeats itself, stores nothing."""
        self.script("One", [page(item("1"), item("2"), item("2"))])
        self.listen(self.channel)
        self.channel.sudo().position = False
        self.listen(self.channel)
        self.assertEqual(self.mentions(self.channel).mapped("external_id"), ["1", "2"])
        self.assertEqual(self.env["community.author"].search_count([("network", "=", "toy")]), 1)

    def test_busy_and_quiet(self):
        """A channel that brings mentions is asked again sooner than one that brings none."""
        self.script("One", [page(item("1"))], [page()])
        self.listen(self.channel)
        busy = self.channel.poll_seconds
        self.assertEqual(busy, 60)
        for _run in range(20):
            self.listen(self.channel)
        self.assertEqual(self.channel.poll_seconds, 3600)
        self.assertGreater(self.channel.next_poll_at, fields.Datetime.now() + timedelta(minutes=59))

    def test_not_due(self):
        """A channel that is not due, or paused, is left alone by the scheduled action."""
        paused = self.make_channel("Paused")
        paused.action_pause()
        self.channel.next_poll_at = fields.Datetime.now() + timedelta(hours=1)
        self.assertFalse(self.env["community.listener"]._due_channels() & (paused | self.channel))
        self.assertEqual(self.env["community.listener"]._listen_channels(self.channel), (0, 0))
        self.assertNotIn("One", self.toy.seen)

    def test_bad_item(self):
        """What no column can hold goes to quarantine, and the rest of its page is stored."""
        bad = item("2", text="Acme \x00 nil")
        self.script("One", [page(item("1"), bad, item("3"), item("", text="Acme"), item("5"))])
        with mute_logger(INGEST):
            self.listen(self.channel)
        self.assertEqual(self.mentions(self.channel).mapped("external_id"), ["1", "3", "5"])
        kept = self.env["community.quarantine"].search([("channel_id", "=", self.channel.id)])
        self.assertEqual(set(kept.mapped("external_id")), {"2", ""})
        self.assertEqual(self.channel.sudo().position, {"last": "5"})
        self.assertEqual(self.channel.error_count, 0, "a bad item is no failure of the channel")
        self.assertEqual(self.channel.quarantine_count, 2)

    def test_reject(self):
        """What the connector could not read is kept as it came."""
        reject = Reject({"id": 7, "odd": "\ud800"}, "No date.", "7")
        self.script("One", [page(item("1"), rejects=[reject])])
        self.listen(self.channel)
        kept = self.env["community.quarantine"].search([("channel_id", "=", self.channel.id)])
        self.assertEqual((kept.external_id, kept.error, kept.readable), ("7", "No date.", False))
        self.assertIn("ud800", kept.payload)
        self.assertEqual(len(self.mentions(self.channel)), 1)

    def test_replayed_after_meeting_another_worker(self):
        """A page that meets another worker's transaction is replayed whole, and nothing goes to quarantine."""
        ingest = self.registry["community.ingest"]
        original, calls = ingest._store, []

        def store(this, channel, items, *prepared):
            calls.append(len(items))
            if len(calls) == 1:
                original(this, channel, items, *prepared)
                raise psycopg2.errors.SerializationFailure("could not serialize access")
            return original(this, channel, items, *prepared)

        self.script("One", [page(item("1"), item("2"))])
        with patch.object(ingest, "_store", store):
            self.listen(self.channel)
        self.assertEqual(calls, [2, 2])
        self.assertEqual(len(self.mentions(self.channel)), 2)
        self.assertFalse(self.env["community.quarantine"].search_count([("channel_id", "=", self.channel.id)]))
        self.assertEqual(self.channel.listen_read, 2)

    def test_one_failure_leaves_others(self):
        """Whatever happens to one channel, the others are listened to and the run ends well."""
        others = [self.make_channel(name) for name in ("Down", "Broken", "Two")]
        self.script("Down", [page(item("d1")), Retriable("It does not answer.")])
        self.script("Broken", [KeyError("surprise")])
        self.script("Two", [page(item("t1"))])
        self.script("One", [page(item("1"))])
        with mute_logger(LISTENER):
            finished, left = self.listen(self.channel, *others)
        self.assertEqual((finished, left), (4, 0))
        down, broken, two = others
        self.assertEqual([c.error_count for c in (self.channel, down, broken, two)], [0, 1, 1, 0])
        self.assertEqual(down.last_error, "It does not answer.")
        self.assertEqual(broken.last_error, "Something unexpected happened while listening.")
        self.assertIn("surprise", broken.sudo().last_error_detail)
        self.assertEqual(len(self.mentions(down)), 1, "pages before a failure stay")
        self.assertEqual(down.sudo().position, {"last": "d1"})

    def test_a_page_that_cannot_be_stored_stops_its_channel(self):
        """When storing itself fails nothing after that page is stored, so no position overtakes it."""
        self.script("One", [page(item("1")), page(item("2")), page(item("3"))])
        ingest = self.registry["community.ingest"]
        original = ingest._ingest_page

        def ingest_page(this, channel, step, *prepared):
            if step.items[0].external_id == "2":
                time.sleep(0.2)  # the next page waits in the queue by now
                raise psycopg2.errors.DiskFull("no space left")
            return original(this, channel, step, *prepared)

        with (
            patch.object(ingest, "_ingest_page", ingest_page),
            patch.object(community_listener, "PORTION", 1),
            mute_logger(LISTENER),
        ):
            self.listen(self.channel)
        self.assertEqual(self.mentions(self.channel).mapped("external_id"), ["1"])
        self.assertEqual(self.channel.sudo().position, {"last": "1"})
        self.assertEqual(self.channel.error_count, 1)
        self.listen(self.channel)
        self.assertEqual(self.mentions(self.channel).mapped("external_id"), ["1", "2", "3"])

    def test_pause_asked_for(self):
        """A rate limit is no failure: the channel comes back when the network says."""
        when = datetime.now(UTC).replace(microsecond=0) + timedelta(minutes=17)
        self.script("One", [page(item("1")), RateLimited("Too many requests.", retry_at=when)])
        self.listen(self.channel)
        self.assertEqual(self.channel.next_poll_at, when.replace(tzinfo=None))
        self.assertEqual((self.channel.error_count, self.channel.state), (0, "listening"))
        self.assertEqual(len(self.mentions(self.channel)), 1)

    def test_time_used_up(self):
        """When the time of a run ends, what was stored stays and the channel is due at once."""
        self.toy.before_page = staticmethod(lambda connector: time.sleep(0.15))
        self.script("One", [page(item(str(number))) for number in range(50)])
        finished, left = self.listen(self.channel, budget=0.8)
        self.assertEqual((finished, left), (0, 1))
        stored = len(self.mentions(self.channel))
        self.assertTrue(0 < stored < 50)
        self.assertLessEqual(self.channel.next_poll_at, fields.Datetime.now())
        self.assertEqual(self.channel.sudo().position, {"last": str(stored - 1)})
        self.assertEqual(self.channel.error_count, 0)

    def test_claimed_elsewhere(self):
        """A channel that another worker has is passed over, not waited for."""
        self.script("One", [page(item("1"))])
        with sql_db.db_connect(self.env.cr.dbname).cursor() as other:
            other.execute("SELECT pg_advisory_xact_lock(%s, %s)", (CLAIM_CLASS, self.channel.id))
            self.assertEqual(self.listen(self.channel), (0, 0))
        self.assertNotIn("One", self.toy.seen)
        self.assertEqual(self.listen(self.channel), (1, 0))

    def test_listen_now(self):
        """The button makes the channel due, wakes the listener, and the form shows how it went."""
        self.script("One", [page(item("1"), item("2", text="nothing of interest"))])
        self.channel.next_poll_at = fields.Datetime.now() + timedelta(hours=1)
        self.channel.with_user(self.agent).action_listen_now()
        self.assertEqual(self.channel.listen_state, "waiting")
        self.assertLessEqual(self.channel.next_poll_at, fields.Datetime.now())
        states = []
        self.toy.before_page = staticmethod(lambda connector: states.append("asked"))
        self.listen(self.channel)
        self.assertEqual(states, ["asked"])
        self.assertEqual(self.channel.listen_state, "idle")
        self.assertEqual((self.channel.listen_read, self.channel.listen_stored), (2, 1))
        self.assertEqual(self.channel.listen_result, "2 read, 1 stored.")

    def test_listen_now_needs_a_started_channel(self):
        """A draft or paused channel says what to do first."""
        draft = self.make_channel("Draft", start=False)
        with self.assertRaisesRegex(UserError, "Start it first"):
            draft.action_listen_now()

    def test_listen_now_fails(self):
        """The result of a failed run is its sentence."""
        self.script("One", [Retriable("It does not answer.")])
        self.channel.action_listen_now()
        self.listen(self.channel)
        self.assertEqual((self.channel.listen_state, self.channel.listen_result), ("idle", "It does not answer."))

    def test_scheduled_action(self):
        """The scheduled action itself, with cursors of its own."""
        self.script("One", [page(item("1")), page(item("2"))])
        self.channel.next_poll_at = "2020-01-01 00:00:00"
        with self.enter_registry_test_mode():
            self.env.ref("community_manager.cron_listen").method_direct_trigger()
        self.assertEqual(len(self.mentions(self.channel)), 2)
        self.assertEqual(self.channel.sudo().position, {"last": "2"})
        self.assertTrue(self.channel.last_success_at)

    def test_removed_meanwhile(self):
        """A channel that is deleted between two pages is simply not stored for."""
        channel = self.make_channel("Short-lived")
        # nothing refers to it yet, so it can be deleted
        self.toy.before_page = staticmethod(lambda connector: None)
        self.script("Short-lived", [page(), page(item("x"))])
        listener = self.registry["community.listener"]
        original = listener._take

        def take(this, found, value):
            result = original(this, found, value)
            found.unlink()
            return result

        with patch.object(listener, "_take", take):
            self.assertEqual(self.listen(channel), (1, 0))
        self.assertFalse(self.env["community.mention"].search_count([("external_id", "=", "x")]))

    def test_look_again_finds_deletion_and_answers(self):
        """Only the network's own word that something is gone removes its content; a new answer is kept."""
        self.ingest(self.channel, item("1", text="Acme one"), item("2", text="Acme two"))
        first, second = self.mentions(self.channel)
        conversations = (first | second).conversation_id
        self.assertEqual(len(conversations), 2)
        conversations.next_look_at = "2020-01-01 00:00:00"
        self.toy.things = {"1": gone(), "2": item("2", text="Acme two, edited")}
        self.env["community.listener"]._look_again()
        self.env.invalidate_all()
        self.assertTrue(first.deleted_at)
        self.assertFalse(first.text)
        self.assertEqual(second.text, "Acme two, edited")
        self.assertEqual(second.version_ids.text, "Acme two")

    def test_look_again_without_an_answer(self):
        """A network that does not answer proves no deletion."""
        self.ingest(self.channel, item("1"))
        mention = self.mentions(self.channel)
        mention.conversation_id.next_look_at = "2020-01-01 00:00:00"
        self.toy.things = {"1": Retriable("It does not answer.")}
        self.env["community.listener"]._look_again()
        self.env.invalidate_all()
        self.assertEqual(mention.text, "Acme is great")
        self.assertEqual(self.channel.error_count, 1)

    def test_look_again_leaves_the_schedule_alone(self):
        """A second look at a conversation neither hastens nor delays the next poll of its channel."""
        self.ingest(self.channel, item("1"))
        self.channel.next_poll_at = "2030-01-01 12:00:00"
        self.mentions(self.channel).conversation_id.next_look_at = "2020-01-01 00:00:00"
        self.env["community.listener"]._look_again()
        self.env.invalidate_all()
        self.assertEqual(str(self.channel.next_poll_at), "2030-01-01 12:00:00")
        self.assertFalse(self.mentions(self.channel).conversation_id.next_look_at, "too old to be looked at again")

    def test_a_post_that_may_not_be_seen_is_no_fault_of_its_channel(self):
        """A network that refuses one post proves no deletion, and the others are looked at all the same."""
        self.ingest(self.channel, item("1"), item("2"))
        first, second = self.mentions(self.channel)
        (first | second).conversation_id.next_look_at = "2020-01-01 00:00:00"
        self.toy.things = {"1": AccessDenied("Only followers see it."), "2": gone()}
        self.env["community.listener"]._look_again()
        self.env.invalidate_all()
        self.assertEqual(first.text, "Acme is great")
        self.assertTrue(second.deleted_at)
        self.assertEqual((self.channel.state, self.channel.error_count), ("listening", 0))

    def test_time_used_up_is_no_failure(self):
        """A channel that was cut off before its first page stays due, without success and without failure."""
        self.script("One", [Interrupted("The time of this run is used up.")])
        self.listen(self.channel)
        self.assertEqual(self.channel.error_count, 0)
        self.assertFalse(self.channel.last_success_at)
        self.assertLessEqual(self.channel.next_poll_at, fields.Datetime.now(), "it is due at once")
