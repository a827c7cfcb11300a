from datetime import date, datetime, timedelta

from freezegun import freeze_time

from odoo.exceptions import AccessError
from odoo.tests import tagged
from odoo.tools import mute_logger

from odoo.addons.community_manager.models.reporting import community_term
from odoo.addons.community_manager.models.reporting.community_term_source import DAYS_PARAMETER

from .routing_common import RoutingCase

TODAY = datetime(2026, 3, 20, 12)


@tagged("post_install", "-at_install")
class TestTerms(RoutingCase):
    """Which words, tags and links people use, and which of them rise."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        time = freeze_time(TODAY)
        time.start()
        cls.addClassCleanup(time.stop)
        cls.company.partner_id.tz = "Europe/Madrid"
        cls.speakers = 0

    def tell(self, text, days=0, author=None, language="es", **values):
        """Let somebody write a text some days ago, and have it read."""
        type(self).speakers += 1
        author = author or f"speaker-{self.speakers}"
        mention = self.say(text, author=author, published_at=_at(days), language=language, **values)
        self.read(mention)
        return mention

    def read(self, mentions):
        """Do what follows from the second pass."""
        analyst = self.env["community.analyst"]
        for mention in mentions:
            analyst._deepen(mention, analyst._read(mention.company_id, [mention.text or ""], [mention.language or ""]))

    def count(self):
        """Do what the scheduled action does."""
        while self.env["community.daily"]._count_next():
            pass
        self.env["community.rising"]._refresh(self.company)
        self.env.invalidate_all()

    def counts(self, day=date(2026, 3, 20), kind="word"):
        """Return ``{term: people}`` of a day."""
        terms = self.env["community.term"].search([("day", "=", day), ("kind", "=", kind)])
        return dict(zip(terms.mapped("term"), terms.mapped("count"), strict=True))

    def test_words_tags_and_links(self):
        """Words and phrases, tags and links are counted without case and accents, shown as they are written."""
        self.tell("La atención al cliente es HORRIBLE #EnvíoLento https://www.shop.example/a/?utm=1")
        self.tell("horrible atencion al cliente #envíolento http://shop.example/a")
        self.count()
        words = self.counts()
        self.assertEqual((words["atencion al cliente"], words["horrible"]), (2, 2))
        self.assertNotIn("la", words)
        self.assertEqual(self.counts(kind="hashtag"), {"enviolento": 2})
        self.assertEqual(self.counts(kind="link"), {"shop.example/a": 2})
        shown = self.env["community.term"].search([("term", "=", "atencion al cliente")])
        self.assertEqual(shown.shown, "atención al cliente")

    def test_people_not_posts(self):
        """Who repeats a word on one day counts once."""
        for _number in range(3):
            self.tell("zanahoria", author="eager")
        self.tell("zanahoria")
        self.count()
        self.assertEqual(self.counts()["zanahoria"], 2)

    def test_nothing_counts_twice(self):
        """A batch that is repeated, a second count, an edit: the figures are those of what stands there."""
        mention = self.tell("zanahoria morada")
        self.count()
        self.read(mention)
        self.read(mention)
        self.count()
        self.assertEqual(self.counts(), {"zanahoria": 1, "morada": 1, "zanahoria morada": 1})
        mention.text = "calabaza"
        self.read(mention)
        self.count()
        self.assertEqual(self.counts(), {"calabaza": 1})

    def test_what_does_not_count(self):
        """Spam, copies, namesakes, what we wrote and what was deleted go out of the figures when that is noticed."""
        mentions = self.env["community.mention"].union(*(self.tell("zanahoria") for _number in range(6)))
        self.tell("zanahoria", outgoing=True)
        self.count()
        self.assertEqual(self.counts()["zanahoria"], 6)
        mentions[0].copy_of_id = mentions[1]
        mentions[2].is_namesake = True
        mentions[3].intent_ids = self.env["community.intent"].search([("code", "=", "spam")])
        mentions[4]._erase_content()
        self.count()
        self.assertEqual(self.counts()["zanahoria"], 2)
        mentions[2].is_namesake = False
        mentions[5].unlink()
        self.count()
        self.assertEqual(self.counts()["zanahoria"], 2)
        self.assertFalse(self.env["community.term.source"].search([("mention_id", "in", mentions[4].ids)]))

    def test_company_day(self):
        """The day is the company's: half past eleven at night in London is tomorrow in Madrid."""
        mention = self.say("zanahoria", published_at=datetime(2026, 3, 18, 23, 30).astimezone())
        mention.published_at = datetime(2026, 3, 18, 23, 30)
        self.read(mention)
        self.count()
        self.assertFalse(self.counts(date(2026, 3, 18)))
        self.assertEqual(self.counts(date(2026, 3, 19)), {"zanahoria": 1})

    def test_most_frequent_ones(self):
        """Of a day with very many words the most frequent are kept."""
        self.patch(community_term, "MOST", 2)
        for text in ("zanahoria", "zanahoria", "calabaza", "calabaza", "pepino"):
            self.tell(text)
        self.count()
        self.assertEqual(self.counts(), {"zanahoria": 2, "calabaza": 2})

    def test_old_days_go(self):
        """Words are kept as many days as the settings say, and six weeks at least."""
        self.tell("zanahoria", days=80)
        self.tell("calabaza", days=50)
        self.tell("pepino", days=3)
        self.tell("nabo", days=100)
        self.count()
        terms = self.env["community.term"]
        self.assertEqual(set(terms.search([]).mapped("term")), {"zanahoria", "calabaza", "pepino"})
        for days, left in (("60", {"calabaza", "pepino"}), ("1", {"pepino"}), ("nonsense", {"pepino"})):
            self.env["ir.config_parameter"].set_param(DAYS_PARAMETER, days)
            self.env["community.term.source"]._gc_terms()
            self.env.invalidate_all()
            self.assertEqual(set(terms.search([]).mapped("term")), left)
        self.assertEqual(self.env["community.term.source"].search_count([]), 1)

    def habit(self):
        """Let people write the same for five weeks, and many write something new this week."""
        for days in range(35):
            for text in ("pedido correcto", "tienda bonita"):
                self.tell(text, days=days)
        for number in range(12):
            self.tell("app caída #AppCaída", days=number % 3)

    def test_what_rises(self):
        """What many suddenly use is listed with counts now and usual; what is always said is not."""
        self.habit()
        self.count()
        rising = self.env["community.rising"].with_user(self.agent).search([])
        self.assertEqual(set(rising.mapped("kind")), {"word", "hashtag"})
        self.assertNotIn("pedido", rising.mapped("term"))
        tag = rising.filtered(lambda rise: rise.kind == "hashtag")
        self.assertEqual((tag.shown, tag.now, tag.usual), ("#appcaida", 12, 0.0))
        self.assertGreater(tag.times, 2)
        self.assertEqual(len(tag.history["counts"]), 35)
        self.assertEqual(tag.history["counts"][-4:], [0, 4, 4, 4])
        word = rising.filtered(lambda rise: rise.kind == "word")[:1]
        self.assertEqual(word.shown, "app caída")
        action = word.action_open_mentions()
        mentions = self.env["community.mention"].with_user(self.agent).search(action["domain"])
        self.assertEqual(len(mentions), 12)
        action = tag.action_open_mentions()
        self.assertEqual(self.env["community.mention"].search_count(action["domain"]), 12)

    def test_rises_no_longer(self):
        """What no longer rises leaves the list; what still does is the same line."""
        self.habit()
        self.count()
        line = self.env["community.rising"].search([("kind", "=", "hashtag")])
        self.count()
        self.assertTrue(line.exists())
        with freeze_time(TODAY + timedelta(days=30)):
            self.count()
        self.assertFalse(self.env["community.rising"].search([]))

    def test_without_a_past(self):
        """As long as nothing is known of what is normal, nothing rises and the screen says why."""
        for _number in range(20):
            self.tell("zanahoria")
        self.count()
        rising = self.env["community.rising"].with_user(self.agent)
        self.assertFalse(rising.search([]))
        heading = rising.get_heading([])
        self.assertIn("people used more", heading["sentence"])
        self.assertIn("only since", heading["more"][0])
        self.assertIn("Nothing", self.env.ref("community_manager.action_rising").help)

    def test_rights(self):
        """Agents of the company see what rises, nobody changes it, and others see nothing."""
        self.habit()
        self.count()
        line = self.env["community.rising"].search([], limit=1)
        self.assertTrue(line.with_user(self.agent).shown)
        with self.assertRaises(AccessError), mute_logger("odoo.addons.base.models.ir_model"):
            line.with_user(self.admin).write({"now": 1})
        stranger = self._new_user(
            "stranger",
            "community_manager.group_admin",
            company_id=self.other_company.id,
            company_ids=[(6, 0, self.other_company.ids)],
        )
        for model in ("community.rising", "community.term", "community.daily", "community.reputation"):
            self.assertFalse(self.env[model].with_user(stranger).search([]))
        with self.assertRaises(AccessError), mute_logger("odoo.addons.base.models.ir_model"):
            self.env["community.term.source"].with_user(self.admin).search([])

    def test_hostile_texts(self):
        """Whatever people write, the day is counted."""
        for text in (
            "#" + "a" * 5000,
            "https://x.example/" + "é" * 5000,
            "zanahoria " * 9000,
            "😂" * 10_000,
            "\\ ' \" %s {}",
        ):
            self.tell(text)
        self.tell("calabaza")
        self.count()
        self.assertEqual(self.counts()["calabaza"], 1)


def _at(days):
    """Return noon of a day, so many days ago."""
    from datetime import UTC

    return TODAY.replace(tzinfo=UTC) - timedelta(days=days, hours=1)
