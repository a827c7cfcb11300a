from odoo import fields, models


class CommunityDepartment(models.Model):
    _inherit = "community.department"

    helpdesk_team_id = fields.Many2one(
        "helpdesk.ticket.team",
        string="Helpdesk team",
        check_company=True,
        help="Tickets from this department's mentions go to this team.",
    )
