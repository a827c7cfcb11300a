import base64
import binascii

from odoo import SUPERUSER_ID, models
from odoo.exceptions import AccessError, UserError

from .community_reply_media import LONGEST_ALT

#: characters of a draft that are kept
LONGEST_DRAFT = 100_000
#: a draft is nobody's news
QUIET = {"mail_create_nolog": True, "mail_create_nosubscribe": True, "mail_notrack": True}


class CommunityMention(models.Model):
    """What somebody has begun to answer: kept while it is typed, for them alone."""

    _inherit = "community.mention"

    def _own_draft(self):
        """Return the newest draft of this user in answer to this mention, or an empty record."""
        return self.env["community.reply"].search(
            [("mention_id", "=", self.id), ("user_id", "=", self.env.uid), ("state", "=", "draft")],
            order="id desc",
            limit=1,
        )

    def _begun_draft(self):
        """Return this user's draft, else the newest that a rule has prepared, or an empty record."""
        prepared = [("mention_id", "=", self.id), ("user_id", "=", SUPERUSER_ID), ("state", "=", "draft")]
        return self._own_draft() or self.env["community.reply"].search(prepared, order="id desc", limit=1)

    def save_draft(self, text, way="reply", channel_id=False):
        """Keep what is typed, so that it is there after a reload and on another machine; it is never sent by itself.

        Nothing typed and no file: there is no draft any more.

        :param str text: as typed so far
        :param str way: "reply" or "message"
        :param int channel_id: of the account that would send it
        :returns: id of the draft, or False
        """
        self.ensure_one()
        self.check_access("write")
        draft = self._begun_draft()
        if not (text or "").strip() and not draft.attachment_ids:
            draft.unlink()
            return False
        return self._keep_draft(draft, text, way, channel_id).id

    def _keep_draft(self, draft, text, way, channel_id):
        """Write a draft, or begin it."""
        channel = self.env["community.channel"].browse(channel_id or ()) or self._reply_channel()
        values = {
            "text": (text or "")[:LONGEST_DRAFT],
            "way": way if way in ("reply", "message") else "reply",
            "channel_id": channel.id,
        }
        if draft:
            changed = {
                name: value
                for name, value in values.items()
                if draft._fields[name].convert_to_write(draft[name], draft) != value
            }
            if changed:
                draft.write(changed)
            if draft.user_id != self.env.user:
                draft.sudo().user_id = self.env.user  # a rule prepared it, and whoever goes on with it has written it
            return draft
        values |= {"mention_id": self.id, "company_id": self.company_id.id}
        replies = self.env["community.reply"]
        return replies.with_context(**QUIET).create(values).with_env(self.env)

    def add_reply_file(self, name, data, text="", way="reply", channel_id=False):
        """Add a picture or file to the draft, which is begun if there is none.

        :param str name: of the file
        :param str data: what is in it, in base 64
        :returns: what the reply box shows of the draft
        :raises UserError: the network does not take it
        """
        self.ensure_one()
        self.check_access("write")
        try:
            content = base64.b64decode(data or "", validate=True)
        except (binascii.Error, ValueError):
            raise UserError(self.env._("The file did not arrive whole. Add it again.")) from None
        draft = self._keep_draft(self._begun_draft(), text, way, channel_id)
        name = " ".join(str(name or "").replace("/", " ").replace("\\", " ").split())[:120] or "file"
        draft._attach(name, content)
        return draft._draft_entry()

    def describe_reply_file(self, attachment_id, alt):
        """Say in words what a picture of the draft shows, for those who cannot see it."""
        self._draft_file(attachment_id).description = " ".join((alt or "").split())[:LONGEST_ALT]
        return True

    def remove_reply_file(self, attachment_id):
        """Take a file out of the draft; a draft without text and files is no draft any more.

        :returns: what the reply box shows of the draft, or False
        """
        self._draft_file(attachment_id).unlink()
        draft = self._own_draft()
        if not draft.attachment_ids and not (draft.text or "").strip():
            draft.unlink()
            return False
        return draft._draft_entry()

    def _draft_file(self, attachment_id):
        """
        :raises AccessError: it is no file of the user's own draft
        """
        self.ensure_one()
        self.check_access("write")
        found = self._own_draft().attachment_ids.filtered(lambda one: one.id == attachment_id)
        if not found:
            raise AccessError(self.env._("This file does not belong to your draft."))
        return found
