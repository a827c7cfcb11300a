import logging

from odoo import api, fields, models
from odoo.exceptions import UserError

from ...connectors import network as network_class
from ...connectors import networks

_logger = logging.getLogger(__name__)


class CommunityChannel(models.Model):
    """One account or source on a network that the company listens to and answers from."""

    _name = "community.channel"
    _description = "Channel"
    _inherit = ["mail.thread", "mail.activity.mixin"]
    _order = "sequence, name, id"

    name = fields.Char(required=True, tracking=True)
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True)
    network = fields.Selection(selection="_selection_offered", required=True, index=True)
    network_kind = fields.Selection(
        selection=lambda self: self.env["community.network"]._selection_kind(),
        compute="_compute_network_details",
        string="Kind of network",
    )
    network_scope = fields.Selection(
        selection=lambda self: self.env["community.network"]._selection_scope(),
        compute="_compute_network_details",
        string="Horizontal or vertical",
    )
    icon_url = fields.Char(compute="_compute_network_details")
    can_listen = fields.Boolean(compute="_compute_network_details")
    can_push = fields.Boolean(compute="_compute_network_details")
    company_id = fields.Many2one("res.company", required=True, default=lambda self: self.env.company, index=True)
    state = fields.Selection(
        [
            ("draft", "To connect"),
            ("listening", "Listening"),
            ("paused", "Paused"),
            ("access", "Needs access"),
            ("error", "Needs attention"),
        ],
        default="draft",
        required=True,
        readonly=True,
        copy=False,
        tracking=True,
        index=True,
    )
    topic_ids = fields.Many2many(
        "community.topic",
        "community_channel_topic_rel",
        "channel_id",
        "topic_id",
        string="Topics",
        help="What to keep from public search results. Empty: every topic. "
        "What is addressed to the own account is always kept.",
    )
    user_ids = fields.Many2many("res.users", string="People in charge", help="They are warned when something breaks.")
    position = fields.Json(copy=False, groups="base.group_system", help="Where listening goes on.")
    mention_count = fields.Integer(compute="_compute_mention_count")
    description = fields.Text(help="What this channel is for, for colleagues.")

    @api.model
    def _selection_network(self):
        return [(code, self.env._(cls.label)) for code, cls in networks().items()]

    @api.model
    def _selection_offered(self):
        """Return the networks that a channel can be of: those that can be had here, and those that channels are of."""
        offered = self.env["community.network"]._offered()
        hidden = networks().keys() - offered.keys()
        if hidden:  # a channel stays what it is when its module is uninstalled
            used = (
                self.sudo().with_context(active_test=False)._read_group([("network", "in", list(hidden))], ["network"])
            )
            hidden -= {code for (code,) in used}
        return [(code, label) for code, label in self._selection_network() if code not in hidden]

    @api.depends("network")
    def _compute_network_details(self):
        for channel in self:
            cls = network_class(channel.network)
            channel.network_kind = cls.kind if cls else False
            channel.network_scope = cls.scope if cls else False
            channel.can_listen = bool(cls) and cls.can("listen")
            channel.can_push = bool(cls) and cls.can("push")
            channel.icon_url = self.env["community.network"]._icon_url(channel.network)

    def _compute_mention_count(self):
        counts = dict(
            self.env["community.mention"]._read_group([("channel_id", "in", self.ids)], ["channel_id"], ["__count"])
        )
        for channel in self:
            channel.mention_count = counts.get(channel, 0)

    def _connector_class(self):
        """Return the class of this channel's network.

        :raises UserError: its connector is not installed any more
        """
        self.ensure_one()
        cls = network_class(self.network)
        if cls is None:
            raise UserError(
                self.env._(
                    "The connector for “%(network)s” is not installed. Install it, or archive the channel "
                    "“%(channel)s”.",
                    network=self.network,
                    channel=self.name,
                )
            )
        return cls

    def _can(self, capability):
        """Return whether this channel's network is installed and declares ``capability``."""
        cls = network_class(self.network)
        return bool(cls) and cls.can(capability)

    def _realm(self, realm):
        """Return the realm of an identifier as it is stored: one that only this channel knows is named after it."""
        return f"channel:{self.id}" if realm is None else realm

    def copy_data(self, default=None):
        return [
            {**values, "name": self.env._("%s (copy)", channel.name)}
            for channel, values in zip(self, super().copy_data(default), strict=True)
        ]

    def write(self, vals):
        connected = self.filtered(lambda channel: channel.state != "draft")
        if "network" in vals and any(channel.network != vals["network"] for channel in connected):
            raise UserError(self.env._("A connected channel stays on its network. Create another channel instead."))
        return super().write(vals)

    # -- buttons ------------------------------------------------------------------------------------------------

    def action_start(self):
        """Begin or go on listening, from where it stopped."""
        self._check_administrator()
        self.env["community.home"]._ensure_live()
        for channel in self:
            channel._ensure_complete()
            channel.write(
                {"state": "listening", "next_poll_at": fields.Datetime.now(), "error_count": 0, "last_error": False}
            )
        self._wake_listener()

    def action_pause(self):
        """Stop listening and keep the position."""
        self._check_administrator()
        self.write({"state": "paused", "listen_state": "idle"})

    def action_listen_now(self):
        """Put the channels first in the queue and wake the listener; the form shows how it goes on."""
        self.check_access("read")
        self.env["community.home"]._ensure_live()
        for channel in self.sudo():
            if channel.state in ("draft", "paused"):
                raise UserError(self.env._("“%s” is not listening. Start it first.", channel.name))
            if not channel._can("listen"):
                raise UserError(
                    self.env._("“%s” is not asked: what happens there is sent to it by itself.", channel.name)
                )
            channel.write(
                {
                    "next_poll_at": fields.Datetime.now(),
                    "listen_state": "waiting",
                    "listen_read": 0,
                    "listen_stored": 0,
                    "listen_result": False,
                }
            )
        self._wake_listener()

    def action_open_mentions(self):
        """Open the mentions that came through these channels."""
        action = self.env["ir.actions.act_window"]._for_xml_id("community_manager.action_mentions")
        return {**action, "domain": [("channel_id", "in", self.ids)], "context": {}}

    def _wake_listener(self):
        self.env.ref("community_manager.cron_listen").sudo()._trigger()

    def _check_administrator(self):
        self.check_access("write")
