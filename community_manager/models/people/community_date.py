from calendar import isleap, monthrange
from datetime import date, timedelta

from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.fields import Domain

#: a year in which every day exists
LEAP = 2000
#: days ahead that "soon" means on screens
SOON = 30
#: dates that one pass of the daily work renews
BATCH = 5000


class CommunityDate(models.Model):
    """A day of a person that comes back every year: birthday, anniversary, or whatever the company wants to keep."""

    _name = "community.date"
    _description = "Date of a Person"
    _order = "next_on, id"
    _check_company_auto = True

    company_id = fields.Many2one("res.company", required=True, index=True, default=lambda self: self.env.company)
    partner_id = fields.Many2one(
        "res.partner", string="Contact", required=True, index=True, ondelete="cascade", check_company=True
    )
    kind = fields.Selection(
        [("birthday", "Birthday"), ("anniversary", "Anniversary"), ("own", "Other date")],
        required=True,
        default="birthday",
        help="Anniversary: of the first order, the contract, or of how long we know each other.",
    )
    name = fields.Char(string="What", help="What the date is about, for anniversaries and other dates.")
    day = fields.Integer(required=True, aggregator=None)
    month = fields.Selection(
        [
            ("1", "January"),
            ("2", "February"),
            ("3", "March"),
            ("4", "April"),
            ("5", "May"),
            ("6", "June"),
            ("7", "July"),
            ("8", "August"),
            ("9", "September"),
            ("10", "October"),
            ("11", "November"),
            ("12", "December"),
        ],
        required=True,
    )
    year = fields.Integer(aggregator=None, help="Empty where it is not known: then nobody counts years.")
    yearly = fields.Boolean(string="Every year", default=True)
    source = fields.Char(help="Where we know it from: the person, a form, a contract.")
    note = fields.Text()
    active = fields.Boolean(default=True)
    next_on = fields.Date(
        string="Next time",
        compute="_compute_next_on",
        store=True,
        index=True,
        help="Kept right every night. Empty when a date that does not come back is over.",
    )
    turns = fields.Integer(
        string="Years",
        compute="_compute_turns",
        aggregator=None,
        help="How many years it will be then; nothing where the year is not known.",
    )

    _day = models.Constraint("CHECK (day BETWEEN 1 AND 31)", "A day is a number from 1 to 31.")
    _year = models.Constraint("CHECK (year IS NULL OR year = 0 OR year BETWEEN 1850 AND 2200)", "This is no such year.")

    @api.depends("name", "kind", "partner_id.name")
    def _compute_display_name(self):
        kinds = dict(self._fields["kind"]._description_selection(self.env))
        for one in self:
            what = one.name or kinds.get(one.kind, "")
            one.display_name = f"{one.partner_id.display_name}: {what}" if one.partner_id else what

    @api.depends("day", "month", "year", "yearly", "company_id.community_leap_day")
    def _compute_next_on(self):
        for company, dates in self.grouped("company_id").items():
            today = company._community_day()
            for one in dates:
                one.next_on = one._next_after(today) or False

    @api.depends("next_on", "year")
    def _compute_turns(self):
        for one in self:
            one.turns = one.next_on.year - one.year if one.next_on and one.year and one.yearly else 0

    def _in_year(self, year):
        """Return the day on which this date falls in a year, None when it is no date.

        29 February falls on 28 February or 1 March of other years, as the company decides.
        """
        self.ensure_one()
        month, day = int(self.month or 0), self.day
        if not month or not 1 <= day <= monthrange(LEAP, month)[1]:
            return None
        if (month, day) == (2, 29) and not isleap(year):
            return date(year, 3, 1) if self.company_id.community_leap_day == "after" else date(year, 2, 28)
        return date(year, month, day)

    def _next_after(self, today):
        """Return the first day from ``today`` on which this date falls, None when it is over or no date."""
        self.ensure_one()
        if not self.yearly:
            day = self._in_year(self.year) if self.year else None
            return day if day and day >= today else None
        # what begins in a later year does not come back before
        first = max(today.year, self.year or 0)
        day = self._in_year(first)
        if day and day < today:
            day = self._in_year(first + 1)
        return day

    @api.constrains("day", "month", "year", "yearly", "kind")
    def _check_date(self):
        for one in self:
            month = int(one.month)
            if one.day > monthrange(LEAP, month)[1]:
                raise ValidationError(self.env._("There is no such day in that month."))
            if (month, one.day) == (2, 29) and one.year and not isleap(one.year):
                raise ValidationError(self.env._("%s was no leap year: there was no 29 February.", one.year))
            if not one.yearly and not one.year:
                raise ValidationError(self.env._("A date that does not come back needs its year."))
            if one.kind == "birthday" and one.year and one._in_year(one.year) > one.company_id._community_day():
                raise ValidationError(self.env._("Nobody is born in the future."))

    @api.constrains("partner_id", "kind", "active", "company_id")
    def _check_one_birthday(self):
        birthdays = self.filtered(lambda one: one.kind == "birthday" and one.active)
        if not birthdays:
            return
        found = self._read_group(
            [
                ("kind", "=", "birthday"),
                ("partner_id", "in", birthdays.partner_id.ids),
                ("company_id", "in", birthdays.company_id.ids),
            ],
            ["partner_id", "company_id"],
            having=[("__count", ">", 1)],
        )
        if found:
            names = ", ".join(partner.display_name for partner, _company in found)
            raise ValidationError(self.env._("Everybody has one birthday: %s has more.", names))

    def write(self, vals):
        result = super().write(vals)
        if not self.env.su and {"day", "month", "year", "name", "kind"} & set(vals):
            self.partner_id._community_note_corrected({self._name: len(self)})
        return result

    def action_open_person(self):
        """Open the page of whose date this is."""
        self.ensure_one()
        return self.partner_id.action_community_person()

    @api.model
    def _soon(self, company, days=SOON):
        """Return the dates of a company that fall within some days from today.

        :param company: ``res.company``
        :param int days: how many days ahead
        """
        today = company._community_day()
        coming = Domain("next_on", ">=", today) & Domain("next_on", "<=", today + timedelta(days=days))
        return self.search(Domain("company_id", "=", company.id) & coming)

    @api.model
    def _cron_next(self):
        """Give dates whose day is over their next one, those of one day and rule together."""
        companies = self.env["res.company"].search([])
        todays = {company.id: company._community_day() for company in companies}
        work = Domain.OR(
            Domain("company_id", "=", company) & Domain("next_on", "<", today) for company, today in todays.items()
        )
        every = self.with_context(active_test=False)
        remaining = every.search_count(work)
        cron = self.env["ir.cron"]
        cron._commit_progress(remaining=remaining)
        while dates := every.search(work, limit=BATCH):
            days = {}
            for one in dates:
                days.setdefault(one._next_after(todays[one.company_id.id]) or False, []).append(one.id)
            for day, ids in days.items():
                every.browse(ids).next_on = day
            remaining = max(remaining - len(dates), 0)
            if not cron._commit_progress(len(dates), remaining=remaining):
                break
