from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from odoo import fields, models

from ..platform.moments import naive


class ResCompany(models.Model):
    """The day of a company, which begins at its own midnight."""

    _inherit = "res.company"

    def _community_zone(self):
        """Return the time zone of a company: its address's, else its working hours', else UTC."""
        company = self.sudo()
        try:
            return ZoneInfo(company.partner_id.tz or company.resource_calendar_id.tz or "UTC")
        except (ZoneInfoNotFoundError, ValueError):
            return ZoneInfo("UTC")

    def _community_day(self, moment=None):
        """Return the day of the company on which something happened.

        :param datetime moment: naive UTC, now when left out
        """
        moment = (moment or fields.Datetime.now()).replace(tzinfo=ZoneInfo("UTC"))
        try:
            return moment.astimezone(self._community_zone()).date()
        except OverflowError:  # the first or last day that there is
            return moment.date()

    def _community_span(self, day):
        """Return when a day of the company begins and ends, naive UTC; the end belongs to the next.

        :param date day: of the company
        """
        zone = self._community_zone()
        try:
            return tuple(naive(datetime.combine(date, time(), zone)) for date in (day, day + timedelta(days=1)))
        except OverflowError:
            return datetime.combine(day, time()), datetime.combine(day, time.max)
