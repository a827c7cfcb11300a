from odoo import fields, models


class MailTemplate(models.Model):
    """What e-mails of a template are for."""

    _inherit = "mail.template"

    community_purpose_id = fields.Many2one(
        "community.purpose",
        string="Contact purpose",
        ondelete="set null",
        help="Empty: these e-mails belong to what the person does with us (an order, a password, an answer) and are "
        "never held back. With a purpose they keep to the contact policy.",
    )

    def send_mail_batch(self, res_ids, *args, email_values=None, **kwargs):
        if self.community_purpose_id:
            email_values = {"community_purpose_id": self.community_purpose_id.id, **(email_values or {})}
        return super().send_mail_batch(res_ids, *args, email_values=email_values, **kwargs)
