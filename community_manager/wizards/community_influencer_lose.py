from odoo import fields, models


class CommunityInfluencerLose(models.TransientModel):
    """The dialog that asks why a relationship ends."""

    _name = "community.influencer.lose"
    _description = "End of a Relationship"

    influencer_ids = fields.Many2many("community.influencer", required=True)
    reason = fields.Selection(
        lambda self: self._selection_reason(), required=True, default="no_answer", string="Because"
    )
    note = fields.Char("What there is to say about it")

    def _selection_reason(self):
        reasons = self.env["community.influencer"]._fields["lost_reason"]._description_selection(self.env)
        return [pair for pair in reasons if pair[0] != "merged"]

    def action_end(self):
        """End these relationships."""
        self.ensure_one()
        self.influencer_ids._lose(self.reason, self.note)
        return {"type": "ir.actions.act_window_close"}
