from datetime import timedelta

from odoo import fields
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.fields import Command
from odoo.tests import Form, tagged

from odoo.addons.community_manager.models.conduct import community_guideline

from .common import CommunityCase


@tagged("post_install", "-at_install")
class TestGuidelines(CommunityCase):
    """What staff reads, learns and asks."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.staff = cls._new_user("staff", "base.group_user")
        cls.colleague = cls._new_user("colleague", "base.group_user")

    def run_cron(self, name):
        """Let some scheduled work run."""
        self.env.flush_all()
        with self.enter_registry_test_mode():
            self.env.ref(f"community_manager.{name}").method_direct_trigger()
        self.env.invalidate_all()

    def guideline(self, publish=True, **values):
        """Create a guideline as a manager does."""
        values = {"name": "How we speak", "draft": "<p>Kindly.</p>", "audience": "staff", **values}
        guideline = self.env["community.guideline"].with_user(self.manager).create(values)
        if publish:
            guideline.action_publish()
        return guideline

    def lesson(self, publish=True, **values):
        """Create a lesson with two questions; the first answer of each is right."""
        questions = [
            Command.create(
                {
                    "name": f"Question {number}",
                    "explanation": f"Because {number}",
                    "choice_ids": [
                        Command.create({"name": "Right", "is_right": True}),
                        Command.create({"name": "Wrong"}),
                    ],
                }
            )
            for number in (1, 2)
        ]
        values = {"name": "Complaints", "body": "<p>Listen.</p>", "question_ids": questions, **values}
        lesson = self.env["community.lesson"].with_user(self.manager).create(values)
        if publish:
            lesson.action_publish()
        return lesson

    # -- guidelines ------------------------------------------------------------------------------------------------

    def test_staff_reads_what_was_published(self):
        """Staff reads what was published, not what is being written, and changes nothing."""
        draft = self.guideline(publish=False)
        self.assertNotIn(draft, self.env["community.guideline"].with_user(self.staff).search([]))
        guideline = self.guideline()
        mine = guideline.with_user(self.staff)
        self.assertIn("Kindly", mine.body)
        guideline.draft = "<p>Secret plans.</p>"
        self.assertIn("Kindly", mine.body)
        for call in (lambda: mine.draft, lambda: mine.write({"name": "x"}), mine.action_publish, mine.action_remind):
            with self.assertRaises(AccessError):
                call()
        with self.assertRaises(AccessError):
            mine.version_id.write({"body": "<p>Rudely.</p>"})

    def test_each_version_is_confirmed(self):
        """Who has read a version confirms it; a new one asks again, and says what is new."""
        guideline = self.guideline()
        mine = guideline.with_user(self.staff)
        self.assertTrue(mine.is_asked)
        mine.action_confirm()
        mine.action_confirm()
        self.assertTrue(mine.has_read)
        self.assertEqual(guideline.read_count, 1)
        self.assertNotIn(self.staff, guideline._missing())
        self.assertIn(self.colleague, guideline._missing())
        with self.assertRaises(UserError):
            guideline.action_publish()
        guideline.write({"draft": "<p>Kindly, and quickly.</p>", "changes": "Quickly"})
        guideline.action_publish()
        mine.invalidate_recordset()
        self.assertEqual((guideline.number, mine.has_read, mine.earlier_changes), (2, False, "Quickly"))
        self.assertIn(self.staff, guideline._missing())
        self.assertIn("Kindly.", guideline.version_ids[1].body, "the earlier version is kept")
        found = self.env["community.guideline"].with_user(self.staff).search([("has_read", "=", False)])
        self.assertIn(guideline, found)

    def test_translations_are_published(self):
        """A version is read in each language as it was written in it, and a better translation is something new."""
        self.env["res.lang"]._activate_lang("es_ES")
        guideline = self.guideline(publish=False)
        guideline.update_field_translations("draft", {"es_ES": {"Kindly.": "Con amabilidad."}})
        guideline.action_publish()
        mine = guideline.with_user(self.staff)
        self.assertIn("Con amabilidad.", mine.with_context(lang="es_ES").body)
        self.assertIn("Kindly.", mine.with_context(lang="en_US").body)
        guideline.invalidate_recordset()
        self.assertFalse(guideline.has_changes)
        guideline.update_field_translations("draft", {"es_ES": {"Kindly.": "Con mucha amabilidad."}})
        guideline.invalidate_recordset()
        self.assertTrue(guideline.has_changes)
        self.assertIn("Con amabilidad.", mine.with_context(lang="es_ES").body)

    def test_who_is_asked(self):
        """A guideline for the team asks the team only; all staff may read it."""
        guideline = self.guideline(audience="team")
        self.assertIn(self.agent, guideline._missing())
        self.assertNotIn(self.staff, guideline._missing())
        self.assertFalse(guideline.with_user(self.staff).is_asked)
        self.assertTrue(guideline.with_user(self.staff).body)
        self.agent.active = False
        self.assertNotIn(self.agent, guideline._missing())

    def test_reminders(self):
        """Who has not confirmed in time is reminded, once for each version; confirming ends it."""
        guideline = self.guideline()
        guideline.with_user(self.staff).action_confirm()
        self.run_cron("cron_guideline_remind")
        self.assertFalse(guideline.activity_ids)
        guideline.version_id.sudo().published_at = fields.Datetime.now() - timedelta(days=8)
        for _attempt in range(2):
            self.run_cron("cron_guideline_remind")
            users = guideline.sudo().activity_ids.user_id
            self.assertIn(self.colleague, users)
            self.assertNotIn(self.staff, users)
            self.assertEqual(len(guideline.sudo().activity_ids), len(users), "one for each")
        guideline.with_user(self.colleague).action_confirm()
        self.assertNotIn(self.colleague, guideline.sudo().activity_ids.user_id)
        guideline.draft = "<p>Other.</p>"
        guideline.action_publish()
        self.assertFalse(guideline.sudo().activity_ids)

    def test_everybody_is_reminded_however_many_they_are(self):
        """More people than are asked at once are all reminded, each once."""
        self.patch(community_guideline, "BATCH", 1)
        guideline = self.guideline(audience="team")
        guideline.version_id.sudo().published_at = fields.Datetime.now() - timedelta(days=8)
        missing = guideline._missing()
        self.assertGreater(len(missing), 2)
        for _attempt in range(2):
            self.run_cron("cron_guideline_remind")
            self.assertEqual(guideline.sudo().activity_ids.user_id, missing)
            self.assertEqual(len(guideline.sudo().activity_ids), len(missing))

    def test_own_confirmations_only(self):
        """Nobody sees who else has read it but managers, and nobody confirms for others."""
        guideline = self.guideline()
        for user in (self.staff, self.colleague):
            guideline.with_user(user).action_confirm()
        reads = self.env["community.guideline.read"]
        self.assertEqual(reads.with_user(self.staff).search([]).user_id, self.staff)
        self.assertEqual(len(reads.with_user(self.manager).search([("guideline_id", "=", guideline.id)])), 2)
        with self.assertRaises(AccessError):
            reads.with_user(self.staff).create({"version_id": guideline.version_id.id, "user_id": self.manager.id})

    def test_script_in_a_guideline(self):
        """What is pasted into a guideline runs nowhere."""
        guideline = self.guideline(draft="<p onclick='x()'>Hi<script>alert(1)</script></p>")
        self.assertNotIn("script", guideline.with_user(self.staff).body)
        self.assertNotIn("onclick", guideline.with_user(self.staff).body)

    # -- lessons ---------------------------------------------------------------------------------------------------

    def test_a_lesson_is_learned(self):
        """Staff answers, sees what was right and why, and may try again; the best attempt counts."""
        lesson = self.lesson()
        mine = lesson.with_user(self.staff)
        questions = mine.get_questions()["questions"]
        self.assertNotIn("is_right", str(questions))
        first, second = questions
        wrong = {first["id"]: first["choices"][0]["id"], str(second["id"]): second["choices"][1]["id"]}
        result = mine.answer_questions(wrong)
        self.assertEqual((result["score"], result["passed"]), (50, False))
        told = result["questions"][second["id"]]
        self.assertEqual(told, {"right": False, "answer": "Right", "explanation": "Because 2"})
        self.assertEqual((mine.my_state, mine.my_score), ("tried", 50))
        right = {question["id"]: question["choices"][0]["id"] for question in questions}
        self.assertTrue(mine.answer_questions(right)["passed"])
        mine.answer_questions(wrong)
        mine.invalidate_recordset()
        self.assertEqual((mine.my_state, mine.my_score), ("passed", 100))
        kept = self.env["community.lesson.result"].with_user(self.manager).search([("lesson_id", "=", lesson.id)])
        self.assertEqual((kept.user_id, kept.attempts, kept.score), (self.staff, 3, 100))
        self.assertTrue(kept.passed_at)

    def test_answers_are_not_given_away(self):
        """Staff cannot read which answer is right, by no way."""
        lesson = self.lesson()
        choices = self.env["community.lesson.choice"].with_user(self.staff)
        for call in (
            lambda: choices.search([("is_right", "=", True)]),
            lambda: lesson.with_user(self.staff).search([("question_ids.choice_ids.is_right", "=", True)]),
            lambda: lesson.with_user(self.staff).read(["question_ids"]) and choices.browse(1).read(["is_right"]),
        ):
            with self.assertRaises(AccessError):
                call()

    def test_every_question_is_answered(self):
        """An answer left out, one of another question, or nonsense is no attempt."""
        lesson = self.lesson()
        mine = lesson.with_user(self.staff)
        first, second = mine.get_questions()["questions"]
        for chosen in ({}, {first["id"]: first["choices"][0]["id"]}, {first["id"]: 0, second["id"]: -1}):
            with self.subTest(chosen=chosen), self.assertRaises(UserError):
                mine.answer_questions(chosen)
        both = {number: choice["id"] for number, choice in enumerate(first["choices"] + second["choices"])}
        with self.assertRaises(UserError):
            mine.answer_questions(both)
        self.assertEqual(mine.my_state, "new")

    def test_only_finished_lessons_are_published(self):
        """A question without a right answer is not put before anybody; what is being written is not seen."""
        lesson = self.lesson(publish=False)
        self.assertNotIn(lesson, self.env["community.lesson"].with_user(self.staff).search([]))
        lesson.question_ids[0].choice_ids.is_right = False
        with self.assertRaises(UserError):
            lesson.action_publish()
        with self.assertRaises(ValidationError):
            lesson.pass_share = 101

    def test_own_results_only(self):
        """Nobody sees how others did but managers."""
        lesson = self.lesson()
        for user in (self.staff, self.colleague):
            mine = lesson.with_user(user)
            mine.answer_questions({one["id"]: one["choices"][0]["id"] for one in mine.get_questions()["questions"]})
        results = self.env["community.lesson.result"]
        self.assertEqual(results.with_user(self.staff).search([]).user_id, self.staff)
        self.assertEqual(lesson.with_user(self.manager).passed_count, 2)

    # -- questions to the team -------------------------------------------------------------------------------------

    def ask(self, user=None, **values):
        """Ask as staff does, in the dialog."""
        asks = self.env["community.ask"].with_user(user or self.staff)
        form = Form(asks, "community_manager.ask_view_form_quick")
        for name, value in {"question": "What do I say about the strike?", **values}.items():
            form[name] = value
        return form.save()

    def test_staff_asks_and_is_told(self):
        """A colleague asks, the managers are told, an agent answers, the colleague is told."""
        ask = self.ask(link="https://social.example/1")
        messages = self.env["mail.message"].search([("model", "=", ask._name), ("res_id", "=", ask.id)])
        self.assertIn(self.manager.partner_id, messages.notified_partner_ids)
        theirs = ask.with_user(self.agent)
        with self.assertRaises(UserError):
            theirs.action_answer()
        theirs.answer = "That we talk with everybody."
        theirs.action_answer()
        self.assertEqual((ask.state, ask.user_id), ("answered", self.agent))
        messages = self.env["mail.message"].search([("model", "=", ask._name), ("res_id", "=", ask.id)])
        self.assertIn(self.staff.partner_id, messages.notified_partner_ids)
        self.assertEqual(ask.with_user(self.staff).answer, "That we talk with everybody.")

    def test_questions_are_between_two(self):
        """Colleagues see their own questions only; nobody without a role answers, or asks in another's name."""
        ask = self.ask()
        self.assertFalse(self.env["community.ask"].with_user(self.colleague).search([]))
        with self.assertRaises(AccessError):
            ask.with_user(self.colleague).read(["question"])
        for values in ({"answer": "Nothing"}, {"state": "answered"}, {"asker_id": self.manager.id}):
            with self.subTest(values=values), self.assertRaises(AccessError):
                ask.with_user(self.staff).write(values)
        with self.assertRaises(AccessError):
            ask.with_user(self.staff).action_answer()
        mine = self.env["community.ask"].with_user(self.staff).with_context(default_asker_id=self.manager.id)
        forged = mine.create({"question": "?", "asker_id": self.manager.id, "state": "answered", "answer": "!"})
        self.assertEqual((forged.asker_id, forged.state, forged.answer), (self.staff, "new", False))

    def test_links_of_questions(self):
        """A link that would run a script is refused."""
        with self.assertRaises(ValidationError):
            self.ask(link="javascript:alert(1)")
