from odoo import api, fields, models, tools
from odoo.exceptions import UserError, ValidationError
from odoo.fields import Domain

from .community_campaign_person import ALIVE

#: what is part of a version: a person finishes the version they began with
TRIGGERS = [
    ("now", "When it starts"),
    ("date", "At a date"),
    ("audience", "Somebody comes into the audience"),
    ("dates", "A birthday, an anniversary or an own date"),
    ("order", "An order is confirmed"),
    ("lead", "A lead is won"),
    ("ticket", "A ticket is closed"),
    ("solved", "A complaint is solved"),
    ("praise", "Somebody praises us"),
    ("alarm", "An alarm"),
    ("moment", "A moment of truth is reached"),
    ("hand", "By hand only"),
]
#: what starts somebody because something happened to them, told by a ``community.campaign.signal``
EVENTS = ("order", "lead", "ticket", "solved", "praise", "alarm", "moment")


class CommunityCampaign(models.Model):
    """What we do for some people, step by step, without asking more of them than they allow.

    ``draft → running ⇄ paused → done``.  Whoever is in it is a ``community.campaign.person``; what was done for them
    is a ``community.campaign.action``.
    """

    _name = "community.campaign"
    _description = "Over-service Campaign"
    _inherit = ["mail.thread", "mail.activity.mixin"]
    _order = "sequence, id desc"
    _check_company_auto = True

    name = fields.Char(required=True, translate=True, tracking=True)
    active = fields.Boolean(default=True)
    sequence = fields.Integer(default=10)
    color = fields.Integer()
    company_id = fields.Many2one("res.company", required=True, default=lambda self: self.env.company, index=True)
    currency_id = fields.Many2one(related="company_id.currency_id", string="Currency")
    user_id = fields.Many2one(
        "res.users",
        string="Responsible",
        default=lambda self: self.env.user,
        domain="[('share', '=', False)]",
        tracking=True,
        help="Messages come from them, and what needs a person comes to them.",
    )
    description = fields.Text(translate=True, help="What it is for, and when it is a success.")
    purpose_id = fields.Many2one(
        "community.purpose",
        tracking=True,
        ondelete="restrict",
        help="Whoever has not agreed to be contacted for this purpose is left out.",
    )
    state = fields.Selection(
        [("draft", "Draft"), ("running", "Running"), ("paused", "Paused"), ("done", "Ended")],
        default="draft",
        required=True,
        readonly=True,
        copy=False,
        tracking=True,
        index=True,
        group_expand=True,
    )
    started_at = fields.Datetime("Started", readonly=True, copy=False)
    ended_at = fields.Datetime("Ended on", readonly=True, copy=False)
    worked_at = fields.Datetime(readonly=True, copy=False)
    looked_at = fields.Datetime(readonly=True, copy=False)

    trigger = fields.Selection(TRIGGERS, string="Starts", default="hand", required=True, tracking=True)
    trigger_at = fields.Datetime("Start date")
    trigger_dates = fields.Selection(
        [("birthday", "Birthday"), ("anniversary", "Anniversary"), ("own", "Own date")],
        string="Which date",
        default="birthday",
    )
    trigger_days_before = fields.Integer("Days before")
    trigger_hour = fields.Float("At", default=10.0, help="Time of day where the person lives.")
    trigger_order = fields.Integer(
        "Which order", help="1: their first order, 2: their second… 0: every order that is confirmed."
    )
    trigger_alarm_id = fields.Many2one("community.alarm", string="Alarm", check_company=True, ondelete="restrict")
    trigger_moment_id = fields.Many2one(
        "community.moment", string="Moment of truth", check_company=True, ondelete="restrict"
    )

    step_ids = fields.One2many("community.campaign.step", "campaign_id", string="Steps", copy=True)
    variant_ids = fields.One2many("community.campaign.variant", "campaign_id", string="Variants", copy=True)
    version_ids = fields.One2many("community.campaign.version", "campaign_id", string="Versions")
    version_id = fields.Many2one("community.campaign.version", readonly=True, copy=False, string="Current version")
    is_changed = fields.Boolean(compute="_compute_is_changed", string="Changed since it was started")

    control_share = fields.Integer(
        "Control group (%)",
        help="So many of a hundred people get nothing, and are followed all the same: the difference is what the "
        "campaign did.",
    )
    budget = fields.Monetary(tracking=True, help="Empty: no limit. Nothing more is done once it is used up.")
    cost = fields.Monetary(compute="_compute_counts", string="Spent")
    again_after = fields.Integer(
        "Again after (days)", help="0: nobody is in this campaign twice. Else they may be, after so many days."
    )
    patience = fields.Integer(
        "Patience (days)", default=7, help="Who is held back longer than this leaves the campaign."
    )
    exit_bought = fields.Boolean("Leave when they buy", help="Whoever has bought leaves before the next step.")
    exit_complained = fields.Boolean("Leave when they complain", default=True)
    product_choice = fields.Selection(
        [
            ("last", "What they bought last"),
            ("most", "What they bought most often"),
            ("first", "What they bought first"),
        ],
        string="{{ product }} stands for",
        default="last",
        required=True,
    )
    fallback_product_id = fields.Many2one(
        "product.product",
        string="Otherwise",
        check_company=True,
        help="Named to people who have bought nothing. Empty: they are held back.",
    )
    fallback_language = fields.Selection(
        selection="_selection_language",
        string="Otherwise in",
        help="Language for people for whom nothing was written in theirs. Empty: they are held back.",
    )

    erased_count = fields.Integer(readonly=True, copy=False, help="People whose data were erased since.")
    erased_cost = fields.Monetary(readonly=True, copy=False)
    person_ids = fields.One2many("community.campaign.person", "campaign_id", string="People")
    person_count = fields.Integer(compute="_compute_counts", string="People in it")
    alive_count = fields.Integer(compute="_compute_counts", string="On their way")
    held_count = fields.Integer(compute="_compute_counts", string="Held back")
    touched_count = fields.Integer(compute="_compute_counts", string="Contacted")

    _check_control = models.Constraint(
        "CHECK (control_share >= 0 AND control_share < 100)", "The control group is between 0 and 99 %."
    )
    _check_patience = models.Constraint("CHECK (patience >= 0)", "Patience cannot be negative.")
    _due = models.Index("(state) WHERE state = 'running'")

    @api.model
    def _selection_language(self):
        return self.env["community.mention"]._language_choices()

    # -- figures ---------------------------------------------------------------------------------------------------

    def _compute_counts(self):
        people = {}
        for campaign, state, count in self.env["community.campaign.person"]._read_group(
            [("campaign_id", "in", self.ids)], ["campaign_id", "state"], ["__count"]
        ):
            people.setdefault(campaign.id, {})[state] = count
        # sudo: only figures are told of what was done
        done = {
            campaign.id: (cost, touched)
            for campaign, cost, touched in self.env["community.campaign.action"]
            .sudo()
            ._read_group(
                [("campaign_id", "in", self.ids), ("state", "=", "done")],
                ["campaign_id"],
                ["cost:sum", "partner_id:count_distinct"],
            )
        }
        for campaign in self:
            counts = people.get(campaign.id, {})
            campaign.person_count = sum(counts.values()) + campaign.erased_count
            campaign.alive_count = sum(counts.get(state, 0) for state in ALIVE)
            campaign.held_count = counts.get("held", 0)
            cost, campaign.touched_count = done.get(campaign.id, (0.0, 0))
            campaign.cost = cost + campaign.erased_cost

    def _spent(self):
        """Return what this campaign has cost so far, as it stands now."""
        self.ensure_one()
        ((cost,),) = self.env["community.campaign.action"]._read_group(
            [("campaign_id", "=", self.id), ("state", "=", "done")], [], ["cost:sum"]
        )
        return (cost or 0.0) + self.erased_cost

    @api.depends("version_id", "step_ids", "step_ids.write_date", "step_ids.text_ids.write_date", "product_choice")
    @api.depends("fallback_product_id", "fallback_language")
    def _compute_is_changed(self):
        for campaign in self:
            version = campaign.version_id
            campaign.is_changed = bool(version) and version.digest != campaign._definition_digest()

    # -- checks ----------------------------------------------------------------------------------------------------

    @api.constrains("state", "purpose_id")
    def _check_purpose(self):
        for campaign in self:
            if campaign.state in ("running", "paused") and not campaign.purpose_id:
                raise ValidationError(self.env._("A campaign that runs needs a purpose."))

    def write(self, vals):
        if not self.env.su and {"state", "version_id", "started_at", "ended_at", "worked_at", "looked_at"} & set(vals):
            raise UserError(self.env._("How far a campaign is, only its buttons decide."))
        if vals.get("active") is False and any(campaign.state in ("running", "paused") for campaign in self):
            raise UserError(self.env._("End the campaign before it is archived."))
        if {"state", "trigger", "company_id"} & set(vals):
            self.env.registry.clear_cache()
        return super().write(vals)

    @api.model_create_multi
    def create(self, vals_list):
        self.env.registry.clear_cache()
        if not self.env.su and any(values.get("state", "draft") != "draft" for values in vals_list):
            raise UserError(self.env._("How far a campaign is, only its buttons decide."))
        return super().create(vals_list)

    @api.ondelete(at_uninstall=False)
    def _unlink_only_what_never_ran(self):
        if any(campaign.person_ids for campaign in self):
            raise UserError(self.env._("Who was contacted, and why, is kept. Archive the campaign instead."))

    def copy_data(self, default=None):
        return [
            {**values, "name": self.env._("%s (copy)", campaign.name)}
            for campaign, values in zip(self, super().copy_data(default), strict=True)
        ]

    def copy(self, default=None):
        copies = super().copy(default)
        for campaign, twin in zip(self, copies, strict=True):
            campaign._copy_targets(twin)
        return copies

    def _copy_targets(self, twin):
        """Let the steps of a copy lead to each other as those of the original do."""
        twins = dict(zip(campaign_steps(self), campaign_steps(twin), strict=True))
        for step, other in twins.items():
            values = {
                name: twins[step[name]].id
                for name in ("then_step_id", "yes_step_id", "no_step_id", "condition_step_id")
                if step[name] in twins
            }
            if values:
                other.write(values)
        named = {variant.name: variant for variant in twin.variant_ids}
        for text in twin.step_ids.text_ids:
            if text.variant_id:
                text.variant_id = named.get(text.variant_id.name, text.variant_id)

    # -- buttons ---------------------------------------------------------------------------------------------------

    def action_start(self):
        """Start what nothing speaks against.

        :raises UserError: with everything that has to be put right first
        """
        self._ensure_manager()
        for campaign in self:
            if campaign.state == "running":
                continue
            problems = campaign._problems()
            if problems:
                raise UserError("\n".join(f"• {problem}" for problem in problems))
            first = campaign.state != "paused"
            if not campaign.version_id or first:
                campaign.sudo().version_id = campaign._new_version()
            now = fields.Datetime.now()
            values = {"state": "running", "ended_at": False}
            if first:
                values |= {"started_at": now, "looked_at": False}
            campaign.sudo().write(values)
            if campaign.trigger == "now" and first:
                campaign.sudo()._start_audience()
        self._wake()
        return True

    def action_pause(self):
        """Let nothing more go out until it is started again; what had not left yet is taken back."""
        self._ensure_manager()
        running = self.filtered(lambda campaign: campaign.state == "running")
        running.sudo().write({"state": "paused"})
        running.sudo()._take_back(stop=False)
        return True

    def action_stop(self):
        """End it: nothing more goes out, and whoever was on their way stops where they are."""
        self._ensure_manager()
        going = self.filtered(lambda campaign: campaign.state in ("running", "paused"))
        going.sudo().write({"state": "done", "ended_at": fields.Datetime.now()})
        going.sudo()._take_back(stop=True)
        return True

    def action_draft(self):
        """Work again at what has ended."""
        self._ensure_manager()
        self.filtered(lambda campaign: campaign.state == "done").sudo().write({"state": "draft"})
        return True

    def action_simulate(self):
        """Show what would happen in the next days."""
        self.ensure_one()
        self._ensure_manager()
        return self.env["community.campaign.forecast"]._open_for(self)

    def action_open_people(self):
        """Open who is in it."""
        action = self.env["ir.actions.act_window"]._for_xml_id("community_manager.action_campaign_people")
        return {**action, "domain": [("campaign_id", "in", self.ids)], "context": {}}

    def action_open_held(self):
        """Open who is held back, and why."""
        return {**self.action_open_people(), "context": {"search_default_held": 1, "search_default_by_reason": 1}}

    def action_open_actions(self):
        """Open what was done."""
        action = self.env["ir.actions.act_window"]._for_xml_id("community_manager.action_campaign_actions")
        return {**action, "domain": [("campaign_id", "in", self.ids)], "context": {}}

    def action_new_version(self):
        """Let new people follow the steps as they are now; everybody else finishes what they began."""
        self._ensure_manager()
        return self._use_changes(move=False)

    def action_new_version_for_all(self):
        """Let everybody follow the steps as they are now."""
        self._ensure_manager()
        return self._use_changes(move=True)

    def _ensure_manager(self):
        self.check_access("write")

    def _wake(self):
        """Let the scheduled work begin as soon as it can."""
        self.env.ref("community_manager.cron_campaign").sudo()._trigger()

    @api.model
    @tools.ormcache()
    def _awaited(self):
        """Return the (trigger, company id) that campaigns which run or are paused wait for.

        Asked wherever something happens that could start one: it costs nothing where none does.
        """
        going = self.sudo().search_fetch([("state", "in", ("running", "paused"))], ["trigger", "company_id"])
        return frozenset((campaign.trigger, campaign.company_id.id) for campaign in going)

    @api.model
    def _awaits(self, trigger, company=None):
        """Return whether any campaign (of a company) waits for something to happen."""
        if company:
            return (trigger, company.id) in self._awaited()
        return any(awaited == trigger for awaited, _company in self._awaited())

    def _started_by(self, trigger, company):
        """Return the campaigns of a company that start by something, those that are paused too."""
        going = Domain("state", "in", ("running", "paused")) & Domain("trigger", "=", trigger)
        return self.sudo().search(going & Domain("company_id", "=", company.id))


def campaign_steps(campaign):
    """Return the steps of a campaign in their order."""
    return campaign.step_ids.sorted(lambda step: (step.sequence, step._origin.id or 0))
