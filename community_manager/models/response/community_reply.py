import uuid
from datetime import UTC, timedelta

from odoo import SUPERUSER_ID, api, fields, models
from odoo.exceptions import AccessError, UserError

from ...connectors import network as network_class
from ...connectors.items import Outgoing
from ..platform.defaults import without_defaults
from ..platform.sentences import said
from .res_company import LONGEST_UNDO

#: context key: seconds for which what is queued can be taken back
UNDO = "community_undo_seconds"
#: states in which a message is on its way: what comes later in its conversation waits for it
ON_ITS_WAY = ("queued", "sending", "uncertain")
#: what only the outbox and the buttons decide
OURS = frozenset(
    (
        "state",
        "key",
        "attempts",
        "queued_at",
        "first_tried_at",
        "tried_at",
        "next_try_at",
        "sent_at",
        "external_id",
        "sent_realm",
        "url",
        "problem",
        "problem_detail",
        "hold_reason",
        "hold_until",
        # who says it, and what follows from what is answered
        "user_id",
        "network",
        "conversation_id",
        "author_id",
        # how parts of a thread hang together
        "previous_id",
        "part",
        "part_count",
        "whole_text",
        "sent_identifiers",
    )
)
#: what may change only while a message waits for nobody
CONTENT = frozenset(("text", "title", "way", "channel_id", "mention_id", "visibility", "company_id", "attachment_ids"))


