from odoo.fields import Command
from odoo.tests import tagged

from .http_common import CommunityHttpCase


@tagged("post_install", "-at_install")
class TestCampaignTour(CommunityHttpCase):
    """From an empty draft to a campaign that runs and is paused, in the browser."""

    def test_a_manager_runs_a_campaign(self):
        """Steps and texts are written, simulated, started and paused."""
        self.env["community.contact.policy"].search([]).active = False
        tag = self.env["res.partner.category"].create({"name": "Tour"})
        people = self.env["res.partner"].create(
            [
                {"name": name, "email": f"{number}@tour.example", "category_id": [Command.link(tag.id)]}
                for number, name in enumerate(("Tina Tour", "x99"))
            ]
        )
        campaign = self.env["community.campaign"].create(
            {
                "name": "Thanks to the tour",
                "sequence": -10,
                "trigger": "now",
                "purpose_id": self.env.ref("community_manager.purpose_care").id,
                "user_id": self.manager.id,
                "domain": f"[('category_id', 'in', [{tag.id}])]",
            }
        )
        self.start_tour("/odoo", "community_campaign", login=self.manager.login)
        self.assertEqual(campaign.state, "paused")
        self.assertEqual(campaign.person_ids.partner_id, people)
        self.assertEqual(campaign.step_ids.name, "Thank them")
