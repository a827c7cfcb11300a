from datetime import timedelta

from freezegun import freeze_time

from odoo import fields
from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged

from .routing_common import RoutingCase

START = fields.Datetime.to_datetime("2026-11-18 09:00:00")


@tagged("post_install", "-at_install")
class TestFocus(RoutingCase):
    """Working on nothing but the queue for a while."""

    def setUp(self):
        super().setUp()
        self.focus = self.env["community.focus"].with_user(self.agent)
        self.agent.lang = "en_US"

    def at(self, minutes, seconds=0):
        return freeze_time(START + timedelta(minutes=minutes, seconds=seconds))

    def test_the_clock_runs_and_stops_for_pauses(self):
        """What is left is known to the server, so that a reload and another tab show the same."""
        with self.at(0):
            self.assertFalse(self.focus.get_state()["session"])
            self.focus.action_start(25, 5)
        with self.at(10):
            self.assertEqual(self.focus.get_state()["session"]["remaining"], 15 * 60)
            self.focus.action_pause()
            self.focus.action_pause()
        with self.at(14):
            state = self.focus.get_state()["session"]
            self.assertEqual((state["remaining"], state["paused"]), (15 * 60, True))
            self.focus.action_resume()
        with self.at(29):
            self.assertEqual(self.focus.get_state()["session"], False)
        session = self.focus.search([])
        self.assertEqual((session.interruptions, session.complete, session.minutes), (1, True, 25))

    def test_what_was_done_in_it(self):
        """Closed by hand and answered by this person in that time, and nothing else."""
        early, one, two, theirs = (self.say(f"acme {number}", author=str(number)) for number in range(4))
        with self.at(-5):
            early.with_user(self.agent).action_ignore()
        with self.at(0):
            self.focus.action_start(25, 5)
        with self.at(5):
            self.env.flush_all()
            (one | two).with_user(self.agent).action_ignore()
            theirs.with_user(self.manager).action_ignore()
            reply = self.env["community.reply"].create({"mention_id": one.id, "text": "Hello"})
            reply.write({"user_id": self.agent.id, "state": "sent", "queued_at": fields.Datetime.now()})
        with self.at(10):
            state = self.focus.action_stop()
        self.assertIn("2 closed, 1 answered", state["summary"])
        session = self.focus.search([])
        self.assertEqual((session.closed_count, session.answered_count, session.complete), (2, 1, False))
        self.assertEqual(session.minutes, 10)
        self.assertEqual(state["rest"], 0, "who stops early has no break")

    def test_break(self):
        with self.at(0):
            self.focus.action_start(10, 5)
        with self.at(11):
            state = self.focus.get_state()
        self.assertEqual((state["session"], state["rest"], state["lengths"]), (False, 4 * 60, [10, 5]))
        with self.at(16):
            self.assertEqual(self.focus.get_state()["rest"], 0)

    def test_one_session_at_a_time(self):
        """A second start ends the first; stopping twice counts once."""
        with self.at(0):
            self.focus.action_start(25, 5)
        with self.at(5):
            self.focus.action_start(50, 10)
        self.assertEqual(len(self.focus.search([("ended_at", "=", False)])), 1)
        with self.at(6):
            self.assertTrue(self.focus.action_stop()["summary"])
            self.assertFalse(self.focus.action_stop()["summary"])
        with self.at(10 * 60):
            self.focus.action_start(25, 5)
        with self.at(20 * 60):
            self.env["community.focus"]._gc_over()
        last = self.focus.search([], limit=1)
        self.assertEqual(last.ended_at, START + timedelta(minutes=10 * 60 + 25))

    def test_lengths_that_make_no_sense(self):
        for planned, rest in ((0, 5), (181, 5), (25, -1), (25, 61)):
            with self.subTest(planned=planned, rest=rest), self.assertRaises(UserError):
                self.focus.action_start(planned, rest)

    def test_the_queue_narrows_to_what_fits(self):
        """What is mine, and what nobody has in my language or none; not what is finished or snoozed."""
        mine, free, foreign, taken, unknown, done, asleep = mentions = self.env["community.mention"].union(
            *(self.say(f"acme {number}", author=str(number)) for number in range(7))
        )
        mentions.write({"language": "en", "user_id": False})
        mine.write({"user_id": self.agent.id, "language": "fr"})
        foreign.language = "fr"
        taken.user_id = self.manager
        unknown.language = False
        done.state = "done"
        asleep._snooze(fields.Datetime.now() + timedelta(hours=1))
        ours = [("id", "in", mentions.ids)]
        model = self.env["community.mention"].with_user(self.agent)
        self.assertEqual(model.search([*ours, ("in_focus", "=", True)]), (mine | free | unknown).sorted())
        self.assertEqual(model.search([*ours, ("in_focus", "=", False)]), (foreign | taken | done | asleep).sorted())
        self.assertTrue(mine.with_user(self.agent).in_focus)
        self.assertFalse(taken.with_user(self.agent).in_focus)

    def test_each_sees_their_own_and_managers_all(self):
        self.focus.action_start(25, 5)
        self.focus.action_stop()
        other = self._new_user("colleague", "community_manager.group_agent")
        sessions = self.env["community.focus"]
        self.assertTrue(self.focus.search([]))
        self.assertFalse(sessions.with_user(other).search([]))
        self.assertTrue(sessions.with_user(self.manager).search([("user_id", "=", self.agent.id)]))
        with self.assertRaises(AccessError):
            sessions.with_user(self.outsider).get_state()
        with self.assertRaises(AccessError):
            self.focus.search([]).closed_count = 99


