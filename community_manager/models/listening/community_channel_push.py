import logging
import time
import traceback
from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import format_datetime

from ...connectors import network as network_class
from ...connectors.base import Connector, Sentence, _
from ...connectors.errors import ConnectorError
from ...connectors.reach import obstacle
from ..platform import vault
from ..platform.cursors import own_cursor
from ..platform.moments import naive
from ..platform.sentences import said

_logger = logging.getLogger(__name__)

#: states of a channel in which deliveries are wanted
WANTED = ("listening", "error", "access")
#: how long before its end a subscription is renewed: the scheduled action comes daily, and may fail once
AHEAD = timedelta(days=2)
#: seconds one run takes at most, and one network may take
BUDGET = 60.0
PATIENCE = 20.0
#: a sender that is refused again and again is noted once in this time
REFUSED_PAUSE = timedelta(hours=1)
UNEXPECTED = _("Something unexpected happened while asking for deliveries.")


class CommunityChannel(models.Model):
    """How a network comes to deliver by itself what happens there: it is asked to, where it can be asked.

    Asking is done by a scheduled action, each channel in transactions of its own, so that no network holds up somebody
    who starts a channel, and no failure does either: the channel is polled all the same.
    """

    _inherit = "community.channel"

    push_state = fields.Selection(
        [
            ("hand", "By hand"),
            ("impossible", "Not possible"),
            ("waiting", "Being asked for"),
            ("subscribed", "Subscribed"),
            ("failed", "Refused"),
            ("ending", "Being ended"),
        ],
        readonly=True,
        copy=False,
        string="Deliveries by the network",
    )
    subscribed_until = fields.Datetime(readonly=True, copy=False, string="Subscribed until")
    push_address = fields.Char(
        readonly=True, copy=False, groups="community_manager.group_admin", string="Address the network delivers to"
    )
    push_note = fields.Char(readonly=True, copy=False, string="Why nothing is delivered")
    push_refused = fields.Char(readonly=True, copy=False, string="Last refused delivery")
    push_refused_at = fields.Datetime(readonly=True, copy=False, string="Last refused delivery on")
    can_subscribe = fields.Boolean(compute="_compute_can_subscribe", string="Can be asked to deliver")
    has_push_key = fields.Boolean(compute="_compute_can_subscribe", string="Has a key for deliveries")
    push_text = fields.Char(compute="_compute_push_text", string="Deliveries in words")
    push_guide = fields.Text(compute="_compute_push_text", string="How to enter the address")

    @api.depends("network")
    def _compute_can_subscribe(self):
        for channel in self:
            cls = network_class(channel.network)
            channel.can_subscribe = bool(cls) and cls.can("push") and cls.subscribe is not Connector.subscribe
            channel.has_push_key = bool(cls) and cls.can("push") and any(one.generated for one in cls.settings)

    @api.depends("network", "push_state", "subscribed_until", "push_note", "push_refused", "push_refused_at")
    @api.depends_context("lang", "tz")
    def _compute_push_text(self):
        for channel in self:
            cls = network_class(channel.network)
            channel.push_text = channel._subscription_in_words() if channel.can_push else False
            guide = cls.push_guide if cls else ""
            channel.push_guide = self.env._(guide) if guide and not channel.can_subscribe else False

    def _subscription_in_words(self):
        """Return how deliveries stand, for an administrator."""
        sentences = {
            "impossible": self.push_note,
            "failed": self.push_note,
            "waiting": self.env._("The network is being asked to deliver here."),
            "ending": self.env._("The network is being asked to deliver no more."),
            "subscribed": self.env._(
                "The network delivers here; that is renewed before it ends on %s.",
                format_datetime(self.env, self.subscribed_until),
            )
            if self.subscribed_until
            else self.env._("The network delivers here."),
        }
        sentence = sentences.get(self.push_state)
        if not sentence:
            sentence = (
                self.env._("The network is asked to deliver here when the channel is started.")
                if self.can_subscribe
                else self.env._("Copy the address and enter it where the network asks for a webhook or callback.")
            )
        if self.push_refused:
            refused = self.env._(
                "A delivery was refused on %(moment)s: %(reason)s",
                moment=format_datetime(self.env, self.push_refused_at),
                reason=self.push_refused,
            )
            sentence = f"{sentence} {refused}"
        return sentence

    # -- when ------------------------------------------------------------------------------------------------------

    def action_start(self):
        result = super().action_start()
        self._want_subscription()
        return result

    def action_subscribe(self):
        """Ask the network again to deliver here."""
        self._check_administrator()
        self.env["community.home"]._ensure_live()
        for channel in self:
            if channel.state not in WANTED:
                raise UserError(self.env._("“%s” is not listening. Start it first.", channel.name))
        self._want_subscription()

    def action_new_key(self):
        action = super().action_new_key()
        self._want_subscription()  # the network signs with the old key until it is told the new one
        return action

    def _set_access(self, values):
        result = super()._set_access(values)
        self._want_subscription()
        return result

    def write(self, vals):
        result = super().write(vals)
        if "active" in vals or "state" in vals:
            over = self.filtered(lambda channel: not channel.active or channel.state not in WANTED).sudo()
            over = over.filtered(lambda channel: channel.push_address or channel.push_state == "waiting")
            over.filtered("push_address").push_state = "ending"
            over.filtered(lambda channel: not channel.push_address).push_state = False
            if over:
                self._wake_subscriber()
            if vals.get("active"):
                self._want_subscription()
        return result

    def unlink(self):
        """Ask the networks to deliver no more, once it is certain that the channels are gone."""
        ended = []
        for channel in self.sudo().filtered("push_address"):
            try:
                connector = channel._connector(deadline=time.monotonic() + PATIENCE)
            except (UserError, vault.Unreadable) as error:
                _logger.info("channel %s: deliveries cannot be ended: %s", channel.id, error)
                continue
            ended.append(_Plan(channel.id, connector, lambda ask: ask(), "", channel.push_address))
        result = super().unlink()
        if ended:
            self.env.cr.postcommit.add(lambda: [plan.end() for plan in ended])
        return result

    def _want_subscription(self):
        """Have the networks of these channels asked to deliver, if they can be asked."""
        for channel in self.sudo().filtered(lambda channel: channel.can_push and channel.state in WANTED):
            if channel.can_subscribe:
                channel.write({"push_state": "waiting", "push_note": False})
            else:
                channel.push_state = "hand"
        if any(channel.push_state == "waiting" for channel in self):
            self._wake_subscriber()

    def _wake_subscriber(self):
        self.env.ref("community_manager.cron_subscribe").sudo()._trigger()

    # -- the scheduled action --------------------------------------------------------------------------------------

    @api.model
    def _cron_subscribe(self):
        """Ask for deliveries that are wanted, renew those that end soon, end those that nobody wants any more."""
        done, left = self._settle_subscriptions()
        self.env["ir.cron"]._commit_progress(done, remaining=left)

    @api.model
    def _settle_subscriptions(self, budget=BUDGET):
        """Ask the networks that are to be asked.

        :param float budget: seconds
        :returns: (number of channels dealt with, number that are left)
        """
        if self.env["community.home"]._status() not in ("live", "new"):
            return 0, 0
        ends = time.monotonic() + budget
        channels = self.with_context(active_test=False).search([("push_state", "not in", (False, "hand"))])
        ids = channels.filtered(lambda channel: channel._subscription_step()).ids
        done = 0
        for channel_id in ids:
            if time.monotonic() > ends:
                break
            try:
                self._settle_subscription(channel_id)
            except Exception:  # one channel must not stop the others
                _logger.exception("channel %s: deliveries could not be settled", channel_id)
            done += 1
        return done, len(ids) - done

    def _subscription_step(self):
        """Return what is to be done: "subscribe", "unsubscribe" or ``None``."""
        self.ensure_one()
        if not self.active or self.state not in WANTED or not self.can_subscribe:
            return "unsubscribe" if self.push_address else None
        soon = self.subscribed_until and self.subscribed_until < fields.Datetime.now() + AHEAD
        moved = self.push_address != self.push_url
        return "subscribe" if self.push_state != "subscribed" or soon or moved else None

    @api.model
    def _settle_subscription(self, channel_id):
        """Ask the network of one channel, between two transactions: none is open while it is waited for."""
        transact = self.env["community.listener"]._transact
        with own_cursor(self.env) as cr:
            plan = transact(cr, channel_id, lambda channel: channel._plan_subscription())
            if plan:
                values = plan.run()
                transact(cr, channel_id, lambda channel: channel._note_subscription(values, plan.connector))

    def _plan_subscription(self):
        """Return what is to be asked of the network; ``None`` when nothing is, or it cannot be asked."""
        step, address, before = self._subscription_step(), self.push_url, self.push_address
        problem = obstacle(address) if step == "subscribe" else None
        if problem:
            self._note_subscription({"push_state": "impossible", "push_note": problem})
            return None
        if not step:
            return None
        try:
            connector = self._connector(deadline=time.monotonic() + PATIENCE)
        except (UserError, vault.Unreadable) as error:
            self._note_subscription({"push_state": "failed", "push_note": self._for_reader()._sentence(error)})
            return None
        return _Plan(self.id, connector, self._renewal(connector).run, address if step == "subscribe" else "", before)

    def _note_subscription(self, values, connector=None):
        """Store how asking went; sentences are said in the language of whoever looks after the channel.

        :param connector: that was asked with, ``None`` when nobody was asked
        """
        if connector:
            self.env["community.channel.usage"]._count(self, requests=connector.http.requests, cost=connector.spent)
        note = values.get("push_note")
        if note:
            reader = self._for_reader()
            values = {**values, "push_note": reader._without_secrets(said(reader.env, note))}
        if {values["push_state"], self.push_state} in ({False, "waiting"}, {"subscribed", "ending"}):
            values = {**values, "push_state": self.push_state}  # somebody wants it otherwise meanwhile
            self._wake_subscriber()
        self.write({"push_note": False, **values})

    def _connector(self, **http_options):
        connector = super()._connector(**http_options)
        connector.push_address = self.sudo().push_address or ""
        return connector

    # -- deliveries that are refused -------------------------------------------------------------------------------

    def _note_refused_delivery(self, error):
        """Note that a delivery was not taken, and why: a wrong key shows nowhere else."""
        now = fields.Datetime.now()
        if not self.push_refused_at or self.push_refused_at < now - REFUSED_PAUSE:
            sentence = self._for_reader()._sentence(error)
            self.write({"push_refused": self._without_secrets(sentence), "push_refused_at": now})

    def _note_delivery(self):
        result = super()._note_delivery()
        if self.push_refused:
            self.write({"push_refused": False, "push_refused_at": False})
        return result


