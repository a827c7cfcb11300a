from datetime import timedelta
from unittest.mock import patch

from odoo import fields
from odoo.exceptions import UserError
from odoo.tests import tagged
from odoo.tools import mute_logger

from .handoff_common import HandoffCase


@tagged("post_install", "-at_install")
class TestHandoff(HandoffCase):
    """What is put before a department comes back, and whoever wrote is told."""

    def test_from_the_dialog_to_the_told_author(self):
        mention = self.heard()
        handoff = self.hand_off(mention)
        self.assertEqual((handoff.state, handoff.department_id, handoff.user_id), ("asked", self.quality, self.agent))
        self.assertEqual((mention.department_id, mention.state, mention.handoff_state), (self.quality, "open", "Asked"))
        self.assertIn("smells of glue", handoff.quote)
        handoff.with_user(self.member).action_acknowledge()
        self.assertEqual((handoff.state, handoff.acknowledged_by_id), ("acknowledged", self.member))
        self.assertEqual(handoff.member_id, self.member)
        self.conclude(handoff)
        self.assertEqual((handoff.state, handoff.outcome, handoff.untold_count), ("outcome", "done", 1))
        action = handoff.action_tell()
        draft = self.env["community.reply"].browse(action["res_id"])
        self.assertEqual(
            (draft.text, draft.state, draft.mention_id), ("Air it for two days, please.", "draft", mention)
        )
        self.assertEqual(handoff.state, "outcome", "a draft tells nobody")
        self.assertEqual(handoff.action_tell()["res_id"], draft.id, "pressed twice, there is one draft")
        draft.with_user(self.agent).action_queue()
        self.assertEqual(handoff.state, "outcome", "what is on its way has told nobody")
        self.send()
        self.assertEqual([entry[1] for entry in self.toy.sent], ["Air it for two days, please."])
        self.assertEqual((handoff.state, mention.state), ("told", "done"))
        self.assertFalse(handoff.activity_ids)

    def test_people_are_told_and_have_an_activity(self):
        handoff = self.hand_off(self.heard())
        self.assertEqual(len(self.notified(self.head)), 1)
        self.assertEqual(len(self.notified(self.member)), 1)
        self.assertEqual(handoff.sudo().activity_ids.user_id, self.head)
        self.conclude(handoff)
        self.assertEqual(handoff.sudo().activity_ids.user_id, self.agent)
        self.assertIn("Tell the author", handoff.sudo().activity_ids.summary)
        self.assertEqual(len(self.notified(self.agent)), 1)

    def test_a_named_person_alone_is_asked(self):
        handoff = self.hand_off(self.heard(), member_id=self.member.id)
        self.assertEqual((len(self.notified(self.head)), len(self.notified(self.member))), (0, 1))
        self.assertEqual(handoff.sudo().activity_ids.user_id, self.member)

    def test_an_answer_before_the_outcome_tells_nothing(self):
        mention = self.heard()
        handoff = self.hand_off(mention)
        mention.with_user(self.agent)._reply("We look into it.")
        self.send()
        self.assertEqual((handoff.state, mention.state), ("asked", "done"))
        self.conclude(handoff)
        self.assertEqual((handoff.state, mention.state), ("outcome", "open"), "the mention is back in the inbox")
        mention.with_user(self.agent)._reply("It was the glue, sorry!")
        self.send()
        self.assertEqual(handoff.state, "told", "whatever words the agent chose")

    def test_everybody_who_asked_is_told(self):
        mentions = self.heard() | self.heard("Mine smells too", "bob", parent_id="said-1")
        handoff = self.env["community.handoff"]._open_with(self.quality, mentions, "Is it faulty?")
        self.conclude(handoff)
        mentions[0].with_user(self.agent)._reply("Air it, please.")
        self.send()
        self.assertEqual((handoff.state, handoff.untold_count), ("outcome", 1))
        mentions[1].with_user(self.agent)._reply("Air it, please.")
        self.send()
        self.assertEqual(handoff.state, "told")

    def test_several_mentions_are_one_hand_off_for_each_conversation(self):
        first, second = self.heard(conversation_id="a"), self.heard("And it wobbles", conversation_id="a")
        third = self.heard("Another thing", "bob")
        self.hand_off(first | second | third)
        handoffs = (first | second | third).handoff_ids
        self.assertEqual(sorted(handoffs.mapped("mention_count")), [1, 2])

    def test_what_is_said_meanwhile_is_added_to_the_open_one(self):
        first = self.heard(conversation_id="a")
        handoff = self.hand_off(first)
        second = self.heard("It wobbles too", conversation_id="a")
        again = self.env["community.handoff"]._hand_to(self.quality, second)
        self.assertEqual((again, handoff.mention_ids), (handoff, first | second))
        self.assertEqual(len(self.notified(self.head)), 1)

    def test_a_second_question_is_not_lost(self):
        """Handed to the same department again, its people hear what else is asked; what is answered is asked anew."""
        mention = self.heard()
        handoff = self.hand_off(mention)
        self.hand_off(mention, asked="Do we take it back?", reason="She insists")
        self.assertEqual(mention.handoff_ids, handoff)
        self.assertEqual(handoff.asked, "Is this batch faulty?\n\nDo we take it back?")
        self.assertEqual(handoff.reason, "She insists")
        self.assertEqual(len(self.notified(self.head)), 2)
        self.hand_off(mention, asked="Do we take it back?")
        self.assertEqual(len(self.notified(self.head)), 2, "the same question once")
        self.conclude(handoff)
        third = self.hand_off(mention, asked="And the lamp?") - handoff
        self.assertEqual((third.asked, handoff.state, third.state), ("And the lamp?", "outcome", "asked"))

    def test_an_answer_that_waits_for_approval_is_not_written_twice(self):
        handoff = self.hand_off(self.heard())
        self.conclude(handoff)
        draft = self.env["community.reply"].browse(handoff.action_tell()["res_id"])
        draft.sudo().state = "approval"
        self.assertEqual(handoff.action_tell()["res_id"], draft.id)

    def test_without_a_mention_nobody_is_introduced(self):
        handoff = (
            self.env["community.handoff"]
            .with_user(self.agent)
            .create({"department_id": self.quality.id, "asked": "Is the shop open?"})
        )
        with self.assertRaisesRegex(UserError, "nothing to answer"):
            handoff.action_introduce()

    def test_a_refusal_says_why(self):
        handoff = self.hand_off(self.heard())
        theirs = handoff.with_user(self.member)
        with self.assertRaisesRegex(UserError, "Write why"):
            theirs.action_refuse()
        self.conclude(handoff, outcome="refused")
        self.assertEqual((handoff.state, handoff.outcome), ("outcome", "refused"))

    def test_no_outcome_without_a_word(self):
        with self.assertRaisesRegex(UserError, "may be told"):
            self.hand_off(self.heard()).with_user(self.member).action_done()

    def test_ask_once_more(self):
        handoff = self.hand_off(self.heard())
        self.conclude(handoff)
        handoff.action_reopen()
        self.assertEqual((handoff.state, handoff.outcome, handoff.acknowledged_by_id.id), ("asked", False, False))
        self.assertEqual(len(self.notified(self.head)), 2)

    def test_open_ones_are_not_deleted(self):
        handoff = self.hand_off(self.heard()).with_user(self.manager)
        with self.assertRaises(UserError):
            handoff.unlink()
        handoff.action_close()
        handoff.unlink()
        with self.assertRaisesRegex(UserError, "still wait"):
            self.hand_off(self.heard("Again"))
            self.quality.action_archive()

    def test_our_own_words_are_not_handed_off(self):
        with self.assertRaisesRegex(UserError, "wrote this ourselves"):
            self.heard(outgoing=True).with_user(self.agent).action_hand_off()

    def test_the_dialog_proposes_by_what_somebody_wants(self):
        codes = {"job": "hr", "partnership": "partnerships", "purchase": "sales"}
        for intent, code in codes.items():
            mention = self.heard(f"About {intent}")
            mention.sudo().intent_ids = self.env["community.intent"].search([("code", "=", intent)])
            action = mention.with_user(self.agent).action_hand_off()
            wizard = self.env["community.handoff.ask"].with_user(self.agent).with_context(**action["context"])
            found = wizard.new(wizard.default_get(["mention_ids"]))
            self.assertEqual(found.department_id.code, code, intent)


