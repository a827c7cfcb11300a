import logging

from odoo import api, fields, models
from odoo.tools import SQL

_logger = logging.getLogger(__name__)

#: hand-offs that one run looks at; the next run goes on
BATCH = 200


class CommunityHandoff(models.Model):
    """Hand-offs that nobody acknowledges: a reminder to the people asked, then the head is told, each once."""

    _inherit = "community.handoff"

    _due = models.Index("(due_at) WHERE state = 'asked' AND escalated_at IS NULL")

    @api.model
    def _cron_chase(self):
        """Remind of what is late, one record in each transaction.

        The row is locked and looked at again before anything is said, and what was said is committed with the mark
        that it was.  So two workers, or one that is killed, say each thing once.
        """
        cron = self.env["ir.cron"]
        ids = self._late_ids()
        left = len(ids)
        if not cron._commit_progress(0, remaining=left):
            return
        for number in ids:
            self._chase(number)
            left -= 1
            if not cron._commit_progress(1, remaining=left):
                break

    @api.model
    def _late_ids(self):
        now = fields.Datetime.now()
        return (
            self.sudo()
            .search(
                [
                    ("state", "=", "asked"),
                    ("escalated_at", "=", False),
                    "|",
                    "&",
                    ("reminded_at", "=", False),
                    ("due_at", "<=", now),
                    "&",
                    ("reminded_at", "!=", False),
                    ("escalate_at", "<=", now),
                ],
                limit=BATCH,
            )
            .ids
        )

    @api.model
    def _chase(self, number):
        """Take the next step of one hand-off, unless somebody else has it.

        :param int number: its id
        :returns: "reminded", "escalated" or "" for nothing
        """
        # a lock that does not wait: whoever has the row is taking the step
        rows = self.env.execute_query(
            SQL(
                """SELECT id FROM community_handoff
                    WHERE id = %s AND state = 'asked' AND escalated_at IS NULL
                      FOR UPDATE SKIP LOCKED""",
                number,
            )
        )
        if not rows:
            return ""
        handoff = self.sudo().browse(number)
        handoff.invalidate_recordset()
        try:
            with self.env.cr.savepoint():
                return handoff._take_next_step()
        except Exception:
            if self.env.cr.closed:
                raise
            _logger.exception("hand-off %s: could not be chased", number)
            # it would come first in every run and keep later ones waiting
            later = fields.Datetime.add(fields.Datetime.now(), hours=1)
            handoff.write({"due_at": later, "escalate_at": later})
            return ""

    def _take_next_step(self):
        self.ensure_one()
        now = fields.Datetime.now()
        if not self.reminded_at:
            if self.due_at > now:
                return ""
            self.reminded_at = now
            self._notify_people(
                self._asked_people(), lambda env: env._("Nobody has acknowledged this yet: %s", self.name)
            )
            return "reminded"
        if self.escalate_at > now:
            return ""
        self.escalated_at = now
        head = self.department_id.manager_id.filtered("active") or self.user_id.filtered("active")
        if head:
            self._notify_people(
                head,
                lambda env: env._(
                    "%(department)s has not acknowledged: %(asked)s",
                    department=self.department_id.name,
                    asked=self.name,
                ),
            )
            self.with_context(mail_activity_quick_update=True).activity_schedule(
                "community_manager.activity_handoff",
                summary=self.with_context(lang=head.lang).env._("Late: %s", self.name),
                user_id=head.id,
            )
        return "escalated"
