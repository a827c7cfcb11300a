from datetime import UTC, datetime, timedelta

from odoo.exceptions import AccessError, ValidationError
from odoo.tests import tagged

from .routing_common import RoutingCase


@tagged("post_install", "-at_install")
class TestCatchAll(RoutingCase):
    """Words that find nearly everything are refused, with the number they would have found."""

    def fill(self, texts):
        now = datetime.now(UTC)
        for number, text in enumerate(texts):
            self.say(text, author=f"a{number}", published_at=now - timedelta(days=1, minutes=number))

    def test_a_rule_that_would_match_most_is_refused_with_the_volume(self):
        self.env["community.mention"].search([]).published_at = "2020-01-01 00:00:00"
        self.fill(["a lamp of acme"] * 45 + ["a chair"] * 15)
        with self.assertRaisesRegex(ValidationError, "45 of 60"):
            self.make_rule(keywords="acme", priority="1")
        self.assertTrue(self.make_rule(keywords="chair", priority="1"))

    def test_other_conditions_that_narrow_it_count(self):
        self.env["community.mention"].search([]).published_at = "2020-01-01 00:00:00"
        self.fill(["a lamp of acme"] * 60)
        self.assertTrue(self.make_rule(keywords="acme", kind_review=True, priority="1"))

    def test_a_rule_at_rest_is_refused_when_it_is_switched_on(self):
        rule = self.make_rule(keywords="the", priority="1", active=False)
        with self.assertRaises(ValidationError):
            rule.active = True

    def test_words_that_say_nothing_are_refused_without_any_mention(self):
        for word in ("a", "de", "the", "e*", "ab*"):
            with self.subTest(word=word):
                with self.assertRaises(ValidationError):
                    self.make_rule(keywords=word, priority="1")
                with self.assertRaises(ValidationError):
                    self.make_topic("Any", word)
        for word in ("lam*", "hola", "thanks", "how much", "ia.", "3d"):
            with self.subTest(word=word):
                self.assertTrue(self.make_rule(keywords=word, priority="1"))

    def test_a_topic_is_measured_by_what_no_topic_matched(self):
        """A brand that all stored mentions name is no catch-all; a word of everything else is."""
        self.fill(["acme lamp"] * 60)
        self.assertTrue(self.make_topic("Brand", "acme"))
        now = datetime.now(UTC).replace(tzinfo=None)
        self.env["community.sample"].create(
            [
                {
                    "company_id": self.company.id,
                    "channel_id": self.channel.id,
                    "network": "toy",
                    "external_id": f"s{number}",
                    "text": "nice weather today" if number < 50 else "rain",
                    "published_at": now,
                }
                for number in range(60)
            ]
        )
        with self.assertRaisesRegex(ValidationError, "50 of 60"):
            self.make_topic("Weather", "weather")
        topic = self.make_topic("Rain", "rain")
        with self.assertRaises(ValidationError):
            topic.keyword_ids = [(0, 0, {"name": "weather"})]

    def test_an_administrator_may_allow_it_and_that_is_noted(self):
        rule = self.make_rule(keywords="lamp", priority="1")
        with self.assertRaises(AccessError):
            rule.with_user(self.manager).write({"keywords": "the", "catch_all": True})
        rule.with_user(self.admin).write({"keywords": "the", "catch_all": True})
        self.assertIn("nearly everything", rule.message_ids[0].body)
        self.assertEqual(rule.message_ids[0].author_id, self.admin.partner_id)

    def test_the_share_is_the_company_s(self):
        self.env["community.mention"].search([]).published_at = "2020-01-01 00:00:00"
        self.fill(["a lamp"] * 12 + ["a chair"] * 48)
        self.assertTrue(self.make_rule(keywords="lamp", priority="1"))
        self.company.community_catch_all_share = 10
        with self.assertRaises(ValidationError):
            self.make_rule(keywords="lamp", priority="2")
