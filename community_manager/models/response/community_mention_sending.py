from datetime import timedelta

from odoo import fields, models
from odoo.exceptions import UserError
from odoo.tools import SQL

from .community_reply import ON_ITS_WAY, UNDO
from .community_reply_draft import QUOTED

#: seconds in which an answer that a colleague has just sent cannot be passed over
AT_THE_SAME_TIME = 30


class CommunityMention(models.Model):
    """Sending from the reply box: what happened since it was opened is asked about first."""

    _inherit = "community.mention"

    def send_reply(self, text, way="reply", channel_id=False, options=None):
        """Button of the reply box: queue an answer.

        :param str text: plain text
        :param str way: "reply" (where it stands) or "message" (private, to its author)
        :param int channel_id: of the account to send from, else the usual one
        :param dict options: what the box knows; without it nothing is asked and nothing waits.
            ``seen``: id of the newest mention of the conversation that was shown; ``opened``: when that was (naive UTC,
            as text); ``force``: send all the same; ``split``: as a thread where it is too long; ``numbered``: with
            numbers in its parts; ``attachment_ids``: which files of the draft go along, all of them when left out
        :returns: what the box shows of it; or ``{"question": …}`` with ``code`` ("new_message" or "answered"),
            ``text``, ``can_force``, ``seen`` and ``opened`` when it was not sent
        :raises UserError: with the reason why it cannot be sent
        """
        self.ensure_one()
        channel = self.env["community.channel"].browse(channel_id or ())
        if options is None:
            return self._reply(text, way, channel)._box_entry()
        self.check_access("write")
        self._take_turn()
        if question := self._question_before(options, (text or "").strip()):
            return {"question": question}
        channel = channel or self._reply_channel()
        if not channel:
            raise UserError(self._no_answer_reason())
        if not (text or "").strip():
            raise UserError(self.env._("There is nothing to say yet."))
        reply = self._reply_of_draft(text.strip(), way, channel, options.get("attachment_ids"))
        parts = reply._split(options.get("numbered", True)) if options.get("split") else reply
        parts.with_context(**{UNDO: self.company_id.community_undo_seconds}).action_queue()
        return reply._box_entry()

    def _reply_of_draft(self, text, way, channel, attachment_ids=None):
        """Return a new message with a text and the files of the user's draft, which it replaces."""
        draft = self._begun_draft()
        files = draft.attachment_ids
        if attachment_ids is not None:
            files = files.filtered(lambda one: one.id in attachment_ids)
        # a message of its own: those of a conversation go out in the order in which they were sent, not begun
        reply = self.env["community.reply"].create(
            {
                "mention_id": self.id,
                "company_id": self.company_id.id,
                "channel_id": channel.id,
                "way": way,
                "text": text,
            }
        )
        if files:
            draft.attachment_ids -= files
            files.write({"res_id": reply.id})
            reply.attachment_ids = files
        draft.unlink()
        return reply

    def _take_turn(self):
        """Let only one answer of a conversation be sent at a time.

        Who comes second starts again, and then sees what the first one did: a lock alone would let it go on with what
        it read before.  So the row is written, though with what it holds, which the ORM would leave out.
        """
        record = self.conversation_id or self
        self.env.flush_all()
        self.env.cr.execute(SQL("UPDATE %s SET state = state WHERE id = %s", SQL.identifier(record._table), record.id))

    def _question_before(self, options, text):
        """Return what has to be asked before an answer is sent, or None.

        :param dict options: see :meth:`send_reply`
        :param str text: what is to be said
        """
        question = self._meanwhile_answered(options, text) or self._meanwhile_written(options)
        if not question or (options.get("force") and question["can_force"]):
            return None
        return {**question, **self._seen()}

    def _seen(self):
        """Return what the box knows when it shows this conversation now."""
        newest = self.search([("conversation_id", "=", self.conversation_id.id)], order="id desc", limit=1)
        return {
            "seen": max((newest if self.conversation_id else self).id, self.id),
            "opened": fields.Datetime.to_string(fields.Datetime.now()),
        }

    def _same_talk(self):
        """Return a domain of messages that answer the same person in the same conversation."""
        if not self.conversation_id:
            return [("mention_id", "=", self.id)]
        place = [("conversation_id", "=", self.conversation_id.id)]
        if self.visibility == "direct":
            return place
        return [*place, "|", ("mention_id", "=", self.id), ("author_id", "=", self.author_id.id or -1)]

    def _meanwhile_answered(self, options, text):
        """Return the question about an answer that was given since the box was opened."""
        now = fields.Datetime.now()
        opened = fields.Datetime.to_datetime(options.get("opened")) or now
        found = self.env["community.reply"].search(
            [
                *self._same_talk(),
                ("way", "!=", "publish"),
                "|",
                ("state", "in", (*ON_ITS_WAY, "approval")),
                "&",
                ("state", "=", "sent"),
                ("sent_at", ">=", opened - timedelta(seconds=1)),
            ]
        )
        latest = now - timedelta(seconds=AT_THE_SAME_TIME)
        for reply in found.filtered(lambda reply: not reply.previous_id):
            fresh = reply.state != "sent" and (reply.queued_at or now) > latest
            if reply.user_id == self.env.user:
                if reply.state != "sent" and (reply.whole_text or reply.text).strip() == text:
                    if fresh:
                        return self._answered(self.env._("You have just sent this."), can_force=False)
                    return self._answered(self.env._("You have sent this already; it is on its way."), can_force=True)
                continue
            values = {"user": reply.user_id.name or self.env._("Somebody"), "text": reply._quoted()}
            if fresh:
                sentence = self.env._("%(user)s is answering at this very moment: “%(text)s”", **values)
            elif reply.state == "approval":
                sentence = self.env._("An answer by %(user)s waits for approval: “%(text)s”", **values)
            elif reply.state == "sent":
                sentence = self.env._("%(user)s has answered meanwhile: “%(text)s”", **values)
            else:
                sentence = self.env._("An answer by %(user)s is on its way: “%(text)s”", **values)
            return self._answered(sentence, can_force=not fresh)
        return self._answered_elsewhere(options)

    def _answered(self, sentence, can_force):
        return {"code": "answered", "text": sentence, "can_force": can_force}

    def _answered_elsewhere(self, options):
        """Return the question about an answer of ours that came in from the network since the box was opened."""
        for mention in self._since(options, outgoing=True):
            beneath = mention.parent_external_id == self.external_id or self.visibility == "direct"
            from_here = self.env["community.reply"].search_count(
                [("external_id", "=", mention.external_id), ("company_id", "=", self.company_id.id)], limit=1
            )
            if beneath and not from_here:
                return self._answered(
                    self.env._("This was answered on the network meanwhile: “%s”", mention._quoted()), can_force=True
                )
        return None

    def _meanwhile_written(self, options):
        """Return the question about what people have written since the box was opened."""
        for mention in self._since(options, outgoing=False):
            if mention.deleted_at or mention.published_at < self.published_at:
                continue
            values = {"name": mention.author_id.display_name or self.env._("Somebody"), "text": mention._quoted()}
            if mention.author_id == self.author_id:
                sentence = self.env._("%(name)s has written again: “%(text)s”", **values)
            else:
                sentence = self.env._("%(name)s has written in this conversation: “%(text)s”", **values)
            return {"code": "new_message", "text": sentence, "can_force": True}
        return None

    def _since(self, options, outgoing):
        """Return what came into the conversation since the box was opened, the newest first."""
        seen = options.get("seen")
        if not seen or not self.conversation_id:
            return self.browse()
        return self.search(
            [
                ("conversation_id", "=", self.conversation_id.id),
                ("id", ">", int(seen)),
                ("id", "!=", self.id),
                ("outgoing", "=", outgoing),
            ],
            order="id desc",
            limit=20,
        )

    def _quoted(self):
        words = " ".join((self.text or self.title or "").split())
        return words[:QUOTED] + ("…" if len(words) > QUOTED else "")
