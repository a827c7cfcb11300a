from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError


class CommunityHold(models.Model):
    """What a crisis holds back.

    While it stands, approved statements pass, and what somebody released.  When it ends, nothing goes out unseen: what
    waited stays held, message by message, until somebody has looked at it.
    """

    _inherit = "community.hold"

    kind = fields.Selection(selection_add=[("crisis", "Crisis")], ondelete={"crisis": "cascade"})
    crisis_id = fields.Many2one(
        "community.crisis", readonly=True, index="btree_not_null", ondelete="set null", check_company=True
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

    def write(self, vals):
        if "active" in vals and not vals["active"]:
            standing = self.filtered(lambda hold: hold.kind == "crisis" and hold.active and not hold.crisis_review)
            if standing:
                self.check_access("write")
                # sudo: the rest is bookkeeping of whoever may end the hold
                over = standing.sudo().filtered(lambda hold: not hold._wait_for_a_look())
                super(CommunityHold, over).write({"active": False})
                return super(CommunityHold, self - standing).write(vals)
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_no_crisis(self):
        if self.filtered(lambda hold: hold.kind == "crisis" and hold.active):
            raise UserError(self.env._("A crisis holds this back: close the crisis, or end its hold there."))

    def _wait_for_a_look(self):
        """Let this hold be only about the messages that wait now: each waits until somebody looked at it.

        :returns: whether any does
        """
        self.ensure_one()
        queued = [("company_id", "=", self.company_id.id), ("state", "=", "queued")]
        waiting = self.env["community.reply"].sudo().search(queued).filtered(self._covers)
        if not waiting:
            return False
        self.write(
            {
                "crisis_review": True,
                "name": self.env._("Crisis “%s” is over: does this still fit?", self.crisis_id.name or ""),
                "scope": "all",
                "channel_ids": [fields.Command.clear()],
                "reply_ids": [fields.Command.set(waiting.ids)],
            }
        )
        return True

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
