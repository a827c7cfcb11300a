from datetime import timedelta

from odoo import fields
from odoo.exceptions import AccessError, UserError
from odoo.tests import HttpCase, tagged

from .common import CommunityMixin, item


@tagged("post_install", "-at_install")
class TestSatisfaction(CommunityMixin, HttpCase):
    """Asking people whether they are satisfied, seldom and once."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls._set_up_community()
        cls.channel = cls.make_channel()
        cls.company.write({"community_ask_satisfied": True, "community_ask_satisfied_way": "any"})

    def setUp(self):
        super().setUp()
        self.mention = self.said("1", "Where is my acme chair?")

    def said(self, name, text="acme", author="ann", answered=True):
        """Let a question come in and, if so, our answer; return the question."""
        self.ingest(self.channel, item(name, text, author, origin="own"))
        if answered:
            self.ingest(self.channel, item(f"re{name}", "Soon", "we", origin="own", outgoing=True, parent_id=name))
        return self.mentions(self.channel, external_id=name)

    def questions(self):
        return self.env["community.reply"].search([("text", "like", "/rate/")])

    def hours_later(self):
        waiting = self.env["community.mention"].search([("satisfaction_due", "!=", False)])
        waiting.satisfaction_due = fields.Datetime.now() - timedelta(seconds=1)
        with self.enter_registry_test_mode():
            self.env.ref("community_manager.cron_ask").method_direct_trigger()
        self.env.invalidate_all()

    def test_asked_a_while_after_closing_and_once(self):
        self.mention.with_user(self.agent).action_done()
        due = self.mention.satisfaction_due
        self.assertAlmostEqual(due, fields.Datetime.now() + timedelta(hours=24), delta=timedelta(minutes=5))
        self.assertFalse(self.questions())
        self.hours_later()
        [question] = self.questions()
        self.assertEqual((question.mention_id, question.state), (self.mention, "queued"))
        self.assertTrue(self.mention.conversation_id.satisfaction_asked_at)
        self.assertFalse(self.mention.user_id, "nobody becomes responsible by a question that asks itself")
        self.mention.action_reopen()
        self.mention.with_user(self.agent).action_done()
        self.hours_later()
        self.assertEqual(len(self.questions()), 1)

    def test_who_writes_again_is_not_asked_yet(self):
        """The mention that waits to be asked about is let be, and the conversation is open again."""
        self.mention.with_user(self.agent).action_done()
        self.assertEqual(self.mention.conversation_id.state, "closed")
        self.ingest(self.channel, item("3", "It still is not there", "ann", origin="own", parent_id="1"))
        self.assertFalse(self.mention.satisfaction_due)
        self.assertEqual(self.mention.conversation_id.state, "open")
        self.assertEqual(self.mentions(self.channel, external_id="3").state, "new")

    def test_who_is_not_asked(self):
        """Nobody whom we never answered, who was asked lately, or whose mention was closed for another reason."""
        silent = self.said("10", author="bob", answered=False)
        refused = self.said("11", author="carl")
        moved = self.said("12", author="dora")
        (silent | refused | moved).with_user(self.agent).action_done()
        refused.close_reason_id = self.env.ref("community_manager.close_reason_silent")
        moved.action_reopen()
        self.hours_later()
        self.assertFalse(self.questions())
        self.mention.with_user(self.agent).action_done()
        again = self.said("13", author="ann")
        again.with_user(self.agent).action_done()
        self.hours_later()
        self.assertEqual(len(self.questions()), 1, "one person is not asked twice in a month")

    def test_off_nobody_is_asked(self):
        self.company.community_ask_satisfied = False
        self.mention.with_user(self.agent).action_done()
        self.assertFalse(self.mention.satisfaction_due)

    def test_only_in_private(self):
        """A public link may be followed by anybody, so it is sent only where the company wants that."""
        self.company.community_ask_satisfied_way = "message"
        _channel, way = self.mention._satisfaction_way()
        self.assertIn(way, ("", "message"))

    def rate(self, rate, feedback=""):
        link = self.mention._satisfaction_link()
        self.assertEqual(link, self.mention._satisfaction_link(), "one link for one question")
        self.env.flush_all()
        path = link.removeprefix(self.mention.get_base_url())
        page = self.url_open(path, timeout=20)
        self.assertEqual(page.status_code, 200)
        token = page.text.split('name="csrf_token"')[1].split('value="')[1].split('"')[0]
        data = {"rate": rate, "feedback": feedback, "csrf_token": token}
        answer = self.url_open(path.rsplit("/", 1)[0] + "/submit_feedback", data=data, timeout=20)
        self.assertEqual(answer.status_code, 200)
        self.env.invalidate_all()

    def test_the_answer(self):
        """What the person clicked stands on mention and conversation; script in a comment stays text."""
        self.mention.with_user(self.agent).action_done()
        self.rate(5, "Great <script>alert(1)</script>")
        self.assertEqual((self.mention.satisfaction, self.mention.state), ("happy", "done"))
        self.assertEqual(self.mention.conversation_id.satisfaction, "happy")
        self.assertNotIn("<script", " ".join(self.mention.message_ids.mapped("body")))
        self.assertEqual(self.env["community.mention"].search([("satisfaction", "=", "happy")]), self.mention)

    def test_a_bad_answer_opens_it_again(self):
        self.mention.user_id = self.agent
        self.mention.with_user(self.agent).action_done()
        self.rate(1, "Nobody helped me")
        self.assertEqual((self.mention.satisfaction, self.mention.state), ("unhappy", "open"))
        self.assertEqual(self.mention.satisfaction_comment, "Nobody helped me")
        self.assertIn("not satisfied", " ".join(self.mention.message_ids.mapped("body")))

    def test_a_bad_answer_stays_closed_where_the_company_wants(self):
        self.company.community_reopen_unsatisfied = False
        self.mention.with_user(self.agent).action_done()
        self.rate(1)
        self.assertEqual((self.mention.satisfaction, self.mention.state), ("unhappy", "done"))

    def test_nobody_answers_for_authors_of_others(self):
        """Who may not work on a mention gets no link to its page, and cannot say how it went."""
        link = self.mention._satisfaction_link()
        elsewhere = self.env["res.company"].create({"name": "Elsewhere"})
        stranger = self._new_user(
            "elsewhere", "community_manager.group_agent", company_id=elsewhere.id, company_ids=[(6, 0, elsewhere.ids)]
        )
        with self.assertRaises(AccessError):
            dialog = self.env["community.satisfaction"].with_user(stranger)
            dialog.create({"mention_id": self.mention.id, "text": "Satisfied?"}).read(["link"])
        token = link.split("/rate/")[1].split("/")[0]
        employee = self._new_user("employee", "base.group_user")
        for user in (stranger, employee):
            with self.subTest(user=user.login), self.assertRaises(AccessError):
                self.mention.with_user(user).rating_apply(1, token=token)
        self.assertFalse(self.mention.satisfaction)

    def test_names_of_ratings_tell_nothing(self):
        """Every employee reads ratings: what people wrote must not stand there."""
        self.mention._satisfaction_link()
        rating = self.env["rating.rating"].search([("res_model", "=", "community.mention")], limit=1)
        self.assertNotIn("chair", rating.res_name)

    def test_button(self):
        """An agent asks by hand, whatever the setting; a second time is refused."""
        self.company.community_ask_satisfied = False
        mention = self.mention.with_user(self.agent)
        action = mention.action_ask_satisfied()
        dialog = self.env["community.satisfaction"].with_user(self.agent).with_context(**action["context"]).create({})
        self.assertIn(dialog.link, dialog.text)
        with self.assertRaises(UserError):
            dialog.text = "Are you satisfied?"
            dialog.action_send()
        dialog.text = f"Are you satisfied? {dialog.link}"
        dialog.action_send()
        self.assertEqual(self.questions().user_id, self.agent)
        with self.assertRaises(UserError):
            mention.action_ask_satisfied()
        stranger = self._new_user("stranger", "base.group_user")
        with self.assertRaises(AccessError):
            self.mention.with_user(stranger).action_ask_satisfied()
