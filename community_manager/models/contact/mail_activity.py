from odoo import fields, models


class MailActivity(models.Model):
    """Calls that were made are touches."""

    _inherit = "mail.activity"

    def _action_done(self, feedback=False, attachment_ids=None):
        rows = self.filtered(lambda activity: activity.activity_category == "phonecall")._touch_rows()
        result = super()._action_done(feedback=feedback, attachment_ids=attachment_ids)
        # sudo: touches are noted as they happen, whoever does it
        self.env["community.touch"].sudo()._note(rows)
        return result

    def _touch_rows(self):
        """Return the touches of calls: with the contact of the record that each activity is about."""
        rows = []
        for activity in self.filtered(lambda one: one.res_model and one.res_id):
            # sudo: whom an activity is about, whoever may read the record
            record = self.env[activity.res_model].sudo().browse(activity.res_id).exists()
            partners = record._mail_get_partners()[record.id] if record else self.env["res.partner"]
            company = "company_id" in record._fields and record.company_id or self.env.company
            rows += [
                {
                    "partner_id": partner.id,
                    "company_id": company.id,
                    "medium": "call",
                    "source": (self._name, activity.id),
                    "text": activity.summary or activity.activity_type_id.name,
                    "moment": fields.Datetime.now(),
                    "user_id": self.env.uid,
                }
                for partner in partners.filtered("partner_share")
            ]
        return rows
