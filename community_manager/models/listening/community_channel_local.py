from odoo import models
from odoo.exceptions import UserError

from ...connectors import network as network_class
from ..platform.community_local_places import DESKS


class CommunityChannel(models.Model):
    """Channels of this very Odoo: their connectors are given a desk, and they say when their module is missing."""

    _inherit = "community.channel"

    def _connector(self, *args, **options):
        self.ensure_one()
        missing = self._missing_module()
        if missing:
            raise UserError(missing)
        connector = super()._connector(*args, **options)
        if connector.local:
            connector.desk = DESKS[connector.code](self.sudo(), connector.values)
        return connector

    def _missing_module(self):
        """Return a sentence when what this channel listens to is not installed in this Odoo, else an empty text."""
        cls = network_class(self.network) if self.network else None
        if cls is None or all(name in self.env for name in cls.needs_models):
            return ""
        return self.env._(
            "“%(network)s” is not installed in this Odoo any more. Install it again, or archive this channel.",
            network=self.env._(cls.label),
        )

    def _judge_health(self, now):
        health, sentence = super()._judge_health(now)
        missing = self._missing_module()
        return ("error", missing) if missing and health != "off" else (health, sentence)
