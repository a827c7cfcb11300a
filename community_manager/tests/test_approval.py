from datetime import timedelta

from odoo import fields
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.fields import Command
from odoo.tests import tagged

from odoo.addons.community_manager.connectors.items import AuthorItem

from .common import CommunityCase, item


@tagged("post_install", "-at_install")
class TestApproval(CommunityCase):
    """What somebody has to approve before it is said."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        for name in ("sensitive", "approval.rule", "template", "answer"):
            cls.env[f"community.{name}"].search([]).active = False
        cls.channel = cls.make_channel()
        cls.ingest(cls.channel, item("1", "Where is my acme lamp?", origin="own"))
        cls.mention = cls.mentions(cls.channel)
        cls.second = cls._new_user("second", "community_manager.group_manager")

    def rule(self, name="Look at it", **values):
        """Create an approval rule."""
        return self.env["community.approval.rule"].create({"name": name, **values})

    def issue(self, name="Recall", **values):
        """Create a sensitive issue about lamps."""
        values = {"keywords": "lamp*\nrecall", "position": "We exchange every lamp.", "avoid": "Numbers.", **values}
        return self.env["community.sensitive"].create({"name": name, **values})

    def answer(self, text="We exchange your lamp.", user=None, **values):
        """Answer as the agent does; return the message."""
        reply = self.env["community.reply"].with_user(user or self.agent)
        reply = reply.create({"mention_id": self.mention.id, "text": text, **values})
        reply.action_queue()
        return reply

    def asked(self, reply, user=None):
        """Return the newest request to approve a message."""
        return reply.approval_id.with_user(user or self.manager)

    def send(self):
        """Let the outbox send what may go; return the texts that the network got."""
        self.env["community.reply"].search([("state", "=", "queued")]).next_try_at = "2020-01-01 00:00:00"
        self.env["community.outbox"]._send(20)
        self.env.invalidate_all()
        return [entry[1] for entry in self.toy.sent]

    # -- sensitive issues ------------------------------------------------------------------------------------------

    def run_cron(self):
        """Let the scheduled work run."""
        self.env.flush_all()
        with self.enter_registry_test_mode():
            self.env.ref("community_manager.cron_approval_remind").method_direct_trigger()
        self.env.invalidate_all()

    def test_sensitive_answers_wait(self):
        """An answer that touches a sensitive issue waits, is not sent, and goes out once it is approved."""
        self.issue()
        reply = self.answer()
        self.assertEqual(reply.state, "approval")
        self.assertEqual(self.send(), [])
        self.assertEqual((self.mention.state, self.mention.user_id), ("open", self.agent))
        approval = self.asked(reply)
        self.assertIn("Recall", approval.reasons)
        approval.action_approve()
        self.assertEqual((reply.state, approval.decided_by_id), ("queued", self.manager))
        self.assertEqual(self.send(), ["We exchange your lamp."])
        self.assertEqual(reply.user_id, self.agent, "it stays what the agent said")

    def test_the_mention_alone_touches_it(self):
        """Where the question is sensitive, every answer to it is; where neither is, nothing waits."""
        issue = self.issue(keywords="where is my")
        self.assertEqual(self.answer("Hello!").state, "approval")
        issue.keywords = "lawsuit"
        self.assertEqual(self.answer("Hello again!").state, "queued")
        issue.topic_ids = self.mention.topic_ids
        self.assertEqual(self.answer("Hello a third time!").state, "approval")

    def test_the_composer_says_what_to_say(self):
        """The composer shows our position, what not to say, and that somebody approves it."""
        self.issue()
        found = self.mention.with_user(self.agent).check_reply("Your lamp…", "reply")
        warning = next(one for one in found["warnings"] if one["code"] == "sensitive")
        self.assertIn("We exchange every lamp.", warning["text"])
        self.assertIn("Numbers.", warning["text"])
        self.assertIn("Recall", found["approval"][0])

    def test_dates_of_an_issue(self):
        """An issue counts from its first to its last day; one that only informs holds nothing back."""
        today = fields.Date.today()
        issue = self.issue(date_from=today + timedelta(days=2))
        self.assertEqual(self.answer("Lamp 1").state, "queued")
        issue.date_from = today - timedelta(days=9)
        self.assertEqual(self.answer("Lamp 2").state, "approval")
        issue.date_to = today - timedelta(days=2)
        self.assertEqual(self.answer("Lamp 3").state, "queued")
        issue.write({"date_to": False, "needs_approval": False})
        self.assertEqual(self.answer("Lamp 4").state, "queued")
        self.assertTrue(self.mention._reply_warnings("lamp", "reply", self.channel))

    def test_an_issue_must_be_recognisable(self):
        """An issue without words and topics, with words of signs, or that ends before it begins is refused."""
        for values in (
            {"keywords": False},
            {"keywords": "lamp\n#*"},
            {"date_from": "2030-02-01", "date_to": "2030-01-01"},
        ):
            with self.subTest(values=values), self.assertRaises(ValidationError):
                self.issue(**values)

    def test_issues_of_others(self):
        """What is sensitive for another company holds nothing back here."""
        other = self.env["res.company"].create({"name": "Other"})
        self.issue(company_id=other.id)
        self.assertEqual(self.answer().state, "queued")

    # -- rules -----------------------------------------------------------------------------------------------------

    def test_each_condition_of_a_rule(self):
        """A rule holds when all that it says does."""
        intents = self.env["community.intent"]._by_code()
        self.mention.sudo().write(
            {"sentiment": "negative", "intent_ids": [Command.set([intents["complaint"]])], "topic_ids": self.topic.ids}
        )
        self.mention.author_id.sudo().followers = 500
        elsewhere = self.make_topic("Elsewhere", "elsewhere")
        toy = self.env["community.network"].search([("code", "=", "toy")]) or self.env["community.network"].create(
            {"code": "toy"}
        )
        other = self.env["community.network"].search([("code", "!=", "toy")], limit=1)
        cases = {
            "topic_ids": (self.topic.ids, elsewhere.ids),
            "sentiment": ("negative", "positive"),
            "intent_ids": ([intents["complaint"]], [intents["praise"]]),
            "followers": (500, 501),
            "way": ("reply", "message"),
            "network_ids": (toy.ids, other.ids),
            "channel_ids": (self.channel.ids, self.make_channel("Other").ids),
            "first_answers": (1, 0),
        }
        for name, (holds, fails) in cases.items():
            for value, expected in ((holds, "approval"), (fails, "queued")):
                if name == "first_answers" and not value:
                    continue
                with self.subTest(condition=name, value=value):
                    rule = self.rule(**{name: [Command.set(value)] if isinstance(value, list) else value})
                    reply = self.answer(f"{name} {value}")
                    self.assertEqual(reply.state, expected)
                    reply.action_cancel()
                    rule.unlink()

    def test_during_a_crisis(self):
        """A rule for crises holds while the crisis of the mention goes on, and not after it."""
        self.rule(crisis=True)
        self.assertEqual(self.answer("Before").state, "queued")
        crisis = self.env["community.crisis"].create({"name": "Recall"})
        self.mention.sudo().crisis_id = crisis
        self.assertTrue(crisis.is_open)
        self.assertEqual(self.answer("Meanwhile").state, "approval")
        crisis.stage = "closed"
        self.assertFalse(crisis.is_open)
        self.assertEqual(self.answer("After").state, "queued")

    def test_first_answers_of_a_person(self):
        """The first answers of a new colleague are approved, later ones are not; others' do not count."""
        self.rule(first_answers=2)
        self.asked(self.answer("First")).action_approve()
        self.asked(self.answer("Second")).action_approve()
        self.send()
        self.assertEqual(self.answer("Third").state, "queued")
        self.assertEqual(self.answer("Mine", self.manager).state, "approval")

    def test_approvers_of_a_rule(self):
        """Who is named approves, the head of a department too; other managers do not, administrators may."""
        department = self.env["community.department"].create({"name": "Legal", "manager_id": self.second.id})
        rule = self.rule(department_id=department.id)
        approval = self.asked(self.answer("One"))
        self.assertEqual(approval.approver_ids, self.second)
        with self.assertRaises(AccessError):
            approval.action_approve()
        approval.with_user(self.second).action_approve()
        rule.approver_ids = self.manager
        self.asked(self.answer("Two")).action_approve()
        self.asked(self.answer("Three"), self.admin).action_approve()
        # a head without a role in the community cannot see what there is to approve
        rule.approver_ids = False
        department.manager_id = self._new_user("head", "base.group_user")
        self.asked(self.answer("Four")).action_approve()

    def test_nobody_approves_their_own(self):
        """A manager's own answer is approved by another one, unless the company lets people approve their own."""
        self.rule()
        reply = self.answer(user=self.manager)
        with self.assertRaises(AccessError):
            self.asked(reply).action_approve()
        with self.assertRaises(AccessError):
            reply.action_approve()
        self.asked(reply, self.second).action_approve()
        self.company.community_self_approval = True
        again = self.answer("Once more", self.manager)
        self.assertEqual(again.state, "approval")
        self.asked(again).action_approve()
        self.assertEqual(again.state, "queued")

    def test_agents_do_not_approve(self):
        """An agent approves nothing, changes no text of it, and makes no request of their own."""
        self.rule()
        approval = self.asked(self.answer(), self._new_user("agent2", "community_manager.group_agent"))
        for call in (approval.action_approve, approval.action_return, lambda: approval.write({"text": "x"})):
            with self.assertRaises(AccessError):
                call()
        with self.assertRaises(AccessError):
            approval.create({"res_model": "community.reply", "res_id": 1, "company_id": self.company.id})
        for values in ({"state": "approved"}, {"fingerprint": "x"}, {"approver_ids": [Command.link(self.agent.id)]}):
            with self.assertRaises(AccessError):
                approval.with_user(self.manager).write(values)

    # -- what is approved ------------------------------------------------------------------------------------------

    def test_changed_after_approval(self):
        """What was approved goes out as it was approved; other words are approved anew, the same ones are not."""
        self.rule()
        reply = self.answer("Good words")
        self.asked(reply).action_approve()
        reply.action_cancel()
        reply.action_draft()
        reply.action_queue()
        self.assertEqual(reply.state, "queued", "nothing has changed")
        reply.action_cancel()
        reply.action_draft()
        reply.text = "Bad words"
        reply.action_queue()
        self.assertEqual(reply.state, "approval")
        self.assertEqual(self.send(), [])
        reply.action_cancel()
        reply.action_draft()
        reply.write({"text": "Good words", "way": "message"})
        reply.action_queue()
        self.assertEqual(reply.state, "approval", "in private it is another message")

    def test_what_waits_is_not_changed(self):
        """The writer does not change what waits for approval; taken back, it waits for nobody."""
        self.rule()
        reply = self.answer()
        with self.assertRaises(UserError):
            reply.text = "Other words"
        approval = self.asked(reply)
        reply.action_cancel()
        self.assertEqual((reply.state, approval.state), ("cancelled", "withdrawn"))
        with self.assertRaises(UserError):
            approval.action_approve()
        self.assertEqual(self.send(), [])

    def test_the_approver_edits(self):
        """What the approver wrote goes out, both versions are kept, and the writer is told."""
        self.rule()
        reply = self.answer("We are sory.")
        approval = self.asked(reply)
        approval.text = "We are sorry."
        approval.action_approve()
        self.assertEqual(self.send(), ["We are sorry."])
        self.assertEqual((approval.asked_text, approval.text), ("We are sory.", "We are sorry."))
        told = self.env["mail.message"].search([("model", "=", approval._name), ("res_id", "=", approval.id)])
        self.assertIn(self.agent.partner_id, told.notified_partner_ids)

    def test_returned(self):
        """Without a note nothing is returned; with one the writer gets it as a draft and an activity."""
        self.rule()
        reply = self.answer()
        approval = self.asked(reply)
        with self.assertRaises(UserError):
            approval.action_return()
        approval.note = "Kinder, <b>please</b>"
        approval.action_return()
        self.assertEqual((reply.state, approval.state), ("draft", "returned"))
        self.assertEqual(reply.activity_ids.user_id, self.agent)
        self.assertNotIn("<b>", reply.activity_ids.note)
        self.assertIn("Kinder", reply.status)
        reply.text = "We exchange your lamp at once."
        reply.action_queue()
        self.assertEqual(len(reply.approval_ids), 2)
        self.asked(reply).action_approve()
        self.assertEqual(self.send(), ["We exchange your lamp at once."])

    def test_two_approvers(self):
        """Of two approvers one decides: the other is told who, and it goes out once."""
        self.rule()
        reply = self.answer()
        mine, theirs = self.asked(reply), self.asked(reply, self.second)
        mine.action_approve()
        with self.assertRaisesRegex(UserError, self.manager.name):
            theirs.action_approve()
        theirs.env.invalidate_all()
        with self.assertRaises(UserError):
            theirs.action_return()
        self.send()
        self.assertEqual(self.send(), ["We exchange your lamp."])

    def test_what_cannot_be_sent_is_not_approved(self):
        """What was deleted meanwhile cannot be answered: the approver is told, and it still waits."""
        self.rule()
        approval = self.asked(self.answer())
        self.mention._erase_content()
        with self.assertRaises(UserError), self.env.cr.savepoint():
            approval.action_approve()
        approval.invalidate_recordset()
        self.assertEqual(approval.state, "pending")

    def test_too_long_is_told_before_approval(self):
        """What the network does not take is not put before an approver."""
        self.rule()
        with self.assertRaises(UserError):
            self.answer("x" * 10_000)

    # -- who is told -----------------------------------------------------------------------------------------------

    def test_approvers_are_told_and_reminded_once(self):
        """Those who may approve are told at once, and reminded once when the time is over."""
        self.rule(approver_ids=[Command.set(self.manager.ids)], hours=2)
        approval = self.asked(self.answer())
        told = self.env["mail.message"].search([("model", "=", approval._name), ("res_id", "=", approval.id)])
        self.assertIn(self.manager.partner_id, told.notified_partner_ids)
        self.assertAlmostEqual(approval.deadline, approval.asked_at + timedelta(hours=2), delta=timedelta(minutes=1))
        self.run_cron()
        self.env.invalidate_all()
        self.assertFalse(approval.activity_ids)
        approval.sudo().deadline = fields.Datetime.now() - timedelta(minutes=1)
        for _attempt in range(2):
            self.run_cron()
            self.env.invalidate_all()
            self.assertEqual(approval.activity_ids.user_id, self.manager)
            self.assertEqual(len(approval.activity_ids), 1)
        approval.action_approve()
        self.assertFalse(approval.activity_ids)

    def test_mine_to_approve(self):
        """Everybody finds what they may approve, and neither their own nor what others are named for."""
        self.rule("By second", sentiment="negative", approver_ids=[Command.set(self.second.ids)])
        self.rule("By managers", sentiment="positive")
        approvals = self.env["community.approval"]
        self.mention.sudo().sentiment = "negative"
        named = self.asked(self.answer("Named"))
        self.mention.sudo().sentiment = "positive"
        managers = self.asked(self.answer("Managers", self.manager))
        mine = {}
        for user in (self.agent, self.manager, self.second):
            found = approvals.with_user(user).search([("is_mine", "=", True)])
            mine[user] = found.ids
            self.assertEqual(found, found.filtered("is_mine"))
        self.assertEqual(mine, {self.agent: [], self.manager: [], self.second: (named | managers).sorted("id").ids})
        # administrators may decide in any case
        found = approvals.with_user(self.admin).search([("is_mine", "=", True)])
        self.assertEqual(found, named | managers)
        self.assertEqual(found, found.filtered("is_mine"))

    def test_nobody_may_approve(self):
        """Where nobody else could approve it, the writer reads what to do about it."""
        self.rule(approver_ids=[Command.set(self.second.ids)])
        reply = self.answer()
        self.assertIn(self.second.name, reply.status)
        self.second.active = False
        (self.manager | self.admin).active = False
        group = self.env.ref("community_manager.group_manager")
        self.env["res.users"].search([("all_group_ids", "in", group.ids)]).active = False
        reply.invalidate_recordset()
        self.assertIn("Nobody else", reply.status)

    def test_status_in_the_reply_box(self):
        """The reply box shows that it waits, for whom, and lets the writer take it back."""
        self.rule()
        self.answer()
        entry = self.mention.with_user(self.agent).get_reply_options()["replies"][0]
        self.assertEqual((entry["state"], entry["can_cancel"], entry["can_approve"]), ("approval", True, False))
        self.assertIn("manager", entry["status"])
        seen = self.mention.with_user(self.manager).get_reply_options()["replies"][0]
        self.assertTrue(seen["can_approve"])

    def test_hostile_author(self):
        """Script in a name stays text where the approver reads it."""
        name = "<script>alert(1)</script>"
        self.ingest(self.channel, item("2", name, AuthorItem(external_id="x", name=name, handle="@x"), origin="own"))
        self.mention = self.mentions(self.channel, external_id="2")
        self.rule()
        approval = self.asked(self.answer(f"Hello {name}"))
        told = self.env["mail.message"].search([("model", "=", approval._name), ("res_id", "=", approval.id)])
        self.assertTrue(told)
        self.assertFalse([body for body in told.mapped("body") if "<script" in body])
