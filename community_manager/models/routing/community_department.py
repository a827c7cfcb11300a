from odoo import fields, models


class CommunityDepartment(models.Model):
    """A part of the company that mentions are put before."""

    _name = "community.department"
    _description = "Department"
    _order = "sequence, name, id"

    name = fields.Char(required=True, translate=True)
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True)
    company_id = fields.Many2one("res.company", required=True, default=lambda self: self.env.company, index=True)
