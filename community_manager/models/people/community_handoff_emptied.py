from odoo import fields, models


class CommunityHandoff(models.Model):
    """Hand-offs whose texts were removed when their time was over."""

    _inherit = "community.handoff"

    emptied = fields.Boolean(readonly=True, copy=False, string="Text removed")