@tagged("post_install", "-at_install")
class TestWorkload(RoutingCase):
    """What each person has on their desk."""

    def row(self, user, reader=None):
        self.env.flush_all()
        self.env.invalidate_all()
        rows = self.env["community.workload"].with_user(reader or self.manager)
        return rows.search([("user_id", "=", user and user.id), ("company_id", "=", self.company.id)])

    def test_counts(self):
        """To do, waiting and snoozed are told apart; finished and our own words do not count."""
        before = self.row(False).to_do
        mentions = self.env["community.mention"].union(
            *(self.say(f"acme {number}", author=str(number)) for number in range(6))
        )
        new, opened, waiting, asleep, done, free = mentions
        (new | opened | waiting | asleep | done).user_id = self.agent
        opened.state, waiting.state, done.state = "open", "waiting", "done"
        asleep._snooze(fields.Datetime.now() + timedelta(hours=1))
        row = self.row(self.agent)
        self.assertEqual((row.to_do, row.waiting, row.snoozed), (2, 1, 1))
        self.assertEqual(self.row(False).to_do, before + 1)
        found = self.env["community.mention"].search(row.action_open_mentions()["domain"])
        self.assertEqual(found, (new | opened | waiting | asleep).sorted())
        self.assertIn(free, self.env["community.mention"].search(self.row(False).action_open_mentions()["domain"]))

    def test_idle_people_are_there_and_absent_ones_say_so(self):
        row = self.row(self.agent)
        self.assertEqual((row.to_do, row.absent), (0, False))
        self.agent.out_of_office_from = fields.Datetime.now() - timedelta(hours=1)
        self.assertTrue(self.row(self.agent).absent)

    def test_answered(self):
        mention = self.say("acme")
        for days in (0, 3, 9):
            reply = self.env["community.reply"].create({"mention_id": mention.id, "text": "Hello"})
            sent = fields.Datetime.now() - timedelta(days=days)
            reply.write({"user_id": self.agent.id, "state": "sent", "sent_at": sent})
        row = self.row(self.agent)
        self.assertEqual((row.answered_today, row.answered_lately), (1, 2))

    def test_overdue(self):
        mention = self.say("acme")
        mention.user_id = self.agent
        mention.answer_due = fields.Datetime.now() - timedelta(hours=1)
        self.assertEqual(self.row(self.agent).overdue, 1)
        self.assertEqual(
            self.env["community.mention"].search(self.row(self.agent).action_open_overdue()["domain"]), mention
        )

    def test_companies(self):
        """Nobody sees the load of another company."""
        channel = self.make_quiet_channel("There", company_id=self.other_company.id)
        self.say("acme", channel=channel)
        rows = self.env["community.workload"].with_user(self.manager).search([])
        self.assertEqual(rows.company_id, self.company)
