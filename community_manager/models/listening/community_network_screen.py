from odoo import models


class CommunityNetwork(models.Model):
    """What can be done with a network from its card."""

    _inherit = "community.network"

    def action_connect(self):
        """Begin a channel on this network and open what it asks for."""
        self.ensure_one()
        if not self.can_listen:  # files make their channel themselves
            return {
                "type": "ir.actions.act_window",
                "name": self.name,
                "res_model": "community.import",
                "views": [(False, "form")],
            }
        channel = self.env["community.channel"].create({"name": self.name, "network": self.code})
        return channel.action_connect()

    def action_open_channels(self):
        """Open the channels on this network."""
        action = self.env["ir.actions.act_window"]._for_xml_id("community_manager.action_channels")
        return {**action, "domain": [("network", "in", self.mapped("code"))]}
