from odoo import fields, models


class CommunityImportReject(models.Model):
    """A row that could not be imported, kept for the error file."""

    _name = "community.import.reject"
    _description = "Rejected Row of an Import"
    _order = "number"
    _rec_name = "number"
    _log_access = False

    import_id = fields.Many2one("community.import", required=True, ondelete="cascade", index=True, readonly=True)
    company_id = fields.Many2one(related="import_id.company_id", store=True, index=True)
    number = fields.Integer(required=True, readonly=True, string="Row")
    cells = fields.Text(readonly=True, help="JSON list.")
    reason = fields.Text(readonly=True)
