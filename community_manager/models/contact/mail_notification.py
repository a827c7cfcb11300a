from odoo import fields, models

from .held import FAILURES, GONE


class MailNotification(models.Model):
    """What the contact policy held back says why."""

    _inherit = "mail.notification"

    failure_type = fields.Selection(selection_add=FAILURES, ondelete=GONE)
