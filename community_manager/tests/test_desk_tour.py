from datetime import UTC, datetime, timedelta

from odoo.tests import tagged

from .common import item
from .http_common import CommunityHttpCase


@tagged("post_install", "-at_install")
class TestDeskTour(CommunityHttpCase):
    """A morning at the desk, with the keyboard."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.make_topic("Safety", "dangerous", kind="risk")

    def test_agent_works_through_the_queue(self):
        """An agent goes through the queue, finishes, takes back and makes a lead without leaving the desk."""
        self.env["community.mention"].search([]).write({"state": "done"})
        channel = self.make_channel()
        now = datetime.now(UTC)
        self.ingest(
            channel,
            item("1", "Something about the acme lamp.", "mia", origin="own", published_at=now - timedelta(hours=3)),
            item("2", "When does acme open?", "zoe", origin="own", published_at=now - timedelta(hours=2)),
            item("3", "acme lamps are dangerous", "leo", origin="own", published_at=now - timedelta(hours=1)),
        )
        question = self.mentions(channel, external_id="2")
        question.intent_ids = self.env.ref("community_manager.intent_question")
        self.start_tour("/odoo", "community_desk", login=self.agent.login)
        lamp = self.mentions(channel, external_id="1")
        self.assertEqual((question.state, question.user_id), ("done", self.agent))
        self.assertTrue(lamp.lead_id)
        self.assertEqual(lamp.lead_id.user_id.id, False, "who sells has it, not an agent without sales rights")

    def test_slow_answer_does_not_bring_back_what_was_left(self):
        """Who goes on while something is read again sees the person of what is looked at now."""
        self.env["community.mention"].search([]).write({"state": "done"})
        channel = self.make_channel()
        self.ingest(
            channel,
            item("1", "When does acme open?", "zoe", origin="own"),
            item("2", "acme lamps are dangerous", "leo", origin="own"),
        )
        self.start_tour("/odoo/community-inbox", "community_desk_slow", login=self.agent.login)
