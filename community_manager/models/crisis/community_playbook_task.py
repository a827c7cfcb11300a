from odoo import fields, models


class CommunityPlaybookTask(models.Model):
    """Something to do in a kind of crisis."""

    _name = "community.playbook.task"
    _description = "Task of a Playbook"
    _order = "playbook_id, offset, sequence, id"
    _check_company_auto = True

    playbook_id = fields.Many2one("community.playbook", required=True, ondelete="cascade", index=True)
    company_id = fields.Many2one(related="playbook_id.company_id", store=True, index=True)
    sequence = fields.Integer(default=10)
    name = fields.Char("Task", required=True, translate=True)
    note = fields.Text("How", translate=True)
    role_id = fields.Many2one("community.crisis.role", ondelete="set null")
    offset = fields.Integer("Minutes after the opening", default=60, required=True)
