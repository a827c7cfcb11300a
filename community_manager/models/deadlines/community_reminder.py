import logging
from datetime import timedelta

from odoo import api, fields, models
from odoo.tools import mute_logger
from odoo.tools.misc import format_datetime

from ..platform.cursors import is_concurrency_error
from .community_mention import ANSWER_FIELDS

_logger = logging.getLogger(__name__)

#: mentions that are looked at in one transaction
BATCH = 100
#: a mention whose reminder failed is looked at again after this
AGAIN = timedelta(hours=1)
REMINDER = 0


class CommunityReminder(models.AbstractModel):
    """The scheduled work of deadlines: remind before they pass, tell others afterwards.

    What is given is written down in the transaction that gives it, and can be written down once: a second worker, or
    the same after it was killed, finds it and goes on with the next.
    """

    _name = "community.reminder"
    _description = "Reminders of Answers"

    @api.model
    def _cron_remind(self):
        """Give the reminders and escalations that are due, until none is or the time of this run is used up."""
        progress = self.env["ir.cron"]._commit_progress
        left = progress(0)
        while left:
            try:
                done = self._remind()
            except Exception as error:
                if not is_concurrency_error(error):
                    raise
                self.env.cr.rollback()  # another worker, or somebody who answers, was quicker with one of them
                left = progress(0)
                continue
            if not done:
                break
            left = progress(done, remaining=self._due_count())

    @api.model
    def _due_domain(self):
        return [("answer_step_at", "<=", fields.Datetime.now())]

    @api.model
    def _due_count(self):
        return self.env["community.mention"].search_count(self._due_domain(), limit=BATCH)

    @api.model
    def _remind(self):
        """Give the next reminders and escalations; return how many mentions were looked at."""
        mentions = self.env["community.mention"].search(self._due_domain(), order="answer_step_at, id", limit=BATCH)
        try:
            # that another worker was quicker is no error that anybody has to read of
            with mute_logger("odoo.sql_db"), self.env.cr.savepoint():
                self._take_steps(mentions)
                self.env.flush_all()
        except Exception as error:
            if self.env["community.ingest"]._is_infrastructure(error):
                raise
            self.env.invalidate_all(flush=False)
            self._take_steps_one_by_one(mentions)
        return len(mentions)

    @api.model
    def _take_steps_one_by_one(self, mentions):
        """Let the one that cannot be reminded of stop nobody else."""
        for mention in mentions:
            try:
                with self.env.cr.savepoint():
                    self._take_steps(mention)
                    self.env.flush_all()
            except Exception as error:
                if self.env["community.ingest"]._is_infrastructure(error):
                    raise
                self.env.invalidate_all(flush=False)
                _logger.exception("mention %s: its reminder could not be given", mention.id)
                mention.answer_step_at = fields.Datetime.now() + AGAIN

    @api.model
    def _take_steps(self, mentions):
        """Give what is due for some mentions, and note when each has to be looked at next."""
        now = fields.Datetime.now()
        given = self._given(mentions)
        said = self.env["community.response"]._last_answers(mentions.conversation_id.ids)
        told = {}  # (step record or empty, user) → mentions
        noted, priorities = [], {}
        steps = self.env["community.response.step"]
        for mention in mentions:
            upcoming = False
            for step_id, moment in self._moments(mention, said):
                if moment > now:
                    upcoming = moment
                    break
                key = (_question(mention), step_id)
                if key in given:
                    continue
                given.add(key)
                noted.append({"company_id": mention.company_id.id, "mention_id": mention.id, "question": key[0]})
                noted[-1] |= {"step": step_id, "done_at": now}
                step = steps.browse(step_id or ())
                if not step and mention.answer_due <= now:
                    continue  # too late to remind: what follows says so
                for user in step._whom(mention) if step else steps._responsible(mention):
                    told.setdefault((step, user), mentions.browse())
                    told[step, user] |= mention
                if step.priority and (mention.priority or "0") < step.priority:
                    priorities.setdefault(step.priority, set()).add(mention.id)
            mention.answer_step_at = upcoming
        self.env["community.response.done"].create(noted)
        for priority, ids in sorted(priorities.items()):
            raised = mentions.browse(sorted(ids))
            # the deadline that has passed stays as it is, whatever other policy the new priority has
            with self.env.protecting([raised._fields[name] for name in ANSWER_FIELDS], raised):
                raised.write({"priority": priority})
        for (step, user), theirs in told.items():
            self._tell(theirs, user, late=bool(step))

    @api.model
    def _given(self, mentions):
        """Return what was given already for the questions of some mentions, as (question, step) pairs."""
        questions = [_question(mention) for mention in mentions]
        rows = self.env["community.response.done"].search_fetch([("question", "in", questions)], ["question", "step"])
        return {(row.question, row.step) for row in rows}

    @api.model
    def _moments(self, mention, said):
        """Return when what happens for a mention that waits, in order: (id of the step, 0 to remind; naive UTC).

        :param mention: one ``community.mention``
        :param dict said: when we last answered, as from ``community.response._last_answers``
        """
        if not mention.answer_due:
            return []
        policies = self.env["community.response.policy"]
        policy = policies._policies(mention.company_id.id).by_id.get(mention.answer_policy_id.id)
        if policy is None:
            return []
        hours = policies._working_time(policy, mention.department_id.id, mention.company_id.id)
        kind = "next" if (mention.conversation_id.id, mention.author_id.id) in said else "first"
        after = policy.remind_after(kind)
        moments = (
            [] if after is None else [(REMINDER, min(mention.answer_due, hours.plan(after, mention.answer_asked_at)))]
        )
        return moments + [(step_id, hours.plan(later, mention.answer_due)) for step_id, later in policy.steps]

    @api.model
    def _tell(self, mentions, user, late):
        """Give somebody an activity for each of some mentions, and one notice on the screen for all of them."""
        speaking = self.with_context(lang=user.lang or self.env.lang, tz=user.tz or self.env.context.get("tz")).env
        summary = speaking._("Answer overdue") if late else speaking._("Answer soon")
        for mention in mentions:
            due = format_datetime(speaking, mention.answer_due)
            note = speaking._("The answer was due %s.", due) if late else speaking._("The answer is due %s.", due)
            # no mail for each: who is at work sees it on the screen, who is not has it in the list
            mention.with_context(mail_activity_quick_update=True).activity_schedule(
                "community_manager.activity_answer",
                date_deadline=mention.company_id._community_day(mention.answer_due),
                summary=summary,
                note=note,
                user_id=user.id,
            )
        if len(mentions) == 1:
            message = f"{mentions.author_id.display_name or ''}: {mentions.with_env(speaking).summary}"
        elif late:
            message = speaking._("%s answers are overdue.", len(mentions))
        else:
            message = speaking._("%s answers are due soon.", len(mentions))
        user._bus_send(
            "simple_notification",
            {"title": summary, "message": message, "type": "danger" if late else "warning", "sticky": False},
        )


def _question(mention):
    """Return what names a question: several messages of one person that wait together are one."""
    if not mention.author_id:
        return f"mention {mention.id}"
    return f"author {mention.author_id.id} {fields.Datetime.to_string(mention.answer_asked_at)}"
