from odoo.tests import tagged

from .http_common import CommunityHttpCase


@tagged("post_install", "-at_install")
class TestIdentityTour(CommunityHttpCase):
    """Whose profiles are, and who stands where, in the browser."""

    def test_a_manager_decides_whose_profiles_are_and_reads_the_funnel(self):
        """Bulk confirmation and its undo, a refusal, the funnel, a stage set by hand."""
        self.env["community.match"].search([]).unlink()
        self.env.cr.execute("UPDATE community_author SET match_due = FALSE")
        self.manager.group_ids |= self.env.ref("base.group_partner_manager")
        names = ("Olga Petrov", "Emma Okafor")
        partners = self.env["res.partner"].create([{"name": name} for name in names])
        values = {"company_id": self.company.id, "network": "toy", "realm": "toy.example"}
        authors = self.env["community.author"].create([{**values, "external_id": n, "name": n} for n in names])
        contact = self.env["res.partner"].create({"name": "Iván Pons"})
        self.env["crm.lead"].create({"name": "Lamps", "partner_id": contact.id, "type": "opportunity"})
        self.env["community.identity"]._refresh_contacts(partners.ids)
        self.env["community.identity"]._match_authors(authors)
        self.env["community.lifecycle"]._refresh(contact.ids)
        self.start_tour("/odoo", "community_identity", login=self.manager.login)
        self.env.invalidate_all()
        self.assertEqual(authors.mapped("partner_id"), partners[0])
        pairs = self.env["community.match"].search([("author_id", "in", authors.ids)], order="id")
        self.assertEqual(sorted(pairs.mapped("state")), ["confirmed", "refused"])
        self.assertEqual(len(pairs.link_ids), 3)
        self.assertEqual(contact.community_lifecycle_ids.manual_stage, "partner")
