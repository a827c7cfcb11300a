"""What counts as a purchase, in SQL: one piece for each kind of document.

The rules, which ``docs/customers.md`` explains:

- a confirmed order counts with its amount, whether invoiced or not;
- of invoices only the lines that come from no order count, so that nothing counts twice;
- credit notes take off; one that belongs to an order takes off only what the order is short of afterwards, for an
  invoice that is cancelled and written anew changes nothing;
- receipts of the point of sale count with their lines, and not again with their invoice, nor with the order they pay;
- purchases that were imported count as they are.

All amounts are without taxes, in the currency of the company at the rate of the day.
"""

from odoo.tools import SQL

EVERYBODY = SQL("TRUE")
#: the day of an invoice as a moment: noon, which is the same day almost everywhere
NOON = SQL("interval '12 hours'")


def has_column(env, model, name):
    """Return whether a stored field is there, which depends on what is installed."""
    return model in env and name in env[model]._fields


def of_company(company, alias):
    """Return the condition that a document is of a company; none where all are meant."""
    return SQL("%s.company_id = %s", SQL.identifier(alias), company.id) if company else SQL("TRUE")


def returns(company, whose):
    """Return a query of credit note lines that belong to order lines, with the share of each that takes off.

    Columns: ``line_id``, ``share`` (0 to 1).  An order line is short of what was ordered and is not invoiced any more;
    its credit notes take off that much and no more.
    """
    return SQL(
        """
        SELECT l.id AS line_id,
               LEAST(1, GREATEST(0, sol.price_subtotal * (1 - sol.qty_invoiced / NULLIF(sol.product_uom_qty, 0)))
                        / NULLIF(sum(ABS(l.price_subtotal)) OVER (PARTITION BY sol.id), 0)) AS share
          FROM account_move m
          JOIN account_move_line l ON l.move_id = m.id AND l.display_type = 'product'
          JOIN sale_order_line_invoice_rel rel ON rel.invoice_line_id = l.id
          JOIN sale_order_line sol ON sol.id = rel.order_line_id
         WHERE m.move_type = 'out_refund' AND m.state = 'posted' AND sol.state = 'sale'
           AND sol.is_downpayment IS NOT TRUE AND %s AND %s
        """,
        of_company(company, "m"),
        whose,
    )


def invoice_lines(env, company, whose=EVERYBODY):
    """Return the FROM and WHERE of invoice and credit note lines that count, with ``linked`` and ``returned``.

    :param SQL whose: condition on the partner of the entry ``m``
    """
    receipts = SQL("TRUE")
    if "pos.order" in env:
        receipts = SQL("NOT EXISTS (SELECT FROM pos_order receipt WHERE receipt.account_move = m.id)")
    return SQL(
        """
             account_move m
        JOIN account_move_line l ON l.move_id = m.id AND l.display_type = 'product'
   LEFT JOIN LATERAL (SELECT TRUE AS linked FROM sale_order_line_invoice_rel rel
                       WHERE rel.invoice_line_id = l.id LIMIT 1) AS ordered ON TRUE
   LEFT JOIN (%s) AS returned ON returned.line_id = l.id
       WHERE m.move_type IN ('out_invoice', 'out_refund', 'out_receipt') AND m.state = 'posted' AND %s AND %s AND %s
        """,
        returns(company, whose),
        of_company(company, "m"),
        receipts,
        whose,
    )


#: what one invoice line counts for: whole when from no order, the share that is short when it is a return of one
INVOICE_AMOUNT = SQL(
    "-l.balance * CASE WHEN ordered.linked IS NULL THEN 1 WHEN m.move_type = 'out_refund'"
    " THEN COALESCE(returned.share, 0) ELSE 0 END"
)


def receipt_lines(env, company):
    """Return the FROM and WHERE of lines of the point of sale that count, or None where it is not installed."""
    if "pos.order" not in env:
        return None
    settled = SQL("TRUE")
    if has_column(env, "pos.order.line", "sale_order_line_id"):
        settled = SQL("l.sale_order_line_id IS NULL")
    return SQL(
        """
             pos_order o
        JOIN pos_order_line l ON l.order_id = o.id
       WHERE o.state IN ('paid', 'done', 'invoiced') AND o.partner_id IS NOT NULL AND %s AND %s
        """,
        of_company(company, "o"),
        settled,
    )


def bought(env, company, zone, firms=None):
    """Return a query of one row for each document by which contacts bought from a company.

    Columns: ``contact_id``, ``amount``, and ``bought_at``, the moment of a purchase; NULL for what takes off or only
    adds to another document.

    :param str zone: name of the company's time zone
    :param firms: ids of the customers that are meant; all when None
    """

    def whose(column):
        if firms is None:
            return SQL("%s IS NOT NULL", column)
        # contacts of the customers that are meant are few: begin with them
        contacts = "%s IN (SELECT id FROM res_partner WHERE commercial_partner_id = ANY(%s))"
        return SQL(contacts, column, list(firms))

    parts = [
        SQL(
            """
            SELECT o.partner_id AS contact_id,
                   CASE WHEN o.currency_rate = 1 THEN o.amount_untaxed
                        ELSE o.amount_untaxed / COALESCE(NULLIF(o.currency_rate, 0), 1) END AS amount,
                   CASE WHEN o.amount_untaxed > 0 THEN o.date_order END AS bought_at
              FROM sale_order o
             WHERE o.state = 'sale' AND %s AND %s
            """,
            of_company(company, "o"),
            whose(SQL("o.partner_id")),
        )
    ]
    invoices = SQL(
        """
        SELECT m.partner_id AS contact_id, sum(%(amount)s) AS amount,
               CASE WHEN m.move_type <> 'out_refund' AND NOT bool_or(ordered.linked IS TRUE) AND sum(%(amount)s) > 0
                    THEN ((m.invoice_date + %(noon)s) AT TIME ZONE %(zone)s) AT TIME ZONE 'UTC' END AS bought_at
          FROM %(lines)s
      GROUP BY m.id
        """,
        amount=INVOICE_AMOUNT,
        noon=NOON,
        zone=zone,
        lines=invoice_lines(env, company, whose(SQL("m.partner_id"))),
    )
    purchases = SQL(
        """
        SELECT m.partner_id AS contact_id, m.amount_company AS amount,
               CASE WHEN m.amount_company > 0 THEN ((m.date + %s) AT TIME ZONE %s) AT TIME ZONE 'UTC' END AS bought_at
          FROM community_purchase m
         WHERE %s AND %s
        """,
        NOON,
        zone,
        of_company(company, "m"),
        whose(SQL("m.partner_id")),
    )
    parts += [invoices, purchases]
    lines = receipt_lines(env, company)
    if lines:
        receipts = SQL(
            """
            SELECT o.partner_id AS contact_id, %(amount)s AS amount,
                   CASE WHEN %(amount)s > 0 THEN o.date_order END AS bought_at
              FROM %(lines)s AND %(whose)s
          GROUP BY o.id
            """,
            amount=SQL("sum(l.price_subtotal / COALESCE(NULLIF(o.currency_rate, 0), 1))"),
            lines=lines,
            whose=whose(SQL("o.partner_id")),
        )
        parts.append(receipts)
    return SQL(" UNION ALL ").join(parts)
