from odoo import api, fields, models
from odoo.tools import ormcache


class CommunityIntent(models.Model):
    """What somebody wants who writes: the names of the intents that the analysis knows."""

    _name = "community.intent"
    _description = "Intent"
    _order = "sequence, id"

    name = fields.Char(required=True, translate=True)
    code = fields.Char(required=True, readonly=True, help="What the analysis calls it.")
    sequence = fields.Integer(default=10)
    color = fields.Integer(string="Colour")

    _unique_code = models.UniqueIndex("(code)")

    @api.model
    @ormcache()
    def _by_code(self):
        """Return ``{code: id}`` of all intents."""
        return {intent.code: intent.id for intent in self.sudo().search([])}

    @api.model_create_multi
    def create(self, vals_list):
        self.env.registry.clear_cache()
        return super().create(vals_list)

    def unlink(self):
        self.env.registry.clear_cache()
        return super().unlink()
