from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import AccessError


class CommunityCrisisTask(models.Model):
    """Something to do in a crisis, by a role or a person, within a time of its opening."""

    _name = "community.crisis.task"
    _description = "Crisis Task"
    _order = "followup, due_at, sequence, id"
    _check_company_auto = True

    crisis_id = fields.Many2one("community.crisis", required=True, ondelete="cascade", index=True)
    company_id = fields.Many2one(related="crisis_id.company_id", store=True, index=True)
    sequence = fields.Integer(default=10)
    name = fields.Char("Task", required=True)
    note = fields.Text("How")
    role_id = fields.Many2one("community.crisis.role", ondelete="set null")
    user_id = fields.Many2one(
        "res.users",
        string="Person",
        compute="_compute_user_id",
        store=True,
        readonly=False,
        domain="[('share', '=', False)]",
    )
    followup = fields.Boolean("After the crisis", help="To do after the review, so that it does not happen again.")
    offset = fields.Integer("Minutes after the opening", default=60)
    due_at = fields.Datetime("Due", compute="_compute_due_at", store=True, readonly=False)
    done_at = fields.Datetime("Done", readonly=True, copy=False)
    done_by_id = fields.Many2one("res.users", string="Done by", readonly=True, copy=False)
    late = fields.Boolean(compute="_compute_late")
    escalated_at = fields.Datetime(readonly=True, copy=False)
    activity_id = fields.Many2one("mail.activity", readonly=True, copy=False, ondelete="set null")

    @api.depends("role_id")
    def _compute_user_id(self):
        for task in self:
            members = task.crisis_id.member_ids.filtered(lambda member, task=task: member.role_id == task.role_id)
            task.user_id = members.user_id[:1] or task.user_id

    @api.depends("offset", "crisis_id.opened_at", "followup")
    def _compute_due_at(self):
        for task in self:
            begins = task.crisis_id.opened_at or fields.Datetime.now()
            task.due_at = task.due_at if task.followup else begins + timedelta(minutes=task.offset)

    @api.depends("due_at", "done_at")
    def _compute_late(self):
        now = fields.Datetime.now()
        for task in self:
            task.late = bool(task.due_at and not task.done_at and task.due_at < now)

    @api.model_create_multi
    def create(self, vals_list):
        tasks = super().create(vals_list)
        tasks._remind()
        return tasks

    def write(self, vals):
        result = super().write(vals)
        if {"user_id", "role_id", "due_at", "offset"} & set(vals):
            self._remind()
        return result

    def unlink(self):
        self.sudo().activity_id.unlink()
        return super().unlink()

    def _assign(self):
        """Give open tasks to who has their role now."""
        for task in self.filtered(lambda task: task.role_id and not task.done_at):
            user = task.crisis_id.member_ids.filtered(lambda member, task=task: member.role_id == task.role_id).user_id
            if user[:1] and task.user_id != user[:1]:
                task.user_id = user[:1]

    def _remind(self):
        """Keep one activity for the person of each open task."""
        for task in self.sudo():
            activity, user = task.activity_id, task.user_id
            if task.done_at or not user.active:
                activity.unlink()
                continue
            day = fields.Date.context_today(task.with_context(tz=user.tz), task.due_at or fields.Datetime.now())
            if activity:
                activity.write({"user_id": user.id, "date_deadline": day})
                continue
            crisis = task.crisis_id.with_context(lang=user.lang or self.env.lang)
            task.activity_id = crisis.activity_schedule(
                "community_manager.activity_crisis", summary=task.name, user_id=user.id, date_deadline=day
            )

    def action_done(self):
        """Mark tasks as done.

        :raises AccessError: it is somebody else's
        """
        self.check_access("read")
        manager = self.env.user.has_group("community_manager.group_manager")
        for task in self.sudo():
            if not manager and self.env.user not in task.user_id | task.crisis_id.user_id:
                raise AccessError(self.env._("“%s” is not yours to finish.", task.name))
            if not task.done_at:
                task.write({"done_at": fields.Datetime.now(), "done_by_id": self.env.uid})
                task.activity_id.action_feedback()
                task.crisis_id._log("task", self.env._("Done: %s", task.name))

    def action_undo(self):
        """A task is not done after all."""
        self.check_access("read")
        if not self.env.user.has_group("community_manager.group_manager"):
            mine = self.sudo().filtered(lambda task: task.done_by_id == self.env.user)
            if self.sudo() - mine:
                raise AccessError(self.env._("Only who finished a task or a manager takes that back."))
        for task in self.sudo().filtered("done_at"):
            task.write({"done_at": False, "done_by_id": False})
            task._remind()
            task.crisis_id._log("task", self.env._("Not done after all: %s", task.name))

    def _escalate(self, now):
        """Tell the owner of the crisis, once, what is late.

        :param datetime now: naive UTC
        """
        for task in self.filtered(lambda task: not (task.done_at or task.escalated_at or task.followup)):
            if not task.due_at or task.due_at >= now:
                continue
            task.escalated_at = now
            crisis = task.crisis_id
            owner = crisis.user_id
            if owner.active:
                crisis = crisis.with_context(lang=owner.lang or "en_US")
                summary = crisis.env._("Late: %s", task.name)
                crisis.activity_schedule("community_manager.activity_crisis", summary=summary, user_id=owner.id)
            who = task.user_id.name or task.role_id.name or crisis.env._("nobody")
            crisis._log("escalation", crisis.env._("Late: %(task)s (%(who)s)", task=task.name, who=who))
