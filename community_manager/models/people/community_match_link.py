from odoo import fields, models

from .community_match import ORIGINS


class CommunityMatchLink(models.Model):
    """A time during which a profile was linked to a contact."""

    _name = "community.match.link"
    _description = "Time of a Link"
    _order = "linked_at desc, id desc"

    match_id = fields.Many2one("community.match", required=True, readonly=True, ondelete="cascade", index=True)
    author_id = fields.Many2one(related="match_id.author_id", store=True, index=True)
    partner_id = fields.Many2one(related="match_id.partner_id", string="Contact", store=True, index=True)
    company_id = fields.Many2one("res.company", required=True, readonly=True, index=True)
    linked_at = fields.Datetime(required=True, readonly=True)
    linked_by = fields.Many2one("res.users", readonly=True, help="Empty: linked automatically.")
    origin = fields.Selection(ORIGINS, readonly=True, string="Why")
    confidence = fields.Float(readonly=True, aggregator=None, string="How sure")
    ended_at = fields.Datetime(readonly=True, string="Until")
    ended_by = fields.Many2one("res.users", readonly=True)
    ended_why = fields.Char(readonly=True)

    _open = models.Index("(match_id) WHERE ended_at IS NULL")
