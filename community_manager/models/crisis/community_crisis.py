from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError

LEVELS = [("1", "On watch"), ("2", "Serious"), ("3", "Emergency")]
SCOPES = [
    ("none", "Nothing is held"),
    ("publish", "Our own publications"),
    ("answer", "Answers and private messages"),
    ("all", "Everything"),
]
OPEN = ("open", "contained")


class CommunityCrisis(models.Model):
    """One crisis, from its opening to the review: who does what by when, what may be said, what happened."""

    _name = "community.crisis"
    _description = "Crisis"
    _inherit = ["mail.thread", "mail.activity.mixin"]
    _order = "opened_at desc, id desc"
    _check_company_auto = True

    name = fields.Char(required=True, tracking=True)
    company_id = fields.Many2one("res.company", required=True, default=lambda self: self.env.company, index=True)
    level = fields.Selection(LEVELS, default="2", required=True, tracking=True)
    stage = fields.Selection(
        [("open", "Open"), ("contained", "Contained"), ("closed", "Closed"), ("reviewed", "Reviewed")],
        default="open",
        required=True,
        readonly=True,
        tracking=True,
        copy=False,
        index=True,
        group_expand=True,
    )
    is_open = fields.Boolean(compute="_compute_is_open")
    user_id = fields.Many2one(
        "res.users",
        string="Owner",
        default=lambda self: self.env.user,
        tracking=True,
        domain="[('share', '=', False)]",
        help="Decides, and is told of what is late.",
    )
    playbook_id = fields.Many2one("community.playbook", readonly=True, check_company=True)
    opened_at = fields.Datetime("Opened", default=fields.Datetime.now, required=True, readonly=True, copy=False)
    contained_at = fields.Datetime("Contained", readonly=True, copy=False)
    closed_at = fields.Datetime("Closed", readonly=True, copy=False)
    reviewed_at = fields.Datetime("Reviewed", readonly=True, copy=False)
    alert_ids = fields.One2many("community.alert", "crisis_id", string="Alerts")
    member_ids = fields.One2many("community.crisis.member", "crisis_id", string="Roles")
    task_ids = fields.One2many("community.crisis.task", "crisis_id", string="Tasks", domain=[("followup", "=", False)])
    followup_ids = fields.One2many(
        "community.crisis.task", "crisis_id", string="Follow-up tasks", domain=[("followup", "=", True)]
    )
    statement_ids = fields.One2many("community.crisis.statement", "crisis_id", string="Statements")
    event_ids = fields.One2many("community.crisis.event", "crisis_id", string="Timeline")
    stakeholder_ids = fields.One2many("community.crisis.stakeholder", "crisis_id", string="Stakeholders")
    approve_answers = fields.Boolean(
        "Answers need approval",
        tracking=True,
        help="What is answered to the mentions of this crisis has to be approved, unless it is an approved statement.",
    )
    task_state = fields.Char("Tasks done", compute="_compute_task_state")
    late_count = fields.Integer("Late tasks", compute="_compute_task_state")
    may_approve = fields.Boolean(compute="_compute_may")
    may_release = fields.Boolean(compute="_compute_may")
    what_happened = fields.Html("What happened")
    what_worked = fields.Html("What worked")
    what_to_change = fields.Html("What to change")

    @api.depends("stage")
    def _compute_is_open(self):
        for crisis in self:
            crisis.is_open = crisis.stage in OPEN

    @api.depends("task_ids.done_at", "task_ids.due_at")
    def _compute_task_state(self):
        for crisis in self:
            tasks = crisis.task_ids
            crisis.task_state = f"{len(tasks.filtered('done_at'))}/{len(tasks)}" if tasks else ""
            crisis.late_count = len(tasks.filtered("late"))

    @api.depends("user_id", "member_ids.user_id", "member_ids.role_id")
    @api.depends_context("uid")
    def _compute_may(self):
        for crisis in self:
            crisis.may_approve = crisis._may("approve")
            crisis.may_release = crisis._may("release")

    @api.model_create_multi
    def create(self, vals_list):
        crises = super().create(vals_list)
        for crisis in crises:
            crisis._log("opened", self.env._("Opened: %s", crisis.name), moment=crisis.opened_at)
            crisis._begin_hold()
        return crises

    def write(self, vals):
        before = {crisis: crisis.level for crisis in self}
        result = super().write(vals)
        if "level" in vals:
            labels = dict(self._fields["level"]._description_selection(self.env))
            for crisis, level in before.items():
                if level != crisis.level:
                    kind = "escalation" if crisis.level > level else "level"
                    crisis._log(
                        kind,
                        self.env._("Level: %(before)s → %(after)s", before=labels[level], after=labels[crisis.level]),
                    )
                    crisis._raise_priority(crisis.sudo().mention_ids)
        if {"topic_ids", "words"} & set(vals):
            self.filtered("is_open")._gather()
        return result

    @api.ondelete(at_uninstall=False)
    def _unlink_only_what_is_over(self):
        if self.filtered("is_open"):
            raise UserError(self.env._("Close the crisis first: what it holds back would go out unseen."))
        if any(crisis._held() for crisis in self):
            raise UserError(self.env._("Messages still wait for a look: release or cancel each first."))

    # -- who may what ----------------------------------------------------------------------------------------------

    def _may(self, what):
        """Return whether the reader may "approve" statements or "release" messages.

        The owner may, and who has a role that does; where nobody has one, community managers.
        """
        self.ensure_one()
        crisis, user = self.sudo(), self.env.user
        named = crisis.member_ids.filtered(lambda member: member.user_id and member[f"may_{what}"]).user_id
        if user in named | crisis.user_id or self.env.su:
            return True
        return not named and user.has_group("community_manager.group_manager")

    def _ensure_may(self, what):
        """
        :raises AccessError: the reader has no role that may
        """
        if not self._may(what):
            sentence = {
                "approve": self.env._("Only the owner of the crisis and roles that approve statements may do that."),
                "release": self.env._("Only the owner of the crisis and roles that release messages may do that."),
            }[what]
            raise AccessError(sentence)

    # -- timeline --------------------------------------------------------------------------------------------------

    def _log(self, kind, text, moment=None):
        """Add a line to the timeline.

        :param str kind: as of ``community.crisis.event``
        :param str text: plain
        :param datetime moment: naive UTC, now when left out
        """
        self.env["community.crisis.event"].sudo().create(
            [
                {
                    "crisis_id": crisis.id,
                    "kind": kind,
                    "text": text[:500],
                    "moment": moment or fields.Datetime.now(),
                    "user_id": self.env.uid,
                }
                for crisis in self
            ]
        )

    # -- stages ----------------------------------------------------------------------------------------------------

    def action_contain(self):
        """It grows no more; what is held stays held."""
        self._stage("contained", ("open",), {"contained_at": fields.Datetime.now()})

    def action_reopen(self):
        """It is not over."""
        self._stage("open", ("contained", "closed"), {"contained_at": False, "closed_at": False})
        self.task_ids._remind()

    def action_close(self):
        """End the crisis: its figures stay as they are now, and what was held waits for a person.

        :returns: the list of what was held, where there is some
        """
        self._refresh_figures()
        self._stage("closed", OPEN, {"closed_at": fields.Datetime.now()})
        self._freeze()
        self.sudo().hold_ids.filtered(lambda hold: not hold.crisis_review).action_end()
        self.sudo().activity_unlink(["community_manager.activity_crisis"])
        self._remind_of_followups()
        if len(self) == 1 and self.held_count:
            return self.action_open_held()
        return True

    def action_review(self):
        """The review is written."""
        self._stage("reviewed", ("closed",), {"reviewed_at": fields.Datetime.now()})

    def action_review_again(self):
        """Write the review once more."""
        self._stage("closed", ("reviewed",), {"reviewed_at": False})

    def _stage(self, stage, allowed, values):
        self.check_access("write")
        labels = dict(self._fields["stage"]._description_selection(self.env))
        for crisis in self:
            if crisis.stage not in allowed:
                raise UserError(self.env._("“%(name)s” is %(stage)s.", name=crisis.name, stage=labels[crisis.stage]))
        self.write({"stage": stage, **values})
        self._log("stage", labels[stage])

    def _remind_of_followups(self):
        self.followup_ids._remind()

    # -- upkeep ----------------------------------------------------------------------------------------------------

    @api.model
    def _attend_all(self):
        """See to the open crises: figures, late tasks, who is to be informed; return how many.

        One transaction a crisis is not needed: each step looks at what is stored and does nothing twice.
        """
        now = fields.Datetime.now()
        crises = self.sudo().search([("stage", "in", OPEN)])
        for crisis in crises:
            crisis = crisis.with_company(crisis.company_id).with_context(lang=crisis.user_id.lang or "en_US")
            crisis._refresh_figures()
            crisis.task_ids._escalate(now)
            crisis._remind_to_inform(now)
        return len(crises)

    def _remind_to_inform(self, now):
        """Remind once who speaks for us, else the owner, of people who wait to be informed."""
        self.ensure_one()
        due = self.stakeholder_ids.filtered(
            lambda one: one.due_at and one.due_at <= now and (not one.reminded_at or one.reminded_at < one.due_at)
        )
        if due and self.user_id.active:
            names = ", ".join(due.mapped("display_name"))[:200]
            summary = self.env._("Inform: %s", names)
            self.activity_schedule("community_manager.activity_crisis", summary=summary, user_id=self.user_id.id)
        due.reminded_at = now

    # -- informing -------------------------------------------------------------------------------------------------

    def action_inform(self):
        """Write to all stakeholders now."""
        self.ensure_one()
        if not self.stakeholder_ids:
            raise UserError(self.env._("Nobody is to be informed yet: add stakeholders."))
        return self._compose(self.stakeholder_ids)

    def _compose(self, stakeholders):
        """Return the action that opens a mail to stakeholders, with the figures of now."""
        self.ensure_one()
        self.check_access("write")
        self._refresh_figures()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Inform stakeholders"),
            "res_model": "mail.compose.message",
            "views": [(False, "form")],
            "target": "new",
            "context": {
                "default_model": self._name,
                "default_res_ids": self.ids,
                "default_composition_mode": "comment",
                "default_template_id": self.env.ref("community_manager.mail_template_crisis").id,
                "default_partner_ids": stakeholders.sudo()._recipients().ids,
                "crisis_inform": stakeholders.ids,
            },
        }

    def message_post(self, **kwargs):
        message = super().message_post(**kwargs)
        informed = self.env.context.get("crisis_inform")
        if informed and self.ids:
            people = self.env["community.crisis.stakeholder"].sudo().browse(informed)
            people = people.exists().filtered(lambda one: one.crisis_id == self)
            people = people.filtered(lambda one: one._recipients() & message.sudo().partner_ids)
            if people:
                people.informed_at = fields.Datetime.now()
                self._log("inform", self.env._("Informed: %s", ", ".join(people.mapped("display_name"))))
        return message

    def _form(self):
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "res_model": "community.crisis",
            "res_id": self.id,
            "views": [(False, "form")],
        }
