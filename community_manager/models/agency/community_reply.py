from odoo import api, models
from odoo.exceptions import AccessError

from .community_agency import GROUP


class CommunityReply(models.Model):
    """Nobody says anything as an account that is not theirs to answer as."""

    _name = "community.reply"
    _inherit = ["community.reply", "community.agency"]

    def _ensure_may_answer(self):
        """
        :raises AccessError: the current user may not answer as the account of one of these messages
        """
        for channel in self.sudo().channel_id:
            refusal = channel.with_env(self.env)._refusal(self.env.user)
            if refusal:
                raise AccessError(refusal)
        if self.env.user.has_group(GROUP) and any(
            reply.way == "publish" or not reply.mention_id for reply in self.sudo()
        ):
            self._refuse_agency()

    def _shown(self):
        """Return those of these messages whose words the current user may be told."""
        if not self.env.user.has_group(GROUP):
            return self
        return self.filtered(
            lambda reply: self.env.user in reply.sudo().channel_id.agency_user_ids and reply.sudo().mention_id._shown()
        )

    def _quoted(self):
        # that it was answered they are told, not in which words
        return super()._quoted() if self._shown() else "…"

    @api.model_create_multi
    def create(self, vals_list):
        replies = super().create(vals_list)
        replies._ensure_may_answer()
        return replies

    def write(self, vals):
        ours = not self.env.su and not {"text", "title", "way", "channel_id", "mention_id"}.isdisjoint(vals)
        if ours:
            self._ensure_may_answer()
        result = super().write(vals)
        if "channel_id" in vals:
            self._ensure_may_answer()
        return result

    def action_queue(self):
        """Send these messages.

        :raises AccessError: one of them would go out as an account that is not theirs to answer as
        """
        self._ensure_may_answer()
        return super().action_queue()

    @api.model
    def _get_view(self, view_id=None, view_type="form", **options):
        if self._is_agency():
            if view_type not in ("list", "form", "search"):
                self._refuse_agency()
            view_id = self.env.ref(f"community_manager.reply_view_{view_type}_agency").id
        return super()._get_view(view_id, view_type, **options)
