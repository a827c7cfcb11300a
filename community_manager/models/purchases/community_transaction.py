from odoo import api, fields, models
from odoo.tools import SQL

from .buying_sql import INVOICE_AMOUNT, NOON, invoice_lines, receipt_lines

#: kinds of documents, by which the lines of all of them get ids of their own
KINDS = ("order", "invoice", "purchase", "receipt")


class CommunityTransaction(models.Model):
    """What customers bought and gave back, line by line, from whatever document it comes.

    A query over orders, invoices, receipts of the point of sale and imported purchases; nothing is stored twice and
    nothing counts twice, see ``buying_sql``.
    """

    _name = "community.transaction"
    _description = "Purchase or Return"
    _auto = False
    _order = "date desc, id desc"
    _rec_name = "reference"

    company_id = fields.Many2one("res.company", readonly=True)
    currency_id = fields.Many2one("res.currency", readonly=True)
    partner_id = fields.Many2one("res.partner", string="Contact", readonly=True)
    commercial_partner_id = fields.Many2one("res.partner", string="Customer", readonly=True)
    date = fields.Datetime(readonly=True)
    reference = fields.Char(readonly=True)
    source = fields.Selection(
        [
            ("order", "Order"),
            ("invoice", "Invoice"),
            ("receipt", "Point of sale"),
            ("purchase", "From elsewhere"),
        ],
        readonly=True,
    )
    kind = fields.Selection([("sale", "Purchase"), ("return", "Return")], readonly=True)
    product_id = fields.Many2one("product.product", readonly=True)
    product_tmpl_id = fields.Many2one("product.template", string="Product (all variants)", readonly=True)
    categ_id = fields.Many2one("product.category", string="Category", readonly=True)
    quantity = fields.Float(readonly=True, digits="Product Unit", aggregator="sum")
    amount = fields.Monetary(
        readonly=True, aggregator="sum", help="Without taxes, in the currency of the company at the rate of the day."
    )
    res_model = fields.Char(readonly=True, string="Document type")
    res_id = fields.Many2oneReference(model_field="res_model", readonly=True, string="Document")

    _depends = {
        "sale.order": ["state", "partner_id", "company_id", "date_order", "currency_rate"],
        "sale.order.line": ["product_id", "product_uom_qty", "price_subtotal", "qty_invoiced", "invoice_lines"],
        "account.move": ["state", "move_type", "partner_id", "company_id", "invoice_date"],
        "account.move.line": ["balance", "product_id", "quantity", "display_type"],
        "community.purchase": ["partner_id", "company_id", "date", "product_id", "quantity", "amount_company"],
        "product.product": ["product_tmpl_id"],
        "product.template": ["categ_id"],
        "res.partner": ["commercial_partner_id"],
    }

    @property
    def _table_query(self):
        return SQL(
            """
            SELECT t.*, company.currency_id, p.commercial_partner_id, product.product_tmpl_id, template.categ_id,
                   CASE WHEN t.amount < 0 OR t.quantity < 0 THEN 'return' ELSE 'sale' END AS kind
              FROM (%s) AS t
              JOIN res_company company ON company.id = t.company_id
         LEFT JOIN res_partner p ON p.id = t.partner_id
         LEFT JOIN product_product product ON product.id = t.product_id
         LEFT JOIN product_template template ON template.id = product.product_tmpl_id
            """,
            SQL(" UNION ALL ").join(self._parts()),
        )

    @api.model
    def _parts(self):
        """Return the queries that the lines come from, one for each kind of document."""
        parts = [
            SQL(
                """
                SELECT l.id::bigint * 4 AS id, o.company_id, o.partner_id, o.date_order AS date, o.name AS reference,
                       'order' AS source, l.product_id, l.product_uom_qty AS quantity,
                       l.price_subtotal / COALESCE(NULLIF(o.currency_rate, 0), 1) AS amount,
                       'sale.order' AS res_model, o.id AS res_id
                  FROM sale_order o
                  JOIN sale_order_line l ON l.order_id = o.id
                 WHERE o.state = 'sale' AND l.display_type IS NULL AND l.is_downpayment IS NOT TRUE
                """
            ),
            SQL(
                """
                SELECT l.id::bigint * 4 + 1, m.company_id, m.partner_id, m.invoice_date + %s, m.name, 'invoice',
                       l.product_id, l.quantity * CASE WHEN m.move_type = 'out_refund' THEN -1 ELSE 1 END, %s,
                       'account.move', m.id
                  FROM %s AND m.partner_id IS NOT NULL AND (ordered.linked IS NULL OR returned.share > 0)
                """,
                NOON,
                INVOICE_AMOUNT,
                invoice_lines(self.env, None),
            ),
            SQL(
                """
                SELECT m.id::bigint * 4 + 2, m.company_id, m.partner_id, m.date + %s, m.name, 'purchase', m.product_id,
                       m.quantity::numeric, m.amount_company, 'community.purchase', m.id
                  FROM community_purchase m
                """,
                NOON,
            ),
        ]
        lines = receipt_lines(self.env, None)
        if lines:
            parts.append(
                SQL(
                    """
                    SELECT l.id::bigint * 4 + 3, o.company_id, o.partner_id, o.date_order, o.name, 'receipt',
                           l.product_id, l.qty, l.price_subtotal / COALESCE(NULLIF(o.currency_rate, 0), 1),
                           'pos.order', o.id
                      FROM %s
                    """,
                    lines,
                )
            )
        return parts

    def action_open_document(self):
        """Open the document that this line is of."""
        self.ensure_one()
        self.check_access("read")
        record = self.env[self.res_model].browse(self.res_id)
        record.check_access("read")
        return {
            "type": "ir.actions.act_window",
            "res_model": record._name,
            "res_id": record.id,
            "views": [[False, "form"]],
        }
