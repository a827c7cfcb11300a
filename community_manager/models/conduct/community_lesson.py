from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError


class CommunityLesson(models.Model):
    """A short text to learn from, and questions that show whether it was understood."""

    _name = "community.lesson"
    _description = "Lesson"
    _inherit = ["mail.thread", "mail.activity.mixin"]
    _order = "sequence, name, id"
    _check_company_auto = True
    _mail_post_access = "read"

    name = fields.Char(required=True, translate=True, tracking=True)
    active = fields.Boolean(default=True)
    sequence = fields.Integer(default=10)
    company_id = fields.Many2one("res.company", required=True, default=lambda self: self.env.company, index=True)
    user_id = fields.Many2one(
        "res.users", string="Owner", default=lambda self: self.env.user, domain="[('share', '=', False)]", tracking=True
    )
    guideline_id = fields.Many2one("community.guideline", check_company=True, help="What it explains.")
    minutes = fields.Integer(default=5, help="How long it takes, roughly.")
    body = fields.Html("Text", translate=True)
    state = fields.Selection(
        [("draft", "Being written"), ("published", "Published")],
        default="draft",
        required=True,
        tracking=True,
        copy=False,
    )
    pass_share = fields.Integer("Passed from", default=80, help="Right answers of a hundred.")
    question_ids = fields.One2many("community.lesson.question", "lesson_id", string="Questions", copy=True)
    # whoever reads a lesson may know how long it is; what is asked is read through get_questions
    question_count = fields.Integer("Number of questions", compute="_compute_question_count", compute_sudo=True)
    result_ids = fields.One2many("community.lesson.result", "lesson_id", string="Results", readonly=True)
    passed_count = fields.Integer("Passed", compute="_compute_passed_count", groups="community_manager.group_manager")
    my_score = fields.Integer("My score", compute="_compute_mine", help="Of a hundred, at the best attempt.")
    my_state = fields.Selection(
        [("new", "Not begun"), ("tried", "Not passed yet"), ("passed", "Passed")],
        compute="_compute_mine",
        string="Mine",
    )

    @api.depends("question_ids")
    def _compute_question_count(self):
        for lesson in self:
            lesson.question_count = len(lesson.question_ids)

    def _compute_passed_count(self):
        counts = dict(
            self.env["community.lesson.result"]._read_group(
                [("lesson_id", "in", self.ids), ("is_passed", "=", True)], ["lesson_id"], ["__count"]
            )
        )
        for lesson in self:
            lesson.passed_count = counts.get(lesson, 0)

    @api.depends("result_ids.score", "result_ids.is_passed")
    @api.depends_context("uid")
    def _compute_mine(self):
        results = (
            self.env["community.lesson.result"]
            .sudo()
            .search([("lesson_id", "in", self.ids), ("user_id", "=", self.env.uid)])
        )
        by_lesson = {result.lesson_id.id: result for result in results}
        for lesson in self:
            result = by_lesson.get(lesson.id)
            lesson.my_score = result.score if result else 0
            lesson.my_state = ("passed" if result.is_passed else "tried") if result else "new"

    @api.constrains("pass_share")
    def _check_pass_share(self):
        for lesson in self:
            if not 0 <= lesson.pass_share <= 100:
                raise ValidationError(self.env._("Right answers of a hundred: between 0 and 100."))

    # -- buttons ---------------------------------------------------------------------------------------------------

    def action_publish(self):
        """Let all staff learn from these lessons.

        :raises UserError: one of them cannot be answered
        """
        for lesson in self:
            for question in lesson.question_ids:
                if not any(question.choice_ids.mapped("is_right")) or len(question.choice_ids) < 2:
                    raise UserError(
                        self.env._("“%s” needs two answers to choose from, one of them right.", question.name)
                    )
        self.write({"state": "published"})

    def action_withdraw(self):
        """Take these lessons back, to write them better."""
        self.write({"state": "draft"})

    def action_open_results(self):
        """Show who has learned this."""
        self.ensure_one()
        self.check_access("write")
        action = self.env["ir.actions.act_window"]._for_xml_id("community_manager.action_lesson_results")
        return {**action, "domain": [("lesson_id", "=", self.id)], "context": {}}

    # -- learning --------------------------------------------------------------------------------------------------

    @api.readonly
    def get_questions(self):
        """Return the questions of a lesson without saying which answers are right.

        :rtype: dict
        """
        self.ensure_one()
        self.check_access("read")
        # whoever reads the lesson reads its questions; which choice is right stays here
        return {
            "questions": [
                {
                    "id": question.id,
                    "name": question.name,
                    "choices": [{"id": choice.id, "name": choice.name} for choice in question.choice_ids],
                }
                for question in self.sudo().question_ids
            ],
            "score": self.my_score,
            "state": self.my_state,
        }

    def answer_questions(self, chosen):
        """Note what somebody answers; the best attempt counts.

        :param dict chosen: id of the chosen answer by id of the question, as text or number
        :returns: dict with ``score`` (of a hundred), ``passed`` and ``questions``: for each whether it was right, the
            right answer and why
        :raises UserError: not everything was answered, or it cannot be learned from yet
        """
        self.ensure_one()
        self.check_access("read")
        lesson = self.sudo()
        questions = lesson.question_ids
        if lesson.state != "published":
            raise UserError(self.env._("This lesson is being written."))
        answered = {int(question): int(choice) for question, choice in (chosen or {}).items()}
        choices = {
            question: question.choice_ids.filtered(lambda one: one.id in answered.values()) for question in questions
        }
        if not questions or any(len(picked) != 1 for picked in choices.values()):
            raise UserError(self.env._("Answer every question first."))
        right = [question for question in questions if choices[question].is_right]
        score = round(100 * len(right) / len(questions))
        passed = score >= lesson.pass_share
        self.env["community.lesson.result"].sudo()._note(lesson, self.env.user, score, passed)
        return {
            "score": score,
            "passed": passed,
            "questions": {
                question.id: {
                    "right": question in right,
                    "answer": ", ".join(question.choice_ids.filtered("is_right").mapped("name")),
                    "explanation": question.explanation or "",
                }
                for question in questions
            },
        }
