from odoo import fields, models


class ResPartner(models.Model):
    """What a contact wants to hear of us."""

    _inherit = "res.partner"

    community_not_now = fields.Date(
        "Leave alone until", tracking=True, help="They asked for it: until then only service messages are sent."
    )
    community_touch_ids = fields.One2many("community.touch", "partner_id", string="Touches")
    community_consent_ids = fields.One2many("community.consent", "partner_id", string="Consent")
