from odoo import api, models


class CommunityAnalyst(models.AbstractModel):
    """Each company's mentions are read with what was learned from its people."""

    _inherit = "community.analyst"

    @api.model
    def _analyst(self, company):
        learning = self.env["community.learning"]
        key, attachment_id = learning._active(company.id)
        if not attachment_id:
            return super()._analyst(company)
        from ...analysis.engine import analyst

        try:
            found = analyst(key, lambda: learning._load(attachment_id))
            found.version  # asked for here because it is then that the weights are read
        except ValueError as problem:
            learning._note_broken(company, problem)
            return super()._analyst(company)
        return found
