from odoo.exceptions import ValidationError
from odoo.tests import tagged

from odoo.addons.community_manager.analysis.engine import Reading

from .routing_common import RoutingCase

READINGS = {
    "Hire me": Reading(language="en", sentiment="neutral", intents={"job": 0.9}, passed="fast", version="test"),
    "Una vergüenza": Reading(language="es", sentiment="negative", intents={}, passed="fast", version="test"),
    "Eh": Reading(passed="fast", version="test"),
}


@tagged("post_install", "-at_install")
class TestRuleReading(RoutingCase):
    """Rules look at what was understood of a mention while it comes in."""

    def setUp(self):
        super().setUp()
        read = lambda analyst, company, texts, *_more, **_options: [READINGS[text] for text in texts]  # noqa: E731
        self.patch(type(self.env["community.analyst"]), "_read", read)

    def assert_only(self, rule, hit):
        for text in READINGS:
            self.assertEqual(self.say(text).rule_ids == rule, text == hit, text)

    def test_who_looks_for_work_reaches_those_who_hire(self):
        job = self.env.ref("community_manager.intent_job")
        people = self.env["community.department"].create({"name": "People"})
        rule = self.make_rule(intent_ids=[job.id], department_id=people.id)
        self.assert_only(rule, "Hire me")
        self.assertEqual(self.say("Hire me").department_id, people)

    def test_feeling(self):
        self.assert_only(self.make_rule(sentiment="negative", priority="2"), "Una vergüenza")

    def test_language(self):
        self.assert_only(self.make_rule(languages="ES, pt", priority="2"), "Una vergüenza")

    def test_an_unknown_language_is_refused_and_the_known_ones_are_named(self):
        with self.assertRaisesRegex(ValidationError, "“xx” is not recognised.*es, en"):
            self.make_rule(languages="es, xx", priority="2")

    def test_a_feeling_is_condition_enough_to_ignore(self):
        rule = self.make_rule(sentiment="positive", do_ignore=True)
        with self.assertRaises(ValidationError):
            rule.sentiment = False

    def test_the_conditions_are_told_in_words(self):
        job = self.env.ref("community_manager.intent_job")
        rule = self.make_rule(sentiment="negative", intent_ids=[job.id], languages="es", priority="2")
        self.assertEqual(rule.condition_text, f"Negative · {job.name} · es")

    def test_a_trial_finds_the_same(self):
        rule = self.make_rule(sentiment="negative", priority="2", active=False)
        mention = self.say("Una vergüenza") | self.say("Eh")
        trial = self.env["community.rule.try"].create({"rule_id": rule.id, "days": 10_000})
        trial.action_try()
        self.assertEqual(trial.line_ids.mention_id, mention[0])
