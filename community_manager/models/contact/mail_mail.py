from odoo import fields, models
from odoo.tools import email_normalize, html2plaintext
from odoo.tools.mail import append_content_to_html

from .held import FAILURES, GONE, PREFIX

#: context key: dict into which each sent e-mail writes its failure, or False
SENT = "community_sent"
#: e-mails about these are the system's own, and no touch
SYSTEM = ("res.users", "digest.digest", "discuss.channel", "mail.activity", "community.consent")


class MailMail(models.Model):
    """E-mails keep to the contact policy at the moment of sending, and are noted as touches."""

    _inherit = "mail.mail"

    failure_type = fields.Selection(selection_add=FAILURES, ondelete=GONE)
    community_purpose_id = fields.Many2one(
        "community.purpose",
        string="Contact purpose",
        ondelete="set null",
        help="Empty: belongs to what the person does with us, and is never held back.",
    )
    # a number: the reservation is committed by another connection, before this e-mail is
    community_touch = fields.Integer("Reservation", copy=False)

    def _community_purpose_code(self):
        """Return the code of what an e-mail is for, or "" where it is not held to the policy."""
        self.ensure_one()
        purpose = self.community_purpose_id or (self.mailing_id and self.mailing_id._community_purpose())
        if not purpose:
            return ""
        known = self.env["community.purpose"]._by_code()
        return next((code for code, values in known.items() if values["id"] == purpose.id), "")

    def _send(self, *args, **kwargs):
        if self.env.context.get("mailing_test_mail") or self.env["ir.mail_server"]._disable_send():
            return super()._send(*args, **kwargs)
        waiting = self.filtered(lambda mail: mail.state == "outgoing")
        allowed = waiting._community_allowed()
        facts = allowed._community_facts_of_mails()
        sent = {}
        result = super(MailMail, (self - waiting + allowed).with_context(**{SENT: sent}))._send(*args, **kwargs)
        self.env["community.touch"].sudo()._release(
            [facts[mail_id]["touch"] for mail_id, failure in sent.items() if failure and mail_id in facts]
        )
        self._community_note_sent([facts[one] for one, failure in sent.items() if not failure and one in facts])
        return result

    def _postprocess_sent_message(self, success_pids, success_emails, failure_reason=False, failure_type=None):
        sent = self.env.context.get(SENT)
        if sent is not None:  # what is sent may be deleted right here
            sent.update(dict.fromkeys(self.ids, failure_type or False))
        elif failure_type:  # the mail server was not reached at all
            self.env["community.touch"].sudo()._release(self.mapped("community_touch"))
        return super()._postprocess_sent_message(
            success_pids, success_emails, failure_reason=failure_reason, failure_type=failure_type
        )

    def _prepare_outgoing_list(self, *args, **kwargs):
        """Add the way out to e-mails with a purpose; those of mailings have Odoo's own, of the same effect."""
        email_list = super()._prepare_outgoing_list(*args, **kwargs)
        code = "" if self.mailing_id or self.env.context.get("mailing_test_mail") else self._community_purpose_code()
        if not code or self.community_purpose_id.always:
            return email_list
        company = self.record_company_id or self.env.company
        for email_values in email_list:
            partner = email_values.get("partner_id")
            if not partner:
                continue
            email_values["headers"] = {
                **email_values["headers"],
                "List-Unsubscribe": f"<{partner._community_choose_url(company, stop=code)}>",
                "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
                "Precedence": "list",
                "X-Auto-Response-Suppress": "OOF",
            }
            footer = self.env["ir.qweb"]._render(
                "community_manager.consent_footer",
                {"url": partner._community_choose_url(company)},
                lang=partner.lang,
                minimal_qcontext=True,
            )
            email_values["body"] = append_content_to_html(email_values["body"], footer, plaintext=False)
            email_values["body_alternative"] = html2plaintext(email_values["body"])
        return email_list

    def _community_allowed(self):
        """Return those of these e-mails that may go now; the others are cancelled with the reason, or wait.

        What was reserved when the e-mail was made is used.  What comes without a reservation, or too late for it, is
        asked for now.
        """
        touches = self.env["community.touch"].sudo()
        held_to = {mail.id: mail._community_purpose_code() for mail in self}
        held_to = {mail_id: code for mail_id, code in held_to.items() if code}
        if not held_to:
            return self
        asked = self.filtered(lambda mail: mail.id in held_to)
        used = touches._use(asked.mapped("community_touch"))
        missing = asked.filtered(lambda mail: mail.community_touch not in used)
        persons = missing._community_persons()
        missing = missing.filtered(lambda mail: mail.id in persons)
        if not missing:
            return self
        requests = [
            {
                "partner_id": persons[mail.id],
                "company_id": mail.record_company_id.id or self.env.company.id,
                "medium": "email",
                "purpose": held_to[mail.id],
                "source": ("mailing.mailing", mail.mailing_id.id) if mail.mailing_id else (mail.model, mail.res_id),
                "text": mail.subject,
            }
            for mail in missing
        ]
        decisions, known = touches._weigh(requests)
        touches._reserve_decided(requests, decisions, known, leave_out=("quiet",))
        touches._use([decision["touch_id"] for decision in decisions])
        stopped = self.browse()
        for mail, decision in zip(missing, decisions, strict=True):
            if decision["allowed"]:
                mail.community_touch = decision["touch_id"]
                continue
            stopped += mail
            if decision["code"] == "quiet":
                mail.scheduled_date = decision["until"]
            else:
                mail._community_cancel(PREFIX + decision["code"], decision["reason"])
        return self - stopped

    def _community_cancel(self, failure, reason):
        """Cancel an e-mail that is held back, with the traces and notifications that stand for it."""
        self.write({"state": "cancel", "failure_type": failure, "failure_reason": reason})
        traces = self.mailing_trace_ids
        if traces:
            traces.set_canceled()
            traces.write({"failure_type": failure, "failure_reason": reason})
        # sudo: notifications are those of whoever reads them
        notifications = self.env["mail.notification"].sudo().search([("mail_mail_id", "in", self.ids)])
        notifications.write({"notification_status": "canceled", "failure_type": failure, "failure_reason": reason})

    def _community_persons(self):
        """Return ``{e-mail id: contact id}`` of whom e-mails are for, where they are contacts of ours."""
        persons, addresses = {}, {}
        for mail in self:
            if mail.recipient_ids:
                persons[mail.id] = mail.recipient_ids[0].id
            elif mail.model == "res.partner" and mail.mailing_id:
                persons[mail.id] = mail.res_id
            elif address := email_normalize(mail.email_to, strict=False):
                addresses[mail.id] = address
        if addresses:
            found = self.env["res.partner"]._community_by_email(set(addresses.values()))
            persons |= {mail_id: found[address] for mail_id, address in addresses.items() if address in found}
        return persons

    def _community_facts_of_mails(self):
        """Return ``{e-mail id: what a touch of it says}``; e-mails may be deleted once they are sent."""
        return {
            mail.id: {
                "mail": mail.id,
                "touch": mail.community_touch,
                "model": mail.model,
                "company": mail.record_company_id.id or self.env.company.id,
                "persons": [] if mail.community_touch else mail.recipient_ids.ids,
                "text": mail.subject,
                "own": mail.message_type == "comment",
                "user": mail.author_id.user_ids[:1].id if mail.message_type == "comment" else False,
            }
            for mail in self
        }

    def _community_note_sent(self, facts):
        """Note the touches of e-mails that belong to what people do with us."""
        noted = [fact for fact in facts if not fact["touch"] and fact["persons"] and fact["model"] not in SYSTEM]
        people = {partner_id for fact in noted for partner_id in fact["persons"]}
        if not people:
            return
        # sudo: whoever sends; colleagues are no people that we contact
        partners = self.env["res.partner"].sudo().browse(people).exists()
        customers = set(partners.filtered("partner_share").ids)
        self.env["community.touch"].sudo()._note(
            [
                {
                    "partner_id": partner_id,
                    "company_id": fact["company"],
                    "medium": "email",
                    "source": ("mail.mail", fact["mail"]),
                    "text": fact["text"],
                    "own_question": fact["own"],
                    "user_id": fact["user"],
                }
                for fact in noted
                for partner_id in fact["persons"]
                if partner_id in customers
            ]
        )
