from odoo import models


class ResCompany(models.Model):
    """When a company works: deadlines for answers count in its working hours."""

    _inherit = "res.company"

    def write(self, vals):
        if "resource_calendar_id" in vals:
            self.env.registry.clear_cache()
        return super().write(vals)
