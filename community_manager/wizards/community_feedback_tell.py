from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools.misc import get_lang

from ..models.answers.placeholders import unknown
from ..models.feedback.people import Voters

#: what may stand in the text
PLACEHOLDERS = frozenset(("first_name",))


class CommunityFeedbackTell(models.TransientModel):
    """The dialog that tells everybody who asked what was decided: one message for each person, in one language."""

    _name = "community.feedback.tell"
    _description = "Telling People a Decision"

    feedback_id = fields.Many2one("community.feedback", required=True, readonly=True, ondelete="cascade")
    decision = fields.Selection(related="feedback_id.decision")
    language = fields.Char(help="Of those who are told now; the others are told next.")
    language_words = fields.Char(compute="_compute_language_words", string="Languages")
    way = fields.Selection(
        [("reply", "Where they wrote"), ("message", "Private message")],
        default="reply",
        required=True,
        help="Where a network lets us do only one of both, that is done.",
    )
    text = fields.Text(help="{{ first_name }} stands for the first name, where it is known.")
    line_ids = fields.One2many("community.feedback.tell.line", "dialog_id", string="People")
    tellable_count = fields.Integer(compute="_compute_counts", string="Are told")
    barred_count = fields.Integer(compute="_compute_counts", string="Cannot be told")

    @api.depends("line_ids.tell", "line_ids.reason")
    def _compute_counts(self):
        for dialog in self:
            dialog.tellable_count = len(dialog.line_ids.filtered(lambda line: line.tell and not line.reason))
            dialog.barred_count = len(dialog.line_ids.filtered("reason"))

    @api.depends("feedback_id")
    def _compute_language_words(self):
        for dialog in self:
            counts = {}
            for mentions in dialog._waiting().values():
                if code := _language_of(mentions):
                    counts[code] = counts.get(code, 0) + 1
            words = [f"{code}: {count}" for code, count in sorted(counts.items(), key=lambda one: -one[1])]
            dialog.language_words = ", ".join(words) if len(words) > 1 else False

    @api.model_create_multi
    def create(self, vals_list):
        dialogs = super().create(vals_list)
        for dialog in dialogs:
            dialog._fill()
        return dialogs

    def _waiting(self):
        """Return ``{person: their mentions, the newest first}`` of those who do not know what was decided."""
        self.ensure_one()
        feedback = self.feedback_id
        voters = Voters(feedback.mention_ids.filtered(lambda mention: not mention.outgoing))
        told = voters.people_of(feedback._told())
        return {person: mentions for person, mentions in voters.people.items() if person not in told}

    def _fill(self):
        """Choose the language in which most wait, a text in it, and list the people."""
        self.ensure_one()
        waiting = self._waiting()
        languages = [code for code in map(_language_of, waiting.values()) if code]
        language = max(sorted(set(languages)), key=languages.count, default="")
        lines = []
        for mentions in waiting.values():
            if _language_of(mentions) in (language, ""):  # whose language nobody knows is told with the most
                mention, way, reason = self._best_of(mentions)
                lines.append(fields.Command.create({"mention_id": mention.id, "way": way, "reason": reason}))
        self.write(
            {"language": language, "text": self._default_text(language), "line_ids": [fields.Command.clear(), *lines]}
        )

    @api.onchange("way")
    def _onchange_way(self):
        waiting = {mentions.ids[0]: mentions for mentions in self._waiting().values()}
        by_mention = {mention: mentions for mentions in waiting.values() for mention in mentions}
        for line in self.line_ids:
            mentions = by_mention.get(line.mention_id._origin)
            if mentions:
                line.mention_id, line.way, line.reason = self._best_of(mentions)

    def _best_of(self, mentions):
        """Return which mention of a person is answered, in which way, and why it cannot be, if so.

        :param mentions: of one person, the newest first
        """
        first = None
        for mention in mentions:
            options = [option["way"] for option in mention.get_reply_options()["ways"]]
            way = self.way if self.way in options else next(iter(options), False)
            if way:
                return mention, way, False
            first = first or (mention, False, mention._no_answer_reason())
        return first

    def _default_text(self, language):
        """Return what one could say, in the language of those who are told as far as it is installed."""
        installed = {code[:2]: code for code, _name in self.env["res.lang"].get_installed()}
        env = self.with_context(lang=installed.get(language) or self.env.lang or get_lang(self.env).code).env
        return {
            "planned": env._(
                "Hello {{ first_name }}, you asked us for this: we are going to do it. We tell you when it is there."
            ),
            "done": env._("Hello {{ first_name }}, you asked us for this: it is there now. Thank you for telling us!"),
            "declined": env._(
                "Hello {{ first_name }}, we have looked at what you asked us for and will not do it for now. Thank "
                "you for taking the time to tell us."
            ),
        }.get(self.decision, "")

    # -- buttons ------------------------------------------------------------------------------------------------------

    def action_send(self):
        """Put one message for each person into the outbox, to be sent at once."""
        return self._tell(queue=True)

    def action_draft(self):
        """Write one draft for each person, to be looked at in the outbox."""
        return self._tell(queue=False)

    def action_leave_out(self):
        """Leave those out who cannot be told, so that nobody is asked about them again."""
        self.ensure_one()
        feedback = self.feedback_id
        feedback.check_access("write")
        barred = self.line_ids.filtered("reason")
        for line in barred:
            line._note({"left_out": line.reason})
        barred.unlink()
        if not feedback.untold_count:
            feedback.activity_feedback(["community_manager.activity_feedback"])
            return {"type": "ir.actions.act_window_close"}
        return self._open()

    def _tell(self, queue):
        self.ensure_one()
        feedback = self.feedback_id
        feedback.check_access("write")
        if not (self.text or "").strip():
            raise UserError(self.env._("There is nothing to say yet."))
        if names := unknown(self.text, PLACEHOLDERS):
            raise UserError(self.env._("“%s” stands for nothing here: {{ first_name }} does.", names[0]))
        people = {mention: person for person, mentions in self._waiting().items() for mention in mentions}
        replies, failed = self.env["community.reply"], []
        for line in self.line_ids.filtered("tell"):
            person = people.get(line.mention_id)
            if line.reason or not person:
                continue  # cannot be answered, or was told meanwhile
            try:
                with self.env.cr.savepoint():
                    replies |= line._say(self.text, queue)
            except UserError as error:
                failed.append((line, str(error)))
        for line, reason in failed:
            line.reason = reason
        if replies and not feedback.untold_count:
            feedback.activity_feedback(["community_manager.activity_feedback"])
        if replies:
            said = self.env._("%s messages to those who asked are on their way.", len(replies))
            if not queue:
                said = self.env._("%s drafts for those who asked wait in the outbox.", len(replies))
            feedback.message_post(body=said)
        if failed:
            return self._open()
        if (
            feedback.untold_count
            and self._waiting()
            and any(_language_of(mentions) not in (self.language, "") for mentions in self._waiting().values())
        ):
            return feedback.action_tell()  # those of another language are next
        if not replies:
            raise UserError(self.env._("There is nobody to tell."))
        return {"type": "ir.actions.act_window_close"} if queue else feedback.action_open_replies()

    def _open(self):
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Tell those who asked"),
            "res_model": self._name,
            "res_id": self.id,
            "views": [(False, "form")],
            "target": "new",
        }


def _language_of(mentions):
    """Return the language somebody wrote in last, two letters; "" when nobody knows."""
    return next((mention.language[:2] for mention in mentions if mention.language), "")
