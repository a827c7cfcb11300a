from odoo import fields, models

STATES = [("proposed", "To decide"), ("confirmed", "Confirmed"), ("refused", "Refused"), ("undone", "Undone")]
ORIGINS = [
    ("manual", "By hand"),
    ("email", "Same e-mail"),
    ("url", "Verified address"),
    ("handle", "Handle on the contact"),
    ("name", "Alike"),
]


class CommunityMatch(models.Model):
    """That a profile may be a contact's, or is, or is not: a pair, what speaks for it, and what was decided.

    There is one record for each pair, for ever: a pair that was refused or undone is never proposed again.
    """

    _name = "community.match"
    _description = "Author and Contact"
    _order = "confidence desc, id desc"

    author_id = fields.Many2one("community.author", required=True, readonly=True, ondelete="cascade")
    partner_id = fields.Many2one(
        "res.partner", string="Contact", required=True, readonly=True, ondelete="cascade", index=True
    )
    company_id = fields.Many2one("res.company", required=True, readonly=True, index=True)
    state = fields.Selection(STATES, required=True, default="proposed", readonly=True)
    origin = fields.Selection(ORIGINS, string="Strongest evidence", readonly=True)
    confidence = fields.Float(readonly=True, aggregator=None, string="How sure")
    evidence = fields.Json(readonly=True)
    decided_at = fields.Datetime(readonly=True)
    decided_by = fields.Many2one("res.users", readonly=True, help="Empty: linked automatically.")
    link_ids = fields.One2many("community.match.link", "match_id", readonly=True, string="History")

    _unique_pair = models.UniqueIndex("(author_id, partner_id)")
    _waiting = models.Index("(company_id, confidence) WHERE state = 'proposed'")
