from datetime import UTC, datetime, timedelta
from unittest.mock import patch

from odoo.tests import tagged

from .common import item
from .http_common import CommunityHttpCase
from .test_why import Telling


@tagged("post_install", "-at_install")
class TestUnderstandingTour(CommunityHttpCase):
    """What people do with what was understood, in the browser."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env["community.learning"].search([]).unlink()
        cls.env["community.label"].search([]).unlink()
        cls.env["community.mention"].search([]).published_at = "2020-01-01 00:00:00"

    def setUp(self):
        super().setUp()
        analyst = Telling(pésimo=2.0, roto=1.0, genial=-0.5)
        patcher = patch.object(self.registry["community.analyst"], "_analyst", lambda _self, _company: analyst)
        patcher.start()
        self.addCleanup(patcher.stop)

    def said(self, name, text):
        channel = self.env["community.channel"].search([("name", "=", "Tour")]) or self.make_channel("Tour")
        published = datetime.now(UTC) - timedelta(hours=1)
        self.ingest(channel, item(name, text, origin="own", published_at=published))
        return self.env["community.mention"].search([("external_id", "=", name), ("channel_id", "=", channel.id)])

    def test_agent_sees_why_and_corrects_with_a_click(self):
        """An agent rests on a chip, sees the words that weighed, and sets everything right in place."""
        text = "hola 😡😡 a bad day: ¡pésimo! 👩‍👩‍👧 acme\n\n<script>boom</script>  llegó roto 🤬, no es genial"
        mention = self.said("tour 1", text)
        self.start_tour(f"/odoo/community-inbox/{mention.id}", "community_understanding", login=self.agent.login)
        self.assertEqual(mention.text, text)
        self.assertEqual((mention.sentiment, mention.language), ("positive", "pt"))
        self.assertEqual(set(mention.intent_ids.mapped("code")), {"question", "risk", "spam"})
        self.assertEqual((mention.state, mention.is_namesake), ("new", False))
        labels = self.env["community.label"].search([("mention_id", "=", mention.id)])
        self.assertEqual(
            {label.kind: label.value for label in labels},
            {"sentiment": "positive", "intents": "question,risk,spam", "language": "pt", "relevance": "ours"},
        )
        self.assertEqual(labels.user_id, self.agent)

    def test_manager_sees_what_is_learned_and_has_mentions_read_again(self):
        """A manager sees who said how much, has the next version learned, and mentions read once more."""
        for number in (1, 2):
            self.said(f"tour {number}", f"a bad day {number} with acme").with_user(self.agent).action_set_sentiment(
                "positive"
            )
        self.start_tour("/odoo/community-learning", "community_learning", login=self.manager.login)
        self.assertEqual(self.env["community.learning"].search([]).mapped("state"), ["waiting"])
        run = self.env["community.reanalyse"].search([])
        self.assertEqual((run.state, run.total), ("running", 2))
