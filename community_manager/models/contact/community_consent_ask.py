from datetime import timedelta

from odoo import fields, models
from odoo.exceptions import UserError
from odoo.tools import hash_sign, verify_hash_signed
from odoo.tools.urls import urljoin

#: what the signed links are for, so that none opens the other's door
OPT_IN, CHOOSE = "community_opt_in", "community_choose"
#: days in which somebody can confirm, and after which they may be asked once more
CONFIRM_DAYS = 30
#: where the pages are
PATH = "/community/contact"


class CommunityConsent(models.Model):
    """Asking for consent by e-mail: only who follows the link and confirms has agreed."""

    _inherit = "community.consent"

    asked_at = fields.Datetime("Asked", readonly=True, copy=False)

    def action_ask(self):
        """Ask these persons by e-mail to confirm that they agree.

        :raises UserError: one of them has no address, refused, or was asked lately
        """
        self.check_access("write")
        now = fields.Datetime.now()
        for consent in self:
            if consent.state == "granted":
                raise UserError(self.env._("%s agreed already.", consent.partner_id.display_name))
            if consent.state == "withdrawn":
                raise UserError(
                    self.env._("%s refused. Only they can take that back.", consent.partner_id.display_name)
                )
            if not consent.partner_id.sudo().email_normalized:
                raise UserError(self.env._("%s has no e-mail address.", consent.partner_id.display_name))
            if consent.asked_at and consent.asked_at > now - timedelta(days=CONFIRM_DAYS):
                raise UserError(
                    self.env._(
                        "%(person)s was asked already: nobody is asked twice within %(days)s days.",
                        person=consent.partner_id.display_name,
                        days=CONFIRM_DAYS,
                    )
                )
        for consent in self:
            consent._send_question()
        self.write({"state": "pending", "source": "optin", "asked_at": now})
        return True

    def _send_question(self):
        """Send the e-mail with the link that confirms."""
        self.ensure_one()
        partner = self.partner_id.sudo()
        speaking = self.sudo().with_context(lang=partner.lang or self.env.lang)
        company = speaking.company_id
        values = {
            "question": speaking._question(),
            "url": speaking._confirm_url(),
        }
        body = speaking.env["ir.qweb"]._render("community_manager.consent_question", values, minimal_qcontext=True)
        # sudo: e-mails are made by the system; its own question needs no consent
        self.env["mail.mail"].sudo().create(
            {
                "subject": speaking.env._("Please confirm: may %s write to you?", company.name),
                "body_html": body,
                "email_from": company.email_formatted or self.env.user.email_formatted,
                "recipient_ids": [fields.Command.set(partner.ids)],
                "auto_delete": True,
                "model": self._name,
                "res_id": self.id,
            }
        )

    def _question(self):
        """Return what the person is asked, in the language of the context."""
        self.ensure_one()
        return self.env._(
            "%(company)s would like to write to you at %(email)s: %(purpose)s.",
            company=self.company_id.name,
            email=self.partner_id.email,
            purpose=self.purpose_id.name or self.env._("Everything"),
        )

    def _confirm_url(self):
        """Return the address on which the person confirms; it holds for thirty days."""
        self.ensure_one()
        token = hash_sign(
            self.sudo().env, OPT_IN, [self.id, self.partner_id.id], expiration=timedelta(days=CONFIRM_DAYS)
        )
        return urljoin(self.get_base_url(), f"{PATH}/confirm/{token}")

    def _of_token(self, token):
        """Return the entry that a link confirms, or none."""
        values = verified(self.sudo().env, OPT_IN, token)
        if not values:
            return self.browse()
        consent = self.browse(values[0]).exists()
        return consent if consent.partner_id.id == values[1] else self.browse()

    def _confirm(self):
        """The person confirmed; what was refused meanwhile stays refused."""
        self.ensure_one()
        if self.state == "pending":
            proof = self.env._("Confirmed by the link that was sent to %s", self.partner_id.email or "")
            self.write({"state": "granted", "source": "optin", "proof": proof})


def verified(env, scope, token):
    """Return what a token says, or None where it is not ours."""
    try:
        return verify_hash_signed(env, scope, token)
    except (ValueError, OverflowError):  # cut off, or made up
        return None
