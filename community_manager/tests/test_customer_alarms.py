from datetime import timedelta

from odoo import fields
from odoo.exceptions import AccessError, ValidationError
from odoo.tests import tagged

from .purchases_common import PurchasesCase


@tagged("post_install", "-at_install")
class TestCustomerAlarms(PurchasesCase):
    """Alarms go off once for each occasion, and start what they say."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.eva = cls.person(email="eva@example.com")
        cls.channel = cls.make_quiet_channel("Shop channel", company_id=cls.company.id)
        cls.past = cls.today - timedelta(days=400)

    def alarm(self, kind, **values):
        return self.env["community.alarm"].create(
            {"name": kind, "kind": kind, "company_id": self.company.id, "since": self.past, "least_score": 1, **values}
        )

    def find(self, alarm):
        """Look twice; return what the first look found, and check that the second finds nothing."""
        found = alarm._find()
        self.assertFalse(alarm._find(), "nothing goes off twice")
        return found

    def profile(self, partner=None):
        return self.env["community.author"].create(
            {"company_id": self.company.id, "network": "toy", "external_id": f"of {(partner or self.eva).id}"}
            | {"partner_id": (partner or self.eva).id}
        )

    def mention(self, author, text="It broke again", ago=0, **values):
        self.mentioned = getattr(self, "mentioned", 0) + 1
        return self.env["community.mention"].create(
            {"company_id": self.company.id, "channel_id": self.channel.id, "network": "toy", "kind": "post"}
            | {"external_id": f"alarm {self.mentioned}", "author_id": author.id, "text": text, "origin": "own"}
            | {"published_at": fields.Datetime.now() - timedelta(days=ago), **values}
        )

    def test_a_good_customer_goes_quiet(self):
        """After twice the usual gap; again only for another silence."""
        self.bought(self.eva, 70, 100, 130)
        self.bought(self.person("Busy"), 10, 40, 70)
        self.refresh()
        alarm = self.alarm("quiet", number=2)
        event = self.find(alarm)
        self.assertEqual(event.partner_id, self.eva)
        self.assertEqual(event.text, "70 days without a purchase; usually 30")
        self.bought(self.eva, 69)
        self.refresh()
        self.assertTrue(self.find(alarm))
        self.assertFalse(self.find(self.alarm("quiet", least_score=5)))
        self.assertFalse(self.find(self.alarm("quiet", since=self.today)), "it was quiet before there was an alarm")

    def test_a_customer_drops(self):
        """From one segment to a worse one, if it is of those that matter."""
        self.bought(self.eva, 10)
        self.refresh()
        self.env["community.segment"].search([("kind", "=", "rfm")]).flush_recordset()
        champions, lost = (self.env.ref(f"community_manager.segment_{code}") for code in ("champions", "lost"))
        self.env["community.score.change"].create(
            {"partner_id": self.eva.id, "company_id": self.company.id, "moment": fields.Datetime.now()}
            | {"from_segment_id": champions.id, "to_segment_id": lost.id, "direction": "down"}
        )
        self.assertFalse(self.find(self.alarm("drop", segment_ids=lost.ids)))
        event = self.find(self.alarm("drop", segment_ids=champions.ids))
        self.assertEqual(event.text, "From “Champions” to “Lost”")

    def test_purchases(self):
        """The first one, and the tenth."""
        first, third = self.alarm("first_purchase"), self.alarm("nth_purchase", number=3)
        self.bought(self.eva, 20)
        self.refresh()
        self.assertEqual(self.find(first).partner_id, self.eva)
        self.assertFalse(self.find(third))
        self.bought(self.eva, 5, 10)
        self.refresh()
        self.assertFalse(self.find(first))
        self.assertIn("3 purchases", self.find(third).text)

    def test_somebody_complains_again(self):
        """From the second complaint in the time that the alarm says; not at once for the third."""
        alarm = self.alarm("complaint", number=2, days=30)
        author = self.profile()
        complaint = self.env.ref("community_manager.intent_complaint")
        self.mention(author, ago=60, intent_ids=complaint.ids)
        self.mention(author, ago=5, intent_ids=complaint.ids)
        self.assertFalse(self.find(alarm))
        last = self.mention(author, "Late again", intent_ids=complaint.ids)
        event = self.find(alarm)
        self.assertEqual((event.partner_id, event.mention_id), (self.eva, last))
        self.assertIn("2 complaints in 30 days", event.text)
        self.mention(author, intent_ids=complaint.ids)
        self.assertFalse(self.find(alarm))

    def test_dates(self):
        """A birthday some days ahead, once each year."""
        alarm = self.alarm("birthday", number=7)
        soon, later = self.today + timedelta(days=5), self.today + timedelta(days=9)
        dates = self.env["community.date"].create(
            [
                {"partner_id": partner.id, "company_id": self.company.id, "kind": kind, "name": name}
                | {"day": day.day, "month": str(day.month)}
                for partner, kind, name, day in (
                    (self.eva, "birthday", False, soon),
                    (self.person("Later"), "birthday", False, later),
                    (self.eva, "own", "Moved in", soon),
                )
            ]
        )
        self.assertEqual(dates[0].next_on, soon)
        self.assertEqual(len(self.find(alarm)), 1)
        self.assertIn("Moved in", self.find(self.alarm("own_date", number=7)).text)

    def test_own_condition(self):
        """Contacts who meet it, once each; and every alarm may be narrowed by one."""
        alarm = self.alarm("domain", domain="[('email', '=', 'eva@example.com')]")
        self.assertEqual(self.find(alarm).partner_id, self.eva)
        ben = self.person("Ben")
        self.bought(self.eva, 3)
        self.bought(ben, 3)
        self.refresh()
        narrowed = self.alarm("first_purchase", domain="[('name', '=', 'Ben')]")
        self.assertEqual(self.find(narrowed).partner_id, ben)
        with self.assertRaises(ValidationError):
            alarm.domain = "[('no_such_field', '=', 1)]"

    def test_an_important_customer_speaks_badly(self):
        """At arrival; the second pass makes no second alarm of it, and what others say makes none."""
        alarm = self.alarm("vip", least_score=3)
        self.bought(self.eva, 3)
        self.refresh()
        author, other = self.profile(), self.profile(self.person("Other"))
        bad = self.mention(author, "Terrible", sentiment="negative")
        mentions = bad | self.mention(author, "Great", sentiment="positive")
        mentions |= self.mention(other, "Terrible", sentiment="negative")
        self.env["community.ingest"]._arrived(self.channel, mentions)
        event = alarm.event_ids
        self.assertEqual((event.partner_id, event.mention_id), (self.eva, bad))
        self.env["community.alarm"]._hear(mentions)
        self.assertEqual(alarm.event_ids, event)
        mentions[1].sentiment = "negative"  # what the second pass found
        self.env["community.alarm"]._hear(mentions)
        self.assertEqual(len(alarm.event_ids), 2)

    def test_important_customers_are_heard_in_few_queries(self):
        """However many speak at once."""
        self.alarm("vip")
        self.bought(self.eva, 3)
        self.refresh()
        author = self.profile()
        mentions = self.env["community.mention"]
        for _turn in range(20):
            mentions |= self.mention(author, sentiment="negative")
        self.env.flush_all()
        mentions.fetch(["sentiment", "author_id", "outgoing", "is_namesake", "company_id"])
        mentions.author_id.fetch(["partner_id"])
        with self.assertQueryCount(7):
            self.env["community.alarm"]._hear(mentions)

    def test_an_activity_is_given(self):
        """To whom the alarm says, once; closing the alarm closes it."""
        alarm = self.alarm("first_purchase", action="activity", user_id=self.agent.id, asked="Call them")
        self.bought(self.eva, 3)
        self.refresh()
        event = self.find(alarm)
        event._handle()
        event._handle()
        self.assertEqual((event.activity_ids.user_id, len(event.activity_ids)), (self.agent, 1))
        self.assertIn("Eva", event.activity_ids.summary)
        event.with_user(self.agent).action_done()
        self.assertEqual((event.state, event.user_id), ("handled", self.agent))
        self.assertFalse(event.activity_ids)

    def test_a_department_is_handed_it(self):
        """With what was said where something was, and without where nothing was."""
        department = self.env["community.department"].create(
            {"name": "Care", "company_id": self.company.id, "member_ids": self.agent.ids}
        )
        alarm = self.alarm("first_purchase", action="handoff", department_id=department.id, asked="Look after them")
        self.bought(self.eva, 3)
        self.refresh()
        event = self.find(alarm)
        event._handle()
        self.assertEqual((event.handoff_id.department_id, event.state), (department, "handled"))
        self.assertIn("Eva", event.handoff_id.reason)
        with self.assertRaises(ValidationError):
            self.alarm("vip", action="handoff")

    def test_one_that_cannot_be_started_stops_nobody_else(self):
        """The others get their activity; it is tried again another time."""
        alarm = self.alarm("first_purchase", action="activity", user_id=self.agent.id)
        broken = self.person("Broken")
        self.bought(self.eva, 3)
        self.bought(broken, 3)
        self.refresh()
        events = self.find(alarm)
        model = type(events)
        original = model._handle_activity

        def handle(records):
            if broken in records.partner_id:
                raise ValueError("no")
            return original(records)

        self.patch(model, "_handle_activity", handle)
        with self.assertLogs("odoo.addons.community_manager", "ERROR"), self.enter_registry_test_mode():
            self.env.ref("community_manager.cron_alarms").method_direct_trigger()
        self.env.invalidate_all()
        by_partner = {event.partner_id: event for event in events}
        self.assertTrue(by_partner[self.eva].started_at)
        self.assertFalse(by_partner[broken].started_at)

    def test_what_happened_is_not_written_by_hand(self):
        """Agents close alarms, and change nothing of what set them off."""
        self.bought(self.eva, 3)
        self.refresh()
        event = self.find(self.alarm("first_purchase")).with_user(self.agent)
        self.assertTrue(event.text)
        event.user_id = self.agent
        for values in ({"partner_id": self.person().id}, {"occasion": "x"}, {"facts": {}}):
            with self.assertRaises(AccessError):
                event.write(values)
        event.action_dismiss()
        self.assertEqual(event.state, "dismissed")
        event.action_reopen()
        self.assertEqual(event.state, "new")
        with self.assertRaises(AccessError):
            self.env["community.alarm"].with_user(self.agent).create({"name": "x", "kind": "vip"})
