from odoo import fields, models


class CommunityPlaybookMember(models.Model):
    """A role that a kind of crisis needs, and who usually has it."""

    _name = "community.playbook.member"
    _description = "Role of a Playbook"
    _order = "playbook_id, role_id, id"
    _check_company_auto = True

    playbook_id = fields.Many2one("community.playbook", required=True, ondelete="cascade", index=True)
    company_id = fields.Many2one(related="playbook_id.company_id", store=True, index=True)
    role_id = fields.Many2one("community.crisis.role", required=True, ondelete="restrict")
    user_id = fields.Many2one("res.users", string="Usually", domain="[('share', '=', False)]")
