from unittest import SkipTest

from odoo.tests import tagged

from odoo.addons.community_manager.tests.campaign_common import CampaignCase


@tagged("post_install", "-at_install")
class TestCampaignGift(CampaignCase):
    """Coupons and surveys as steps of a campaign, where those applications are installed."""

    def needs(self, model):
        if model not in self.env:
            raise SkipTest(f"the module with {model} is not installed in this database")

    def test_a_coupon_of_their_own(self):
        """Each person gets a coupon of their own, and the mail names it."""
        self.needs("loyalty.program")
        program = self.env["loyalty.program"].create({"name": "Thanks", "program_type": "coupons"})
        campaign = self.make_campaign(
            {"kind": "gift", "gift": str(program.id)}, self.mail("<p>Yours: {{ coupon }}</p>", "A gift")
        )
        campaign.action_start()
        self.work()
        cards = self.env["loyalty.card"].search([("program_id", "=", program.id)])
        self.assertEqual(len(cards), 3)
        hers = cards.filtered(lambda card: card.partner_id == self.ann)
        mail = self.mails(campaign).filtered(lambda one: one.recipient_ids == self.ann)
        self.assertIn(hers.code, mail.body_html)
        self.work()
        self.assertEqual(self.env["loyalty.card"].search_count([("program_id", "=", program.id)]), 3)

    def test_a_survey_counts_as_an_answer(self):
        """Each person gets a link of their own; whoever fills it in has answered."""
        self.needs("survey.survey")
        survey = self.env["survey.survey"].create({"title": "How was it?"})
        self.env["survey.question"].create({"survey_id": survey.id, "title": "Well?", "question_type": "text_box"})
        campaign = self.make_campaign(
            {"kind": "survey", "survey": str(survey.id)},
            self.mail('<p><a href="{{ survey }}">Tell us</a></p>', "How was it?"),
            {"kind": "wait"},
            {"kind": "branch", "condition": "answered", "yes_end": True},
            {"kind": "note", "note": "Silent"},
        )
        campaign.action_start()
        self.work()
        answers = self.env["survey.user_input"].search([("survey_id", "=", survey.id)])
        self.assertEqual(len(answers), 3)
        hers = answers.filtered(lambda one: one.partner_id == self.ann)
        person = self.person(campaign, self.ann)
        self.assertIn(hers.access_token, person.survey_link)
        hers._mark_done()
        self.later(campaign, days=2)
        self.work()
        noted = campaign.person_ids.action_ids.filtered(lambda action: action.kind == "note").partner_id
        self.assertEqual(noted, self.ben | self.nameless)
