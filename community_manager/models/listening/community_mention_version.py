from odoo import fields, models


class CommunityMentionVersion(models.Model):
    """What a mention said before its author changed it."""

    _name = "community.mention.version"
    _description = "Earlier Text of a Mention"
    _order = "replaced_at desc, id desc"
    _log_access = False

    mention_id = fields.Many2one("community.mention", required=True, ondelete="cascade", index=True, readonly=True)
    company_id = fields.Many2one(related="mention_id.company_id", store=True, index=True)
    title = fields.Char(readonly=True)
    text = fields.Text(readonly=True)
    replaced_at = fields.Datetime(readonly=True, required=True)
