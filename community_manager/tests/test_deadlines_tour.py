from datetime import UTC, datetime, timedelta

from odoo.tests import tagged

from .common import item
from .http_common import CommunityHttpCase


@tagged("post_install", "-at_install")
class TestDeadlinesTour(CommunityHttpCase):
    """Deadlines and the feedback register in the browser."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env["community.response.policy"].search([]).active = False
        cls.env["community.feedback"].search([]).active = False

    def test_manager_sets_a_deadline(self):
        """A manager writes a policy, sees what it means for what waits, and where the figures are."""
        self.env["community.mention"].search([("state", "in", ("new", "open"))]).write({"state": "ignored"})
        channel = self.make_channel()
        now = datetime.now(UTC)
        self.ingest(channel, item("1", "Where is my acme chair?", origin="own", published_at=now))
        answered = item("2", "Hello acme", "bob", origin="own", published_at=now - timedelta(hours=3))
        ours = item("3", "Hello", "us", origin="own", outgoing=True, parent_id="2", published_at=now)
        self.ingest(channel, answered, ours)
        self.mentions(channel).filtered(lambda mention: mention.external_id == "2").state = "done"
        self.start_tour("/odoo", "community_deadlines_are_set", login=self.manager.login)
        policy = self.env["community.response.policy"].search([("name", "=", "Everybody")])
        self.assertEqual((policy.first_target, policy.step_ids.after), (10, 5))

    def test_agent_keeps_the_register(self):
        """An agent adds a suggestion to a similar entry, decides, and tells both people who asked."""
        channel = self.make_channel()
        suggestion = self.env.ref("community_manager.intent_suggestion")
        said = {"origin": "own", "language": "en", "published_at": datetime.now(UTC)}
        items = [
            item("1", "Please sell armrests that do not hurt, softer armrests", "ann", **said),
            item("2", "Could you make softer armrests, please?", "bob", **said),
        ]
        self.ingest(channel, *items)
        first, second = self.mentions(channel)
        (first | second).sudo().write({"intent_ids": [(6, 0, suggestion.ids)], "language": "en"})
        entry = self.env["community.feedback"]._add_to_feedback(first)
        entry.name = "Armrests that hurt"
        first.sudo().text = "Please sell armrests that do not hurt"
        self.start_tour("/odoo", "community_feedback_is_decided", login=self.agent.login)
        self.assertEqual(entry.mention_ids, first | second)
        self.assertEqual((entry.decision, entry.untold_count), ("done", 0))
        self.assertEqual(
            sorted(entry.answer_ids.reply_id.mapped("text")),
            ["Hello Ann, the new armrests are soft.", "Hello Bob, the new armrests are soft."],
        )
