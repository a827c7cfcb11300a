from odoo import api, models


class HelpdeskTicket(models.Model):
    _name = "helpdesk.ticket"
    _inherit = ["helpdesk.ticket", "community.origin"]

    @api.model
    def _community_link_field(self):
        return "ticket_id"
