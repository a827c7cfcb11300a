from datetime import UTC, datetime, timedelta

from odoo import fields
from odoo.exceptions import AccessError, UserError
from odoo.tests import Form, tagged

from .common import CommunityCase

DAY = timedelta(days=1)


@tagged("post_install", "-at_install")
class TestDesk(CommunityCase):
    """What needs an answer first, and what the desk counts, does and takes back."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.channel = cls.make_channel()
        cls.risk = cls.make_topic("Safety", "dangerous", kind="risk")

    def _arrive(self, number, text="about acme", author=None, **values):
        self.ingest(self.channel, self.item(number, text, author or f"author {number}", origin="own", **values))
        return self.mentions(self.channel, external_id=number)

    def _queue(self):
        domain = [("channel_id", "=", self.channel.id), ("state", "in", ("new", "open", "waiting"))]
        found = self.env["community.mention"].search(domain, order="need desc, queue_at, id")
        return found.mapped("external_id")

    # -- order -------------------------------------------------------------------------------------------------------

    def test_what_needs_an_answer_first_stands_first(self):
        """Risks come before those who ask, those before the rest; among equals the oldest."""
        base = datetime.now(UTC)
        self._arrive("news", published_at=base - timedelta(hours=9))
        self._arrive("young question", "Where is my acme chair?", published_at=base - timedelta(hours=1))
        self._arrive("old question", "When does acme open?", published_at=base - timedelta(hours=5))
        self._arrive("danger", "acme lamps are dangerous", published_at=base)
        question = self.env.ref("community_manager.intent_question")
        for mention in self.mentions(self.channel):
            if "question" in mention.external_id:
                mention.intent_ids = question
        self.assertEqual(self._queue(), ["danger", "old question", "young question", "news"])

    def test_arrival_and_later_change_agree(self):
        """What is worked out as values before a mention is stored is what is worked out of the stored mention."""
        self._arrive("1", "Where is my acme chair? It is dangerous!")
        self._arrive("2", "A private word to acme", visibility="direct")
        self._arrive("3", "We answer acme", outgoing=True)
        self._arrive("4", "acme")
        mentions = self.mentions(self.channel)
        before = [(mention.need, mention.queue_at) for mention in mentions]
        self.assertEqual(len(set(before)), 4)
        mentions._queue_soon()
        self.assertEqual([(mention.need, mention.queue_at) for mention in mentions], before)

    def test_place_follows_every_change(self):
        """Priority, intents, topics and state move a mention; what is done leaves the queue and comes back."""
        mention = self._arrive("1", "acme")
        self.assertEqual(mention.need, 0)
        self.assertTrue(mention.queue_at)
        mention.intent_ids = self.env.ref("community_manager.intent_complaint")
        self.assertEqual(mention.need, 1)
        mention.priority = "3"
        self.assertEqual(mention.need, 2)
        mention.write({"priority": "0", "intent_ids": [fields.Command.clear()]})
        self.assertEqual(mention.need, 0)
        mention.topic_ids += self.risk
        self.assertEqual(mention.need, 2)
        mention.state = "waiting"
        self.assertEqual(mention.need, 0, "it is not our turn")
        mention.state = "done"
        self.assertEqual((mention.need, mention.queue_at), (0, False))
        mention.action_reopen()
        self.assertEqual(mention.need, 2)
        self.assertTrue(mention.queue_at)

    def test_topic_that_becomes_a_risk(self):
        """What is still to do about a topic moves up when the topic becomes a risk; finished ones are left alone."""
        one, other = self._arrive("1"), self._arrive("2")
        other.state = "done"
        self.topic.kind = "risk"
        self.assertEqual((one.need, other.need), (2, 0))
        self.assertEqual(self._arrive("3").need, 2, "new ones know it at once")
        self.topic.kind = "brand"
        self.assertEqual(one.need, 0)

    def test_nobody_reorders_the_queue_by_hand(self):
        """The order is not a field that an agent writes."""
        mention = self._arrive("1").with_user(self.agent)
        with self.assertRaises(AccessError):
            mention.write({"need": 2})
        with self.assertRaises(AccessError):
            mention.write({"queue_at": "2020-01-01 00:00:00"})

    # -- figures -----------------------------------------------------------------------------------------------------

    def test_figures_count_what_waits_for_us(self):
        """Waiting counts what is our turn within what is shown; a company does not see another's."""
        self._arrive("1")
        self._arrive("2").state = "waiting"
        self._arrive("3").state = "done"
        other = self.env["res.company"].create({"name": "Elsewhere"})
        elsewhere = self.make_channel("Elsewhere", company_id=other.id)
        self.ingest(elsewhere, self.item("9", "for elsewhere", origin="own"))
        mentions = self.env["community.mention"].with_user(self.agent)
        figures = mentions.get_desk([("channel_id", "in", (self.channel | elsewhere).ids)])
        self.assertEqual(figures["waiting"], 1)

    def test_overdue_is_what_missed_its_deadline(self):
        """Only a deadline that has passed counts as overdue, whatever the age."""
        old = datetime.now(UTC) - 3 * DAY
        late, plain = self._arrive("1", published_at=old), self._arrive("2", published_at=old)
        due = fields.Datetime.now() - timedelta(hours=1)
        self.env.flush_all()
        self.env.cr.execute("UPDATE community_mention SET answer_due = NULL WHERE id = %s", [plain.id])
        self.env.cr.execute(
            "UPDATE community_mention SET answer_due = %s, queue_at = %s WHERE id = %s", [due, due, late.id]
        )
        self.env.invalidate_all()
        domain = [("channel_id", "=", self.channel.id)]
        figures = self.env["community.mention"].with_user(self.agent).get_desk(domain)
        self.assertEqual((figures["waiting"], figures["overdue"]), (2, 1))

    # -- acts and undo -----------------------------------------------------------------------------------------------

    def _act(self, mention, code):
        return mention.with_user(self.agent).desk_act(code)

    def test_done_can_be_undone(self):
        """What was closed is open again as it was, and whose it was."""
        mention = self._arrive("1")
        mention.write({"state": "open", "user_id": self.manager.id})
        found = self._act(mention, "done")
        self.assertFalse(found["action"])
        self.assertEqual(mention.state, "done")
        mention.with_user(self.agent).action_undo(found["before"], found["after"])
        self.assertEqual((mention.state, mention.user_id), ("open", self.manager))
        self.assertTrue(mention.queue_at)

    def test_assign_and_ignore_can_be_undone(self):
        """Assigning gives it back to whoever had it; ignoring brings it back."""
        mention = self._arrive("1")
        assigned = self._act(mention, "assign")
        self.assertEqual((mention.user_id, mention.state), (self.agent, "open"))
        mention.with_user(self.agent).action_undo(assigned["before"], assigned["after"])
        self.assertEqual((mention.user_id, mention.state), (self.env["res.users"], "new"))
        ignored = self._act(mention, "ignore")
        self.assertEqual(mention.state, "ignored")
        mention.with_user(self.agent).action_undo(ignored["before"], ignored["after"])
        self.assertEqual(mention.state, "new")

    def test_snooze_can_be_undone(self):
        """What the dialog changed is put back too."""
        mention = self._arrive("1")
        found = self._act(mention, "snooze")
        self.assertEqual(found["action"]["target"], "new")
        mine = mention.with_user(self.agent)
        mine._snooze(fields.Datetime.now() + DAY)
        mine.action_undo(found["before"], mine.get_undo_values())
        self.assertFalse(mention.snoozed_until)

    def test_undo_never_overwrites_a_colleague(self):
        """What somebody changed meanwhile stays, and the agent is told why."""
        mention = self._arrive("1")
        found = self._act(mention, "done")
        mention.with_user(self.manager).write({"state": "open", "user_id": self.manager.id})
        with self.assertRaisesRegex(UserError, "meanwhile"):
            mention.with_user(self.agent).action_undo(found["before"], found["after"])
        self.assertEqual(mention.user_id, self.manager)

    def test_undo_writes_nothing_else(self):
        """Values that are not on the list are not written, whatever a browser sends."""
        mention = self._arrive("1")
        mention.with_user(self.agent).action_undo({"text": "forged", "need": 2, "company_id": 99, "priority": "3"}, {})
        self.assertEqual((mention.text, mention.need, mention.priority), ("about acme", 0, "0"))
        self.assertEqual(mention.company_id, self.company)
        stranger = self._new_user("stranger", "base.group_user")
        with self.assertRaises(AccessError):
            mention.with_user(stranger).action_undo({"state": "done"}, {})

    def test_only_what_is_offered_can_be_done(self):
        """The desk runs no other method than those it offers, and offers none to who may not write."""
        mention = self._arrive("1")
        for code in ("unlink", "reopen", "action_done", "_erase_content"):
            with self.assertRaises(UserError):
                self._act(mention, code)
        self.assertIn("done", mention.with_user(self.agent)._desk_acts())
        mention.state = "done"
        acts = mention.with_user(self.agent)._desk_acts()
        self.assertIn("reopen", acts)
        self.assertNotIn("done", acts)

    def test_lead_is_made_without_leaving_and_taken_back(self):
        """A lead just made can be taken back, and the mention is as it was."""
        mention = self._arrive("1", "I want an acme lamp")
        found = self._act(mention, "lead")
        lead = mention.lead_id
        self.assertEqual(found["made"]["how"], "made")
        self.assertFalse(found["action"], "the agent stays at the desk")
        self.assertFalse(found["made"]["line"]["open"], "no link for who may not read leads")
        mention.with_user(self.agent).action_undo(found["before"], found["after"], "lead")
        self.assertFalse(lead.exists())
        self.assertEqual((mention.lead_id.id, mention.state), (False, "new"))

    def test_lead_somebody_worked_on_stays(self):
        """A lead that somebody changed, or another mention was added to, is not taken back."""
        mention = self._arrive("1", "I want an acme lamp", author="zoe")
        found = self._act(mention, "lead")
        lead = mention.lead_id
        again = self._arrive("2", "And an acme chair", author="zoe")
        added = self._act(again, "lead")
        self.assertEqual((again.lead_id, added["made"]["how"]), (lead, "added"))
        with self.assertRaisesRegex(UserError, "Another mention"):
            mention.with_user(self.agent).action_undo(found["before"], found["after"], "lead")
        again.lead_id = False
        self.env.flush_all()
        self.env.cr.execute("UPDATE crm_lead SET write_date = create_date + interval '5 s' WHERE id = %s", [lead.id])
        lead.invalidate_recordset()
        with self.assertRaisesRegex(UserError, "worked on"):
            mention.with_user(self.agent).action_undo(found["before"], found["after"], "lead")
        with self.assertRaisesRegex(UserError, "somebody else"):
            mention.with_user(self.manager).action_undo(found["before"], found["after"], "lead")
        self.assertTrue(lead.exists())
        self.assertEqual(mention.lead_id, lead)

    def test_ticket_is_taken_back_too(self):
        """The same with a ticket."""
        mention = self._arrive("1", "My acme lamp is broken")
        found = self._act(mention, "ticket")
        ticket = mention._ticket()
        self.assertTrue(ticket)
        mention.with_user(self.agent).action_undo(found["before"], found["after"], "ticket")
        self.assertFalse(ticket.exists())
        self.assertEqual(self._act(mention, "ticket")["made"]["how"], "made")
        self.assertEqual(self._act(mention, "ticket")["made"]["how"], "there")

    # -- views -------------------------------------------------------------------------------------------------------

    def test_inbox_opens_as_a_desk_and_cards_stay(self):
        """The desk comes first in the inbox; list, cards and activities are there for those who prefer them."""
        views = self.env.ref("community_manager.action_inbox").views
        self.assertEqual(views[0], (self.env.ref("community_manager.mention_view_desk").id, "kanban"))
        self.assertEqual([kind for _view, kind in views], ["kanban", "list", "form", "activity"])
        board = self.env.ref("community_manager.action_inbox_board")
        self.assertEqual(board.views[0][0], self.env.ref("community_manager.mention_view_kanban").id)
        mention = self._arrive("1")
        self.assertTrue(Form(mention.with_user(self.agent)))
