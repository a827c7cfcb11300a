from odoo import api, fields, models

from ...connectors import network as network_class
from ...connectors.values import server_of
from .community_reply import ON_ITS_WAY


class CommunityChannel(models.Model):
    """What a channel sends."""

    _inherit = "community.channel"

    reply_ids = fields.One2many("community.reply", "channel_id", string="Outgoing messages")
    can_send = fields.Boolean(compute="_compute_can_send")
    outbox_count = fields.Integer(compute="_compute_outbox_count", string="On their way")

    @api.depends("network")
    def _compute_can_send(self):
        for channel in self:
            channel.can_send = any(channel._can(way) for way in ("reply", "message", "publish"))

    def _compute_outbox_count(self):
        waiting = [("channel_id", "in", self.ids), ("state", "in", ON_ITS_WAY)]
        counts = dict(self.env["community.reply"]._read_group(waiting, ["channel_id"], ["__count"]))
        for channel in self:
            channel.outbox_count = counts.get(channel, 0)

    def action_open_outbox(self):
        """Open what this channel sends."""
        action = self.env["ir.actions.act_window"]._for_xml_id("community_manager.action_outbox")
        return {**action, "domain": [("channel_id", "in", self.ids)]}

    @api.ondelete(at_uninstall=False)
    def _unlink_tells_writers(self):
        """What still waits to be said through these accounts cannot be said any more: its writers are told."""
        waiting = (
            self.env["community.reply"].sudo().search([("channel_id", "in", self.ids), ("state", "in", ON_ITS_WAY)])
        )
        for reply in waiting:
            env = reply._for_writer().env
            if reply.state == "queued":
                reply._fail(env._("The account was deleted before this was sent. Choose another one and send it."))
            else:
                reply._fail(
                    env._("The account was deleted while this was sent: look on the network whether it arrived.")
                )

    @api.ondelete(at_uninstall=False)
    def _unlink_ends_holds(self):
        self.env["community.hold"]._forget("channel_ids", self)

    def _reaches(self, mention):
        """Return whether this account knows a mention by the identifier under which it is stored.

        One that is known on the whole network is known to every account of it; one of a server only to accounts there;
        one of a channel only to that channel.
        """
        if not mention.realm:
            return True
        if mention.realm.startswith("channel:"):
            return mention.realm == self._realm(None)
        settings = self.sudo().settings or {}
        servers = [setting for setting in self._connector_class().settings if setting.kind == "url"]
        hosts = {server_of(settings.get(setting.name, setting.default)) for setting in servers if not setting.secret}
        return not hosts or mention.realm in hosts

    def _no_sending(self):
        """Return why nothing can be sent from this channel now, in words; ``""`` when it can."""
        if not self:
            return self.env._("The account was deleted: choose another one.")
        if not self.active:
            return self.env._("The channel “%s” is archived.", self.name)
        if network_class(self.network) is None:
            return self.env._("The connector for “%s” is not installed.", self.network)
        if missing := self._missing_module():
            return missing
        return {
            "draft": self.env._("The channel “%s” is not connected yet.", self.name),
            "paused": self.env._("The channel “%s” is paused.", self.name),
            "access": self.env._("The channel “%s” needs access again.", self.name),
        }.get(self.state, "")
