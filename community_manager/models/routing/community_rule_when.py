from collections import defaultdict
from dataclasses import replace
from datetime import UTC, datetime, time, timedelta

from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.tools import ormcache

#: the days of a week, each with its tick box; 0 is Monday
WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
#: seconds after which a change of a calendar or a time zone counts at the latest
CALENDAR_MEMORY = 300


class CommunityRule(models.Model):
    """Rules by when a mention was published."""

    _inherit = "community.rule"

    hours = fields.Selection(
        [("any", "At any hour"), ("inside", "In working hours"), ("outside", "Outside working hours")],
        default="any",
        required=True,
        string="Published",
    )
    calendar_id = fields.Many2one(
        "resource.calendar",
        string="Working hours",
        ondelete="restrict",
        check_company=True,
        help="Empty: those of the company. A change of them counts for rules within five minutes.",
    )
    day_mon = fields.Boolean(string="Mon")
    day_tue = fields.Boolean(string="Tue")
    day_wed = fields.Boolean(string="Wed")
    day_thu = fields.Boolean(string="Thu")
    day_fri = fields.Boolean(string="Fri")
    day_sat = fields.Boolean(string="Sat")
    day_sun = fields.Boolean(string="Sun")
    time_from = fields.Float(
        string="From", help="In the company's time zone. A time that ends before it begins goes over midnight."
    )
    time_to = fields.Float(string="To", help="Both empty: all day.")

    _times = models.Constraint(
        "CHECK (time_from >= 0 AND time_from <= 24 AND time_to >= 0 AND time_to <= 24)",
        "A time of the day is between 0:00 and 24:00.",
    )

    @api.constrains("hours", "calendar_id", *(f"day_{day}" for day in WEEKDAYS), "time_from", "time_to")
    def _check_when(self):
        for rule in self:
            if rule.time_from and rule.time_from == rule.time_to:
                raise ValidationError(self.env._("“%s” begins and ends at the same time of the day.", rule.name))
        self._check_condition()

    def _working_hours(self):
        """Return the calendar that this rule goes by."""
        return self.calendar_id or self.company_id.resource_calendar_id

    def _weekday_numbers(self):
        return frozenset(number for number, day in enumerate(WEEKDAYS) if self[f"day_{day}"])

    def _condition_words(self):
        names = dict(self._fields["hours"]._description_selection(self.env))
        words = [names[self.hours] if self.hours and self.hours != "any" else ""]
        days = [WEEKDAYS[number] for number in sorted(self._weekday_numbers())]
        words.append(", ".join(self._fields[f"day_{day}"]._description_string(self.env) for day in days))
        if self.time_from or self.time_to:
            words.append(f"{_clock(self.time_from)}–{_clock(self.time_to)}")
        return super()._condition_words() + [word for word in words if word]

    def _to_plain(self):
        rule = super()._to_plain()
        timed = self.time_from or self.time_to
        when = {
            "hours": self.hours or "any",
            "calendar": self._working_hours()._origin.id or 0 if self.hours and self.hours != "any" else 0,
            "weekdays": self._weekday_numbers(),
            "span": (round(self.time_from * 60), round(self.time_to * 60)) if timed else (),
        }
        return replace(rule, condition=replace(rule.condition, **when))

    @api.model
    def _more_facts(self, rows, ruleset, people):
        more = super()._more_facts(rows, ruleset, people)
        if not rows or not (ruleset.calendars or ruleset.reads_clock):
            return more
        memory = int(datetime.now(UTC).timestamp()) // CALENDAR_MEMORY
        zone = self._zone(rows[0]["company_id"], memory)
        inside = self._inside(ruleset.calendars, [row["published_at"] for row in rows], memory)
        found = []
        for row, known, calendars in zip(rows, more or [{}] * len(rows), inside, strict=True):
            local = row["published_at"].replace(tzinfo=UTC).astimezone(zone)
            when = {"inside": calendars, "weekday": local.weekday(), "minute": local.hour * 60 + local.minute}
            found.append({**known, **when})
        return found

    @api.model
    @ormcache("company_id", "memory")
    def _zone(self, company_id, memory):
        """Return the time zone of a company.

        :param memory: a number that changes when what is remembered no longer counts
        """
        return self.env["res.company"].browse(company_id)._community_zone()

    @api.model
    def _inside(self, calendar_ids, moments, memory):
        """Return, for each moment, the ids of the calendars within whose working hours it lies.

        :param calendar_ids: ids of ``resource.calendar``
        :param moments: naive UTC datetimes
        :param memory: as of :meth:`_zone`
        """
        found = [set() for _moment in moments]
        places = defaultdict(list)
        for place, moment in enumerate(moments):
            places[moment.date()].append(place)
        for calendar_id in calendar_ids:
            for day, mine in places.items():
                spans = self._worked(calendar_id, day, memory)
                for place in mine:
                    if any(begin <= moments[place] < end for begin, end in spans):
                        found[place].add(calendar_id)
        return [frozenset(ids) for ids in found]

    @api.model
    @ormcache("calendar_id", "day", "memory")
    def _worked(self, calendar_id, day, memory):
        """Return the working hours of a calendar on one day of UTC as (begin, end) pairs of naive datetimes.

        :param memory: a number that changes when what is remembered no longer counts
        """
        calendar = self.env["resource.calendar"].sudo().browse(calendar_id).exists()
        if not calendar:
            return ()
        begin = datetime.combine(day, time(), UTC)
        intervals = calendar._work_intervals_batch(begin, begin + timedelta(days=1))[False]
        return tuple(
            (a.astimezone(UTC).replace(tzinfo=None), b.astimezone(UTC).replace(tzinfo=None)) for a, b, _r in intervals
        )


def _clock(hours):
    """Return a time of the day as people write it.

    >>> _clock(9.5)
    '9:30'
    """
    hour, minute = divmod(round(hours * 60), 60)
    return f"{hour}:{minute:02d}"
