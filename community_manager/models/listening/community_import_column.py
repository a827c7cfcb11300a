from odoo import api, fields, models

from ...connectors.file import FIELDS
from .community_import import FIELD_LABELS


class CommunityImportColumn(models.Model):
    """What a column of an imported file means."""

    _name = "community.import.column"
    _description = "Column of an Imported File"
    _order = "place"
    _log_access = False

    import_id = fields.Many2one("community.import", required=True, ondelete="cascade", index=True)
    company_id = fields.Many2one(related="import_id.company_id", store=True, index=True)
    place = fields.Integer(required=True, readonly=True)
    name = fields.Char(readonly=True, string="Column")
    sample = fields.Char(readonly=True, string="For example")
    meaning = fields.Selection(selection="_selection_meaning", string="Becomes", help="Empty: not imported.")

    @api.model
    def _selection_meaning(self):
        return [(field, self.env._(label)) for field, label in FIELD_LABELS.items() if field in FIELDS]
