from odoo import models


class CommunityConversation(models.Model):
    """How long conversations take until nothing is left to do."""

    _inherit = "community.conversation"

    def write(self, vals):
        closing = self.filtered(lambda one: one.state == "open") if vals.get("state") == "closed" else self.browse()
        result = super().write(vals)
        if closing:
            self.env["community.response"]._record_resolutions(closing)
        return result
