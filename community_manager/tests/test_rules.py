from psycopg2 import IntegrityError

from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.fields import Command
from odoo.tests import tagged
from odoo.tools import mute_logger

from odoo.addons.community_manager.connectors.items import AuthorItem

from .common import item
from .routing_common import RoutingCase


@tagged("post_install", "-at_install")
class TestRuleConditions(RoutingCase):
    """Each condition lets through what it should, and nothing else."""

    def applied(self, mention):
        return mention.rule_ids.mapped("name")

    def assert_only(self, rule, hits, misses):
        """Assert that a rule applied to all mentions of ``hits`` and to none of ``misses``."""
        for mention in hits:
            self.assertEqual(mention.rule_ids, rule, mention.text)
        for mention in misses:
            self.assertFalse(mention.rule_ids, mention.text)

    def test_topic(self):
        price = self.make_topic("Price", "how much")
        rule = self.make_rule(topic_ids=[price.id], priority="2")
        self.assert_only(rule, self.say("How much is it?"), self.say("Acme is great"))

    def test_any_of_several_topics(self):
        price, delivery = self.make_topic("Price", "price"), self.make_topic("Delivery", "delivery")
        rule = self.make_rule(topic_ids=[price.id, delivery.id], priority="2")
        self.assert_only(rule, self.say("the price") | self.say("the delivery"), self.say("the colour"))

    def test_network(self):
        other = self.env["community.network"].create({"code": "elsewhere"})
        here = self.env["community.network"].search([("code", "=", "toy")])
        rule = self.make_rule(network_ids=[other.id], priority="2")
        self.assertFalse(self.say().rule_ids)
        rule.network_ids = here
        self.assert_only(rule, self.say(), [])

    def test_channel(self):
        second = self.make_quiet_channel("Second")
        rule = self.make_rule(channel_ids=[second.id], priority="2")
        self.assert_only(rule, self.say(channel=second), self.say())

    def test_words_ignore_case_accents_and_keep_to_whole_words(self):
        rule = self.make_rule(keywords="cuánto cuesta\nquote*", priority="2")
        hits = self.say("¿CUANTO CUESTA el bolso?") | self.say("Please send quotes")
        self.assert_only(rule, hits, self.say("No cuesta nada") | self.say("misquote"))

    def test_words_in_the_title_count(self):
        rule = self.make_rule(keywords="refund", priority="2")
        self.assert_only(rule, self.say("see above", title="Refund, please"), [])

    def test_an_excluded_word_rules_a_text_out(self):
        rule = self.make_rule(keywords="price\n- free trial", priority="2")
        self.assert_only(rule, self.say("the price"), self.say("the price after the free trial"))

    def test_only_excluded_words(self):
        rule = self.make_rule(keywords="-job", priority="2")
        self.assert_only(rule, self.say("hello") | self.say(""), self.say("A job at Acme"))

    def test_two_rules_do_not_mix_their_words(self):
        self.make_rule("A", keywords="red\n-blue", priority="2", stop=False)
        self.make_rule("B", keywords="blue", priority="2", stop=False)
        self.assertEqual(self.applied(self.say("red and blue")), ["B"])
        self.assertEqual(self.applied(self.say("red")), ["A"])

    def test_kind(self):
        rule = self.make_rule(kind_review=True, kind_comment=True, priority="2")
        hits = self.say("r", kind="review") | self.say("c", kind="comment")
        self.assert_only(rule, hits, self.say("p", kind="post") | self.say("m", kind="message"))

    def test_visibility(self):
        private = self.make_rule(visibility="private", priority="2")
        hits = self.say("d", visibility="direct") | self.say("f", visibility="private")
        self.assert_only(private, hits, self.say("p") | self.say("u", visibility="unlisted"))
        private.visibility = "public"
        self.assert_only(
            private, self.say("p") | self.say("u", visibility="unlisted"), self.say("f", visibility="direct")
        )

    def heard(self, name, followers):
        return self.say(author=AuthorItem(external_id=name, name=name, followers=followers))

    def test_audience_bounds_are_included(self):
        rule = self.make_rule(audience_min=100, audience_max=1000, priority="2")
        hits = self.heard("a", 100) | self.heard("b", 1000)
        self.assert_only(rule, hits, self.heard("c", 99) | self.heard("d", 1001) | self.say(author=None))

    def test_audience_without_upper_limit(self):
        rule = self.make_rule(audience_min=100, priority="2")
        self.assert_only(rule, self.heard("a", 10_000_000), self.heard("b", 5))

    def test_author_known_means_linked_to_a_contact(self):
        self.say(author="ann")
        ann = self.env["community.author"].search([("external_id", "=", "ann"), ("network", "=", "toy")])
        ann.partner_id = self.env["res.partner"].create({"name": "Ann"})
        known = self.make_rule("Known", author_known="known", priority="2")
        unknown = self.make_rule("Unknown", author_known="unknown", priority="1")
        self.assertEqual(self.say(author="ann").rule_ids, known)
        self.assertEqual(self.say(author="bob").rule_ids, unknown)
        self.assertEqual(self.say(author=None).rule_ids, unknown)

    def test_all_conditions_must_be_met(self):
        price = self.make_topic("Price", "price")
        rule = self.make_rule(topic_ids=[price.id], kind_review=True, keywords="high", priority="2")
        hits = self.say("high price", kind="review")
        misses = self.say("high price") | self.say("price", kind="review") | self.say("high", kind="review")
        self.assert_only(rule, hits, misses)

    def test_an_archived_topic_still_is_a_condition(self):
        price = self.make_topic("Price", "price")
        self.make_rule(topic_ids=[price.id], priority="2")
        price.active = False
        self.assertFalse(self.say("anything").rule_ids)

    @mute_logger("odoo.sql_db")
    def test_a_topic_that_a_rule_names_cannot_be_deleted(self):
        price = self.make_topic("Price", "price")
        self.make_rule(topic_ids=[price.id], priority="2")
        with self.assertRaises(IntegrityError), self.cr.savepoint():
            price.unlink()


