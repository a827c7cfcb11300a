from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import UserError

#: people that one run of the scheduled work reminds between two commits
BATCH = 200
#: the activity that asks somebody to read
REMINDER = "community_manager.activity_guideline"


class CommunityGuideline(models.Model):
    """How we speak: tone, what to do and what not.  Staff reads what was published, and confirms to have read it."""

    _name = "community.guideline"
    _description = "Guideline"
    _inherit = ["mail.thread", "mail.activity.mixin"]
    _order = "sequence, name, id"
    _mail_post_access = "read"

    name = fields.Char(required=True, translate=True, tracking=True)
    active = fields.Boolean(default=True)
    sequence = fields.Integer(default=10)
    company_id = fields.Many2one("res.company", required=True, default=lambda self: self.env.company, index=True)
    user_id = fields.Many2one(
        "res.users", string="Owner", default=lambda self: self.env.user, domain="[('share', '=', False)]", tracking=True
    )
    audience = fields.Selection(
        [("team", "The community team"), ("staff", "All staff")],
        default="team",
        required=True,
        tracking=True,
        string="Read by",
        help="Who is asked to confirm that they have read it. All staff may read it in any case.",
    )
    draft = fields.Html(
        "Text",
        translate=True,
        groups="community_manager.group_manager",
        help="What you write here is read by others once you publish it.",
    )
    changes = fields.Char(
        "What is new", groups="community_manager.group_manager", help="Shown to those who have read an earlier version."
    )
    body = fields.Html("Guideline", related="version_id.body")
    version_id = fields.Many2one("community.guideline.version", readonly=True, copy=False)
    version_ids = fields.One2many("community.guideline.version", "guideline_id", string="Versions", readonly=True)
    number = fields.Integer("Version number", related="version_id.number", store=True)
    published_at = fields.Datetime(related="version_id.published_at", store=True)
    is_published = fields.Boolean("Is published", compute="_compute_is_published", store=True)
    has_changes = fields.Boolean(
        "Changed since", compute="_compute_has_changes", groups="community_manager.group_manager"
    )
    remind_days = fields.Integer(
        "Remind after", default=7, help="Days after which those who have not confirmed are reminded, once. 0: never."
    )
    has_read = fields.Boolean("Read by me", compute="_compute_has_read", search="_search_has_read")
    is_asked = fields.Boolean(compute="_compute_has_read", help="I am asked to confirm that I have read it.")
    earlier_changes = fields.Char("New in this version", related="version_id.changes")
    read_count = fields.Integer("Have read it", compute="_compute_readers", groups="community_manager.group_manager")
    missing_count = fields.Integer(
        "Have not read it", compute="_compute_readers", groups="community_manager.group_manager"
    )

    @api.depends("version_id")
    def _compute_is_published(self):
        for guideline in self:
            guideline.is_published = bool(guideline.version_id)

    @api.depends("draft", "version_id")
    def _compute_has_changes(self):
        languages = [code for code, _name in self.env["res.lang"].get_installed()]
        for guideline in self:
            ways = [guideline.with_context(lang=code) for code in languages]
            guideline.has_changes = any((way.draft or "") != (way.version_id.body or "") for way in ways)

    @api.depends("version_id")
    @api.depends_context("uid")
    def _compute_has_read(self):
        confirmed = self.version_id._read_by(self.env.user)
        agent = self.env.user.has_group("community_manager.group_agent")
        for guideline in self:
            guideline.has_read = guideline.version_id in confirmed
            asked = bool(guideline.version_id) and (guideline.audience == "staff" or agent)
            guideline.is_asked = asked and not guideline.has_read

    @api.model
    def _search_has_read(self, operator, value):
        if operator not in ("=", "!=") or not isinstance(value, bool):
            return NotImplemented
        reads = self.env["community.guideline.read"].sudo().search([("user_id", "=", self.env.uid)])
        read = [("version_id", "in", reads.version_id.ids)]
        return read if (operator == "=") == value else ["!", *read]

    def _compute_readers(self):
        for guideline in self:
            guideline.read_count = len(guideline.version_id.sudo().read_ids)
            guideline.missing_count = len(guideline._missing())

    # -- who is asked ----------------------------------------------------------------------------------------------

    def _asked(self):
        """Return the active users who are asked to read this guideline."""
        self.ensure_one()
        group = "base.group_user" if self.audience == "staff" else "community_manager.group_agent"
        return (
            self.env["res.users"]
            .sudo()
            .search(
                [
                    ("all_group_ids", "in", self.env.ref(group).ids),
                    ("company_ids", "in", self.company_id.ids),
                    ("share", "=", False),
                ]
            )
        )

    def _missing(self):
        """Return those who are asked and have not confirmed what stands now."""
        self.ensure_one()
        if not self.version_id:
            return self.env["res.users"]
        return self._asked() - self.version_id.sudo().read_ids.user_id

    # -- buttons ---------------------------------------------------------------------------------------------------

    def action_publish(self):
        """Publish the text as a new version: everybody who is asked confirms it anew.

        :raises UserError: there is no text, or nothing is new
        """
        self.check_access("write")
        for guideline in self:
            if not guideline.draft:
                raise UserError(self.env._("There is nothing to read yet."))
            if guideline.version_id and not guideline.has_changes:
                raise UserError(self.env._("Nothing has changed since version %s.", guideline.number))
            # versions are made here only, so that nobody changes what others have confirmed
            guideline.sudo().activity_unlink([REMINDER])
            version = self.env["community.guideline.version"].sudo()._publish(guideline)
            guideline.sudo().version_id = version
            guideline.changes = False
            guideline.message_post(
                body=self.env._("Version %s was published.", version.number), subtype_xmlid="mail.mt_note"
            )
        return True

    def action_confirm(self):
        """I have read this.

        :raises UserError: there is nothing to read yet
        """
        self.check_access("read")
        for guideline in self:
            if not guideline.version_id:
                raise UserError(self.env._("This was not published yet."))
            guideline.version_id._confirm(self.env.user)
            guideline.sudo().activity_unlink([REMINDER], user_id=self.env.uid)
        self.invalidate_recordset(["has_read", "is_asked", "read_count", "missing_count"], flush=False)
        return True

    def action_remind(self):
        """Give those who have not confirmed an activity, each once for each version."""
        self.check_access("write")
        for guideline in self:
            guideline._remind(guideline._missing())
        return True

    def action_open_missing(self):
        """Show who has not read this."""
        self.ensure_one()
        self.check_access("write")
        return self._people_action(self.env._("Have not read it"), self._missing())

    def action_open_read(self):
        """Show who has read this, and when."""
        self.ensure_one()
        self.check_access("write")
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Have read it"),
            "res_model": "community.guideline.read",
            "views": [(False, "list")],
            "domain": [("guideline_id", "=", self.id)],
            "context": {"search_default_current": 1},
        }

    def _people_action(self, name, users):
        return {
            "type": "ir.actions.act_window",
            "name": name,
            "res_model": "res.users",
            "views": [(self.env.ref("community_manager.user_view_list_people").id, "list")],
            "domain": [("id", "in", users.ids)],
            "context": {"create": False, "edit": False},
        }

    # -- reminding -------------------------------------------------------------------------------------------------

    def _reminded(self):
        """Return the users who have been asked to read this, and have not done so."""
        return self.sudo().activity_search([REMINDER]).user_id

    def _remind(self, users):
        """Ask users to read this, those who are asked already left out."""
        self.ensure_one()
        for user in users - self._reminded():
            there = self.sudo().with_context(lang=user.lang) if user.lang else self.sudo()
            there.activity_schedule(
                REMINDER,
                summary=there.env._("Please read: %s", there.name),
                note=there.env._("Open it, and confirm at its end that you have read it."),
                user_id=user.id,
            )

    @api.model
    def _cron_remind(self):
        """Remind those who have not confirmed a version in time, each once for each version."""
        progress = self.env["ir.cron"]._commit_progress
        if not progress(0):
            return
        now = fields.Datetime.now()
        versions = self.env["community.guideline.version"].sudo()
        waiting = versions.search([("reminded_at", "=", False), ("is_current", "=", True)], order="id")
        due = [
            version
            for version in waiting
            if 0 < version.guideline_id.remind_days <= (now - version.published_at) / timedelta(days=1)
        ]
        for done, version in enumerate(due):
            guideline = version.guideline_id
            # two runs at once: what the other one has is left to it
            while version.try_lock_for_update() and not version.reminded_at:
                # who has the activity already is left out: a run that broke off goes on where it was
                missing = guideline._missing() - guideline._reminded()
                guideline._remind(missing[:BATCH])
                if len(missing) <= BATCH:
                    version.reminded_at = now
                elif not progress(0, remaining=len(due) - done):
                    return
            if not progress(1, remaining=len(due) - done - 1):
                return
