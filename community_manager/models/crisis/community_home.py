from odoo import api, models


class CommunityHome(models.AbstractModel):
    """What the inbox says while a crisis is open."""

    _inherit = "community.home"

    @api.model
    @api.readonly
    def get_notice(self):
        """Add the open crises of the companies that are shown, for the banner: ``crises`` with ``id`` and ``text``."""
        crises = self.env["community.crisis"]
        if crises.has_access("read"):
            crises = crises.search([("stage", "=", "open")], order="level desc, opened_at desc", limit=3)
        return {
            **super().get_notice(),
            "crises": [
                {
                    "id": crisis.id,
                    "level": crisis.level,
                    "text": self.env._("Crisis: %s. Answer with an approved statement.", crisis.name),
                }
                for crisis in crises
            ],
        }
