from odoo import fields, models


class ResCompany(models.Model):
    _inherit = "res.company"

    community_self_approval = fields.Boolean(
        "Approve one's own answers",
        help="Who may approve may approve what they wrote themselves, too.",
    )
    community_approval_hours = fields.Integer(
        "Hours to approve",
        default=4,
        help="After so many hours those who may approve are reminded. 0: they are not.",
    )
