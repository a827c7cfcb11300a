from datetime import timedelta

from psycopg2.errors import UniqueViolation

from odoo import fields
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import tagged
from odoo.tools import mute_logger

from .relations_common import RelationsCase


@tagged("post_install", "-at_install")
class TestRelations(RelationsCase):
    """Caring for people: the pipeline, what is done together, and what they get for it."""

    # -- pipeline -----------------------------------------------------------------------------------------------------

    def test_somebody_is_entered_by_a_profile_and_found_again_by_their_contact(self):
        mention = self.profile()
        ann = (
            self.env["community.influencer"]
            .with_user(self.agent)
            .create({"author_ids": [(6, 0, mention.author_id.ids)], "name": ""})
        )
        self.assertEqual((ann.name, ann.partner_id.id, ann.stage_id), ("Ann", False, self.stage("identified")))
        mention.author_id.partner_id = self.ann
        self.assertEqual(ann.partner_id, self.ann, "once the profile is linked, so is the person")
        self.assertEqual(self.env["community.influencer"]._of(self.ann, self.company), ann)

    def test_the_profiles_of_a_contact_come_along(self):
        mention = self.profile(partner=self.ann)
        ann = self.care()
        self.assertEqual(ann.author_ids, mention.author_id)
        self.assertEqual(ann.mention_count, 1)

    def test_nobody_is_cared_for_twice(self):
        mention = self.profile(partner=self.ann)
        self.care()
        with self.assertRaises(ValidationError):
            self.care()
        with self.assertRaises(ValidationError):
            self.env["community.influencer"].create({"author_ids": [(6, 0, mention.author_id.ids)]})
        self.care(self.bob)

    def test_who_is_answered_is_contacted_and_nobody_goes_backwards(self):
        mention = self.profile(partner=self.ann)
        ann = self.care()
        self.env["community.influencer"]._note_contacted()
        self.assertEqual(ann.stage_id, self.stage("identified"))
        mention.with_user(self.agent)._reply("Thank you, Ann!")
        self.send_all()
        self.env["community.reply"].search([("mention_id", "=", mention.id)]).sent_at = fields.Datetime.now()
        with self.enter_registry_test_mode():
            self.env.ref("community_manager.cron_collaboration").method_direct_trigger()
        ann.invalidate_recordset()
        self.assertEqual(ann.stage_id, self.stage("contacted"))
        ann.stage_id = self.stage("advocate")
        ann._reach("collaborating")
        self.assertEqual(ann.stage_id, self.stage("advocate"))
        self.assertTrue(ann.is_advocate)

    def test_an_end_has_a_reason_and_can_be_taken_back(self):
        ann = self.care()
        ann.activity_schedule("mail.mail_activity_data_todo", user_id=self.agent.id)
        dialog = (
            self.env["community.influencer.lose"]
            .with_user(self.agent)
            .create({"influencer_ids": [(6, 0, ann.ids)], "reason": "price", "note": "Wanted 5,000"})
        )
        dialog.action_end()
        self.assertEqual((ann.active, ann.lost_reason, ann.lost_note), (False, "price", "Wanted 5,000"))
        self.assertFalse(ann.activity_ids)
        ann.action_restore()
        self.assertEqual((ann.active, ann.lost_reason), (True, False))

    def test_merged_contacts_keep_one_relationship_with_everything(self):
        ann, other = self.care(stage_id=self.stage("contacted").id), self.care(self.bob, agreements="Two posts")
        mine, theirs = self.collaborate(ann), self.collaborate(other, name="Photos")
        fee = self.promise(other)
        link = self.link(other)
        wizard = self.env["base.partner.merge.automatic.wizard"].create({})
        self.bob.email = self.ann.email
        wizard._merge([self.ann.id, self.bob.id], self.ann)
        self.env.invalidate_all()
        self.assertEqual((ann.active, other.active, other.lost_reason), (True, False, "merged"))
        self.assertEqual(ann.collaboration_ids, mine | theirs)
        self.assertEqual((fee.influencer_id, link.influencer_id), (ann, ann))
        self.assertEqual((fee.partner_id, theirs.partner_id, link.partner_id), (self.ann,) * 3)
        self.assertEqual(ann.agreements, "Two posts")

    # -- collaborations -----------------------------------------------------------------------------------------------

    def test_tasks_of_a_collaboration_get_deadlines_inside_its_time(self):
        start = fields.Date.today()
        template = self.env.ref("community_manager.project_collaboration")
        one = self.collaborate(
            self.care(), project_template_id=template.id, date_start=start, date_end=start + timedelta(days=20)
        )
        one.action_agree()
        project = one.sudo().project_id
        days = [task.date_deadline.date() for task in project.task_ids.sorted("sequence")]
        self.assertEqual(len(days), len(template.task_ids))
        self.assertEqual(days, sorted(days))
        self.assertEqual(days[-1], start + timedelta(days=20))
        self.assertFalse(project.is_template)
        self.assertIn(f"0 of {len(days)} done", one.task_note)
        project.task_ids[0].state = "1_done"
        one.invalidate_recordset()
        self.assertIn(f"1 of {len(days)} done", one.task_note)

    def test_posts_belong_to_it_by_person_time_and_hashtag(self):
        old = self.profile(partner=self.ann, text="Acme #nortelamps", days=40)
        ann = self.care()
        one = self.collaborate(ann, hashtags="#nortelamps", date_start=fields.Date.today() - timedelta(days=10))
        inside = self.profile(text="Acme with #NorteLamps and #ad", days=2)
        other_tag = self.profile(text="Acme with #nortelampshades", days=2)
        somebody = self.profile("bob", text="Acme #nortelamps", days=2)
        private = self.profile(text="Acme #nortelamps", visibility="direct", days=2)
        one.action_agree()
        one.action_run()
        self.assertEqual(one.mention_ids, inside)
        self.assertFalse((old | other_tag | somebody | private).collaboration_id)
        self.assertEqual(ann.stage_id, self.stage("collaborating"))
        inside.with_user(self.agent).action_leave_collaboration()
        one._gather()
        self.assertFalse(one.mention_ids, "what somebody has taken out stays out")

    def test_a_post_without_the_words_of_disclosure_is_pointed_at(self):
        self.profile(partner=self.ann, days=60)
        one = self.collaborate(
            self.care(), disclosure="#ad, #sponsored", date_start=fields.Date.today() - timedelta(days=5)
        )
        said = self.profile(text="Acme lamp, what an #adventure", days=1)
        good = self.profile(text="Acme lamp #Sponsored", days=1)
        one.action_agree()
        one.action_run()
        self.assertEqual((said.undisclosed, good.undisclosed), (True, False))
        self.assertEqual((one.mention_count, one.undisclosed_count), (2, 1))
        self.assertEqual(len(one.activity_ids), 1)
        one._gather()
        self.assertEqual(len(one.activity_ids), 1, "the responsible is told once")
        said.text = "Acme lamp, what an adventure #ad"
        one.invalidate_recordset()
        self.assertEqual((said.undisclosed, one.undisclosed_count), (False, 0))
        one.disclosure = "#werbung"
        self.assertTrue(said.undisclosed)

    def test_only_managers_confirm_and_nobody_writes_the_state(self):
        one = self.collaborate(self.care())
        one.action_agree()
        one.action_run()
        with self.assertRaises(AccessError):
            one.action_done()
        with self.assertRaises(AccessError):
            one.with_user(self.manager).state = "done"
        with self.assertRaises(AccessError):
            self.collaborate(one.influencer_id, state="done")
        with self.assertRaises(UserError):
            one.with_user(self.manager).action_draft()
        one.with_user(self.manager).action_done()
        self.assertEqual((one.state, one.completed_by_id), ("done", self.manager))
        self.assertTrue(one.completed_at)
        with self.assertRaises(UserError):
            one.with_user(self.manager).unlink()

    # -- compensation -------------------------------------------------------------------------------------------------

    def test_nothing_is_paid_before_it_is_confirmed_and_nothing_twice(self):
        one = self.collaborate(self.care())
        fee = self.promise(one.influencer_id, collaboration_id=one.id)
        for button in (fee.action_pay, fee.action_allow):
            with self.assertRaises(UserError):
                button()
        one.action_agree()
        one.action_run()
        one.with_user(self.manager).action_done()
        self.assertEqual((fee.state, fee.confirmed_by_id), ("payable", self.manager))
        with self.assertRaises(UserError):
            fee.amount = 900
        fee.reference = "INV/7"
        fee.action_pay()
        self.assertEqual((fee.state, fee.paid_by_id), ("paid", self.manager))
        for button in (fee.action_pay, fee.action_cancel, fee.unlink):
            with self.assertRaises(UserError):
                button()
        with self.assertRaises(AccessError):
            fee.state = "payable"
        again = self.promise(one.influencer_id, name="Fee again")
        with self.assertRaises(UniqueViolation), mute_logger("odoo.sql_db"), self.cr.savepoint():
            again.reference = " INV/7 "
            self.env.flush_all()
        with self.assertRaises(UserError):
            self.promise(one.influencer_id, collaboration_id=one.id)

    def test_what_is_cancelled_is_not_paid(self):
        one = self.collaborate(self.care())
        fee = self.promise(one.influencer_id, collaboration_id=one.id)
        one.with_user(self.agent).action_cancel()
        self.assertEqual(fee.state, "cancelled")
        with self.assertRaises(UserError):
            fee.action_pay()

    def test_without_a_collaboration_a_manager_confirms_each(self):
        thing = self.promise(self.care(), kind="kind", name="Lamp")
        with self.assertRaises(AccessError):
            thing.with_user(self.agent).action_allow()
        thing.action_allow()
        thing.action_pay()
        self.assertEqual(thing.state, "paid")

    def test_amounts_are_for_managers(self):
        fee = self.promise(self.care())
        self.assertEqual(fee.with_user(self.agent).read(["name"])[0]["name"], "Fee")
        for name in ("amount", "amount_company"):
            with self.assertRaises(AccessError):
                fee.with_user(self.agent).read([name])
        one = self.collaborate(fee.influencer_id)
        with self.assertRaises(AccessError):
            one.with_user(self.agent).read(["cost"])
        one.with_user(self.agent).read(["click_count", "lead_count"])

    def test_the_ledger_adds_up_in_our_currency(self):
        dollar = self.env.ref("base.USD") if self.company.currency_id != self.env.ref("base.USD") else None
        foreign = dollar or self.env.ref("base.EUR")
        foreign.active = True
        self.env["res.currency.rate"].search([("currency_id", "=", foreign.id)]).unlink()
        self.env["res.currency.rate"].create(
            {"currency_id": foreign.id, "rate": 2.0, "name": "2020-01-01", "company_id": self.company.id}
        )
        self.env["res.currency.rate"].search([("currency_id", "=", self.company.currency_id.id)]).unlink()
        ann = self.care()
        one = self.collaborate(ann)
        fee = self.promise(ann, amount=300, currency_id=foreign.id, collaboration_id=one.id)
        self.promise(ann, amount=50, kind="kind", collaboration_id=one.id)
        self.assertEqual(fee.amount_company, 150)
        self.assertEqual(one.with_user(self.manager).cost, 200)
        rows = (
            self.env["community.compensation"]
            .with_user(self.manager)
            .formatted_read_group([("influencer_id", "=", ann.id)], ["kind"], ["amount_company:sum"])
        )
        self.assertEqual({row["kind"]: row["amount_company:sum"] for row in rows}, {"money": 150, "kind": 50})