@tagged("post_install", "-at_install")
class TestRuleActions(RoutingCase):
    """What rules do, in which order, and to whose mentions."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.sales = cls.env["community.department"].create({"name": "Sales here"})
        cls.support = cls.env["community.department"].create({"name": "Support here"})

    def test_department_person_and_priority(self):
        rule = self.make_rule(department_id=self.sales.id, user_id=self.agent.id, priority="3")
        mention = self.say()
        self.assertEqual(mention.department_id, self.sales)
        self.assertEqual(mention.user_id, self.agent)
        self.assertEqual(mention.priority, "3")
        self.assertEqual(mention.rule_id, rule)
        self.assertEqual(mention.state, "new")

    def test_the_first_rule_that_applies_ends_it(self):
        self.make_rule("Second", sequence=2, department_id=self.support.id)
        first = self.make_rule("First", sequence=1, department_id=self.sales.id, keywords="buy")
        self.assertEqual(self.say("buy").rule_ids, first)
        self.assertEqual(self.say("buy").department_id, self.sales)
        self.assertEqual(self.say("other").department_id, self.support)

    def test_changing_the_order_changes_the_outcome(self):
        one = self.make_rule("One", sequence=1, department_id=self.sales.id)
        self.make_rule("Two", sequence=2, department_id=self.support.id)
        self.assertEqual(self.say().department_id, self.sales)
        one.sequence = 3
        self.assertEqual(self.say().department_id, self.support)

    def test_without_stop_later_rules_add_what_was_left_open(self):
        first = self.make_rule("First", sequence=1, priority="3", stop=False)
        second = self.make_rule("Second", sequence=2, priority="1", department_id=self.sales.id)
        mention = self.say()
        self.assertEqual(mention.priority, "3", "who says first, counts")
        self.assertEqual(mention.department_id, self.sales)
        self.assertEqual(mention.rule_ids, first | second)
        self.assertEqual(mention.rule_id, first)

    def test_ignore_takes_it_out_of_the_inbox_and_ends_it(self):
        self.make_rule("Spam", sequence=1, keywords="casino", do_ignore=True, stop=False)
        self.make_rule("Lead", sequence=2, keywords="casino", lead_action="create")
        mention = self.say("casino")
        self.assertEqual(mention.state, "ignored")
        self.assertFalse(mention.lead_id)

    def test_what_we_wrote_ourselves_is_never_routed(self):
        self.make_rule(keywords="acme", department_id=self.sales.id, lead_action="create")
        mention = self.say("Acme says thank you", outgoing=True)
        self.assertFalse(mention.rule_ids)
        self.assertFalse(mention.department_id)
        self.assertFalse(mention.lead_id)

    def test_archived_rules_rest(self):
        self.make_rule(department_id=self.sales.id, active=False)
        self.assertFalse(self.say().department_id)

    def test_a_change_works_at_once(self):
        rule = self.make_rule(keywords="red", department_id=self.sales.id)
        self.assertFalse(self.say("blue").department_id)
        rule.keywords = "blue"
        self.assertEqual(self.say("blue").department_id, self.sales)
        rule.unlink()
        self.assertFalse(self.say("blue").department_id)

    def test_an_edit_on_the_network_does_not_route_again(self):
        self.make_rule(keywords="red", department_id=self.sales.id, lead_action="create")
        mention = self.take(item("e", "blue", origin="own"))
        self.take(item("e", "red", origin="own"))
        self.assertEqual(mention.text, "red")
        self.assertFalse(mention.department_id)

    def test_rules_of_one_company_leave_the_others_alone(self):
        theirs = self.make_quiet_channel("Theirs", company_id=self.other_company.id)
        self.make_rule("Ours", keywords="acme", department_id=self.sales.id, lead_action="create")
        department = self.env["community.department"].create({"name": "T", "company_id": self.other_company.id})
        rule = self.make_rule("Theirs", company_id=self.other_company.id, department_id=department.id)
        mention = self.say("acme", channel=theirs)
        self.assertEqual(mention.rule_ids, rule)
        self.assertEqual(mention.department_id, department)
        self.assertFalse(mention.lead_id)
        self.assertEqual(self.say("acme").department_id, self.sales)

    def test_a_rule_cannot_point_into_another_company(self):
        department = self.env["community.department"].create({"name": "T", "company_id": self.other_company.id})
        with self.assertRaises(UserError):
            self.make_rule(department_id=department.id)

    def test_a_mixed_batch_gets_each_its_own(self):
        self.make_rule("Sales", sequence=1, keywords="buy", department_id=self.sales.id)
        self.make_rule("Support", sequence=2, keywords="broken", department_id=self.support.id, priority="2")
        words = ("buy", "broken", "nothing", "buy", "broken")
        mentions = self.take(*(item(f"m{place}", word, origin="own") for place, word in enumerate(words)))
        nobody = self.env["community.department"]
        expected = [self.sales, self.support, nobody, self.sales, self.support]
        self.assertEqual([mention.department_id for mention in mentions], expected)
        self.assertEqual(mentions.mapped("priority"), ["0", "2", "0", "0", "2"])

    def test_a_batch_costs_no_more_queries_than_a_few(self):
        for place in range(20):
            self.make_rule(f"R{place}", keywords=f"word{place}", department_id=self.sales.id, audience_min=place)
        self.env["community.rule"]._ruleset(self.company.id)

        def queries(size, word):
            mentions = self.take(*(item(f"{word}{size}-{n}", "fine", f"{word}{n}", origin="own") for n in range(size)))
            mentions.write({"text": word})
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.cr.sql_log_count
            self.env["community.rule"]._apply(mentions)
            self.env.flush_all()
            return self.cr.sql_log_count - before

        queries(2, "warm")
        for word in ("none", "word3"):
            few, many = queries(5, word), queries(80, word)
            self.assertLessEqual(many, few + 1, word)


@tagged("post_install", "-at_install")
class TestRuleEditing(RoutingCase):
    """What may be entered, by whom, and what is shown."""

    def test_a_rule_for_everything_may_only_put_before_somebody(self):
        self.make_rule(user_id=self.agent.id)
        for values in ({"do_ignore": True}, {"lead_action": "create"}, {"ticket_action": "create"}):
            with self.assertRaises(ValidationError):
                self.make_rule(**values)

    def test_the_last_condition_cannot_be_taken_from_a_rule_that_makes_leads(self):
        price = self.make_topic("Price", "price")
        rule = self.make_rule(topic_ids=[price.id], lead_action="create")
        with self.assertRaises(ValidationError):
            rule.topic_ids = [Command.clear()]

    def test_ignoring_and_making_something_of_it_contradict_each_other(self):
        with self.assertRaises(ValidationError):
            self.make_rule(keywords="x", do_ignore=True, ticket_action="create")

    def test_words_need_a_letter_or_digit(self):
        for words in ("#", "price\n-*", "- @ "):
            with self.assertRaises(ValidationError):
                self.make_rule(keywords=words)

    @mute_logger("odoo.sql_db")
    def test_the_least_audience_is_not_more_than_the_most(self):
        for bounds in ({"audience_min": 5, "audience_max": 4}, {"audience_min": -1}):
            with self.assertRaises(IntegrityError), self.cr.savepoint():
                self.make_rule(**bounds)

    def test_agents_read_rules_and_managers_change_them(self):
        rule = self.make_rule(user_id=self.agent.id)
        self.assertEqual(rule.with_user(self.agent).name, "Rule")
        with self.assertRaises(AccessError):
            rule.with_user(self.agent).name = "Mine"
        with self.assertRaises(AccessError):
            rule.with_user(self.agent).action_try()
        rule.with_user(self.manager).name = "Better"
        with self.assertRaises(AccessError):
            rule.with_user(self.outsider).read(["name"])

    def test_rules_of_other_companies_are_not_seen(self):
        rule = self.make_rule(company_id=self.other_company.id)
        self.assertNotIn(rule, self.env["community.rule"].with_user(self.manager).search([]))

    def test_conditions_and_actions_are_told_in_words(self):
        price = self.make_topic("Price", "price")
        rule = self.make_rule(
            topic_ids=[price.id], keywords="buy\n-job", audience_min=10, user_id=self.agent.id, lead_action="create"
        )
        self.assertEqual(rule.condition_text, "Price · “buy” · without “job” · at least 10 followers")
        self.assertEqual(rule.action_text, f"{self.agent.name} · Lead")
        self.assertEqual(self.make_rule().condition_text, "Every mention")

    def test_a_copy_rests_until_it_is_switched_on(self):
        copy = self.make_rule(user_id=self.agent.id).copy()
        self.assertFalse(copy.active)

    def test_hits_of_the_last_thirty_days_are_counted_for_every_rule_that_applied(self):
        from datetime import UTC, datetime, timedelta

        now = datetime.now(UTC)
        first = self.make_rule("First", sequence=1, priority="1", stop=False)
        second = self.make_rule("Second", sequence=2, keywords="buy", priority="1")
        self.say("buy", published_at=now)
        self.say("other", published_at=now)
        self.say("buy", published_at=now - timedelta(days=31))
        self.assertEqual((first.hit_count, second.hit_count), (2, 1))
        self.assertEqual(self.env["community.mention"].search_count(second.action_open_mentions()["domain"]), 2)
