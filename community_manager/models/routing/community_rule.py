from odoo import api, fields, models


class CommunityRule(models.Model):
    """What happens by itself with mentions that meet some conditions."""

    _name = "community.rule"
    _description = "Rule"
    _order = "sequence, id"

    name = fields.Char(required=True)
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True)
    company_id = fields.Many2one("res.company", required=True, default=lambda self: self.env.company, index=True)

    @api.model
    def _apply(self, mentions):
        """Apply the active rules of the mentions' company to new mentions, in order."""
