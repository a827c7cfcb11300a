from odoo import api, fields, models
from odoo.exceptions import AccessError, LockError, UserError
from odoo.tools.mail import plaintext2html

#: approvers who get an activity when the time to approve is over
MOST_REMINDED = 10
#: requests that one run of the scheduled work looks at between two commits
BATCH = 100
#: what an approver may change in a request
EDITABLE = frozenset(("text", "note"))
#: characters of a text that lists show
SUMMARY_LENGTH = 120


class CommunityApproval(models.Model):
    """A request to approve something before it is said in public: an answer now, a publication later.

    Any model that inherits ``community.approvable`` may ask for it.  What is approved is one exact wording: other
    words are asked about anew.
    """

    _name = "community.approval"
    _description = "Approval"
    _inherit = ["mail.thread", "mail.activity.mixin"]
    _order = "decided_at desc, deadline, id"  # what is not decided has no date, and comes first
    _rec_name = "summary"
    _check_company_auto = True
    _mail_post_access = "read"

    company_id = fields.Many2one("res.company", required=True, readonly=True, index=True)
    res_model = fields.Char("Kind of record", required=True, readonly=True)
    res_id = fields.Many2oneReference("Record", model_field="res_model", required=True, readonly=True)
    state = fields.Selection(
        [
            ("pending", "To approve"),
            ("approved", "Approved"),
            ("returned", "Returned"),
            ("withdrawn", "Withdrawn"),
        ],
        default="pending",
        required=True,
        readonly=True,
        tracking=True,
        index=True,
        group_expand=True,
    )
    reasons = fields.Text("Why", readonly=True)
    asked_text = fields.Text("As written", readonly=True)
    text = fields.Text(help="What will be said. Change it before you approve, if need be.")
    note = fields.Text("Note to the writer", help="What is to be changed. Needed to return it.")
    fingerprint = fields.Char(readonly=True, help="Of the exact wording that was approved.")
    summary = fields.Char(compute="_compute_summary")
    advice = fields.Text(
        "What we say about it",
        compute="_compute_advice",
        help="Our position on the sensitive issues that it touches, and what not to say.",
    )
    mention_id = fields.Many2one(
        "community.mention", string="In answer to", readonly=True, ondelete="set null", index="btree_not_null"
    )
    channel_id = fields.Many2one("community.channel", string="Sent from", readonly=True, ondelete="set null")
    network = fields.Char(readonly=True)
    attachment_ids = fields.Many2many(
        "ir.attachment",
        "community_approval_attachment_rel",
        "approval_id",
        "attachment_id",
        string="Pictures and files",
        readonly=True,
    )
    user_id = fields.Many2one("res.users", string="Written by", readonly=True, index=True)
    approver_ids = fields.Many2many(
        "res.users",
        "community_approval_approver_rel",
        "approval_id",
        "user_id",
        string="Approved by any of",
        readonly=True,
        help="Empty: the managers.",
    )
    asked_at = fields.Datetime("Asked", default=fields.Datetime.now, readonly=True)
    deadline = fields.Datetime("Decide until", readonly=True)
    reminded_at = fields.Datetime(readonly=True)
    decided_by_id = fields.Many2one("res.users", string="Decided by", readonly=True)
    decided_at = fields.Datetime("Decided", readonly=True)
    is_edited = fields.Boolean("Changed by the approver", compute="_compute_is_edited")
    is_mine = fields.Boolean("Mine to approve", compute="_compute_is_mine", search="_search_is_mine")
    is_late = fields.Boolean("Late", compute="_compute_is_late", search="_search_is_late")

    _pending = models.UniqueIndex("(res_model, res_id) WHERE state = 'pending'", "It waits for approval already.")
    _of_record = models.Index("(res_model, res_id, id)")

    @api.depends("text")
    def _compute_summary(self):
        for approval in self:
            words = " ".join((approval.text or "").split())
            approval.summary = words[:SUMMARY_LENGTH] + ("…" if len(words) > SUMMARY_LENGTH else "") or "…"

    @api.depends("text", "mention_id")
    def _compute_advice(self):
        for approval in self:
            mention = approval.mention_id
            texts = (approval.text, mention.title, mention.text)
            issues = self.env["community.sensitive"]._touched(approval.company_id, texts, mention.topic_ids)
            approval.advice = "\n\n".join("\n".join(issue._sentences()) for issue in issues)

    @api.depends("text", "asked_text")
    def _compute_is_edited(self):
        for approval in self:
            approval.is_edited = (approval.text or "").strip() != (approval.asked_text or "").strip()

    @api.depends("deadline", "state")
    def _compute_is_late(self):
        now = fields.Datetime.now()
        for approval in self:
            approval.is_late = approval.state == "pending" and bool(approval.deadline) and approval.deadline <= now

    @api.model
    def _search_is_late(self, operator, value):
        if operator not in ("=", "!=") or not isinstance(value, bool):
            return NotImplemented
        late = [("state", "=", "pending"), ("deadline", "<=", fields.Datetime.now())]
        return late if (operator == "=") == value else ["!", "&", *late]

    # -- who may decide --------------------------------------------------------------------------------------------

    @api.depends("state", "approver_ids", "user_id")
    @api.depends_context("uid")
    def _compute_is_mine(self):
        for approval in self:
            approval.is_mine = approval.state == "pending" and approval._may_decide(self.env.user)

    @api.model
    def _search_is_mine(self, operator, value):
        if operator not in ("=", "!=") or not isinstance(value, bool):
            return NotImplemented
        user = self.env.user
        mine = [("approver_ids", "in", user.ids)]
        if user.has_group("community_manager.group_admin"):
            mine = [(1, "=", 1)]
        elif user.has_group("community_manager.group_manager"):
            mine = ["|", *mine, ("approver_ids", "=", False)]
        others = ["|", ("user_id", "!=", user.id), ("company_id.community_self_approval", "=", True)]
        domain = ["&", ("state", "=", "pending"), "&", *mine, *others]
        return domain if (operator == "=") == value else ["!", *domain]

    def _may_decide(self, user):
        """Return whether a user may approve this: who is named, else managers; administrators in any case.

        Nobody approves what they wrote themselves, unless the company lets them.
        """
        self.ensure_one()
        if user == self.user_id and not self.company_id.sudo().community_self_approval:
            return False
        named = self.approver_ids
        role = "community_manager.group_admin" if named else "community_manager.group_manager"
        return user in named or user.has_group(role)

    def _deciders(self):
        """Return the active users who are told that this waits."""
        self.ensure_one()
        users = self.approver_ids.filtered("active")
        if not users:
            group = self.env.ref("community_manager.group_manager")
            users = self.env["res.users"].search(
                [
                    ("all_group_ids", "in", group.ids),
                    ("company_ids", "in", self.company_id.ids),
                    ("share", "=", False),
                ]
            )
        return users.filtered(self._may_decide)

    def write(self, vals):
        if not self.env.su:
            if set(vals) - EDITABLE - {"message_follower_ids", "activity_ids"}:
                raise AccessError(self.env._("What was asked for is not changed; only its text and the note are."))
            if EDITABLE & set(vals):
                for approval in self:
                    approval._ensure_mine()
        return super().write(vals)

    def _ensure_mine(self):
        """
        :raises UserError: it was decided already
        :raises AccessError: it is not for this user to decide
        """
        if self.state != "pending":
            raise UserError(self._already())
        if not self._may_decide(self.env.user):
            if self.user_id == self.env.user:
                raise AccessError(self.env._("You wrote this yourself: somebody else has to approve it."))
            raise AccessError(self.env._("This is for somebody else to approve."))

    def _already(self):
        who = self.sudo().decided_by_id.name or self.env._("Somebody")
        return {
            "approved": self.env._("%s has approved this already.", who),
            "returned": self.env._("%s has returned this already.", who),
        }.get(self.state) or self.env._("This does not wait for approval any more.")

    # -- buttons ---------------------------------------------------------------------------------------------------

    def action_approve(self):
        """Approve the text as it stands here.

        :raises UserError: somebody was quicker, or it cannot be sent
        """
        for approval in self._take():
            record = approval._record()
            text = (approval.text or "").strip()
            if not text:
                raise UserError(self.env._("There is nothing to say yet."))
            approval._decide("approved")
            record._approval_approved(approval.sudo(), text)
            if approval.is_edited:
                approval._tell_changed()
        return True

    def action_return(self):
        """Give it back to the writer, with a note.

        :raises UserError: somebody was quicker, or there is no note
        """
        for approval in self._take():
            if not (approval.note or "").strip():
                raise UserError(self.env._("Write to the writer what is to be changed."))
            approval._decide("returned")
            approval._record()._approval_returned(approval.sudo())
        return True

    def action_open_record(self):
        """Open what is to be approved."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "res_model": self.res_model,
            "res_id": self.res_id,
            "views": [(False, "form")],
        }

    def _take(self):
        """Lock these requests: of two approvers one decides, and the other is told.

        A second transaction either finds the rows locked, or fails with a serialization error and is started again,
        and then sees that it was decided.
        """
        self.check_access("read")
        for approval in self:
            approval._ensure_mine()
        try:
            self.sudo().lock_for_update()
        except LockError:
            raise UserError(self.env._("A colleague is deciding this at this very moment.")) from None
        return self

    def _record(self):
        """Return what is to be approved.

        :raises UserError: it is gone
        """
        record = self.env[self.res_model].sudo().browse(self.res_id).exists()
        if not record:
            raise UserError(self.env._("What was to be approved is not there any more."))
        return record.with_env(self.env)

    def _decide(self, state):
        values = {"state": state, "decided_by_id": self.env.uid, "decided_at": fields.Datetime.now()}
        self.sudo().write(values)
        self.sudo().activity_unlink(["community_manager.activity_approval"])

    # -- telling ---------------------------------------------------------------------------------------------------

    def _tell_deciders(self):
        """Tell those who may decide that this waits."""
        for approval in self.sudo():
            for language, users in approval._deciders().grouped("lang").items():
                there = approval.with_context(lang=language) if language else approval
                there.message_notify(
                    partner_ids=users.partner_id.ids,
                    subject=there.env._("An answer waits for your approval"),
                    body=plaintext2html(f"{approval.reasons or ''}\n\n{approval.text or ''}"),
                    author_id=approval.user_id.partner_id.id or None,
                )

    def _tell_changed(self):
        """Tell the writer that their text went out in other words."""
        self.ensure_one()
        writer = self.user_id
        if not writer.active or writer == self.env.user:
            return
        there = self.sudo().with_context(lang=writer.lang) if writer.lang else self.sudo()
        there.message_notify(
            partner_ids=writer.partner_id.ids,
            subject=there.env._("Your text was changed and approved"),
            body=plaintext2html(self.text),
            author_id=self.env.user.partner_id.id,
        )

    @api.model
    def _cron_remind(self):
        """Remind those who may decide of what has waited too long, each request once."""
        progress = self.env["ir.cron"]._commit_progress
        left = progress(0)
        while left:
            waits = [("state", "=", "pending"), ("reminded_at", "=", False)]
            late = self.sudo().search([*waits, ("deadline", "<=", fields.Datetime.now())], order="id", limit=BATCH)
            # two runs at once: what the other one has is left to it
            mine = late.try_lock_for_update()
            if not mine:
                break
            for approval in mine:
                approval._remind()
            left = progress(len(mine), remaining=0 if len(late) < BATCH else 1)

    def _remind(self):
        self.ensure_one()
        self.reminded_at = fields.Datetime.now()
        for user in self._deciders()[:MOST_REMINDED]:
            there = self.with_context(lang=user.lang) if user.lang else self
            there.activity_schedule(
                "community_manager.activity_approval",
                summary=there.env._("The time to approve this is over"),
                user_id=user.id,
            )
