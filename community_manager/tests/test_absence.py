from datetime import timedelta

from odoo import fields
from odoo.tests import tagged

from .routing_common import RoutingCase


@tagged("post_install", "-at_install")
class TestAbsence(RoutingCase):
    """Nobody who wrote waits for somebody who is not there."""

    def setUp(self):
        super().setUp()
        self.colleague = self._new_user("colleague", "community_manager.group_agent")
        self.mention = self.say("Where is my acme chair?")
        self.finished = self.say("Thank you, acme", author="bob")
        (self.mention | self.finished).user_id = self.colleague
        self.finished.state = "done"

    def check_given_back(self):
        self.assertFalse(self.mention.user_id)
        self.assertEqual(self.finished.user_id, self.colleague, "what is finished stays theirs")
        self.assertIn("is away", " ".join(self.mention.message_ids.mapped("body")))

    def test_archived(self):
        self.colleague.active = False
        self.check_given_back()

    def test_out_of_the_team(self):
        """Whether the role is taken from the person or the person from the role."""
        group = self.env.ref("community_manager.group_agent")
        self.colleague.group_ids = [(3, group.id)]
        self.check_given_back()
        self.colleague.group_ids = [(4, group.id)]
        self.assertFalse(self.mention.user_id, "coming back takes nothing back")
        self.mention.user_id = self.colleague
        group.user_ids = [(3, self.colleague.id)]
        self.assertFalse(self.mention.user_id)

    def test_out_of_office(self):
        """At once when it has begun, by the clock when it is planned; others keep theirs."""
        other = self.say("acme again", author="carl")
        other.user_id = self.agent
        self.colleague.with_user(self.colleague).out_of_office_from = fields.Datetime.now() + timedelta(hours=2)
        self.assertEqual(self.mention.user_id, self.colleague)
        moments = self.env["ir.cron.trigger"].search(
            [("cron_id", "=", self.env.ref("community_manager.cron_absence").id)]
        )
        self.assertIn(self.colleague.out_of_office_from, moments.mapped("call_at"))
        self.colleague.with_user(self.colleague).out_of_office_from = fields.Datetime.now() - timedelta(hours=2)
        self.check_given_back()
        self.assertEqual(other.user_id, self.agent)

    def cron(self):
        with self.enter_registry_test_mode():
            self.env.ref("community_manager.cron_absence").method_direct_trigger()
        self.env.invalidate_all()

    def test_leave(self):
        """A leave in the working hours of the person counts; so does what is assigned to them meanwhile."""
        resource = self.env["resource.resource"].create({"name": "Colleague", "user_id": self.colleague.id})
        now = fields.Datetime.now()
        leave = self.env["resource.calendar.leaves"].create(
            {
                "name": "Holidays",
                "resource_id": resource.id,
                "calendar_id": resource.calendar_id.id,
                "date_from": now + timedelta(days=1),
                "date_to": now + timedelta(days=3),
            }
        )
        self.cron()
        self.assertEqual(self.mention.user_id, self.colleague, "not before it begins")
        leave.date_from = now - timedelta(hours=1)
        self.cron()
        self.check_given_back()
        self.mention.user_id = self.colleague
        self.cron()
        self.assertFalse(self.mention.user_id)

    def test_public_holidays_are_nobodys_absence(self):
        now = fields.Datetime.now()
        self.env["resource.calendar.leaves"].create(
            {
                "name": "Everybody",
                "calendar_id": self.company.resource_calendar_id.id,
                "date_from": now - timedelta(hours=1),
                "date_to": now + timedelta(hours=1),
            }
        )
        self.cron()
        self.assertEqual(self.mention.user_id, self.colleague)
