from odoo import api, models


class MailingSubscription(models.Model):
    """Who subscribes agrees, who leaves refuses."""

    _inherit = "mailing.subscription"

    @api.model_create_multi
    def create(self, vals_list):
        subscriptions = super().create(vals_list)
        self.env["community.consent"]._from_subscriptions(subscriptions)
        return subscriptions

    def write(self, vals):
        left = self.filtered("opt_out")
        result = super().write(vals)
        if {"opt_out", "opt_out_datetime", "opt_out_reason_id", "list_id", "contact_id"} & set(vals):
            self.env["community.consent"]._from_subscriptions(self - left)
            self.env["community.consent"]._from_subscriptions(left, explicit=True)
        return result

    def unlink(self):
        contacts = self.contact_id
        result = super().unlink()
        self.env["community.consent"]._left_lists(contacts)
        return result
