from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError

#: what the hold of a crisis is about; changed by its crisis alone
BOUND = frozenset(
    ("kind", "crisis_id", "crisis_review", "company_id", "scope")
    + ("channel_ids", "author_ids", "reply_ids", "released_ids")
)


class CommunityHold(models.Model):
    """What a crisis holds back.

    While it stands, approved statements pass, and what somebody released.  When it ends, nothing goes out unseen: what
    waited stays held, message by message, until somebody has looked at it.
    """

    _inherit = "community.hold"

    kind = fields.Selection(selection_add=[("crisis", "Crisis")], ondelete={"crisis": "cascade"})
    crisis_id = fields.Many2one(
        "community.crisis", readonly=True, index="btree_not_null", ondelete="cascade", check_company=True
    )
    crisis_review = fields.Boolean(readonly=True, help="The crisis is over: each message waits for a look.")
    released_ids = fields.Many2many(
        "community.reply",
        "community_hold_released_rel",
        "hold_id",
        "reply_id",
        readonly=True,
        copy=False,
    )

    @api.constrains("kind", "until")
    def _check_crisis(self):
        for hold in self:
            if hold.kind == "crisis" and hold.until:
                raise ValidationError(self.env._("What a crisis holds back ends with the crisis, not at a time."))

    def _covers(self, reply):
        if not super()._covers(reply):
            return False
        if self.kind != "crisis" or self.crisis_review:
            return True
        if reply in self.released_ids:
            return False
        return not self.crisis_id.statement_ids._said_in(reply.text, reply.channel_id.network)

    @api.model_create_multi
    def create(self, vals_list):
        if any(values.get("kind") == "crisis" for values in vals_list):
            self._refuse_by_hand()
        return super().create(vals_list)

    def write(self, vals):
        if BOUND & set(vals) and (vals.get("kind") == "crisis" or "crisis" in self.mapped("kind")):
            self._refuse_by_hand()
        if vals.get("active", True):
            return super().write(vals)
        self.check_access("write")
        standing = self.filtered(lambda hold: hold.kind == "crisis" and hold.active and not hold.crisis_review)
        if not self.env.su and self.filtered(lambda hold: hold.crisis_review and hold.active)._waiting():
            raise UserError(self.env._("Messages still wait for a look: release or cancel each first."))
        # sudo: whoever may end the hold ends it for good, and what waited is looked at by those who release
        standing = standing.sudo()
        standing.crisis_id.filtered(lambda crisis: crisis.is_open and crisis.hold_scope != "none").hold_scope = "none"
        waiting = standing.filtered(lambda hold: hold.crisis_review or hold._wait_for_a_look())
        return super(CommunityHold, self - waiting).write(vals)

    def _refuse_by_hand(self):
        if not self.env.su:
            raise UserError(self.env._("A crisis holds this back: change it there."))

    @api.ondelete(at_uninstall=False)
    def _unlink_no_crisis(self):
        if self.filtered(lambda hold: hold.kind == "crisis" and hold.active):
            raise UserError(self.env._("A crisis holds this back: close the crisis, or end its hold there."))

    def _waiting(self):
        """Return the messages that wait because of these holds."""
        queued = [("company_id", "in", self.company_id.ids), ("state", "=", "queued")]
        waiting = self.env["community.reply"].sudo().search(queued) if self else self.env["community.reply"].sudo()
        return waiting.filtered(lambda reply: any(hold._covers(reply) for hold in self))

    def _wait_for_a_look(self):
        """Let this hold be only about the messages that wait now: each waits until somebody looked at it.

        :returns: whether any does
        """
        self.ensure_one()
        waiting = self._waiting()
        if waiting:
            self.write(self._look_values(waiting))
        return bool(waiting)

    def _look_values(self, replies):
        """Return the values of a hold with which messages of this one wait until somebody looked at each."""
        name = (
            self.env._("Crisis “%s” does not hold this any more: does it still fit?", self.crisis_id.name)
            if self.crisis_id.is_open
            else self.env._("Crisis “%s” is over: does this still fit?", self.crisis_id.name)
        )
        return {
            "crisis_review": True,
            "name": name,
            "scope": "all",
            "channel_ids": [fields.Command.clear()],
            "reply_ids": [fields.Command.set(replies.ids)],
        }

    def _change(self, values):
        """Hold something else from now on; what was held and is not any more waits for a look."""
        self.ensure_one()
        waiting = self._waiting()
        self.write(values)
        freed = waiting.filtered(lambda reply: not self._covers(reply))
        if freed:
            same = {"kind": "crisis", "crisis_id": self.crisis_id.id, "company_id": self.company_id.id}
            self.create({**same, **self._look_values(freed)})

    def _release(self, reply):
        """Let one message out of this hold."""
        self.ensure_one()
        hold = self.sudo()
        if not hold.crisis_review:
            hold.released_ids = [fields.Command.link(reply.id)]
            return
        left = (hold.reply_ids - reply).filtered(lambda one: one.state not in ("sent", "cancelled"))
        # with no message named a hold would be about all of them
        hold.write({"reply_ids": [fields.Command.set(left.ids)]} if left else {"active": False})

    def _look_again(self):
        """Have the outbox look again at what these hold."""
        standing = self.filtered("active")
        if standing:
            standing._wake(standing.company_id)
