import secrets

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError

from ..platform.defaults import without_defaults

#: signs of a code that nobody mistakes for another when it is read aloud
SIGNS = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789"
#: where the page of a share kit stands
SHARE_PATH = "/community/share"
#: what follows from the rest
OURS = frozenset(("token", "link_id", "revoked_at", "active"))


class CommunityReferral(models.Model):
    """One link of one advocate: whoever comes through it, or gives its code, was sent by them."""

    _name = "community.referral"
    _description = "Referral Link"
    _order = "id desc"
    _rec_name = "code"
    _check_company_auto = True

    influencer_id = fields.Many2one("community.influencer", string="Of", required=True, index=True, ondelete="restrict")
    company_id = fields.Many2one(related="influencer_id.company_id", store=True, index=True)
    partner_id = fields.Many2one(
        related="influencer_id.partner_id", string="Contact", store=True, index="btree_not_null"
    )
    kit_id = fields.Many2one(
        "community.share.kit", string="Share kit", check_company=True, ondelete="restrict", index="btree_not_null"
    )
    collaboration_id = fields.Many2one(
        "community.collaboration",
        check_company=True,
        ondelete="set null",
        index="btree_not_null",
        domain="[('influencer_id', '=', influencer_id)]",
    )
    target = fields.Char(
        "Leads to",
        compute="_compute_target",
        store=True,
        readonly=False,
        precompute=True,
        required=True,
        help="The page of ours that visitors are sent to.",
    )
    code = fields.Char(
        required=True, copy=False, default=lambda self: self._new_code(), help="What buyers may type or tell instead."
    )
    link_id = fields.Many2one("link.tracker", string="Tracked link", readonly=True, copy=False, ondelete="restrict")
    short_url = fields.Char("Link", compute="_compute_short_url")
    token = fields.Char(
        required=True, readonly=True, copy=False, default=lambda self: secrets.token_urlsafe(24), string="Key"
    )
    share_url = fields.Char(
        "Page for them", compute="_compute_short_url", help="Texts and pictures, ready to be copied."
    )
    active = fields.Boolean(default=True, readonly=True, copy=False)
    revoked_at = fields.Datetime("Revoked on", readonly=True, copy=False)
    click_count = fields.Integer(compute="_compute_brought", string="Clicks")
    lead_count = fields.Integer(compute="_compute_brought", string="Leads")
    order_count = fields.Integer(compute="_compute_brought", string="Orders")
    revenue = fields.Monetary(
        compute="_compute_brought",
        groups="community_manager.group_manager",
        help="Confirmed orders, without taxes, in the currency of the company.",
    )
    currency_id = fields.Many2one(related="company_id.currency_id")

    _unique_code = models.UniqueIndex("(UPPER(code))", "This code is used already.")
    _unique_token = models.UniqueIndex("(token)")

    @api.model
    def _new_code(self):
        return "".join(secrets.choice(SIGNS) for _sign in range(7))

    @api.depends("kit_id")
    def _compute_target(self):
        for one in self:
            one.target = one.target or one.kit_id.url or one.company_id.sudo().website or one.get_base_url()

    @api.depends("link_id", "token")
    def _compute_short_url(self):
        for one in self:
            one.short_url = one.sudo().link_id.short_url if one.active else False
            page = one.active and one.kit_id and one.token
            one.share_url = f"{one.get_base_url()}{SHARE_PATH}/{one.token}" if page else False

    @api.depends("code", "influencer_id.name")
    def _compute_display_name(self):
        for one in self:
            one.display_name = f"{one.influencer_id.sudo().name} ({one.code})"

    @api.depends("link_id.count")
    def _compute_brought(self):
        figures = self._figures()
        for one in self:
            figure = figures.get(one.id) or dict.fromkeys(("clicks", "leads", "orders", "revenue"), 0)
            one.click_count, one.lead_count = figure["clicks"], figure["leads"]
            one.order_count, one.revenue = figure["orders"], figure["revenue"]

    def _figures(self):
        """Return what came through these links: ``{id: {"clicks", "leads", "orders", "revenue"}}``.

        Counted are clicks while the link was in force, leads that are not lost by being deleted, and confirmed
        orders, whose amounts are without taxes and in the currency of the company.
        """
        # sudo: figures that name nobody, for those who see the link
        leads = self.env["crm.lead"].sudo().with_context(active_test=False)
        asked = dict(
            leads._read_group([("community_referral_id", "in", self.ids)], ["community_referral_id"], ["__count"])
        )
        bought = {referral.id: (0, 0.0) for referral in self}
        sold = [("community_referral_id", "in", self.ids), ("state", "=", "sale")]
        for order in (
            self.env["sale.order"]
            .sudo()
            .search_fetch(sold, ["community_referral_id", "amount_untaxed", "currency_rate"])
        ):
            count, total = bought[order.community_referral_id.id]
            amount = order.amount_untaxed / (order.currency_rate or 1.0)
            bought[order.community_referral_id.id] = (count + 1, total + amount)
        clicks = self._clicks()
        return {
            one.id: {
                "clicks": clicks.get(one.id, 0),
                "leads": asked.get(one, 0),
                "orders": bought[one.id][0],
                "revenue": bought[one.id][1],
            }
            for one in self
        }

    def _clicks(self):
        """Return ``{id: clicks}`` while each link was in force."""
        found = {one.id: one.sudo().link_id.count for one in self if not one.revoked_at}
        for one in self.filtered("revoked_at"):
            inside = [("link_id", "=", one.link_id.id), ("create_date", "<=", one.revoked_at)]
            found[one.id] = self.env["link.tracker.click"].sudo().search_count(inside)
        return found

    # -- life ---------------------------------------------------------------------------------------------------------

    @api.model_create_multi
    def create(self, vals_list):
        if not self.env.su and any(OURS & set(values) for values in vals_list):
            raise AccessError(self.env._("The link and its key are made by themselves."))
        referrals = super(CommunityReferral, without_defaults(self, OURS)).create(
            [{**values, "code": _plain(values["code"])} if values.get("code") else values for values in vals_list]
        )
        for referral in referrals:
            referral._make_link()
        return referrals

    def write(self, vals):
        if not self.env.su and OURS & set(vals):
            raise AccessError(self.env._("The link and its key are made by themselves."))
        if vals.get("code"):
            vals = {**vals, "code": _plain(vals["code"])}
        if (
            not self.env.su
            and "influencer_id" in vals
            and self.filtered(lambda one: one.influencer_id.id != vals["influencer_id"])
        ):
            raise UserError(self.env._("A link stays with the person it was made for: make another."))
        result = super().write(vals)
        if "target" in vals:
            for referral in self:
                # sudo: links are made for everybody here
                referral.sudo().link_id.url = referral._absolute(referral.target)
        return result

    def _absolute(self, target):
        target = (target or "").strip()
        if not target.startswith(("https://", "http://", "/")):
            raise UserError(self.env._("“%s” is no address of a page: begin with https://", target))
        return target

    def _make_link(self):
        """Make the tracked link, with names of source, medium and campaign that tell nobody who the advocate is."""
        self.ensure_one()
        mixin = self.env["utm.mixin"].sudo()
        # sudo: links are made for everybody here
        self.sudo().link_id = (
            self.env["link.tracker"]
            .sudo()
            .create(
                {
                    "url": self._absolute(self.target),
                    "title": self.kit_id.name or self.code,
                    "label": self.code,
                    "source_id": self.influencer_id._utm_source().id,
                    "medium_id": mixin._find_or_create_record("utm.medium", "Word of mouth").id,
                    "campaign_id": self.kit_id.sudo().campaign_id.id,
                }
            )
        )

    def action_revoke(self):
        """End these links: whoever still follows them arrives, and is counted for nobody; the page is closed."""
        self.check_access("write")
        for one in self.sudo().filtered("active"):
            one.write({"active": False, "revoked_at": fields.Datetime.now(), "token": secrets.token_urlsafe(24)})
            one.link_id.write({"source_id": False, "medium_id": False, "campaign_id": False})

    def action_open_page(self):
        """Open the page that the advocate sees."""
        self.ensure_one()
        return {"type": "ir.actions.act_url", "url": self.share_url, "target": "new"}

    def action_open_leads(self):
        """Open who asked through these links."""
        return self._open_brought(self.env._("Leads"), "crm.lead")

    def action_open_orders(self):
        """Open what was bought through these links."""
        return self._open_brought(self.env._("Orders"), "sale.order")

    def _open_brought(self, name, model):
        return {
            "type": "ir.actions.act_window",
            "name": name,
            "res_model": model,
            "views": [(False, "list"), (False, "form")],
            "domain": [("community_referral_id", "in", self.ids)],
            "context": {"create": False, "active_test": False},
        }


def _plain(code):
    """Return a code as it is kept and compared: capital letters, nothing around it."""
    return "".join((code or "").split()).upper()
