from odoo import fields, models

from .fields_bare import Bare


class CommunityScoreChange(models.Model):
    """A customer went from one segment to another."""

    _name = "community.score.change"
    _description = "Change of Segment"
    _order = "moment desc, id desc"
    _rec_name = "partner_id"
    _log_access = False

    partner_id = Bare("res.partner", string="Customer", required=True, readonly=True, index=True)
    company_id = Bare("res.company", required=True, readonly=True)
    from_segment_id = fields.Many2one("community.segment", string="From", readonly=True, ondelete="set null")
    to_segment_id = fields.Many2one("community.segment", string="To", readonly=True, ondelete="set null", index=True)
    direction = fields.Selection(
        [("up", "Better"), ("down", "Worse"), ("same", "Neither")],
        readonly=True,
        help="By the places of the two in the list of segments.",
    )
    moment = fields.Datetime(string="When", required=True, readonly=True)

    _by_moment = models.Index("(company_id, moment)")
