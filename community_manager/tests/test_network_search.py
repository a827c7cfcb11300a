from odoo.tests import tagged

from .common import CommunityCase


@tagged("post_install", "-at_install")
class TestNetworkSearch(CommunityCase):
    """Among thirty networks the one that is wanted is found by name, by kind and by what it can do."""

    def codes(self, *domain):
        return self.env["community.network"].with_user(self.admin).search(list(domain)).mapped("code")

    def test_by_name(self):
        self.assertEqual(self.codes(("name", "ilike", "masto")), ["mastodon"])

    def test_by_kind(self):
        self.assertIn("trustpilot", self.codes(("kind", "=", "reviews")))
        self.assertNotIn("mastodon", self.codes(("kind", "=", "reviews")))
        self.assertIn("mastodon", self.codes(("kind", "!=", "reviews")))

    def test_by_what_it_can_do(self):
        self.assertIn("mastodon", self.codes(("can_publish", "=", True)))
        self.assertNotIn("feed", self.codes(("can_answer", "=", True)))
        self.assertIn("feed", self.codes(("can_answer", "=", False)))
        self.assertIn("webhook", self.codes(("can_listen", "=", True)))
