from odoo import models


class CommunityAuthor(models.Model):
    """How the person ranks among the customers, on the person pane."""

    _inherit = "community.author"

    def _value_lines(self):
        lines = super()._value_lines()
        if not self.partner_id:
            return lines
        score = self.env["community.score"]._of(self.partner_id, self.company_id).get(self.partner_id.id)
        if not score:
            return lines
        return [*lines, self._person_line(f"RFM {score.rfm}", note=score.segment_id.name, record=score)]
