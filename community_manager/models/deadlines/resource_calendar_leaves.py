from odoo import api, models


class ResourceCalendarLeaves(models.Model):
    """Holidays: what answers are due by changes with those of everybody, not with the time off of one."""

    _inherit = "resource.calendar.leaves"

    @api.model_create_multi
    def create(self, vals_list):
        leaves = super().create(vals_list)
        leaves._forget_working_time()
        return leaves

    def write(self, vals):
        self._forget_working_time()
        result = super().write(vals)
        self._forget_working_time()
        return result

    def unlink(self):
        self._forget_working_time()
        return super().unlink()

    def _forget_working_time(self):
        if any(not leave.resource_id for leave in self.sudo()):
            self.env.registry.clear_cache()
