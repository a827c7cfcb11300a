from odoo import fields, models

from ..response.community_reply_send import HELD_PAUSE


class CommunityReply(models.Model):
    """Messages of the outbox: answers count as touches, and what nobody asked for keeps to the contact policy."""

    _inherit = "community.reply"

    purpose_id = fields.Many2one(
        "community.purpose",
        string="Contact purpose",
        ondelete="set null",
        help="Set on what nobody asked for, as campaigns write it: it keeps to the contact policy. Answers have none.",
    )
    # a number: the reservation is committed by another connection, before this message is
    touch = fields.Integer("Reservation", readonly=True, copy=False)

    def _touch_request(self):
        """Return what is asked of the contact policy before this message, or None for an answer."""
        self.ensure_one()
        partner = self.author_id.partner_id
        if not self.purpose_id or not partner or self.way == "publish":
            return None
        return {
            "partner_id": partner.id,
            "company_id": self.company_id.id,
            "medium": "message" if self.way == "message" else "social",
            "purpose": self.purpose_id.code,
            "department_id": self.mention_id.department_id.id,
            "source": (self._name, self.id),
            "text": self.text,
        }

    def _find_holds(self):
        found = super()._find_holds()
        # sudo: the policy stands whoever looks
        asked = {
            reply.id: request
            for reply in self.sudo()
            if reply.id not in found and not reply.touch and (request := reply._touch_request())
        }
        decisions = self.env["community.touch"].sudo()._decide(list(asked.values()))
        for reply_id, decision in zip(asked, decisions, strict=True):
            if not decision["allowed"]:
                found[reply_id] = (decision["reason"], decision["until"])
        return found

    def _begin(self, connector_class):
        request = self._touch_request() if self.state == "queued" and not self.touch else None
        if request:
            [decision] = self.env["community.touch"]._reserve([request])
            if not decision["allowed"]:  # somebody else was faster
                pause = fields.Datetime.now() + HELD_PAUSE
                self.write({"hold_reason": decision["reason"], "hold_until": decision["until"], "next_try_at": pause})
                return ""
            self.touch = decision["touch_id"]
        return super()._begin(connector_class)

    def _note_sent(self, item):
        result = super()._note_sent(item)
        self._note_touch()
        return result

    def action_was_sent(self):
        result = super().action_was_sent()
        for reply in self.sudo():
            reply._note_touch()
        return result

    def action_cancel(self):
        result = super().action_cancel()
        self._give_touch_back()
        return result

    def _fail(self, sentence, detail=False):
        result = super()._fail(sentence, detail)
        self._give_touch_back()
        return result

    def _give_touch_back(self):
        """Nothing goes out: what was reserved for these messages is free again."""
        # sudo: how far a message is, only the outbox decides
        reserved = self.sudo().filtered("touch")
        self.env["community.touch"].sudo()._release(reserved.mapped("touch"))
        reserved.touch = 0

    def _note_touch(self):
        """Note that this message reached the person."""
        self.ensure_one()
        touches = self.env["community.touch"].sudo()
        if self.touch and self.touch in touches._use([self.touch]):
            return
        partner = self.author_id.partner_id
        if partner and self.way != "publish":
            touches._note([self._touch_row(partner)])

    def _touch_row(self, partner):
        return {
            "partner_id": partner.id,
            "company_id": self.company_id.id,
            "medium": "message" if self.way == "message" else "social",
            "purpose": self.purpose_id.code or "service",
            "source": (self._name, self.id),
            "text": self.text,
            "own_question": not self.purpose_id,
            "moment": self.sent_at,
            "user_id": self.user_id.id,
        }
