from odoo import api, models


class CrmLead(models.Model):
    _name = "crm.lead"
    _inherit = ["crm.lead", "community.origin"]

    @api.model
    def _community_link_field(self):
        return "lead_id"

    def _merge_dependences(self, opportunities):
        result = super()._merge_dependences(opportunities)
        self._community_inherit(opportunities)
        return result
