from odoo.exceptions import AccessError
from odoo.tests import tagged

from ..models.influence import community_influence_refresh
from .influence_common import InfluenceCase


@tagged("post_install", "-at_install")
class TestPicture(InfluenceCase):
    """The community as a picture: who is in it, where, and what it says."""

    def talk(self):
        """Two groups of four; Marta belongs to the first and talks with the second."""
        for leader, people in (("ann", ("bob", "cem", "marta")), ("eve", ("fay", "gil", "leo"))):
            first = self.tell(leader, days=40)
            said = [self.answer(name, first, days=30) for name in people]
            for one, other in zip(people, said[1:] + said[:1], strict=True):
                self.answer(one, other, days=5)
        for name in ("fay", "gil"):
            self.answer("marta", self.env["community.mention"].search([("author_id", "=", self.author(name).id)])[0])
        self.know("ann", "eve")
        self.refresh()

    def picture(self, user=None):
        """Return the picture as somebody gets it."""
        return self.env["community.picture"].with_user(user or self.agent).get_picture()

    def test_before_anything_was_counted_it_says_so(self):
        picture = self.picture()
        self.assertEqual((picture["nodes"], picture["ties"], picture["reckoned"]), ([], [], False))

    def test_two_groups_and_who_connects_them(self):
        self.talk()
        picture = self.picture()
        self.assertRegex(picture["sentence"], r"^Two groups, around (Ann|Marta) and Eve\. Marta connects them\.$")
        self.assertEqual(len(picture["groups"]), 2)
        self.assertEqual(sorted(group["people"] for group in picture["groups"]), [4, 4])
        self.assertEqual(picture["note"], "")
        self.assertTrue(picture["reckoned"])

    def test_nodes_have_places_and_ties_lead_to_nodes(self):
        self.talk()
        picture = self.picture()
        self.assertEqual(len(picture["nodes"]), 8)
        for node in picture["nodes"]:
            self.assertLessEqual(max(abs(node[2]), abs(node[3])), 1.0)
        self.assertEqual(len({(node[2], node[3]) for node in picture["nodes"]}), 8)
        names = [node[1] for node in picture["nodes"]]
        tie = next(tie for tie in picture["ties"] if {names[tie[0]], names[tie[1]]} == {"Bob", "Ann"})
        self.assertEqual(tie[3], 30, "days since they last had to do with each other")
        self.assertTrue(all(0 <= end < 8 for tie in picture["ties"] for end in tie[:2]))

    def test_of_many_only_the_core_is_shown_and_said_to_be(self):
        self.patch(community_influence_refresh, "DRAWN", 5)
        self.talk()
        picture = self.picture()
        self.assertEqual(len(picture["nodes"]), 5)
        self.assertIn("the 5 people who are heard most", picture["note"])
        self.assertIn("of 8", picture["note"])
        scores = [node[4] for node in picture["nodes"]]
        self.assertEqual(scores, sorted(scores, reverse=True))

    def test_the_picture_is_the_same_the_next_day(self):
        self.talk()
        before = {node[0]: node[2:4] for node in self.picture()["nodes"]}
        self.refresh()
        self.assertEqual({node[0]: node[2:4] for node in self.picture()["nodes"]}, before)

    def test_a_click_opens_the_person_or_the_profile(self):
        self.talk()
        pictures = self.env["community.picture"].with_user(self.agent)
        ann, marta = self.author("ann"), self.author("marta")
        self.assertEqual(pictures.open_person(ann.id)["tag"], "community_person")
        action = pictures.open_person(marta.id)
        self.assertEqual((action["res_model"], action["res_id"]), ("community.author", marta.id))

    def test_who_has_no_role_and_who_is_of_another_company_sees_nothing_of_it(self):
        self.talk()
        with self.assertRaises(AccessError):
            self.picture(self.outsider)
        elsewhere = self._new_user(
            "elsewhere",
            "community_manager.group_agent",
            company_id=self.other_company.id,
            company_ids=[(6, 0, self.other_company.ids)],
        )
        self.assertEqual(self.picture(elsewhere)["nodes"], [])
        with self.assertRaises(AccessError):
            self.env["community.picture"].with_user(elsewhere).open_person(self.author("ann").id)
        agency = self._new_user("outside", "community_manager.group_agency")
        with self.assertRaises(AccessError):
            self.picture(agency)
        with self.assertRaises(AccessError):
            self.author("ann").with_user(agency).get_heard_because()
