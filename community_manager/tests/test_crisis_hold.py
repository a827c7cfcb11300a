from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import tagged

from .test_crisis import CrisisRecordCase


@tagged("post_install", "-at_install")
class TestCrisisHold(CrisisRecordCase):
    """What a crisis holds back waits; approved statements go; afterwards nothing goes out unseen."""

    def setUp(self):
        super().setUp()
        self.crisis = self.open_crisis(approve_answers=False)
        self.mention = self.arrive(1)

    def approve(self):
        self.crisis.statement_ids.with_user(self.speaker).action_approve()

    def test_answers_wait_and_say_why(self):
        reply = self.answer("Calm down, it is only a lamp.")
        self.send()
        self.assertEqual((reply.state, self.texts()), ("queued", []))
        self.assertEqual(reply.hold_reason, "Crisis “Lamps”")
        self.assertIn("Crisis “Lamps”", reply.status)
        self.assertTrue(reply.with_user(self.speaker).crisis_mine)
        self.assertFalse(reply.with_user(self.agent).crisis_mine)

    def test_approved_statements_go_out_and_are_counted(self):
        self.approve()
        reply = self.answer("@a1 We look   into it.")
        self.send()
        self.assertEqual(reply.state, "sent")
        statement = self.crisis.statement_ids.filtered(lambda one: one.language == "en")
        self.assertEqual(statement.used_count, 1)
        self.assertIn("statement", self.kinds(self.crisis))

    def test_a_draft_or_a_changed_text_is_no_approved_statement(self):
        for text in ("We look into it.", "We look into it. It is your fault."):
            self.answer(text)
        self.approve()
        self.crisis.statement_ids[0].with_user(self.manager).text = "We look into it soon."
        self.assertEqual(self.crisis.statement_ids[0].state, "draft")
        self.send()
        self.assertEqual(self.texts(), [])

    def test_what_waited_as_a_statement_goes_when_it_is_approved(self):
        reply = self.answer("We look into it.")
        self.assertTrue(reply.held)
        self.approve()
        self.assertFalse(reply.held)
        self.send()
        self.assertEqual(reply.state, "sent")

    def test_only_roles_approve(self):
        with self.assertRaises(AccessError):
            self.crisis.statement_ids.with_user(self.agent).action_approve()
        with self.assertRaises(AccessError):
            self.crisis.statement_ids.with_user(self.admin).write({"state": "approved"})
        with self.assertRaises(AccessError):
            self.env["community.crisis.statement"].with_user(self.admin).create(
                {"crisis_id": self.crisis.id, "name": "x", "text": "x", "state": "approved"}
            )
        self.approve()
        self.assertEqual(set(self.crisis.statement_ids.mapped("approved_by_id.id")), {self.speaker.id})

    def test_a_statement_may_be_for_some_networks_only(self):
        self.crisis.statement_ids.network_ids = self.env["community.network"].search([("code", "=", "mastodon")])
        self.approve()
        reply = self.answer("We look into it.")
        self.assertTrue(reply.held)

    def test_the_composer_offers_approved_statements_first_in_the_right_language(self):
        mention = self.mention.with_user(self.agent)
        mention.sudo().language = "es"
        self.assertFalse([one for one in mention.get_suggestions() if one["kind"] == "statement"])
        self.approve()
        offered = mention.get_suggestions()
        self.assertEqual([one["kind"] for one in offered[:2]], ["statement"] * 2)
        self.assertEqual([one["text"] for one in offered[:2]], ["Lo estamos mirando.", "We look into it."])
        found = mention.get_suggestions("look into")
        self.assertEqual([one["text"] for one in found if one["kind"] == "statement"], ["We look into it."])
        warned = mention.check_reply("We look into it.", "reply")["warnings"]
        self.assertNotIn("crisis", [one["code"] for one in warned])

    def test_answers_without_a_statement_need_approval(self):
        self.crisis.approve_answers = True
        self.approve()
        values = {"mention_id": self.mention.id, "company_id": self.company.id}
        free = self.env["community.reply"].create({**values, "text": "Calm down."})
        word = self.env["community.reply"].create({**values, "text": "We look into it."})
        self.assertTrue(any("Lamps" in reason for reason in free._approval_reasons()))
        self.assertFalse(any("Lamps" in reason for reason in word._approval_reasons()))

    def test_a_role_releases_one_message(self):
        first, second = self.answer("Call us, please."), self.answer("Calm down.", self.arrive(2))
        with self.assertRaises(AccessError):
            first.with_user(self.agent).action_release()
        first.with_user(self.speaker).action_release()
        self.send()
        self.assertEqual((first.state, second.state), ("sent", "queued"))
        with self.assertRaises(UserError):
            first.with_user(self.speaker).action_release()

    def test_after_the_crisis_each_message_waits_for_a_look(self):
        first, second, third = (self.answer(text, self.arrive(number)) for number, text in enumerate("abc", 5))
        self.crisis.with_user(self.manager).action_close()
        self.send()
        self.assertEqual(self.texts(), [])
        self.assertIn("still fit", first.hold_reason)
        self.assertEqual(self.crisis.held_count, 3)
        new = self.answer("d", self.arrive(9))
        first.with_user(self.speaker).action_release()
        second.with_user(self.agent).action_cancel()
        self.send()
        self.assertEqual(self.texts(), ["a", "d"])
        self.assertEqual((new.state, third.state), ("sent", "queued"))
        third.with_user(self.speaker).action_release()
        self.send()
        self.assertEqual(self.texts(), ["a", "c", "d"])
        self.assertFalse(self.crisis.hold_ids.filtered("active"))

    def test_nothing_waits_and_the_hold_is_over_with_the_crisis(self):
        self.crisis.with_user(self.manager).action_close()
        self.assertFalse(self.crisis.hold_ids.filtered("active"))

    def test_no_way_around_the_look(self):
        """Archiving, deleting or dating the hold does not let out unseen what waits."""
        reply = self.answer("Calm down.")
        hold = self.crisis.hold_ids.with_user(self.manager)
        with self.assertRaises(ValidationError):
            hold.until = "2199-01-01 00:00:00"
        with self.assertRaises(UserError):
            hold.unlink()
        hold.active = False
        self.send()
        self.assertEqual((reply.state, self.texts()), ("queued", []))

    def test_only_managers_end_a_hold_and_the_crisis_says_so(self):
        reply = self.answer("Calm down.")
        hold = self.crisis.hold_ids
        with self.assertRaises(AccessError):
            hold.with_user(self.agent).action_end()
        with self.assertRaises(AccessError):
            hold.with_user(self.agent).write({"active": False})
        self.assertTrue(hold.active and not hold.crisis_review)
        hold.with_user(self.manager).action_end()
        self.send()
        self.assertEqual((reply.state, self.crisis.hold_scope), ("queued", "none"))
        self.assertEqual(self.kinds(self.crisis).count("hold"), 2)
        later = self.answer("We are sorry.", self.arrive(3))
        self.send()
        self.assertEqual(later.state, "sent")

    def test_what_a_crisis_holds_is_changed_in_the_crisis_alone(self):
        """Made smaller by hand, a hold would let out unseen what it covers no more."""
        hold = self.crisis.hold_ids.with_user(self.manager)
        for values in ({"kind": "manual"}, {"scope": "publish"}, {"reply_ids": [(5,)]}, {"author_ids": [(5,)]}):
            with self.assertRaises(UserError):
                hold.write(values)
        with self.assertRaises(UserError):
            hold.create({"name": "x", "kind": "crisis"})

    def test_what_waits_for_a_look_does_so_whatever_ends(self):
        """Neither the end of the crisis nor that of its hold, nor deleting the crisis, lets it out."""
        reply = self.answer("Calm down.")
        crisis = self.crisis.with_user(self.manager)
        crisis.hold_scope = "none"
        crisis.action_close()
        self.send()
        self.assertEqual((reply.state, crisis.held_count), ("queued", 1))
        for refused in (crisis.hold_ids.filtered("active").action_end, crisis.unlink):
            with self.assertRaises(UserError):
                refused()
        reply.with_user(self.manager).action_cancel()
        crisis.unlink()
        self.assertFalse(crisis.exists())

    def test_what_is_held_no_more_waits_for_a_look(self):
        """A crisis that holds less than before lets nothing out unseen."""
        reply = self.answer("Calm down.")
        self.crisis.with_user(self.manager).hold_scope = "publish"
        self.send()
        self.assertEqual((reply.state, self.texts()), ("queued", []))
        self.assertIn("any more", reply.hold_reason)
        reply.with_user(self.speaker).action_release()
        self.send()
        self.assertEqual(self.texts(), ["Calm down."])

    def test_a_hold_can_be_for_publications_only(self):
        self.crisis.with_user(self.manager).hold_scope = "publish"
        reply = self.answer("Calm down.")
        self.send()
        self.assertEqual(reply.state, "sent")
        self.assertEqual(self.crisis.hold_ids.filtered("active").scope, "publish")

    def test_a_hold_that_is_lifted_leaves_what_waited_for_a_look(self):
        reply = self.answer("Calm down.")
        self.crisis.with_user(self.manager).hold_scope = "none"
        self.send()
        self.assertEqual(reply.state, "queued")
        later = self.answer("We are sorry.", self.arrive(3))
        self.send()
        self.assertEqual(later.state, "sent")

    def test_a_crisis_that_is_not_over_holds_again(self):
        self.crisis.with_user(self.manager).action_close()
        self.crisis.with_user(self.manager).action_reopen()
        reply = self.answer("Calm down.")
        self.send()
        self.assertEqual((reply.state, self.crisis.stage), ("queued", "open"))
