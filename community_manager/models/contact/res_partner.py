from odoo import api, fields, models


class ResPartner(models.Model):
    """What a contact wants to hear of us."""

    _inherit = "res.partner"

    community_not_now = fields.Date(
        "Leave alone until", tracking=True, help="They asked for it: until then only service messages are sent."
    )
    community_touch_ids = fields.One2many("community.touch", "partner_id", string="Touches")
    community_consent_ids = fields.One2many("community.consent", "partner_id", string="Consent")

    @api.model
    def _community_by_email(self, addresses):
        """Return ``{normalised address: contact id}``; of several contacts with one address the oldest stands for it.

        :param addresses: normalised addresses
        """
        # sudo: whose address it is, whoever sends
        found = self.sudo().search_fetch(
            [("email_normalized", "in", list(addresses))], ["email_normalized"], order="id desc"
        )
        return {partner.email_normalized: partner.id for partner in found}
