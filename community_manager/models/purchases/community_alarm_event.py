import logging

from odoo import api, fields, models
from odoo.exceptions import AccessError
from odoo.tools import format_date

from ..platform.cursors import is_concurrency_error

_logger = logging.getLogger(__name__)

#: events whose action is started in one transaction
BATCH = 100
#: what only the alarm itself writes
OURS = frozenset(
    ("alarm_id", "partner_id", "company_id", "occasion", "kind", "facts", "mention_id", "moment", "started_at")
)


class CommunityAlarmEvent(models.Model):
    """An alarm went off for somebody."""

    _name = "community.alarm.event"
    _description = "Alarm"
    _inherit = ["mail.thread", "mail.activity.mixin"]
    _order = "moment desc, id desc"
    _rec_name = "text"
    _check_company_auto = True

    alarm_id = fields.Many2one(
        "community.alarm", required=True, readonly=True, ondelete="cascade", check_company=True, index=True
    )
    partner_id = fields.Many2one(
        "res.partner", string="Contact", required=True, readonly=True, ondelete="cascade", index=True
    )
    company_id = fields.Many2one("res.company", required=True, readonly=True, index=True)
    kind = fields.Selection(
        selection=lambda self: self.env["community.alarm"]._fields["kind"].selection, readonly=True, string="What"
    )
    occasion = fields.Char(required=True, readonly=True)
    facts = fields.Json(readonly=True)
    text = fields.Char(compute="_compute_text", string="Why")
    moment = fields.Datetime(string="When", required=True, readonly=True, default=fields.Datetime.now)
    mention_id = fields.Many2one("community.mention", readonly=True, ondelete="set null", index="btree_not_null")
    state = fields.Selection(
        [("new", "To do"), ("handled", "Handled"), ("dismissed", "Dismissed")],
        default="new",
        required=True,
        readonly=True,
        tracking=True,
        index=True,
    )
    started_at = fields.Datetime(readonly=True, copy=False, string="Started")
    handoff_id = fields.Many2one("community.handoff", readonly=True, copy=False, ondelete="set null")
    user_id = fields.Many2one(
        "res.users", string="Responsible", domain="[('share', '=', False)]", tracking=True, index="btree_not_null"
    )
    community_rfm = fields.Char(related="partner_id.community_rfm", related_sudo=False, string="RFM")
    community_segment_id = fields.Many2one(related="partner_id.community_segment_id", related_sudo=False)

    _unique_occasion = models.UniqueIndex("(alarm_id, partner_id, occasion)")
    _not_started = models.Index("(id) WHERE started_at IS NULL")

    @api.depends("kind", "facts", "mention_id")
    @api.depends_context("lang")
    def _compute_text(self):
        segments = self.env["community.segment"].sudo().with_context(active_test=False)
        numbers = {number for event in self for name in ("from", "to") if (number := (event.facts or {}).get(name))}
        names = {segment.id: segment.name for segment in segments.search([("id", "in", list(numbers))])}
        for event in self:
            event.text = event._sentence(names)

    def _sentence(self, names):
        """Return why the alarm went off, in the language of the reader.

        :param dict names: of segments, by id
        """
        self.ensure_one()
        facts = self.facts or {}
        day = format_date(self.env, facts["on"]) if facts.get("on") else ""
        if self.kind == "quiet":
            return self.env._(
                "%(days)s days without a purchase; usually %(gap)s", days=facts.get("days"), gap=facts.get("gap")
            )
        if self.kind == "drop":
            return self.env._(
                "From “%(before)s” to “%(after)s”",
                before=names.get(facts.get("from"), "…"),
                after=names.get(facts.get("to"), "…"),
            )
        if self.kind == "vip":
            return self.env._("Speaks badly of us (RFM %(rfm)s): %(words)s", rfm=facts.get("rfm"), words=self._words())
        if self.kind == "complaint":
            return self.env._(
                "%(number)s complaints in %(days)s days: %(words)s",
                number=facts.get("number"),
                days=facts.get("days"),
                words=self._words(),
            )
        if self.kind in ("birthday", "anniversary", "own_date"):
            label = dict(self._fields["kind"]._description_selection(self.env))[self.kind]
            return f"{facts.get('name') or label}: {day}"
        if self.kind == "first_purchase":
            return self.env._("First purchase on %s", day)
        if self.kind == "nth_purchase":
            return self.env._("%(number)s purchases, the last on %(day)s", number=facts.get("number"), day=day)
        return self.env._("Meets the condition of the alarm")

    def _words(self):
        # sudo: agents read all mentions of their companies; whoever may read the alarm may read what set it off
        return self.mention_id.sudo().summary or "…"

    # -- what people do -----------------------------------------------------------------------------------------------

    def write(self, vals):
        if not self.env.su and OURS & set(vals):
            raise AccessError(self.env._("What happened is written by the alarm alone."))
        return super().write(vals)

    def action_done(self):
        """It is seen to."""
        return self._close("handled")

    def action_dismiss(self):
        """Nothing needs to be done."""
        return self._close("dismissed")

    def action_reopen(self):
        """It is still to do."""
        return self._close("new")

    def _close(self, state):
        self.check_access("write")
        events = self.sudo()
        events.write({"state": state, **({} if state == "new" else {"user_id": self.env.uid})})
        if state != "new":
            events.activity_unlink(["community_manager.activity_alarm"])
        return True

    def action_open_partner(self):
        """Open the person's page."""
        self.ensure_one()
        self.check_access("read")
        if hasattr(self.partner_id, "action_community_person"):
            return self.partner_id.action_community_person()
        return self.partner_id.get_formview_action()

    def action_open_mention(self):
        """Open what was said."""
        self.ensure_one()
        return self.mention_id.get_formview_action()

    # -- what the alarm starts ----------------------------------------------------------------------------------------

    def _handle_soon(self):
        """Have what these alarms say started in the background."""
        if self:
            self.env.ref("community_manager.cron_alarms").sudo()._trigger()

    @api.model
    def _cron_handle(self):
        """Look for what alarms are for, and start what they say."""
        self.env["community.alarm"]._look(self.env["res.company"].search([]))

    @api.model
    def _handle_waiting(self):
        """Start what waits, in batches that are committed, one by one where a batch cannot be stored."""
        progress = self.env["ir.cron"]._commit_progress
        left, passed = progress(0), set()
        while left:
            events = self.search(
                [("started_at", "=", False), ("id", "not in", list(passed))], order="id", limit=BATCH
            ).try_lock_for_update()
            if not events:
                break
            try:
                with self.env.cr.savepoint():
                    events._handle()
                    self.env.flush_all()
            except Exception as error:
                if self.env["community.ingest"]._is_infrastructure(error):
                    raise
                self.env.invalidate_all(flush=False)
                passed.update(events._handle_one_by_one())
            left = progress(len(events))

    def _handle_one_by_one(self):
        """Let the one that cannot be started stop nobody else; return the ids of those that could not."""
        failed = set()
        for event in self:
            try:
                with self.env.cr.savepoint():
                    event._handle()
                    self.env.flush_all()
            except Exception as error:
                if is_concurrency_error(error):
                    raise
                self.env.invalidate_all(flush=False)
                _logger.exception("alarm event %s: its action could not be started", event.id)
                failed.add(event.id)
        return failed

    def _handle(self):
        """Start what the alarms of these events say: called once for each, set-wise.

        Other rooms add kinds of action by ``selection_add`` on ``community.alarm.action`` and a method named
        ``_handle_`` and the kind, which gets the events.
        """
        waiting = self.filtered(lambda event: not event.started_at)
        for action, events in waiting.grouped(lambda event: event.alarm_id.action).items():
            start = getattr(events, f"_handle_{action}", None)
            if start:
                start()
        waiting.sudo().write({"started_at": fields.Datetime.now()})

    def _responsible(self):
        """Return who sees to it: as the alarm says, else the customer's salesperson, else who made the alarm."""
        self.ensure_one()
        alarm = self.alarm_id
        partner = self.partner_id.with_company(self.company_id)
        people = alarm.user_id | partner.user_id | partner.commercial_partner_id.user_id | alarm.create_uid
        return people.filtered(lambda user: user.active and not user._is_superuser())[:1]

    def _handle_none(self):
        """The list shows it."""

    def _handle_activity(self):
        """Give somebody an activity for each."""
        for event in self:
            user = event._responsible()
            if not user:
                continue
            told = event.with_context(lang=user.lang or self.env.lang, mail_activity_quick_update=True)
            event.user_id = user
            told.activity_schedule(
                "community_manager.activity_alarm",
                date_deadline=event.company_id._community_day(),
                summary=f"{told.partner_id.display_name}: {told.text}",
                note=told.alarm_id.asked or False,
                user_id=user.id,
            )

    def _handle_handoff(self):
        """Hand each to the department of its alarm."""
        for event in self.sudo():
            alarm = event.alarm_id
            reason = f"{alarm.name}: {event.partner_id.display_name}. {event.text}"
            handoffs = self.env["community.handoff"].sudo().with_company(event.company_id)
            asked = alarm.asked or self.env._("Please see to it that this customer is looked after.")
            if event.mention_id:
                made = handoffs._hand_to(alarm.department_id, event.mention_id, asked=asked, reason=reason)
            else:
                made = handoffs._open_with(
                    alarm.department_id, self.env["community.mention"], asked=asked, reason=reason
                )
            event.write({"handoff_id": made[:1].id, "state": "handled"})
