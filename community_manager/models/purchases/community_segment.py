from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.fields import Domain
from odoo.tools import SQL
from odoo.tools.safe_eval import safe_eval

from .community_score import AMOUNTS

#: what the three scores go up to
BEST = 5
RANGES = ("r_min", "r_max", "f_min", "f_max", "m_min", "m_max")


class CommunitySegment(models.Model):
    """A named group of customers: by ranges of recency, frequency and money, or by any condition on the contact.

    Of the segments by ranges a customer belongs to the first, from the top, that fits; to those by condition a contact
    belongs besides, whenever it meets them.
    """

    _name = "community.segment"
    _description = "Segment"
    _order = "sequence, id"

    name = fields.Char(required=True, translate=True)
    code = fields.Char(readonly=True, copy=False)
    active = fields.Boolean(default=True)
    sequence = fields.Integer(default=100)
    color = fields.Integer()
    company_id = fields.Many2one("res.company", help="Empty: for all companies.")
    kind = fields.Selection(
        [("rfm", "What they bought, when and how often"), ("domain", "A condition on the contact")],
        string="By",
        default="rfm",
        required=True,
    )
    description = fields.Text(translate=True, help="Who they are and what helps with them, for colleagues.")
    r_min = fields.Integer(string="Recency from", default=1, required=True)
    r_max = fields.Integer(string="Recency to", default=BEST, required=True)
    f_min = fields.Integer(string="Frequency from", default=1, required=True)
    f_max = fields.Integer(string="Frequency to", default=BEST, required=True)
    m_min = fields.Integer(string="Monetary from", default=1, required=True)
    m_max = fields.Integer(string="Monetary to", default=BEST, required=True)
    range_text = fields.Char(compute="_compute_range_text", string="Which")
    domain = fields.Char(default="[]", string="Condition")
    partner_count = fields.Integer(compute="_compute_figures", string="Customers")
    currency_id = fields.Many2one("res.currency", compute="_compute_currency_id")
    monetary = fields.Monetary(compute="_compute_figures", string="Bought for", groups=AMOUNTS)
    joined_count = fields.Integer(
        compute="_compute_moves", string="Came in 30 days", help="Customers who came from another segment."
    )
    left_count = fields.Integer(
        compute="_compute_moves", string="Left in 30 days", help="Customers who went to another segment."
    )

    _unique_code = models.UniqueIndex("(code) WHERE code IS NOT NULL")

    @api.constrains(*RANGES)
    def _check_ranges(self):
        for segment in self:
            for letter in "rfm":
                low, high = segment[f"{letter}_min"], segment[f"{letter}_max"]
                if not 1 <= low <= high <= BEST:
                    raise ValidationError(
                        self.env._("The scores of “%s” go from 1 to 5, the lower one first.", segment.name)
                    )

    @api.constrains("domain", "kind")
    def _check_domain(self):
        for segment in self.filtered(lambda one: one.kind == "domain"):
            try:
                self.env["res.partner"].search(segment._partner_domain(self.env.company), limit=1)
            except (ValueError, TypeError, KeyError, SyntaxError, NameError) as error:
                raise ValidationError(
                    self.env._("The condition of “%(name)s” cannot be read: %(error)s", name=segment.name, error=error)
                ) from error

    @api.depends(*RANGES, "kind")
    def _compute_range_text(self):
        for segment in self:
            parts = [
                f"{letter.upper()} {low}" + ("" if low == high else f"–{high}")
                for letter, low, high in segment._ranges()
                if (low, high) != (1, BEST)
            ]
            by_range = " · ".join(parts) or self.env._("Every customer")
            segment.range_text = by_range if segment.kind == "rfm" else self.env._("By a condition")

    def _ranges(self):
        return [(letter, self[f"{letter}_min"], self[f"{letter}_max"]) for letter in "rfm"]

    @api.depends_context("company")
    def _compute_currency_id(self):
        self.currency_id = self.env.company.currency_id

    @api.depends_context("company")
    def _compute_figures(self):
        scores = self.env["community.score"].sudo()
        company = [("company_id", "=", self.env.company.id)]
        by_range = dict.fromkeys(self.ids, (0, 0.0))
        wanted = [*company, ("segment_id", "in", self.ids)]
        for segment, count, total in scores._read_group(wanted, ["segment_id"], ["__count", "monetary:sum"]):
            by_range[segment.id] = (count, total)
        for segment in self:
            if segment.kind == "rfm":
                segment.partner_count, segment.monetary = by_range.get(segment.id, (0, 0.0))
                continue
            query = self.env["res.partner"].sudo()._search(segment._partner_domain(self.env.company))
            segment.partner_count = self.env["res.partner"].sudo().search_count([("id", "in", query)])
            (total,) = scores._read_group([*company, ("partner_id", "in", query)], [], ["monetary:sum"])[0]
            segment.monetary = total or 0.0

    @api.depends_context("company")
    def _compute_moves(self):
        since = fields.Datetime.subtract(fields.Datetime.now(), days=30)
        recent = [("company_id", "=", self.env.company.id), ("moment", ">=", since)]
        changes = self.env["community.score.change"].sudo()
        came = dict(changes._read_group([*recent, ("to_segment_id", "in", self.ids)], ["to_segment_id"], ["__count"]))
        went = dict(
            changes._read_group([*recent, ("from_segment_id", "in", self.ids)], ["from_segment_id"], ["__count"])
        )
        for segment in self:
            segment.joined_count, segment.left_count = came.get(segment, 0), went.get(segment, 0)

    def _partner_domain(self, company):
        """Return the domain of the contacts that the condition means, for one company."""
        own = Domain(safe_eval(self.domain or "[]", {"uid": self.env.uid, "company_id": company.id}))
        return own & Domain("company_id", "in", [False, company.id])

    def _partners(self, company):
        """Return the ids of the contacts that belong to these segments in a company, each once, in order of id.

        By ranges these are customers, that is commercial entities; by condition whoever meets it.

        :param company: ``res.company``
        :rtype: list
        """
        found = set()
        by_range = self.filtered(lambda segment: segment.kind == "rfm")
        if by_range:
            # sudo: whoever builds an audience need not see what its people bought
            scores = self.env["community.score"].sudo()
            query = scores._search([("company_id", "=", company.id), ("segment_id", "in", by_range.ids)])
            rows = self.env.execute_query(query.select(SQL.identifier(scores._table, "partner_id")))
            found.update(row[0] for row in rows)
        for segment in self - by_range:
            found.update(self.env["res.partner"].sudo().search(segment._partner_domain(company)).ids)
        return sorted(found)

    @api.model
    def _cells(self, company):
        """Return the id of the segment of each combination of scores, or None: 125 in the order of r, f and m."""
        segments = self.sudo().search([("kind", "=", "rfm"), ("company_id", "in", [False, company.id])])
        ranges = [(segment.id, segment._ranges()) for segment in segments]
        every = range(1, BEST + 1)
        return [
            next(
                (
                    number
                    for number, limits in ranges
                    if all(low <= value <= high for value, (_letter, low, high) in zip((r, f, m), limits, strict=True))
                ),
                None,
            )
            for r in every
            for f in every
            for m in every
        ]

    @api.model_create_multi
    def create(self, vals_list):
        segments = super().create(vals_list)
        segments._rank_again()
        return segments

    def write(self, vals):
        result = super().write(vals)
        if not {"kind", "active", "sequence", "company_id", *RANGES}.isdisjoint(vals):
            self._rank_again()
        return result

    @api.ondelete(at_uninstall=False)
    def _unlink_unused(self):
        self.env["community.score"].sudo()._leave_segments(self.ids)

    def _rank_again(self):
        """Have customers put into segments anew: soon, and in the background."""
        self.env["community.score"].sudo()._refresh_soon(whole=True)

    def action_open_customers(self):
        """Open who belongs to this segment."""
        self.ensure_one()
        if self.kind == "domain":
            return {
                "type": "ir.actions.act_window",
                "name": self.name,
                "res_model": "res.partner",
                "views": [[False, "list"], [False, "form"]],
                "domain": [("id", "in", self._partners(self.env.company))],
            }
        action = self.env["ir.actions.act_window"]._for_xml_id("community_manager.action_customers")
        return {**action, "name": self.name, "domain": [("segment_id", "=", self.id)], "context": {}}
