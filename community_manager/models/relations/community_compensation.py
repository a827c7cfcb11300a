from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError

from ..platform.defaults import without_defaults

#: what only the buttons decide
OURS = frozenset(("state", "confirmed_at", "confirmed_by_id", "paid_at", "paid_by_id"))
#: what cannot change any more once a manager has allowed the payment
SETTLED = frozenset(("amount", "currency_id", "influencer_id", "collaboration_id", "kind"))


class CommunityCompensation(models.Model):
    """What somebody gets for what they did: the ledger.

    ``planned → payable → paid``.  Payable is what a manager has allowed after seeing that it was done, for all of a
    collaboration at once; the payment itself is made elsewhere, and noted here once.
    """

    _name = "community.compensation"
    _description = "Compensation"
    _inherit = ["mail.thread"]
    _order = "id desc"
    _check_company_auto = True

    name = fields.Char("What for", required=True)
    influencer_id = fields.Many2one(
        "community.influencer",
        string="For",
        required=True,
        index=True,
        ondelete="restrict",
        compute="_compute_influencer_id",
        store=True,
        readonly=False,
        precompute=True,
    )
    collaboration_id = fields.Many2one(
        "community.collaboration",
        index="btree_not_null",
        ondelete="restrict",
        check_company=True,
        domain="[('influencer_id', '=?', influencer_id)]",
    )
    company_id = fields.Many2one(related="influencer_id.company_id", store=True, index=True)
    partner_id = fields.Many2one(
        related="influencer_id.partner_id", string="Contact", store=True, index="btree_not_null"
    )
    kind = fields.Selection([("money", "Money"), ("kind", "In kind")], default="money", required=True)
    amount = fields.Monetary(
        required=True,
        groups="community_manager.group_manager",
        tracking=True,
        help="What it is worth, also of what is given in kind.",
    )
    currency_id = fields.Many2one("res.currency", required=True, default=lambda self: self.env.company.currency_id)
    amount_company = fields.Monetary(
        "Amount in our currency",
        compute="_compute_amount_company",
        store=True,
        currency_field="company_currency_id",
        groups="community_manager.group_manager",
        help="At the rate of the day of the payment; before it, of the day on which this was last changed.",
    )
    company_currency_id = fields.Many2one(related="company_id.currency_id", string="Our currency")
    due_on = fields.Date("Due")
    date = fields.Date(
        "Counts on", compute="_compute_date", store=True, help="Day of the payment; before it, when it is due."
    )
    state = fields.Selection(
        [("planned", "Promised"), ("payable", "To pay"), ("paid", "Paid"), ("cancelled", "Cancelled")],
        default="planned",
        required=True,
        readonly=True,
        copy=False,
        tracking=True,
        index=True,
        group_expand=True,
    )
    confirmed_at = fields.Datetime("Allowed on", readonly=True, copy=False)
    confirmed_by_id = fields.Many2one("res.users", string="Allowed by", readonly=True, copy=False)
    paid_at = fields.Datetime("Paid on", readonly=True, copy=False)
    paid_by_id = fields.Many2one("res.users", string="Paid by", readonly=True, copy=False)
    reference = fields.Char(
        copy=False, tracking=True, help="Number of the invoice, the transfer or the delivery; it counts once."
    )

    _positive = models.Constraint("CHECK(amount > 0)", "Say what it is worth, also of what is given in kind.")
    _one_reference = models.UniqueIndex(
        "(company_id, reference) WHERE reference IS NOT NULL",
        "This reference stands at another compensation already.",
    )

    @api.depends("collaboration_id")
    def _compute_influencer_id(self):
        for one in self:
            one.influencer_id = one.collaboration_id.influencer_id or one.influencer_id

    @api.depends("amount", "currency_id", "company_id", "paid_at")
    def _compute_amount_company(self):
        for one in self:
            day = (one.paid_at or fields.Datetime.now()).date()
            ours = one.company_id.currency_id or one.currency_id
            one.amount_company = one.currency_id._convert(one.amount, ours, one.company_id, day)

    @api.depends("paid_at", "due_on")
    def _compute_date(self):
        for one in self:
            one.date = (
                one.paid_at.date() if one.paid_at else one.due_on or (one.create_date or fields.Datetime.now()).date()
            )

    # -- rights -------------------------------------------------------------------------------------------------------

    @api.model_create_multi
    def create(self, vals_list):
        if not self.env.su:
            for values in vals_list:
                if values.get("state", "planned") != "planned" or OURS & set(values) - {"state"}:
                    raise AccessError(self.env._("What was paid, the buttons note."))
            self = without_defaults(self, OURS)
        found = super().create([{**values, "reference": _plain(values.get("reference"))} for values in vals_list])
        late = found.filtered(lambda one: one.collaboration_id.state in ("done", "cancelled"))
        if late:
            raise UserError(self.env._("“%s” is over: what was promised for it stands.", late[0].collaboration_id.name))
        return found

    def write(self, vals):
        if not self.env.su:
            if OURS & set(vals):
                raise AccessError(self.env._("What was paid, the buttons note."))
            if SETTLED & set(vals) and self.filtered(lambda one: one.state != "planned"):
                raise UserError(self.env._("What a manager has allowed to pay does not change any more."))
            if "reference" in vals and self.filtered(lambda one: one.state == "paid"):
                raise UserError(self.env._("What was paid does not change any more."))
        if "reference" in vals:
            vals = {**vals, "reference": _plain(vals["reference"])}
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_what_was_promised_alone(self):
        if self.filtered(lambda one: one.state not in ("planned", "cancelled")):
            raise UserError(self.env._("What may be paid, or was, stays in the ledger."))

    def _ensure_manager(self):
        if not self.env.user.has_group("community_manager.group_manager"):
            raise AccessError(self.env._("Only community managers can do this."))
        self.check_access("write")

    # -- buttons ------------------------------------------------------------------------------------------------------

    def _allow_payment(self, user):
        """Allow to pay what was promised, once somebody has seen that it was done."""
        promised = self.sudo().filtered(lambda one: one.state == "planned")
        promised.write({"state": "payable", "confirmed_at": fields.Datetime.now(), "confirmed_by_id": user.id})

    def action_allow(self):
        """Confirm that it was done, where it belongs to no collaboration.

        :raises UserError: it belongs to a collaboration that is not confirmed yet
        """
        self._ensure_manager()
        for one in self:
            if one.state != "planned":
                raise UserError(self.env._("“%s” is not waiting for that.", one.name))
            if one.collaboration_id and one.collaboration_id.state != "done":
                raise UserError(
                    self.env._("First confirm that “%s” is done: then it can be paid.", one.collaboration_id.name)
                )
        self._allow_payment(self.env.user)

    def action_pay(self):
        """Note that this was paid or handed over; once.

        :raises UserError: it may not be paid, or was paid already
        """
        self._ensure_manager()
        # whoever pays the same at the same moment waits here, and then starts again with what the first has noted
        self.lock_for_update()
        for one in self:
            if one.state == "paid":
                raise UserError(self.env._("“%s” was paid already.", one.name))
            if one.state != "payable":
                raise UserError(self.env._("“%s” cannot be paid before a manager has confirmed it.", one.name))
        self.sudo().write({"state": "paid", "paid_at": fields.Datetime.now(), "paid_by_id": self.env.uid})

    def action_cancel(self):
        """It is not paid."""
        self._ensure_manager()
        if self.filtered(lambda one: one.state == "paid"):
            raise UserError(self.env._("What was paid cannot be cancelled."))
        self.sudo().write({"state": "cancelled"})


def _plain(reference):
    """Return a reference as it is compared: without blanks around it, None where there is none."""
    return (reference or "").strip() or None
