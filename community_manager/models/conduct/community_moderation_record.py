import secrets
from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError

from .community_participation import PUBLIC_PATH

#: what takes back what, where a network can do it
OPPOSITE = {"hide": "unhide", "spam": "approve"}
#: days in which somebody may appeal, and characters they may write
APPEAL_DAYS = 180
LONGEST_APPEAL = 4_000
#: characters of what was said that are kept for whoever decides about an appeal
LONGEST_SAID = 1_000
#: what people write by hand; all else is decided by the buttons
BY_HAND = frozenset(("reason", "decision_note"))


class CommunityModerationRecord(models.Model):
    """What was done about a mention on its network: by whom, by which rule, and what became of it.

    ``requested → done → appealed → upheld | reversed``; ``dropped`` is a request that was turned down.
    An appeal is decided by somebody else than who moderated.
    """

    _name = "community.moderation.record"
    _description = "Moderation"
    _inherit = ["mail.thread", "mail.activity.mixin"]
    _order = "id desc"

    company_id = fields.Many2one("res.company", required=True, index=True, readonly=True)
    mention_id = fields.Many2one("community.mention", readonly=True, ondelete="set null", index="btree_not_null")
    author_id = fields.Many2one("community.author", readonly=True, ondelete="set null", index="btree_not_null")
    channel_id = fields.Many2one("community.channel", readonly=True, ondelete="set null")
    network = fields.Selection(selection=lambda self: self.env["community.channel"]._selection_network(), readonly=True)
    said = fields.Text(readonly=True, string="What was said", help="Kept so that an appeal can be decided.")
    action = fields.Selection(
        selection=lambda self: self.env["community.moderation"]._selection_action(),
        readonly=True,
        string="What was done",
    )
    reason = fields.Text(help="For colleagues. Whoever is concerned reads the rule, not this.")
    rule_id = fields.Many2one(
        "community.participation.rule", string="Rule that was broken", readonly=True, ondelete="restrict", index=True
    )
    participation_id = fields.Many2one(related="rule_id.participation_id", string="Version of the rules", store=True)
    asked_rule_id = fields.Many2one("community.rule", string="Asked for by", readonly=True, ondelete="set null")
    user_id = fields.Many2one("res.users", string="By", readonly=True, index="btree_not_null")
    done_at = fields.Datetime(readonly=True, string="Done")
    state = fields.Selection(
        [
            ("requested", "Asked for"),
            ("done", "Done"),
            ("appealed", "Appealed"),
            ("upheld", "Upheld"),
            ("reversed", "Taken back"),
            ("dropped", "Not done"),
        ],
        default="done",
        required=True,
        readonly=True,
        tracking=True,
        group_expand=True,
    )
    can_take_back = fields.Boolean(compute="_compute_can_take_back", help="Whether the network can do that for us.")
    token = fields.Char(
        default=lambda self: secrets.token_urlsafe(18),
        readonly=True,
        copy=False,
        groups="community_manager.group_agent",
    )
    appeal_url = fields.Char(compute="_compute_appeal_url", string="Link for an appeal")
    appeal_text = fields.Text(readonly=True, copy=False, string="What they say")
    appealed_at = fields.Datetime(readonly=True, copy=False)
    decided_by_id = fields.Many2one("res.users", readonly=True, copy=False, string="Decided by")
    decided_at = fields.Datetime(readonly=True, copy=False, string="Decided")
    decision_note = fields.Text(
        string="Answer to the appeal", copy=False, help="Whoever appealed reads this at the link."
    )

    _token = models.UniqueIndex("(token)")
    _open = models.Index("(company_id, state)")

    @api.depends("action", "author_id", "state")
    @api.depends_context("lang")
    def _compute_display_name(self):
        names = dict(self.env["community.moderation"]._selection_action())
        for record in self:
            what = names.get(record.action) or self.env._("Moderation")
            record.display_name = " · ".join(filter(None, [what, record.author_id.display_name]))

    @api.depends("token", "state", "action")
    def _compute_appeal_url(self):
        for record in self:
            told = record.state not in ("requested", "dropped")
            record.appeal_url = told and f"{record.get_base_url()}{PUBLIC_PATH}/appeal/{record.token}"

    @api.depends("mention_id", "action")
    def _compute_can_take_back(self):
        for record in self:
            offered = record.mention_id._moderations() if record.mention_id else ()
            record.can_take_back = OPPOSITE.get(record.action) in offered

    def write(self, vals):
        mine = {name for name in vals if not name.startswith(("message_", "activity_"))}
        if not self.env.su and not mine <= BY_HAND:
            raise AccessError(self.env._("What was done is not changed by hand."))
        return super().write(vals)

    # -- making them --------------------------------------------------------------------------------------------------

    @api.model
    def _values_of(self, mention):
        return {
            "company_id": mention.company_id.id,
            "mention_id": mention.id,
            "author_id": mention.author_id.id,
            "channel_id": mention.channel_id.id,
            "network": mention.network,
            "said": "\n".join(filter(None, [mention.title, mention.text]))[:LONGEST_SAID] or False,
        }

    @api.model
    def _request(self, mentions, rule):
        """Ask managers to look at mentions; one request for each that has none open.

        :param mentions: ``community.mention`` records
        :param rule: the ``community.rule`` that asks
        """
        known = self.sudo().search([("mention_id", "in", mentions.ids), ("state", "in", ("requested", "done"))])
        return self.sudo().create(
            [
                {**self._values_of(mention), "state": "requested", "asked_rule_id": rule.id, "reason": rule.name}
                for mention in mentions.sudo() - known.mention_id
                if not mention.outgoing
            ]
        )

    # -- buttons ------------------------------------------------------------------------------------------------------

    def _ensure_manager(self):
        self.check_access("write")
        if not self.env.user.has_group("community_manager.group_manager"):
            raise AccessError(self.env._("Only a community manager can moderate."))

    def action_moderate(self):
        """Choose what is done about what was asked for."""
        self.ensure_one()
        self._ensure_manager()
        if self.state != "requested" or not self.mention_id:
            raise UserError(self.env._("There is nothing to do any more."))
        return self.mention_id.action_moderate()

    def action_drop(self):
        """Nothing is done about it."""
        self._ensure_manager()
        self.filtered(lambda record: record.state == "requested").sudo().write(
            {"state": "dropped", "decided_by_id": self.env.uid, "decided_at": fields.Datetime.now()}
        )

    def action_take_back(self):
        """Take it back without an appeal, on the network too where that is possible."""
        for record in self:
            record._ensure_manager()
            if record.state not in ("done", "upheld"):
                raise UserError(self.env._("There is nothing to take back."))
            record._decide("reversed")

    def action_uphold(self):
        """It stays as it was decided."""
        for record in self:
            record._ensure_may_decide()
            record._decide("upheld")

    def action_reverse(self):
        """The appeal is right: take it back, on the network too where that is possible."""
        for record in self:
            record._ensure_may_decide()
            record._decide("reversed")

    def _ensure_may_decide(self):
        self._ensure_manager()
        if self.state != "appealed":
            raise UserError(self.env._("Nobody has appealed, or it was decided already."))
        if self.user_id == self.env.user:
            raise UserError(self.env._("You moderated this yourself. Somebody else decides about the appeal."))
        if not (self.decision_note or "").strip():
            raise UserError(self.env._("Write the answer to the appeal first: whoever appealed reads it at the link."))

    def _decide(self, state):
        """Write a decision down, and take back on the network what can be."""
        note = ""
        if state == "reversed":
            note = self._take_back_there()
        self.sudo().write({"state": state, "decided_by_id": self.env.uid, "decided_at": fields.Datetime.now()})
        self.activity_unlink(["community_manager.activity_appeal"])
        if note:
            self.message_post(body=note, subtype_xmlid="mail.mt_note")

    def _take_back_there(self):
        """Undo it on the network; return a sentence about that for colleagues."""
        if not self.can_take_back:
            return self.env._("The network cannot take this back for us. Do it there by hand, where that is possible.")
        mention = self.mention_id
        mention._ensure_may_moderate()
        channel, action = mention.channel_id, OPPOSITE[self.action]
        channel._use(lambda connector: connector.moderate(action, mention._target(channel), ""))
        return self.env._("Taken back on the network.")

    # -- appeals ------------------------------------------------------------------------------------------------------

    def _may_appeal(self):
        """Return whether whoever is concerned may appeal still."""
        self.ensure_one()
        young = self.done_at and self.done_at > fields.Datetime.now() - timedelta(days=APPEAL_DAYS)
        return self.state == "done" and bool(young)

    def _appeal(self, text):
        """Take an appeal, and give it to a manager who did not moderate; once.

        :param str text: plain, as somebody wrote it on a public page
        :returns: whether it was taken
        """
        self.ensure_one()
        text = "".join(char for char in text if char.isprintable() or char in "\n\t").strip()[:LONGEST_APPEAL]
        if not text or not self._may_appeal():
            return False
        self.write({"state": "appealed", "appeal_text": text, "appealed_at": fields.Datetime.now()})
        managers = self.env.ref("community_manager.group_manager").all_user_ids.filtered(
            lambda user: user.active and not user.share and self.company_id in user.company_ids
        )
        others = (managers - self.user_id - self.env.ref("base.user_root")).sorted("id")
        for user in others[:1]:
            # the page speaks the language of whoever appeals
            there = self.with_context(lang=user.lang) if user.lang else self
            there.activity_schedule(
                "community_manager.activity_appeal",
                summary=there.env._("Decide about an appeal: %s", there.display_name),
                user_id=user.id,
            )
        return True
