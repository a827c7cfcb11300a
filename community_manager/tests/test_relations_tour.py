from odoo.tests import tagged

from .http_common import CommunityHttpCase


@tagged("post_install", "-at_install")
class TestRelationsTour(CommunityHttpCase):
    """Caring for somebody, in the browser."""

    def test_a_manager_takes_on_a_candidate_and_confirms_what_was_done_together(self):
        self.env["community.candidate"].search([]).unlink()
        ann = self.env["res.partner"].create({"name": "Ann Marsh"})
        self.env["community.candidate"].create(
            {
                "company_id": self.company.id,
                "key": f"p{ann.id}",
                "partner_id": ann.id,
                "reasons": {"praise": 3},
                "points": 2,
                "role": "advocate",
            }
        )
        self.start_tour("/odoo", "community_relations", login=self.manager.login)
        self.env.invalidate_all()
        influencer = self.env["community.influencer"].search([("partner_id", "=", ann.id)])
        collaboration = influencer.collaboration_ids
        self.assertEqual((collaboration.name, collaboration.state), ("Video about lamps", "done"))
        self.assertEqual(collaboration.completed_by_id, self.manager)
        self.assertEqual(influencer.stage_id, self.env.ref("community_manager.influencer_stage_collaborating"))
