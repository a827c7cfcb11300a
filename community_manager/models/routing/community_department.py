from datetime import timedelta

from pytz import UTC

from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.tools import email_normalize

#: hours in which a department says that it has seen what it was handed, unless it says otherwise
ACKNOWLEDGE_HOURS = 8.0


class CommunityDepartment(models.Model):
    """A part of the company that mentions are put before."""

    _name = "community.department"
    _description = "Department"
    _order = "sequence, name, id"
    _check_company_auto = True

    name = fields.Char(required=True, translate=True)
    code = fields.Char(
        help="A short name that stays the same in every language, for imports and integrations.", index="btree_not_null"
    )
    sequence = fields.Integer(default=10)
    color = fields.Integer(string="Colour")
    active = fields.Boolean(default=True)
    company_id = fields.Many2one("res.company", required=True, default=lambda self: self.env.company, index=True)
    manager_id = fields.Many2one("res.users", string="Head", domain="[('share', '=', False)]", check_company=True)
    member_ids = fields.Many2many(
        "res.users",
        "community_department_user_rel",
        "department_id",
        "user_id",
        string="Members",
        domain="[('share', '=', False)]",
        check_company=True,
    )
    crm_team_id = fields.Many2one(
        "crm.team",
        string="Sales team",
        check_company=True,
        help="Leads from this department's mentions go to this team.",
    )
    project_id = fields.Many2one(
        "project.project",
        string="Project for tickets",
        check_company=True,
        domain="[('is_template', '=', False)]",
        help="Tickets from this department's mentions are kept here. Empty: the company's ticket project.",
    )
    target = fields.Selection(
        [
            ("activity", "An activity for whoever takes it on"),
            ("lead", "A lead of the sales team"),
            ("ticket", "A ticket"),
            ("partnership", "An opportunity for a partnership"),
            ("applicant", "An applicant"),
            ("channel", "A message in a Discuss channel"),
            ("mail", "An e-mail"),
        ],
        string="Hand-offs make",
        default="activity",
        required=True,
        help="What is made besides the hand-off itself. Its people always get an activity and a notification.",
    )
    acknowledge_hours = fields.Float(
        string="Acknowledge within",
        default=ACKNOWLEDGE_HOURS,
        help="Working hours after which a hand-off that nobody has acknowledged is late.",
    )
    discuss_channel_id = fields.Many2one(
        "discuss.channel",
        string="Discuss channel",
        domain="[('channel_type', '=', 'channel')]",
        groups="community_manager.group_agent",
    )
    email = fields.Char(string="E-mail address", help="Of the department, or an alias of another application.")
    job_model = fields.Char(compute="_compute_job_model")
    job_id = fields.Many2oneReference(
        model_field="job_model", string="Job position", help="Applicants from mentions apply for this one."
    )
    booking_url = fields.Char(
        string="Booking link", help="Offered to people who are introduced to this department, for instance a calendar."
    )
    description = fields.Text(translate=True, help="What this department takes care of, for colleagues.")
    handoff_count = fields.Integer(compute="_compute_handoff_count", string="Open hand-offs")
    mention_count = fields.Integer(compute="_compute_counts", string="Open mentions")
    rule_count = fields.Integer(compute="_compute_counts", string="Rules")

    _unique_code = models.UniqueIndex(
        "(company_id, code) WHERE code <> ''",
        "This code belongs to another department of the company.",
    )

    _hours = models.Constraint("CHECK (acknowledge_hours >= 0)", "Hours cannot be negative.")

    @api.constrains("target", "email", "discuss_channel_id")
    def _check_target(self):
        for department in self.sudo():
            if department.target == "mail" and not email_normalize(department.email or ""):
                raise ValidationError(self.env._("“%s” needs an e-mail address for its hand-offs.", department.name))
            if department.target == "channel" and not department.discuss_channel_id:
                raise ValidationError(self.env._("“%s” needs a Discuss channel for its hand-offs.", department.name))

    @api.constrains("booking_url")
    def _check_booking_url(self):
        for department in self:
            url = department.booking_url
            if url and not url.lower().startswith(("https://", "http://")):
                raise ValidationError(self.env._("A booking link starts with https:// or http://."))

    @api.depends_context("uid")
    def _compute_job_model(self):
        # looked up, never imported: recruitment may not be installed
        self.job_model = "hr.job" if "hr.job" in self.env and "hr.applicant" in self.env else False

    def _compute_handoff_count(self):
        counts = dict(
            self.env["community.handoff"]._read_group(
                [("department_id", "in", self.ids), ("state", "in", ("asked", "acknowledged", "outcome"))],
                ["department_id"],
                ["__count"],
            )
        )
        for department in self:
            department.handoff_count = counts.get(department, 0)

    def _people(self):
        """Return the users of a department, its head first."""
        return (self.manager_id | self.member_ids).filtered("active")

    def _due_at(self, start, times=1):
        """Return when hand-offs are to be acknowledged.

        :param datetime start: naive UTC
        :param int times: how often the time runs: once until the reminder, twice until the head is told
        :rtype: naive UTC datetime
        """
        self.ensure_one()
        hours = self.acknowledge_hours * times
        own = "resource_calendar_id" in self._fields and self["resource_calendar_id"]
        calendar = own or self.company_id.resource_calendar_id
        if calendar and hours:
            planned = calendar.plan_hours(hours, start.replace(tzinfo=UTC), compute_leaves=True)
            if planned:  # a calendar without working hours plans nothing
                return planned.astimezone(UTC).replace(tzinfo=None)
        return start + timedelta(hours=hours)

    def _compute_counts(self):
        mentions = dict(
            self.env["community.mention"]._read_group(
                [("department_id", "in", self.ids), ("state", "in", ("new", "open", "waiting"))],
                ["department_id"],
                ["__count"],
            )
        )
        rules = dict(
            self.env["community.rule"]._read_group([("department_id", "in", self.ids)], ["department_id"], ["__count"])
        )
        for department in self:
            department.mention_count = mentions.get(department, 0)
            department.rule_count = rules.get(department, 0)

    def copy_data(self, default=None):
        return [
            {**values, "name": self.env._("%s (copy)", department.name), "code": False}
            for department, values in zip(self, super().copy_data(default), strict=True)
        ]

    def action_open_mentions(self):
        """Open what waits for these departments."""
        action = self.env["ir.actions.act_window"]._for_xml_id("community_manager.action_mentions")
        return {**action, "domain": [("department_id", "in", self.ids)], "context": {}}

    def action_open_handoffs(self):
        """Open what was handed to these departments."""
        action = self.env["ir.actions.act_window"]._for_xml_id("community_manager.action_handoffs")
        return {**action, "domain": [("department_id", "in", self.ids)], "context": {"search_default_open": 1}}

    def action_open_rules(self):
        """Open the rules that send mentions to these departments."""
        action = self.env["ir.actions.act_window"]._for_xml_id("community_manager.action_rules")
        return {**action, "domain": [("department_id", "in", self.ids)], "context": {}}
