from odoo import fields, models


class CommunityMention(models.Model):
    _inherit = "community.mention"

    ticket_id = fields.Many2one(
        "helpdesk.ticket",
        string="Helpdesk ticket",
        readonly=True,
        copy=False,
        ondelete="set null",
        index="btree_not_null",
    )
