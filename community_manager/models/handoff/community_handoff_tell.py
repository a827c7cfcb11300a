from odoo import fields, models
from odoo.exceptions import AccessError, UserError
from odoo.fields import Command

from ..response.community_mention import PENDING


class CommunityHandoff(models.Model):
    """The end of a hand-off: whoever wrote is told, or introduced to who can help."""

    _inherit = "community.handoff"

    introduction_id = fields.Many2one(
        "community.reply",
        readonly=True,
        copy=False,
        groups="community_manager.group_agent",
    )
    introduced_to = fields.Char(readonly=True, copy=False, string="Introduced to")
    untold_count = fields.Integer(
        compute="_compute_untold_count",
        compute_sudo=True,
        string="Still to be told",
        help="Mentions without an answer.",
    )

    def _compute_untold_count(self):
        for handoff in self:
            handoff.untold_count = len(handoff._untold()) if handoff.state == "outcome" else 0

    def _untold(self):
        """Return the mentions that still wait for the outcome; what was deleted waits for nothing."""
        self.ensure_one()
        waiting = self.sudo().mention_ids - self.sudo().told_mention_ids
        return waiting.filtered(lambda mention: not mention.deleted_at)

    def _ask_to_tell(self):
        """There is an outcome: ask whoever handed this over to tell the author."""
        for handoff in self:
            # back into the inbox in any case: with nobody to ask, whoever works through it sees it there
            handoff.mention_ids.filtered(lambda mention: mention.state in ("done", "waiting")).write({"state": "open"})
            user = handoff.user_id.filtered("active") or handoff.mention_ids.user_id.filtered("active")[:1]
            if not user:
                continue
            sentence = handoff.with_context(lang=user.lang).env._("Tell the author: %s", handoff.name)
            handoff.with_context(mail_activity_quick_update=True).activity_schedule(
                "community_manager.activity_tell", summary=sentence, user_id=user.id
            )
            handoff._notify_people(user - self.env.user, lambda env, text=sentence: text)

    def action_tell(self):
        """Put the answer for the author into drafts, one for each mention that waits, and open them.

        :raises UserError: nobody can be told, with what to do instead
        """
        self.ensure_one()
        if not self.env.user.has_group("community_manager.group_agent"):
            raise AccessError(self.env._("Only community agents answer authors."))
        if self.state != "outcome":
            raise UserError(self.env._("There is nothing to tell yet, or it was told already."))
        text = (self.answer or "").strip()
        if not text:
            raise UserError(self.env._("Write the answer for the author first."))
        drafts, reasons = self.env["community.reply"], []
        for mention in self._untold().with_env(self.env):
            draft = self._draft_for(mention, text)
            drafts |= draft
            if not draft:
                reasons.append(mention._no_answer_reason())
        if not drafts:
            reason = reasons[0] if reasons else self.env._("Everybody was told, or deleted what they said.")
            raise UserError(self.env._("%s Close the hand-off if nobody can be told.", reason))
        self.sudo().reply_id = drafts[:1]
        if len(drafts) == 1 and drafts.mention_id:
            return {
                "type": "ir.actions.act_window",
                "res_model": "community.reply",
                "res_id": drafts.id,
                "views": [(False, "form")],
                "name": self.env._("Tell the author"),
            }
        action = self.env["ir.actions.act_window"]._for_xml_id("community_manager.action_outbox")
        return {**action, "domain": [("id", "in", drafts.ids)], "context": {}}

    def _draft_for(self, mention, text):
        """Return a draft with the answer for one mention: the one begun before, or a new one; none when impossible."""
        replies = self.env["community.reply"]
        begun = replies.search(
            [("mention_id", "=", mention.id), ("state", "in", ("draft", *PENDING))],
            order="id desc",
        ).filtered(lambda reply: reply.text.strip() == text or reply == self.sudo().reply_id)[:1]
        if begun:
            return begun
        options = mention.get_reply_options()
        if not options["ways"]:
            return replies
        return replies.create(
            {
                "mention_id": mention.id,
                "company_id": mention.company_id.id,
                "channel_id": options["channel_id"],
                "way": options["ways"][0]["way"],
                "text": text,
            }
        )

    def _note_told(self, mentions):
        """Our answer to some mentions has arrived: whoever waited for the outcome in them knows it now."""
        for handoff in self.sudo():
            told = handoff.mention_ids & mentions
            handoff.write({"told_mention_ids": [Command.link(number) for number in told.ids]})
            if not handoff._untold():
                handoff.write({"state": "told", "told_at": fields.Datetime.now()})
                handoff.activity_feedback(["community_manager.activity_tell"])

    # -- introductions ----------------------------------------------------------------------------------------------

    def action_introduce(self):
        """Open the dialog that introduces whoever wrote to a person or desk.

        :raises UserError: there is nobody to introduce
        """
        self.ensure_one()
        mention = self.mention_ids[-1:]
        if not mention:
            raise UserError(self.env._("There is nothing to answer."))
        # the name of the department stands in the message, so in the language of whoever reads it
        spoken = mention._in_language().env.lang
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Introduce"),
            "res_model": "community.introduction",
            "views": [(False, "form")],
            "target": "new",
            "context": {
                "default_handoff_id": self.id,
                "default_mention_id": mention.id,
                "default_user_id": self._responsible().id,
                "default_desk": self.department_id.with_context(lang=spoken).name,
                "default_url": self.department_id.booking_url,
            },
        }
