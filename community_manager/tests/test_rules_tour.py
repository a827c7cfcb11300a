from odoo.tests import tagged

from .common import item
from .http_common import CommunityHttpCase


@tagged("post_install", "-at_install")
class TestRulesTour(CommunityHttpCase):
    """What managers and administrators do with rules, in the browser."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env["community.rule"].with_context(active_test=False).search([]).unlink()

    def test_a_manager_has_mentions_given_in_turn(self):
        self.start_tour("/odoo/community-rules", "community_rule_lines", login=self.manager.login)
        rule = self.env["community.rule"].search([])
        self.assertEqual(rule.action_ids.kind, "assign_turn")
        self.assertTrue(rule.life_customer)

    def test_an_administrator_undoes_what_a_rule_did_and_lets_it_go_on(self):
        rule = self.env["community.rule"].create(
            {"name": "Hello", "keywords": "hello", "priority": "3", "brake_own": True, "brake_mentions": 2}
        )
        channel = self.make_channel("Tour")
        self.ingest(channel, *(item(f"t{n}", "hello there", origin="own") for n in range(2)))
        self.ingest(channel, item("t3", "hello there", origin="own"))
        self.assertEqual(rule.state, "paused")
        self.start_tour(f"/odoo/community-rules/{rule.id}", "community_rule_paused", login=self.admin.login)
        self.assertEqual(rule.state, "on")
        self.assertEqual(set(self.mentions(channel).mapped("priority")), {"0"})

    def test_a_manager_publishes_rules_for_taking_part(self):
        rules = self.env["community.participation"].create(
            {"name": "How we treat each other", "slug": "tour", "rule_ids": [(0, 0, {"title": "No insults"})]}
        )
        self.start_tour(
            f"/odoo/community-participation/{rules.id}", "community_participation", login=self.manager.login
        )
        self.assertEqual(rules.state, "published")
