from datetime import timedelta

from pytz import timezone, utc

from odoo import api, models
from odoo.tools import ormcache

from .working_time import BASE, PERIOD_DAYS, WorkingTime, seconds_of


class ResourceCalendar(models.Model):
    """Working hours by which answers are due."""

    _name = "resource.calendar"
    _inherit = ["resource.calendar", "community.compiled"]

    @api.model
    def _community_working_time(self, calendar_id, company_id):
        """Return when work is done.

        :param calendar_id: of the working hours; empty: every hour counts
        :param company_id: of which the holidays count
        :rtype: WorkingTime
        """
        if not calendar_id:
            return WorkingTime(None)
        return WorkingTime(lambda period: self._community_work(calendar_id, company_id, period))

    @api.model
    @ormcache("calendar_id", "company_id", "period")
    def _community_work(self, calendar_id, company_id, period):
        """Return the intervals of work of some weeks, holidays taken out.

        Looked up once in each worker, and again when working hours or holidays change.  Midnight is one moment: the
        end of a day that Odoo gives as 23:59:59.999999 is rounded to it.

        :param int period: number of the period of :const:`PERIOD_DAYS` days
        :returns: (begins, ends), sorted seconds since :const:`BASE`
        """
        calendar = self.sudo().with_context(active_test=False).browse(calendar_id).exists()
        if not calendar:
            return (), ()
        zone = timezone(calendar.tz or "UTC")
        # whole weeks of the calendar's own zone: flexible hours are dealt out by week
        begin, end = (zone.localize(BASE + timedelta(days=PERIOD_DAYS * number)) for number in (period, period + 1))
        leaves = [("time_type", "=", "leave"), ("company_id", "in", (False, company_id))]
        work = calendar._work_intervals_batch(begin, end, domain=leaves)[False]
        pairs = sorted(
            tuple(round(seconds_of(moment.astimezone(utc).replace(tzinfo=None))) for moment in interval[:2])
            for interval in work
        )
        pairs = [(first, last) for first, last in pairs if first < last]
        return tuple(first for first, _last in pairs), tuple(last for _first, last in pairs)
