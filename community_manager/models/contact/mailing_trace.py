from odoo import fields, models

from .held import FAILURES, GONE


class MailingTrace(models.Model):
    """What the contact policy held back says why."""

    _inherit = "mailing.trace"

    failure_type = fields.Selection(selection_add=FAILURES, ondelete=GONE)
