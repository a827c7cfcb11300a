from odoo import api, fields, models

from .held import FAILURES, GONE, PREFIX


class SmsSms(models.Model):
    """Text messages keep to the contact policy at the moment of sending, and are noted as touches."""

    _inherit = "sms.sms"

    failure_type = fields.Selection(selection_add=FAILURES, ondelete=GONE)
    state = fields.Selection(
        selection_add=[("community_quiet", "Waits for the end of quiet hours")],
        ondelete={"community_quiet": "set default"},
    )
    community_purpose_id = fields.Many2one("community.purpose", string="Contact purpose", ondelete="set null")
    # a number: the reservation is committed by another connection, before this message is
    community_touch = fields.Integer("Reservation", copy=False)
    community_wait_until = fields.Datetime("Waits until", copy=False, index="btree_not_null")

    @api.model_create_multi
    def create(self, vals_list):
        messages = super().create(vals_list)
        waits = [moment for moment in messages.mapped("community_wait_until") if moment]
        if waits:
            self.env.ref("community_manager.cron_touches").sudo()._trigger(min(waits))
        return messages

    @api.model
    def _community_wake(self):
        """Queue the text messages of which the quiet hours are over; return how many."""
        due = self.search(
            [("state", "=", "community_quiet"), ("community_wait_until", "<=", fields.Datetime.now())], limit=5000
        )
        due.write({"state": "outgoing", "community_wait_until": False})
        if due:
            self.env.ref("sms.ir_cron_sms_scheduler_action").sudo()._trigger()
        return len(due)

    def _send(self, unlink_failed=False, unlink_sent=True, raise_exception=False):
        allowed = self._community_allowed()
        if not allowed:
            return None
        result = super(SmsSms, allowed)._send(
            unlink_failed=unlink_failed, unlink_sent=unlink_sent, raise_exception=raise_exception
        )
        allowed._community_note_sent()
        return result

    def _community_allowed(self):
        """Return those of these text messages that may go now; the others are cancelled, or wait."""
        touches = self.env["community.touch"].sudo()
        used = touches._use(self.mapped("community_touch"))
        codes = {values["id"]: code for code, values in self.env["community.purpose"]._by_code().items()}
        asked = {}
        for sms in self:
            purpose = sms.community_purpose_id or (sms.mailing_id and sms.mailing_id._community_purpose())
            if purpose and sms.partner_id and sms.community_touch not in used:
                asked[sms] = {
                    "partner_id": sms.partner_id.id,
                    "company_id": sms.mail_message_id.record_company_id.id or self.env.company.id,
                    "medium": "sms",
                    "purpose": codes.get(purpose.id),
                    "source": ("mailing.mailing", sms.mailing_id.id) if sms.mailing_id else (sms._name, sms.id),
                    "text": sms.body,
                }
        if not asked:
            return self
        requests = list(asked.values())
        decisions, known = touches._weigh(requests)
        touches._reserve_decided(requests, decisions, known, leave_out=("quiet",))
        touches._use([decision["touch_id"] for decision in decisions])
        stopped = self.browse()
        for sms, decision in zip(asked, decisions, strict=True):
            if decision["allowed"]:
                sms.community_touch = decision["touch_id"]
                continue
            stopped += sms
            if decision["code"] == "quiet":
                sms.write({"state": "community_quiet", "community_wait_until": decision["until"]})
                self.env.ref("community_manager.cron_touches").sudo()._trigger(decision["until"])
            else:
                sms._update_sms_state_and_trackers("canceled", failure_type=PREFIX + decision["code"])
        return self - stopped

    def _community_note_sent(self):
        """Give back what did not go out, and note text messages that belong to what people do with us."""
        touches = self.env["community.touch"].sudo()
        touches._release(self.filtered(lambda sms: sms.state == "error").mapped("community_touch"))
        sent = self.filtered(
            lambda sms: sms.state in ("process", "pending", "sent") and sms.partner_id and not sms.community_touch
        )
        touches._note(
            [
                {
                    "partner_id": sms.partner_id.id,
                    "company_id": sms.mail_message_id.record_company_id.id or self.env.company.id,
                    "medium": "sms",
                    "source": ("sms.sms", sms.id),
                    "text": sms.body,
                }
                for sms in sent
                if sms.partner_id.partner_share
            ]
        )
