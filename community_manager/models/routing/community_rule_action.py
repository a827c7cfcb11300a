from odoo import api, fields, models
from odoo.exceptions import ValidationError

#: kinds that choose somebody for each mention
CHOOSING = ("assign_turn", "assign_load", "assign_language", "assign_present")
#: what a line of some kind cannot do without
NEEDED = {
    "assign": "user_id",
    "department": "department_id",
    "priority": "priority",
    "topic": "topic_ids",
    "handoff": "department_id",
    "activity": "user_id",
    "channel": "discuss_id",
    "draft": "text",
    "snooze": "hours",
}
#: kinds that make a record elsewhere, so that a rule for everything may not hold them
MAKING = ("lead", "ticket", "handoff", "applicant", "partnership", "feedback", "activity", "draft", "moderation")


class CommunityRuleAction(models.Model):
    """One more thing that a rule does, after the simple ones, in the order of the lines.

    Kinds that only set values of a mention (:meth:`_folded`) are part of the decision, before it is stored.  Any other
    kind has a method ``_run_<kind>(mentions)``, which is called with all mentions of a page at once when they are
    stored; a new kind is a value of ``kind`` and that method.
    """

    _name = "community.rule.action"
    _description = "Action of a Rule"
    _inherit = ["community.compiled"]
    _order = "sequence, id"
    _check_company_auto = True

    rule_id = fields.Many2one("community.rule", required=True, ondelete="cascade", index=True)
    company_id = fields.Many2one(related="rule_id.company_id", store=True, index=True)
    sequence = fields.Integer(default=10)
    kind = fields.Selection(
        [
            ("assign", "Assign to"),
            ("assign_turn", "Assign in turn"),
            ("assign_load", "Assign to whoever has least open"),
            ("assign_language", "Assign by language and topic"),
            ("assign_present", "Assign to somebody who is online"),
            ("department", "Send to a department"),
            ("priority", "Set the priority"),
            ("topic", "Add topics"),
            ("lead", "Lead"),
            ("ticket", "Ticket"),
            ("handoff", "Hand off to a department"),
            ("applicant", "Hand on as job applicant"),
            ("partnership", "Hand on as partnership"),
            ("feedback", "Add to the feedback register"),
            ("activity", "Give somebody a task"),
            ("channel", "Tell a Discuss channel"),
            ("draft", "Draft an answer"),
            ("snooze", "Let it rest"),
            ("ignore", "Ignore"),
            ("moderation", "Ask for moderation"),
        ],
        string="What",
        required=True,
        default="assign_load",
    )
    user_id = fields.Many2one("res.users", string="Who", domain="[('share', '=', False)]", check_company=True)
    user_ids = fields.Many2many(
        "res.users",
        "community_rule_action_user_rel",
        "action_id",
        "user_id",
        string="Among",
        domain="[('share', '=', False)]",
        check_company=True,
        help="Empty: the members of the mention's department, or all agents where it has none.",
    )
    department_id = fields.Many2one("community.department", check_company=True)
    priority = fields.Selection([("0", "Normal"), ("1", "Important"), ("2", "High"), ("3", "Urgent")])
    topic_ids = fields.Many2many(
        "community.topic",
        "community_rule_action_topic_rel",
        "action_id",
        "topic_id",
        string="Topics",
        check_company=True,
        ondelete="restrict",
    )
    hours = fields.Float(string="For hours", default=24.0)
    discuss_id = fields.Many2one("discuss.channel", string="Discuss channel", ondelete="set null")
    text = fields.Text(help="For an answer: {name} stands for who wrote. Somebody reads it before it goes out.")
    turn = fields.Integer(readonly=True, copy=False, help="How many mentions were given in turn.")
    words = fields.Char(compute="_compute_words", string="In words")

    _hours = models.Constraint("CHECK (hours IS NULL OR hours >= 0)", "Hours cannot be negative.")

    @api.depends_context("lang")
    @api.depends("kind", "user_id", "user_ids", "department_id", "priority", "topic_ids", "hours", "discuss_id", "text")
    def _compute_words(self):
        kinds = dict(self._fields["kind"]._description_selection(self.env))
        for action in self:
            about = action._about()
            action.words = f"{kinds[action.kind]}: {about}" if about else kinds.get(action.kind, "")

    def _about(self):
        """Return what the action is about, in words."""
        self.ensure_one()
        kind = self.kind
        if kind in CHOOSING:
            return ", ".join(self.user_ids.mapped("name"))
        if kind in ("assign", "activity"):
            return self.user_id.name
        if kind in ("department", "handoff"):
            return self.department_id.name
        if kind == "priority":
            return dict(self._fields["priority"]._description_selection(self.env)).get(self.priority)
        if kind == "snooze":
            return self.env._("%g h", self.hours)
        found = {"topic": ", ".join(self.topic_ids.mapped("name")), "channel": self.discuss_id.name, "draft": self.text}
        return " ".join((found.get(kind) or "").split())[:60]

    @api.constrains("kind", *sorted(set(NEEDED.values())))
    def _check_needed(self):
        for action in self:
            name = NEEDED.get(action.kind)
            if name and not action[name]:
                label = self._fields[name]._description_string(self.env)
                kind = dict(self._fields["kind"]._description_selection(self.env))[action.kind]
                raise ValidationError(self.env._("“%(kind)s” needs: %(what)s.", kind=kind, what=label))
        self.rule_id._check_actions()
        self.rule_id._check_condition()

    # -- as plain values --------------------------------------------------------------------------------------------

    def _folded(self):
        """Return what this line decides before a mention is stored, as values of a plain action; empty: nothing."""
        self.ensure_one()
        kind = self.kind
        if kind in CHOOSING:
            return {"choose": self._origin.id}
        if kind in ("ignore", "lead", "ticket"):
            return {kind: True}
        return {
            "assign": {"user_id": self.user_id.id or 0},
            "department": {"department_id": self.department_id.id or 0},
            "priority": {"priority": self.priority or ""},
            "topic": {"topics": tuple(self.topic_ids._origin.ids)},
            "snooze": {"snooze": self.hours},
        }.get(kind, {})

    def _run(self, mentions):
        """Do what this line says with mentions that were just stored and decided.

        :param mentions: ``community.mention`` records of one company, as superuser
        """
        self.ensure_one()
        getattr(self, f"_run_{self.kind}")(mentions)
