import random
from datetime import timedelta

from odoo import api, fields, models
from odoo.tools import format_duration

from ...connectors import network as network_class

#: failures in a row before the people in charge get an activity: one is a hiccup, three are not
FAILURES_BEFORE_WARNING = 3
#: days before the end of access at which they are warned
DAYS_BEFORE_EXPIRY = 7
#: longest pause after failures, so that a mended network is noticed within the hour
LONGEST_BACKOFF = timedelta(hours=1)
#: a channel without access is still tried now and then: some refusals pass by themselves
ACCESS_RETRY = timedelta(hours=1)


class CommunityChannel(models.Model):
    """How a channel does, in words that an administrator understands."""

    _inherit = "community.channel"

    next_poll_at = fields.Datetime(readonly=True, copy=False, index=True)
    rate_limited_until = fields.Datetime(
        readonly=True, copy=False, help="The network asked for a pause: nothing is read or sent before."
    )
    last_poll_at = fields.Datetime(readonly=True, copy=False)
    last_success_at = fields.Datetime(readonly=True, copy=False)
    # never empty: an empty count would stand above every other when the list puts the broken ones first
    error_count = fields.Integer(default=0, readonly=True, copy=False, string="Failures in a row")
    last_error = fields.Text(readonly=True, copy=False)
    last_error_detail = fields.Text(readonly=True, copy=False, groups="community_manager.group_admin")
    poll_seconds = fields.Integer(readonly=True, copy=False, string="Pause between two polls (s)")
    listen_state = fields.Selection(
        [("idle", "Idle"), ("waiting", "Waiting for the listener"), ("running", "Listening now")],
        default="idle",
        readonly=True,
        copy=False,
    )
    listen_read = fields.Integer(readonly=True, copy=False, string="Read in this run")
    listen_stored = fields.Integer(readonly=True, copy=False, string="Stored in this run")
    listen_result = fields.Char(readonly=True, copy=False, string="Result of the last run")
    health = fields.Selection(
        [("ok", "Well"), ("warning", "Look at it"), ("error", "Broken"), ("off", "Off")], compute="_compute_health"
    )
    health_text = fields.Char(compute="_compute_health", string="Health in words")
    delay = fields.Float(compute="_compute_health", string="Delay (hours)", help="Time since the last success.")
    requests_day = fields.Integer(compute="_compute_usage", string="Requests (24 h)")
    items_day = fields.Integer(compute="_compute_usage", string="Items read (24 h)")
    stored_day = fields.Integer(compute="_compute_usage", string="Mentions (24 h)")
    errors_day = fields.Integer(compute="_compute_usage", string="Errors (24 h)")
    quarantine_count = fields.Integer(compute="_compute_quarantine_count", string="In quarantine")

    def _compute_usage(self):
        since = fields.Datetime.now() - timedelta(hours=24)
        rows = self.env["community.channel.usage"]._read_group(
            [("channel_id", "in", self.ids), ("hour", ">", since)],
            ["channel_id"],
            ["requests:sum", "items:sum", "stored:sum", "errors:sum"],
        )
        sums = {channel: figures for channel, *figures in rows}
        for channel in self:
            figures = sums.get(channel, (0, 0, 0, 0))
            channel.requests_day, channel.items_day, channel.stored_day, channel.errors_day = figures

    def _compute_quarantine_count(self):
        counts = dict(
            self.env["community.quarantine"]
            .sudo()
            ._read_group([("channel_id", "in", self.ids), ("state", "=", "waiting")], ["channel_id"], ["__count"])
        )
        for channel in self:
            channel.quarantine_count = counts.get(channel, 0)

    @api.depends("state", "error_count", "last_success_at", "access_lost_at", "next_poll_at", "last_error")
    def _compute_health(self):
        now = fields.Datetime.now()
        for channel in self:
            success = channel.last_success_at
            channel.delay = (now - success).total_seconds() / 3600 if success else 0
            channel.health, channel.health_text = channel._judge_health(now)

    def _judge_health(self, now):
        """Return (health, sentence) at the time ``now`` (naive UTC)."""
        if self.state in ("draft", "paused"):
            return "off", self.env._("Not listening.")
        if self.state == "access":
            return "error", self.last_error or self.env._("Enter access again.")
        if self.home_notice:
            return "error", self.home_notice
        if self.error_count:
            sentence = self.last_error or self.env._("The last attempts failed.")
            return ("error" if self.error_count >= FAILURES_BEFORE_WARNING else "warning"), sentence
        if self._access_ends_soon(now):
            return "warning", self._give_access_again()
        if self._budget_used_up():
            return "warning", self._budget_sentence()
        cls = network_class(self.network)
        overdue = self.next_poll_at and now - self.next_poll_at > timedelta(minutes=30)
        if cls and cls.can("listen") and overdue:
            late = format_duration((now - self.next_poll_at).total_seconds() / 3600)
            return "warning", self.env._(
                "The listener is %s h behind: check that scheduled actions run on this server.", late
            )
        return "ok", self.env._("Listening.")

    # -- what the listener reports ---------------------------------------------------------------------------------

    def _note_success(self, stored=0, finished=True):
        """Note a run that ended well.

        :param int stored: mentions it brought; a busy channel is asked again sooner than a quiet one
        :param bool finished: False when the time was used up: the rest is due at once
        """
        self.ensure_one()
        now = fields.Datetime.now()
        shortest, longest = network_class(self.network).poll_seconds
        pause = self.poll_seconds or shortest
        pause = max(shortest, pause // 2) if stored else min(longest, int(pause * 1.5) + 1)
        values = {
            "last_poll_at": now,
            "last_success_at": now,
            "poll_seconds": pause,
            "next_poll_at": now + timedelta(seconds=pause) if finished else now,
            "error_count": 0,
            "last_error": False,
            "last_error_detail": False,
        }
        if finished and self._budget_used_up():
            values["next_poll_at"] = self._month()[1]
        if self.state in ("error", "access"):
            values["state"] = "listening"
        if self.listen_state != "idle" and finished:
            values["listen_state"] = "idle"
            env = self._for_reader().env
            values["listen_result"] = (
                env._("%(read)s read, %(stored)s stored.", read=self.listen_read, stored=self.listen_stored)
                if self.listen_read
                else env._("Nothing new.")
            )
        self.write(values)
        self._end_warning()
        self._watch_budget()

    def _note_rate_limit(self, until):
        """The network asked for a pause: listening and sending of this account keep it.

        :param datetime until: naive UTC
        """
        self.ensure_one()
        values = {"rate_limited_until": until}
        if self.next_poll_at and self.next_poll_at < until:
            values["next_poll_at"] = until
        self.write(values)

    def _note_delivery(self):
        """Note that a delivery was stored: for a network that is not asked, the proof that all is well."""
        self.ensure_one()
        values = {"last_success_at": fields.Datetime.now()}
        if not self._can("listen"):
            values |= {"error_count": 0, "last_error": False, "last_error_detail": False}
            if self.state in ("error", "access"):
                values["state"] = "listening"
        self.write(values)
        self._end_warning()

    def _note_failure(self, sentence, detail="", action="retry", retry_at=None, shared=False):
        """Note a failed run and say when to come back.

        :param str sentence: for the administrator
        :param str detail: technical remainder
        :param str action: as in :mod:`...connectors.errors`
        :param datetime retry_at: naive UTC time that the network named
        :param bool shared: whether the pause is the network's for the whole account, so that sending keeps it too
        """
        self.ensure_one()
        now = fields.Datetime.now()
        count = self.error_count + 1
        shortest = network_class(self.network).poll_seconds[0] if network_class(self.network) else 60
        pause = min(LONGEST_BACKOFF, timedelta(seconds=shortest * 2 ** min(count, 10)))
        pause *= random.uniform(0.75, 1.25)  # not all channels of a server that was down at the same second
        if action == "access":
            pause = ACCESS_RETRY
        values = {
            "last_poll_at": now,
            "next_poll_at": max(retry_at, now) if retry_at else now + pause,
            "last_error": sentence,
            "last_error_detail": detail or False,
            "listen_state": "idle",
            "listen_result": sentence if self.listen_state != "idle" else self.listen_result,
        }
        if action != "wait":  # a pause that the network asks for is not a failure
            values["error_count"] = count
            if action == "access":
                values["state"] = "access"
            elif action == "settings" or count >= FAILURES_BEFORE_WARNING:
                values["state"] = "error"
        elif shared:
            values["rate_limited_until"] = values["next_poll_at"]
        before = self.state
        self.write(values)
        if self.state in ("access", "error") and before not in ("access", "error"):
            self._warn(self.env._("Channel “%s” needs attention", self.name), sentence)

    def _warn(self, summary, note, kind="community_manager.activity_channel"):
        """Give the people in charge (else the administrators) an activity, once until it is done."""
        self.ensure_one()
        open_for = self.activity_search([kind]).user_id
        for user in self._people_in_charge() - open_for:
            self.activity_schedule(kind, summary=summary, note=note, user_id=user.id)

    def _end_warning(self):
        """Remove the activity of a channel that is well again, by itself or because somebody mended it."""
        if self.state == "listening" and not self.error_count and not self._access_ends_soon(fields.Datetime.now()):
            self.activity_unlink(["community_manager.activity_channel"])

    def _access_ends_soon(self, now):
        return bool(self.access_lost_at) and self.access_lost_at < now + timedelta(days=DAYS_BEFORE_EXPIRY)

    def _give_access_again(self):
        """Return what a person has to do before access ends."""
        cls = network_class(self.network)
        if cls and cls.authorization:
            return self.env._("Access ends soon: authorise again before that.")
        return self.env._("Access ends soon: enter it again before that.")

    def _for_reader(self):
        """Return the channel in the language of who looks after it, when nobody reads along: in the background."""
        self.ensure_one()
        language = self.env.lang or self._people_in_charge().sorted("id")[:1].lang
        return self.with_context(lang=language) if language != self.env.lang else self

    def _people_in_charge(self):
        group = self.env.ref("community_manager.group_admin")
        users = self.user_ids or group.sudo().all_user_ids.filtered(
            lambda user: user.active and not user.share and self.company_id in user.company_ids
        )
        return users - self.env.ref("base.user_root")

    @api.model
    def _cron_warn(self):
        """Warn of access that ends soon and of channels that have been silent because they were off by failure."""
        now = fields.Datetime.now()
        soon = now + timedelta(days=DAYS_BEFORE_EXPIRY)
        ending = [("access_lost_at", "!=", False), ("access_lost_at", "<", soon)]
        for channel in self.search([("state", "in", ("listening", "error")), *ending]):
            channel = channel._for_reader()
            channel._warn(
                channel.env._("Access of “%s” ends soon", channel.name),
                channel.env._("It ends on %s. Give access again before that.", channel.access_lost_at.date()),
            )
        for channel in self.search([("state", "in", ("access", "error"))]):
            channel = channel._for_reader()
            channel._warn(channel.env._("Channel “%s” needs attention", channel.name), channel.last_error or "")
