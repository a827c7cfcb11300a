from markupsafe import Markup

from odoo import SUPERUSER_ID, models
from odoo.exceptions import UserError
from odoo.tools.mail import plaintext2html

#: mentions that a message to colleagues names; of more the number is told
MOST_NAMED = 20


class CommunityRuleAction(models.Model):
    """What is done with mentions once they are stored; one method for each kind, for all mentions of a page at once."""

    _inherit = "community.rule.action"

    def _run_handoff(self, mentions):
        self._model("community.handoff")._hand_to(
            self.department_id, mentions, reason=self.rule_id.name, rule=self.rule_id
        )

    def _run_applicant(self, mentions):
        handoffs = self._model("community.handoff")
        if handoffs._make_applicant(mentions) is not None:
            return
        # without Recruitment those who hire get them as hand-offs
        theirs = [("code", "=", "hr"), ("company_id", "=", self.company_id.id)]
        department = self.department_id or self.env["community.department"].search(theirs, limit=1)
        if not department:
            raise UserError(self.env._("There is no department with the code “hr” to hand them to."))
        handoffs._hand_to(department, mentions, reason=self.rule_id.name, rule=self.rule_id)

    def _run_partnership(self, mentions):
        self._model("community.handoff")._make_partnership(mentions)

    def _run_feedback(self, mentions):
        self._model("community.feedback")
        mentions._add_to_feedback()

    def _run_moderation(self, mentions):
        self._model("community.moderation.record")._request(mentions, self.rule_id)

    def _run_activity(self, mentions):
        if not self.user_id._community_available():
            raise UserError(self.env._("%s is not there.", self.user_id.name))
        todo = self.env.ref("mail.mail_activity_data_todo")
        self.env["mail.activity"].create(
            [
                {
                    "res_model_id": self.env["ir.model"]._get_id("community.mention"),
                    "res_id": mention.id,
                    "activity_type_id": todo.id,
                    "user_id": self.user_id.id,
                    "summary": self.rule_id.name,
                    "note": plaintext2html(self.text) if self.text else False,
                }
                for mention in mentions
            ]
        )

    def _run_channel(self, mentions):
        lines = [
            Markup("<li>%s</li>") % mention._get_html_link(self.env["community.lead"]._title(mention))
            for mention in mentions[:MOST_NAMED]
        ]
        body = Markup("<p>%s</p><ul>%s</ul>") % (
            self.env._("%(rule)s: %(count)d mentions", rule=self.rule_id.name, count=len(mentions)),
            Markup("").join(lines),
        )
        self.discuss_id.with_context(mail_create_nosubscribe=False).message_post(
            body=body, message_type="comment", subtype_xmlid="mail.mt_comment"
        )

    def _run_draft(self, mentions):
        theirs = mentions.filtered(lambda mention: not mention.outgoing and mention.channel_id)
        self.env["community.reply"].create(
            [
                {
                    "mention_id": mention.id,
                    "company_id": mention.company_id.id,
                    # whoever had the rule applied has not written it: it is for everybody who answers
                    "user_id": SUPERUSER_ID,
                    # plain replacement: what a person calls themselves is never read as a format
                    "text": self.text.replace("{name}", mention.author_id.display_name or ""),
                }
                for mention in theirs
            ]
        )

    def _model(self, name):
        """Return a model that this kind of action needs.

        :raises UserError: it is not installed
        """
        if name not in self.env:
            raise UserError(self.env._("This is not installed here."))
        return self.env[name]
