from odoo import fields
from odoo.exceptions import UserError
from odoo.tests import tagged

from .relations_common import RelationsCase


@tagged("post_install", "-at_install")
class TestRecognition(RelationsCase):
    """Thanks and badges are registered and counted, and people are proposed with a reason."""

    def thank(self, influencer, **values):
        dialog = self.env["community.thank"].with_user(self.agent).create({"influencer_id": influencer.id, **values})
        dialog.action_give()
        return dialog

    def of(self, influencer):
        return self.env["community.recognition"].search([("influencer_id", "=", influencer.id)])

    def defence(self, mention, kind="answered"):
        return self.env["community.defence"].create(
            {
                "company_id": self.company.id,
                "mention_id": mention.id,
                "asked_id": self.profile("carl").id,
                "author_id": mention.author_id.id,
                "kind": kind,
            }
        )

    def test_public_thanks_go_out_once_and_count_once_they_are_out(self):
        mention = self.profile(partner=self.ann)
        ann = self.care()
        self.thank(ann, text="Thank you, Ann!")
        one = self.of(ann)
        self.assertEqual((one.mention_id, one.reply_id.text, one.kind), (mention, "Thank you, Ann!", "thanks"))
        self.assertEqual(ann.thanked_count, 0, "what is only on its way has thanked nobody")
        self.send_all()
        self.assertEqual([entry[1] for entry in self.toy.sent], ["Thank you, Ann!"])
        self.assertEqual(ann.thanked_count, 1)

    def test_the_dialog_proposes_what_is_due_and_a_text(self):
        due = self.profile(partner=self.ann)
        self.defence(due)
        self.profile(text="Acme again")
        template = self.env["community.template"].create(
            {"name": "Thanks", "text": "Thanks {{ first_name }}!", "is_thanks": True, "company_id": self.company.id}
        )
        self.env["community.template"].search([("is_thanks", "=", True), ("id", "!=", template.id)]).active = False
        dialog = self.env["community.thank"].with_user(self.agent).create({"influencer_id": self.care().id})
        self.assertEqual((dialog.mention_id, dialog.template_id), (due, template))
        self.assertEqual(dialog.text, "Thanks Ann!")

    def test_what_policy_wants_approved_waits(self):
        self.env["community.approval.rule"].create({"name": "Everything", "company_id": self.company.id})
        self.profile(partner=self.ann)
        ann = self.care()
        dialog = self.thank(ann, text="Thank you, Ann!")
        self.assertTrue(dialog.approval)
        self.assertEqual(self.of(ann).reply_state, "approval")
        self.send_all()
        self.assertFalse(self.toy.sent)
        self.assertEqual(ann.thanked_count, 0)

    def test_whoever_answered_for_us_and_was_thanked_is_counted(self):
        first, second = self.profile(partner=self.ann), self.profile(text="Acme is right")
        ann = self.care()
        answered, defended = self.defence(first), self.defence(second, "defended")
        self.assertEqual((ann.answered_count, ann.defended_count, ann.thanked_count), (1, 1, 0))
        answered.with_user(self.agent).action_thanked()
        ann.invalidate_recordset()
        self.assertEqual((ann.thanked_count, self.of(ann).defence_id), (1, answered))
        self.thank(ann, text="Thank you again", mention_id=second.id)
        self.send_all()
        self.assertEqual(defended.state, "thanked")
        self.assertEqual(len(self.of(ann)), 2, "thanks for one thing are registered once")
        self.assertEqual(ann.thanked_count, 2)
        defended.action_dismiss()
        ann.invalidate_recordset()
        self.assertEqual(ann.defended_count, 0)

    def test_badges_are_given_and_shown(self):
        ann = self.care()
        badge = self.env.ref("community_manager.badge_helper")
        self.thank(ann, kind="badge", badge_id=badge.id, text="For March")
        self.assertEqual((ann.badge_count, ann.badges), (1, badge.icon))
        with self.assertRaises(UserError):
            self.thank(ann, kind="badge")
        with self.assertRaises(UserError):
            self.thank(ann, kind="other", text=" ")
        self.thank(ann, kind="other", text="A letter by hand")
        self.assertEqual(set(self.of(ann).mapped("kind")), {"badge", "other"})

    def test_nobody_is_thanked_under_the_post_of_somebody_else(self):
        self.profile(partner=self.ann)
        other = self.profile("carl")
        with self.assertRaises(UserError):
            self.thank(self.care(), text="Thank you", mention_id=other.id)
        self.assertFalse(self.toy.sent)

    # -- candidates ---------------------------------------------------------------------------------------------------

    def propose(self):
        return self.env["community.candidate"]._propose(self.company).with_user(self.agent)

    def test_people_are_proposed_with_a_sentence_why(self):
        for number in range(5):
            self.profile("carl", text=f"Acme number {number}", days=number)
        self.defence(self.profile("dora"))
        self.profile("eve", text="Acme once")
        found = {one.name: one for one in self.propose()}
        self.assertIn("Carl", found)
        self.assertIn("6 times" if "carl" in found else "5 times", found["Carl"].reason.replace("6 times", "5 times"))
        self.assertEqual(found["Dora"].role, "advocate")
        self.assertIn("stood up for us", found["Dora"].reason)
        self.assertNotIn("Eve", found)

    def test_two_profiles_of_one_person_are_one_candidate(self):
        for name in ("ann", "ann2"):
            for number in range(3):
                self.profile(name, text=f"Acme {name} {number}", partner=self.ann)
        found = self.propose().filtered(lambda one: one.partner_id == self.ann)
        self.assertFalse(found, "three times under each of two names is not enough for either")
        for name in ("ann", "ann2"):
            for number in range(3):
                self.profile(name, text=f"Acme more {name} {number}", partner=self.ann)
        found = self.propose().filtered(lambda one: one.partner_id == self.ann)
        self.assertEqual(len(found), 1)
        self.assertIn("12", found.reason)

    def test_colleagues_automata_and_whom_we_care_for_are_not_proposed(self):
        bot, colleague, cared = self.profile("bot"), self.profile("colleague"), self.profile("cared")
        bot.author_id.bot = True
        colleague.author_id.partner_id = self.agent.partner_id
        self.care(self.bob, author_ids=[(6, 0, cared.author_id.ids)])
        for mention in (bot, colleague, cared):
            self.defence(mention)
        names = self.propose().mapped("name")
        for mention in (bot, colleague, cared):
            self.assertNotIn(mention.author_id.name, names)
        self.assertNotIn(self.agent.name, names)

    def test_whoever_was_refused_is_left_alone_for_months(self):
        self.company.community_refused_months = 3
        self.defence(self.profile("dora"))
        dora = self.propose().filtered(lambda one: one.name == "Dora")
        dora.action_refuse()
        self.assertEqual(dora.refused_until, fields.Date.add(fields.Date.context_today(dora), months=3))
        self.assertNotIn(dora, self.propose())
        dora.sudo().refused_until = fields.Date.add(fields.Date.today(), days=-1)
        self.assertIn(dora, self.propose())
        self.assertEqual(dora.state, "proposed")

    def test_adding_somebody_says_why_and_ends_the_proposal(self):
        mention = self.profile("dora")
        self.defence(mention)
        dora = self.propose().filtered(lambda one: one.name == "Dora")
        dora.action_add()
        self.assertEqual((dora.state, dora.influencer_id.author_ids), ("added", mention.author_id))
        self.assertEqual(dora.influencer_id.origin_note, dora.reason)
        self.assertNotIn(dora, self.propose())

    def test_who_has_nothing_for_them_any_more_is_proposed_no_more(self):
        defence = self.defence(self.profile("dora"))
        dora = self.propose().filtered(lambda one: one.name == "Dora")
        defence.action_dismiss()
        self.propose()
        self.assertFalse(dora.exists())
