from odoo import fields, models


class CommunityCampaignVariant(models.Model):
    """One of several ways to say the same, tried on a share of the people."""

    _name = "community.campaign.variant"
    _description = "Variant of a Campaign"
    _order = "sequence, id"

    campaign_id = fields.Many2one("community.campaign", required=True, ondelete="cascade", index=True)
    company_id = fields.Many2one(related="campaign_id.company_id", store=True, index=True)
    sequence = fields.Integer(default=10)
    name = fields.Char(required=True, help="A, B…")
    weight = fields.Integer(default=1, required=True, help="2 gets twice as many people as 1.")

    _unique_name = models.UniqueIndex("(campaign_id, name)", "This campaign has a variant of that name.")
    _check_weight = models.Constraint("CHECK (weight >= 0)", "A weight cannot be negative.")