class _Plan:
    """What is to be asked of a network: to deliver to an address, or no more.

    :param run: what calls a function with valid access
    :param str address: where to deliver, empty for nowhere
    :param before: where it was asked to deliver before, if it was
    """

    def __init__(self, channel_id, connector, run, address, before):
        self.channel_id = channel_id
        self.connector = connector
        self._run = run
        self._address = address
        self._before = before

    def run(self):
        """Ask, and return what is to be noted."""
        if not self._address:
            return self.end()
        values = {"push_state": "failed", "push_address": False, "subscribed_until": False}
        if self._before and self._before != self._address:
            self.end()
        try:
            until = self._run(lambda: self.connector.subscribe(self._address))
        except NotImplementedError:
            return values | {"push_state": "hand"}
        except ConnectorError as error:
            _logger.info("channel %s: deliveries refused: %s (%s)", self.channel_id, error, error.detail)
            # a subscription that could not be renewed is still there until its end
            kept = {} if self._before == self._address else values
            return kept | {"push_state": "failed", "push_note": error}
        except Exception:  # noqa: BLE001 - a defect of a connector: its traceback may quote a secret
            _logger.error("channel %s: %s", self.channel_id, self.connector.http.hide(traceback.format_exc()))
            return values | {"push_note": Sentence(UNEXPECTED)}
        return {"push_state": "subscribed", "push_address": self._address, "subscribed_until": naive(until)}

    def end(self):
        """Ask to deliver no more to where it did before, and return what is to be noted.

        A network that cannot be asked or refuses goes on delivering to a channel that takes nothing, until it gives up.
        """
        try:
            self._run(lambda: self.connector.unsubscribe(self._before))
        except NotImplementedError:
            _logger.info("channel %s: the network cannot be asked to end deliveries", self.channel_id)
        except ConnectorError as error:
            _logger.info("channel %s: deliveries could not be ended: %s (%s)", self.channel_id, error, error.detail)
        except Exception:  # noqa: BLE001 - as above
            _logger.error("channel %s: %s", self.channel_id, self.connector.http.hide(traceback.format_exc()))
        return {"push_state": False, "push_address": False, "subscribed_until": False}
