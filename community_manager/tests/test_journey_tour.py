from datetime import timedelta

from odoo import fields
from odoo.tests import tagged

from .http_common import CommunityHttpCase
from .journey_common import JourneyMixin


@tagged("post_install", "-at_install")
class TestJourneyTour(JourneyMixin, CommunityHttpCase):
    """The journey editor, and the results of a campaign, in the browser."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls._set_up_journey()

    def test_a_manager_draws_a_journey(self):
        """Two moments, moved to and fro; then who is late on a journey with customers."""
        self.order(self.ann, ago=3)
        self.order(self.ben, ago=1)
        self.settle()
        self.start_tour("/odoo", "community_journey", login=self.manager.login)
        drawn = self.env["community.journey"].search([("name", "=", "Chairs")])
        moments = drawn.moment_ids.sorted("sequence")
        self.assertEqual(moments.mapped("name"), ["Bought", "Sat in"])
        self.assertEqual(moments.mapped("opens_with"), ["order", "after"])

    def test_a_manager_reads_results(self):
        """From the report to the campaign, its picture, and what it did."""
        self.env["community.campaign.result"].search([]).unlink()
        purpose = self.env.ref("community_manager.purpose_care")
        values = {"name": "Tables", "trigger": "hand", "purpose_id": purpose.id}
        campaign = self.env["community.campaign"].create(values)
        step = self.env["community.campaign.step"].create(
            {"campaign_id": campaign.id, "kind": "note", "name": "Write it down", "note": "It"}
        )
        began = self.now - timedelta(days=3)
        campaign.write({"state": "running", "started_at": began})
        people = self.env["res.partner"].create([{"name": f"Guest {number}"} for number in range(8)])
        rows = self.env["community.campaign.person"].create(
            [
                {
                    "campaign_id": campaign.id,
                    "partner_id": person.id,
                    "control": number > 3,
                    "state": "control" if number > 3 else "done",
                    "started_at": began,
                }
                for number, person in enumerate(people)
            ]
        )
        self.env["community.campaign.action"].create(
            [{"person_id": row.id, "step_id": step.id, "medium": "call", "kind": "note"} for row in rows[:4]]
        )
        people[0].community_not_now = fields.Date.today() + timedelta(days=9)
        self.order(people[1], ago=1)
        self.env["community.campaign.result"]._count(campaign)
        self.start_tour("/odoo", "community_result", login=self.manager.login)
