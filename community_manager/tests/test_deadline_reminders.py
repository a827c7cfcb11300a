from unittest.mock import patch

from odoo import fields
from odoo.fields import Command
from odoo.tests import tagged
from odoo.tools import mute_logger

from .deadline_common import DeadlineCase, freeze_time


@tagged("post_install", "-at_install")
class TestDeadlineReminders(DeadlineCase):
    """Reminders before a deadline, and what happens when it has passed."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.department = cls.env["community.department"].create({"name": "Support", "manager_id": cls.manager.id})
        cls.make_rule(department_id=cls.department.id, user_id=cls.agent.id)
        cls.policy = cls.make_policy(
            minutes=60,
            remind_before=25,
            step_ids=[
                Command.create({"after": 0, "whom": "assignee"}),
                Command.create({"after": 30, "whom": "head", "priority": "2"}),
            ],
        )

    @classmethod
    def remind(cls, moment):
        """Let the scheduled work run at a moment."""
        with freeze_time(moment):
            cls.env["community.reminder"]._remind()
            cls.env.flush_all()

    @classmethod
    def told(cls, mention):
        """Return (what, whom) of the activities of a mention, in the order they were given."""
        return [(one.summary, one.user_id) for one in mention.activity_ids.sorted("id")]

    def test_reminded_then_escalated_each_once(self):
        """A quarter of the time before: whoever has it; at once after: again; later: the head, and it is raised."""
        mention = self.ask("2026-03-05 10:00")
        self.remind("2026-03-05 10:40")
        self.assertEqual(self.told(mention), [])
        self.remind("2026-03-05 10:45")
        self.assertEqual(self.told(mention), [("Answer soon", self.agent)])
        self.remind("2026-03-05 10:50")
        self.remind("2026-03-05 11:00")
        self.remind("2026-03-05 11:01")
        self.assertEqual(self.told(mention)[1:], [("Answer overdue", self.agent)])
        self.assertEqual(mention.priority, "0")
        self.remind("2026-03-05 11:30")
        self.remind("2026-03-05 11:31")
        self.remind("2026-03-06 11:31")
        self.assertEqual(self.told(mention)[2:], [("Answer overdue", self.manager)])
        self.assertEqual(mention.priority, "2")
        self.assertFalse(mention.answer_step_at)

    def test_several_messages_are_reminded_of_once(self):
        """Three messages of one person are one question: one reminder."""
        mentions = self.ask("2026-03-05 10:00") | self.ask("2026-03-05 10:01") | self.ask("2026-03-05 10:02")
        self.remind("2026-03-05 11:00")
        self.remind("2026-03-05 11:00")
        self.assertEqual(len(mentions.activity_ids), 1)

    def test_what_is_changed_is_not_reminded_of_again(self):
        """A change that sets the deadline anew gives no step a second time."""
        mention = self.ask("2026-03-05 10:00")
        self.remind("2026-03-05 11:00")
        given = len(mention.activity_ids)
        with freeze_time("2026-03-05 11:01"):
            mention.priority = "1"
            self.env.flush_all()
        self.remind("2026-03-05 11:02")
        self.assertEqual(len(mention.activity_ids), given)

    def test_escalations_keep_to_working_hours(self):
        """Half an hour after a deadline late on Friday is on Monday."""
        mention = self.ask("2026-03-06 14:50")  # due at 16:50 on the wall
        self.remind("2026-03-06 15:55")
        self.remind("2026-03-08 12:00")
        self.assertEqual(mention.priority, "0")
        self.remind("2026-03-09 08:20")
        self.assertEqual(mention.priority, "2")

    def test_an_answer_takes_the_reminder_away(self):
        """Once answered, nobody is reminded any more, and the activity is gone."""
        mention = self.ask("2026-03-05 10:00")
        self.remind("2026-03-05 10:45")
        self.answer(mention, "2026-03-05 10:50")
        self.assertFalse(mention.activity_ids)
        self.remind("2026-03-05 12:00")
        self.assertFalse(mention.activity_ids)

    def test_nobody_has_it(self):
        """Where nobody has it and its department has no head, the managers are told."""
        self.department.manager_id = False
        self.env["community.rule"].search([]).active = False
        mention = self.ask("2026-03-05 10:00")
        self.remind("2026-03-05 11:00")
        self.assertIn(self.manager, mention.activity_ids.user_id)
        self.assertNotIn(self.agent, mention.activity_ids.user_id)

    def test_one_bad_mention_stops_no_other(self):
        """What cannot be reminded of waits; the others are reminded of."""
        bad = self.ask("2026-03-05 10:00", author="bad")
        good = self.ask("2026-03-05 10:00", author="good")
        reminder = type(self.env["community.reminder"])
        moments = reminder._moments

        def fail(model, mention, said):
            if mention == bad:
                raise ValueError("bad")
            return moments(model, mention, said)

        with patch.object(reminder, "_moments", fail), mute_logger(reminder.__module__):
            self.remind("2026-03-05 11:00")
        self.assertTrue(good.activity_ids)
        self.assertFalse(bad.activity_ids)
        self.remind("2026-03-05 12:30")
        self.assertTrue(bad.activity_ids)

    def test_scheduled_work_runs_to_its_end(self):
        """The scheduled action gives all that is due, in as many batches as it takes."""
        mentions = self.env["community.mention"]
        for number in range(5):
            mentions |= self.ask("2026-03-05 10:00", author=f"p{number}")
        self.policy.hours = "always"
        late = fields.Datetime.subtract(fields.Datetime.now(), minutes=5)
        mentions.write({"answer_due": late, "answer_step_at": late, "answer_asked_at": late})
        module = "odoo.addons.community_manager.models.deadlines.community_reminder"
        with patch(f"{module}.BATCH", 2), self.enter_registry_test_mode():
            self.env.ref("community_manager.cron_remind").method_direct_trigger()
        self.env.invalidate_all()
        self.assertEqual([len(mention.activity_ids) for mention in mentions], [1] * 5)
