import uuid
from datetime import timedelta

from odoo import fields, models
from odoo.exceptions import UserError

from ...connectors import network as network_class
from .res_company import LONGEST_UNDO

#: characters of a text that a question or a warning quotes
QUOTED = 100
#: context key: a person presses the button of a form, away from the conversation
BY_HAND = "community_by_hand"


class CommunityReply(models.Model):
    """What is being written: kept until it is sent, and taken back for a moment after that."""

    _inherit = "community.reply"

    def _box_entry(self):
        """Return what the reply box shows of this message."""
        entry = super()._box_entry()
        # a later part may be a draft again, which only its writer reads
        following = self.sudo()._following().filtered(lambda part: part.state != "sent")
        cls = network_class(self.network)
        return {
            **entry,
            "undo_seconds": self._undo_seconds(),
            "files": len(self.attachment_ids),
            "part": self.part,
            "part_count": self.part_count,
            "parts_left": len(following),
            "can_rewrite": self.state == "failed" and self.user_id == self.env.user and self.part <= 1,
            "way_private": self.way == "message" or self.mention_id.visibility == "direct",
            "network_label": self.env._(cls.label) if cls else self.network or "",
        }

    def _undo_seconds(self):
        """Return for how many seconds this can still be taken back as if it had not been sent; 0 when it cannot."""
        if self.state != "queued" or self.tried_at or self.hold_reason or self.user_id != self.env.user:
            return 0
        now = fields.Datetime.now()
        if not self.next_try_at or self.next_try_at - (self.queued_at or now) > timedelta(seconds=LONGEST_UNDO):
            return 0
        return max(0, int((self.next_try_at - now).total_seconds()))

    def action_undo(self):
        """Take back what was sent a moment ago: it is a draft again, of one piece, with what was written since.

        :returns: what the reply box shows as its draft
        :raises UserError: it has gone out, or is going out
        """
        self.ensure_one()
        self.check_access("write")
        if self.user_id != self.env.user:
            raise UserError(self.env._("Only who wrote this can take it back."))
        reply = self.sudo()
        # an outbox that takes this message at the same moment makes one of both transactions start again
        if reply.state not in ("queued", "approval") or reply.tried_at:
            raise UserError(
                self.env._("It is too late to take “%s” back: it was sent, or may have been.", self.summary)
            )
        return self._as_draft()

    def action_queue(self):
        """Send these; by the button of the outbox only if nobody has answered or written since they were written.

        :raises UserError: with who and what; in the conversation they can be sent all the same
        """
        for reply in self if self.env.context.get(BY_HAND) else ():
            reply.check_access("write")
            mention = reply.mention_id
            if not mention:
                continue
            mention._take_turn()
            options = {"seen": reply._seen_when_written(), "opened": reply.write_date}
            if question := mention._question_before(options, (reply.text or "").strip()):
                raise UserError(
                    self.env._(
                        "%s Open the conversation, and send yours from there if it still fits.", question["text"]
                    )
                )
        return super().action_queue()

    def _seen_when_written(self):
        """Return the id of the newest mention of the conversation that was there when this was last written."""
        known = [("conversation_id", "=", self.conversation_id.id), ("create_date", "<=", self.write_date)]
        newest = self.conversation_id and self.env["community.mention"].search(known, order="id desc", limit=1)
        return newest.id if newest else self.mention_id.id

    def action_write_again(self):
        """Make what was cancelled or refused the draft of the reply box.

        :returns: what the reply box shows as its draft
        """
        self.ensure_one()
        self.check_access("write")
        if self.user_id != self.env.user:
            raise UserError(self.env._("Only who wrote this can write it again."))
        if self.state not in ("cancelled", "failed"):
            raise UserError(self.env._("Only what failed or was cancelled can be written again."))
        return self._as_draft()

    def _as_draft(self):
        """Make this a draft of one piece, with what was begun since; what came after it is gone."""
        reply = self.sudo()
        following = reply._following().filtered(lambda part: part.state != "sent")
        following.write({"state": "cancelled", "next_try_at": False})
        text = reply.text
        if reply.part <= 1 and reply.whole_text:
            text = reply.whole_text
        begun = self.mention_id._own_draft() if self.mention_id else self.browse()
        values = dict.fromkeys(("next_try_at", "queued_at", "hold_reason", "hold_until", "problem", "problem_detail"))
        values |= {"state": "draft", "part": 0, "part_count": 0, "whole_text": False, "key": uuid.uuid4().hex}
        reply.write({**values, "first_tried_at": False, "tried_at": False, "attempts": 0})
        if begun:
            text = "\n\n".join(part for part in (text, begun.text) if (part or "").strip())
            reply.attachment_ids |= begun.sudo().attachment_ids
        reply.text = text
        following.unlink()
        begun.unlink()
        reply.activity_unlink(["community_manager.activity_reply"])
        return self._draft_entry()

    def _draft_entry(self):
        """Return what the reply box shows of a draft."""
        return {
            "id": self.id,
            "text": self.text or "",
            "way": self.way,
            "channel_id": self.channel_id.id,
            "files": self._file_entries(),
        }

    def _quoted(self):
        words = " ".join((self.whole_text or self.text or "").split())
        return words[:QUOTED] + ("…" if len(words) > QUOTED else "")
