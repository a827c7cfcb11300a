from datetime import date
from unittest.mock import patch

from odoo.exceptions import ValidationError
from odoo.tests import tagged

from .routing_common import RoutingCase


@tagged("post_install", "-at_install")
class TestPersonDates(RoutingCase):
    """Days of people that come back every year."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.person = cls.env["res.partner"].create({"name": "Ann"})

    def on(self, day, company=None):
        """Let it be a day in every company."""
        return patch.object(type(self.env["res.company"]), "_community_day", lambda *_args: day)

    def run_cron(self):
        with patch.object(type(self.env["ir.cron"]), "_commit_progress", return_value=60):
            self.env["community.date"]._cron_next()

    def make(self, day, month, **values):
        return self.env["community.date"].create(
            {"partner_id": self.person.id, "day": day, "month": str(month), **values}
        )

    def test_next_time(self):
        """Today counts; what is over comes back next year."""
        with self.on(date(2026, 6, 15)):
            self.assertEqual(self.make(15, 6).next_on, date(2026, 6, 15))
            self.assertEqual(self.make(14, 6, kind="own", name="A").next_on, date(2027, 6, 14))
            self.assertEqual(self.make(16, 6, kind="own", name="B").next_on, date(2026, 6, 16))

    def test_29_february(self):
        """In years without it the company decides whether the day before or after it is kept."""
        with self.on(date(2026, 1, 10)):
            born = self.make(29, 2, year=1992)
            self.assertEqual(born.next_on, date(2026, 2, 28))
            self.company.community_leap_day = "after"
            self.assertEqual(born.next_on, date(2026, 3, 1))
        with self.on(date(2026, 3, 1)):
            born.day = 28
            born.day = 29
            self.assertEqual(born.next_on, date(2026, 3, 1), "today is the day")
        with self.on(date(2027, 6, 1)):
            self.run_cron()
            self.assertEqual(born.next_on, date(2028, 2, 29))

    def test_years_count_only_where_the_year_is_known(self):
        with self.on(date(2026, 6, 15)):
            self.assertEqual(self.make(20, 6, year=1980).turns, 46)
            self.assertEqual(self.make(20, 6, kind="own", name="A").turns, 0)
            once = self.make(20, 9, kind="own", name="Wedding", year=2026, yearly=False)
            self.assertEqual((once.next_on, once.turns), (date(2026, 9, 20), 0))

    def test_the_nightly_work_moves_what_is_over(self):
        """Everything whose day is over gets the next one, what does not come back gets none."""
        with self.on(date(2026, 6, 15)):
            yearly = self.make(15, 6)
            once = self.make(15, 6, kind="own", name="Fair", year=2026, yearly=False)
            later = self.make(1, 12, kind="own", name="Later")
            archived = self.make(15, 6, kind="own", name="Archived", active=False)
        with self.on(date(2026, 6, 16)):
            self.run_cron()
        self.assertEqual(yearly.next_on, date(2027, 6, 15))
        self.assertFalse(once.next_on)
        self.assertEqual(later.next_on, date(2026, 12, 1))
        self.assertEqual(archived.next_on, date(2027, 6, 15))

    def test_the_nightly_work_does_not_ask_date_by_date(self):
        """A thousand dates of one day cost as many queries as ten."""

        def cost(count, year):
            people = self.env["res.partner"].create([{"name": f"P{number}"} for number in range(count)])
            with self.on(date(year, 6, 15)):
                self.env["community.date"].create(
                    [{"partner_id": person.id, "day": 15, "month": "6"} for person in people]
                )
                self.env.flush_all()
            with self.on(date(year, 6, 16)):
                before = self.env.cr.sql_log_count
                self.run_cron()
                self.env.flush_all()
                return self.env.cr.sql_log_count - before

        few = cost(10, 2030)
        self.assertLessEqual(cost(400, 2040), few + 8)

    def test_what_is_no_date_is_refused(self):
        bad = (
            {"day": 31, "month": 4},
            {"day": 29, "month": 2, "year": 1990},
            {"day": 1, "month": 1, "year": 2150},
            {"day": 1, "month": 1, "yearly": False, "kind": "own", "name": "X"},
        )
        for values in bad:
            with self.subTest(**values), self.assertRaises(ValidationError):
                self.make(**values)

    def test_one_birthday(self):
        """Nobody has two birthdays."""
        self.make(1, 5)
        with self.assertRaises(ValidationError):
            self.make(2, 5)

    def test_import(self):
        """A file brings dates in through Odoo's own import."""
        rows = [["Ann", "birthday", "7", "March", "1980", "Club card"], ["Ann", "own", "8", "April", "", "Form"]]
        names = ["partner_id", "kind", "day", "month", "year", "source"]
        result = self.env["community.date"].with_user(self.agent).load(names, rows)
        self.assertFalse([one for one in result["messages"] if one["type"] == "error"], result["messages"])
        found = self.env["community.date"].search([("partner_id", "=", self.person.id)])
        self.assertEqual(sorted((one.day, one.month, one.year) for one in found), [(7, "3", 1980), (8, "4", 0)])

    def test_soon(self):
        """Who has a date in the next thirty days."""
        with self.on(date(2026, 12, 20)):
            soon = self.make(5, 1)
            self.make(1, 3, kind="own", name="Later")
            found = self.env["community.date"]._soon(self.company)
            self.assertIn(soon, found)
            self.assertEqual(len(found.filtered(lambda one: one.partner_id == self.person)), 1)
