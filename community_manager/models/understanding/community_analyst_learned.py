from odoo import api, models

#: (database, company, key) of weights that this process cannot read: noted once, not with every text
_unreadable = set()


class CommunityAnalyst(models.AbstractModel):
    """Each company's mentions are read with what was learned from its people."""

    _inherit = "community.analyst"

    @api.model
    def _analyst(self, company):
        learning = self.env["community.learning"]
        key, attachment_id = learning._active(company.id)
        place = (self.env.cr.dbname, company.id, key)
        if not attachment_id or place in _unreadable:
            return super()._analyst(company)
        from ...analysis.engine import analyst

        try:
            found = analyst(key, lambda: learning._load(attachment_id))
            found.version  # asked for here because it is then that the weights are read
        except ValueError as problem:
            _unreadable.add(place)
            learning._note_broken(company, problem)
            return super()._analyst(company)
        return found
