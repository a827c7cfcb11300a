from datetime import UTC, datetime

from odoo.tests import tagged

from .common import CommunityCase


@tagged("post_install", "-at_install")
class TestShippedAnalysis(CommunityCase):
    """The whole way with the analysis as it is shipped."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env["community.mention"].search([("analysis_due", "=", True)]).analysis_due = False
        cls.channel = cls.make_channel()

    def test_plain_words_are_understood(self):
        angry = "Tres semanas esperando el pedido y nadie contesta. El peor servicio que he tenido, una vergüenza."
        happy = "Absolutely love the new chair, best purchase I have made this year. Thank you so much!"
        self.ingest(
            self.channel,
            self.item("1", angry, origin="own", published_at=datetime.now(UTC)),
            self.item("2", happy, origin="own"),
            self.item("3", "RT @ana: " + angry, origin="own", published_at=datetime.now(UTC)),
            self.item("4", "ok", origin="own", language="es"),
        )
        first, second, third, noise = self.mentions(self.channel).sorted("external_id")
        self.assertEqual((first.language, first.sentiment), ("es", "negative"))
        self.assertIn("complaint", first.intent_ids.mapped("code"))
        self.assertEqual((second.language, second.sentiment), ("en", "positive"))
        self.assertEqual(noise.language, "es", "the network told it")
        self.assertTrue(first.analysis["version"])
        self.env["community.analyst"]._deepen_waiting()
        self.env.invalidate_all()
        self.assertEqual((first | third).mapped("copy_count"), [1, 1])
        self.assertFalse((second | noise).copy_of_id)

    def test_hostile_texts_cost_nobody_a_page(self):
        texts = [
            "acme " * 20_000,
            "acme" + "\u0301\u0489\u035c" * 3_000,
            "😂" * 10_000,
            "https://a.example/?u=" * 2_000,
            "ａｃｍｅ \u202e\u200b\ufeff" * 500,
            "#" * 5_000 + "@" * 5_000,
            "\n" * 10_000,
            "ا" * 5_000 + "漢" * 5_000,
        ]
        items = [self.item(str(number), text, origin="own") for number, text in enumerate(texts)]
        counts = self.ingest(self.channel, *items)
        self.assertEqual((counts["stored"], counts["quarantined"]), (len(texts), 0))
        self.assertEqual(set(self.mentions(self.channel).mapped("analysed")), {"fast"})
        self.env["community.analyst"]._deepen_waiting()
        self.env.invalidate_all()
        self.assertFalse(any(self.mentions(self.channel).mapped("analysis_due")))
