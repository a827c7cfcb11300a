from datetime import UTC, datetime, timedelta
from unittest.mock import patch
from zoneinfo import ZoneInfo

from odoo import fields
from odoo.fields import Command
from odoo.tests import tagged

from .deadline_common import DeadlineCase, at, freeze_time


@tagged("post_install", "-at_install")
class TestDeadlines(DeadlineCase):
    """By when an answer is due."""

    # -- working hours ------------------------------------------------------------------------------------------------

    def test_half_an_hour_goes_on_on_monday(self):
        """Thirty minutes, from nine to five: what comes on Friday at 16:45 is due on Monday at 9:15."""
        self.make_policy(minutes=30)
        mention = self.ask("2026-03-06 15:45")  # Madrid is one hour ahead
        self.assertDue(mention, "2026-03-09 08:15")
        self.assertEqual(mention.answer_policy_id.name, "Policy")
        self.assertEqual(mention.answer_asked_at, at("2026-03-06 15:45"))

    def test_an_hour_goes_on_on_monday(self):
        """One hour, until five: what comes on Friday at 16:30 is due on Monday at 9:30."""
        self.make_policy(first_target=1, first_unit="hours")
        self.assertDue(self.ask("2026-03-06 15:30"), "2026-03-09 08:30")

    def test_before_and_after_work(self):
        """What comes at night counts from the morning; what ends with the day is due then, not the next morning."""
        self.make_policy(minutes=60)
        self.assertDue(self.ask("2026-03-05 02:00", author="owl"), "2026-03-05 09:00")
        self.assertDue(self.ask("2026-03-05 15:00", author="punctual"), "2026-03-05 16:00")

    def test_holidays_do_not_count(self):
        """A holiday of the company, entered before or after, moves the deadline of what comes in."""
        self.make_policy(minutes=30)
        self.assertDue(self.ask("2026-03-06 15:45", author="ann"), "2026-03-09 08:15")
        holiday = self.env["resource.calendar.leaves"].create(
            {
                "name": "Local holiday",
                "company_id": self.company.id,
                "calendar_id": self.calendar.id,
                "date_from": "2026-03-08 23:00:00",
                "date_to": "2026-03-09 22:59:59",
            }
        )
        self.assertDue(self.ask("2026-03-06 15:45", author="bob"), "2026-03-10 08:15")
        holiday.unlink()
        self.assertDue(self.ask("2026-03-06 15:45", author="cid"), "2026-03-09 08:15")

    def test_holidays_of_another_company_count_for_nobody_here(self):
        """What another company celebrates does not move our deadlines."""
        self.make_policy(minutes=30)
        theirs = self.env["resource.calendar.leaves"].with_company(self.other_company)
        holiday = theirs.create(
            {
                "name": "Theirs",
                "company_id": self.other_company.id,
                "calendar_id": False,
                "date_from": "2026-03-08 23:00:00",
                "date_to": "2026-03-09 22:59:59",
            }
        )
        self.assertEqual((holiday.company_id, holiday.calendar_id.id), (self.other_company, False))
        self.assertDue(self.ask("2026-03-06 15:45"), "2026-03-09 08:15")

    def test_two_time_zones(self):
        """A department in Mexico and one in Madrid have their own Friday evening."""
        mexico = self.make_calendar("Mexico", "America/Mexico_City", 9, 17)
        there = self.env["community.department"].create({"name": "Mexico", "resource_calendar_id": mexico.id})
        here = self.env["community.department"].create({"name": "Madrid"})
        self.make_rule(keywords="mexico", department_id=there.id)
        self.make_rule(keywords="madrid", department_id=here.id)
        self.make_policy(minutes=30)
        self.assertDue(self.ask("2026-03-06 15:45", "Mexico, ¿hay alguien?", "ana"), "2026-03-06 16:15")
        self.assertDue(self.ask("2026-03-06 15:45", "Madrid, anybody there?", "ann"), "2026-03-09 08:15")
        self.assertDue(self.ask("2026-03-06 22:45", "Mexico otra vez", "eva"), "2026-03-09 15:15")

    def test_clocks_go_forward_and_back(self):
        """On the weekends when clocks change, Monday still begins at nine on the wall."""
        self.make_policy(minutes=30)
        self.assertDue(self.ask("2026-03-27 15:45", author="spring"), "2026-03-30 07:15")
        self.assertDue(self.ask("2026-10-23 14:45", author="autumn"), "2026-10-26 08:15")

    def test_the_night_when_clocks_change(self):
        """Whoever works through that night works an hour less, or more."""
        night = self.make_calendar("Night", "Europe/Madrid", 0, 8, range(7))
        self.make_policy(hours="calendar", calendar_id=night.id, first_target=4, first_unit="hours")
        self.assertDue(self.ask("2026-03-28 23:00", author="spring"), "2026-03-29 03:00")  # five on the wall
        self.assertDue(self.ask("2026-10-24 22:00", author="autumn"), "2026-10-25 02:00")  # three on the wall

    def test_the_same_as_odoo_plans(self):
        """Every deadline is the one that Odoo's own planning gives, through holidays, lunch and changing clocks."""
        self.env["resource.calendar.leaves"].create(
            {
                "name": "Easter",
                "company_id": self.company.id,
                "date_from": "2026-04-02 22:00:00",
                "date_to": "2026-04-06 21:59:59",
            }
        )
        whole = self.make_calendar("Whole days", "Europe/Madrid", 0, 24, range(7))
        split = self.make_calendar("Split", "America/New_York", 8.5, 12)
        split.attendance_ids = [
            Command.create({"name": "late", "dayofweek": str(day), "hour_from": 13.25, "hour_to": 18.5})
            for day in range(5)
        ]
        compared = 0
        for calendar in (self.calendar, whole, split):
            work = self.env["resource.calendar"]._community_working_time(calendar.id, self.company.id)
            for start in ("2026-03-06 15:45", "2026-03-28 23:10", "2026-04-01 12:00", "2026-10-23 14:45"):
                for hours in (0.5, 1, 7.75, 20, 100):
                    aware = at(start).replace(tzinfo=ZoneInfo("UTC"))
                    domain = [("time_type", "=", "leave"), ("company_id", "in", (False, self.company.id))]
                    theirs = calendar.plan_hours(hours, aware, compute_leaves=True, domain=domain)
                    with self.subTest(calendar=calendar.name, start=start, hours=hours):
                        ours = work.plan(hours * 3600, at(start))
                        gap = abs(theirs.replace(tzinfo=None) - ours)
                        self.assertLess(gap, timedelta(seconds=1))
                        self.assertEqual(round(work.between(at(start), ours)), hours * 3600)
                        compared += 1
        self.assertEqual(compared, 60)

    def test_around_the_clock(self):
        """Where every hour counts, weekends do too; and where nobody ever works, nobody waits for ever."""
        self.make_policy(hours="always", minutes=30)
        self.assertDue(self.ask("2026-03-07 15:45", author="ann"), "2026-03-07 16:15")
        self.env["community.response.policy"].search([]).write({"hours": "department"})
        self.calendar.attendance_ids.unlink()
        self.assertDue(self.ask("2026-03-07 15:45", author="bob"), "2026-03-07 16:15")

    def test_working_hours_that_change(self):
        """New working hours count for what comes in from then on."""
        self.make_policy(minutes=60)
        self.calendar.attendance_ids.write({"hour_to": 16})
        self.assertDue(self.ask("2026-03-05 14:30"), "2026-03-06 08:30")

    def test_a_department_that_is_new(self):
        """The hours of a department count from the moment it exists."""
        mexico = self.make_calendar("Mexico", "America/Mexico_City", 9, 17)
        self.make_policy(minutes=30)
        mention = self.ask("2026-03-06 15:45")
        self.assertDue(mention, "2026-03-09 08:15")
        there = self.env["community.department"].create({"name": "Mexico", "resource_calendar_id": mexico.id})
        with freeze_time("2026-03-06 15:46"):
            mention.department_id = there
            self.assertDue(mention, "2026-03-06 16:15")

    # -- which policy -------------------------------------------------------------------------------------------------

    def test_the_first_policy_that_fits(self):
        """Topic, network, intent, priority, feeling, privacy and language decide; the first in order counts."""
        topic = self.make_topic("Delivery", "delivery")
        self.env["community.rule"].search([]).active = False
        self.make_rule(keywords="urgent", priority="3")
        toy = self.env["community.network"].search([("code", "=", "toy")])
        other = self.env["community.network"].search([("code", "!=", "toy")], limit=1)
        self.make_policy("Elsewhere", 1, sequence=1, network_ids=[other.id])
        self.make_policy("Urgent", 2, sequence=2, priority="2")
        self.make_policy("Private", 3, sequence=3, visibility="private")
        self.make_policy("Delivery", 4, sequence=4, topic_ids=[topic.id], network_ids=[toy.id])
        self.make_policy("Found", 5, sequence=5, origin="search")
        self.make_policy("Rest", 6, sequence=9)

        def policy(text, author, **values):
            return self.ask("2026-03-05 10:00", text, author, **values).answer_policy_id.name

        self.assertEqual(policy("urgent, please", "a"), "Urgent")
        self.assertEqual(policy("between us", "b", visibility="direct"), "Private")
        self.assertEqual(policy("delivery?", "c"), "Delivery")
        self.assertEqual(policy("just so", "d"), "Rest")

    def test_nothing_is_waited_for(self):
        """What we wrote, what is ignored, found by a search, or news of last year has no deadline."""
        self.make_policy(minutes=30)
        self.make_rule(keywords="robot", do_ignore=True)
        self.assertDue(self.ask("2026-03-05 10:00", "I am a robot", "r"), None)
        mention = self.ask("2026-03-05 10:00")
        ours = self.answer(mention, "2026-03-05 10:10")
        self.assertDue(ours, None)
        with freeze_time("2027-03-05 10:00"):
            old = self.take(
                self.item(
                    "old",
                    "Hello",
                    "late",
                    origin="own",
                    published_at=at("2026-03-05 10:00").replace(tzinfo=ZoneInfo("UTC")),
                )
            )
            found = self.take(self.item("found", "Acme is nice", "fan", origin="search"))
            self.assertDue(old, None)
            self.assertDue(found, None)
            self.assertTrue(old and found)

    def test_what_changes_later_counts(self):
        """A higher priority moves the deadline; so does a policy that is changed, once it is applied."""
        policy = self.make_policy("Slow", 480, sequence=9)
        mention = self.ask("2026-03-05 10:00")
        self.assertDue(mention, "2026-03-06 10:00")
        self.make_policy("Fast", 30, sequence=1, priority="3")
        self.assertDue(mention, "2026-03-06 10:00")
        mention.priority = "3"
        self.assertDue(mention, "2026-03-05 10:30")
        mention.priority = "0"
        policy.first_target = 60
        with freeze_time("2026-03-05 12:00"):
            policy.with_user(self.manager).action_apply()
        self.assertDue(mention, "2026-03-05 11:00")

    # -- when it runs, and when not -----------------------------------------------------------------------------------

    def test_several_messages_are_one_question(self):
        """What the same person adds keeps the deadline of the first; others have their own."""
        self.make_policy(minutes=30)
        self.ask("2026-03-05 10:00", conversation="t")
        self.assertDue(self.ask("2026-03-05 10:20", conversation="t"), "2026-03-05 10:30")
        self.assertDue(self.ask("2026-03-05 10:20", author="bob", conversation="t"), "2026-03-05 10:50")

    def test_what_is_added_may_be_more_urgent(self):
        """An addition with a sooner deadline of its own has that."""
        self.make_rule(keywords="fire", priority="3")
        self.make_policy("Fast", 15, sequence=1, priority="3")
        self.make_policy("Slow", 240, sequence=2)
        first = self.ask("2026-03-05 10:00")
        second = self.ask("2026-03-05 10:20", "It is on fire!")
        self.assertDue(first, "2026-03-05 14:00")
        self.assertDue(second, "2026-03-05 10:35")

    def test_waiting_for_the_customer_is_a_pause(self):
        """While we wait for them nothing is due; when they write again, it is the next answer."""
        self.make_policy(minutes=30, next_target=10, next_unit="minutes")
        mention = self.ask("2026-03-05 10:00")
        with freeze_time("2026-03-05 10:05"):
            mention.state = "waiting"
        self.assertDue(mention, None)
        with freeze_time("2026-03-05 10:06"):
            mention.state = "open"
        self.assertDue(mention, "2026-03-05 10:30")
        self.answer(mention, "2026-03-05 10:10")
        self.assertDue(mention, None)
        again = self.ask("2026-03-05 11:00")
        self.assertDue(again, "2026-03-05 11:10")

    def test_answered_on_the_network_itself(self):
        """An answer given outside stops the clock of whom it answers, not that of others in the same thread."""
        self.make_policy(minutes=30)
        ann = self.ask("2026-03-05 10:00", conversation="t")
        bob = self.ask("2026-03-05 10:01", author="bob", conversation="t")
        self.answer(ann, "2026-03-05 10:10")
        self.assertDue(ann, None)
        self.assertDue(bob, "2026-03-05 10:31")

    def test_an_answer_to_nobody_in_particular(self):
        """Without saying whom it answers, an answer is for the only one who waits; with two, for nobody."""
        self.make_policy(minutes=30)
        ann = self.ask("2026-03-05 10:00", conversation="t")
        self.answer(ann, "2026-03-05 10:10", parent=False)
        self.assertDue(ann, None)
        cid = self.ask("2026-03-05 10:00", author="cid", conversation="u")
        dan = self.ask("2026-03-05 10:01", author="dan", conversation="u")
        self.answer(cid, "2026-03-05 10:10", parent=False)
        self.assertDue(cid, "2026-03-05 10:30")
        self.assertDue(dan, "2026-03-05 10:31")

    def test_done_ignored_and_deleted_stop_it(self):
        """Whatever ends a mention ends its deadline; reopened, it is what it was."""
        self.make_policy(minutes=30)
        for author, end in (("a", "action_done"), ("b", "action_ignore"), ("c", "_erase_content")):
            mention = self.ask("2026-03-05 10:00", author=author)
            with freeze_time("2026-03-05 10:10"):
                getattr(mention, end)()
                self.assertDue(mention, None)
                if end != "_erase_content":
                    mention.action_reopen()
                    self.assertDue(mention, "2026-03-05 10:30")

    def test_overdue_and_due_today_are_found(self):
        """The filters find what they say."""
        self.make_policy(minutes=30, hours="always")
        now = fields.Datetime.now()
        late = self.ask(fields.Datetime.to_string(now - timedelta(hours=2))[:16], author="late")
        soon = self.ask(fields.Datetime.to_string(now)[:16], author="soon")
        mentions = self.env["community.mention"].search([("channel_id", "=", self.channel.id)])
        self.assertEqual(mentions.filtered_domain([("answer_late", "=", True)]), late)
        self.assertEqual(
            self.env["community.mention"].search([("id", "in", mentions.ids), ("answer_late", "=", True)]), late
        )
        self.assertEqual(
            self.env["community.mention"].search([("id", "in", mentions.ids), ("answer_late", "=", False)]), soon
        )

    def test_what_comes_in_is_planned_once(self):
        """Deadline and place in the queue are stored with a mention, as they would be found afterwards."""
        self.make_policy(minutes=30)
        self.make_topic("Delivery", "delivery")
        names = ("answer_due", "answer_asked_at", "answer_policy_id", "answer_step_at", "need", "queue_at")
        again = AssertionError("found a second time")
        model = type(self.env["community.mention"])
        with (
            patch.object(model, "_compute_answer_due", side_effect=again),
            patch.object(model, "_compute_queue", side_effect=again),
        ):
            mention = self.ask("2026-03-05 10:00", "Where is my delivery?")
        self.assertTrue(mention.topic_ids)
        self.assertDue(mention, "2026-03-05 10:30")
        stored = mention.read(names)
        for name in names:
            self.env.add_to_compute(mention._fields[name], mention)
        self.assertEqual(mention.read(names), stored)

    def test_a_page_costs_no_query_for_each(self):
        """Deadlines of a page of a hundred take as many queries as those of a page of ten."""
        self.make_policy(minutes=30)
        counts = []
        for number, size in enumerate((10, 100)):
            now = datetime.now(UTC)
            items = [
                self.item(f"p{number}-{i}", "Where?", f"p{number}-{i}", origin="own", published_at=now)
                for i in range(size)
            ]
            before = self.cr.sql_log_count
            self.take(*items)
            counts.append(self.cr.sql_log_count - before)
        mentions = self.mentions(self.channel)
        self.assertEqual(len(mentions.filtered("answer_due")), 110)
        self.assertLessEqual(counts[1], counts[0] + 5)
