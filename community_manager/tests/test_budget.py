from datetime import UTC, datetime, timedelta

from freezegun import freeze_time

from odoo import fields
from odoo.tests import tagged

from odoo.addons.community_manager.connectors.errors import RateLimited
from odoo.addons.community_manager.connectors.http import KEPT_FOR_ANSWERS

from .common import item, page
from .test_renewal import ClubCase


@tagged("post_install", "-at_install")
class TestBudget(ClubCase):
    """What reading costs is counted, and a budget that is used up stops it until the next month."""

    def setUp(self):
        super().setUp()
        self.channel.with_user(self.admin).monthly_budget = 10.0

    def spend(self, amount):
        """Count a cost that reading or sending has caused."""
        self.env["community.channel.usage"]._count(self.channel, cost=amount)
        self.env.invalidate_all()

    def notices(self):
        """Return the open activities about the budget."""
        return self.channel.activity_search(["community_manager.activity_budget"])

    def test_counted(self):
        """Pages count what they cost, those that are stored together too, and the sum of the month is shown."""
        self.says([page(item("1"), cost=0.25), page(item("2"), cost=0.5), page()])
        self.listen(self.channel)
        self.assertAlmostEqual(self.channel.spent_month, 0.75)
        self.spend(1.0)
        self.assertAlmostEqual(self.channel.spent_month, 1.75)
        self.assertEqual(self.channel.currency, "USD")

    def test_stops_in_the_middle(self):
        """The page that uses up the budget is stored and is the last one; what comes after waits for the next month."""
        self.spend(9.0)
        self.says([page(item("1"), cost=0.6), page(item("2"), cost=0.6), page(item("3"), cost=0.6)])
        self.listen(self.channel)
        self.assertEqual(self.mentions(self.channel).mapped("external_id"), ["1", "2"])
        self.assertEqual(self.channel.position, {"last": "2"})
        self.assertEqual(self.channel.next_poll_at, self.channel._month()[1])
        self.listen(self.channel)
        self.assertEqual(len(self.club.seen["Club"]), 1)
        self.assertEqual(self.channel.next_poll_at, self.channel._month()[1])
        self.assertEqual((self.channel.state, self.channel.health), ("listening", "warning"))
        self.assertIn("10.00 USD", self.channel.health_text)
        self.assertIn("answering goes on", self.channel.health_text)

    def test_goes_on(self):
        """A higher budget, or the next month, lets reading go on from where it stopped."""
        self.spend(12.0)
        self.says([page(item("1"))])
        self.listen(self.channel)
        self.assertNotIn("Club", self.club.seen)
        self.channel.with_user(self.admin).monthly_budget = 20.0
        self.assertLessEqual(self.channel.next_poll_at, fields.Datetime.now())
        self.listen(self.channel)
        self.assertEqual(len(self.mentions(self.channel)), 1)
        self.spend(12.0)
        self.assertLess(self.channel._budget_left(), 0)
        with freeze_time(self.channel._month()[1] + timedelta(minutes=1)):
            self.env.invalidate_all()
            self.assertEqual(self.channel.spent_month, 0)
            self.assertNotIn("budget", self.channel.health_text)
            self.give(self.channel)
            self.listen(self.channel)
            self.assertEqual((len(self.club.seen["Club"]), self.channel.health), (2, "ok"))

    def test_month_of_the_company(self):
        """The month is that of the company's place, not of the server."""
        self.company.partner_id.tz = "Pacific/Kiritimati"
        with freeze_time("2026-03-31 11:00:00"):
            start, end, first, following = self.channel._month()
            self.assertEqual((first.isoformat(), following.isoformat()), ("2026-04-01", "2026-05-01"))
            self.assertEqual(start, datetime(2026, 3, 31, 10, 0))
            self.assertEqual(end, datetime(2026, 4, 30, 10, 0))
        self.company.partner_id.tz = "America/New_York"
        with freeze_time("2026-04-01 03:00:00"):
            self.assertEqual(self.channel._month()[2].isoformat(), "2026-03-01")
        with freeze_time("2026-12-15 03:00:00"):
            self.assertEqual(self.channel._month()[3].isoformat(), "2027-01-01")

    def test_notice(self):
        """At four fifths the people in charge are told, once a month."""
        self.says([page(cost=1.0)])
        self.spend(6.5)
        self.listen(self.channel)
        self.assertFalse(self.notices())
        self.listen(self.channel)
        self.assertEqual(self.notices().user_id, self.admin)
        self.assertIn("8.50 USD", self.notices().note)
        self.listen(self.channel)
        self.assertEqual(len(self.notices()), 1)
        self.notices().action_done()
        self.listen(self.channel)
        self.assertFalse(self.notices(), "told once")
        self.assertFalse(self.warnings(), "nothing is broken")

    def test_without_a_limit(self):
        """No budget, or a network that is free, stops nothing."""
        self.spend(100.0)
        self.channel.with_user(self.admin).monthly_budget = 0
        self.says([page(item("1"), cost=5.0), page(item("2"), cost=5.0)])
        self.listen(self.channel)
        self.assertEqual(len(self.mentions(self.channel)), 2)
        free = self.make_channel("Free", monthly_budget=0.01)
        self.env["community.channel.usage"]._count(free, cost=5.0)
        self.script("Free", [page(item("3"))])
        self.listen(free)
        self.assertEqual(len(self.mentions(free)), 1)

    def test_second_look(self):
        """Conversations are not looked at again for money that is not there; what a look costs is counted."""
        self.says([page(item("1"))])
        self.listen(self.channel)
        conversations = self.env["community.conversation"].search([("channel_id", "=", self.channel.id)])
        conversations.next_look_at = "2020-01-01 00:00:00"

        def thread(connector, item_id, identifiers):
            connector.spent += 0.25
            return [item("1")]

        self.patch(self.club, "thread", thread)
        self.assertEqual(self.env["community.listener"]._look_again(), (1, 0))
        self.env.invalidate_all()
        self.assertAlmostEqual(self.channel.spent_month, 0.25)
        self.spend(10.0)
        conversations.next_look_at = "2020-01-01 00:00:00"
        self.assertEqual(self.env["community.listener"]._look_again(), (0, 0))


