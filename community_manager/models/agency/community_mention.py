from odoo import api, models
from odoo.exceptions import AccessError

from ..listening.community_mention_screen import CONVERSATION_LENGTH
from .community_agency import GROUP

#: what agencies see of each mention in a conversation
ENTRY = frozenset(
    (
        "id current depth author handle outgoing title body url published_at edited_at deleted visibility"
        " visibility_label rating likes shares attachments"
    ).split()
)
#: warnings before an answer is sent that tell nothing of the company, by their code
WARNINGS = frozenset(("private_data",))
#: views that agencies get, whatever view is asked for
VIEWS = {
    "form": "community_manager.mention_view_form_agency",
    "list": "community_manager.mention_view_list_agency",
    "search": "community_manager.mention_view_search_agency",
}


class CommunityMention(models.Model):
    """What agencies see of mentions, and who may answer them as which account."""

    _name = "community.mention"
    _inherit = ["community.mention", "community.agency"]

    def _reply_channels(self):
        # asked as superuser too: who is there does not change by that
        return super()._reply_channels().filtered(lambda channel: channel._may_answer(self.env.user))

    def _reply_channel(self):
        channel = super()._reply_channel()
        if channel and not channel._may_answer(self.env.user):
            return self._reply_channels()[:1]
        return channel

    def _no_answer_reason(self):
        own = self.channel_id
        refusal = own and own.active and not self.deleted_at and own._refusal(self.env.user)
        return refusal or super()._no_answer_reason()

    def get_conversation(self):
        """Return what the conversation around this mention shows; agencies see what came through their channels.

        :rtype: dict
        """
        if not self._is_agency():
            return super().get_conversation()
        self.ensure_one()
        self.check_access("read")
        mentions = self
        conversation = self.sudo().conversation_id
        if conversation:
            ids = self.sudo().search([("conversation_id", "=", conversation.id)]).ids
            mentions = self.search([("id", "in", ids)], limit=CONVERSATION_LENGTH) | self
        mentions = mentions.sorted(lambda mention: (mention.published_at, mention.id)).sudo()
        depths = mentions._reply_depths()
        entries = []
        for mention in mentions:
            entry = mention._conversation_entry(depths[mention.id], mention.id == self.id)
            kept = {name: value for name, value in entry.items() if name in ENTRY}
            entries.append({**kept, "author_id": False, "versions": []})
        return {"total": len(entries), "conversation_id": conversation.id, "mentions": entries}

    def get_suggestions(self, query="", way="reply", channel_id=False):
        """Return texts that could answer this mention; agencies have none of the company's."""
        if self._is_agency():
            self.check_access("read")
            return []
        return super().get_suggestions(query, way, channel_id)

    # -- what calls that run as superuser tell them -------------------------------------------------------------------

    def _shown(self):
        """Return those of these mentions whose words the current user may be told."""
        if not self.env.user.has_group(GROUP):
            return self
        return self.filtered(lambda mention: self.env.user in mention.sudo().channel_id.agency_user_ids)

    @api.readonly
    def get_reply_options(self):
        """Return what the reply box needs; agencies see no answers from other accounts among them."""
        options = super().get_reply_options()
        replies = self.env["community.reply"].browse([entry["id"] for entry in options["replies"]])
        shown = set(replies._shown().ids)
        return {**options, "replies": [entry for entry in options["replies"] if entry["id"] in shown]}

    def _since(self, options, outgoing):
        return super()._since(options, outgoing)._shown()

    def _reply_warnings(self, text, way, channel):
        warnings = super()._reply_warnings(text, way, channel)
        if self.env.user.has_group(GROUP):
            # positions of the company and its crises are for colleagues
            return [entry for entry in warnings if entry["code"] in WARNINGS]
        return warnings

    def _approval_before(self, text, way, channel):
        reasons = super()._approval_before(text, way, channel)
        # why names rules and issues of the company
        return [self.env._("Waits for approval.")] if reasons and self.env.user.has_group(GROUP) else reasons

    @api.model
    def get_empty_list_help(self, help_message):
        """Say what agencies see, without the steps of those who connect channels."""
        if self._is_agency():
            return help_message
        return super().get_empty_list_help(help_message)

    @api.model
    def _get_view(self, view_id=None, view_type="form", **options):
        if self._is_agency():
            if view_type not in VIEWS:
                raise AccessError(self.env._("Agencies have a list and a form of mentions."))
            view_id = self.env.ref(VIEWS[view_type]).id
        return super()._get_view(view_id, view_type, **options)

    def _notify_get_recipients(self, message, msg_vals=False, **kwargs):
        found = super()._notify_get_recipients(message, msg_vals=msg_vals, **kwargs)
        users = self.env["res.users"].sudo().browse([entry["uid"] for entry in found if entry.get("uid")])
        outside = set(users.filtered(lambda user: user.has_group(GROUP)).ids)
        return [entry for entry in found if entry.get("uid") not in outside]
