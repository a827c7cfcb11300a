from odoo import api, fields, models


class CommunityShareInvite(models.TransientModel):
    """The dialog that gives links of a share kit to advocates."""

    _name = "community.share.invite"
    _description = "Giving Links"

    kit_id = fields.Many2one("community.share.kit", required=True, readonly=True, ondelete="cascade")
    company_id = fields.Many2one(related="kit_id.company_id")
    influencer_ids = fields.Many2many(
        "community.influencer",
        string="To",
        compute="_compute_influencer_ids",
        store=True,
        readonly=False,
        precompute=True,
        domain="[('company_id', '=', company_id)]",
    )

    @api.depends("kit_id")
    def _compute_influencer_ids(self):
        for dialog in self:
            every = [("is_advocate", "=", True), ("company_id", "=", dialog.kit_id.company_id.id)]
            dialog.influencer_ids = (
                self.env["community.influencer"].search(every) - dialog.kit_id.referral_ids.influencer_id
            )

    def action_give(self):
        """Make the links, and show them."""
        self.ensure_one()
        self.kit_id._give(self.influencer_ids)
        return self.kit_id.action_open_referrals()
