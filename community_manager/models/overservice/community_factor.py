from odoo import fields, models


class CommunityFactor(models.Model):
    """What counts for a customer at a moment: what only its lack is felt of, and what delights."""

    _name = "community.factor"
    _description = "Factor of a Moment of Truth"
    _order = "moment_id, kind, sequence, id"

    name = fields.Char(required=True, translate=True)
    sequence = fields.Integer(default=10)
    kind = fields.Selection(
        [("hygiene", "Hygiene"), ("motivating", "Motivating")],
        required=True,
        default="hygiene",
        help="Hygiene: taken for granted, its lack angers. Motivating: not expected, it delights.",
    )
    moment_id = fields.Many2one("community.moment", required=True, index=True, ondelete="cascade")
    company_id = fields.Many2one(related="moment_id.company_id", store=True, index=True)
