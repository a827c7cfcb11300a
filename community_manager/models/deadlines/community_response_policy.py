from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.tools import ormcache

from .policyset import Policies, Policy

#: targets by kind of answer: the field with their number is "<kind>_target", the one with its unit "<kind>_unit"
KINDS = ("first", "next", "resolution")
UNITS = {"minutes": 60, "hours": 3600}
#: mentions for which deadlines are set anew at once, when somebody asks for it
MOST_APPLIED = 10_000
APPLY_DAYS = 30


class CommunityResponsePolicy(models.Model):
    """How soon what kind of mention is to be answered, and what happens when it is not."""

    _name = "community.response.policy"
    _description = "Response-Time Policy"
    _inherit = ["community.compiled", "community.languages"]
    _order = "sequence, id"
    _check_company_auto = True

    name = fields.Char(required=True)
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True)
    company_id = fields.Many2one("res.company", required=True, default=lambda self: self.env.company, index=True)
    description = fields.Text(help="Why there is this policy, for colleagues.")

    # -- conditions: what is empty does not matter ------------------------------------------------------------------
    topic_ids = fields.Many2many(
        "community.topic",
        "community_response_policy_topic_rel",
        "policy_id",
        "topic_id",
        string="About one of these topics",
        ondelete="restrict",
        check_company=True,
        domain="[('active', '=', True)]",
        context={"active_test": False},
    )
    intent_ids = fields.Many2many(
        "community.intent",
        "community_response_policy_intent_rel",
        "policy_id",
        "intent_id",
        string="Wanting one of these",
        ondelete="restrict",
    )
    network_ids = fields.Many2many(
        "community.network",
        "community_response_policy_network_rel",
        "policy_id",
        "network_id",
        string="On one of these networks",
        ondelete="restrict",
        domain="[('active', '=', True)]",
        context={"active_test": False},
    )
    channel_ids = fields.Many2many(
        "community.channel",
        "community_response_policy_channel_rel",
        "policy_id",
        "channel_id",
        string="Through one of these channels",
        ondelete="restrict",
        check_company=True,
        domain="[('active', '=', True)]",
        context={"active_test": False},
    )
    origin = fields.Selection(
        [("own", "Addressed to us"), ("search", "Found by a search"), ("any", "Addressed to us, or found")],
        default="own",
        required=True,
        string="How it came",
        help="Who writes to us waits for an answer; what a search finds need not.",
    )
    visibility = fields.Selection(
        [("any", "Public or private"), ("public", "Public only"), ("private", "Private only")],
        default="any",
        required=True,
    )
    sentiment = fields.Selection(
        [("negative", "Negative"), ("neutral", "Neutral"), ("positive", "Positive")], string="Feeling"
    )
    priority = fields.Selection(
        [("1", "Important"), ("2", "High"), ("3", "Urgent")],
        string="Priority, at least",
        help="As the rules or a person set it.",
    )
    lifecycle = fields.Selection("_selection_lifecycle", string="Written by")
    knows_lifecycle = fields.Boolean(compute="_compute_knows_lifecycle")

    # -- targets ----------------------------------------------------------------------------------------------------
    first_target = fields.Integer(string="First answer within", help="0: no target.")
    first_unit = fields.Selection([("minutes", "minutes"), ("hours", "hours")], default="hours", required=True)
    next_target = fields.Integer(string="Next answers within", help="0: as the first.")
    next_unit = fields.Selection([("minutes", "minutes"), ("hours", "hours")], default="hours", required=True)
    resolution_target = fields.Integer(
        string="Closed within",
        help="From the first question until nothing is left to do; the time in which we wait for them does not count. "
        "0: no target.",
    )
    resolution_unit = fields.Selection([("minutes", "minutes"), ("hours", "hours")], default="hours", required=True)
    hours = fields.Selection(
        [
            ("department", "The department's, else the company's"),
            ("calendar", "These"),
            ("always", "Around the clock"),
        ],
        string="Working hours",
        default="department",
        required=True,
        help="Targets count in working hours, without holidays.",
    )
    calendar_id = fields.Many2one("resource.calendar", string="These working hours", check_company=True)
    remind_before = fields.Integer(string="Remind before", help="How long before the deadline; 0: not at all.")
    remind_unit = fields.Selection(
        [("minutes", "minutes of working time"), ("percent", "% of the target")], default="percent", required=True
    )
    step_ids = fields.One2many("community.response.step", "policy_id", string="When the deadline has passed", copy=True)
    condition_text = fields.Char(compute="_compute_sentences", string="Which mentions")
    target_text = fields.Char(compute="_compute_sentences", string="Answered within")
    waiting_count = fields.Integer(compute="_compute_counts", string="Waiting")
    late_count = fields.Integer(compute="_compute_counts", string="Overdue")

    _targets = models.Constraint(
        "CHECK (first_target >= 0 AND next_target >= 0 AND resolution_target >= 0 AND remind_before >= 0)",
        "Times cannot be negative.",
    )
    _percent = models.Constraint(
        "CHECK (remind_unit != 'percent' OR remind_before <= 100)", "A reminder can be 100 % before at most."
    )

    @api.constrains("first_target", "next_target", "resolution_target")
    def _check_targets(self):
        for policy in self:
            if not any(policy[f"{kind}_target"] for kind in KINDS):
                raise ValidationError(self.env._("“%s” has no target: say how soon an answer is due.", policy.name))

    @api.constrains("hours", "calendar_id")
    def _check_calendar(self):
        for policy in self:
            if policy.hours == "calendar" and not policy.calendar_id:
                raise ValidationError(self.env._("Choose the working hours of “%s”.", policy.name))

    @api.model
    def _selection_lifecycle(self):
        """Return the lifecycles that authors may have, where they have one."""
        field = self.env["community.author"]._fields.get("lifecycle")
        return field._description_selection(self.env) if field is not None and field.type == "selection" else []

    def _compute_knows_lifecycle(self):
        self.knows_lifecycle = bool(self._selection_lifecycle())

    @api.depends_context("lang")
    @api.depends(lambda self: [name for name, field in self._fields.items() if field.store])
    def _compute_sentences(self):
        for policy in self:
            policy.condition_text = " · ".join(policy._condition_words()) or self.env._("Every mention")
            policy.target_text = " · ".join(policy._target_words())

    def _condition_words(self):
        """Return the conditions in words."""
        self.ensure_one()

        def label(name):
            return dict(self._fields[name]._description_selection(self.env)).get(self[name], "")

        words = [
            label("origin") if self.origin != "any" else "",
            ", ".join(self.topic_ids.mapped("name")),
            ", ".join(self.intent_ids.mapped("name")),
            ", ".join(self.network_ids.mapped("display_name")),
            ", ".join(self.channel_ids.mapped("name")),
            label("visibility") if self.visibility != "any" else "",
            label("sentiment"),
            ", ".join(sorted(self._language_codes())),
            self.env._("at least %s", label("priority").lower()) if self.priority else "",
            label("lifecycle"),
        ]
        return [word for word in words if word]

    def _target_words(self):
        """Return the targets in words."""
        self.ensure_one()

        def time(kind):
            number, unit = self[f"{kind}_target"], self[f"{kind}_unit"]
            return self.env._("%s min", number) if unit == "minutes" else self.env._("%s h", number)

        words = [
            self.env._("first answer %s", time("first")) if self.first_target else "",
            self.env._("next %s", time("next")) if self.next_target else "",
            self.env._("closed %s", time("resolution")) if self.resolution_target else "",
        ]
        return [word for word in words if word]

    def _compute_counts(self):
        mentions = self.env["community.mention"]
        domain = [("answer_policy_id", "in", self.ids), ("answer_due", "!=", False)]
        waiting = dict(mentions._read_group(domain, ["answer_policy_id"], ["__count"]))
        late = dict(mentions._read_group([*domain, ("answer_late", "=", True)], ["answer_policy_id"], ["__count"]))
        for policy in self:
            policy.waiting_count = waiting.get(policy, 0)
            policy.late_count = late.get(policy, 0)

    # -- as plain values ----------------------------------------------------------------------------------------------

    def _to_plain(self):
        self.ensure_one()
        before = self.remind_before * 60.0 if self.remind_unit == "minutes" else -self.remind_before / 100
        return Policy(
            id=self.id,
            topics=frozenset(self.topic_ids.ids),
            intents=frozenset(self.intent_ids.ids),
            networks=frozenset(self.network_ids.mapped("code")),
            channels=frozenset(self.channel_ids.ids),
            origin=self.origin,
            visibility=self.visibility,
            sentiment=self.sentiment or "",
            languages=frozenset(self._language_codes()),
            priority=self.priority or "",
            lifecycle=self.lifecycle or "",
            targets={kind: self[f"{kind}_target"] * UNITS[self[f"{kind}_unit"]] for kind in KINDS},
            calendar={"always": None, "department": 0}.get(self.hours, self.calendar_id.id),
            before=before,
            steps=tuple((step.id, step.after * 60.0) for step in self.step_ids.sorted("after")),
        )

    @api.model
    @ormcache("company_id")
    def _policies(self, company_id):
        """Return the :class:`~.policyset.Policies` of a company that are in force.

        Built once in each worker and dropped in all of them when one changes.
        """
        policies = self.sudo().search([("company_id", "=", company_id), ("active", "=", True)])
        return Policies([policy._to_plain() for policy in policies])

    @api.model
    @ormcache("company_id")
    def _calendars(self, company_id):
        """Return the ids of the working hours of a company's departments: ``{department id or 0: calendar id}``.

        0 stands for the company's own; a department without its own is left out.
        """
        company = self.env["res.company"].sudo().browse(company_id)
        departments = self.env["community.department"].sudo().with_context(active_test=False)
        found = departments.search([("company_id", "=", company_id), ("resource_calendar_id", "!=", False)])
        return {0: company.resource_calendar_id.id} | {one.id: one.resource_calendar_id.id for one in found}

    @api.model
    def _working_time(self, policy, department_id, company_id):
        """Return the working time that counts for an answer.

        :param policy: :class:`~.policyset.Policy`, or None
        :param department_id: of the mention, or a false value
        :param company_id: of the mention
        :rtype: WorkingTime
        """
        calendars = self.env["resource.calendar"]
        if policy is not None and policy.calendar is None:
            return calendars._community_working_time(False, company_id)
        own = policy.calendar if policy is not None else 0
        ids = self._calendars(company_id)
        return calendars._community_working_time(own or ids.get(department_id or 0) or ids[0], company_id)

    # -- buttons ------------------------------------------------------------------------------------------------------

    def action_apply(self):
        """Set the deadlines of what waits anew, the newest first: policies count for what comes in from now on."""
        self.env["community.response.policy"].check_access("write")
        since = fields.Datetime.subtract(fields.Datetime.now(), days=APPLY_DAYS)
        companies = self.company_id or self.env.company
        mentions = self.env["community.mention"].search(
            [
                ("company_id", "in", companies.ids),
                ("state", "in", ("new", "open")),
                ("outgoing", "=", False),
                ("published_at", ">", since),
            ],
            limit=MOST_APPLIED,
        )
        self.env.add_to_compute(mentions._fields["answer_due"], mentions)
        waiting = len(mentions.filtered("answer_due"))
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "type": "success",
                "message": self.env._("%(count)s mentions wait for an answer with a deadline.", count=waiting),
                "next": {"type": "ir.actions.client", "tag": "soft_reload"},
            },
        }

    def action_open_waiting(self):
        """Open what waits for an answer under these policies."""
        action = self.env["ir.actions.act_window"]._for_xml_id("community_manager.action_mentions")
        domain = [("answer_policy_id", "in", self.ids), ("answer_due", "!=", False)]
        return {**action, "domain": domain, "context": {}}

    def copy_data(self, default=None):
        return [
            {**values, "name": self.env._("%s (copy)", policy.name)}
            for policy, values in zip(self, super().copy_data(default), strict=True)
        ]
