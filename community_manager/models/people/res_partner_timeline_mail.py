from odoo import models

#: messages between a person and us, and notes of colleagues, that are worth a line
WORDS = ("email", "email_outgoing", "comment")


class ResPartner(models.Model):
    """What was sent to a person, by mailing, SMS and e-mail, and what colleagues did, in the timeline."""

    _inherit = "res.partner"

    def _community_timeline_kinds(self):
        timeline = self.env["community.timeline"]
        traces, messages = self.env["mailing.trace"], self.env["mail.message"]
        mine = [("model", "=", "res.partner"), ("res_id", "=", self.id)]
        activities = self.env["mail.activity"].with_context(active_test=False)
        done = [("res_model", "=", "res.partner"), ("res_id", "=", self.id), ("active", "=", False)]
        return [
            *super()._community_timeline_kinds(),
            timeline._timeline_kind(
                "mailing",
                self.env._("Mailings"),
                "fa-envelope-o",
                (traces, self._timeline_traces("mail"), "sent_datetime", self._timeline_mailing),
            ),
            timeline._timeline_kind(
                "sms",
                self.env._("SMS"),
                "fa-mobile",
                (traces, self._timeline_traces("sms"), "sent_datetime", self._timeline_mailing),
                (messages, [*mine, ("message_type", "=", "sms")], "date", self._timeline_sms),
            ),
            timeline._timeline_kind(
                "note",
                self.env._("E-mails and notes"),
                "fa-sticky-note-o",
                (messages, [*mine, ("message_type", "in", WORDS)], "date", self._timeline_note),
            ),
            timeline._timeline_kind(
                "activity",
                self.env._("Activities"),
                "fa-check",
                (activities, done, "date_done", self._timeline_activity),
            ),
        ]

    def _timeline_traces(self, kind):
        """Return the domain of the mailings that a person got, as a contact or by their address on a list."""
        theirs = ["&", ("model", "=", "res.partner"), ("res_id", "=", self.id)]
        if kind == "mail" and self.email_normalized:
            theirs = ["|", ("email", "=", self.email_normalized), *theirs]
        return [("trace_type", "=", kind), *theirs]

    def _timeline_mailing(self, trace):
        states = dict(trace._fields["trace_status"]._description_selection(self.env))
        # sudo: what a mailing was called, for those who may read that it was sent
        mailing = trace.sudo().mass_mailing_id
        sms = trace.trace_type == "sms"
        title = mailing.subject or (self.env._("SMS") if sms else self.env._("Mailing"))
        tone = "bad" if trace.trace_status in ("bounce", "error") else ""
        text = states.get(trace.trace_status, "")
        record = mailing.sudo(False) if mailing.sudo(False).has_access("read") else None
        code = "sms" if sms else "mailing"
        return self._community_timeline_entry(code, trace.sent_datetime, title, text=text, record=record, tone=tone)

    def _timeline_sms(self, message):
        text = self.env["community.timeline"]._timeline_html(message.body)
        title = self.env._("SMS from %s", message.author_id.sudo().name or self.env._("us"))
        return self._community_timeline_entry("sms", message.date, title, text=text, record=self)

    def _timeline_note(self, message):
        # sudo: the name of whoever wrote
        name = message.author_id.sudo().name or message.email_from or ""
        if message.is_internal:
            title = self.env._("Note by %s", name)
        else:
            title = self.env._("Message from %s", name)
        text = message.subject or ""
        body = self.env["community.timeline"]._timeline_html(message.body)
        text = ": ".join(part for part in (text, body) if part)
        return self._community_timeline_entry("note", message.date, title, text=text, record=self)

    def _timeline_activity(self, activity):
        # sudo: the name of whoever did it
        name = activity.user_id.sudo().name or ""
        title = activity.summary or activity.activity_type_id.name or self.env._("Activity")
        moment = self.env["community.timeline"]._timeline_moment(activity.date_done)
        text = " ".join(filter(None, [name, activity.feedback]))
        return self._community_timeline_entry("activity", moment, title, text=text, record=self)
