from datetime import datetime, timedelta
from unittest.mock import patch

from freezegun import freeze_time

from odoo import fields
from odoo.exceptions import UserError
from odoo.tests import tagged

from .common import item
from .routing_common import RoutingCase


@tagged("post_install", "-at_install")
class TestSnooze(RoutingCase):
    """Putting off what cannot be done now, without forgetting it."""

    def setUp(self):
        super().setUp()
        self.mention = self.say("Where is my acme chair?")
        self.later = fields.Datetime.now() + timedelta(hours=2)

    def to_do(self):
        """Return what the inbox shows."""
        view = self.env.ref("community_manager.mention_view_search_work")
        self.assertIn("snoozed_until", view.arch)
        domain = [("state", "in", ("new", "open", "waiting")), *self.env["community.mention"]._not_snoozed_domain()]
        return self.env["community.mention"].search([("id", "=", self.mention.id), *domain])

    def alarm(self):
        with self.enter_registry_test_mode():
            self.env.ref("community_manager.cron_wake").method_direct_trigger()
        self.env.invalidate_all()

    def test_out_of_the_queue_until_its_time(self):
        """What is snoozed is not in the queue, comes back when its time has come, says why, and only once."""
        self.mention.with_user(self.agent)._snooze(self.later)
        self.assertFalse(self.to_do())
        self.alarm()
        self.assertTrue(self.mention.snoozed_until, "it is not time yet")
        self.mention.snoozed_until = fields.Datetime.now() - timedelta(seconds=1)
        self.assertEqual(self.to_do(), self.mention)
        self.agent.notification_type = "inbox"
        self.alarm()
        self.assertFalse(self.mention.snoozed_until)
        self.assertEqual(self.mention.back_because, "time")
        notes = self.mention.message_ids.filtered(lambda message: "Back: Time is up" in (message.body or ""))
        told = self.env["mail.notification"].search([("res_partner_id", "=", self.agent.partner_id.id)])
        self.assertTrue(notes)
        self.assertIn(self.mention.id, told.mail_message_id.mapped("res_id"))
        before = len(self.mention.message_ids)
        self.alarm()
        self.assertEqual(len(self.mention.message_ids), before)

    def test_comes_back_at_once_when_the_person_writes(self):
        """Whoever writes again is not kept waiting, whatever date was chosen; others do not wake it."""
        self.mention.with_user(self.agent)._snooze(self.later, "reply")
        self.say("Me too", author="bob")
        self.assertTrue(self.mention.snoozed_until)
        self.say("Hello? Anybody there?")
        self.assertFalse(self.mention.snoozed_until)
        self.assertEqual(self.mention.back_because, "reply")
        self.assertEqual(self.to_do(), self.mention)

    def test_what_we_write_wakes_nothing(self):
        self.mention._snooze(self.later, "reply")
        self.take(item("ours", "We look into it", "ann", origin="own", outgoing=True))
        self.assertTrue(self.mention.snoozed_until)

    def test_snoozing_is_for_what_is_still_to_do(self):
        """Nothing that is finished, and no moment that has passed."""
        with self.assertRaises(UserError):
            self.mention._snooze(fields.Datetime.now() - timedelta(minutes=1))
        self.mention.action_done()
        with self.assertRaises(UserError):
            self.mention.action_snooze()

    def test_closed_does_not_come_back(self):
        """Closing ends the snooze."""
        self.mention._snooze(self.later)
        self.mention.action_done()
        self.assertFalse(self.mention.snoozed_until)

    def test_taken_back_by_hand(self):
        self.mention.with_user(self.agent)._snooze(self.later)
        self.mention.with_user(self.manager).action_wake()
        self.assertEqual((self.mention.snoozed_until, self.mention.back_because), (False, "hand"))

    def test_one_that_cannot_be_woken_holds_up_nobody(self):
        """A bad one stays for a day, the others are back."""
        bad, good = self.mention, self.say("Second", author="bob")
        (bad | good)._snooze(self.later)
        (bad | good).write({"snoozed_until": fields.Datetime.now() - timedelta(seconds=1)})
        original = type(bad)._wake

        def wake(mentions, why):
            if bad in mentions:
                raise ValueError("broken")
            return original(mentions, why)

        with (
            patch.object(type(bad), "_wake", wake),
            self.assertLogs("odoo.addons.community_manager.models.desk.community_mention_snooze", "ERROR"),
        ):
            self.alarm()
        self.assertEqual(good.back_because, "time")
        self.assertGreater(bad.snoozed_until, fields.Datetime.now())

    def test_dialog_keeps_to_the_hours_of_the_person(self):
        """Tomorrow morning and next week begin when the person works, in their time zone; weekends are left out."""
        calendar = self.env["resource.calendar"].create({"name": "Eight to four", "tz": "UTC"})
        calendar.attendance_ids.unlink()
        calendar.attendance_ids = [
            (0, 0, {"name": str(day), "dayofweek": str(day), "hour_from": 8, "hour_to": 16}) for day in range(5)
        ]
        self.company.resource_calendar_id = calendar
        self.agent.tz = "Europe/Madrid"
        dialog = self.env["community.snooze"].with_user(self.agent)
        friday = datetime(2026, 11, 20, 9, 20)  # 10:20 in Madrid
        self.assertEqual(dialog._moment("later", friday), datetime(2026, 11, 20, 12, 30))
        self.assertEqual(dialog._moment("tomorrow", friday), datetime(2026, 11, 23, 7))
        self.assertEqual(dialog._moment("week", friday), datetime(2026, 11, 23, 7))
        late = datetime(2026, 11, 17, 16)  # Tuesday, 17:00 in Madrid: the day is over
        self.assertEqual(dialog._moment("later", late), datetime(2026, 11, 18, 7))
        self.agent.tz = "America/Mexico_City"
        self.assertEqual(dialog._moment("tomorrow", friday), datetime(2026, 11, 23, 14))

    def test_dialog_knows_the_leave_of_the_person(self):
        """Who is on leave tomorrow has it back after that, also where their working time is of no company."""
        self.agent.tz = "UTC"
        calendar = self.env["resource.calendar"].create({"name": "Usual", "tz": "UTC", "company_id": False})
        resource = self.env["resource.resource"].create(
            {"name": "Agent", "user_id": self.agent.id, "calendar_id": calendar.id, "company_id": False}
        )
        self.company.resource_calendar_id = calendar
        dialog = self.env["community.snooze"].with_user(self.agent)
        tuesday = datetime(2026, 11, 17, 10)
        self.assertEqual(dialog._moment("tomorrow", tuesday).date(), datetime(2026, 11, 18).date())
        self.env["resource.calendar.leaves"].create(
            {
                "name": "Day off",
                "resource_id": resource.id,
                "calendar_id": calendar.id,
                "company_id": False,
                "date_from": datetime(2026, 11, 18),
                "date_to": datetime(2026, 11, 19),
            }
        )
        self.assertEqual(dialog._moment("tomorrow", tuesday).date(), datetime(2026, 11, 19).date())

    def test_hours_change_between(self):
        """Eight o'clock is eight o'clock after the clocks were changed."""
        self.agent.tz = "Europe/Madrid"
        dialog = self.env["community.snooze"].with_user(self.agent)
        thursday = datetime(2026, 10, 22, 9)
        self.company.resource_calendar_id = self.env["resource.calendar"].create({"name": "Usual"})
        before = dialog._moment("tomorrow", thursday)
        after = dialog._moment("week", thursday)
        self.assertEqual((after - before) - timedelta(days=3), timedelta(hours=1))

    def test_dialog(self):
        """The dialog puts several off at once."""
        other = self.say("Second", author="bob")
        mentions = (self.mention | other).with_user(self.agent)
        context = mentions.action_snooze()["context"]
        with freeze_time("2026-11-18 09:00:00"):
            dialog = self.env["community.snooze"].with_user(self.agent).with_context(**context).create({})
            self.assertEqual(dialog.mention_ids, mentions)
            dialog.choice = "reply"
            dialog.action_snooze()
        self.assertEqual(set(mentions.mapped("snoozed_for")), {"reply"})
        self.assertEqual(mentions.mapped("snoozed_by_id"), self.agent)
