from datetime import timedelta
from unittest.mock import patch

from odoo import fields
from odoo.exceptions import AccessError
from odoo.tests import tagged

from .journey_common import JourneyCase


@tagged("post_install", "-at_install")
class TestCampaignResult(JourneyCase):
    """What campaigns did is counted against a control group, and said honestly."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env["community.contact.policy"].search([]).in_force = False
        cls.purpose = cls.env.ref("community_manager.purpose_offers")
        cls.begun = cls.now - timedelta(days=10)
        cls.campaign = cls.make_campaign("Lamps in autumn")
        cls.step = cls.env["community.campaign.step"].create(
            {"campaign_id": cls.campaign.id, "kind": "note", "note": "Do it"}
        )

    @classmethod
    def make_campaign(cls, name, **values):
        """Create a campaign that runs."""
        values = {"name": name, "purpose_id": cls.purpose.id, "trigger": "hand", **values}
        campaign = cls.env["community.campaign"].create(values)
        campaign.write({"state": "running", "started_at": cls.begun})
        return campaign

    @classmethod
    def let_in(cls, count, campaign=None, touched=True, **values):
        """Put new contacts into the campaign; return them."""
        campaign = campaign or cls.campaign
        people = cls.env["res.partner"].create([{"name": f"Person {number}"} for number in range(count)])
        state = {"state": "control"} if values.get("control") else {"state": "done"}
        rows = cls.env["community.campaign.person"].create(
            [
                {"campaign_id": campaign.id, "partner_id": one.id, "started_at": cls.begun, **state, **values}
                for one in people
            ]
        )
        if touched and not values.get("control"):
            cls.env["community.campaign.action"].create(
                [{"person_id": row.id, "step_id": cls.step.id, "medium": "call", "cost": 0.5} for row in rows]
            )
        return people

    @classmethod
    def buy(cls, people, ago=5, price=100):
        """Let contacts buy so many days ago."""
        line = (0, 0, {"product_id": cls.product.id, "product_uom_qty": 1, "price_unit": price})
        moment = cls.now - timedelta(days=ago)
        cls.env["sale.order"].create(
            [{"partner_id": one.id, "order_line": [line], "state": "sale", "date_order": moment} for one in people]
        )

    def result(self, group="all", **values):
        """Count, and return the result of a group."""
        self.env["community.campaign.result"]._count(self.campaign)
        found = self.campaign.result_ids.filtered(lambda one: one.group == group)
        for name, value in values.items():
            found = found.filtered(lambda one, name=name, value=value: one[name] == value)
        return found

    def run_cron(self):
        """Let the scheduled work count, which commits nothing here."""
        with patch.object(type(self.env["ir.cron"]), "_commit_progress", return_value=60):
            self.env["community.campaign.result"]._cron_count()

    def test_buyers_beyond_those_who_buy_anyway(self):
        """Half of the treated and a tenth of the control group bought: the interval is above zero."""
        treated = self.let_in(60)
        control = self.let_in(40, control=True)
        self.buy(treated[:30])
        self.buy(control[:4])
        result = self.result()
        self.assertEqual((result.people, result.touched, result.bought, result.purchases), (60, 60, 30, 30))
        self.assertEqual((result.revenue, result.cost, result.cost_per_result), (3000, 30, 1))
        self.assertAlmostEqual(result.uplift, 40)
        self.assertLess(result.uplift_low, 40)
        self.assertGreater(result.uplift_low, 0)
        self.assertEqual(result.figures["bought"]["verdict"], "more")
        self.assertIn("40.0 more bought than in the control group", result.sentence)
        self.assertIn("Each brought", result.sentence)
        self.assertEqual((self.result("control").people, self.result("control").bought), (40, 4))
        self.assertEqual(self.result("control").cost, 0)

    def test_too_few_to_tell(self):
        """Three of ten against two of ten says nothing, and it is said."""
        self.buy(self.let_in(10)[:3])
        self.buy(self.let_in(10, control=True)[:2])
        result = self.result()
        self.assertEqual(result.figures["bought"]["verdict"], "unclear")
        self.assertLess(result.uplift_low, 0)
        self.assertTrue(result.sentence.startswith("Too few to tell"))
        self.assertIn("Too few to tell", self.campaign.result_text)

    def test_without_a_control_group_nothing_is_claimed(self):
        self.buy(self.let_in(10))
        self.assertIn("Without a control group", self.result().sentence)
        self.assertFalse(self.result("control"))

    def test_harm_is_said(self):
        """Fewer bought than without the campaign."""
        self.buy(self.let_in(60)[:3])
        self.buy(self.let_in(60, control=True)[:30])
        self.assertIn("does harm", self.result().sentence)

    def test_only_what_comes_after_and_in_time_counts(self):
        """Not what was bought before, nor later than the campaign counts, nor what was given back."""
        people = self.let_in(4)
        self.buy(people[0], ago=11)
        self.buy(people[1], ago=2)
        self.buy(people[2], ago=9)
        self.buy(people[3], ago=9)
        self.buy(people[3], ago=8, price=-100)
        self.campaign.result_days = 5
        self.assertEqual((self.result().bought, self.result().revenue), (1, 100))

    def test_a_firm_buys_for_its_people(self):
        """Whoever orders for the firm of somebody who was contacted bought because of it."""
        (person,) = self.let_in(1)
        firm = self.make_customer("Firm", is_company=True)
        person.parent_id = firm
        self.env.flush_all()
        self.buy(firm)
        self.assertEqual(self.result().bought, 1)

    def test_answers_complaints_and_withdrawals(self):
        people = self.let_in(4)
        people[0].name, people[1].name = "Ada One", "Bob Two"
        complaint = self.env.ref("community_manager.intent_complaint")
        self.say_as(people[0], "acme lamps are fine, thank you", 1)
        self.say_as(people[1], "acme lamps are dark", 2, intent_ids=[(6, 0, complaint.ids)])
        consent = {"partner_id": people[2].id, "purpose_id": self.purpose.id, "medium": "email"}
        self.env["community.consent"].create({**consent, "state": "granted"}).action_withdraw()
        result = self.result()
        self.assertEqual((result.answered, result.complained, result.unsubscribed), (2, 1, 1))
        self.assertEqual((result.excess, result.excess_rate), (1, 0.25))

    def test_too_much(self):
        """Who asked to be left alone, who is in the zone of too much, who got more than the policy says; each once."""
        people = self.let_in(5)
        people[0].community_not_now = fields.Date.today() + timedelta(days=30)
        self.order(people[1], ago=1)
        for ago in (0.9, 0.8, 0.7):
            self.touch(people[1], ago=ago)
        policy = self.env["community.contact.policy"].create({"name": "Two a week", "limit_ids": [(5,)]})
        policy.limit_ids = [(5,), (0, 0, {"most": 2, "window": "week", "media": "all"})]
        policy.in_force = True
        for ago in (3, 2, 1):
            self.touch(people[2], ago=ago)
        for ago in (9, 5, 1):
            self.touch(people[3], ago=ago, own_question=ago == 5)
        self.settle()
        result = self.result()
        self.assertEqual((result.touched, result.excess), (5, 3))
        self.assertIn("3 of 5 contacted people (60.0%) were contacted too much.", self.campaign.result_text)

    def test_held_by_reason(self):
        """Who was held back counts among the people and not among the contacted; the reasons are named."""
        self.let_in(2)
        held = self.let_in(3, touched=False)
        rows = self.campaign.person_ids.filtered(lambda row: row.partner_id in held)
        rows[:2]._hold("quiet", "Quiet hours", self.now)
        rows[2]._hold("consent", "No consent", self.now)
        result = self.result()
        self.assertEqual((result.people, result.touched, result.held), (5, 2, 3))
        self.assertEqual(result.held_reasons, {"quiet": 2, "consent": 1})
        self.assertEqual(result.held_text, "Quiet hours: 2 · No consent: 1")

    def test_variants_are_compared(self):
        """The better variant is named where it is clear, and only there."""
        variants = self.env["community.campaign.variant"].create(
            [{"campaign_id": self.campaign.id, "name": name} for name in "AB"]
        )
        good = self.let_in(40, variant_id=variants[1].id)
        self.let_in(40, variant_id=variants[0].id)
        self.buy(good[:2])
        self.assertEqual(self.result("variant", variant_id=variants[1]).bought, 2)
        self.assertIn("Between the variants B and A there are too few", self.campaign.result_text)
        self.buy(good[2:20])
        self.result()
        self.assertIn("Variant B makes more people buy than A", self.campaign.result_text)
        self.assertEqual(self.result("variant", variant_id=variants[1]).cost, 20)

    def test_value_to_come(self):
        """How the lifetime value changed is compared with the control group."""
        scores = self.env["community.score"].sudo()
        partners = {}
        for control in (False, True):
            people = self.env["res.partner"].create([{"name": f"Valued {number}"} for number in range(5)])
            scores.create(
                [{"partner_id": one.id, "company_id": self.company.id, "lifetime_value": 100} for one in people]
            )
            state = "control" if control else "done"
            self.env["community.campaign.person"].create(
                [
                    {"campaign_id": self.campaign.id, "partner_id": one.id, "control": control, "state": state}
                    for one in people
                ]
            )
            partners[control] = people
        for number, one in enumerate(partners[False]):
            scores.search([("partner_id", "=", one.id)]).lifetime_value = 150 + number
        result = self.result()
        self.assertEqual((result.valued, result.value_change), (5, 260))
        self.assertEqual(result.figures["value"]["verdict"], "more")
        self.assertAlmostEqual(result.figures["value"]["difference"], 52)

    def test_frozen_when_it_ends(self):
        """Nothing that comes after the end counts, and an ended campaign is counted once more and then left alone."""
        people = self.let_in(4)
        self.buy(people[0])
        self.campaign.action_stop()
        self.run_cron()
        result = self.campaign.result_ids
        self.assertTrue(result.frozen_at)
        self.assertEqual(result.bought, 1)
        self.buy(people[1])
        self.run_cron()
        self.assertEqual(result.bought, 1)
        self.assertNotIn(self.campaign, self.env["community.campaign"].search(result._waiting()))

    def test_one_statement_for_all_people(self):
        """Counting fifty people asks no more of the database than counting five."""
        self.buy(self.let_in(5))
        self.result()
        self.env.flush_all()
        with patch.object(fields.Datetime, "now", return_value=self.now):
            counts = []
            for more in (0, 50):
                self.buy(self.let_in(more)) if more else None
                self.env.flush_all()
                self.env.invalidate_all()
                before = self.env.cr.sql_log_count
                self.result()
                counts.append(self.env.cr.sql_log_count - before)
        self.assertLessEqual(counts[1], counts[0] + 2)

    def test_who_may_what(self):
        """Agents read results; only managers have them counted."""
        self.let_in(2)
        self.result()
        self.assertTrue(self.campaign.with_user(self.agent).result_text)
        with self.assertRaises(AccessError):
            self.campaign.with_user(self.agent).action_count_results()
        self.campaign.with_user(self.manager).action_count_results()
        heading = self.env["community.campaign.result"].with_user(self.agent).get_heading([])
        self.assertIn("contacted 2 people", heading["sentence"])
        with self.assertRaises(AccessError):
            self.env["community.campaign.result"].with_user(self.env.ref("base.public_user")).get_heading([])
