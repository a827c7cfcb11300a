from odoo import api, fields, models


class CommunityLessonResult(models.Model):
    """How somebody did in a lesson: the best attempt."""

    _name = "community.lesson.result"
    _description = "Lesson Result"
    _order = "done_at desc, id desc"
    _rec_name = "user_id"

    lesson_id = fields.Many2one("community.lesson", required=True, readonly=True, ondelete="cascade", index=True)
    company_id = fields.Many2one(related="lesson_id.company_id", store=True, index=True)
    user_id = fields.Many2one("res.users", string="Person", required=True, readonly=True, index=True)
    score = fields.Integer(readonly=True, aggregator="avg", help="Right answers of a hundred, at the best attempt.")
    is_passed = fields.Boolean("Passed", readonly=True)
    passed_at = fields.Datetime("Passed on", readonly=True)
    done_at = fields.Datetime("Last attempt", readonly=True)
    attempts = fields.Integer(readonly=True, aggregator="sum")

    _unique_person = models.UniqueIndex("(lesson_id, user_id)")

    @api.model
    def _note(self, lesson, user, score, passed):
        """Keep an attempt.

        :param int score: right answers of a hundred
        :param bool passed: whether that is enough
        """
        now = fields.Datetime.now()
        mine = self.search([("lesson_id", "=", lesson.id), ("user_id", "=", user.id)])
        if not mine:
            mine = self.create({"lesson_id": lesson.id, "user_id": user.id})
        values = {"attempts": mine.attempts + 1, "done_at": now, "score": max(mine.score, score)}
        if passed and not mine.is_passed:
            values |= {"is_passed": True, "passed_at": now}
        mine.write(values)
