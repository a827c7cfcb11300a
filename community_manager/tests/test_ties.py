from odoo.tests import tagged

from odoo.addons.community_manager.connectors.items import AuthorItem

from ..models.influence import community_tie_refresh
from .influence_common import InfluenceCase


@tagged("post_install", "-at_install")
class TestTies(InfluenceCase):
    """Who answers, mentions, quotes and shares whom, and how that fades."""

    def test_answers_quotes_shares_and_handles_tie_to_their_author(self):
        first = self.tell("ann")
        self.answer("bob", first)
        self.tell("cem", "Look at this", identifiers={"quoted_id": first.external_id})
        self.tell("dan", "Again", identifiers={"shared": first.external_id})
        self.tell("eve", "Ask @ann, she knows. Write to mail@ann.example")
        self.tell("fay", "RT @ann: Acme is there")
        self.refresh()
        self.assertEqual(
            self.ties(),
            [
                ("bob", "reply", "ann"),
                ("cem", "quote", "ann"),
                ("dan", "share", "ann"),
                ("eve", "mention", "ann"),
                ("fay", "share", "ann"),
            ],
        )

    def test_one_mention_ties_to_one_author_once_and_nobody_to_themselves(self):
        first = self.tell("ann")
        self.answer("bob", first, "@ann thanks @ann, says @bob")
        self.answer("ann", first, "And more")
        self.refresh()
        self.assertEqual(self.ties(), [("bob", "reply", "ann")])
        self.assertEqual(self.env["community.tie"].search([("source_id", "=", self.author("bob").id)]).count, 1)

    def test_two_profiles_of_one_person_do_not_lift_each_other(self):
        self.answer("bob", self.tell("ann"))
        person = self.env["res.partner"].create({"name": "Ann"})
        (self.author("ann") + self.author("bob")).partner_id = person
        self.refresh()
        self.assertEqual(self.ties(), [])

    def test_a_handle_means_the_account_of_the_same_server_and_nobody_when_it_may_mean_two(self):
        self.tell(AuthorItem("@kim@here.example", "Kim", "@kim@here.example", realm="here.example"))
        self.tell(AuthorItem("@kim@there.example", "Kim", "@kim@there.example", realm="here.example"))
        ann = AuthorItem("ann", "Ann", "@ann@here.example", realm="here.example")
        self.tell(ann, "Ask @kim", realm="here.example")
        self.tell(AuthorItem("bob", "Bob", "@bob"), "Ask @kim")
        self.tell(AuthorItem("cem", "Cem", "@cem"), "Ask @Kim@There.example.")
        self.refresh()
        self.assertEqual(
            self.ties(), [("ann", "mention", "@kim@here.example"), ("cem", "mention", "@kim@there.example")]
        )

    def test_a_tie_halves_with_each_half_life(self):
        first = self.tell("ann", days=400)
        self.answer("bob", first, days=90)
        self.answer("bob", first, days=0)
        self.answer("cem", first, days=180)
        self.answer("dan", first, days=460)
        self.refresh()
        ties = {tie.source_id.external_id: tie for tie in self.env["community.tie"].search([])}
        self.assertEqual(set(ties), {"bob", "cem"}, "what is older than five half-lives does not count")
        self.assertAlmostEqual(ties["bob"].weight, 1.5, places=4)
        self.assertAlmostEqual(ties["cem"].weight, 1.0, places=4, msg="worth one when it was last renewed")
        self.assertEqual((ties["bob"].count, ties["cem"].count), (2, 1))
        people, found = self.env["community.influence.refresh"]._load(self.company)
        place = found["source"].tolist().index(self.author("cem").id)
        self.assertAlmostEqual(found["quiet_days"][place], 180, places=3)
        self.assertIn(self.author("ann").id, people["id"].tolist())

    def test_only_the_ties_of_whom_something_changed_are_made_anew(self):
        first = self.tell("ann")
        answer = self.answer("bob", first)
        self.answer("cem", first)
        self.refresh()
        # as if a day had passed: these are in the ties
        self.env["community.tie.refresh"]._state(self.company).upto = (
            self.env["community.mention"].search([], order="id desc", limit=1).id
        )
        made = []
        renew = community_tie_refresh.CommunityTieRefresh._renew
        self.patch(
            community_tie_refresh.CommunityTieRefresh,
            "_renew",
            lambda model, company, authors: made.extend(authors) or renew(model, company, authors),
        )
        self.refresh()
        self.assertEqual(made, [])
        answer.sudo()._erase_content()
        self.refresh()
        self.assertEqual(made, self.author("bob").ids)
        self.assertEqual(self.ties(), [("cem", "reply", "ann")])
        self.answer("dan", first)
        made.clear()
        self.refresh()
        self.assertEqual(made, self.author("dan").ids)

    def test_an_answer_that_came_before_what_it_answers_is_tied_afterwards(self):
        self.say("Yes", author="bob", parent_id="later")
        self.refresh()
        self.env["community.tie.refresh"]._state(self.company).upto = (
            self.env["community.mention"].search([], order="id desc", limit=1).id
        )
        self.assertEqual(self.ties(), [])
        self.take(self.item("later", "Acme", "ann", origin="own"))
        self.refresh()
        self.assertEqual(self.ties(), [("bob", "reply", "ann")])

    def test_another_half_life_makes_all_ties_anew(self):
        first = self.tell("ann", days=100)
        self.answer("bob", first, days=90)
        self.answer("bob", first, days=0)
        self.refresh()
        self.company.community_tie_half_life = 30
        self.refresh()
        self.assertAlmostEqual(self.env["community.tie"].search([]).weight, 1.125, places=4)

    def test_private_messages_namesakes_and_other_companies_tie_nobody(self):
        first = self.tell("ann")
        self.answer("bob", first, visibility="direct")
        self.answer("cem", first).is_namesake = True
        other = self.make_quiet_channel("Elsewhere", company_id=self.other_company.id)
        self.answer("dan", first, channel=other)
        self.refresh()
        self.assertEqual(self.env["community.tie"].search([]), self.env["community.tie"])

    def test_how_a_tie_sounds_comes_from_what_is_said(self):
        first = self.tell("ann")
        angry, glad = self.answer("bob", first), self.answer("cem", first)
        angry.write({"sentiment": "negative", "sentiment_score": -0.9})
        glad.write({"sentiment": "positive", "sentiment_score": 0.7})
        self.refresh()
        ties = {tie.source_id.external_id: tie for tie in self.env["community.tie"].search([])}
        self.assertTrue(ties["bob"].quarrel)
        self.assertAlmostEqual(ties["bob"].tone, -0.9, places=4)
        self.assertFalse(ties["cem"].quarrel)
        self.assertEqual(self.env["community.tie"].search([("quarrel", "=", True)]), ties["bob"])
