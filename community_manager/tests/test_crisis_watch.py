from datetime import datetime, timedelta
from unittest.mock import patch

from odoo.tests import tagged
from odoo.tools import mute_logger

from odoo.addons.community_manager.models.crisis import community_watch_look

from .crisis_common import NOW, CrisisCase


@tagged("post_install", "-at_install")
class TestCrisisWatch(CrisisCase):
    """Something unusual is told within one look, once, and nothing else is."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.quiet(28)

    def test_quiet_weeks_tell_nothing(self):
        for hours in range(0, 72, 3):
            self.look(NOW - timedelta(hours=72 - hours))
        self.look()
        self.assertFalse(self.alerts())
        self.assertEqual(self.watch.status, "Nothing unusual.")

    def test_a_burst_is_told_at_the_next_look_and_once(self):
        self.look(NOW - timedelta(minutes=50))
        self.burst(40)
        self.look()
        alert = self.alerts()
        self.assertEqual(len(alert), 1)
        self.assertEqual((alert.state, alert.topic_id, alert.user_ids), ("new", self.topic, self.manager))
        self.assertGreaterEqual(alert.evidence["seen"], 35)
        self.assertLess(alert.evidence["expected"], 8)
        for later in (1, 2, 14, 60, 5 * 60, 9 * 60):
            self.look(NOW + timedelta(minutes=later))
        self.assertEqual(self.alerts(), alert)

    def test_many_and_negative_are_one_event(self):
        self.burst(40, sentiment="negative")
        self.look()
        alert = self.alerts()
        self.assertEqual(len(alert), 1)
        self.assertEqual({alert.kind, *alert.more}, {"volume", "negative"})

    def test_negativity_alone_is_noticed(self):
        """No more is said than usual, but it is all negative."""
        self.look(NOW - timedelta(hours=3))
        recent = [("published_at", ">", NOW - timedelta(hours=5)), ("channel_id", "=", self.channel.id)]
        mentions = self.env["community.mention"].search(recent)
        self.assertGreater(len(mentions), 8)
        mentions.write({"sentiment": "negative"})
        self.look()
        self.assertEqual(self.alerts().mapped("kind"), ["negative"])

    def test_evidence_names_words_people_and_posts(self):
        author = self.env["community.author"].create(
            {"name": "<b>Ann</b>", "network": "toy", "realm": "", "external_id": "x1", "company_id": self.company.id}
            | {"followers": 5000}
        )
        self.burst(40, text="Acme lamps overheat <script>alert(1)</script>", author=author)
        self.look()
        alert = self.alerts()
        self.assertEqual(alert.evidence["authors"][0][:2], ["<b>Ann</b>", 5000])
        self.assertIn("overheat", [word for word, _count in alert.evidence["words"]])
        self.assertEqual(len(alert.evidence["mentions"]), 5)
        self.assertNotIn("<script>", alert.shown)
        self.assertNotIn("<b>Ann</b>", alert.shown)

    def test_people_are_told_in_their_language_by_activity_mail_and_screen(self):
        self.burst(40)
        with patch.object(type(self.env["res.users"]), "_bus_send") as bus:
            self.look()
        alert = self.alerts()
        self.assertEqual(alert.activity_ids.user_id, self.manager)
        about = [("model", "=", alert._name), ("res_id", "=", alert.id)]
        notified = self.env["mail.notification"].search([("mail_message_id", "any", about)])
        self.assertEqual(notified.res_partner_id, self.manager.partner_id)
        self.assertEqual([call.args[0] for call in bus.call_args_list].count("simple_notification"), 1)

    def test_a_slow_poll_brings_the_burst_late(self):
        """What was written two hours ago and arrives now is told now."""
        self.look(NOW - timedelta(minutes=5))
        self.burst(40, until=NOW - timedelta(hours=2))
        self.look()
        self.assertEqual(len(self.alerts()), 1)

    def test_history_that_is_brought_later_does_not_alarm(self):
        self.look(NOW - timedelta(minutes=5))
        self.burst(400, until=NOW - timedelta(days=3))
        self.look()
        self.look(NOW + timedelta(hours=2))
        self.assertFalse(self.alerts())

    def test_history_that_is_brought_later_is_learned(self):
        self.look(NOW - timedelta(hours=2))
        level = self.watch.learned["detectors"]["volume"]["level"]
        self.quiet(28, until=NOW - timedelta(hours=8), rate=20, seed=3)
        self.look()
        self.assertGreater(self.watch.learned["detectors"]["volume"]["level"], 3 * level)

    def test_a_new_channel_does_not_alarm_with_its_past(self):
        """The newest comes first, so that for a moment it looks like a burst; from its second day on it counts."""
        self.look(NOW - timedelta(minutes=5))
        busy = self.make_channel("Busy")
        self.age(busy, NOW - timedelta(minutes=3))
        self.burst(60, channel=busy, minutes=90)
        self.look()
        self.quiet(28, rate=30, seed=4, channel=busy)
        self.look(NOW + timedelta(minutes=5))
        self.assertFalse(self.alerts())
        day = NOW + timedelta(days=1)
        self.quiet(1, until=day, seed=5)
        self.quiet(1, until=day, rate=30, seed=5, channel=busy)
        self.look(day)
        self.assertFalse(self.alerts())
        self.assertIn(busy.id, self.watch.learned["channels"])
        self.burst(200, until=day + timedelta(hours=1), channel=busy)
        self.look(day + timedelta(hours=1))
        self.assertEqual(len(self.alerts()), 1)

    def test_a_restart_tells_nothing_again(self):
        """All that is known of the event is stored; a state that cannot be read is learned anew."""
        self.burst(40)
        self.look()
        self.env.invalidate_all()
        self.env.registry.clear_cache()
        self.look(NOW + timedelta(minutes=1))
        self.watch.learned = {**self.watch.learned, "version": 0}
        self.look(NOW + timedelta(minutes=2))
        self.assertEqual(len(self.alerts()), 1)
        self.assertEqual(self.watch.learned["version"], 1)

    def test_another_worker_looks_at_the_same_watch(self):
        with self.env.registry.cursor() as other:
            other.execute("SELECT pg_advisory_xact_lock(%s, %s)", [community_watch_look.CLAIM_CLASS, self.watch.id])
            self.assertEqual(self.look(), 0)
            self.assertFalse(self.watch.looked_at)
        self.assertEqual(self.look(), 1)

    def test_one_watch_in_trouble_does_not_stop_the_others(self):
        broken = self.make_watch()
        look = type(self.watch)._look

        def stumble(watch, now):
            if watch == broken:
                raise ValueError("stumbled")
            return look(watch, now)

        self.burst(40)
        with patch.object(type(self.watch), "_look", stumble):
            with mute_logger("odoo.addons.community_manager.models.crisis.community_watch_look"):
                self.assertEqual(self.look(), 1)
        self.assertEqual(len(self.alerts()), 1)

    def test_two_watches_see_one_event(self):
        everything = self.make_watch()
        self.burst(40)
        self.look()
        self.assertEqual(len(self.alerts()), 1)
        self.assertTrue(everything.learned["events"])

    def test_everything_about_us_leaves_competitors_out(self):
        self.watch.active = False
        rival = self.make_topic("Rival", "rival", kind="competitor")
        self.make_watch()
        self.burst(60, topics=rival)
        self.look()
        self.assertFalse(self.alerts())

    def test_a_silent_watch_learns_and_tells_nobody(self):
        self.watch.muted_until = NOW + timedelta(hours=3)
        self.burst(40)
        self.look()
        self.watch.muted_until = False
        self.look(NOW + timedelta(hours=1))
        self.assertFalse(self.alerts())
        self.assertIn("volume", self.watch.learned["events"])

    def test_spam_namesakes_and_ourselves_do_not_count(self):
        spam = self.env.ref("community_manager.intent_spam")
        self.burst(40, intent_ids=[(6, 0, spam.ids)])
        self.burst(40, is_namesake=True)
        self.burst(40, outgoing=True)
        self.look()
        self.assertFalse(self.alerts())

    def test_sensitivity_decides(self):
        """What is told with a high one is not with a low one."""
        told = {}
        for sensitivity in ("low", "normal", "high"):
            history = self.watch._read_history(28, sensitivity, NOW)[0]["volume"]
            told[sensitivity] = sum(seen.alarming for seen in history)
        self.assertLessEqual(told["low"], told["normal"])
        self.assertLessEqual(told["normal"], told["high"])

    def test_summer_time_changes_nothing(self):
        """The rhythm of the day is that of the people: a change of the clock moves it."""
        until = datetime(2026, 10, 27, 12, 0)
        self.quiet(28, until=until, rate=12, seed=11)
        moment = datetime(2026, 10, 24, 20, 0)
        while moment < until:
            self.look(moment)
            moment += timedelta(hours=2)
        self.assertFalse(self.alerts())
        hours = self.watch.learned["detectors"]["volume"]["hours"]
        self.assertGreater(min(hours[10:22]), 2 * hours[4])


@tagged("post_install", "-at_install")
class TestCrisisAtOnce(CrisisCase):
    """Words of risk and heard people need no history."""

    def risk(self, count, until=NOW):
        topic = self.make_topic("Fire", "fire", kind="risk")
        return self.burst(count, until=until, topics=self.topic | topic, minutes=30, sentiment="neutral")

    def author(self, number, followers):
        values = {"name": f"Ann {number}", "network": "toy", "external_id": f"ann{number}", "followers": followers}
        return self.env["community.author"].create({**values, "realm": "", "company_id": self.company.id})

    def test_mentions_of_a_risk_are_told_from_a_number_on(self):
        self.watch.write({"risk_count": 4, "risk_minutes": 60})
        self.risk(3)
        self.look()
        self.assertFalse(self.alerts())
        self.risk(1, until=NOW - timedelta(minutes=20))
        self.look()
        self.look(NOW + timedelta(minutes=1))
        alert = self.alerts()
        self.assertEqual((alert.kind, alert.evidence["seen"]), ("risk", 4))

    def test_risks_long_ago_are_not_told(self):
        self.watch.write({"risk_count": 4, "risk_minutes": 60})
        self.risk(8, until=NOW - timedelta(hours=3))
        self.look()
        self.assertFalse(self.alerts())

    def test_a_heard_author_who_complains_is_told_once(self):
        self.watch.heard_followers = 10_000
        heard, quiet = self.author(1, 20_000), self.author(2, 200)
        self.say([NOW - timedelta(minutes=9)], author=quiet, sentiment="negative")
        self.say([NOW - timedelta(minutes=8)], author=heard, sentiment="positive")
        self.look()
        self.assertFalse(self.alerts())
        self.say([NOW - timedelta(minutes=5)], author=heard, sentiment="negative")
        self.look()
        self.say([NOW + timedelta(minutes=30)], author=heard, sentiment="negative")
        self.look(NOW + timedelta(minutes=31))
        alert = self.alerts()
        self.assertEqual((len(alert), alert.kind, alert.evidence["followers"]), (1, "heard", 20_000))
        other = self.author(3, 30_000)
        self.say([NOW + timedelta(minutes=40)], author=other, sentiment="negative", text="Acme never delivered")
        self.look(NOW + timedelta(minutes=41))
        self.assertEqual(len(self.alerts()), 2)

    def test_a_feeling_that_is_found_out_later_counts(self):
        """The second look at a text comes some minutes after its arrival."""
        self.watch.heard_followers = 10_000
        said = self.say([NOW - timedelta(minutes=9)], author=self.author(1, 20_000), sentiment="neutral")
        self.look()
        said.sentiment = "negative"
        self.look(NOW + timedelta(minutes=1))
        self.assertEqual(len(self.alerts()), 1)

    def test_what_people_decide_becomes_advice(self):
        for number in range(4):
            alert = self.env["community.alert"].create(
                {"watch_id": self.watch.id, "topic_id": self.topic.id, "company_id": self.company.id, "kind": "volume"}
                | {"score": 0.4, "moment": NOW - timedelta(days=number), "seen_at": NOW - timedelta(days=number)}
            )
            self.env["community.alert.dismiss"].with_user(self.manager).create(
                {"alert_ids": [(6, 0, alert.ids)], "reason": "small"}
            ).action_dismiss()
            self.assertEqual((alert.state, alert.decided_by_id), ("dismissed", self.manager))
        self.assertIn("“Low” would have spared 4", self.watch.advice)
