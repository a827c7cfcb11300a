from odoo import fields, models


class CommunityLessonQuestion(models.Model):
    """A question of a lesson."""

    _name = "community.lesson.question"
    _description = "Lesson Question"
    _order = "sequence, id"

    lesson_id = fields.Many2one("community.lesson", required=True, ondelete="cascade", index=True)
    company_id = fields.Many2one(related="lesson_id.company_id", store=True, index=True)
    sequence = fields.Integer(default=10)
    name = fields.Char("Question", required=True, translate=True)
    explanation = fields.Text(translate=True, help="Shown after answering: why it is so.")
    choice_ids = fields.One2many("community.lesson.choice", "question_id", string="Answers", copy=True)
