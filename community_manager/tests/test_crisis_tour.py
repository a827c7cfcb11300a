from datetime import timedelta

from odoo import fields
from odoo.tests import tagged

from .crisis_common import CrisisMixin
from .http_common import CommunityHttpCase


@tagged("post_install", "-at_install")
class TestCrisisTour(CrisisMixin, CommunityHttpCase):
    """From the alert to the look at what was held, in the browser."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls._set_up_crisis()

    def test_a_manager_holds_a_crisis(self):
        """Alert, crisis, task, statement, end, look at what waited; then the watch on the past."""
        now = fields.Datetime.now()
        self.quiet(10, until=now)
        said = self.burst(40, until=now)
        self.watch.volume = False
        self.look(now)
        self.assertEqual(self.env["community.alert"].search_count([("watch_id", "=", self.watch.id)]), 1)
        values = {"mention_id": said[0].id, "company_id": self.company.id, "channel_id": self.channel.id}
        reply = self.env["community.reply"].create({**values, "text": "It is only a lamp"})
        later = now + timedelta(hours=8)
        reply.write({"state": "queued", "next_try_at": later, "queued_at": now})
        self.start_tour("/odoo", "community_crisis", login=self.manager.login)
        crisis = self.env["community.crisis"].search([], order="id desc", limit=1)
        self.assertEqual((crisis.stage, crisis.level, crisis.mention_count >= 40), ("closed", "3", True))
        self.assertEqual(reply.state, "cancelled")
        self.assertIn("statement", crisis.event_ids.mapped("kind"))
