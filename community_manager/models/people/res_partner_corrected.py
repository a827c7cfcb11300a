from odoo import models

#: what of a contact is corrected when a person says that it is wrong
CORRECTED = frozenset("name email phone street street2 zip city country_id function website lang".split())


class ResPartner(models.Model):
    """That data of a person were corrected stands in the privacy log; what they were and are does not."""

    _inherit = "res.partner"

    def write(self, vals):
        before = {}
        if not self.env.su and not CORRECTED.isdisjoint(vals) and len(self) == 1:
            before = {name: self[name] for name in CORRECTED.intersection(vals)}
        result = super().write(vals)
        if any(before[name] and self[name] != before[name] for name in before):
            self._community_note_corrected({self._name: 1})
        return result

    def _community_note_corrected(self, counts):
        """Note in the privacy log that data of persons were corrected, of those whom the community knows.

        :param dict counts: ``{model: count}``
        """
        # sudo: only whether and in which companies there are profiles
        profiles = self.env["community.author"].sudo().search([("partner_id", "in", self.ids)])
        for person, theirs in profiles.grouped("partner_id").items():
            for company in theirs.company_id:
                self.env["community.privacy.log"]._note(company, "corrected", person._privacy_reference(), counts)