@tagged("post_install", "-at_install")
class TestTurn(ClubCase):
    """What a connector is told, and the pauses that a network asks for."""

    def test_pause_of_the_account(self):
        """A pause that the network asks for is kept by listening, and known to whoever sends."""
        until = datetime.now(UTC) + timedelta(minutes=40)
        self.says([RateLimited("Wait.", until)], [page(item("1"))])
        self.listen(self.channel)
        self.assertEqual(self.channel.rate_limited_until, self.channel.next_poll_at)
        self.assertEqual((self.channel.state, self.channel.error_count), ("listening", 0))
        self.listen(self.channel)
        self.assertEqual(len(self.club.seen["Club"]), 1, "not asked again before")
        self.assertEqual(self.channel.next_poll_at, self.channel.rate_limited_until)
        self.channel.rate_limited_until = fields.Datetime.now() - timedelta(seconds=1)
        self.listen(self.channel)
        self.assertEqual(len(self.mentions(self.channel)), 1)

    def test_requests_left_to_answers(self):
        """Where listening itself leaves the rest to answering, answering is not held up by that."""
        until = datetime.now(UTC) + timedelta(minutes=40)
        self.says([RateLimited("Wait.", until, status=None)])
        self.listen(self.channel)
        self.assertFalse(self.channel.rate_limited_until)
        self.assertGreater(self.channel.next_poll_at, fields.Datetime.now() + timedelta(minutes=39))

    def test_reserve(self):
        """Listening leaves requests to answering; nothing else does."""
        listening = self.env["community.listener"]._prepare(self.channel, None, None)
        self.assertEqual(listening.reserve, KEPT_FOR_ANSWERS)
        self.assertEqual(self.channel._connector().reserve, 0)

    def test_words_to_search_for(self):
        """A connector that can search knows the words of the channel's topics, or of all of its company."""
        self.make_topic("Shoes", "boot*", "acme  shoes", "-cheap")
        sleeping = self.make_topic("Asleep", "never")
        sleeping.active = False
        elsewhere = self.env["res.company"].create({"name": "Elsewhere"})
        self.make_topic("Others", "other", company_id=elsewhere.id)
        self.assertEqual(set(self.channel._connector().keywords), {"acme", "boot", "acme shoes"})
        self.channel.topic_ids = self.topic
        self.assertEqual(self.channel._connector().keywords, ("acme",))
        self.patch(self.club, "capabilities", frozenset({"listen"}))
        self.assertEqual(self.channel._connector().keywords, ())

    def test_who_we_are(self):
        """A connector knows the account that was connected."""
        self.assertEqual(self.channel._connector().account_id, "")
        self.channel.with_user(self.admin).action_check()
        self.assertEqual(self.channel._connector().account_id, "7")
