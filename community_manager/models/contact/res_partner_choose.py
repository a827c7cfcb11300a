from odoo import models
from odoo.tools import hash_sign
from odoo.tools.urls import urljoin

from .community_consent_ask import CHOOSE, PATH, verified


class ResPartner(models.Model):
    """The page on which a person chooses what we write."""

    _inherit = "res.partner"

    def _community_choose_token(self, company):
        """Return the signed part of the address of the page, for this person and company."""
        self.ensure_one()
        return hash_sign(self.sudo().env, CHOOSE, [self.id, company.id])

    def _community_choose_url(self, company, stop=""):
        """Return the address of the page.

        :param company: ``res.company``
        :param str stop: code of the purpose that one click stops (the address for mail programs), or ""
        """
        token = self._community_choose_token(company)
        path = f"{PATH}/{token}/stop/{stop}" if stop else f"{PATH}/{token}"
        return urljoin(self.get_base_url(), path)

    def _community_of_token(self, token):
        """Return (contact, company) of a link, or two empty records."""
        values = verified(self.sudo().env, CHOOSE, token)
        if not values:
            return self.browse(), self.env["res.company"]
        return self.browse(values[0]).exists(), self.env["res.company"].browse(values[1]).exists()
