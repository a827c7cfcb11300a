from odoo import fields, models


class CommunityLeadReturn(models.TransientModel):
    """Say why a lead is none; its mentions go back to the community team."""

    _name = "community.lead.return"
    _description = "Not a Lead"

    lead_id = fields.Many2one("crm.lead", required=True, readonly=True, ondelete="cascade")
    reason_id = fields.Many2one("crm.lost.reason", required=True)
    note = fields.Char(help="For the community team, so that the next one is better.")

    def action_return(self):
        """Give the mentions back and mark the lead lost."""
        self.ensure_one()
        self.lead_id._community_return(self.reason_id, (self.note or "").strip())
        return {"type": "ir.actions.client", "tag": "soft_reload"}
