from odoo import api, fields, models


class CommunityDepartment(models.Model):
    """When a department works."""

    _inherit = "community.department"

    resource_calendar_id = fields.Many2one(
        "resource.calendar",
        string="Working hours",
        check_company=True,
        help="Deadlines for answers count in these hours. Empty: the company's.",
    )

    @api.model_create_multi
    def create(self, vals_list):
        self.env.registry.clear_cache()
        return super().create(vals_list)

    def write(self, vals):
        if "resource_calendar_id" in vals:
            self.env.registry.clear_cache()
        return super().write(vals)
