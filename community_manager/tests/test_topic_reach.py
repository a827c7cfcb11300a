import base64
from datetime import timedelta

from odoo import fields
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import new_test_user, tagged

from odoo.addons.community_manager.analysis.engine import Reading

from .common import item
from .routing_common import RoutingCase


@tagged("post_install", "-at_install")
class TestTopicReach(RoutingCase):
    """What a topic reaches: words near each other, languages, and what it would have found in what is not kept."""

    def trial(self, topic, **values):
        words = [fields.Command.create({"name": word.name}) for word in topic.keyword_ids]
        trial = self.env["community.topic.try"].create({"topic_id": topic.id, "keyword_ids": words, **values})
        trial.action_try()
        return trial

    def test_words_near_each_other(self):
        topic = self.make_topic("Money", "acme ~3 refund*")
        near = self.say("Acme, where are my refunds?")
        self.assertIn(topic, near.topic_ids)
        self.assertIn("<mark>Acme</mark>, where are my <mark>refunds</mark>?", near.body)
        self.assertNotIn(topic, self.say("Acme is fine. The other shop never gave me a refund").topic_ids)

    def test_half_of_two_words_is_refused(self):
        with self.assertRaisesRegex(ValidationError, "no letter or digit"):
            self.make_topic("Half", "acme ~3 *")

    def test_networks_are_searched_for_both_words(self):
        topic = self.make_topic("Money", "acme ~3 refund*")
        self.assertEqual(topic.keyword_ids._search_words(), "acme refund")

    def test_a_topic_for_some_languages_leaves_texts_in_others(self):
        readings = {"Sol bueno": "es", "Sol good": "en", "Sol": ""}
        read = lambda analyst, company, texts, *_more, **_options: [  # noqa: E731
            Reading(language=readings[text], passed="fast", version="test") for text in texts
        ]
        self.patch(type(self.env["community.analyst"]), "_read", read)
        topic, other = self.make_topic("Sol", "sol"), self.make_topic("Any", "sol")
        topic.languages = "es, pt"
        self.assertEqual(self.say("Sol bueno").topic_ids, topic | other)
        self.assertEqual(self.say("Sol good").topic_ids, other)
        self.assertEqual(self.say("Sol").topic_ids, topic | other)
        topic.languages = False
        self.assertEqual(self.say("Sol good").topic_ids, topic | other)

    def test_nothing_of_the_rest_is_kept_unless_wanted(self):
        self.make_topic("Acme", "acme")
        self.take(item("1", "Nothing of ours", origin="search"))
        self.assertFalse(self.env["community.sample"].search([("company_id", "=", self.env.company.id)]))

    def test_a_sample_of_the_rest_shows_what_a_topic_would_find(self):
        self.env.company.community_sample_share = 100
        topic = self.make_topic("Acme", "acme")
        rest = [item("1", "Kettles leak\x00", origin="search"), item("2", "A quiet day", origin="search")]
        private = item("3", "My kettle, in private", origin="search", visibility="private")
        for _turn in range(2):
            self.assertFalse(self.take(*rest, private, item("4", "acme")) - self.env["community.mention"].search([]))
        sample = self.env["community.sample"].search([("company_id", "=", self.env.company.id)])
        self.assertEqual(sorted(sample.mapped("text")), ["A quiet day", "Kettles leak"])
        topic.keyword_ids.name = "kettle*"
        trial = self.trial(topic, where="sample", days=10_000)
        self.assertEqual((trial.read_count, trial.match_count), (2, 1))
        self.assertEqual(trial.line_ids.excerpt, "Kettles leak")
        self.assertIn(self.channel.name, trial.line_ids.place)

    def test_half_a_sample_is_about_half_and_always_the_same(self):
        self.env.company.community_sample_share = 50
        self.make_topic("Acme", "acme")
        rest = [item(f"rest-{number}", "Nothing of ours", origin="search") for number in range(100)]
        self.take(*rest)
        sample = self.env["community.sample"].search([("channel_id", "=", self.channel.id)])
        self.assertTrue(25 < len(sample) < 75, len(sample))
        self.take(*rest)
        self.assertEqual(self.env["community.sample"].search([("channel_id", "=", self.channel.id)]), sample)

    def test_the_sample_is_dropped_after_its_days(self):
        self.env.company.write({"community_sample_share": 100, "community_sample_days": 3})
        self.make_topic("Acme", "acme")
        self.take(item("1", "Old", origin="search"), item("2", "Young", origin="search"))
        samples = self.env["community.sample"].search([("channel_id", "=", self.channel.id)])
        old = samples.filtered(lambda sample: sample.text == "Old")
        self.env.cr.execute(
            "UPDATE community_sample SET create_date = %s WHERE id = %s",
            [fields.Datetime.now() - timedelta(days=4), old.id],
        )
        self.env.invalidate_all()
        self.env["community.sample"]._gc()
        self.assertEqual(samples.exists().mapped("text"), ["Young"])

    def test_the_sample_of_another_company_is_not_seen(self):
        self.env.company.community_sample_share = 100
        self.make_topic("Acme", "acme")
        self.take(item("1", "Kettles leak", origin="search"))
        groups = "community_manager.group_manager"
        stranger = new_test_user(self.env, "stranger", groups, company_id=self.other_company.id,
                                 company_ids=[(6, 0, self.other_company.ids)])  # fmt: skip
        self.assertFalse(self.env["community.sample"].with_user(stranger).search([]))
        with self.assertRaises(AccessError):
            self.env["community.sample"].with_user(self.outsider).search([])

    def test_a_topic_is_tried_on_a_file(self):
        topic = self.make_topic("Acme", "acme")
        table = base64.b64encode(b"Fecha,Texto\n2026-01-01,Viva ACME\n2026-01-02,Nada\n")
        trial = self.trial(topic, where="file", file=table, filename="posts.csv")
        self.assertEqual((trial.read_count, trial.match_count), (2, 1))
        self.assertEqual(trial.line_ids.mapped(lambda line: (line.place, line.excerpt)), [("Row 2", "Viva ACME")])
        lines = base64.b64encode(b"acme one\nnothing\nacme two\n")
        trial = self.trial(topic, where="file", file=lines, filename="posts.csv")
        self.assertEqual(trial.line_ids.mapped("excerpt"), ["acme one", "acme two"])

    def test_a_file_that_is_no_table_is_told(self):
        topic = self.make_topic("Acme", "acme")
        with self.assertRaisesRegex(UserError, "Choose a file"):
            self.trial(topic, where="file")
        with self.assertRaisesRegex(UserError, "Save it as XLSX"):
            self.trial(
                topic, where="file", file=base64.b64encode(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"), filename="a.xls"
            )
