from odoo import api, models


class CommunityCompiled(models.AbstractModel):
    """Records that are compiled into something each worker keeps, until one of them changes in any worker."""

    _name = "community.compiled"
    _description = "Compiled Records"

    @api.model_create_multi
    def create(self, vals_list):
        self.env.registry.clear_cache()
        return super().create(vals_list)

    def write(self, vals):
        self.env.registry.clear_cache()
        return super().write(vals)

    def unlink(self):
        self.env.registry.clear_cache()
        return super().unlink()
