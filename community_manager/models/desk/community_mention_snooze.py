import logging
from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import format_datetime, split_every

from .community_close_reason import CLOSED

_logger = logging.getLogger(__name__)

#: mentions that one run of the alarm clock wakes at most, and those it wakes in one transaction
MOST_WOKEN = 2_000
WOKEN_AT_ONCE = 100
#: days after which a mention comes back although its author has not written again: nobody is forgotten
LONGEST_WAIT = 30
#: mentions of one person about which each gets a notification of its own; of more they are told together
MOST_TOLD = 10
#: what a mention that is not put off holds
AWAKE = {"snoozed_until": False, "snoozed_by_id": False, "snoozed_for": False}


class CommunityMention(models.Model):
    """Mentions that are put off until a date, or until their author writes again."""

    _inherit = "community.mention"

    snoozed_until = fields.Datetime(readonly=True, copy=False, help="Out of the queue until then.")
    snoozed_by_id = fields.Many2one("res.users", string="Snoozed by", readonly=True, copy=False, ondelete="set null")
    snoozed_for = fields.Selection(
        [("date", "Until a date"), ("reply", "Until the person writes again")], readonly=True, copy=False
    )
    back_because = fields.Selection(
        [("time", "Time is up"), ("reply", "Wrote again"), ("hand", "Taken back")],
        readonly=True,
        copy=False,
        string="Back because",
        help="Why it came back into the queue after it was snoozed.",
    )
    snooze_note = fields.Char(compute="_compute_snooze_note")

    _snoozed = models.Index("(snoozed_until) WHERE snoozed_until IS NOT NULL")

    @api.depends_context("lang", "tz")
    @api.depends("snoozed_until", "snoozed_for", "back_because")
    def _compute_snooze_note(self):
        for mention in self:
            if mention.snoozed_until:
                if mention.snoozed_for == "reply":
                    day = format_datetime(self.env, mention.snoozed_until, dt_format="d MMM")
                    mention.snooze_note = self.env._("Until the person writes again, at the latest on %s", day)
                else:
                    until = format_datetime(self.env, mention.snoozed_until, dt_format="EEE d MMM, HH:mm")
                    mention.snooze_note = self.env._("Snoozed until %s", until)
            elif mention.back_because:
                mention.snooze_note = self.env._(
                    "Back: %s",
                    dict(self._fields["back_because"]._description_selection(self.env))[mention.back_because],
                )
            else:
                mention.snooze_note = False

    @api.model
    def _not_snoozed_domain(self):
        """Return the domain of what is in the queue, not put off."""
        return ["|", ("snoozed_until", "=", False), ("snoozed_until", "<=", fields.Datetime.now())]

    def write(self, vals):
        if vals.get("state") in CLOSED:  # what is closed does not come back
            vals = {**AWAKE, "back_because": False, **vals}
        return super().write(vals)

    # -- buttons ---------------------------------------------------------------------------------------------------

    def action_snooze(self):
        """Open the dialog that asks until when these mentions are put off."""
        self.check_access("write")
        if not self._snoozable():
            raise UserError(self.env._("Only what is still to do can be snoozed."))
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Snooze"),
            "res_model": "community.snooze",
            "views": [(False, "form")],
            "target": "new",
            "context": {"default_mention_ids": self._snoozable().ids, "dialog_size": "medium"},
        }

    def action_wake(self):
        """Take snoozed mentions back into the queue."""
        self.check_access("write")
        self.filtered("snoozed_until")._wake("hand")

    # -- work ------------------------------------------------------------------------------------------------------

    def _snoozable(self):
        return self.filtered(lambda mention: mention.state not in CLOSED and not mention.outgoing)

    def _snooze(self, until, kind="date"):
        """Put mentions off.

        :param datetime until: naive UTC, in the future
        :param str kind: "date", or "reply" for what comes back when its author writes again, at ``until`` at the latest
        :raises UserError: that moment has passed, or nothing of this is still to do
        """
        mentions = self._snoozable()
        if not mentions:
            raise UserError(self.env._("Only what is still to do can be snoozed."))
        if until <= fields.Datetime.now():
            raise UserError(self.env._("That moment has passed already."))
        mentions.write(
            {"snoozed_until": until, "snoozed_by_id": self.env.uid, "snoozed_for": kind, "back_because": False}
        )
        mentions._log_sentence(mentions[0].snooze_note)
        self.env["community.news"]._note_changed(mentions)
        self.env.ref("community_manager.cron_wake").sudo()._trigger(at=until)

    def _wake(self, why):
        """Bring snoozed mentions back into the queue, say why, and tell those who had put them off.

        :param str why: a value of ``back_because``
        """
        snoozers = self.grouped("snoozed_by_id")
        self.sudo().write({**AWAKE, "back_because": why})
        self.env["community.news"]._note_changed(self)
        for user, mentions in snoozers.items():
            theirs = mentions.with_context(lang=user.lang) if user.lang else mentions
            mentions._log_sentence(theirs[0].snooze_note)
            if why != "hand" and user.active:
                theirs.sudo()._tell_woken(user, why)

    def _tell_woken(self, user, why):
        """Tell a person that mentions which they had put off are back."""
        told = self if len(self) <= MOST_TOLD else self[:1]
        if user.notification_type == "inbox":
            for mention in told:
                mention.message_notify(
                    partner_ids=user.partner_id.ids,
                    subject=self.env._("Back in the queue"),
                    body=mention.snooze_note,
                    model_description=self.env._("Mention"),
                )
        if len(self) == 1:
            author = self.author_id.display_name or self.env._("Unknown author")
            message = (
                self.env._("%s wrote again: what you had snoozed is back.", author)
                if why == "reply"
                else self.env._("What you had snoozed is back: %s", self.summary)
            )
        else:
            message = self.env._("%d mentions that you had snoozed are back.", len(self))
        user._bus_send("simple_notification", {"type": "info", "message": message})

    @api.model
    def _cron_wake(self):
        """Bring back what was put off until now; each of them once."""
        now = fields.Datetime.now()
        due = self.search([("snoozed_until", "<=", now)], limit=MOST_WOKEN, order="snoozed_until, id")
        left = len(due)
        for ids in split_every(WOKEN_AT_ONCE, due.ids):
            # somebody who works on one of them right now has the say; it is looked at again
            batch = self.browse(ids).try_lock_for_update()
            batch._wake_each()
            left -= len(ids)
            if not self.env["ir.cron"]._commit_progress(len(ids), remaining=left):
                break

    def _wake_each(self):
        """Wake mentions together, or one by one where that fails: a bad one must not hold up the others."""
        try:
            with self.env.cr.savepoint():
                self._wake("time")
                self.env.flush_all()
        except Exception as error:
            if self.env["community.ingest"]._is_infrastructure(error):
                raise
            self.env.invalidate_all(flush=False)
            if len(self) > 1:
                for mention in self:
                    mention._wake_each()
                return
            _logger.exception("mention %s: it could not be woken", self.id)
            # at least it is seen again
            self.sudo().write({"snoozed_until": fields.Datetime.now() + timedelta(days=1)})
