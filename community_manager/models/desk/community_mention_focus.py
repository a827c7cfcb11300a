from odoo import fields, models
from odoo.fields import Domain


class CommunityMention(models.Model):
    """Which mentions fit the focus session of whoever asks."""

    _inherit = "community.mention"

    in_focus = fields.Boolean(
        compute="_compute_in_focus", search="_search_in_focus", help="Fits a focus session of yours."
    )

    def _compute_in_focus(self):
        fitting = self.filtered_domain(self.env["community.focus"].get_domain())
        for mention in self:
            mention.in_focus = mention in fitting

    def _search_in_focus(self, operator, value):
        if operator != "in":
            return NotImplemented
        fitting = Domain(self.env["community.focus"].get_domain())
        found = Domain.FALSE
        if True in value:
            found |= fitting
        if False in value:
            found |= ~fitting
        return found
