from datetime import timedelta

from odoo import api, fields, models
from odoo.fields import Domain

#: days over which touches are counted
TOUCHES_OVER = 30


class CommunityAuthor(models.Model):
    """What an agent wants to know of a person before answering, by plain rules."""

    _inherit = "community.author"

    lifecycle = fields.Selection(
        [
            ("community", "Community"),
            ("market", "Known contact"),
            ("prospect", "Prospect"),
            ("customer", "Customer"),
            ("partner", "Partner"),
        ],
        compute="_compute_lifecycle",
        help="Customer: has a confirmed order. Prospect: has a quotation or an open lead. Known contact: is a contact "
        "of ours. Community: everybody else who speaks of us.",
    )
    currency_id = fields.Many2one(related="company_id.currency_id", string="Currency")
    value = fields.Monetary(
        compute="_compute_value",
        groups="sales_team.group_sale_salesman",
        help="Confirmed sale orders of the contact that you may see, in the currency of the company.",
    )
    consent = fields.Selection(
        [("unknown", "Not asked"), ("yes", "May be written to"), ("no", "Wants no mailings")],
        compute="_compute_consent",
        help="Whether news may be sent by e-mail: what the contact chose, mailing lists and the exclusion list.",
    )
    touches = fields.Integer(
        compute="_compute_touches", help="How often this person heard from us in thirty days, by whatever medium."
    )
    last_touch_at = fields.Datetime(compute="_compute_touches", string="Last touch")
    holds = fields.Char(compute="_compute_holds", help="Why nothing may be sent to this person now.")

    @api.depends("partner_id", "lead_id")
    def _compute_lifecycle(self):
        found = self._lifecycles()
        for author in self:
            author.lifecycle = found.get(author.id, "community")

    @api.depends("partner_id")
    @api.depends_context("uid")
    def _compute_value(self):
        for author in self:
            author.value = author._sales()["total"]

    def _sales_domain(self):
        """Return the domain of the confirmed orders of the person, in the author's company."""
        self.ensure_one()
        return (
            Domain("state", "=", "sale")
            & Domain("company_id", "=", self.company_id.id)
            & Domain("partner_id.commercial_partner_id", "=", self.partner_id.sudo().commercial_partner_id.id)
        )

    def _sales(self):
        """Return ``total`` in the company's currency, ``count`` and ``last`` date of the orders this user may see."""
        self.ensure_one()
        nothing = {"total": 0.0, "count": 0, "last": False}
        orders = self.env["sale.order"]
        if not self.partner_id or not orders.has_access("read"):
            return nothing
        rows = orders._read_group(
            self._sales_domain(), ["currency_id"], ["amount_total:sum", "__count", "date_order:max"]
        )
        if not rows:
            return nothing
        company, today = self.company_id, fields.Date.context_today(self)
        return {
            "total": sum(currency._convert(total, company.currency_id, company, today) for currency, total, *_ in rows),
            "count": sum(count for _currency, _total, count, _last in rows),
            "last": max(last for *_, last in rows),
        }

    @api.depends("partner_id.email_normalized")
    def _compute_consent(self):
        # sudo: only yes or no is told of lists that agents need not read
        consents = self.env["community.consent"].sudo()
        news = self.env["community.purpose"]._get("news").id
        for company, authors in self.grouped("company_id").items():
            partners = authors.partner_id.sudo()
            standing = consents._standing(partners, company)
            addresses = [address for address in partners.mapped("email_normalized") if address]
            refused = set(self.env["mail.blacklist"].sudo().search([("email", "in", addresses)]).mapped("email"))
            for author in authors:
                partner = author.partner_id.sudo()
                state = consents._state_of(standing.get(partner.id, ()), news, "email")
                if partner.email_normalized in refused:
                    state = "withdrawn"
                author.consent = {"granted": "yes", "withdrawn": "no"}.get(state, "unknown")

    @api.depends("partner_id")
    def _compute_touches(self):
        since = fields.Datetime.now() - timedelta(days=TOUCHES_OVER)
        for author in self:
            if author.partner_id:
                records, when = self.env["community.touch"], "moment"
                sent = Domain("partner_id", "=", author.partner_id.id) & Domain("state", "=", "used")
                sent &= Domain("company_id", "=", author.company_id.id)
            else:  # who is no contact has only what was said to this profile
                records, when = self.env["community.reply"], "sent_at"
                sent = Domain("author_id", "=", author.id) & Domain("state", "=", "sent")
            if not records.has_access("read"):
                author.last_touch_at, author.touches = False, 0
                continue
            author.last_touch_at = records.search(sent, order=f"{when} desc", limit=1)[when]
            author.touches = records.search_count(sent & Domain(when, ">=", since)) if author.last_touch_at else 0

    def _profiles(self):
        """Return all profiles of the person, this one among them."""
        self.ensure_one()
        if not self.partner_id:
            return self
        theirs = [("partner_id", "=", self.partner_id.id), ("company_id", "=", self.company_id.id)]
        return self.search(theirs) | self

    def _compute_holds(self):
        for author in self:
            author.holds = " · ".join(author._holds().mapped("name")) or False

    def _holds(self):
        """Return the ``community.hold`` records for which nothing may be sent to this person now."""
        self.ensure_one()
        holds = self.env["community.hold"]._current(self.company_id)
        return holds.filtered(lambda hold: self in hold.author_ids and hold.scope != "publish")
