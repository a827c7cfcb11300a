from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError

from .community_close_reason import CLOSED

#: the usual lengths of a session and of the break after it, in minutes
USUAL = (25, 5)
#: longest session and longest break, in minutes
LONGEST = (180, 60)
#: the message on the bus that tells every tab of a person how their session stands
MESSAGE = "community_manager.focus"


class CommunityFocus(models.Model):
    """A stretch of time in which somebody works on nothing but the queue."""

    _name = "community.focus"
    _description = "Focus Session"
    _order = "started_at desc, id desc"
    _rec_name = "started_at"

    user_id = fields.Many2one(
        "res.users", string="Person", required=True, readonly=True, ondelete="cascade", index=True
    )
    company_id = fields.Many2one("res.company", required=True, readonly=True, ondelete="cascade")
    started_at = fields.Datetime(required=True, readonly=True, string="Started")
    ended_at = fields.Datetime(readonly=True, string="Ended")
    planned_minutes = fields.Integer(required=True, readonly=True, default=USUAL[0], string="Planned (minutes)")
    break_minutes = fields.Integer(required=True, readonly=True, default=USUAL[1], string="Break (minutes)")
    paused_at = fields.Datetime(readonly=True)
    paused_seconds = fields.Integer(readonly=True, help="How long it was paused, in seconds.")
    interruptions = fields.Integer(readonly=True, help="How often it was paused.")
    minutes = fields.Float(readonly=True, string="Worked (minutes)", digits=(16, 1))
    closed_count = fields.Integer(readonly=True, string="Closed")
    answered_count = fields.Integer(readonly=True, string="Answered")
    handed_count = fields.Integer(readonly=True, string="Handed off")
    complete = fields.Boolean(readonly=True, string="To the end", help="It was not stopped before its time.")

    _one_at_a_time = models.UniqueIndex("(user_id) WHERE ended_at IS NULL")
    _lengths = models.Constraint(
        f"CHECK (planned_minutes BETWEEN 1 AND {LONGEST[0]} AND break_minutes BETWEEN 0 AND {LONGEST[1]})",
        f"A session lasts 1 to {LONGEST[0]} minutes, a break at most {LONGEST[1]}.",
    )

    # -- the queue -------------------------------------------------------------------------------------------------

    @api.model
    def get_domain(self):
        """Return the domain of the mentions that fit a session of this user.

        What is theirs, and what nobody has yet in a language of theirs, as far as it is to be done now.
        """
        return [
            ("state", "not in", CLOSED),
            ("outgoing", "=", False),
            *self.env["community.mention"]._not_snoozed_domain(),
            "|",
            ("user_id", "=", self.env.uid),
            "&",
            ("user_id", "=", False),
            ("language", "in", [False, *self._languages()]),
        ]

    @api.model
    def _languages(self):
        """Return the codes of the languages in which this user answers, as mentions have them."""
        return sorted(self.env.user._community_language_codes())

    # -- the clock -------------------------------------------------------------------------------------------------

    @api.model
    def get_state(self):
        """Return how the session of this user stands, for the clock.

        :returns: dict with ``session`` (or False: ``id``, ``remaining`` in seconds, ``paused``, ``planned``),
            ``rest`` (seconds that are left of the break) and ``lengths`` (minutes of session and break as last chosen)
        """
        self._ensure_agent()
        session = self._current()
        if session and session._remaining() <= 0:
            session._end()
            session = self.browse()
        return self._state(session)

    @api.model
    def action_start(self, planned=USUAL[0], rest=USUAL[1]):
        """Start a session; one that runs is stopped.

        :param int planned: minutes of work
        :param int rest: minutes of the break after it
        :raises UserError: the lengths make no sense
        """
        self._ensure_agent()
        if not (1 <= planned <= LONGEST[0] and 0 <= rest <= LONGEST[1]):
            raise UserError(
                self.env._(
                    "A session lasts 1 to %(longest)d minutes, a break at most %(rest)d.",
                    longest=LONGEST[0],
                    rest=LONGEST[1],
                )
            )
        running = self._current()
        if running:
            running._end()
            running.flush_recordset()  # the index knows of one at a time
        session = self.sudo().create(
            {
                "user_id": self.env.uid,
                "company_id": self.env.company.id,
                "started_at": fields.Datetime.now(),
                "planned_minutes": planned,
                "break_minutes": rest,
            }
        )
        return self._tell(session)

    @api.model
    def action_pause(self):
        """Stop the clock for an interruption."""
        self._ensure_agent()
        session = self._current()
        if session and not session.paused_at:
            session.write({"paused_at": fields.Datetime.now(), "interruptions": session.interruptions + 1})
        return self._tell(session)

    @api.model
    def action_resume(self):
        """Let the clock go on after an interruption."""
        self._ensure_agent()
        session = self._current()
        if session.paused_at:
            session.write({"paused_seconds": session._paused(), "paused_at": False})
        return self._tell(session)

    @api.model
    def action_stop(self):
        """End the session of this user, before its time or because that is over.

        :returns: as :meth:`get_state`, with a ``summary`` of what was done where this call ended it
        """
        self._ensure_agent()
        session = self._current()
        summary = ""
        if session:
            session._end()
            summary = session._summary()
        return {**self._tell(self.browse()), "summary": summary}

    # -- work ------------------------------------------------------------------------------------------------------

    @api.model
    def _ensure_agent(self):
        if not self.env.user.has_group("community_manager.group_agent"):
            raise AccessError(self.env._("Focus sessions are for community agents."))

    @api.model
    def _current(self):
        """Return the session of this user that has not ended, or an empty record; it is changed only from here."""
        return self.sudo().search([("user_id", "=", self.env.uid), ("ended_at", "=", False)], limit=1)

    def _paused(self):
        """Return for how many seconds this session has been paused so far."""
        self.ensure_one()
        now = fields.Datetime.now()
        return self.paused_seconds + (int((now - self.paused_at).total_seconds()) if self.paused_at else 0)

    def _remaining(self):
        """Return how many seconds of work are left; below zero when the time is over."""
        self.ensure_one()
        over = self.started_at + timedelta(minutes=self.planned_minutes, seconds=self._paused())
        return int((over - fields.Datetime.now()).total_seconds())

    @api.model
    def _state(self, session):
        last = session or self.sudo().search([("user_id", "=", self.env.uid)], limit=1)
        rest = 0
        if last and not session and last.complete:
            over = last.ended_at + timedelta(minutes=last.break_minutes)
            rest = max(0, int((over - fields.Datetime.now()).total_seconds()))
        return {
            "session": {
                "id": session.id,
                "remaining": session._remaining(),
                "paused": bool(session.paused_at),
                "planned": session.planned_minutes,
            }
            if session
            else False,
            "rest": rest,
            "lengths": [last.planned_minutes, last.break_minutes] if last else list(USUAL),
        }

    @api.model
    def _tell(self, session):
        """Tell every tab of this user how their session stands, and return it."""
        state = self._state(session)
        self.env.user._bus_send(MESSAGE, state)
        return state

    def _end(self):
        """End these sessions and count what was done in them; one whose time is over ended when it was."""
        now = fields.Datetime.now()
        for session in self.sudo().filtered(lambda session: not session.ended_at):
            paused, late = session._paused(), -session._remaining()
            # what was paused when it ended was worked on until then
            ended = max(session.started_at, now - timedelta(seconds=max(0, late)))
            session.write(
                {
                    "ended_at": ended,
                    "paused_at": False,
                    "paused_seconds": paused,
                    "complete": late >= 0,
                    "minutes": max(0.0, ((ended - session.started_at).total_seconds() - paused) / 60),
                    **session._facts(ended),
                }
            )

    def _facts(self, until):
        """Return what this person closed, answered and handed off in the time of a session.

        :param datetime until: when the session ended
        """
        self.ensure_one()
        since, user = self.started_at, self.user_id
        return {
            "closed_count": self.env["community.mention"].search_count(
                [("closed_by_id", "=", user.id), ("closed_at", ">=", since), ("closed_at", "<=", until)]
            ),
            "answered_count": self.env["community.reply"].search_count(
                [
                    ("user_id", "=", user.id),
                    ("queued_at", ">=", since),
                    ("queued_at", "<=", until),
                    ("state", "not in", ("draft", "cancelled", "failed")),
                    ("way", "!=", "publish"),
                ]
            ),
            "handed_count": self.env["community.handoff"].search_count(
                [("create_uid", "=", user.id), ("create_date", ">=", since), ("create_date", "<=", until)]
            ),
        }

    def _summary(self):
        """Return what was done in a session, in one sentence."""
        self.ensure_one()
        return self.env._(
            "%(minutes)d minutes: %(closed)d closed, %(answered)d answered, %(handed)d handed off.",
            minutes=round(self.minutes),
            closed=self.closed_count,
            answered=self.answered_count,
            handed=self.handed_count,
        )

    @api.autovacuum
    def _gc_over(self):
        """End sessions whose browser was closed before their time was over."""
        limit = fields.Datetime.now() - timedelta(minutes=LONGEST[0])
        running = self.sudo().search([("ended_at", "=", False), ("started_at", "<", limit)])
        running.filtered(lambda session: session._remaining() <= 0 or session.paused_at)._end()
