from odoo import fields, models


class ProductTemplate(models.Model):
    """Products that people name."""

    _inherit = "product.template"

    community_alias = fields.Text(
        string="Also called",
        help="Other names that people use for it, one a line: it is recognised by them in what people write.",
    )
