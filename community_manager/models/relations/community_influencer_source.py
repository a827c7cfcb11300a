from odoo import fields, models
from odoo.tools import email_normalize


class CommunityInfluencer(models.Model):
    """By which source of marketing those are known whom somebody sends to us."""

    _inherit = "community.influencer"

    source_id = fields.Many2one("utm.source", readonly=True, copy=False, ondelete="restrict", index="btree_not_null")

    def _utm_source(self):
        """Return the source of this person, made at first need; its name stands in addresses, so it names nobody."""
        self.ensure_one()
        # sudo: who makes a link need not set up marketing
        influencer = self.sudo()
        if not influencer.source_id:
            name = f"word-of-mouth-{self.env['community.referral']._new_code().lower()}"
            influencer.source_id = self.env["utm.source"].sudo().create({"name": name})
        return influencer.source_id

    def _addresses(self):
        """Return the e-mail addresses by which this person is known, in small letters."""
        self.ensure_one()
        known = [self.sudo().partner_id.email, *self._profiles().mapped("email")]
        return {address for text in known if text and (address := email_normalize(text))}
