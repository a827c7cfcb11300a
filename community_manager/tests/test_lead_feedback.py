from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged

from .handoff_common import HandoffCase


@tagged("post_install", "-at_install")
class TestLeadFeedback(HandoffCase):
    """Sales says what became of leads, and the community team hears it."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.seller = cls._new_user("seller", "sales_team.group_sale_salesman_all_leads")
        cls.reason = cls.env["crm.lost.reason"].create({"name": "Only curious"})
        cls.rule = cls.make_rule("Quotes", keywords="quote", lead_action="create")

    def lead_of(self, text="Acme, a quote please", author="ann", **values):
        """Return a mention for which the rule made a lead."""
        mention = self.heard(text, author, **values)
        self.assertTrue(mention.lead_id)
        return mention

    def give_back(self, mention, user=None, note="No budget"):
        lead = mention.lead_id.with_user(user or self.seller)
        action = lead.action_community_not_a_lead()
        dialog = self.env["community.lead.return"].with_user(user or self.seller).with_context(**action["context"])
        dialog.create({"reason_id": self.reason.id, "note": note}).action_return()

    def test_not_a_lead_comes_back_with_the_reason(self):
        mention = self.lead_of()
        lead = mention.lead_id
        mention.action_done()
        self.give_back(mention)
        self.assertEqual((mention.state, mention.lead_return_id), ("open", self.reason))
        self.assertEqual((lead.active, lead.won_status, lead.lost_reason_id), (False, "lost", self.reason))
        self.assertIn("Only curious. No budget", mention.message_ids[0].body)
        self.assertIn("Sent here by: Quotes", "".join(lead.message_ids.mapped("body")))
        self.assertFalse(mention.author_id.lead_id)

    def test_lost_leads_are_never_used_again(self):
        mention = self.lead_of()
        lost = mention.lead_id
        self.give_back(mention)
        again = self.lead_of("Acme, another quote please")
        self.assertNotEqual(again.lead_id, lost)
        self.assertTrue(again.lead_id.active)
        mention.author_id.partner_id = self.env["res.partner"].create({"name": "Ann"})
        again.lead_id.action_set_lost()
        third = self.lead_of("Acme, a third quote please")
        self.assertNotIn(third.lead_id, lost | again.lead_id)
        third.lead_id.action_archive()
        self.assertNotIn(self.lead_of("Acme, a fourth quote please").lead_id, lost | again.lead_id | third.lead_id)

    def test_a_returned_mention_can_become_another_lead(self):
        mention = self.lead_of()
        lost = mention.lead_id
        self.give_back(mention)
        mention.with_user(self.agent).action_create_lead()
        self.assertNotEqual(mention.lead_id, lost)
        self.assertFalse(mention.lead_return_id)

    def test_rates_of_a_rule(self):
        kept, returned, won, twice = (self.lead_of(author=name) for name in ("a", "b", "c", "d"))
        self.heard("Acme, that quote again", "d")
        self.give_back(returned)
        won.lead_id.action_set_won()
        self.env.invalidate_all()
        self.assertEqual((self.rule.lead_mention_count, self.rule.returned_count, self.rule.won_count), (4, 1, 1))
        self.assertEqual((self.rule.lead_rate, self.rule.won_rate), (0.75, 0.25))
        self.assertEqual(self.rule.return_reasons, "Only curious")
        self.assertEqual(len({kept.lead_id, returned.lead_id, won.lead_id, twice.lead_id}), 4)

    def test_what_is_won_is_not_given_back(self):
        mention = self.lead_of()
        mention.lead_id.action_set_won()
        with self.assertRaisesRegex(UserError, "won already"):
            self.give_back(mention)

    def test_only_who_may_change_the_lead_gives_it_back(self):
        mention = self.lead_of()
        with self.assertRaises(AccessError):
            mention.lead_id.with_user(self.outsider)._community_return(self.reason)
        with self.assertRaises(AccessError):
            mention.lead_id.with_user(self.agent).action_community_not_a_lead()

    def test_a_lead_without_address_is_asked_for_one_privately(self):
        mention = self.lead_of()
        self.agent.group_ids += self.env.ref("sales_team.group_sale_salesman_all_leads")
        lead = mention.lead_id.with_user(self.agent)
        self.assertTrue(lead.community_asks_email)
        draft = self.env["community.reply"].browse(lead.action_community_ask_email()["res_id"])
        self.assertEqual((draft.state, draft.way, draft.mention_id), ("draft", "message", mention))
        self.assertIn("which e-mail address", draft.text)
        self.assertEqual(lead.action_community_ask_email()["res_id"], draft.id, "asked once")
        lead.email_from = "ann@example.com"
        self.assertFalse(lead.community_asks_email)

    def test_asked_in_the_language_of_the_person(self):
        self.env["res.lang"]._activate_lang("es_ES")
        mention = self.lead_of()
        mention.sudo().language = "es"
        self.assertEqual(mention._in_language().env.lang, "es_ES")
        mention.sudo().language = "xx"
        self.assertEqual(mention._in_language().env.lang, mention.env.lang)


@tagged("post_install", "-at_install")
class TestSpecialHandOffs(HandoffCase):
    """What departments make of what they are handed."""

    def test_a_lead_of_the_team(self):
        team = self.env["crm.team"].create({"name": "Batch team"})
        self.quality.write({"target": "lead", "crm_team_id": team.id})
        mention = self.heard()
        handoff = self.hand_off(mention)
        self.assertEqual(mention.lead_id.team_id, team)
        self.assertEqual((handoff.made_model, handoff.made_id), ("crm.lead", mention.lead_id.id))
        self.assertIn(mention.lead_id.name, handoff.made_name)

    def test_a_ticket(self):
        self.quality.target = "ticket"
        mention = self.heard()
        handoff = self.hand_off(mention)
        self.assertTrue(mention.ticket_name)
        self.assertEqual(handoff._made(), mention._ticket())

    def test_a_message_in_discuss(self):
        channel = self.env["discuss.channel"].create({"name": "quality", "channel_type": "channel"})
        self.quality.write({"target": "channel", "discuss_channel_id": channel.id})
        handoff = self.hand_off(self.heard())
        self.assertIn(f'data-oe-id="{handoff.id}"', str(channel.message_ids[0].body).replace("'", '"'))
        self.assertIn("Is this batch faulty?", channel.message_ids[0].body)

    def test_an_email_with_the_words_and_a_link(self):
        self.quality.write({"target": "mail", "email": "quality@example.com"})
        handoff = self.hand_off(self.heard("<script>alert(1)</script> smells"))
        mail = self.env["mail.mail"].browse(handoff.made_id)
        self.assertEqual(mail.email_to, "quality@example.com")
        self.assertIn(f"/odoo/community-handoffs/{handoff.id}", mail.body_html)
        self.assertIn("&lt;script&gt;", mail.body_html)
        self.assertNotIn("<script", mail.body_html)

    def test_a_partnership_is_an_opportunity_with_its_tag_and_team(self):
        partners = self.env["community.department"].search(
            [("company_id", "=", self.company.id), ("code", "=", "partnerships")]
        )
        team = self.env["crm.team"].create({"name": "Partners"})
        partners.crm_team_id = team
        first = self.heard("Acme, a quote please")
        first.with_user(self.agent).action_create_lead()
        mention = self.heard("Acme, let us sponsor your chairs")
        leads = self.env["community.handoff"]._make_partnership(mention)
        self.assertEqual((leads.type, leads.team_id), ("opportunity", team))
        self.assertEqual(leads.tag_ids, self.env.ref("community_manager.tag_partnership"))
        self.assertNotEqual(leads, first.lead_id, "not the lead that the person has open")
        again = self.heard("Acme, about sponsoring")
        self.assertEqual(self.env["community.handoff"]._make_partnership(again), leads, "one for each person")

    def test_without_recruitment_people_are_asked(self):
        self.quality.target = "applicant"
        if "hr.applicant" in self.env:
            self.skipTest("recruitment is installed: see tests/optional")
        self.assertIsNone(self.env["community.handoff"]._make_applicant(self.heard("Work for Acme?")))
        handoff = self.hand_off(self.heard("Do you hire, Acme?"))
        self.assertEqual((handoff.state, handoff.made_name), ("asked", False))
        self.assertEqual(handoff.sudo().activity_ids.user_id, self.head)

    def test_an_introduction_goes_through_the_outbox(self):
        self.quality.booking_url = "https://calendar.example/quality"
        mention = self.heard()
        handoff = self.hand_off(mention)
        action = handoff.action_introduce()
        self.env.flush_all()
        dialog = self.env["community.introduction"].with_user(self.agent).with_context(**action["context"])
        wizard = dialog.create({})
        self.assertEqual((wizard.way, wizard.user_id), ("message", self.head))
        for part in ("Ann", self.head.name, "Batches", "https://calendar.example/quality"):
            self.assertIn(part, wizard.text)
        wizard.action_send()
        self.assertEqual((handoff.introduced_to, handoff.introduction_id.state), ("Community head · Batches", "queued"))
        self.send()
        self.assertEqual([entry[:2] for entry in self.toy.sent], [("message", wizard.text)])
        self.assertEqual(handoff.introduction_id.state, "sent")
        self.assertEqual(handoff.state, "asked", "an introduction is no outcome")

    def test_departments_need_what_their_target_needs(self):
        for target in ("mail", "channel"):
            with self.assertRaises(UserError):
                self.quality.write({"target": target})
        with self.assertRaises(UserError):
            self.quality.booking_url = "javascript:alert(1)"
