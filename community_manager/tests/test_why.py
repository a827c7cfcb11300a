from odoo.exceptions import UserError
from odoo.tests import tagged

from odoo.addons.community_manager.models.understanding.community_mention_why import _places

from .understanding_common import Plain, UnderstandingCase


def shown(text, places):
    """Return what a browser finds at places of a text: UTF-16 units, white space not counted."""
    units = "".join(text.split()).encode("utf-16-le")
    return [units[2 * start : 2 * end].decode("utf-16-le") for start, end, _share in places]


class Telling(Plain):
    """An analyst that tells how much each word of a dictionary weighs."""

    def __init__(self, **weights):
        super().__init__()
        self.weights = weights
        self.asked = []

    def why(self, text, language, what, deep=False):
        self.asked.append((text, language, what))
        found = []
        for word, weight in self.weights.items():
            start = text.find(word)
            if start >= 0:
                found.append((start, start + len(word), weight))
        return sorted(found, key=lambda entry: -abs(entry[2]))


@tagged("post_install", "-at_install")
class TestWhy(UnderstandingCase):
    """People see why the analysis says what it says."""

    def test_the_words_that_weighed_are_found_beside_emoji_and_accents(self):
        self.use(Telling(pésimo=2.0, genial=-0.5, terrible=1.0))
        mention = self.said("😡😡 ¡Qué servicio más pésimo! 👩‍👩‍👧 No es genial,\n\nes   terrible 🤬 acme")
        why = mention.with_user(self.agent).get_why("negative")
        self.assertEqual(shown(mention.text, why["places"]), ["pésimo", "genial", "terrible"])
        self.assertEqual([share for _start, _end, share in why["places"]], [1.0, -0.25, 0.5])
        self.assertEqual(why["words"], ["pésimo", "terrible"])

    def test_a_word_that_is_an_emoji_or_has_two_accents_is_found_whole(self):
        text = "e\u0301 😀 👍🏽 bien 😀"
        spans = [(3, 4, 1.0), (5, 7, 0.9), (8, 12, 0.8)]
        self.assertEqual(shown(text, _places(text, spans)), ["😀", "👍🏽", "bien"])

    def test_spans_that_overlap_are_found_both(self):
        text = "no 😀 funciona nada"
        self.assertEqual(
            shown(text, _places(text, [(5, 13, 1.0), (0, 13, 0.5), (2, 3, 0.1)])), ["funciona", "no😀funciona"]
        )

    def test_the_title_counts_where_it_is_the_authors_own(self):
        self.use(Telling(awful=1.0, tale=1.0))
        review = self.said("a sad tale of acme", "review", title="awful 😡", kind="review")
        why = review.get_why("negative")
        self.assertTrue(why["title"])
        self.assertEqual(shown(f"{review.title}\n{review.text}", why["places"]), ["awful", "tale"])
        comment = self.said("a sad tale of acme", "comment", title="awful 😡", kind="comment")
        why = comment.get_why("negative")
        self.assertFalse(why["title"])
        self.assertEqual(shown(comment.text, why["places"]), ["tale"])

    def test_the_analysis_is_asked_for_what_was_chosen_in_the_language_of_the_text(self):
        analyst = self.use(Telling(hola=1.0))
        mention = self.said("hola acme")
        mention.get_why("question")
        self.assertEqual(analyst.asked, [("hola acme", "es", "question")])
        for what in ("world peace", "", None, ["negative"], "neutral'"):
            with self.assertRaises(UserError):
                mention.get_why(what)

    def test_a_text_that_was_deleted_gives_no_reasons(self):
        self.use(Telling(acme=1.0))
        mention = self.said("acme", "one")
        mention._erase_content()
        self.assertEqual(mention.get_why("negative"), {"places": [], "words": [], "title": False})
        self.assertFalse(mention.get_understood()["shown"])

    # -- hints --------------------------------------------------------------------------------------------------------

    def test_a_chip_says_how_certain_the_analysis_is_and_which_pass_and_version_says_so(self):
        mention = self.said("a bad day with acme")
        understood = mention.with_user(self.agent).get_understood()
        self.assertEqual(understood["sentiment"]["hint"], "70 % certain · First pass · plain")
        hints = {chip["code"]: chip["hint"] for chip in understood["intents"]}
        self.assertEqual(hints["complaint"], "90 % certain · First pass · plain")
        self.assertEqual(hints["risk"], "60 % certain · First pass · plain")
        self.use(Plain(deep="use"))
        self.deepen()
        self.assertIn("Second pass", mention.get_understood()["sentiment"]["hint"])

    def test_nothing_is_ever_called_certain(self):
        mention = self.said("a bad day with acme")
        mention.analysis = {**mention.analysis, "sentiment": 0.9999}
        self.assertIn("99 %", mention.get_understood()["sentiment"]["hint"])

    def test_a_chip_that_a_person_has_set_says_who_and_which_day(self):
        self.agent.write({"name": "Ana", "tz": "Europe/Madrid"})
        mention = self.said("a bad day with acme")
        mention.with_user(self.agent).action_set_sentiment("positive")
        label = self.env["community.label"].search([("mention_id", "=", mention.id)])
        label.labelled_at = label.labelled_at.replace(month=3, day=2, hour=23, minute=30)
        understood = mention.with_user(self.manager).with_context(tz="Europe/Madrid").get_understood()
        self.assertEqual(understood["sentiment"]["hint"], "Set by Ana, March 3")
        self.assertEqual((understood["corrected"], understood["mine"]), (["sentiment"], []))
        self.assertEqual(mention.with_user(self.agent).get_understood()["mine"], ["sentiment"])
        label.labelled_at = label.labelled_at.replace(year=2024)
        self.assertIn("2024", mention.get_understood()["sentiment"]["hint"])

    def test_a_day_is_said_as_the_reader_says_it(self):
        self.env["res.lang"]._activate_lang("es_ES")
        mention = self.said("acme")
        moment = self.env.cr.now().replace(month=3, day=3, hour=12)
        self.assertEqual(mention.with_context(lang="es_ES")._day(moment), "3 de marzo")
        self.assertEqual(mention.with_context(lang="es_ES")._language_name("en"), "Inglés")

    def test_where_nothing_is_known_the_chips_say_so(self):
        mention = self.said("maybe acme")
        understood = mention.get_understood()
        self.assertEqual(understood["sentiment"]["name"], "Undetermined")
        self.assertEqual(understood["intents"], [])
        self.use(Plain(broken=ImportError("numpy")))
        unread = self.said("a bad day with acme")
        self.assertEqual(unread.get_understood()["sentiment"]["hint"], "Not analysed yet")

    def test_the_chips_come_with_the_conversation(self):
        first = self.said("a bad day with acme", "one")
        second = self.said("a good day with acme", "two", parent_id="one")
        entries = {entry["id"]: entry for entry in second.with_user(self.agent).get_conversation()["mentions"]}
        self.assertEqual(entries[second.id]["understood"]["sentiment"]["code"], "positive")
        self.assertNotIn("understood", entries[first.id])
