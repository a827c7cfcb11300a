from odoo import api, models


class MailingContact(models.Model):
    """Lists that are written on the contact itself go past the subscriptions."""

    _inherit = "mailing.contact"

    @api.model_create_multi
    def create(self, vals_list):
        contacts = super().create(vals_list)
        if any(values.get("list_ids") for values in vals_list):
            contacts._community_note_subscriptions()
        return contacts

    def write(self, vals):
        result = super().write(vals)
        if "list_ids" in vals:
            self._community_note_subscriptions()
            self.env["community.consent"]._left_lists(self)
        return result

    def _community_note_subscriptions(self):
        self.env.flush_all()
        subscriptions = self.env["mailing.subscription"].search([("contact_id", "in", self.ids)])
        self.env["community.consent"]._from_subscriptions(subscriptions)
