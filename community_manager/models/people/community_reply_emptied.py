from odoo import fields, models


class CommunityReply(models.Model):
    """Answers whose text was removed when its time was over."""

    _inherit = "community.reply"

    emptied = fields.Boolean(readonly=True, copy=False, string="Text removed")
