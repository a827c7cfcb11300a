from odoo.exceptions import UserError
from odoo.tests import tagged

from odoo.addons.community_manager.connectors.errors import AccessDenied, AccessExpired, Gone, Refused

from .handoff_common import HandoffCase

SCRIPT = '<img src=x onerror="alert(1)"><script>alert(2)</script>'


@tagged("post_install", "-at_install")
class TestBadInput(HandoffCase):
    """Whatever goes wrong on a network: the state is clear, the inbox can be used, nothing is lost."""

    def setUp(self):
        super().setUp()
        self.mention = self.heard()
        self.handoff = self.hand_off(self.mention)

    def told(self):
        """Give the outcome and send the answer as the agent does; return the message."""
        self.conclude(self.handoff)
        draft = self.env["community.reply"].browse(self.handoff.action_tell()["res_id"])
        draft.with_user(self.agent).action_queue()
        self.send()
        return draft.sudo()

    def check_usable(self):
        """The inbox, the conversation, the reply box and the hand-off can all be read by an agent."""
        seen = self.mention.with_user(self.agent)
        found = seen.search_read([("id", "=", self.mention.id)], ["summary", "state", "handoff_state", "author_id"])
        self.assertEqual(len(found), 1)
        self.assertTrue(seen.get_conversation()["mentions"])
        self.assertIn("ways", seen.get_reply_options())
        self.handoff.with_user(self.agent).read()
        self.handoff.with_user(self.member).read(["quote", "people", "state"])

    def test_revoked_token(self):
        """The answer waits, the channel asks for access; once it has it, the author is told after all."""
        self.toy.answers = [AccessExpired("The access was taken back.")]
        reply = self.told()
        self.assertEqual((reply.state, self.desk.state), ("queued", "access"))
        self.assertIn("access", reply.status)
        self.assertEqual(self.handoff.state, "outcome", "nobody was told yet")
        self.check_usable()
        self.desk._set_access({"source": "Desk", "token": "new"})
        self.desk.action_start()
        self.send()
        self.assertEqual((reply.state, self.handoff.state), ("sent", "told"))
        self.assertEqual(len(self.toy.sent), 1)

    def test_deleted_parent(self):
        """The answer fails with the reason; the writer is told and can close the hand-off."""
        self.toy.answers = [Gone("Gone")]
        reply = self.told()
        self.assertEqual(reply.state, "failed")
        self.assertIn("deleted on the network", reply.problem)
        self.assertEqual(reply.activity_ids.user_id, self.agent)
        self.assertEqual((self.handoff.state, reply.text), ("outcome", "Air it for two days, please."))
        self.check_usable()
        self.handoff.action_close()
        self.assertEqual(self.handoff.state, "closed")
        self.assertFalse(self.handoff.sudo().activity_ids)

    def test_deleted_before_the_outcome(self):
        """Whoever deleted what they said waits for nothing; the department still sees why it was asked."""
        self.mention._erase_content()
        self.conclude(self.handoff)
        self.assertEqual(self.handoff.untold_count, 0)
        with self.assertRaisesRegex(UserError, "Close the hand-off"):
            self.handoff.action_tell()
        self.assertEqual(self.handoff.asked, "Is this batch faulty?")
        self.assertIn("deleted", self.mention.with_user(self.agent).get_reply_options()["reason"])
        self.check_usable()

    def test_blocked_account(self):
        """The network does not let us answer: it says so, and the words are kept."""
        self.toy.answers = [AccessDenied("You are blocked by this person.")]
        reply = self.told()
        self.assertEqual(reply.state, "failed")
        self.assertIn("You are blocked", reply.problem)
        self.assertEqual((self.handoff.state, self.mention.state), ("outcome", "open"))
        self.check_usable()
        reply.with_user(self.agent).action_queue()
        self.send()
        self.assertEqual(self.handoff.state, "told", "unblocked, it goes out after all")

    def test_reply_to_a_person_who_is_gone(self):
        """A private message to an account that does not exist any more fails with the reason."""
        self.conclude(self.handoff)
        self.toy.answers = [Refused("This account does not exist any more.")]
        reply = self.mention.with_user(self.agent)._reply("Air it.", "message").sudo()
        self.send()
        self.assertEqual(reply.state, "failed")
        self.assertIn("does not exist any more", reply.problem)
        self.assertEqual(self.handoff.state, "outcome")
        self.check_usable()

    def test_author_of_nobody(self):
        """A mention without an author is handed off, answered and concluded like any other."""
        self.mention.sudo().author_id = False
        self.env.invalidate_all()
        self.assertEqual(self.handoff.people, "")
        self.check_usable()
        self.told()
        self.assertEqual(self.handoff.state, "told")

    def test_script_in_a_name(self):
        """It is text wherever it is shown: quote, notes, notifications, introductions, leads."""
        mention = self.heard(f"Acme {SCRIPT}", author="evil")
        mention.author_id.sudo().name = SCRIPT
        self.env.invalidate_all()
        self.quality.target = "lead"
        handoff = self.hand_off(mention)
        bodies = [handoff.quote, mention.lead_id.description]
        bodies += mention.message_ids.mapped("body") + mention.lead_id.message_ids.mapped("body")
        bodies += handoff.sudo().message_ids.mapped("body")
        bodies += self.env["mail.message"].search([("model", "=", "community.handoff")]).mapped("body")
        bodies += [entry["body"] for entry in mention.with_user(self.agent).get_conversation()["mentions"]]
        for body in bodies:
            self.assertNotIn("<script", str(body or ""))
            self.assertNotIn("<img src=x", str(body or ""))
        self.assertIn("&lt;script&gt;", handoff.quote)
        self.assertEqual(mention.author_id.display_name, SCRIPT)

    def test_a_very_long_text(self):
        """A text of a hundred thousand characters is handed off; its quote is cut, the mention keeps it all."""
        text = "Acme " + "glue " * 20_000
        mention = self.heard(text, author="long")
        handoff = self.hand_off(mention)
        self.assertLess(len(handoff.quote), 10_000)
        self.assertEqual(len(mention.text), len(text.strip()) if len(mention.text) < len(text) else len(text))
        self.assertLessEqual(len(handoff.name), 81)

    def test_account_deleted_while_an_answer_waits(self):
        """The answer says that its account is gone; the hand-off goes on waiting for it to be told."""
        self.conclude(self.handoff)
        draft = self.env["community.reply"].browse(self.handoff.action_tell()["res_id"])
        draft.with_user(self.agent).action_queue()
        self.desk.unlink()
        self.env.invalidate_all()
        self.assertEqual((draft.sudo().state, self.handoff.state), ("failed", "outcome"))
        self.check_usable()

    def test_department_and_people_that_left(self):
        """An archived member or head is nobody to wait for: the others are asked."""
        self.head.active = False
        handoff = self.hand_off(self.heard("Another one", "eve"))
        self.assertEqual(handoff.sudo().activity_ids.user_id, self.member)
        self.member.active = False
        alone = self.hand_off(self.heard("A third", "zoe"))
        self.assertEqual((alone.state, alone.sudo().activity_ids.ids), ("asked", []))
        self.conclude(alone, user=self.agent)
        self.assertEqual(alone.state, "outcome", "agents can conclude what nobody is left for")
