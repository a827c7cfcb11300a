from odoo import api, models
from odoo.fields import Command

from .held import PREFIX
from .mail_compose_message import PEOPLE


class SmsComposer(models.TransientModel):
    """Text messages to many: each person is asked for and reserved right before the messages are made."""

    _inherit = "sms.composer"

    def _community_purpose(self):
        """Return the ``community.purpose`` of what is written, or none where it is not held to the policy."""
        self.ensure_one()
        if self.mailing_id:
            return self.mailing_id._community_purpose()
        purposes = self.env["community.purpose"]
        return purposes._for_many() if self.res_model in PEOPLE else purposes

    def _filter_out_and_handle_revoked_sms_values(self, sms_values_all):
        purpose = self._community_purpose()
        if purpose:
            self._community_reserve(sms_values_all, purpose)
        return super()._filter_out_and_handle_revoked_sms_values(sms_values_all)

    def _community_reserve(self, sms_values_all, purpose):
        """Reserve the touches of text messages; those that are held are cancelled, or wait for the morning."""
        known_purposes = self.env["community.purpose"]._by_code()
        code = next((one for one, values in known_purposes.items() if values["id"] == purpose.id), "news")
        wanted = {
            record_id: values
            for record_id, values in sms_values_all.items()
            if values["state"] == "outgoing" and self._community_person(record_id, values)
        }
        requests = [
            {
                "partner_id": self._community_person(record_id, values),
                "company_id": self.env.company.id,
                "medium": "sms",
                "purpose": code,
                "source": ("mailing.mailing", self.mailing_id.id) if self.mailing_id else (self.res_model, record_id),
                "text": values["body"],
            }
            for record_id, values in wanted.items()
        ]
        # sudo: the policy stands whoever sends
        touches = self.env["community.touch"].sudo()
        decisions, known = touches._weigh(requests)
        touches._reserve_decided(requests, decisions, known, leave_out=("quiet",))
        for values, decision in zip(wanted.values(), decisions, strict=True):
            values["community_purpose_id"] = purpose.id
            if decision["allowed"]:
                values["community_touch"] = decision["touch_id"]
            elif decision["code"] == "quiet":
                values |= {"state": "community_quiet", "community_wait_until": decision["until"]}
            else:
                failure = PREFIX + decision["code"]
                values |= {"state": "canceled", "failure_type": failure}
                self._community_cancel_trace(values, failure, decision["reason"])

    @api.model
    def _community_cancel_trace(self, values, failure, reason):
        """Let the trace that is made with a text message say that it was held back."""
        values["mailing_trace_ids"] = [
            Command.create({**command[2], "trace_status": "cancel", "failure_type": failure, "failure_reason": reason})
            for command in values.get("mailing_trace_ids") or ()
        ]
        if not values["mailing_trace_ids"]:
            values.pop("mailing_trace_ids")

    def _community_person(self, record_id, values):
        """Return the contact whom a text message is for, or False."""
        return record_id if self.res_model == "res.partner" else values.get("partner_id")
