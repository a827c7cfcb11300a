from odoo import fields, models

from .community_template import PLACEHOLDERS


class CommunityTemplateLine(models.Model):
    """A template in other words: for another language, or for some networks."""

    _name = "community.template.line"
    _description = "Template Variant"
    _inherit = ["community.wording"]
    _order = "sequence, id"

    template_id = fields.Many2one("community.template", required=True, ondelete="cascade", index=True)
    company_id = fields.Many2one(related="template_id.company_id", store=True, index=True)
    sequence = fields.Integer(default=10)
    network_ids = fields.Many2many("community.network", "community_template_line_network_rel", "line_id", "network_id")

    def _placeholders(self):
        return frozenset(PLACEHOLDERS)
