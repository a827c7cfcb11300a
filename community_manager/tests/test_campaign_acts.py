from odoo import fields
from odoo.fields import Command
from odoo.tests import tagged

from .campaign_common import CampaignCase
from .common import item


@tagged("post_install", "-at_install")
class TestCampaignActs(CampaignCase):
    """What steps do besides e-mail."""

    def run_steps(self, *steps, **values):
        campaign = self.make_campaign(*steps, **values)
        campaign.with_user(self.manager).action_start()
        self.work()
        return campaign

    def words(self, kind, text="Hello {{ first_name }}"):
        return {"kind": kind, "text_ids": [Command.create({"text": text})]}

    def test_text_messages(self):
        """Who has a valid number gets a text message with a way to stop them; the others are held back."""
        self.ann.write({"phone": "+34 612 345 678"})
        campaign = self.run_steps(self.words("sms"))
        messages = self.env["sms.sms"].search([("id", "in", campaign.person_ids.action_ids.mapped("sms_id"))])
        self.assertEqual((messages.partner_id, messages.number), (self.ann, self.ann._phone_format(fname="phone")))
        self.assertIn("Hello Ann", messages.body)
        self.assertIn("STOP", messages.body)
        self.assertEqual(self.person(campaign, self.ben).reason, "No valid phone number")
        campaign.action_pause()
        self.assertEqual(messages.state, "canceled")

    def test_private_and_public_messages(self):
        """Where the network allows it, people are answered there through the outbox; the others are held back."""
        channel = self.make_channel("Live")
        mention = self.take(item("m1", "Acme lamp", "ann", origin="own"), channel=channel)
        mention.author_id.partner_id = self.ann
        for kind, way in (("message", "message"), ("social", "reply")):
            campaign = self.run_steps(self.words(kind))
            reply = campaign.person_ids.action_ids.reply_id
            self.assertEqual((reply.way, reply.text, reply.state), (way, "Hello Ann", "queued"))
            self.assertEqual((reply.mention_id, reply.user_id), (mention, self.manager))
            self.assertEqual(self.person(campaign, self.ben).code, "reach")
            campaign.action_pause()
            self.assertEqual(reply.state, "cancelled")

    def test_work_for_colleagues(self):
        """Activities, hand-offs and notes are made once for each person."""
        department = self.env["community.department"].create({"name": "Care"})
        campaign = self.run_steps(
            {"kind": "activity", "activity_medium": "call", "note": "Ask how it is", "user_id": self.agent.id},
            {"kind": "handoff", "department_id": department.id, "note": "Send a card"},
            {"kind": "note", "note": "Was thanked"},
        )
        activity = self.ann.activity_ids
        self.assertEqual((activity.user_id, len(activity)), (self.agent, 1))
        self.assertIn("Ask how it is", activity.note)
        handoffs = self.env["community.handoff"].search([("department_id", "=", department.id)])
        self.assertEqual(len(handoffs), 3)
        self.assertIn("Ann Archer", " ".join(handoffs.mapped("asked")))
        self.assertIn("Was thanked", " ".join(self.ann.message_ids.mapped("body")))
        self.assertEqual(set(campaign.person_ids.mapped("state")), {"done"})
        self.work()
        self.assertEqual(len(self.ann.activity_ids), 1)

    def test_wait_until_something_happens(self):
        """Who opens the mail goes on at once, the others when the time is over."""
        campaign = self.run_steps(
            self.mail("<p>Hi</p>", "Hi"),
            {"kind": "wait", "wait_kind": "event", "condition": "opened", "wait_count": 3, "wait_unit": "days"},
            {"kind": "note", "note": "Goes on"},
        )
        hers = self.person(campaign, self.ann)
        hers.action_ids.trace_id.set_opened()
        self.later(campaign, hours=2)
        hers.action_ids.trace_id.open_datetime = hers.step_since
        self.work()
        self.assertEqual((hers.state, self.person(campaign, self.ben).state), ("done", "waiting"))
        self.later(campaign, days=3)
        self.work()
        self.assertEqual(self.person(campaign, self.ben).state, "done")

    def test_wait_until_a_day(self):
        """A wait until a day of the week ends on that day, at that hour where the person lives."""
        self.ann.tz = "America/Mexico_City"
        campaign = self.run_steps(
            {"kind": "wait", "wait_kind": "weekday", "wait_day": "3", "wait_hour": 9.5}, self.mail()
        )
        person = self.person(campaign, self.ann)
        there = person.with_context(tz="America/Mexico_City")
        local = fields.Datetime.context_timestamp(there, person.wait_until)
        self.assertEqual((local.weekday(), local.hour, local.minute), (3, 9, 30))

    def test_hostile_names_stay_text(self):
        """A name with HTML or placeholders in it is text in the mail."""
        self.ann.name = "Ann<b>x</b> {{ company }}"
        campaign = self.run_steps(self.mail("<p>Hello {{ name }}</p>", "Hi {{ name }}"))
        mail = self.mails(campaign).filtered(lambda one: one.recipient_ids == self.ann)
        self.assertIn("Ann&lt;b&gt;x&lt;/b&gt; {{ company }}", mail.body_html)

    def test_gone_meanwhile(self):
        """An archived contact leaves; a deleted one stops nobody."""
        campaign = self.make_campaign(self.mail(), {"kind": "wait"}, self.mail())
        campaign.action_start()
        self.work()
        self.ann.active = False
        self.nameless.unlink()
        self.later(campaign, days=2)
        self.work()
        self.assertEqual(self.person(campaign, self.ann).code, "gone")
        self.assertEqual(self.person(campaign, self.ben).state, "done")

    def test_other_company_stays_apart(self):
        """A campaign of a company is for its own contacts and those of all."""
        self.ben.company_id = self.other_company
        campaign = self.run_steps()
        self.assertNotIn(self.ben, campaign.person_ids.partner_id)
