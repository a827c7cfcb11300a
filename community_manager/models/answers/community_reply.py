from odoo import fields, models
from odoo.fields import Command
from odoo.tools.mail import plaintext2html

from .community_approvable import Finding


class CommunityReply(models.Model):
    """Messages that somebody may have to approve."""

    _name = "community.reply"
    _inherit = ["community.reply", "community.approvable"]

    state = fields.Selection(
        selection_add=[("approval", "To approve"), ("queued",)], ondelete={"approval": "set default"}
    )

    # -- what is approved ------------------------------------------------------------------------------------------

    def _thread(self):
        """Return this message and the parts of its thread that come after it, in their order."""
        return self + self._following()

    def _approval_text(self):
        """Return what was written, before it was cut into parts."""
        self.ensure_one()
        if not self.next_ids:
            return (self.text or "").strip()
        return (self.whole_text or "\n\n".join(part.text or "" for part in self._thread())).strip()

    def _approval_content(self):
        files = self._thread().sudo().attachment_ids
        return {
            "texts": [(part.text or "").strip() for part in self._thread()],
            "title": self.title or "",
            "way": self.way,
            "channel": self.channel_id.id,
            "mention": self.mention_id.id,
            "visibility": self.visibility,
            "files": [[file.checksum or "", file.description or ""] for file in files.sorted("id")],
        }

    def _approval_values(self):
        return {
            "mention_id": self.mention_id.id,
            "channel_id": self.channel_id.id,
            "network": self.network or self.channel_id.network,
            "attachment_ids": [Command.set(self._thread().sudo().attachment_ids.ids)],
        }

    def _approval_granted(self):
        first = self
        while first.previous_id:
            first = first.previous_id
        return super(CommunityReply, first)._approval_granted()

    def _approval_findings(self):
        mention = self.mention_id
        touched = self.env["community.sensitive"]._touched(
            self.company_id, (self.title, self._approval_text(), mention.title, mention.text), mention.topic_ids
        )
        agent = "community_manager.group_agent"
        found = [
            Finding(
                self.env._("It touches a sensitive issue: %s", issue.name),
                issue.approver_ids.filtered(lambda user: user.active and user.has_group(agent)),
            )
            for issue in touched
            if issue.needs_approval
        ]
        return super()._approval_findings() + found + self.env["community.approval.rule"]._findings(self)

    def _approval_reasons(self):
        return super()._approval_reasons() + [finding.reason for finding in self._approval_findings()]

    # -- buttons ---------------------------------------------------------------------------------------------------

    def action_queue(self):
        """Send these messages; those that have to be approved wait for that first, a thread as a whole.

        :raises UserError: one of them cannot be sent as it is, with the reason
        """
        self |= self._continued()
        self.check_access("write")
        self._take_over()
        waiting = self.browse()
        for reply in self:
            if reply.state not in ("draft", "failed") or reply.previous_id in self:
                continue
            reasons = reply._approval_reasons()
            if not reasons or reply._approval_granted():
                continue
            reply._ensure_sendable()
            thread = reply._thread() & self
            reply._ask_approval(reasons)
            thread.sudo().write({"state": "approval", "problem": False, "problem_detail": False})
            waiting |= thread
        if waiting:
            waiting.sudo().mention_id._note_answer_begun(self.env.user)
        rest = self - waiting
        return super(CommunityReply, rest).action_queue() if rest else True

    def action_cancel(self):
        """Take back what has not gone out yet, approved or not."""
        self.check_access("write")
        self.filtered(lambda reply: reply.state == "approval")._withdraw_approval()
        return super().action_cancel()

    def action_undo(self):
        """Take back what was sent a moment ago; nobody has to approve it any more."""
        self.check_access("write")
        self._withdraw_approval()
        return super().action_undo()

    def _approval_approved(self, approval, text):
        """Send what was approved, in the words of the approver where they differ."""
        self.ensure_one()
        # the approver need not be one who may write the message itself; that they may approve it was checked
        reply = self.sudo()
        if text != reply._approval_text():
            reply._make_whole(text)
            parts = reply._split() if reply._objection() and reply.way != "publish" else reply
        else:
            parts = reply._thread().filtered(lambda part: part.state == "approval")
        parts.write({"state": "draft"})
        approval.fingerprint = reply._approval_fingerprint()
        parts.action_queue()

    def _approval_returned(self, approval):
        """Make it a draft again, in one piece, and ask its writer to write it better."""
        self.ensure_one()
        self.sudo()._make_whole(self._approval_text())
        there = self.sudo()._for_writer()
        writer = self.sudo().user_id  # a draft again, which its approver may not read any more
        if writer.active and writer != self.env.user:
            there.activity_schedule(
                "community_manager.activity_reply",
                summary=there.env._("%s returned your answer", self.env.user.name),
                note=plaintext2html(approval.note),
                user_id=writer.id,
            )

    def _make_whole(self, text):
        """Make one draft of a thread of which nothing has gone out.

        :param str text: its words
        """
        rest = self._following()
        self.write({"state": "draft", "text": text, "part": 0, "part_count": 0, "whole_text": False})
        rest.write({"state": "draft"})
        rest.unlink()

    # -- what screens show -----------------------------------------------------------------------------------------

    def _status_in_words(self):
        if self.state == "approval":
            # whoever writes is told who decides, though they may not read users
            approval = self.approval_id.sudo()
            if not approval._deciders():
                return self.env._("Nobody else may approve this. A manager can let people approve their own answers.")
            names = ", ".join(approval.approver_ids.mapped("name"))
            if names:
                return self.env._("Waits for approval by %s.", names)
            return self.env._("Waits for approval by a manager.")
        returned = self.approval_id.filtered(lambda approval: approval.state == "returned")
        if self.state == "draft" and returned:
            return self.env._("Returned by %(who)s: %(note)s", who=returned.decided_by_id.name, note=returned.note)
        return super()._status_in_words()

    def _box_entry(self):
        """Say which request waits, and whether the reader may decide it."""
        waits = self.state == "approval"
        approval = self.approval_id if waits else self.approval_id.browse()
        return {**super()._box_entry(), "approval_id": approval.id, "can_approve": approval.is_mine if waits else False}
