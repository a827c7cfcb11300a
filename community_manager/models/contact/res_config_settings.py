from odoo import api, fields, models

from .community_purpose import MASS_PURPOSE


class ResConfigSettings(models.TransientModel):
    _inherit = "res.config.settings"

    community_policy_name = fields.Char("Contact policy in force", compute="_compute_community_policy_name")
    community_mass_purpose_id = fields.Many2one(
        "community.purpose", string="Written to many contacts at once", config_parameter=MASS_PURPOSE
    )

    @api.depends("company_id")
    def _compute_community_policy_name(self):
        for settings in self:
            policy = self.env["community.contact.policy"].search(
                [("company_id", "=", settings.company_id.id), ("in_force", "=", True)], limit=1
            )
            settings.community_policy_name = policy.name or self.env._("None in force: nothing is held back.")
