from odoo import fields, models


class CommunityAuthor(models.Model):
    _inherit = "community.author"

    ticket_id = fields.Many2one(
        "helpdesk.ticket",
        string="Newest helpdesk ticket",
        readonly=True,
        copy=False,
        ondelete="set null",
        index="btree_not_null",
    )
