from datetime import timedelta

from odoo import fields
from odoo.tests import tagged

from .journey_common import JourneyCase


@tagged("post_install", "-at_install")
class TestJourneyPerson(JourneyCase):
    """A journey as it is seen at a person, and what becomes of it when they go."""

    def kinds(self, partner):
        """Return the entries of the journey in the timeline of a person."""
        kinds = {kind["code"]: kind for kind in partner.with_user(self.agent)._community_timeline_kinds()}
        return kinds["journey"]["read"](None, 20)

    def test_place_and_history(self):
        """The page says where the person stands; the line of time where they stood, and nothing that is to come."""
        self.order(self.ann, ago=8)
        self.touch(self.ann, ago=7.5)
        self.settle()
        facts = [fact for fact in self.ann.with_user(self.agent)._community_facts() if fact["code"] == "journey"]
        self.assertEqual([fact["text"] for fact in facts], ["First week: waits to be served"])
        self.assertEqual(facts[0]["open"], {"model": "community.journey", "id": self.journey.id})
        entries = self.kinds(self.ann)
        self.assertEqual([entry["title"] for entry in entries], ["First week: waits to be served", "Thanks: on time"])
        self.assertIn("Served on", entries[1]["text"])
        self.order(self.ben, ago=1)
        self.settle()
        self.assertEqual(len(self.kinds(self.ben)), 1, "the first week is to come")

    def test_people_of_a_firm_see_its_journey(self):
        firm = self.make_customer("Firm", is_company=True)
        buyer, boss = (self.make_customer(name, parent_id=firm.id) for name in ("Bea Buyer", "Otto Owner"))
        self.order(buyer)
        self.settle()
        self.assertEqual(len(self.kinds(boss)), 1)

    def test_whoever_is_erased_stands_nowhere(self):
        """Positions go; that of a firm stays without the name of its buyer."""
        firm = self.make_customer("Firm", is_company=True)
        buyer = self.make_customer("Bea Buyer", parent_id=firm.id)
        self.order(buyer)
        self.order(self.ann)
        self.settle()
        data = {entry["code"]: entry for entry in self.ann.sudo()._community_personal_data()}
        self.assertEqual(data["positions"]["records"].moment_id, self.thanks | self.week)
        self.assertEqual(self.ann.sudo()._community_erase()["community.position"], 2)
        self.assertEqual(buyer.sudo()._community_erase()["community.position"], 2)
        self.assertFalse(self.env["community.position"].search([("partner_id", "=", self.ann.id)]))
        self.assertEqual((len(self.place(firm)), self.place(firm).person_id.id), (1, False))

    def test_merged_contacts_stand_at_one_place(self):
        """Both orders are of one customer; what was started for them is not started again."""
        self.order(self.ann, ago=1)
        self.order(self.ben, ago=0.5)
        self.settle()
        before = self.place(self.ben).reached_at
        wizard = self.env["base.partner.merge.automatic.wizard"].create({})
        wizard._merge([self.ann.id, self.ben.id], self.ann)
        self.settle()
        places = self.place(self.ann, self.thanks)
        self.assertEqual(len(places), 2)
        self.assertEqual(places.filtered("is_current").reached_at, before)
        self.assertEqual(len(places.filtered("is_current")), 1)

    def test_an_anniversary_of_both_is_one(self):
        """What both came to by the same stays once."""
        self.journey.starts_on = fields.Date.today() - timedelta(days=60)
        yearly = self.make_moment("Yearly", opens_with="anniversary")
        self.order(self.ann, ago=370)
        self.order(self.ben, ago=375)
        self.settle()
        self.assertEqual((len(self.place(self.ann, yearly)), len(self.place(self.ben, yearly))), (2, 2))
        self.env["base.partner.merge.automatic.wizard"].create({})._merge([self.ann.id, self.ben.id], self.ann)
        self.settle()
        self.assertEqual(len(self.place(self.ann, yearly)), 2)

    def test_a_birthday_is_a_moment(self):
        """Served before the day is anticipated; the next one is known ahead."""
        birthday = self.make_moment(
            "Birthday", opens_with="date", date_kind="birthday", target=1, ahead_days=10, stay_days=5
        )
        day = self.company._community_day() + timedelta(days=3)
        values = {"partner_id": self.ann.id, "kind": "birthday", "day": day.day, "month": str(day.month)}
        self.env["community.date"].create(values)
        self.settle()
        self.assertEqual(self.place(self.ann, birthday).zone, "on_time")
        self.touch(self.ann, medium="post")
        self.settle()
        place = self.place(self.ann, birthday)
        self.assertEqual((len(place), place.zone, place.is_current), (1, "anticipated", False))

    def test_left_alone(self):
        """A contact after “not now” is too much; one before it, and one that had to be, are not."""
        self.order(self.ann, ago=1)
        self.touch(self.ann, ago=0.5)
        self.settle()
        self.ann.community_not_now = fields.Date.today() + timedelta(days=20)
        self.settle()
        self.assertEqual(self.place(self.ann).zone, "on_time")
        self.env.cr.execute(
            "UPDATE res_partner SET community_not_now_at = %s WHERE id = %s",
            [self.now - timedelta(hours=3), self.ann.id],
        )
        self.ann.invalidate_recordset()
        self.touch(self.ann, purpose="service")
        self.settle()
        self.assertEqual(self.place(self.ann).zone, "on_time")
        self.thanks.most_touches = 9
        self.touch(self.ann, purpose="offers")
        self.settle()
        self.assertEqual(self.place(self.ann).zone, "excess")

    def test_the_zones_of_a_day(self):
        """Late or angry is dissatisfied, praise delights, whoever is contacted too much is told apart."""
        for partner in (self.ann, self.ben):
            self.order(partner, ago=1)
        carl, dora, emil = (self.make_customer(name) for name in ("Carl Lake", "Dora Moor", "Emil Nash"))
        self.order(carl, ago=3)
        self.order(dora, ago=1)
        self.order(emil, ago=1)
        for _time in range(3):
            self.touch(dora)
        praise = self.env.ref("community_manager.intent_praise")
        self.say_as(self.ben, "acme, thank you", 1, intent_ids=[(6, 0, praise.ids)], sentiment="positive")
        self.say_as(emil, "acme is awful", 2, sentiment="negative")
        self.settle()
        zones = self.env["community.zone.daily"]
        zones._count(self.company)
        zones._count(self.company)
        found = zones.search([("journey_id", "=", self.journey.id)])
        self.assertEqual(
            {row.zone: row.customers for row in found},
            {"satisfied": 1, "delighted": 1, "dissatisfied": 2, "excess": 1},
        )
        heading = zones.with_user(self.agent).get_heading([("journey_id", "=", self.journey.id)])
        self.assertIn("5 customers are on a journey: 2 dissatisfied", heading["sentence"])

    def test_budget_by_week(self):
        """A week has what is planned, unless it is set by hand, what campaigns spent, and who comes."""
        self.thanks.budget_week = 50
        self.order(self.ann)
        self.order(self.ben)
        campaign = self.env["community.campaign"].create(
            {"name": "Thanks", "trigger": "moment", "trigger_moment_id": self.thanks.id}
        )
        step = self.env["community.campaign.step"].create({"campaign_id": campaign.id, "kind": "note", "note": "x"})
        person = self.env["community.campaign.person"].create({"campaign_id": campaign.id, "partner_id": self.ann.id})
        self.env["community.campaign.action"].create({"person_id": person.id, "step_id": step.id, "cost": 7})
        self.settle()
        budgets = self.env["community.moment.budget"]
        budgets._count(self.company)
        today = self.company._community_day()
        week = today - timedelta(days=today.weekday())
        now = budgets.search([("moment_id", "=", self.thanks.id), ("week", "=", week)])
        self.assertEqual((now.planned, now.spent, now.left, now.customers), (50, 7, 43, 2))
        now.with_user(self.manager).planned = 80
        self.thanks.budget_week = 60
        budgets._count(self.company)
        self.env.invalidate_all()
        self.assertEqual((now.planned, now.by_hand), (80, True))
        other = budgets.search([("moment_id", "=", self.thanks.id), ("week", "=", week + timedelta(weeks=1))])
        self.assertEqual(other.planned, 60)
        coming = budgets.search([("moment_id", "=", self.week.id), ("week", ">", week), ("customers", ">", 0)])
        self.assertEqual(sum(coming.mapped("customers")), 2, "the first week of both is known ahead")
