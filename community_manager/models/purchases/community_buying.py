from odoo import api, models


class CommunityBuying(models.AbstractModel):
    """A document by which customers buy: what changes in it has its customer counted again.

    The lowest level of writing is where computed amounts pass too.
    """

    _name = "community.buying"
    _description = "Document of a Purchase"
    #: stored fields that decide whether, when and for how much somebody bought
    _community_counted = frozenset()

    def _community_buyers(self):
        """Return the pairs of company and contact ids whose figures these documents are part of."""
        return {(document.company_id.id, document.partner_id.id) for document in self.sudo()}

    @api.model
    def _create(self, data_list):
        documents = super()._create(data_list)
        documents._community_mark()
        return documents

    def write(self, vals):
        if not {"partner_id", "company_id"}.isdisjoint(vals):
            self._community_mark()  # who it was until now
        return super().write(vals)

    def _write_multi(self, vals_list):
        result = super()._write_multi(vals_list)
        changed = [
            document.id
            for document, values in zip(self, vals_list, strict=True)
            if not self._community_counted.isdisjoint(values)
        ]
        self.browse(changed)._community_mark()
        return result

    def unlink(self):
        self._community_mark()
        return super().unlink()

    def _community_mark(self):
        """Have the customers of these documents counted again."""
        if self:
            self.env["community.score.stale"]._mark(self._community_buyers())
