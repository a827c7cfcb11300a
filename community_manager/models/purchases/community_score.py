from odoo import api, fields, models
from odoo.tools import SQL

from .fields_bare import Bare

#: who sees what customers spend
AMOUNTS = "sales_team.group_sale_salesman,community_manager.group_manager"
#: how next purchase, being lost and value were found
METHODS = [
    ("bgnbd", "From all customers' history (BG/NBD, Gamma-Gamma)"),
    ("once", "Bought once: from all customers' history, and the usual gap"),
    ("plain", "From the usual gap between purchases"),
    ("none", "Nothing to go by yet"),
]


class CommunityScore(models.Model):
    """One customer of a company: what they bought, how that ranks, and what may be expected.

    A customer is the commercial entity: what the people of a firm buy counts for the firm.  Rows are written set-wise
    by ``community.score._refresh`` and by nothing else, see ``docs/customers.md``.
    """

    _name = "community.score"
    _description = "Customer"
    _order = "m desc, f desc, r desc, id"
    _rec_name = "partner_id"
    _log_access = False

    partner_id = Bare("res.partner", string="Customer", required=True, readonly=True)
    company_id = Bare("res.company", required=True, readonly=True)
    currency_id = fields.Many2one(related="company_id.currency_id")
    first_on = fields.Date(string="First purchase", readonly=True)
    last_on = fields.Date(string="Last purchase", readonly=True)
    frequency = fields.Integer(
        string="Purchases", readonly=True, aggregator="sum", help="Orders, invoices without an order and receipts."
    )
    monetary = fields.Monetary(
        string="Bought for",
        readonly=True,
        groups=AMOUNTS,
        help="Without taxes, returns taken off, in the currency of the company at the rate of each day.",
    )
    recency = fields.Integer(
        string="Days since", compute="_compute_recency", help="Days since the last purchase.", aggregator=None
    )
    r = fields.Integer(string="Recency", readonly=True, aggregator="avg", help="5: among those who bought last.")
    f = fields.Integer(string="Frequency", readonly=True, aggregator="avg", help="5: among those who buy most often.")
    m = fields.Integer(string="Monetary", readonly=True, aggregator="avg", help="5: among those who spend most.")
    rfm = fields.Char(
        string="RFM", compute="_compute_rfm", help="Recency, frequency and money spent, each from 1 to 5."
    )
    segment_id = Bare("community.segment", readonly=True)
    method = fields.Selection(METHODS, readonly=True, default="none", string="Found by")
    alive = fields.Float(
        string="Still a customer", readonly=True, aggregator="avg", help="Probability that they buy again at all."
    )
    lost = fields.Float(compute="_compute_lost", help="Probability that they do not come back.")
    expected_purchases = fields.Float(
        readonly=True, aggregator="sum", digits=(12, 2), help="Purchases that may be expected in the next year."
    )
    lifetime_value = fields.Monetary(
        readonly=True,
        groups=AMOUNTS,
        string="Value to come",
        help="What they may be expected to buy for in the next three years, worth today, without taxes.",
    )
    next_purchase_on = fields.Date(
        string="Next purchase",
        readonly=True,
        help="When the next purchase may be expected if they still buy; a day that has passed: it was expected then.",
    )
    valued_on = fields.Date(string="Expected as of", readonly=True)

    _unique_customer = models.UniqueIndex("(partner_id, company_id)")
    _by_segment = models.Index("(segment_id)")
    _by_last = models.Index("(company_id, last_on)")

    @api.depends("last_on")
    def _compute_recency(self):
        days = {company: company._community_day() for company in self.company_id}
        for score in self:
            score.recency = (days[score.company_id] - score.last_on).days if score.last_on else 0

    @api.depends("r", "f", "m")
    def _compute_rfm(self):
        for score in self:
            score.rfm = f"{score.r}-{score.f}-{score.m}" if score.r else False

    @api.depends("alive", "method")
    def _compute_lost(self):
        for score in self:
            score.lost = 1.0 - score.alive if score.method != "none" else 0.0

    @api.depends("partner_id")
    def _compute_display_name(self):
        for score in self:
            score.display_name = score.partner_id.display_name

    def action_open_partner(self):
        """Open the contact."""
        self.ensure_one()
        return self.partner_id.get_formview_action()

    def action_open_transactions(self):
        """Open what these customers bought."""
        action = self.env["ir.actions.act_window"]._for_xml_id("community_manager.action_transactions")
        domain = [("commercial_partner_id", "in", self.partner_id.ids), ("company_id", "in", self.company_id.ids)]
        return {**action, "domain": domain, "context": {}}

    @api.model
    def _of(self, partners, company):
        """Return ``{contact id: community.score}`` of some contacts, people being those of their firm.

        :param partners: ``res.partner``
        :param company: ``res.company``
        """
        firms = {partner.id: partner.commercial_partner_id.id for partner in partners.sudo()}
        found = self.search([("company_id", "=", company.id), ("partner_id", "in", list(set(firms.values())))])
        scores = {score.partner_id.id: score for score in found}
        return {partner_id: scores[firm] for partner_id, firm in firms.items() if firm in scores}

    @api.model
    def _forget(self, partner_ids):
        """Remove the rows of contacts that are deleted, which no foreign key does."""
        for table in ("community_score", "community_score_change"):
            self.env.cr.execute(
                SQL("DELETE FROM %s WHERE partner_id = ANY(%s)", SQL.identifier(table), list(partner_ids))
            )
        self.invalidate_model()
