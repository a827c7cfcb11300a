from odoo import models

from .community_erasing import add


class CommunityReply(models.Model):
    """What we answered to a person who is erased."""

    _inherit = "community.reply"

    def _erase_said(self):
        """Empty these answers; that and when we answered stays.  What has not gone out does not go out any more.

        :returns: ``{model: count}``
        """
        erasing = self.env["community.erasing"]
        erasing._ensure_nothing_leaves(self)
        asked = ["&", ("res_model", "=", self._name), ("res_id", "in", self.ids)]
        asked = ["|", ("mention_id", "in", self.mention_id.ids), *asked]
        approvals = self.env["community.approval"].search(asked)
        texts = dict.fromkeys(("text", "asked_text", "reasons", "note", "fingerprint"), False)
        erasing._empty(approvals.filtered(lambda one: one.state == "pending"), {"state": "withdrawn"})
        counts = {"community.approval": erasing._empty(approvals, texts)}
        add(counts, erasing._erase_trail(approvals))
        waiting = self.filtered(lambda reply: reply.state not in ("sent", "cancelled"))
        erasing._empty(waiting, {"state": "cancelled", "next_try_at": False})
        files = self.attachment_ids.filtered(lambda one: one.res_model == self._name)
        files.unlink()
        values = {"text": self.env._("Erased")}
        values |= dict.fromkeys(
            ("title", "whole_text", "url", "problem", "problem_detail", "hold_reason", "sent_identifiers"), False
        )
        counts[self._name] = erasing._empty(self, values)
        return add(counts, erasing._erase_trail(self))
