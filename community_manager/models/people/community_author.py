from odoo import api, models


class CommunityAuthor(models.Model):
    """The person behind profiles, as the rooms of people, campaigns and purchases name them."""

    _inherit = "community.author"

    @api.model
    def _profiles_of(self, partners, company):
        """Return ``{contact id: community.author records}`` of the profiles of some contacts in a company.

        :param partners: ``res.partner`` records
        :param company: ``res.company``
        """
        found = self.search([("partner_id", "in", partners.ids), ("company_id", "=", company.id)])
        return {partner.id: profiles for partner, profiles in found.grouped("partner_id").items()}
