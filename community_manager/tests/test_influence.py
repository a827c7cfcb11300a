from datetime import timedelta

from freezegun import freeze_time

from odoo.exceptions import AccessError
from odoo.tests import tagged
from odoo.tools import mute_logger

from odoo.addons.community_manager.connectors.items import AuthorItem

from .influence_common import NOW, InfluenceCase


@tagged("post_install", "-at_install")
class TestInfluence(InfluenceCase):
    """Who is heard, why, and that nobody gets there by making accounts."""

    def talk(self):
        """Let Marta be answered by six people, two of whom we know; she and Leo each have a group."""
        lamps = self.make_topic("Lamps", "lamp", kind="product")
        marta = self.tell(AuthorItem("marta", "Marta", "@marta", followers=3200), "The acme lamp is fine", days=3)
        leo = self.tell(AuthorItem("leo", "Leo", "@leo", followers=40), "My acme", days=2)
        for name in ("ann", "bob", "cem", "dan"):
            self.answer(name, marta, f"{name} likes the lamp")
            self.answer(name, marta, "and again")
        said = {name: self.answer(name, leo, "True") for name in ("eve", "fay", "gil")}
        self.answer("ann", self.tell("bob", "lamp"), "@cem @dan look")
        self.answer("eve", said["fay"], "@gil look")
        self.answer("marta", said["eve"], "Interesting")
        self.answer("marta", said["gil"], "Interesting")
        self.answer("fay", marta, "Thanks")
        self.know("ann", "bob", "eve", "leo")
        self.refresh()
        return lamps

    def test_who_is_answered_by_people_we_know_is_heard_most_and_it_is_said_why(self):
        lamps = self.talk()
        marta = self.figures("marta")
        self.assertEqual(marta.place, 1)
        self.assertEqual(marta.topic_id, lamps)
        self.assertGreater(marta.score, self.figures("leo").score)
        self.assertEqual(self.figures("ann").standing, 0, "to be a contact is not to be heard")
        self.assertEqual(marta.heard_by, 5)
        because = self.author("marta").with_user(self.agent).get_heard_because()
        self.assertRegex(because, r"^Heard because 5 people answer or share them, among them .*(Ann|Bob)")
        self.assertIn("mostly about Lamps", because)
        self.assertIn("they have 3,200 followers", because)
        self.assertEqual(self.author("marta").heard, marta.score)
        self.assertEqual(self.author("nobody").heard, 0)

    def test_the_reason_is_in_the_readers_language_and_names_what_people_do(self):
        self.talk()
        self.author("bob").partner_id.function = "Journalist"
        self.assertIn("(Journalist)", self.author("marta").get_heard_because())

    def test_who_connects_two_groups_is_said_to(self):
        self.talk()
        marta, leo = self.figures("marta"), self.figures("leo")
        self.assertEqual(marta.connects, 2)
        self.assertIn("they connect two groups", marta.because)
        self.assertEqual(leo.connects, 0)
        self.assertNotEqual(self.figures("gil").circle, self.figures("dan").circle)
        self.assertEqual(self.figures("dan").leader_id, self.author("marta"))

    def test_a_ring_of_accounts_that_lift_each_other_does_not_get_among_the_heard(self):
        self.talk()
        authors = self.env["community.author"].create(
            [
                {"company_id": self.company.id, "network": "toy", "external_id": f"fake{number}", "followers": 500}
                for number in range(1000)
            ]
        )
        self.env["community.tie"].create(
            [
                {
                    "company_id": self.company.id,
                    "source_id": authors[number].id,
                    "target_id": authors[other].id,
                    "kind": "mention",
                    "weight": 5.0,
                    "count": 5,
                    "last_at": NOW,
                }
                for number in range(1000)
                for other in {0, (number + 1) % 1000, (number + 7) % 1000} - {number}
            ]
        )
        self.env["community.influence.refresh"]._reckon(self.company)
        self.env.invalidate_all()
        best = self.env["community.influence"].search([], order="place", limit=8)
        self.assertFalse(best.author_id & authors)
        self.assertIn(self.figures("dan"), best, "whoever is answered by people we know stands before the ring")
        self.assertLessEqual(authors[0].influence_ids.heard_by, 3)

    def test_whom_we_answered_is_known_and_our_own_account_is_not_in_the_list(self):
        first = self.tell("ann")
        self.answer("acme", first, "Hello Ann", outgoing=True)
        self.tell("bob", "@ann @acme is great")
        self.refresh()
        self.assertTrue(self.figures("ann").known)
        self.assertFalse(self.figures("bob").known)
        self.assertFalse(self.figures("acme"))
        self.assertIn(("acme", "reply", "ann"), self.ties())

    def test_automated_accounts_have_no_part_in_it(self):
        first = self.tell("ann")
        self.answer(AuthorItem("robot", "Robot", "@robot", bot=True), first)
        self.refresh()
        self.assertEqual(self.figures("ann").heard_by, 0)
        self.assertFalse(self.figures("robot"))

    def test_an_angry_answer_adds_nothing(self):
        first = self.tell("ann")
        self.answer("bob", first).write({"sentiment": "negative", "sentiment_score": -0.9})
        self.refresh()
        self.assertEqual(self.figures("ann").heard_by, 0)

    def test_feeling_and_relevance_are_those_of_what_they_say_of_us(self):
        rival = self.make_topic("Rival", "rival", kind="competitor")
        self.tell("ann", "Acme is fine").write({"sentiment": "positive", "sentiment_score": 0.8})
        said = self.tell("ann", "The rival is bad", origin="search")
        said.write({"sentiment": "negative", "sentiment_score": -0.9})
        self.assertEqual(said.topic_ids, rival)
        self.refresh()
        figures = self.figures("ann")
        self.assertEqual(figures.attitude, "positive")
        self.assertAlmostEqual(figures.feeling, 0.8, places=3)
        self.assertAlmostEqual(figures.relevance, 0.5, places=3)

    def test_who_is_heard_more_than_usual_rises(self):
        self.talk()
        self.assertEqual(self.figures("gil").change, 0, "the first time there is no usual")
        with freeze_time(NOW + timedelta(days=10)):
            newcomer = self.say(author=AuthorItem("new", "New", "@new"))
            for name in ("ann", "bob", "eve"):
                self.say(author=AuthorItem(name, name.title(), f"@{name}"), parent_id=newcomer.external_id)
            self.env["community.influence.refresh"]._refresh_now(self.company)
        self.env.invalidate_all()
        figures = self.figures("new")
        self.assertGreater(figures.change, 5)
        self.assertIn(figures, self.env["community.influence"].search([("change", ">=", 5)]))

    def test_reckoning_twice_writes_nothing(self):
        self.talk()
        self.env["community.influence.refresh"]._reckon(self.company)
        self.env.cr.execute("SELECT ctid::text FROM community_influence ORDER BY id")
        before = self.env.cr.fetchall()
        self.env["community.influence.refresh"]._reckon(self.company)
        self.env.cr.execute("SELECT ctid::text FROM community_influence ORDER BY id")
        self.assertEqual(self.env.cr.fetchall(), before, "rows that were written stand elsewhere")

    def test_the_screen_says_what_it_shows(self):
        influence = self.env["community.influence"].with_user(self.agent)
        self.assertIn("tonight", influence.get_heading([])["sentence"])
        self.tell("ann")
        self.refresh()
        self.assertIn("cannot be told from people", influence.get_heading([])["more"][0])
        self.talk()
        self.assertIn("people and", influence.get_heading([])["sentence"])
        self.assertNotIn("cannot be told", " ".join(influence.get_heading([])["more"]))

    def test_managers_have_it_reckoned_and_agents_do_not(self):
        self.answer("bob", self.tell("ann"))
        with self.assertRaises(AccessError):
            self.env["community.influence"].with_user(self.agent).action_refresh()
        self.env["community.influence"].with_user(self.manager).action_refresh()
        self.env.invalidate_all()
        self.assertEqual(self.figures("ann").heard_by, 1)

    def test_the_desk_says_why_somebody_is_heard_and_falls_back_to_followers(self):
        mention = self.tell(AuthorItem("zoe", "Zoe", "@zoe", followers=12))
        lines = self.author("zoe").with_user(self.agent)._influence_lines()
        self.assertEqual(lines[0]["text"], "12 followers")
        self.answer("bob", mention)
        self.refresh()
        line = self.author("zoe").with_user(self.agent)._influence_lines()[0]
        self.assertIn("Bob answers or shares them", line["text"])
        self.assertEqual(line["open"], {"model": "community.influence", "id": self.figures("zoe").id})

    def test_what_is_kept_of_a_person_is_shown_and_erased(self):
        self.talk()
        person = self.author("ann").partner_id
        kept = {entry["code"]: entry["records"] for entry in person._community_personal_data()}
        self.assertEqual(kept["influence"], self.figures("ann"))
        self.assertTrue(kept["ties"])
        found = person.sudo()._community_erase()
        self.assertGreaterEqual(found["community.tie"], 2)
        self.assertFalse(self.figures("ann"))
        self.assertFalse([tie for tie in self.ties() if "ann" in tie])
        self.assertNotIn("Ann", self.author("marta").with_user(self.outsider).sudo().heard_because or "")

    def test_the_persons_page_says_why_they_are_heard(self):
        self.answer("bob", self.tell("ann"))
        self.know("ann")
        self.refresh()
        facts = self.author("ann").partner_id.with_user(self.agent)._community_facts()
        self.assertIn("Bob answers", next(fact for fact in facts if fact["code"] == "influence")["text"])

    def test_the_scheduled_action_does_all_companies_and_one_that_fails_stops_no_other(self):
        self.answer("bob", self.tell("ann"))
        other = self.make_quiet_channel("Elsewhere", company_id=self.other_company.id)
        self.answer("eve", self.tell("dan", channel=other), channel=other)
        refresh = type(self.env["community.influence.refresh"])
        reckon = refresh._reckon

        def fails_here(model, company):
            if company == self.company:
                raise ValueError("broken")
            return reckon(model, company)

        self.patch(refresh, "_reckon", fails_here)
        self.env.flush_all()
        cron = self.env.ref("community_manager.cron_influence_refresh")
        # in tests nothing may be rolled back as a whole
        with mute_logger(f"{refresh.__module__}"), self.enter_registry_test_mode():
            cron.method_direct_trigger()
        self.env.invalidate_all()
        elsewhere = self.env["community.author"].search([("company_id", "=", self.other_company.id)])
        self.assertEqual(sorted(elsewhere.influence_ids.mapped("heard_by")), [0, 1])
        self.assertFalse(self.figures("ann").heard_by)
