from unittest import SkipTest

from odoo.tests import tagged

from odoo.addons.community_manager.tests.handoff_common import HandoffCase


@tagged("post_install", "-at_install")
class TestRecruitment(HandoffCase):
    """Job seekers become applicants."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        if "hr.applicant" not in cls.env:
            raise SkipTest("Recruitment is not installed in this database")
        cls.job = cls.env["hr.job"].create({"name": "Carpenter"})
        cls.quality.write({"target": "applicant", "job_id": cls.job.id})

    def test_a_job_seeker_becomes_an_applicant(self):
        text = "Acme, do you hire? My curriculum: https://cv.example/ann.pdf <script>x</script>"
        mention = self.heard(text, author="ann")
        handoff = self.hand_off(mention)
        applicant = handoff.sudo()._made()
        self.assertEqual(applicant._name, "hr.applicant")
        self.assertEqual((applicant.partner_name, applicant.job_id), ("Ann", self.job))
        self.assertIn('href="https://cv.example/ann.pdf"', applicant.applicant_notes)
        self.assertNotIn("<script", applicant.applicant_notes)
        self.assertEqual(mention.author_id.applicant_number, applicant.id)

    def test_one_applicant_for_each_person(self):
        first = self.env["community.handoff"]._make_applicant(self.heard(author="ann"), self.quality)
        again = self.env["community.handoff"]._make_applicant(self.heard("And again", author="ann"), self.quality)
        self.assertEqual(first, again)
        self.assertIn("And again", "".join(first.message_ids.mapped("body")))
        first.active = False
        third = self.env["community.handoff"]._make_applicant(self.heard("Once more", author="ann"), self.quality)
        self.assertNotEqual(third, first, "an application that ended is over")

    def test_a_known_contact_keeps_name_and_address(self):
        mention = self.heard(author="ann")
        mention.author_id.partner_id = self.env["res.partner"].create({"name": "Ana Ruiz", "email": "ana@example.com"})
        applicant = self.env["community.handoff"]._make_applicant(mention, self.quality)
        self.assertEqual((applicant.partner_name, applicant.email_from), ("Ana Ruiz", "ana@example.com"))

    def test_the_form_of_a_department_offers_positions(self):
        self.assertEqual(self.quality.job_model, "hr.job")
        self.assertTrue(self.quality.get_view(view_type="form")["arch"])
