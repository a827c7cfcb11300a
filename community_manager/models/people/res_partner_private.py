from odoo import models


class ResPartner(models.Model):
    """A person's data: shown, exported, erased.  Each room says what it keeps of a person."""

    _inherit = "res.partner"

    def _community_personal_data(self):
        """Return what is kept of these persons; rooms extend this.

        :returns: list of dicts with ``code``, ``label`` (translated), ``records`` (as superuser) and ``fields`` (names
            of those that are shown and exported)
        """
        return []

    def _community_erase(self):
        """Remove what is kept of these persons, or what in it names them; rooms extend this.

        Figures that name nobody stay.  Called as superuser, once rights were checked, in one transaction.

        :returns: dict of how many records of each model were erased or emptied, ``{model: count}``
        """
        return {}
