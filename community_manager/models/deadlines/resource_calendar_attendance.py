from odoo import models


class ResourceCalendarAttendance(models.Model):
    """Hours of a day: what answers are due by changes with them."""

    _name = "resource.calendar.attendance"
    _inherit = ["resource.calendar.attendance", "community.compiled"]
