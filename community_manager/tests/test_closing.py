from datetime import timedelta

from freezegun import freeze_time

from odoo import fields
from odoo.exceptions import AccessError, RedirectWarning, UserError
from odoo.tests import tagged

from .routing_common import RoutingCase


@tagged("post_install", "-at_install")
class TestClosing(RoutingCase):
    """Saying why something is closed."""

    def setUp(self):
        super().setUp()
        self.mention = self.say("Where is my acme chair?").with_user(self.agent)
        self.solved = self.env.ref("community_manager.close_reason_solved")
        self.needless = self.env.ref("community_manager.close_reason_no_answer")

    def dialog(self, action, user=None, **values):
        model = self.env[action["res_model"]].with_user(user or self.agent).with_context(**action["context"])
        return model.create(values)

    def test_without_the_setting_one_click_is_enough(self):
        self.assertIsNone(self.mention.action_done())
        self.assertEqual((self.mention.state, self.mention.close_reason_id.id), ("done", False))
        self.assertEqual(self.mention.closed_by_id, self.agent)
        self.assertTrue(self.mention.closed_at)

    def test_the_company_wants_to_know(self):
        """Buttons ask, in bulk too; what was chosen stands on each, and reopening forgets it."""
        self.company.community_ask_reason = True
        other = self.say("Second").with_user(self.agent)
        both = self.mention | other
        action = both.action_done()
        self.assertEqual(both.mapped("state"), ["new", "new"])
        dialog = self.dialog(action)
        self.assertIn(self.solved, dialog.reason_ids)
        self.assertNotIn(self.needless, dialog.reason_ids)
        with self.assertRaises(UserError):
            dialog.action_close()
        dialog.write({"reason_id": self.solved.id, "note": "A new one was sent"})
        dialog.action_close()
        self.assertEqual(both.mapped("state"), ["done", "done"])
        self.assertEqual(both.close_reason_id, self.solved)
        self.assertEqual(set(both.mapped("close_note")), {"A new one was sent"})
        other.action_reopen()
        self.assertFalse(other.close_reason_id or other.close_note or other.closed_at)

    def test_dragged_or_clicked_in_the_status_bar(self):
        """Whoever drags a card into "Done" is asked as well; with a reason it goes through."""
        self.company.community_ask_reason = True
        with self.assertRaises(RedirectWarning):
            self.mention.web_save({"state": "ignored"}, {"state": {}})
        with self.assertRaises(RedirectWarning):
            self.mention.web_save_multi([{"state": "ignored"}], {"state": {}})
        self.mention.web_save({"state": "ignored", "close_reason_id": self.needless.id}, {"state": {}})
        self.assertEqual(self.mention.close_reason_id, self.needless)
        # the form that was refused saves once more what its dialog has closed
        self.mention.web_save({"state": "ignored"}, {"state": {}})
        self.assertEqual(self.mention.close_reason_id, self.needless)

    def test_a_reason_in_the_context_is_not_asked_for(self):
        self.company.community_ask_reason = True
        self.mention.with_context(community_close_reason="spam").action_ignore()
        self.assertEqual(self.mention.close_reason_id, self.env.ref("community_manager.close_reason_spam"))

    def test_what_a_rule_ignores_says_so(self):
        """At arrival, and when rules are applied later."""
        by_rule = self.env.ref("community_manager.close_reason_rule")
        later = self.say("acme raffle")
        self.make_rule("No raffles", keywords="raffle", do_ignore=True)
        now = self.say("another acme raffle", author="bob")
        self.assertEqual((now.state, now.close_reason_id), ("ignored", by_rule))
        self.assertFalse(now.closed_by_id)
        self.env["community.rule"]._apply(later)
        self.assertEqual((later.state, later.close_reason_id), ("ignored", by_rule))

    def test_not_about_us_says_so(self):
        self.mention.action_not_about_us()
        self.assertEqual(self.mention.close_reason_id.code, "namesake")
        self.mention.action_about_us()
        self.assertFalse(self.mention.close_reason_id)

    def test_reasons_of_the_right_kind_and_company(self):
        elsewhere = self.env["community.close.reason"].create(
            {"name": "Elsewhere", "company_id": self.other_company.id}
        )
        with self.assertRaises(UserError):
            self.mention._close("done", self.needless)
        with self.assertRaises(UserError):
            self.mention._close("done", elsewhere)
        dialog = self.dialog(self.mention.action_close())
        self.assertNotIn(elsewhere, dialog.sudo().reason_ids)

    def test_the_dialog_opens_nothing_of_others(self):
        """Who may not change a mention cannot close it through the dialog either."""
        action = self.mention.action_close()
        with self.assertRaises(AccessError):
            self.dialog(action, user=self.outsider, reason_id=self.solved.id).action_close()

    def test_asked_only_for_what_is_open(self):
        """A second click on something closed already asks nothing."""
        self.company.community_ask_reason = True
        self.mention._close("done", self.solved)
        self.assertFalse(self.mention.action_done())
        self.assertEqual(self.mention.close_reason_id, self.solved)

    def test_what_is_closed_already_keeps_its_reason(self):
        """Closing several at once changes nothing about those that were closed before."""
        self.mention.with_user(self.manager)._close("done", self.solved, "Sent again")
        closed_at = self.mention.closed_at
        other = self.say("Second").with_user(self.agent)
        with freeze_time(fields.Datetime.now() + timedelta(hours=1)):
            (self.mention | other).action_done()
        self.assertEqual((other.state, other.closed_by_id), ("done", self.agent))
        kept = self.mention
        self.assertEqual((kept.close_reason_id, kept.close_note), (self.solved, "Sent again"))
        self.assertEqual((kept.closed_at, kept.closed_by_id), (closed_at, self.manager))

    def test_figures_by_reason(self):
        self.mention._close("done", self.solved)
        [(reason, count)] = self.env["community.mention"]._read_group(
            [("id", "=", self.mention.id)], ["close_reason_id"], ["__count"]
        )
        self.assertEqual((reason, count), (self.solved, 1))
        self.assertGreaterEqual(self.solved.mention_count, 1)
