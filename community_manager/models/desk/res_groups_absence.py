from odoo import models


class ResGroups(models.Model):
    """Who leaves the community team leaves their mentions to the others."""

    _inherit = "res.groups"

    def write(self, vals):
        agents = self.env.ref("community_manager.group_agent", raise_if_not_found=False)
        if not agents or not {"user_ids", "implied_ids"} & vals.keys():
            return super().write(vals)
        before = agents.sudo().all_user_ids
        result = super().write(vals)
        gone = before - agents.sudo().all_user_ids
        if gone:
            self.env["community.mention"]._give_back_of(gone)
        return result
