from odoo import api, models


class CommunityInfluencer(models.Model):
    """Who was answered is no longer only identified."""

    _inherit = "community.influencer"

    @api.model
    def _note_contacted(self):
        """Move people on to whom something of ours went out since we care for them."""
        new = self.sudo().search([("stage_id.kind", "=", "identified")])
        profiles = {author.id: one for one in new for author in one._profiles()}
        if not profiles:
            return
        rows = (
            self.env["community.reply"]
            .sudo()
            ._read_group([("author_id", "in", list(profiles)), ("state", "=", "sent")], ["author_id"], ["sent_at:max"])
        )
        for author, last in rows:
            influencer = profiles[author.id]
            if last and last >= influencer.create_date:
                influencer._reach("contacted")
