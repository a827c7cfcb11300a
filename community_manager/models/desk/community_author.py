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
        help="From mailing lists and the blacklist, for the e-mail of the contact.",
    )
    touches = fields.Integer(
        compute="_compute_touches", help="What we said to this person in thirty days, on any of their profiles."
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
        addresses = {author: author.partner_id.sudo().email_normalized for author in self}
        wanted = [address for address in addresses.values() if address]
        refused, agreed = set(), set()
        if wanted:
            blacklist = self.env["mail.blacklist"].sudo().search([("email", "in", wanted)])
            subscriptions = (
                self.env["mailing.subscription"].sudo().search([("contact_id.email_normalized", "in", wanted)])
            )
            refused = {*blacklist.mapped("email")}
            agreed = {one.contact_id.email_normalized for one in subscriptions if not one.opt_out}
            refused |= {one.contact_id.email_normalized for one in subscriptions if one.opt_out} - agreed
        for author, address in addresses.items():
            author.consent = "no" if address in refused else "yes" if address in agreed else "unknown"

    @api.depends("partner_id")
    def _compute_touches(self):
        since = fields.Datetime.now() - timedelta(days=TOUCHES_OVER)
        for author in self:
            sent = Domain("author_id", "in", author._profiles().ids) & Domain("state", "=", "sent")
            replies = self.env["community.reply"]
            author.last_touch_at = replies.search(sent, order="sent_at desc", limit=1).sent_at
            author.touches = replies.search_count(sent & Domain("sent_at", ">=", since)) if author.last_touch_at else 0

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
