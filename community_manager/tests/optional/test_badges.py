from unittest import SkipTest

from odoo.tests import tagged

from odoo.addons.community_manager.tests.relations_common import RelationsCase


@tagged("post_install", "-at_install")
class TestBadges(RelationsCase):
    """Where the application for badges is installed, who has an account here gets the badge on it too."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        if "gamification.badge" not in cls.env:
            raise SkipTest("Gamification is not installed in this database")

    def give(self, partner):
        badge = self.env.ref("community_manager.badge_helper")
        person = self.care(partner)
        dialog = self.env["community.thank"].with_user(self.agent)
        dialog.create({"influencer_id": person.id, "kind": "badge", "badge_id": badge.id, "text": "May"}).action_give()
        return self.env["community.recognition"].search([("influencer_id", "=", person.id)])

    def test_who_has_an_account_gets_it_there_too(self):
        one = self.give(self.manager.partner_id)
        given = self.env["gamification.badge.user"].browse(one.game_badge_id)
        self.assertEqual((given.user_id, given.badge_id.name, given.comment), (self.manager, "Helping hand", "May"))
        self.manager.partner_id.sudo()._community_erase()
        self.assertFalse(given.comment)

    def test_everybody_else_has_it_in_the_register_alone(self):
        one = self.give(self.ann)
        self.assertEqual((one.kind, one.game_badge_id), ("badge", 0))
