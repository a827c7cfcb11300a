from datetime import UTC, datetime

from odoo.exceptions import ValidationError
from odoo.tests import tagged

from odoo.addons.community_manager.connectors.items import AuthorItem

from .routing_common import RoutingCase


@tagged("post_install", "-at_install")
class TestRuleWho(RoutingCase):
    """Rules by how far a person has come with us."""

    def author_of(self, name, **partner):
        mention = self.say("hello there", author=name)
        if partner:
            mention.author_id.partner_id = self.env["res.partner"].create({"name": name, **partner})
        return mention.author_id

    def applies_to(self, rule, name):
        return rule in self.say("hello again", author=name).rule_ids

    def test_a_customer_a_prospect_a_contact_and_a_stranger_are_told_apart(self):
        customer, prospect = self.author_of("cus", email="c@x.example"), self.author_of("pro", email="p@x.example")
        asking = self.author_of("ask", email="a@x.example")
        contact, stranger = self.author_of("con", email="t@x.example"), self.author_of("str")
        product = self.env["product.product"].create({"name": "Lamp", "list_price": 10.0})
        for author, confirmed in ((customer, True), (prospect, False)):
            order = self.env["sale.order"].create(
                {"partner_id": author.partner_id.id, "order_line": [(0, 0, {"product_id": product.id})]}
            )
            if confirmed:
                order.action_confirm()
        self.env["crm.lead"].create({"name": "Asks", "partner_id": asking.partner_id.id})
        authors = customer | prospect | asking | contact | stranger
        found = authors._lifecycles()
        self.assertEqual(
            [found[author.id] for author in authors], ["customer", "prospect", "prospect", "market", "community"]
        )
        rule = self.make_rule(life_customer=True, life_prospect=True, priority="2")
        for name, hit in (("cus", True), ("pro", True), ("ask", True), ("con", False), ("str", False)):
            with self.subTest(name=name):
                self.assertEqual(self.applies_to(rule, name), hit)

    def test_with_whom_a_partnership_was_won_is_a_partner(self):
        ally, asking = self.author_of("ally", email="al@x.example"), self.author_of("maybe", email="ma@x.example")
        tag = self.env.ref("community_manager.tag_partnership")
        for author in (ally, asking):
            lead = self.env["crm.lead"].create(
                {"name": "Together", "partner_id": author.partner_id.id, "tag_ids": tag.ids, "type": "opportunity"}
            )
            if author == ally:
                lead.action_set_won()
        rule = self.make_rule(life_partner=True, priority="2")
        self.assertTrue(self.applies_to(rule, "ally"))
        self.assertFalse(self.applies_to(rule, "maybe"))

    def test_who_is_heard_reaches_an_influence_and_nobody_before_it_is_reckoned(self):
        rule = self.make_rule(influence_min=10, priority="2")
        heard = AuthorItem(external_id="star", name="Star", handle="@star", followers=1_000_000)
        said = self.say(author=heard)
        self.assertNotIn(rule, said.rule_ids)
        figures = {"author_id": said.author_id.id, "company_id": self.company.id, "score": 12.0}
        self.env["community.influence"].create(figures)
        self.assertIn(rule, self.say(author=heard).rule_ids)


@tagged("post_install", "-at_install")
class TestRuleWhen(RoutingCase):
    """Rules by when something was published, in the company's zone."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company.partner_id.tz = "Europe/Madrid"
        attendance = [
            (0, 0, {"name": "Day", "dayofweek": str(day), "hour_from": 9, "hour_to": 17, "day_period": "morning"})
            for day in range(5)
        ]
        cls.calendar = cls.env["resource.calendar"].create(
            {"name": "Nine to five", "tz": "Europe/Madrid", "attendance_ids": [(5, 0, 0), *attendance]}
        )

    def at(self, *moment):
        return self.say("hello there", published_at=datetime(*moment, tzinfo=UTC))

    def test_inside_and_outside_working_hours(self):
        inside = self.make_rule("Inside", hours="inside", calendar_id=self.calendar.id, priority="1", stop=False)
        outside = self.make_rule("Outside", hours="outside", calendar_id=self.calendar.id, priority="1", stop=False)
        # Friday 5 June 2026; Madrid is two hours ahead of UTC in summer
        for moment, rule in (
            ((2026, 6, 5, 6, 59), outside),
            ((2026, 6, 5, 7, 0), inside),
            ((2026, 6, 5, 14, 59), inside),
            ((2026, 6, 5, 15, 0), outside),
            ((2026, 6, 6, 10, 0), outside),
            ((2026, 1, 5, 8, 30), inside),  # in winter one hour ahead
            ((2026, 1, 5, 7, 30), outside),
        ):
            with self.subTest(moment=moment):
                self.assertEqual(self.at(*moment).rule_ids, rule)

    def test_a_holiday_is_outside(self):
        self.env["resource.calendar.leaves"].create(
            {
                "name": "Holiday",
                "calendar_id": self.calendar.id,
                "date_from": "2026-06-03 00:00:00",
                "date_to": "2026-06-03 23:59:59",
            }
        )
        rule = self.make_rule(hours="outside", calendar_id=self.calendar.id, priority="1")
        self.assertEqual(self.at(2026, 6, 3, 10, 0).rule_ids, rule)

    def test_days_and_a_night_that_goes_over_midnight(self):
        rule = self.make_rule(day_fri=True, day_sat=True, time_from=22.0, time_to=6.0, priority="1")
        for moment, hit in (
            ((2026, 6, 5, 20, 30), True),  # Friday 22:30
            ((2026, 6, 5, 22, 30), True),  # Saturday 0:30
            ((2026, 6, 5, 19, 30), False),  # Friday 21:30
            ((2026, 6, 7, 20, 30), False),  # Sunday
        ):
            with self.subTest(moment=moment):
                self.assertEqual(self.at(*moment).rule_ids == rule, hit)

    def test_a_span_without_length_is_refused(self):
        with self.assertRaises(ValidationError):
            self.make_rule(time_from=9.0, time_to=9.0, priority="1")


@tagged("post_install", "-at_install")
class TestRuleRisk(RoutingCase):
    """Risk words are shared by all rules of a company."""

    def test_words_of_the_company_and_topics_of_risk_count(self):
        topic = self.make_topic("Safety", "burn*", kind="risk")
        rule = self.make_rule(risk=True, priority="3")
        self.assertFalse(self.say("I take you to court").rule_ids)
        self.company.community_risk_words = "court\nlawsuit*"
        mention = self.say("I take you to COURT")
        self.assertEqual(mention.rule_ids, rule)
        self.assertIn("court", mention.rule_why)
        self.assertEqual(self.say("It burns").rule_ids, rule)
        topic.kind = "product"
        self.assertFalse(self.say("It burns again").rule_ids)

    def test_a_risk_word_without_letters_is_refused(self):
        with self.assertRaises(ValidationError):
            self.company.community_risk_words = "**"

    def test_a_rule_for_risks_may_make_tickets(self):
        self.assertTrue(self.make_rule(risk=True, ticket_action="create"))
