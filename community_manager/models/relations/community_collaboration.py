from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tools import format_date

from ..platform.defaults import without_defaults

#: what only the buttons decide
OURS = frozenset(("state", "completed_at", "completed_by_id", "project_id"))
#: states in which what was agreed is being done
AT_WORK = ("agreed", "running")


class CommunityCollaboration(models.Model):
    """Something that is done together with somebody: what for, until when, under which agreement, and what came of it.

    ``draft → agreed → running → done``, or ``cancelled``.  Done is what a manager has confirmed; only then what was
    promised for it can be paid.
    """

    _name = "community.collaboration"
    _description = "Collaboration"
    _inherit = ["mail.thread", "mail.activity.mixin"]
    _order = "date_end, id desc"
    _check_company_auto = True

    name = fields.Char(required=True, tracking=True)
    influencer_id = fields.Many2one(
        "community.influencer",
        string="With",
        required=True,
        index=True,
        ondelete="restrict",
        tracking=True,
    )
    company_id = fields.Many2one(related="influencer_id.company_id", store=True, index=True)
    partner_id = fields.Many2one(
        related="influencer_id.partner_id", string="Contact", store=True, index="btree_not_null"
    )
    user_id = fields.Many2one(
        "res.users",
        string="Responsible",
        default=lambda self: self.env.user,
        tracking=True,
        domain="[('share', '=', False), ('company_ids', 'in', company_id)]",
    )
    state = fields.Selection(
        [
            ("draft", "Draft"),
            ("agreed", "Agreed"),
            ("running", "Running"),
            ("done", "Done"),
            ("cancelled", "Cancelled"),
        ],
        default="draft",
        required=True,
        readonly=True,
        copy=False,
        tracking=True,
        index=True,
        group_expand=True,
    )
    objective = fields.Text(help="What shall be reached, and how we see that it was.")
    agreement = fields.Text(help="What either side does, by when, and who may use what afterwards.")
    date_start = fields.Date("From", default=fields.Date.context_today, tracking=True)
    date_end = fields.Date("Until", tracking=True)
    project_template_id = fields.Many2one(
        "project.project",
        string="Prepared tasks",
        domain="[('is_template', '=', True)]",
        check_company=True,
        ondelete="set null",
        default=lambda self: self._default_template(),
        help="A project template whose tasks are taken over, with deadlines inside the time of the collaboration.",
    )
    project_id = fields.Many2one(
        "project.project", readonly=True, copy=False, ondelete="set null", index="btree_not_null"
    )
    task_note = fields.Char("Tasks", compute="_compute_task_note")
    completed_at = fields.Datetime("Confirmed on", readonly=True, copy=False)
    completed_by_id = fields.Many2one("res.users", string="Confirmed by", readonly=True, copy=False)
    result_note = fields.Text("What came of it")
    active = fields.Boolean(default=True)

    @api.model
    def _default_template(self):
        template = self.env.ref("community_manager.project_collaboration", raise_if_not_found=False)
        return template and template.sudo().exists().filtered("active").id

    @api.constrains("date_start", "date_end")
    def _check_dates(self):
        for one in self:
            if one.date_start and one.date_end and one.date_end < one.date_start:
                raise ValidationError(self.env._("“%s” would end before it begins.", one.name))

    @api.depends("project_id")
    @api.depends_context("lang")
    def _compute_task_note(self):
        # sudo: how far the work is, for those who have no part in projects as well
        for one in self:
            tasks = one.sudo().project_id.task_ids
            if not tasks:
                one.task_note = False
                continue
            left = tasks.filtered(lambda task: not task.is_closed)
            text = self.env._("%(done)s of %(all)s done", done=len(tasks) - len(left), all=len(tasks))
            due = left.filtered("date_deadline").sorted("date_deadline")[:1]
            if due:
                day = format_date(self.env, due.date_deadline.date())
                text += self.env._("; next: %(task)s, %(day)s", task=due.name, day=day)
            one.task_note = text

    @api.model_create_multi
    def create(self, vals_list):
        if not self.env.su:
            for values in vals_list:
                if values.get("state", "draft") != "draft" or OURS & set(values) - {"state"}:
                    raise AccessError(self.env._("How far a collaboration is, its buttons decide."))
            self = without_defaults(self, OURS)
        return super().create(vals_list)

    def write(self, vals):
        if not self.env.su and OURS & set(vals):
            raise AccessError(self.env._("How far a collaboration is, its buttons decide."))
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_drafts_alone(self):
        if self.filtered(lambda one: one.state not in ("draft", "cancelled")) or self.sudo().compensation_ids.filtered(
            lambda one: one.state in ("payable", "paid")
        ):
            raise UserError(self.env._("What was agreed stays in the books: cancel it instead."))

    # -- buttons ------------------------------------------------------------------------------------------------------

    def _go(self, state, sources, **values):
        """Move these collaborations on.

        :raises UserError: one of them is not where this can be done
        """
        self.check_access("write")
        for one in self:
            if one.state not in sources:
                raise UserError(self.env._("“%s” is not where this can be done.", one.name))
        self.sudo().write({"state": state, **values})

    def action_agree(self):
        """Both sides have said yes."""
        self._go("agreed", ("draft",))
        self.influencer_id._reach("contacted")
        self.filtered(lambda one: one.project_template_id and not one.project_id)._make_project()

    def action_run(self):
        """It begins: what they say from now on is looked at."""
        self._go("running", AT_WORK)
        for one in self.filtered(lambda one: not one.date_start):
            one.date_start = fields.Date.context_today(one)
        self.influencer_id._reach("collaborating")
        self._gather()

    def action_done(self):
        """Confirm that what was agreed was done: from now on it can be paid.

        :raises AccessError: this user is no manager
        """
        self._ensure_manager()
        self._gather()
        self._go("done", AT_WORK, completed_at=fields.Datetime.now(), completed_by_id=self.env.uid)
        self.sudo().compensation_ids._allow_payment(self.env.user)
        self.sudo().activity_unlink(["community_manager.activity_collaboration"])

    def action_cancel(self):
        """It comes to nothing; what was promised and is not confirmed is not paid."""
        self._go("cancelled", ("draft", *AT_WORK))
        planned = self.sudo().compensation_ids.filtered(lambda one: one.state == "planned")
        planned.write({"state": "cancelled"})
        self.sudo().activity_unlink(["community_manager.activity_collaboration"])

    def action_draft(self):
        """Plan it again."""
        self._go("draft", ("cancelled",))

    def _ensure_manager(self):
        if not self.env.user.has_group("community_manager.group_manager"):
            raise AccessError(self.env._("Only community managers can do this."))

    def _make_project(self):
        """Make the project of these from their templates; deadlines of its tasks are moved into the time agreed."""
        for one in self:
            # sudo: whoever agrees a collaboration need not run projects
            template = one.project_template_id.sudo()
            values = {"name": f"{one.influencer_id.name}: {one.name}", "company_id": one.company_id.id}
            values |= {"user_id": one.user_id.id, "date_start": one.date_start, "date": one.date_end}
            if not (one.date_start and one.date_end):
                values |= {"date_start": False, "date": False}
            project = template.action_create_from_template(values)
            one.sudo().project_id = project
            one._spread(project.task_ids)

    def _spread(self, tasks):
        """Give tasks without a deadline one, evenly over the time agreed, in their order."""
        self.ensure_one()
        if not (self.date_start and self.date_end):
            return
        open_tasks = tasks.filtered(lambda task: not task.date_deadline).sorted(lambda task: (task.sequence, task.id))
        days = (self.date_end - self.date_start).days
        for place, task in enumerate(open_tasks, 1):
            day = fields.Date.add(self.date_start, days=days * place // len(open_tasks))
            task.write({"date_deadline": fields.Datetime.to_datetime(day).replace(hour=12)})
            if self.user_id:
                task.user_ids = self.user_id

    def action_open_project(self):
        """Open the tasks of this collaboration."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Tasks of %s", self.name),
            "res_model": "project.task",
            "views": [(False, "kanban"), (False, "list"), (False, "form")],
            "domain": [("project_id", "=", self.project_id.id)],
            "context": {"default_project_id": self.project_id.id},
        }

    def action_make_project(self):
        """Make a project with the prepared tasks.

        :raises UserError: no template was chosen, or there is a project already
        """
        self.ensure_one()
        self.check_access("write")
        if not self.project_template_id or self.project_id:
            raise UserError(self.env._("Choose prepared tasks first."))
        self._make_project()
        return True
