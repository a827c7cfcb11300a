from datetime import timedelta
from unittest.mock import patch

from odoo import fields
from odoo.exceptions import AccessError, ValidationError
from odoo.tests import Form, tagged

from odoo.addons.community_manager.models.purchases import community_score_value

from .purchases_common import PurchasesCase


@tagged("post_install", "-at_install")
class TestCustomerScores(PurchasesCase):
    """How customers rank, which segment they are in, and what may be expected of them."""

    @classmethod
    def many(cls, number=25):
        """Make customers: the last one bought last, most often and for most."""
        people = cls.env["res.partner"].create([{"name": f"Customer {place:03}"} for place in range(number)])
        values = []
        for place, person in enumerate(people):
            values += [
                {
                    "name": f"P{place}-{turn}",
                    "partner_id": person.id,
                    "company_id": cls.company.id,
                    "currency_id": cls.company.currency_id.id,
                    "date": cls.today - timedelta(days=3 * (number - place) + 40 * turn),
                    "amount": 10.0 + place,
                }
                for turn in range(place + 1)
            ]
        cls.env["community.purchase"].create(values)
        return people

    def segment(self, code):
        return self.env.ref(f"community_manager.segment_{code}")

    def test_fifths(self):
        """A fifth of the customers has each score, and the database's own quintiles agree."""
        people = self.many()
        self.refresh()
        scores = self.env["community.score"]._of(people, self.company)
        found = [(scores[one.id].r, scores[one.id].f, scores[one.id].m) for one in people]
        self.assertEqual(found, [(fifth,) * 3 for fifth in (1, 2, 3, 4, 5) for _one in range(5)])
        self.env.flush_all()
        self.env.cr.execute(
            "SELECT bool_and(ntile = m) FROM (SELECT m, ntile(5) OVER (ORDER BY monetary) FROM community_score"
            " WHERE company_id = %s) AS ranked",
            [self.company.id],
        )
        self.assertTrue(self.env.cr.fetchone()[0])

    def test_equal_customers_have_equal_scores(self):
        """Whatever the order they are read in: twenty who bought once and five who came back."""
        people = self.env["res.partner"].create([{"name": f"Equal {place}"} for place in range(25)])
        for place, person in enumerate(people):
            self.bought(person, *([10] if place < 20 else [10, 20]))
        self.refresh()
        scores = self.env["community.score"]._of(people, self.company)
        self.assertEqual({scores[one.id].f for one in people[:20]}, {1})
        self.assertEqual({scores[one.id].f for one in people[20:]}, {5})
        self.assertEqual({scores[one.id].r for one in people}, {3})

    def test_own_limits(self):
        """The company says where scores begin; as days pass customers come below a limit without buying."""
        eva = self.person()
        self.company.write({"community_rank_by": "own", "community_rank_days": "30, 90, 180, 365"})
        self.bought(eva, 30, 200, 300, amount=100)
        self.refresh()
        score = self.score(eva)
        self.assertEqual((score.r, score.f, score.m), (5, 3, 3))
        self.assertEqual(score.segment_id, self.segment("potential"))
        tomorrow = self.today + timedelta(days=1)
        with patch.object(type(self.company), "_community_day", lambda company, moment=None: tomorrow):
            self.settle()
            self.assertEqual(self.score(eva).r, 4)
        with self.assertRaises(ValidationError):
            self.company.community_rank_days = "90, 30, 180, 365"
        with self.assertRaises(ValidationError):
            self.company.community_rank_count = "a lot"

    def test_segments_hold_every_combination(self):
        """Each of the 125 combinations of scores belongs to a segment, champions at one end and lost at the other."""
        cells = self.env["community.segment"]._cells(self.company)
        self.assertEqual(len(cells), 125)
        self.assertNotIn(None, cells)
        self.assertEqual((cells[-1], cells[0]), (self.segment("champions").id, self.segment("lost").id))
        self.assertEqual(len(set(cells)), 10)

    def test_segments_name_their_customers(self):
        """By ranges customers, by a condition contacts; counts are those of the company."""
        people = self.many()
        self.refresh()
        champions = self.segment("champions")
        self.assertEqual(champions._partners(self.company), people[15:].ids)
        self.assertEqual(champions.partner_count, 10)
        self.assertEqual(champions._partners(self.other_company), [])
        own = self.env["community.segment"].create(
            {"name": "Named 3", "kind": "domain", "domain": "[('name', '=', 'Customer 003')]"}
        )
        self.assertEqual(own._partners(self.company), people[3].ids)
        self.assertEqual((champions | own)._partners(self.company), sorted([people[3].id, *people[15:].ids]))
        found = self.env["res.partner"].search([("community_segment_id", "=", champions.id), ("id", "in", people.ids)])
        self.assertEqual(found, people[15:])
        self.assertEqual(people[20].with_user(self.agent).community_rfm, "5-5-5")
        with self.assertRaises(ValidationError):
            own.domain = "[('nothing_like_it', '=', 3)]"
        with self.assertRaises(ValidationError):
            champions.r_min = 6
        with self.assertRaises(AccessError):
            champions.with_user(self.agent).name = "x"

    def test_changes_of_segment_are_kept(self):
        """With where from, where to and whether that is better; the first segment is no change."""
        people = self.many()
        self.refresh()
        changes = self.env["community.score.change"]
        self.assertFalse(changes.search([("company_id", "=", self.company.id)]))
        lost = people[0]
        before = self.score(lost).segment_id
        self.bought(lost, 0, 0, 0, amount=50)
        self.settle()
        change = changes.search([("company_id", "=", self.company.id)])
        self.assertEqual((change.partner_id, change.from_segment_id), (lost, before))
        self.assertEqual((change.to_segment_id, change.direction), (self.score(lost).segment_id, "up"))
        kinds = {kind["code"]: kind for kind in lost._community_timeline_kinds()}
        (entry,) = kinds["segment"]["read"](None, 10)
        self.assertIn(change.to_segment_id.name, entry["title"])

    def test_a_refresh_of_some_is_that_of_all(self):
        """Who is counted alone gets the figures that all get who are counted together."""
        people = self.many()
        self.refresh()
        self.bought(people[7], 0, amount=11)
        self.bought(people[12], 1, amount=500)
        self.settle()
        names = ["frequency", "monetary", "last_on", "first_on"]
        alone = self.env["community.score"]._of(people, self.company)
        alone = {partner: score.read(names)[0] for partner, score in alone.items()}
        self.refresh()
        together = self.env["community.score"]._of(people, self.company)
        self.assertEqual(alone, {partner: score.read(names)[0] for partner, score in together.items()})

    def test_editing_a_segment_ranks_again(self):
        """In the background: the customers are marked, and the next run puts them in place."""
        people = self.many()
        self.refresh()
        self.env["community.score.basis"]._of(self.company).whole_at = fields.Datetime.now()
        self.segment("champions").m_min = 5
        self.settle()
        self.assertEqual(self.segment("champions")._partners(self.company), people[20:].ids)

    def test_few_customers_are_read_plainly(self):
        """Below a number of customers who came back their own gap stands, and the screen says so."""
        eva, once = self.person(), self.person("Once")
        self.bought(eva, 10, 40, 70)
        self.bought(once, 60)
        self.refresh()
        score = self.score(eva)
        self.assertEqual((score.method, score.next_purchase_on), ("plain", self.today + timedelta(days=20)))
        self.assertEqual(score.alive, 1.0)
        self.assertAlmostEqual(self.score(once).alive, 0.5, 2)
        basis = self.env["community.score.basis"]._of(self.company)
        self.assertIn("Too few customers (1)", basis.explanation)

    def test_nobody_came_back(self):
        """Then nothing is expected of anybody."""
        eva = self.person()
        self.bought(eva, 10)
        self.refresh()
        score = self.score(eva)
        self.assertEqual((score.method, score.next_purchase_on, score.lost), ("none", False, 0))

    def test_many_customers_are_fitted(self):
        """From enough who came back, the two models say what to expect; who is quiet for long is probably lost."""
        people = self.many(30)
        with patch.object(community_score_value, "LEAST_REPEATERS", 20):
            self.refresh()
        basis = self.env["community.score.basis"]._of(self.company)
        self.assertEqual(basis.method, "bgnbd")
        self.assertEqual(set(basis.parameters["buying"]), {"r", "alpha", "a", "b", "log_likelihood"})
        scores = self.env["community.score"]._of(people, self.company)
        self.assertEqual(scores[people[0].id].method, "once")
        best = scores[people[-1].id]
        self.assertEqual(best.method, "bgnbd")
        self.assertGreater(best.expected_purchases, scores[people[5].id].expected_purchases)
        self.assertGreater(best.lifetime_value, 0)
        self.assertGreaterEqual(best.alive, 0.5)

    def test_future_and_negative_purchases_break_nothing(self):
        """An order dated tomorrow, and somebody who gave back more than they bought."""
        eva, ben = self.person(), self.person("Ben")
        self.bought(eva, -5, 10)
        self.bought(ben, 10, 20, amount=10)
        self.bought(ben, 5, amount=-50)
        self.refresh()
        self.assertEqual((self.score(ben).frequency, self.score(ben).monetary), (2, -30))
        self.assertGreaterEqual(self.score(ben).lifetime_value, 0)
        self.assertEqual(self.score(eva).frequency, 2)

    def test_the_scheduled_work_counts_all_companies(self):
        """Through the scheduled action, as it runs."""
        eva = self.person()
        self.bought(eva, 3)
        self.env.flush_all()
        with self.enter_registry_test_mode():
            self.env.ref("community_manager.cron_customers").method_direct_trigger()
        self.env.invalidate_all()
        self.assertEqual(self.score(eva).frequency, 1)

    def test_expectations_of_all_come_batch_by_batch(self):
        """Each batch is a step of its own; who buys meanwhile is counted afterwards."""
        people = self.many(12)
        with patch.object(community_score_value, "BATCH", 5):
            self.settle()
            basis = self.env["community.score.basis"]._of(self.company)
            self.assertTrue(basis.valuing)
            self.assertEqual(
                set(self.env["community.score"]._of(people, self.company)[people[0].id].mapped("method")), {"none"}
            )
            self.bought(people[3], 0)
            for _step in range(3):
                self.settle()
            self.assertFalse(basis.valuing)
            scores = self.env["community.score"]._of(people, self.company)
            self.assertEqual({score.method for score in scores.values()}, {"plain"})
            self.settle()
        self.assertEqual(self.score(people[3]).last_on, self.today)

    def test_preferences(self):
        """What a person buys and speaks of most stands on their page."""
        eva = self.person()
        self.order(eva, 10)
        author = self.env["community.author"].create(
            {"company_id": self.company.id, "network": "toy", "external_id": "eva", "partner_id": eva.id}
        )
        mention = self.env["community.mention"].create(
            {"company_id": self.company.id, "network": "toy", "kind": "post", "external_id": "e1", "text": "Hm"}
            | {"author_id": author.id, "published_at": fields.Datetime.now(), "origin": "own"}
        )
        mention.product_ids = self.product.product_tmpl_id
        mention.intent_ids = self.env.ref("community_manager.intent_suggestion")
        self.env.flush_all()
        liked = eva._community_preferences(self.company)
        self.assertEqual((liked["categories"].name, liked["products"]), ("Lamps", self.product))
        self.assertEqual((liked["spoken"], liked["told"]), (self.product.product_tmpl_id, {"suggestion": 1}))
        self.refresh()
        codes = {fact["code"] for fact in eva._community_facts()}
        self.assertLessEqual({"value", "likes", "said"}, codes)

    def test_settings(self):
        """The settings screen takes own limits."""
        with Form(self.env["res.config.settings"]) as form:
            form.community_rank_by = "own"
            form.community_rank_days = "7, 30, 90, 180"
        form.record.execute()
        self.assertEqual(self.company._community_numbers("community_rank_days"), [7, 30, 90, 180])

    def test_erasing_a_person(self):
        """What names them goes; what was sold stays, and is nobody's."""
        eva = self.person()
        purchase = self.bought(eva, 3)
        self.refresh()
        kept = {entry["code"]: entry for entry in eva._community_personal_data()}
        self.assertEqual(kept["purchase"]["records"], purchase)
        for entry in (kept[code] for code in ("score", "segment", "purchase", "alarm")):
            entry["records"].read(entry["fields"])
        erased = eva.sudo()._community_erase()
        self.assertEqual((erased["community.purchase"], erased["community.score"]), (1, 1))
        self.assertTrue(purchase.exists())
        self.assertFalse(purchase.partner_id or self.score(eva))
