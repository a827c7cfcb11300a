from datetime import UTC, timedelta
from unittest.mock import patch

from odoo.tests import tagged

from .common import item, page
from .http_common import CommunityHttpCase


@tagged("post_install", "-at_install")
class TestComposerTour(CommunityHttpCase):
    """The reply box in the browser."""

    def setUp(self):
        super().setUp()
        self.channel = self.make_channel("Desk")
        self.ingest(self.channel, item("1", "Where is my acme lamp? Call me: 612 345 678", origin="own"))
        self.mention = self.mentions(self.channel)
        self.toy.threads = True
        self.addCleanup(setattr, self.toy, "threads", False)

    def test_drafts_undo_threads_and_warnings(self):
        """A draft is there again, a sent answer comes back, a long one is split, a number is better said in private."""
        self.start_tour(
            f"/odoo/community.mention/{self.mention.id}", "community_composer", login=self.agent.login, timeout=180
        )
        replies = self.env["community.reply"].search([], order="id")
        self.assertEqual(replies.mapped("state"), ["queued"] * 3)
        self.assertEqual([reply.part for reply in replies], [1, 2, 3])

    def test_a_new_message_asks_before_sending(self):
        """What the customer writes while the answer is typed is shown before it is sent."""
        model = self.env.registry["community.mention"]
        keep = model.save_draft
        later = self.mention.published_at.replace(tzinfo=UTC) + timedelta(hours=1)

        def save_draft(mention, text, *args, **kwargs):
            if text == "It comes today." and len(self.mentions(self.channel)) == 1:
                news = item("2", "It has come, thanks!", parent_id="1", origin="own", published_at=later)
                mention.env(su=True)["community.ingest"]._ingest_page(
                    self.channel.with_env(mention.env(su=True)), page(news)
                )
            return keep(mention, text, *args, **kwargs)

        with patch.object(model, "save_draft", save_draft):
            self.start_tour(
                f"/odoo/community.mention/{self.mention.id}",
                "community_composer_asks",
                login=self.agent.login,
                timeout=180,
            )
        self.assertEqual(self.env["community.reply"].search([]).mapped("text"), ["You are welcome!"])
