from odoo import fields, models


class CommunityAnswerTag(models.Model):
    """A word under which answers are kept together."""

    _name = "community.answer.tag"
    _description = "Answer Tag"
    _order = "name, id"

    name = fields.Char(required=True, translate=True)
    color = fields.Integer(string="Colour")
    company_id = fields.Many2one("res.company", required=True, default=lambda self: self.env.company, index=True)
