from odoo import api, fields, models
from odoo.exceptions import ValidationError


class CommunityPurchase(models.Model):
    """A purchase from before, or from another system, that Odoo has no document of.

    It comes in through Odoo's own import; with the column "External ID" the same file may be imported again.
    """

    _name = "community.purchase"
    _description = "Purchase from Elsewhere"
    _inherit = ["community.buying"]
    _order = "date desc, id desc"
    _check_company_auto = True
    _community_counted = frozenset(("partner_id", "company_id", "date", "amount_company"))

    name = fields.Char(string="Reference", required=True, help="Number of the order, invoice or receipt.")
    company_id = fields.Many2one("res.company", required=True, default=lambda self: self.env.company, index=True)
    partner_id = fields.Many2one(
        "res.partner",
        string="Customer",
        index=True,
        ondelete="set null",
        check_company=True,
        help="Empty: the person was erased; what was sold stays in the figures.",
    )
    date = fields.Date(required=True, default=fields.Date.context_today)
    product_id = fields.Many2one("product.product", check_company=True, index="btree_not_null")
    quantity = fields.Float(default=1.0, digits="Product Unit")
    currency_id = fields.Many2one("res.currency", required=True, default=lambda self: self.env.company.currency_id)
    amount = fields.Monetary(required=True, help="Without taxes. Less than zero: a return.")
    company_currency_id = fields.Many2one(related="company_id.currency_id", string="Currency of the company")
    amount_company = fields.Monetary(
        compute="_compute_amount_company",
        store=True,
        currency_field="company_currency_id",
        string="In the company's currency",
        help="At the rate of the day.",
    )
    origin = fields.Char(string="From", help="The system or shop that it comes from.")

    @api.model_create_multi
    def create(self, vals_list):
        purchases = super().create(vals_list)
        if any(not purchase.partner_id for purchase in purchases):
            raise ValidationError(self.env._("A purchase needs a customer."))
        return purchases

    @api.depends("amount", "currency_id", "date", "company_id")
    def _compute_amount_company(self):
        for purchase in self:
            purchase.amount_company = purchase.currency_id._convert(
                purchase.amount, purchase.company_id.currency_id, purchase.company_id, purchase.date
            )
