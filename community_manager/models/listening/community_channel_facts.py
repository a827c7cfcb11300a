from typing import NamedTuple

from odoo import api, models
from odoo.tools import ormcache


class Facts(NamedTuple):
    """What storing a page has to know of its channel."""

    company_id: int
    network: str
    #: active topics that the channel listens for; none means all
    topic_ids: frozenset


class CommunityChannelFacts(models.Model):
    """What hardly ever changes on a channel, so that not every page reads it again."""

    _inherit = "community.channel"

    @api.model
    @ormcache("channel_id")
    def _facts(self, channel_id):
        """Return the :class:`Facts` of a channel.

        Kept in each worker until a channel or a topic is given other ones.

        :raises MissingError: there is no such channel
        """
        channel = self.sudo().browse(channel_id)
        return Facts(channel.company_id.id, channel.network, frozenset(channel.topic_ids.ids))

    def write(self, vals):
        result = super().write(vals)
        if {"company_id", "network", "topic_ids"} & vals.keys():
            self.env.registry.clear_cache()
        return result

    def unlink(self):
        self.env.registry.clear_cache()
        return super().unlink()
