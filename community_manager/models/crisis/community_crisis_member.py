from odoo import api, fields, models


class CommunityCrisisMember(models.Model):
    """Who has a role in one crisis."""

    _name = "community.crisis.member"
    _description = "Role in a Crisis"
    _order = "crisis_id, role_id, id"
    _check_company_auto = True

    crisis_id = fields.Many2one("community.crisis", required=True, ondelete="cascade", index=True)
    company_id = fields.Many2one(related="crisis_id.company_id", store=True, index=True)
    role_id = fields.Many2one("community.crisis.role", required=True, ondelete="restrict")
    user_id = fields.Many2one("res.users", string="Person", domain="[('share', '=', False)]", index=True)
    may_approve = fields.Boolean(related="role_id.may_approve")
    may_release = fields.Boolean(related="role_id.may_release")

    @api.model_create_multi
    def create(self, vals_list):
        members = super().create(vals_list)
        members.crisis_id.task_ids._assign()
        return members

    def write(self, vals):
        result = super().write(vals)
        if "user_id" in vals or "role_id" in vals:
            self.crisis_id.task_ids._assign()
        return result
