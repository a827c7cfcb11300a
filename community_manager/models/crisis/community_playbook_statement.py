from odoo import fields, models


class CommunityPlaybookStatement(models.Model):
    """A draft of what could be said in a kind of crisis; approved in each crisis anew."""

    _name = "community.playbook.statement"
    _description = "Statement of a Playbook"
    _order = "playbook_id, sequence, id"
    _check_company_auto = True

    playbook_id = fields.Many2one("community.playbook", required=True, ondelete="cascade", index=True)
    company_id = fields.Many2one(related="playbook_id.company_id", store=True, index=True)
    sequence = fields.Integer(default=10)
    name = fields.Char("For what", required=True, translate=True)
    language = fields.Selection(
        selection=lambda self: self.env["community.crisis.statement"]._selection_language(),
        default=lambda self: self.env["community.crisis.statement"]._own_language(),
    )
    text = fields.Text(required=True)
    network_ids = fields.Many2many(
        "community.network",
        "community_playbook_statement_network_rel",
        "statement_id",
        "network_id",
        string="Networks",
        help="Empty: on every network.",
    )
