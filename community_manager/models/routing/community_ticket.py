from odoo import api, models


class CommunityTicket(models.AbstractModel):
    """Where problems become tickets."""

    _name = "community.ticket"
    _description = "Ticket Interface"

    @api.model
    def _selection_backend(self):
        return [("auto", self.env._("Automatic")), ("project", self.env._("Project"))]
