from odoo import fields, models


class CommunityLessonChoice(models.Model):
    """One of the answers to choose from."""

    _name = "community.lesson.choice"
    _description = "Lesson Answer"
    _order = "sequence, id"

    question_id = fields.Many2one("community.lesson.question", required=True, ondelete="cascade", index=True)
    company_id = fields.Many2one(related="question_id.company_id", store=True, index=True)
    sequence = fields.Integer(default=10)
    name = fields.Char("Possible answer", required=True, translate=True)
    is_right = fields.Boolean("Right")
