from datetime import UTC, datetime, timedelta

from odoo.tests import HttpCase, tagged

from .common import CommunityMixin, item


@tagged("post_install", "-at_install")
class TestDeskTour(CommunityMixin, HttpCase):
    """A morning at the desk, with the keyboard."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls._set_up_community()
        cls.make_topic("Safety", "dangerous", kind="risk")

    @classmethod
    def _request_handler(cls, s, r, /, **kw):
        # Odoo's guard over requests in tests knows no pair of timeouts
        return super()._request_handler(s, r, **{**kw, "timeout": 20})

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
