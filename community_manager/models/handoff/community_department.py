from odoo import models
from odoo.exceptions import UserError

from .community_handoff import OPEN


class CommunityDepartment(models.Model):
    """Departments that somebody still waits for are not deleted unseen."""

    _inherit = "community.department"

    def action_archive(self):
        """Archive departments that nobody waits for."""
        waiting = (
            self.env["community.handoff"]
            .sudo()
            ._read_group([("department_id", "in", self.ids), ("state", "in", OPEN)], ["department_id"], ["__count"])
        )
        if waiting:
            names = ", ".join(department.name for department, _count in waiting)
            raise UserError(self.env._("Hand-offs still wait for %s. Finish them first.", names))
        return super().action_archive()