@tagged("post_install", "-at_install")
class TestHandoffLate(HandoffCase):
    """Nobody is forgotten: a reminder, then the head, each once."""

    def late(self, hours, **values):
        """Return a hand-off that was due some hours ago."""
        handoff = self.hand_off(self.heard(), **values).sudo()
        now = fields.Datetime.now()
        handoff.write({"due_at": now - timedelta(hours=hours), "escalate_at": now + timedelta(hours=8 - hours)})
        return handoff

    def chase(self):
        with patch.object(type(self.env["ir.cron"]), "_commit_progress", return_value=60.0):
            self.env["community.handoff"]._cron_chase()
        self.env.invalidate_all()

    def test_due_in_hours(self):
        self.quality.acknowledge_hours = 4
        handoff = self.hand_off(self.heard())
        self.assertEqual(handoff.due_at - handoff.create_date, timedelta(hours=4))
        self.assertEqual(handoff.escalate_at - handoff.create_date, timedelta(hours=8))
        self.assertFalse(handoff.is_late)

    def test_reminder_then_head_each_once(self):
        handoff = self.late(1, member_id=self.member.id)
        self.assertTrue(handoff.is_late)
        self.assertIn(handoff, self.env["community.handoff"].search([("is_late", "=", True)]))
        self.chase()
        self.chase()
        self.assertEqual((len(self.notified(self.member)), len(self.notified(self.head))), (2, 0))
        handoff.escalate_at = fields.Datetime.now() - timedelta(minutes=1)
        self.chase()
        self.chase()
        self.assertEqual((len(self.notified(self.member)), len(self.notified(self.head))), (2, 1))
        self.assertEqual(len(handoff.activity_ids.filtered(lambda one: one.user_id == self.head)), 1)
        self.assertIn("has not acknowledged", self.notified(self.head)[-1])

    def test_nothing_after_somebody_acknowledged(self):
        handoff = self.late(1)
        handoff.with_user(self.member).action_acknowledge()
        self.chase()
        self.assertEqual(len(self.notified(self.member)), 1)
        self.assertFalse(handoff.reminded_at)

    def test_a_head_who_left_is_not_the_end(self):
        self.head.active = False
        handoff = self.late(9, member_id=self.member.id)
        handoff.reminded_at = fields.Datetime.now()
        self.chase()
        self.assertTrue(handoff.escalated_at)
        self.assertEqual(len(self.notified(self.agent)), 1, "whoever asked is told instead")

    def test_one_that_breaks_does_not_stop_the_rest(self):
        bad, good = self.late(2), self.late(1)
        model = type(self.env["community.handoff"])
        step = model._take_next_step

        def breaking(handoff):
            if handoff == bad:
                raise ValueError("broken")
            return step(handoff)

        with (
            patch.object(model, "_take_next_step", breaking),
            mute_logger("odoo.addons.community_manager.models.handoff.community_handoff_chase"),
        ):
            self.chase()
        self.assertFalse(bad.reminded_at)
        self.assertTrue(good.reminded_at)
        self.assertNotIn(bad.id, self.env["community.handoff"]._late_ids(), "it does not come first every time")

    def test_working_hours_of_a_department_with_a_calendar(self):
        calendar = self.env["resource.calendar"].create(
            {
                "name": "Nine to five",
                "tz": "UTC",
                "attendance_ids": [(5, 0, 0)]
                + [
                    (0, 0, {"name": str(day), "dayofweek": str(day), "hour_from": 9, "hour_to": 17}) for day in range(5)
                ],
            }
        )
        self.quality.write({"resource_calendar_id": calendar.id, "acknowledge_hours": 2})
        friday = fields.Datetime.to_datetime("2026-11-20 16:00:00")
        monday = fields.Datetime.to_datetime("2026-11-23 10:00:00")
        self.assertEqual(self.quality._due_at(friday), monday)
        self.quality.resource_calendar_id = False
        self.company.resource_calendar_id = calendar
        self.assertEqual(self.quality._due_at(friday), monday, "without its own, it keeps the hours of the company")
