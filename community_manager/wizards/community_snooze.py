from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import pytz

from odoo import api, fields, models
from odoo.exceptions import UserError

from ..models.desk.community_mention_snooze import LONGEST_WAIT
from ..models.platform.moments import naive

#: "later today" is this long from now
LATER = timedelta(hours=3)
#: where no working hours are known the day begins at this hour
MORNING = time(9)
#: days ahead in which the next working hour is looked for
HORIZON = timedelta(days=21)


class CommunitySnooze(models.TransientModel):
    """The dialog that asks until when something is put off."""

    _name = "community.snooze"
    _description = "Snoozing Mentions"

    mention_ids = fields.Many2many("community.mention", string="Mentions", required=True)
    choice = fields.Selection(
        [
            ("later", "Later today"),
            ("tomorrow", "Tomorrow morning"),
            ("week", "Next week"),
            ("reply", "Until the person writes again"),
            ("own", "Another moment"),
        ],
        default="later",
        required=True,
        string="Until",
    )
    until = fields.Datetime(
        compute="_compute_until", store=True, readonly=False, precompute=True, string="Back on", required=True
    )

    @api.depends("choice")
    def _compute_until(self):
        for dialog in self:
            if dialog.choice != "own" or not dialog.until:
                dialog.until = dialog._moment(dialog.choice, fields.Datetime.now())

    @api.model
    def _moment(self, choice, now):
        """Return when something comes back, within the working hours and in the time zone of the person.

        :param str choice: a value of ``choice``
        :param datetime now: naive UTC
        :returns: naive UTC
        """
        local = now.replace(tzinfo=ZoneInfo("UTC")).astimezone(self._zone())
        if choice == "reply":
            return now.replace(second=0, microsecond=0) + timedelta(days=LONGEST_WAIT)
        if choice in ("later", "own"):
            later = local + LATER
            # a full quarter of an hour is what people would choose
            later += timedelta(minutes=-later.minute % 15, seconds=-later.second, microseconds=-later.microsecond)
            midnight = datetime.combine(local.date(), time(), local.tzinfo)
            if self._working_moment(midnight).date() > local.date() == later.date():
                return naive(later)  # who works on a day off knows best
            return naive(self._working_moment(later))
        days = 1 if choice == "tomorrow" else 7 - local.weekday()
        return naive(self._working_moment(datetime.combine(local.date() + timedelta(days=days), time(), local.tzinfo)))

    @api.model
    def _zone(self):
        try:
            return ZoneInfo(self.env.user.tz or "")
        except (ZoneInfoNotFoundError, ValueError):
            return self.env.company._community_zone()

    @api.model
    def _working_moment(self, moment):
        """Return the first moment from ``moment`` on at which this person works.

        :param datetime moment: with the time zone of the person
        """
        user = self.env.user.sudo()
        calendar = user.resource_calendar_id or self.env.company.sudo().resource_calendar_id
        intervals = ()
        if calendar:
            resource = user.resource_ids.filtered(lambda one: not one.company_id or one.company_id == self.env.company)[
                :1
            ]
            zone = pytz.timezone(moment.tzinfo.key)
            found = calendar._work_intervals_batch(moment, moment + HORIZON, resources=resource, tz=zone)
            intervals = found[resource.id]
        for start, _end, _record in intervals:
            return max(start, moment)
        return moment if moment.time() != time() else datetime.combine(moment.date(), MORNING, moment.tzinfo)

    def action_snooze(self):
        """Put the mentions off."""
        self.ensure_one()
        if not self.mention_ids:
            raise UserError(self.env._("Choose what is to be snoozed."))
        self.mention_ids._snooze(self.until, "reply" if self.choice == "reply" else "date")
        return {"type": "ir.actions.act_window_close"}
