from markupsafe import Markup

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.tools import is_html_empty

from ..platform.defaults import without_defaults

#: characters of what is asked that lists and names show
SUMMARY_LENGTH = 80
#: states in which somebody still has to do something
OPEN = ("asked", "acknowledged", "outcome")
#: what only the buttons and the scheduled work decide
OURS = frozenset(
    (
        "state",
        "acknowledged_by_id",
        "acknowledged_at",
        "outcome_by_id",
        "outcome_at",
        "told_at",
        "told_mention_ids",
        "reply_id",
        "introduction_id",
        "introduced_to",
        "reminded_at",
        "escalated_at",
        "made_model",
        "made_id",
        "rule_id",
    )
)
#: what people of the department write who have no part in the community otherwise
THEIRS = frozenset(("outcome", "outcome_text", "answer"))


class CommunityHandoff(models.Model):
    """Something a department is asked because of what somebody said, until that person has been told the outcome.

    ``asked → acknowledged → outcome → told``; ``closed`` when nobody can or need be told.  People of the department see
    the hand-off and the words it is about, and need no role in the community for it.
    """

    _name = "community.handoff"
    _description = "Hand-off"
    _inherit = ["mail.thread", "mail.activity.mixin"]
    _order = "due_at, id"
    _check_company_auto = True
    _mail_post_access = "read"

    name = fields.Char(compute="_compute_name", store=True)
    company_id = fields.Many2one("res.company", required=True, default=lambda self: self.env.company, index=True)
    department_id = fields.Many2one(
        "community.department", required=True, check_company=True, index=True, tracking=True, ondelete="restrict"
    )
    mention_ids = fields.Many2many(
        "community.mention",
        "community_handoff_mention_rel",
        "handoff_id",
        "mention_id",
        string="Mentions",
        check_company=True,
        groups="community_manager.group_agent",
    )
    mention_count = fields.Integer(compute="_compute_quote", compute_sudo=True, string="Number of mentions")
    people = fields.Char(compute="_compute_quote", compute_sudo=True, string="Who said it")
    quote = fields.Html(compute="_compute_quote", compute_sudo=True, string="What was said")
    user_id = fields.Many2one(
        "res.users",
        string="Asked by",
        default=lambda self: self.env.user,
        index=True,
        tracking=True,
        domain="[('share', '=', False)]",
        help="They tell the person who wrote once there is an outcome.",
    )
    member_id = fields.Many2one(
        "res.users",
        string="To",
        index=True,
        tracking=True,
        domain="[('share', '=', False)]",
        help="Empty: whoever of the department takes it on.",
    )
    reason = fields.Text(string="Why", help="Why it is put before this department.")
    asked = fields.Text(string="What is asked", required=True)
    state = fields.Selection(
        [
            ("asked", "Asked"),
            ("acknowledged", "Acknowledged"),
            ("outcome", "Outcome known"),
            ("told", "Author told"),
            ("closed", "Closed"),
        ],
        default="asked",
        required=True,
        readonly=True,
        copy=False,
        tracking=True,
        index=True,
        group_expand=True,
    )
    due_at = fields.Datetime(string="Acknowledge until", readonly=True, copy=False, index=True)
    escalate_at = fields.Datetime(readonly=True, copy=False, string="Told to the head after")
    reminded_at = fields.Datetime(readonly=True, copy=False, string="Reminded")
    escalated_at = fields.Datetime(readonly=True, copy=False, string="Told to the head")
    acknowledged_by_id = fields.Many2one("res.users", readonly=True, copy=False, string="Acknowledged by")
    acknowledged_at = fields.Datetime(readonly=True, copy=False, string="Acknowledged")
    outcome = fields.Selection([("done", "Done"), ("refused", "Refused")], copy=False, tracking=True)
    outcome_text = fields.Text(string="What came of it", copy=False, help="For colleagues. A refusal says why.")
    answer = fields.Text(
        string="Answer for the author", copy=False, help="What the person who wrote may be told, in plain words."
    )
    outcome_by_id = fields.Many2one("res.users", readonly=True, copy=False, string="Outcome by")
    outcome_at = fields.Datetime(readonly=True, copy=False, string="Outcome since")
    told_at = fields.Datetime(readonly=True, copy=False, string="Told")
    told_mention_ids = fields.Many2many(
        "community.mention",
        "community_handoff_told_rel",
        "handoff_id",
        "mention_id",
        string="Told already",
        readonly=True,
        copy=False,
        groups="community_manager.group_agent",
    )
    reply_id = fields.Many2one(
        "community.reply", string="Our answer", readonly=True, copy=False, groups="community_manager.group_agent"
    )
    rule_id = fields.Many2one(
        "community.rule", string="Asked by the rule", readonly=True, copy=False, groups="community_manager.group_agent"
    )
    is_late = fields.Boolean(compute="_compute_is_late", search="_search_is_late", string="Late")
    is_theirs = fields.Boolean(compute="_compute_is_theirs", string="I belong to this department")

    @api.depends("asked", "department_id")
    def _compute_name(self):
        for handoff in self:
            words = " ".join((handoff.asked or "").split())
            handoff.name = words[:SUMMARY_LENGTH] + ("…" if len(words) > SUMMARY_LENGTH else "") or "…"

    @api.depends("mention_ids.text", "mention_ids.title", "mention_ids.deleted_at", "mention_ids.author_id.name")
    def _compute_quote(self):
        # as superuser: people of the department read these words and nothing else of the mention
        for handoff in self:
            mentions = handoff.mention_ids.sorted(lambda mention: (mention.published_at, mention.id))
            handoff.mention_count = len(mentions)
            names = dict.fromkeys(mention.author_id.display_name for mention in mentions if mention.author_id)
            handoff.people = ", ".join(names)
            handoff.quote = Markup("").join(handoff._quoted(mention) for mention in mentions)

    def _quoted(self, mention):
        """Return what one mention says as safe HTML, with who said it where and when."""
        label = Markup("<p class='mb-1'><strong>%s</strong></p>") % self.env["community.lead"]._label(mention)
        if mention.deleted_at:
            return label + Markup("<p class='text-muted fst-italic'>%s</p>") % mention.summary
        quote = self.env["community.lead"]._quote(mention)
        return label + quote if not is_html_empty(quote) else label

    @api.depends("state", "due_at")
    def _compute_is_late(self):
        now = fields.Datetime.now()
        for handoff in self:
            handoff.is_late = handoff.state == "asked" and bool(handoff.due_at) and handoff.due_at < now

    @api.model
    def _search_is_late(self, operator, value):
        if operator not in ("=", "!=") or not isinstance(value, bool):
            return NotImplemented
        late = ["&", ("state", "=", "asked"), ("due_at", "<", fields.Datetime.now())]
        return late if (operator == "=") == value else ["!", *late]

    @api.depends_context("uid")
    @api.depends("department_id", "member_id")
    def _compute_is_theirs(self):
        for handoff in self:
            handoff.is_theirs = self.env.user in handoff.member_id | handoff.sudo().department_id._people()

    # -- rights -----------------------------------------------------------------------------------------------------

    @api.model_create_multi
    def create(self, vals_list):
        if not self.env.su and any(OURS & set(values) for values in vals_list):
            raise AccessError(self.env._("How far a hand-off is, only its buttons decide."))
        if not self.env.su:  # defaults of the context would come past what was refused
            self = without_defaults(self, OURS)
        handoffs = super().create(vals_list)
        for handoff in handoffs.sudo():
            now = handoff.create_date
            handoff.due_at = handoff.department_id._due_at(now)
            handoff.escalate_at = handoff.department_id._due_at(now, times=2)
        return handoffs

    def write(self, vals):
        if not self.env.su:
            if OURS & set(vals):
                raise AccessError(self.env._("How far a hand-off is, only its buttons decide."))
            if not self.env.user.has_group("community_manager.group_agent") and set(vals) - THEIRS:
                raise AccessError(self.env._("You may write the outcome and the answer, nothing else."))
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_only_finished(self):
        if any(handoff.state in OPEN for handoff in self):
            raise UserError(self.env._("Somebody still waits for these hand-offs. Close them first."))

    # -- buttons ----------------------------------------------------------------------------------------------------

    def action_acknowledge(self):
        """Say that somebody has seen it and works on it."""
        self.check_access("write")
        for handoff in self:
            if handoff.state != "asked":
                raise UserError(self.env._("“%s” was acknowledged already.", handoff.name))
            values = {"state": "acknowledged", "acknowledged_by_id": self.env.uid}
            handoff.sudo().write({**values, "acknowledged_at": fields.Datetime.now()})
            if not handoff.member_id and handoff.is_theirs:
                handoff.sudo().member_id = self.env.user
        return True

    def action_done(self):
        """What was asked is done: the author can be told."""
        return self._conclude("done")

    def action_refuse(self):
        """What was asked will not be done, for a reason that stands in what came of it."""
        return self._conclude("refused")

    def _conclude(self, outcome):
        self.check_access("write")
        for handoff in self:
            if handoff.state not in ("asked", "acknowledged"):
                raise UserError(self.env._("“%s” has an outcome already.", handoff.name))
            if outcome == "refused" and not (handoff.outcome_text or "").strip():
                raise UserError(self.env._("Write why, in “What came of it”, before you refuse."))
            if not ((handoff.answer or "").strip() or (handoff.outcome_text or "").strip()):
                raise UserError(self.env._("Write what the author may be told, or what came of it."))
            now = fields.Datetime.now()
            values = {"state": "outcome", "outcome": outcome, "outcome_by_id": self.env.uid, "outcome_at": now}
            if handoff.state == "asked":
                values |= {"acknowledged_by_id": self.env.uid, "acknowledged_at": now}
            handoff.sudo().write(values)
            handoff.sudo().activity_feedback(["community_manager.activity_handoff"])
            handoff.sudo()._ask_to_tell()
        return True

    def action_reopen(self):
        """Ask once more: the outcome was no answer."""
        self.check_access("write")
        if not self.env.user.has_group("community_manager.group_agent"):
            raise AccessError(self.env._("Only community agents can ask once more."))
        for handoff in self.sudo():
            now = fields.Datetime.now()
            handoff.write(
                {
                    "state": "asked",
                    "outcome": False,
                    "outcome_at": False,
                    "outcome_by_id": False,
                    "told_at": False,
                    "told_mention_ids": [fields.Command.clear()],
                    "reply_id": False,
                    "acknowledged_at": False,
                    "acknowledged_by_id": False,
                    "reminded_at": False,
                    "escalated_at": False,
                    "due_at": handoff.department_id._due_at(now),
                    "escalate_at": handoff.department_id._due_at(now, times=2),
                }
            )
            handoff.activity_unlink(["community_manager.activity_tell"])
            handoff._put_before()
        return True

    def action_close(self):
        """Nobody needs to be told, or nobody can be."""
        self.check_access("write")
        if not self.env.user.has_group("community_manager.group_agent"):
            raise AccessError(self.env._("Only community agents close hand-offs."))
        for handoff in self.sudo():
            handoff.write({"state": "closed"})
            handoff.activity_unlink(["community_manager.activity_handoff", "community_manager.activity_tell"])
        return True

    def action_open_mentions(self):
        """Open what these hand-offs are about."""
        action = self.env["ir.actions.act_window"]._for_xml_id("community_manager.action_mentions")
        found = {**action, "domain": [("id", "in", self.mention_ids.ids)], "context": {}}
        if len(self.mention_ids) == 1:
            found |= {"res_id": self.mention_ids.id, "views": [(False, "form")]}
        return found

    # -- telling people -----------------------------------------------------------------------------------------------

    def _responsible(self):
        """Return the one who is asked first: the person named, else the head, else a member."""
        self.ensure_one()
        if self.member_id.active:
            return self.member_id
        return self.department_id._people()[:1]

    def _put_before(self):
        """Give the department an activity and tell its people, with a link."""
        for handoff in self:
            responsible = handoff._responsible()
            if responsible:
                handoff.with_context(mail_activity_quick_update=True).activity_schedule(
                    "community_manager.activity_handoff",
                    date_deadline=fields.Datetime.context_timestamp(
                        handoff.with_context(tz=responsible.tz), handoff.due_at
                    ).date(),
                    summary=handoff.name,
                    user_id=responsible.id,
                )
            handoff._tell_asked()

    def _asked_people(self):
        """Return the users who are asked: the person named, else everybody of the department."""
        self.ensure_one()
        return self.member_id.filtered("active") or self.department_id._people()

    def _tell_asked(self):
        """Notify whoever is asked, but for who asks."""
        self._notify_people(
            self._asked_people() - self.env.user,
            lambda env: env._(
                "%(department)s is asked: %(asked)s", department=self.department_id.name, asked=self.name
            ),
        )

    def _notify_people(self, users, subject):
        """Send users a notification with what is asked and a link, each in their own language.

        :param users: ``res.users`` records
        :param subject: function of an environment that returns a sentence
        """
        self.ensure_one()
        for language, group in users.grouped(lambda user: user.lang or "en_US").items():
            handoff = self.with_context(lang=language)
            body = Markup("").join(
                Markup("<p><strong>%s</strong><br/>%s</p>") % (label, Markup("<br/>").join(text.splitlines()))
                for label, text in (
                    (handoff.env._("What is asked"), handoff.asked),
                    (handoff.env._("Why"), handoff.reason),
                    (handoff.env._("Who said it"), handoff.people),
                )
                if text
            )
            handoff.message_notify(
                partner_ids=group.partner_id.ids,
                subject=subject(handoff.env),
                body=body,
                email_layout_xmlid="mail.mail_notification_layout",
            )
