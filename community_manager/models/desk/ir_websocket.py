from odoo import models

from .community_news import DESK


class IrWebsocket(models.AbstractModel):
    """Who hears the news of a company."""

    _inherit = "ir.websocket"

    def _build_bus_channel_list(self, channels):
        channels = list(channels)
        user = self.env.user
        if user._is_internal() and user.has_group("community_manager.group_agent"):
            # the companies they may switch to; which of them they look at, the desk knows
            channels += [(company, DESK) for company in user.company_ids]
        return super()._build_bus_channel_list(channels)
