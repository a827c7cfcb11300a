from odoo import api, models

#: context key under which ``create`` is told that the values hold all defaults already
COMPLETE = "community_values_complete"


class CommunityBulk(models.AbstractModel):
    """Creation of hundreds of records at once."""

    _name = "community.bulk"
    _description = "Creation of Many Records"

    @api.model
    def _create_bulk(self, vals_list):
        """Create records like ``create``, but look up their defaults once, not once for each record.

        Looking them up, field by field and record by record, took a tenth of the time of ingest.  A default that has
        to differ from record to record must be given in the values.
        """
        if not vals_list:
            return self
        defaults = self._add_missing_default_values({})
        complete = self.with_context(**{COMPLETE: True})
        return complete.create([{**defaults, **values} for values in vals_list]).with_env(self.env)

    @api.model
    def _add_missing_default_values(self, values):
        if self.env.context.get(COMPLETE):
            return dict(values)
        return super()._add_missing_default_values(values)
