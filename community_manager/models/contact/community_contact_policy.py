from odoo import api, fields, models, tools
from odoo.exceptions import ValidationError

DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")


class CommunityContactPolicy(models.Model):
    """How often, when and whom a company contacts, by whatever medium."""

    _name = "community.contact.policy"
    _description = "Contact Policy"
    _inherit = ["mail.thread"]
    _order = "company_id, in_force desc, id"
    _check_company_auto = True

    name = fields.Char(required=True, default=lambda self: self.env._("Contact policy"))
    active = fields.Boolean(default=True)
    company_id = fields.Many2one("res.company", required=True, default=lambda self: self.env.company, index=True)
    in_force = fields.Boolean(
        copy=False,
        tracking=True,
        help="Until a policy is in force nothing that you send is held back, but what a person has refused.",
    )
    limit_ids = fields.One2many("community.contact.limit", "policy_id", string="Limits", copy=True)
    quiet = fields.Boolean("Quiet hours", tracking=True, help="In the time zone of each person.")
    quiet_from = fields.Float("From", default=21.0)
    quiet_until = fields.Float("Until", default=9.0)
    quiet_monday = fields.Boolean("Monday")
    quiet_tuesday = fields.Boolean("Tuesday")
    quiet_wednesday = fields.Boolean("Wednesday")
    quiet_thursday = fields.Boolean("Thursday")
    quiet_friday = fields.Boolean("Friday")
    quiet_saturday = fields.Boolean("Saturday")
    quiet_sunday = fields.Boolean("Sunday")
    hold_ticket = fields.Boolean(
        "Open ticket", default=True, tracking=True, help="Nobody is written to while a ticket of theirs is open."
    )
    hold_complaint = fields.Boolean(
        "Open complaint",
        default=True,
        tracking=True,
        help="A complaint of theirs that nobody closed, or a defect they reported about which nothing is decided.",
    )
    hold_mention_days = fields.Integer(
        "Days after a negative mention", default=7, tracking=True, help="0: a negative mention holds nothing back."
    )
    hold_crisis = fields.Selection(
        [("none", "Goes on"), ("topic", "Waits for those who spoke of it"), ("all", "Waits for everybody")],
        string="In a crisis",
        default="all",
        required=True,
        tracking=True,
    )
    ask_consent = fields.Boolean(
        "Ask for consent",
        default=True,
        tracking=True,
        help="For purposes that need consent, whoever has not agreed is not written to.",
    )
    held_count = fields.Integer("Held in 30 days", compute="_compute_held_count")

    _one_in_force = models.UniqueIndex(
        "(company_id) WHERE in_force AND active", "One policy of a company is in force: take the other one back first."
    )

    def _compute_held_count(self):
        since = fields.Datetime.subtract(fields.Datetime.now(), days=30)
        held = self.env["community.touch"]._read_group(
            [("state", "=", "held"), ("moment", ">=", since), ("company_id", "in", self.company_id.ids)],
            ["company_id"],
            ["__count"],
        )
        counts = {company.id: count for company, count in held}
        for policy in self:
            policy.held_count = counts.get(policy.company_id.id, 0)

    @api.constrains("quiet_from", "quiet_until", "hold_mention_days", *(f"quiet_{day}" for day in DAYS))
    def _check_sense(self):
        for policy in self:
            if not (0 <= policy.quiet_from < 24 and 0 <= policy.quiet_until <= 24):
                raise ValidationError(self.env._("Quiet hours are between 0:00 and 24:00."))
            if all(policy[f"quiet_{day}"] for day in DAYS):
                raise ValidationError(self.env._("With every day quiet nobody would ever be written to."))
            if policy.hold_mention_days < 0:
                raise ValidationError(self.env._("Days after a negative mention cannot be negative."))

    @api.model
    @tools.ormcache("company_id")
    def _rules_of(self, company_id):
        """Return the policy in force of a company as plain values, or an empty dict; kept in memory.

        :param int company_id: of ``res.company``
        """
        policy = self.sudo().search([("company_id", "=", company_id), ("in_force", "=", True)], limit=1)
        if not policy:
            return {}
        return {
            "id": policy.id,
            "limits": [limit._rule() for limit in policy.limit_ids],
            "quiet": (policy.quiet_from, policy.quiet_until) if policy.quiet else (0.0, 0.0),
            "quiet_days": tuple(bool(policy[f"quiet_{day}"]) for day in DAYS) if policy.quiet else (False,) * 7,
            "ticket": policy.hold_ticket,
            "complaint": policy.hold_complaint,
            "mention": policy.hold_mention_days,
            "crisis": policy.hold_crisis,
            "consent": policy.ask_consent,
        }

    @api.model_create_multi
    def create(self, vals_list):
        policies = super().create(vals_list)
        self.env.registry.clear_cache()
        return policies

    def write(self, vals):
        result = super().write(vals)
        self.env.registry.clear_cache()
        return result

    def unlink(self):
        result = super().unlink()
        self.env.registry.clear_cache()
        return result

    def action_start(self):
        """Put this policy in force."""
        self.check_access("write")
        self.in_force = True

    def action_stop(self):
        """Take this policy back: nothing is held back because of it any more."""
        self.check_access("write")
        self.in_force = False

    def action_open_held(self):
        """Open what was held back in thirty days."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id("community_manager.action_touches")
        domain = [("state", "=", "held"), ("company_id", "=", self.company_id.id)]
        return {**action, "domain": domain, "context": {"search_default_by_reason": 1}}
