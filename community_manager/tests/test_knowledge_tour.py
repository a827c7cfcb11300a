from odoo.fields import Command
from odoo.tests import tagged

from .common import item
from .http_common import CommunityHttpCase


@tagged("post_install", "-at_install")
class TestKnowledgeTour(CommunityHttpCase):
    """Approving an answer, and learning how to speak, in the browser."""

    def test_manager_approves_an_answer(self):
        """A manager sees what waits with its conversation, says it better, approves it; it goes out once."""
        self.env["community.sensitive"].create({"name": "Lamps", "keywords": "lamp", "avoid": "Never a number."})
        self.env["community.answer"].create(
            {"question": "How long is the warranty?", "text": "Three years.", "state": "published"}
        )
        channel = self.make_channel()
        self.ingest(channel, item("1", "Where is my acme lamp?", origin="own"))
        replies = self.env["community.reply"].with_user(self.agent)
        reply = replies.create({"mention_id": self.mentions(channel).id, "text": "We exchange your lamp."})
        reply.action_queue()
        self.assertEqual(reply.state, "approval")
        self.start_tour("/odoo", "community_manager_approves", login=self.manager.login)
        self.env["community.outbox"]._send(20)
        self.assertEqual([entry[1] for entry in self.toy.sent], ["We exchange your lamp at once."])

    def test_staff_reads_learns_and_asks(self):
        """Somebody without a role reads a guideline, learns a lesson and asks the team."""
        self.env["community.guideline"].search([]).active = False
        self.env["community.lesson"].search([]).active = False
        staff = self._new_user("staff", "base.group_user")
        guideline = self.env["community.guideline"].create({"name": "How we speak", "draft": "<p>Kindly.</p>"})
        guideline.action_publish()
        choices = [Command.create({"name": "Listen", "is_right": True}), Command.create({"name": "Argue"})]
        question = {"name": "First?", "explanation": "Who is heard calms down.", "choice_ids": choices}
        lesson = self.env["community.lesson"].create(
            {"name": "Complaints", "body": "<p>Listen.</p>", "question_ids": [Command.create(question)]}
        )
        lesson.action_publish()
        self.start_tour("/odoo", "community_staff_learns", login=staff.login)
        self.assertEqual(guideline.version_id.read_ids.user_id, staff)
        self.assertEqual((lesson.result_ids.user_id, lesson.result_ids.attempts), (staff, 2))
        ask = self.env["community.ask"].search([("asker_id", "=", staff.id)])
        self.assertEqual(ask.question, "May I answer this myself?")
