from odoo import api, models


class ProjectTask(models.Model):
    _name = "project.task"
    _inherit = ["project.task", "community.origin"]

    @api.model
    def _community_link_field(self):
        return "task_id"
