from odoo import api, fields, models
from odoo.tools import email_normalize

from .held import PREFIX

#: whoever writes to many records of these writes to people, and not about an order or an invoice
PEOPLE = ("res.partner", "mailing.contact")


class MailComposeMessage(models.TransientModel):
    """E-mails to many: each person is asked for and reserved right before the e-mails are made."""

    _inherit = "mail.compose.message"

    def _community_purpose(self):
        """Return the ``community.purpose`` of what is written, or none where it is not held to the policy.

        Mailings have one; templates may have one; what is written to many contacts at once without either is news.
        Everything else belongs to an order, an invoice, a ticket: it is never held.
        """
        self.ensure_one()
        if self.mass_mailing_id:
            return self.mass_mailing_id._community_purpose()
        if self.template_id.community_purpose_id:
            return self.template_id.community_purpose_id
        purposes = self.env["community.purpose"]
        return purposes._for_many() if self.model in PEOPLE else purposes

    def _process_mail_values_state(self, mail_values_dict):
        result = super()._process_mail_values_state(mail_values_dict)
        purpose = self._community_purpose()
        if purpose and not self.env.context.get("mailing_test_mail"):
            self._community_reserve(result, purpose)
        return result

    def _community_reserve(self, mail_values_dict, purpose):
        """Reserve the touches of a batch of e-mails; those that are held are cancelled, with the reason."""
        purposes = self.env["community.purpose"]._by_code()
        code = next((one for one, values in purposes.items() if values["id"] == purpose.id), "news")
        persons = self._community_persons(mail_values_dict)
        mailing = self.mass_mailing_id
        numbers, requests = [], []
        for record_id, values in mail_values_dict.items():
            values["community_purpose_id"] = purpose.id
            if record_id not in persons or values.get("state") in ("cancel", "exception"):
                continue
            numbers.append(record_id)
            requests.append(
                {
                    "partner_id": persons[record_id],
                    "company_id": values.get("record_company_id") or self.env.company.id,
                    "medium": "email",
                    "purpose": code,
                    "moment": self._community_moment(values.get("scheduled_date")),
                    "source": ("mailing.mailing", mailing.id) if mailing else (self.model, record_id),
                    "text": values.get("subject"),
                }
            )
        # sudo: the policy stands whoever sends
        touches = self.env["community.touch"].sudo()
        decisions, known = touches._weigh(requests)
        # whom only the hour holds is written to later, and reserved then
        touches._reserve_decided(requests, decisions, known, leave_out=("quiet",))
        for record_id, decision in zip(numbers, decisions, strict=True):
            values = mail_values_dict[record_id]
            if decision["allowed"]:
                values["community_touch"] = decision["touch_id"]
            elif decision["code"] == "quiet":
                values["scheduled_date"] = fields.Datetime.to_string(decision["until"])
            else:
                values |= {
                    "state": "cancel",
                    "failure_type": PREFIX + decision["code"],
                    "failure_reason": decision["reason"],
                    "is_notification": False,
                }

    @api.model
    def _community_moment(self, scheduled):
        """Return when an e-mail is to go (naive UTC), or None for now."""
        moment = self.env["mail.mail"]._parse_scheduled_datetime(scheduled) if scheduled else None
        moment = moment.replace(tzinfo=None) if moment else None
        return moment if moment and moment > fields.Datetime.now() else None

    def _community_persons(self, mail_values_dict):
        """Return ``{record id: contact id}`` of whom the e-mails are for, where they are contacts of ours."""
        if self.model == "res.partner":
            return {record_id: record_id for record_id in mail_values_dict}
        persons, addresses = {}, {}
        for record_id, values in mail_values_dict.items():
            recipients = [command[1] for command in values.get("recipient_ids") or () if command[1]]
            if recipients:
                persons[record_id] = recipients[0]
            elif address := email_normalize(values.get("email_to"), strict=False):
                addresses[record_id] = address
        if addresses:
            found = self.env["res.partner"]._community_by_email(set(addresses.values()))
            persons |= {record_id: found[address] for record_id, address in addresses.items() if address in found}
        return persons
