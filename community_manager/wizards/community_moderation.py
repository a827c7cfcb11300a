from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError

from ..connectors import network as network_class

#: context key under which a button of the form says what is to be done
CHOSEN = "community_moderation"


class CommunityModeration(models.TransientModel):
    """Doing something about a mention on its network: hiding, deleting, reporting it, or blocking who wrote it."""

    _name = "community.moderation"
    _description = "Moderate a Mention"

    mention_id = fields.Many2one("community.mention", required=True, ondelete="cascade")
    action = fields.Selection(selection="_selection_action")
    offered = fields.Char(compute="_compute_offered", help="What this network can do, between commas.")
    reason = fields.Text(help="For the network, where it takes one, and for colleagues.")
    company_id = fields.Many2one(related="mention_id.company_id")
    rule_id = fields.Many2one(
        "community.participation.rule",
        string="Rule that was broken",
        domain="[('company_id', '=', company_id), ('participation_id.state', '=', 'published')]",
        help="Of the participation rules in force. Whoever is concerned can read it at the link for an appeal.",
    )

    @api.model
    def _selection_action(self):
        return [
            ("hide", self.env._("Hide it")),
            ("unhide", self.env._("Show it again")),
            ("delete", self.env._("Delete it")),
            ("report", self.env._("Report it to the network")),
            ("spam", self.env._("Mark it as spam")),
            ("approve", self.env._("Approve it")),
            ("mute", self.env._("Mute who wrote it")),
            ("ban", self.env._("Block who wrote it")),
        ]

    @api.depends("mention_id")
    def _compute_offered(self):
        for wizard in self:
            wizard.offered = ",".join(["", *sorted(wizard.mention_id._moderations()), ""])

    def action_moderate(self):
        """Do it on the network, and note it."""
        self.ensure_one()
        mention = self.mention_id
        mention._ensure_may_moderate()
        action = self.env.context.get(CHOSEN) or self.action
        if action not in mention._moderations():
            raise UserError(self.env._("This network cannot do that."))
        channel, reason = mention.channel_id, (self.reason or "").strip() or self.rule_id.title or ""
        if self.rule_id and self.rule_id.company_id != mention.company_id:
            raise UserError(self.env._("This rule is of another company."))
        target = mention._target(channel)
        channel._use(lambda connector: connector.moderate(action, target, reason))
        label = dict(self._selection_action())[action]
        mention.message_post(
            body=self.env._("On the network: %(action)s. %(reason)s", action=label, reason=reason).strip(),
            subtype_xmlid="mail.mt_note",
        )
        values = self.env["community.moderation.record"]._values_of(mention)
        if action == "delete":
            mention._erase_content()
        self._keep_record(action, reason, values)
        return {"type": "ir.actions.act_window_close"}

    def _keep_record(self, action, reason, values):
        """Write down what was done; the request for it is answered with that."""
        done = {
            **values,
            "action": action,
            "reason": reason or False,
            "rule_id": self.rule_id.id,
            "user_id": self.env.uid,
            "done_at": fields.Datetime.now(),
            "state": "done",
        }
        # sudo: nobody writes these by hand; that the user may moderate was looked at before
        asked = self.mention_id.sudo().moderation_ids.filtered(lambda one: one.state == "requested")
        if asked:
            asked.write(done)
        else:
            self.env["community.moderation.record"].sudo().create(done)


class CommunityMention(models.Model):
    """What can be done about a mention on its network."""

    _inherit = "community.mention"

    can_moderate = fields.Boolean(compute="_compute_can_moderate")

    @api.depends("channel_id", "deleted_at", "outgoing")
    def _compute_can_moderate(self):
        for mention in self:
            mention.can_moderate = bool(mention._moderations())

    def _moderations(self):
        """Return what the network of this mention can do about it."""
        cls = network_class(self.channel_id.network) if self.channel_id else None
        if not cls or not cls.can("moderate") or self.deleted_at:
            return frozenset()
        # nobody reports or blocks oneself; what only its author can do is not offered on the words of others
        return cls.moderations & {"delete"} if self.outgoing else cls.moderations - cls.own_moderations

    def _ensure_may_moderate(self):
        """
        :raises AccessError: only managers do this
        """
        self.ensure_one()
        self.check_access("write")
        if not self.env.user.has_group("community_manager.group_manager"):
            raise AccessError(self.env._("Only a community manager can moderate."))

    def action_moderate(self):
        """Choose what is done about this mention on its network."""
        self._ensure_may_moderate()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Moderate"),
            "res_model": "community.moderation",
            "views": [(False, "form")],
            "target": "new",
            "context": {"default_mention_id": self.id},
        }
