from odoo import api, fields, models


class CommunityAnswerLine(models.Model):
    """An answer in other words: for another language, or for some networks."""

    _name = "community.answer.line"
    _description = "Answer Variant"
    _inherit = ["community.wording"]
    _order = "sequence, id"

    answer_id = fields.Many2one("community.answer", required=True, ondelete="cascade", index=True)
    company_id = fields.Many2one(related="answer_id.company_id", store=True, index=True)
    sequence = fields.Integer(default=10)
    question = fields.Char(help="The question in this language: it is found by it.")
    network_ids = fields.Many2many("community.network", "community_answer_line_network_rel", "line_id", "network_id")

    @api.model_create_multi
    def create(self, vals_list):
        lines = super().create(vals_list)
        lines.answer_id._said_otherwise()
        return lines

    def write(self, vals):
        before = self.answer_id
        result = super().write(vals)
        if "answer_id" in vals:
            self.check_access("write")  # nobody moves words into an answer that is not theirs
        if {"answer_id", "text", "language", "question", "network_ids"} & set(vals):
            (before | self.answer_id)._said_otherwise()
        return result

    def unlink(self):
        answers = self.answer_id
        result = super().unlink()
        answers.exists()._said_otherwise()
        return result
