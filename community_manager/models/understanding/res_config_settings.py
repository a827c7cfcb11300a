from odoo import api, fields, models

from .community_learning import AFTER, PARAMETER


class ResConfigSettings(models.TransientModel):
    _inherit = "res.config.settings"

    community_learn_after = fields.Integer(
        string="New corrections that are learned at once",
        config_parameter=PARAMETER,
        default=AFTER,
        help="Fewer wait for the night. From about fifty corrections on learning pays.",
    )
    community_deep = fields.Char(compute="_compute_community_deep", string="Second pass")

    @api.depends("company_id")
    def _compute_community_deep(self):
        sentence = self.env["community.learning"]._deep_facts()["deep"]
        for settings in self:
            settings.community_deep = sentence
