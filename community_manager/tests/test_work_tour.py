from odoo.tests import tagged

from .common import item
from .http_common import CommunityHttpCase


@tagged("post_install", "-at_install")
class TestWorkTour(CommunityHttpCase):
    """Putting off, closing with a reason and focus sessions in the browser."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.agent.lang = "en_US"
        channel = cls.make_channel()
        cls.ingest(channel, item("1", "Where is my acme chair?", origin="own"))
        cls.mention = cls.mentions(channel)

    def test_agent_puts_off_and_closes(self):
        """An agent snoozes a mention, takes it back, and closes it for a reason."""
        self.company.community_ask_reason = True
        url = f"/odoo/community-mentions/{self.mention.id}"
        self.start_tour(url, "community_agent_puts_off_and_closes", login=self.agent.login)
        self.env.invalidate_all()
        self.assertEqual(self.mention.state, "done")
        self.assertEqual(self.mention.close_reason_id, self.env.ref("community_manager.close_reason_solved"))
        self.assertEqual(self.mention.closed_by_id, self.agent)

    def test_agent_focuses(self):
        """An agent starts a session of their own length, is interrupted, and stops it."""
        self.start_tour("/odoo/community-inbox", "community_agent_focuses", login=self.agent.login)
        session = self.env["community.focus"].search([("user_id", "=", self.agent.id)])
        self.assertEqual((session.planned_minutes, session.interruptions, session.complete), (40, 1, False))
        self.assertTrue(session.ended_at)
