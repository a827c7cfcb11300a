from odoo import api, models
from odoo.tools import format_datetime

from ...connectors import networks
from .community_reply import ON_ITS_WAY

#: characters of a text that lists show
SUMMARY_LENGTH = 80


class CommunityReply(models.Model):
    """What the screens show of a message."""

    _inherit = "community.reply"

    @api.depends("channel_id")
    def _compute_network(self):
        for reply in self:
            # a channel that is deleted leaves the name of its network
            reply.network = reply.channel_id.network or reply.network

    @api.depends("way", "mention_id")
    def _compute_networks(self):
        for reply in self:
            able = [code for code, cls in networks().items() if cls.can(reply.way)]
            reply.networks = [reply.mention_id.network] if reply.mention_id else able

    @api.depends("network")
    def _compute_icon_url(self):
        for reply in self:
            reply.icon_url = self.env["community.network"]._icon_url(reply.network)

    @api.depends("text", "title")
    def _compute_summary(self):
        for reply in self:
            words = " ".join((reply.title or reply.text or "").split())
            reply.summary = words[:SUMMARY_LENGTH] + ("…" if len(words) > SUMMARY_LENGTH else "") or "…"

    @api.depends("external_id", "sent_realm", "network")
    def _compute_sent_mention_id(self):
        mentions = self.env["community.mention"].with_context(active_test=False)
        for reply in self:
            reply.sent_mention_id = reply.external_id and mentions.search(
                [
                    ("company_id", "=", reply.company_id.id),
                    ("network", "=", reply.network),
                    ("realm", "=", reply.sent_realm or ""),
                    ("external_id", "=", reply.external_id),
                ],
                limit=1,
            )

    @api.depends("hold_reason", "state")
    def _compute_held(self):
        for reply in self:
            reply.held = reply.state == "queued" and bool(reply.hold_reason)

    @api.model
    def _search_held(self, operator, value):
        if operator not in ("=", "!=") or not isinstance(value, bool):
            return NotImplemented
        held = [("state", "=", "queued"), ("hold_reason", "!=", False)]
        return held if (operator == "=") == value else ["!", "&", *held]

    @api.depends("state", "hold_reason", "hold_until", "problem", "next_try_at", "attempts")
    @api.depends_context("lang", "tz")
    def _compute_status(self):
        for reply in self:
            reply.status = reply._status_in_words()

    def _status_in_words(self):
        home = self.env["community.home"]
        if self.state in ON_ITS_WAY and (reason := home._reason(home._status())):
            return self.env._("Held back: %s", reason)
        if self.held:
            if self.hold_until:
                until = format_datetime(self.env, self.hold_until)
                return self.env._("Held back until %(until)s: %(reason)s", until=until, reason=self.hold_reason)
            return self.env._("Held back: %s", self.hold_reason)
        known = {
            "draft": self.env._("Not sent yet."),
            "approval": self.env._("Waits for approval."),
            "queued": self.problem or self.env._("Waits for its turn."),
            "sending": self.env._("Is being sent."),
            "uncertain": self.problem or self.env._("We look whether it arrived before it is sent again."),
            "sent": self.env._("Sent."),
            "failed": self.problem or self.env._("Could not be sent."),
            "cancelled": self.env._("Cancelled before it was sent."),
        }
        return known[self.state]

    def _box_entry(self):
        return {
            "id": self.id,
            "text": self.text,
            "way": self.way,
            "state": self.state,
            "state_label": dict(self._fields["state"]._description_selection(self.env))[self.state],
            "status": self.status,
            "held": self.held,
            "user": self.user_id.name or "",
            "can_cancel": self.state in ("draft", "queued", "approval"),
            "url": self.url or "",
        }
