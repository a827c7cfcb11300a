from odoo.tests import tagged

from .common import item
from .http_common import CommunityHttpCase


@tagged("post_install", "-at_install")
class TestReplyTour(CommunityHttpCase):
    """Answering in the browser, from the click to the network."""

    def test_agent_answers_a_mention(self):
        """An agent is told the limit, answers, takes it back, answers better; that goes out once."""
        channel = self.make_channel()
        self.ingest(channel, item("1", "Where is my acme chair?", origin="own"))
        self.start_tour("/odoo", "community_agent_answers", login=self.agent.login)
        replies = self.env["community.reply"].search([])
        replies.next_try_at = "2020-01-01 00:00:00"  # the seconds to take it back are over
        self.env["community.outbox"]._send(20)
        self.assertEqual([entry[:3] for entry in self.toy.sent], [("reply", "Your chair leaves today.", "1")])
        self.assertEqual(replies.mapped("state"), ["sent"])
