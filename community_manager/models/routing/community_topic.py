from odoo import api, models


class CommunityTopic(models.Model):
    """Topics that are a risk, which rules ask for."""

    _inherit = "community.topic"

    @api.model_create_multi
    def create(self, vals_list):
        topics = super().create(vals_list)
        if "risk" in topics.mapped("kind"):
            self.env.registry.clear_cache()
        return topics

    def write(self, vals):
        result = super().write(vals)
        if "kind" in vals:
            self.env.registry.clear_cache()
        return result
