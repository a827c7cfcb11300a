from odoo import fields, models


class CommunityAuthor(models.Model):
    """What authors have open with us."""

    _inherit = "community.author"

    lead_id = fields.Many2one(
        "crm.lead", string="Newest lead", readonly=True, copy=False, ondelete="set null", index="btree_not_null"
    )
    task_id = fields.Many2one(
        "project.task",
        string="Newest ticket in Project",
        readonly=True,
        copy=False,
        ondelete="set null",
        index="btree_not_null",
    )
