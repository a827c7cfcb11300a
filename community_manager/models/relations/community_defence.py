from odoo import models


class CommunityDefence(models.Model):
    """Who was thanked for standing up for us is in the register of recognition."""

    _inherit = "community.defence"

    def write(self, vals):
        result = super().write(vals)
        if vals.get("state") == "thanked" and self:
            self.env["community.recognition"]._note_defences(self)
        return result
