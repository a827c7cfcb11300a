from odoo import fields, models

from ..models.answers.placeholders import fill, first_name


class CommunityFeedbackTellLine(models.TransientModel):
    """One person in the dialog that tells a decision."""

    _name = "community.feedback.tell.line"
    _description = "Person to Tell"

    dialog_id = fields.Many2one("community.feedback.tell", required=True, ondelete="cascade")
    tell = fields.Boolean(default=True)
    mention_id = fields.Many2one("community.mention", required=True, readonly=True, ondelete="cascade")
    author_id = fields.Many2one(related="mention_id.author_id", string="Person")
    network = fields.Selection(related="mention_id.network")
    icon_url = fields.Char(related="mention_id.icon_url")
    summary = fields.Char(related="mention_id.summary", string="What they said")
    way = fields.Selection([("reply", "Reply"), ("message", "Private message")], readonly=True)
    reason = fields.Char(readonly=True, string="Cannot be told")

    def _say(self, text, queue):
        """Make the message for this person; return it.

        :param str text: with placeholders
        :param bool queue: send it, else leave it as a draft
        """
        self.ensure_one()
        mention, author = self.mention_id, self.mention_id.author_id
        name = first_name(author.partner_id.name or "") or first_name(author.name or "")
        reply = self.env["community.reply"].create(
            {
                "mention_id": mention.id,
                "company_id": mention.company_id.id,
                "channel_id": mention._reply_channel().id,
                "way": self.way,
                "text": fill(text, {"first_name": name}),
            }
        )
        self._note({"reply_id": reply.id, "left_out": False})
        if queue:
            reply.action_queue()
        return reply

    def _note(self, values):
        """Write down that this person is told, or left out.

        Only once for a person and a decision, which the database sees to: two dialogs at once tell nobody twice.
        """
        self.ensure_one()
        feedback, mention = self.dialog_id.feedback_id, self.mention_id
        author = mention.author_id
        answers = self.env["community.feedback.answer"].sudo()  # agents tell people; that they did stays
        whom = ("author_id", "=", author.id) if author else ("mention_id", "=", mention.id)
        known = answers.search([("feedback_id", "=", feedback.id), ("decision", "=", feedback.decision), whom])
        values = {**values, "mention_id": mention.id, "partner_id": author.partner_id.id}
        if known:
            known.write(values)
        else:
            answers.create(
                {**values, "feedback_id": feedback.id, "decision": feedback.decision, "author_id": author.id}
            )
