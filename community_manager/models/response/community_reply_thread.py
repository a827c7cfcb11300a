from dataclasses import replace
from datetime import UTC

from odoo import fields, models
from odoo.exceptions import UserError

from ...connectors import network as network_class
from ...connectors.parts import MOST_PARTS, Unsplittable, split
from ..platform.sentences import said
from .community_reply import ON_ITS_WAY

#: states in which a part that waits for an earlier one can still be stopped
STOPPABLE = ("queued", "approval")


class CommunityReply(models.Model):
    """A long text that goes out in parts, each in answer to the one before."""

    _inherit = "community.reply"

    previous_id = fields.Many2one(
        "community.reply", string="After", index="btree_not_null", readonly=True, copy=False, ondelete="set null"
    )
    next_ids = fields.One2many("community.reply", "previous_id", string="Goes on with")
    part = fields.Integer(readonly=True, copy=False)
    part_count = fields.Integer(readonly=True, copy=False, string="Parts")
    whole_text = fields.Text(readonly=True, copy=False, help="What was written, before it was cut into parts.")
    sent_identifiers = fields.Json(readonly=True, copy=False)

    def _parts(self, text, numbered=True):
        """Return the parts in which a text goes out that is too long for its network.

        :param str text: as it was written
        :param bool numbered: whether each ends with its number
        :raises UserError: the network knows no threads, or there would be too many parts
        """
        self.ensure_one()
        cls = network_class(self.channel_id.sudo().network)
        if cls is None or not cls.threads:
            raise UserError(self.env._("On this network a text is not split into a thread."))
        whole = self._outgoing()
        if sentence := cls.objection(replace(whole, text=".")):  # no part could be sent, however short
            raise UserError(said(self.env, sentence))
        try:
            return split(text, lambda piece: cls.objection(replace(whole, text=piece)) is None, numbered)
        except Unsplittable:
            raise UserError(self.env._("This is too long: it would take more than %s parts.", MOST_PARTS)) from None

    def _split(self, numbered=True):
        """Cut this draft into parts that go out one after the other; return all of them, this one first."""
        self.ensure_one()
        texts = self._parts(self.text, numbered)
        if len(texts) == 1:
            return self
        parts = self
        self.sudo().write(
            {"whole_text": self.text, "text": texts[0], "part": 1, "part_count": len(texts), "previous_id": False}
        )
        for number, text in enumerate(texts[1:], 2):
            part = self.create(
                {
                    "mention_id": self.mention_id.id,
                    "company_id": self.company_id.id,
                    "channel_id": self.channel_id.id,
                    "way": self.way,
                    "visibility": self.visibility,
                    "text": text,
                }
            )
            part.sudo().write(
                {"part": number, "part_count": len(texts), "previous_id": parts[-1].id, "user_id": self.user_id.id}
            )
            parts += part
        return parts

    def _following(self):
        """Return the parts that come after these, in their order."""
        found, step = self.browse(), self.sudo().next_ids
        while step:
            found |= step
            step = step.next_ids - found
        return found.with_env(self.env)

    def _ensure_previous(self):
        """
        :raises UserError: the part before this one has to go out first
        """
        if self.sudo().previous_id.state not in (*ON_ITS_WAY, "sent"):  # it may be a draft of a colleague
            raise UserError(self.env._("This goes on after another part, which was not sent. Send that one first."))

    def _stop_following(self):
        """What comes after a part that does not go out is stopped, and says so."""
        waiting = self.sudo()._following().filtered(lambda part: part.state in STOPPABLE)
        for part in waiting:
            sentence = part._for_writer().env._("The part before this one was not sent, so this one was stopped.")
            part.write({"state": "failed", "problem": sentence, "problem_detail": False, "next_try_at": False})

    def _continued(self):
        """Return what goes out again with these: parts that were stopped because of them."""
        stopped = self.sudo()._following().filtered(lambda part: part.state in ("draft", "failed"))
        return stopped.with_env(self.env)._filtered_access("write")  # drafts of colleagues stay theirs

    def _thread_target(self, target):
        """Return what a message answers on the network: of a later part, the one that went out before it.

        Who is answered stays who it was, so that networks on which only those who are named are told tell them.

        :param target: the mention, as connectors take it
        """
        previous = self.previous_id
        if self.way != "reply" or target is None or not previous or not previous.external_id:
            return target
        realm = previous.sent_realm or ""
        return replace(
            target,
            external_id=previous.external_id,
            realm=None if realm == f"channel:{self.channel_id.id}" else realm,
            kind="comment",
            url=previous.url or "",
            text=previous.text or "",
            published_at=previous.sent_at.replace(tzinfo=UTC),
            identifiers=previous.sent_identifiers or {},
        )