class CommunityReply(models.Model):
    """Something said to a network: the outbox.

    ``draft → queued → sending → sent | failed | uncertain``.  ``sending`` is committed before the network is asked, so
    whatever happens in between, a message is never sent again unseen: its fate is ``uncertain`` until the network was
    asked about it.
    """

    _name = "community.reply"
    _description = "Outgoing Message"
    _inherit = ["mail.thread", "mail.activity.mixin"]
    _order = "id desc"
    _rec_name = "summary"
    _check_company_auto = True

    company_id = fields.Many2one("res.company", required=True, index=True, default=lambda self: self.env.company)
    channel_id = fields.Many2one(
        "community.channel",
        string="Sent from",
        index=True,
        ondelete="set null",
        check_company=True,
        domain="[('company_id', '=', company_id), ('state', '!=', 'draft'), ('network', 'in', networks)]",
    )
    network = fields.Selection(
        selection=lambda self: self.env["community.channel"]._selection_network(),
        compute="_compute_network",
        store=True,
    )
    networks = fields.Json(compute="_compute_networks", help="Networks on which this can be said.")
    icon_url = fields.Char(compute="_compute_icon_url")
    account_name = fields.Char(related="channel_id.account_name", string="Account")
    mention_id = fields.Many2one(
        "community.mention", string="In answer to", index=True, ondelete="set null", check_company=True
    )
    conversation_id = fields.Many2one(
        "community.conversation", related="mention_id.conversation_id", store=True, index=True
    )
    author_id = fields.Many2one("community.author", related="mention_id.author_id", store=True, string="To", index=True)
    partner_id = fields.Many2one(related="author_id.partner_id", string="Contact")
    way = fields.Selection(
        [("reply", "Reply"), ("message", "Private message"), ("publish", "Publication")],
        default="reply",
        required=True,
    )
    title = fields.Char()
    text = fields.Text(required=True)
    visibility = fields.Selection([("public", "Public"), ("unlisted", "Unlisted")], default="public", required=True)
    summary = fields.Char(compute="_compute_summary")
    user_id = fields.Many2one(
        "res.users", string="Written by", default=lambda self: self.env.user, readonly=True, index=True
    )
    state = fields.Selection(
        [
            ("draft", "Draft"),
            ("queued", "On its way"),
            ("sending", "Being sent"),
            ("uncertain", "Not certain"),
            ("sent", "Sent"),
            ("failed", "Failed"),
            ("cancelled", "Cancelled"),
        ],
        default="draft",
        required=True,
        readonly=True,
        copy=False,
        tracking=True,
        index=True,
        group_expand=True,
    )
    key = fields.Char(
        default=lambda self: uuid.uuid4().hex,
        required=True,
        readonly=True,
        copy=False,
        help="Tells the network that a repeated attempt is the same message.",
    )
    queued_at = fields.Datetime(readonly=True, copy=False)
    first_tried_at = fields.Datetime(readonly=True, copy=False)
    tried_at = fields.Datetime(readonly=True, copy=False, string="Last attempt")
    attempts = fields.Integer(default=0, readonly=True, copy=False)
    next_try_at = fields.Datetime(readonly=True, copy=False, string="Next attempt")
    sent_at = fields.Datetime(readonly=True, copy=False)
    external_id = fields.Char(readonly=True, copy=False, string="Identifier on the network")
    sent_realm = fields.Char(readonly=True, copy=False)
    url = fields.Char(readonly=True, copy=False, string="Link")
    sent_mention_id = fields.Many2one("community.mention", compute="_compute_sent_mention_id", string="As it stands")
    problem = fields.Text(readonly=True, copy=False)
    problem_detail = fields.Text(readonly=True, copy=False, groups="community_manager.group_admin")
    hold_reason = fields.Char(readonly=True, copy=False, string="Held back because")
    hold_until = fields.Datetime(readonly=True, copy=False, string="Held back until")
    held = fields.Boolean(compute="_compute_held", search="_search_held")
    status = fields.Char(compute="_compute_status", help="How far this message is, in words.")

    _unique_key = models.UniqueIndex("(key)")
    _due = models.Index("(channel_id, next_try_at) WHERE state IN ('queued', 'sending', 'uncertain')")
    _line = models.Index("(channel_id, id) WHERE state IN ('queued', 'sending', 'uncertain')")
    _turn = models.Index("(conversation_id, id) WHERE state IN ('queued', 'sending', 'uncertain')")

    # -- rights ----------------------------------------------------------------------------------------------------

    @api.model_create_multi
    def create(self, vals_list):
        if not self.env.su and any(OURS & set(values) - {"state"} for values in vals_list):
            raise AccessError(self.env._("How far a message is, only the outbox decides."))
        if not self.env.su and any(values.get("state", "draft") != "draft" for values in vals_list):
            raise AccessError(self.env._("How far a message is, only the outbox decides."))
        if not self.env.su:  # defaults of the context would come past what was refused
            self = without_defaults(self, OURS)
        for values in vals_list:
            if values.get("mention_id") and not values.get("channel_id"):
                mention = self.env["community.mention"].browse(values["mention_id"])
                values["channel_id"] = mention._reply_channel().id
                values.setdefault("company_id", mention.company_id.id)
        return super().create(vals_list)

    def write(self, vals):
        if not self.env.su and OURS & set(vals):
            raise AccessError(self.env._("How far a message is, only the outbox decides."))
        if not self.env.su and CONTENT & set(vals) and any(reply.state not in ("draft", "failed") for reply in self):
            raise UserError(self.env._("A message that is on its way cannot be changed. Cancel it first."))
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_only_what_was_never_said(self):
        if any(reply.state not in ("draft", "cancelled") for reply in self):
            raise UserError(self.env._("What was sent, or may have been, is kept. Cancel what still waits."))
        self.env["community.hold"]._forget("reply_ids", self)

    # -- buttons ---------------------------------------------------------------------------------------------------

    def action_queue(self):
        """Send these messages: they leave as soon as the outbox gets to them, the parts of a thread that follow too.

        The context may name seconds to wait (:data:`UNDO`).

        :raises UserError: one of them cannot be sent as it is, with the reason
        """
        self |= self._continued()
        self.check_access("write")
        self._take_over()
        for reply in self:
            if reply.state not in ("draft", "failed"):
                raise UserError(self.env._("“%s” is on its way already.", reply.summary))
            if reply.previous_id - self:
                reply._ensure_previous()
            reply._ensure_sendable()
        now = fields.Datetime.now()
        due = now + timedelta(seconds=min(max(int(self.env.context.get(UNDO) or 0), 0), LONGEST_UNDO))
        for reply in self.sudo():
            values = {"state": "queued", "queued_at": now, "next_try_at": due, "attempts": 0, "problem": False}
            values |= {"problem_detail": False, "first_tried_at": False, "tried_at": False}
            if reply.state == "failed":  # a network that knows keys answers a refused one with the refusal
                values["key"] = uuid.uuid4().hex
            reply.write(values)
        self.sudo()._look_at_holds()
        self.sudo().mention_id._note_answer_begun(self.env.user)
        self._wake_outbox(due)
        return True

    def _take_over(self):
        """Whoever sends what a rule has prepared says it: they are told what becomes of it."""
        self.sudo().filtered(lambda reply: reply.user_id.id == SUPERUSER_ID).write({"user_id": self.env.uid})

    def action_cancel(self):
        """Take back what has not gone out yet.

        :raises UserError: it is too late
        """
        self.check_access("write")
        for reply in self.sudo():
            # an outbox that takes this message at the same moment makes one of both transactions start again
            if reply.state == "cancelled":
                continue
            if reply.state not in ("draft", "queued", "approval"):
                raise UserError(
                    self.env._("It is too late to cancel “%s”: it was sent, or may have been.", reply.summary)
                )
            reply.write({"state": "cancelled", "next_try_at": False, "hold_reason": False, "hold_until": False})
            reply._stop_following()
        return True

    def action_draft(self):
        """Make drafts of what failed or was cancelled, of whoever takes them up: drafts are read by their writer."""
        self.check_access("write")
        if any(reply.state not in ("failed", "cancelled") for reply in self):
            raise UserError(self.env._("Only what failed or was cancelled can be written again."))
        for reply in self.sudo():
            values = {"state": "draft", "key": uuid.uuid4().hex, "problem": False, "problem_detail": False}
            reply.write({**values, "user_id": self.env.uid})
        return True

    def action_send_now(self):
        """Try again at once what waits for its next attempt."""
        self.check_access("write")
        waiting = self.sudo().filtered(lambda reply: reply.state in ("queued", "uncertain") and reply.next_try_at)
        waiting._due_now()
        return True

    def action_was_sent(self):
        """A person looked: the message stands on the network."""
        self._decide_uncertain({"state": "sent", "sent_at": fields.Datetime.now(), "next_try_at": False})
        self.sudo().mention_id._note_answered()
        return True

    def action_was_not_sent(self):
        """A person looked: the message is not there, and is sent again."""
        now = fields.Datetime.now()
        self._decide_uncertain({"state": "queued", "next_try_at": now, "attempts": 0, "first_tried_at": False})
        self._wake_outbox()
        return True

    def _decide_uncertain(self, values):
        self.check_access("write")
        if any(reply.state != "uncertain" for reply in self):
            raise UserError(self.env._("Only what is not certain can be decided by hand."))
        self.sudo().write({**values, "problem": False, "problem_detail": False})
        self.sudo().activity_unlink(["community_manager.activity_reply"])

    def action_open_network(self):
        """Open what went out, where it stands."""
        self.ensure_one()
        return {"type": "ir.actions.act_url", "url": self.url, "target": "new"}

    def action_open_mention(self):
        """Open what is answered."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "res_model": "community.mention",
            "res_id": self.mention_id.id,
            "views": [(False, "form")],
        }

    # -- whether it can be sent ------------------------------------------------------------------------------------

    def _ensure_sendable(self):
        """
        :raises UserError: with the reason why this message cannot be sent as it is
        """
        self.ensure_one()
        objection = self._objection()
        if objection:
            raise UserError(objection)

    def _objection(self):
        """Return why this message cannot be sent as it is, in words; ``""`` when nothing is known against it."""
        self.ensure_one()
        channel = self.channel_id.sudo()
        if not channel:
            return self.env._("Choose the account that this is sent from.")
        cls = network_class(channel.network)
        if cls is None:
            return self.env._("The connector for “%s” is not installed.", channel.network)
        if channel.state == "draft":
            return self.env._("“%s” is not connected yet.", channel.name)
        if not cls.can(self.way):
            return self.env._("%s does not let us do that.", self.env._(cls.label))
        if self.way != "publish":
            mention = self.mention_id
            if not mention:
                return self.env._("Choose what is answered.")
            if mention.deleted_at:
                return self.env._("What you answer was deleted on the network.")
            if mention.network != channel.network:
                return self.env._("“%s” is on another network than what is answered.", channel.name)
            if self.way not in cls.ways(mention._target(channel)):
                return self.env._("%s does not let us answer this in that way.", self.env._(cls.label))
        sentence = cls.objection(self._outgoing())
        return said(self.env, sentence) if sentence else ""

    def _outgoing(self):
        """Return this message as connectors take it.

        :rtype: community_manager.connectors.items.Outgoing
        """
        self.ensure_one()
        mention = self.mention_id
        tried = self.first_tried_at
        return Outgoing(
            key=self.key,
            text=self.text or "",
            way=self.way,
            target=self._thread_target(mention._target(self.channel_id) if mention and self.way != "publish" else None),
            title=self.title or "",
            visibility=self.visibility,
            language=mention.language or "",
            first_tried_at=tried.replace(tzinfo=UTC) if tried else None,
            attachments=self._outgoing_files(),
        )

    def _approval_reasons(self):
        """Return why somebody has to approve this message before it may be sent; rooms extend this.

        :returns: list of sentences, empty when it may go as it is
        """
        self.ensure_one()
        return []

    # -- holds -----------------------------------------------------------------------------------------------------

    def _find_holds(self):
        """Return what holds these messages back, by record and by rule.

        The one place that later reasons extend.

        :returns: ``{reply id: (reason, naive UTC end or False)}``
        """
        found = {}
        for company in self.company_id:
            holds = self.env["community.hold"].sudo()._current(company)
            for reply in self.filtered(lambda one, company=company: one.company_id == company):
                covering = holds.filtered(lambda hold, reply=reply: hold._covers(reply))
                if covering:
                    # the one that stands longest is the one that matters
                    last = max(covering, key=lambda hold: (not hold.until, hold.until or fields.Datetime.now()))
                    found[reply.id] = (last.name, last.until)
        for reply in self:
            reason = reply.id not in found and reply.channel_id.sudo()._no_sending()
            if reason:
                found[reply.id] = (reason, False)
        return found

    def _look_at_holds(self):
        """Write down what holds these messages back; return those that nothing holds."""
        holds = self._find_holds()
        for reply in self:
            reason, until = holds.get(reply.id, (False, False))
            if (reply.hold_reason or False, reply.hold_until or False) != (reason, until):
                reply.write({"hold_reason": reason, "hold_until": until})
        return self.filtered(lambda reply: reply.id not in holds)

    def _due_now(self):
        self.write({"next_try_at": fields.Datetime.now()})
        self._wake_outbox()

    @api.model
    def _wake_outbox(self, at=None):
        """Let the outbox work as soon as it can, or at a moment (naive UTC) that is still to come."""
        later = at if at and at > fields.Datetime.now() else None
        self.env.ref("community_manager.cron_send").sudo()._trigger(later)
