from odoo import fields, models

from .community_crisis import LEVELS, SCOPES


class CommunityPlaybook(models.Model):
    """What to do in a kind of crisis: tasks with their times, roles, what could be said, what is held back."""

    _name = "community.playbook"
    _description = "Crisis Playbook"
    _inherit = ["mail.thread"]
    _order = "sequence, name, id"
    _check_company_auto = True

    name = fields.Char(required=True, translate=True)
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True)
    company_id = fields.Many2one("res.company", index=True, help="Empty: for every company.")
    description = fields.Text("When to use it", translate=True)
    level = fields.Selection(LEVELS, default="2", required=True)
    hold_scope = fields.Selection(SCOPES, string="Held back", default="publish", required=True)
    approve_answers = fields.Boolean("Answers need approval")
    member_ids = fields.One2many("community.playbook.member", "playbook_id", string="Roles", copy=True)
    task_ids = fields.One2many("community.playbook.task", "playbook_id", string="Tasks", copy=True)
    statement_ids = fields.One2many("community.playbook.statement", "playbook_id", string="Statements", copy=True)

    def _values(self):
        """Return the values that a crisis takes over, in the language of the environment."""
        if not self:
            return {}
        create = fields.Command.create
        return {
            "playbook_id": self.id,
            "member_ids": [
                create({"role_id": line.role_id.id, "user_id": line.user_id.id}) for line in self.member_ids
            ],
            "statement_ids": [
                create(
                    {
                        "sequence": line.sequence,
                        "name": line.name,
                        "language": line.language,
                        "text": line.text,
                        "network_ids": [fields.Command.set(line.network_ids.ids)],
                    }
                )
                for line in self.statement_ids
            ],
        }

    def _task_values(self):
        """Return the values of the tasks of a crisis."""
        return [
            {
                "sequence": line.sequence,
                "name": line.name,
                "note": line.note,
                "role_id": line.role_id.id,
                "offset": line.offset,
            }
            for line in self.task_ids
        ]
