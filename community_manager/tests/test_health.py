from datetime import UTC, datetime, timedelta
from unittest.mock import patch

from freezegun import freeze_time

from odoo import fields
from odoo.exceptions import UserError
from odoo.tests import tagged
from odoo.tools import mute_logger

from odoo.addons.community_manager.connectors.errors import AccessExpired, Misconfigured, RateLimited, Retriable
from odoo.addons.community_manager.connectors.items import Check
from odoo.addons.community_manager.models.listening.community_channel_health import ACCESS_RETRY, LONGEST_BACKOFF

from .common import CommunityCase, item, page

DOWN = "It does not answer."


@tagged("post_install", "-at_install")
class TestHealth(CommunityCase):
    """How a channel does, who is told, and when."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.channel = cls.make_channel("One", user_ids=[(6, 0, cls.admin.ids)])

    def fail(self, times=1, error=None):
        """Let the next runs fail."""
        for _run in range(times):
            self.script("One", [error or Retriable(DOWN, detail="HTTP 502")])
            self.listen(self.channel)

    def mend(self):
        """Let the next run succeed."""
        self.script("One", [page()])
        self.listen(self.channel)

    def warnings(self):
        """Return the open activities of the channel that ask somebody to mend it."""
        return self.channel.activity_search(["community_manager.activity_channel"])

    def test_backoff_grows_to_its_limit(self):
        """Each failure in a row makes the pause longer, up to an hour or so."""
        pauses = []
        for _failure in range(10):
            self.fail()
            pauses.append((self.channel.next_poll_at - self.channel.last_poll_at).total_seconds())
        for earlier, later in zip(pauses, pauses[2:], strict=False):
            self.assertTrue(later > earlier or later > 0.7 * LONGEST_BACKOFF.total_seconds())
        self.assertLess(pauses[0], 200)
        self.assertLessEqual(max(pauses), 1.3 * LONGEST_BACKOFF.total_seconds())
        self.assertEqual(self.channel.error_count, 10)

    def test_pauses_differ(self):
        """Channels of a server that was down do not all come back in the same second."""
        with patch("random.uniform", lambda low, high: high):
            self.fail()
        late = self.channel.next_poll_at
        self.channel.error_count = 0
        with patch("random.uniform", lambda low, high: low):
            self.fail()
        self.assertGreater(late, self.channel.next_poll_at + timedelta(seconds=30))

    def test_one_failure_is_a_hiccup(self):
        """One failure shows in the health and warns nobody."""
        self.fail()
        self.assertEqual((self.channel.state, self.channel.health), ("listening", "warning"))
        self.assertEqual(self.channel.health_text, DOWN)
        self.assertFalse(self.warnings())

    def test_three_failures_warn_once(self):
        """The third failure in a row is told to the people in charge, once; success takes the activity away."""
        self.fail(3)
        self.assertEqual((self.channel.state, self.channel.health), ("error", "error"))
        activity = self.warnings()
        self.assertEqual(activity.user_id, self.admin)
        self.assertIn(DOWN, activity.note)
        self.fail(3)
        self.env["community.channel"]._cron_warn()
        self.assertEqual(self.warnings(), activity)
        self.mend()
        self.assertFalse(self.warnings())
        self.assertEqual((self.channel.state, self.channel.health), ("listening", "ok"))
        self.assertFalse(self.channel.last_error or self.channel.error_count)

    def test_still_listening_while_failing(self):
        """A failing channel is never silently off: it is asked again, and a done activity comes back the next day."""
        self.fail(5)
        self.assertIn(self.channel.state, ("listening", "error"))
        self.assertTrue(self.channel.next_poll_at)
        self.warnings().action_done()
        self.assertFalse(self.warnings())
        self.env["community.channel"]._cron_warn()
        self.assertEqual(len(self.warnings()), 1)

    def test_without_people_in_charge(self):
        """The administrators of the channel's company are told when nobody is in charge."""
        elsewhere = self.env["res.company"].create({"name": "Elsewhere"})
        stranger = self._new_user(
            "stranger", "community_manager.group_admin", company_id=elsewhere.id, company_ids=[(6, 0, elsewhere.ids)]
        )
        self.channel.user_ids = False
        self.fail(3)
        self.assertIn(self.admin, self.warnings().user_id)
        self.assertNotIn(stranger, self.warnings().user_id)
        self.assertNotIn(self.agent, self.warnings().user_id)

    def test_access_expired(self):
        """Without access the state says so at once, and the channel is still tried now and then."""
        self.fail(error=AccessExpired("The token is no longer accepted. Enter access again."))
        self.assertEqual((self.channel.state, self.channel.health), ("access", "error"))
        self.assertIn("Enter access again", self.channel.health_text)
        self.assertEqual(self.warnings().user_id, self.admin)
        pause = self.channel.next_poll_at - self.channel.last_poll_at
        self.assertAlmostEqual(pause, ACCESS_RETRY, delta=timedelta(seconds=5))
        self.channel.with_user(self.admin).write({"access_form": {"values": {"token": "new"}}})
        self.assertEqual(self.channel.state, "listening")
        self.mend()
        self.assertFalse(self.warnings())

    def test_wrong_setting(self):
        """Asking again changes nothing about a wrong setting, so it is told at once and mended ones end the warning."""
        self.fail(error=Misconfigured("There is no such source."))
        self.assertEqual(self.channel.state, "error")
        self.assertEqual(len(self.warnings()), 1)
        self.mend()
        self.assertFalse(self.warnings())

    def test_started_again_by_hand(self):
        """Pressing Start after mending does not leave the activity behind."""
        self.fail(3)
        self.channel.with_user(self.admin).action_start()
        self.assertEqual(self.channel.state, "listening")
        self.mend()
        self.assertFalse(self.warnings())

    def test_a_pause_is_no_failure(self):
        """Any number of rate limits leaves the channel well, and no date in the past is taken."""
        past = datetime.now(UTC) - timedelta(hours=1)
        self.fail(4, RateLimited("Too many requests.", retry_at=past))
        self.assertEqual((self.channel.state, self.channel.error_count), ("listening", 0))
        self.assertGreaterEqual(self.channel.next_poll_at, self.channel.last_poll_at)
        self.assertFalse(self.warnings())

    def test_access_ends_soon(self):
        """A week before access ends the people in charge are told, once; entering it again ends the warning."""
        cron = self.env["community.channel"]
        now = fields.Datetime.now()
        self.channel.access_lost_at = now + timedelta(days=8)
        cron._cron_warn()
        self.assertFalse(self.warnings())
        self.assertEqual(self.channel.health, "ok")
        self.channel.access_lost_at = now + timedelta(days=6)
        cron._cron_warn()
        cron._cron_warn()
        self.assertEqual(self.warnings().user_id, self.admin)
        self.assertIn(str(self.channel.access_lost_at.date()), self.warnings().note)
        self.assertEqual(self.channel.health, "warning")
        self.mend()
        self.assertTrue(self.warnings(), "a good run does not make access last longer")
        renewed = Check(account="One", expires_at=datetime.now(UTC) + timedelta(days=90))
        with patch.object(self.toy, "check", lambda connector: renewed):
            self.channel.with_user(self.admin).action_check()
        self.assertFalse(self.warnings())
        self.assertEqual(self.channel.health, "ok")

    def test_off_is_said(self):
        """Drafts and paused channels say that they are off."""
        self.channel.action_pause()
        self.assertEqual((self.channel.health, self.channel.health_text), ("off", "Not listening."))

    def test_listener_behind(self):
        """When scheduled actions stand still every channel says so."""
        self.mend()
        self.channel.next_poll_at = fields.Datetime.now() - timedelta(hours=2)
        self.assertEqual(self.channel.health, "warning")
        self.assertIn("02:00 h behind", self.channel.health_text)

    def test_held_database_is_said(self):
        """Channels of a copied database do not pretend to listen."""
        self.env["ir.config_parameter"].set_param("community_manager.home", "elsewhere:uuid|")
        self.assertEqual(self.channel.health, "error")
        self.assertIn("copy", self.channel.health_text)

    def test_delay(self):
        """The delay is the time since the last success."""
        start = fields.Datetime.now()
        self.mend()
        with freeze_time(start + timedelta(hours=3)):
            self.fail()
            self.assertAlmostEqual(self.channel.delay, 3, places=1)

    def test_figures_of_a_day(self):
        """Requests, items, mentions and errors of the last 24 hours are counted; older ones are not."""
        self.script("One", [page(item("1"), item("2", text="nothing"), requests=3), page(requests=2)])
        self.listen(self.channel)
        self.fail(2)
        figures = ("requests_day", "items_day", "stored_day", "errors_day")
        self.assertEqual([self.channel[name] for name in figures], [5, 2, 1, 2])
        self.env["community.channel.usage"].search([("channel_id", "=", self.channel.id)]).hour = (
            fields.Datetime.now() - timedelta(hours=25)
        )
        self.env.invalidate_all()
        self.assertEqual([self.channel[name] for name in figures], [0, 0, 0, 0])

    def test_an_agent_reads_health(self):
        """Agents see how channels do, without the technical detail."""
        self.fail(3)
        channel = self.channel.with_user(self.agent)
        readable = channel.read()[0]
        self.assertEqual(readable["health_text"], DOWN)
        self.assertNotIn("last_error_detail", readable)
        self.assertEqual(readable["quarantine_count"], 0)
        self.assertIn("HTTP 502", self.channel.with_user(self.admin).last_error_detail)

    def test_missing_connector(self):
        """A channel whose connector is not installed any more says so and disturbs nobody."""
        other = self.make_channel("Two")
        self.script("Two", [page(item("t1"))])
        with patch.dict("odoo.addons.community_manager.connectors.registry._networks") as known:
            # the selection still knows the value that the column has
            del known["toy"]
            with mute_logger("odoo.addons.community_manager.models.listening.community_listener"):
                self.listen(self.channel)
            self.assertEqual(self.channel.state, "error")
            self.assertIn("not installed", self.channel.last_error)
        self.listen(self.channel, other)
        self.assertEqual(self.channel.state, "listening")
        self.assertEqual(len(self.mentions(other)), 1)

    def test_check_says_what_is_wrong(self):
        """The button tells the sentence of the error, or who we are."""
        with patch.object(self.toy, "check", side_effect=Retriable(DOWN)), self.assertRaisesRegex(UserError, DOWN):
            self.channel.with_user(self.admin).action_check()
        message = self.channel.with_user(self.admin).action_check()["params"]["message"]
        self.assertEqual(message, "Connected as One.")
        self.assertEqual(self.channel.account_name, "One")
