from odoo.tests import tagged

from .common import item
from .http_common import CommunityHttpCase


@tagged("post_install", "-at_install")
class TestHandoffTour(CommunityHttpCase):
    """From the mention to the department and back to whoever wrote, in the browser."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.head = cls._new_user("head", "base.group_user")

    def send(self):
        """Let the outbox send at once what can still be undone."""
        self.env["community.reply"].search([("next_try_at", "!=", False)]).next_try_at = "2020-01-01 00:00:00"
        self.env["community.outbox"]._send(20)
        self.env.invalidate_all()

    def test_a_department_is_asked_and_the_author_told(self):
        self.env["community.department"].create({"name": "Batches", "manager_id": self.head.id})
        channel = self.make_channel()
        self.ingest(channel, item("1", "Acme, this chair smells of glue", origin="own"))
        mention = self.mentions(channel)
        self.start_tour(f"/odoo/community.mention/{mention.id}", "community_agent_hands_off", login=self.agent.login)
        handoff = mention.handoff_ids
        self.assertEqual((handoff.asked, handoff.user_id), ("Is this batch faulty?", self.agent))
        self.start_tour(
            f"/odoo/community-handoffs/{handoff.id}", "community_member_answers_hand_off", login=self.head.login
        )
        self.assertEqual((handoff.state, handoff.acknowledged_by_id), ("outcome", self.head))
        self.start_tour("/odoo/community-handoffs", "community_agent_tells_author", login=self.agent.login)
        self.send()
        self.assertEqual([entry[1] for entry in self.toy.sent], ["Air it for two days, please."])
        self.assertEqual((handoff.state, mention.state), ("told", "done"))

    def test_an_agency_answers(self):
        outside = self._new_user("outside", "community_manager.group_agency")
        channel = self.make_channel(agency_user_ids=[(6, 0, outside.ids)])
        self.ingest(channel, item("1", "Acme! When do you open?", origin="own"))
        self.start_tour("/odoo/community-agency", "community_agency_answers", login=outside.login)
        self.send()
        self.assertEqual([entry[1] for entry in self.toy.sent], ["We open at nine."])
