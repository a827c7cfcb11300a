from datetime import timedelta
from unittest.mock import patch

from psycopg2 import OperationalError

from odoo import fields
from odoo.exceptions import AccessError, ValidationError
from odoo.tests import tagged
from odoo.tools import mute_logger

from .journey_common import JourneyCase

REFRESH = "odoo.addons.community_manager.models.overservice.community_position_refresh"


@tagged("post_install", "-at_install")
class TestJourney(JourneyCase):
    """Customers come to moments of truth, and the zone says how they are served there."""

    def test_an_order_puts_the_customer_at_the_first_moment(self):
        """And the moment that follows is known ahead."""
        self.order(self.ann)
        self.settle()
        place = self.place(self.ann)
        self.assertEqual((place.moment_id, place.zone, place.waits), (self.thanks, "on_time", 1))
        self.assertEqual(place.due_at, place.since + timedelta(days=2))
        coming = self.place(self.ann, self.week)
        self.assertEqual(coming.since, place.since + timedelta(days=7))
        self.assertFalse(coming.is_current)
        self.assertFalse(self.place(self.ben))

    def test_zones(self):
        """Late, on time, and too much, by what was done and when."""
        self.order(self.ann, ago=3)
        self.order(self.ben, ago=3)
        carl = self.make_customer("Carl Lake")
        self.order(carl, ago=3)
        self.touch(self.ben, ago=2)
        for ago in (2.5, 2, 1):
            self.touch(carl, ago=ago)
        self.settle()
        self.assertEqual(self.place(self.ann).zone, "late")
        self.assertEqual((self.place(self.ben).zone, self.place(self.ben).serves), ("on_time", 1))
        self.assertEqual((self.place(carl).zone, self.place(carl).touches), ("excess", 3))

    def test_a_touch_serves_soon_after(self):
        """What is done later changes the zone of those it was done for, and nobody else is looked at."""
        self.order(self.ann, ago=1)
        self.order(self.ben, ago=1)
        self.settle()
        self.thanks.write({"early": 12, "early_unit": "hours"})
        self.settle()
        self.touch(self.ann, ago=0.9)
        self.env["community.position.stale"]._mark_touched()
        with patch.object(type(self.env["community.position"]), "_refresh", autospec=True) as refresh:
            self.env["community.position"]._refresh_now()
        self.assertEqual([call.args[2] for call in refresh.call_args_list], [[self.ann.id]])
        self.touch(self.ann, ago=0.8, medium="call")
        self.settle()
        self.assertEqual((self.place(self.ann).zone, self.place(self.ann).serves), ("anticipated", 2))
        self.assertEqual(self.place(self.ben).waits, 1)

    def test_time_alone_makes_late(self):
        """Nothing happens, and still the customer is late when the target is past."""
        order = self.order(self.ann, ago=1)
        self.settle()
        self.assertEqual(self.place(self.ann).zone, "on_time")
        later = order.date_order + timedelta(days=2, seconds=5)
        with patch.object(fields.Datetime, "now", return_value=later):
            self.settle()
        self.assertEqual(self.place(self.ann).zone, "late")

    def test_people_of_a_firm_are_one_customer(self):
        """Who orders and who is called may be two; the firm was served, and the person who ordered is known."""
        firm = self.make_customer("Firm Ltd", is_company=True)
        buyer = self.make_customer("Bea Buyer", parent_id=firm.id)
        boss = self.make_customer("Otto Owner", parent_id=firm.id)
        self.order(buyer, ago=1)
        self.touch(boss, ago=0.5, medium="call")
        self.settle()
        place = self.place(firm)
        self.assertEqual((place.person_id, place.zone, place.serves), (buyer, "on_time", 1))
        self.assertFalse(self.place(buyer))

    def test_the_customer_had_to_ask(self):
        """A question before we moved: not anticipated."""
        self.thanks.early = 1
        self.order(self.ann, ago=1)
        self.order(self.ben, ago=1)
        question = self.env.ref("community_manager.intent_question")
        self.say_as(self.ann, "acme, where is my lamp?", 1, ago=0.9, intent_ids=[(6, 0, question.ids)])
        for partner in (self.ann, self.ben):
            self.touch(partner, ago=0.5)
        self.settle()
        self.assertEqual((self.place(self.ann).zone, self.place(self.ben).zone), ("on_time", "anticipated"))

    def test_a_cancelled_order_takes_the_customer_off(self):
        order = self.order(self.ann)
        self.settle()
        self.assertTrue(self.place(self.ann))
        order._action_cancel()
        self.settle()
        self.assertFalse(self.env["community.position"].search([("partner_id", "=", self.ann.id)]))

    def test_an_order_for_somebody_else(self):
        """An order that is given to another customer goes along."""
        order = self.order(self.ann)
        self.settle()
        order.partner_id = self.ben
        self.settle()
        self.assertFalse(self.place(self.ann))
        self.assertTrue(self.place(self.ben))

    def test_what_is_reached_starts_once(self):
        """Whoever comes to a moment is told to the rooms that start something there; once, and not for old times."""
        reached = []
        model = type(self.env["community.moment"])
        with patch.object(model, "_reached", lambda _self, partners, moment: reached.append((partners, moment))):
            self.order(self.ann)
            self.order(self.ben, ago=5)
            self.settle()
            self.thanks.target = 3
            self.settle()
        self.assertEqual(reached, [(self.ann, self.thanks)])

    def test_a_campaign_that_fails_stops_nobody(self):
        """The customer is placed all the same, and what failed is tried again."""
        self.order(self.ann)
        model = type(self.env["community.moment"])
        with patch.object(model, "_reached", side_effect=ZeroDivisionError), mute_logger(REFRESH):
            self.settle()
        place = self.place(self.ann)
        self.assertEqual((place.moment_id, place.reached_at), (self.thanks, False))
        self.assertLessEqual(place.next_at, fields.Datetime.now() + timedelta(hours=1))
        reached = []
        self.env.cr.execute("UPDATE community_position SET next_at = %s WHERE id = %s", [self.now, place.id])
        with patch.object(model, "_reached", lambda _self, partners, _moment: reached.append(partners)):
            self.settle()
        self.assertEqual(reached, [self.ann])

    def test_one_bad_customer_stops_nobody(self):
        """What cannot be computed for one is logged; the others are placed."""
        real = type(self.env["community.position"])._wanted

        def wanted(model, journeys, company, customers, now):
            if self.ben.id in customers:
                raise ValueError("bad")
            return real(model, journeys, company, customers, now)

        self.order(self.ann)
        self.order(self.ben)
        with patch.object(type(self.env["community.position"]), "_wanted", wanted), mute_logger(REFRESH):
            self.settle()
        self.assertTrue(self.place(self.ann))
        self.assertFalse(self.place(self.ben))

    def test_trouble_of_the_database_is_nobodys_fault(self):
        """It ends the run, and whoever waits goes on waiting."""
        self.order(self.ann)
        self.env.flush_all()
        with (
            patch.object(type(self.env["community.position"]), "_refresh", side_effect=OperationalError("gone")),
            self.assertRaises(OperationalError),
        ):
            self.env["community.position"]._refresh_next()

    def test_looking_again_changes_nothing(self):
        self.order(self.ann, ago=3)
        self.settle()
        before = self.env["community.position"].search_read([("journey_id", "=", self.journey.id)])
        self.journey.action_look_again()
        self.settle()
        self.assertEqual(self.env["community.position"].search_read([("journey_id", "=", self.journey.id)]), before)

    def test_another_journey_of_another_company(self):
        """Orders of one company put nobody on the journey of another."""
        other = self.env["res.company"].create({"name": "Other"})
        theirs = self.env["community.journey"].create({"name": "Theirs", "company_id": other.id})
        self.env["community.moment"].create({"name": "Thanks", "journey_id": theirs.id})
        self.order(self.ann)
        self.settle()
        self.assertFalse(self.env["community.position"].search([("journey_id", "=", theirs.id)]))
        self.assertTrue(self.place(self.ann))

    def test_a_moment_that_is_put_away_keeps_its_history(self):
        self.order(self.ann, ago=1)
        self.settle()
        self.thanks.active = False
        self.settle()
        old = self.place(self.ann, self.thanks)
        self.assertEqual((len(old), old.is_current), (1, False))
        self.assertFalse(self.place(self.ann))

    def test_the_line(self):
        """The picture counts who is in each zone now, and says in a sentence where it goes wrong."""
        self.order(self.ann, ago=3)
        self.order(self.ben, ago=1)
        self.thanks.budget_week, self.week.budget_week = 300, 100
        self.env["community.factor"].create({"name": "It arrives whole", "moment_id": self.thanks.id})
        self.settle()
        line = self.journey.with_user(self.agent).get_line()
        first = line["moments"][0]
        self.assertEqual({zone["code"]: zone["count"] for zone in first["zones"]}["late"], 1)
        self.assertEqual((first["customers"], first["waiting"], first["share"]), (2, 2, 0.75))
        self.assertEqual([factor["name"] for factor in first["factors"]], ["It arrives whole"])
        self.assertIn("1 are served late", line["sentence"])
        self.assertFalse(line["may_edit"])
        opened = self.thanks.with_user(self.agent).action_open_zone("late")
        domain = [*opened["domain"], ("is_current", "=", True)]
        self.assertEqual(self.env["community.position"].search(domain).partner_id, self.ann)

    def test_moments_are_moved(self):
        """By one place with the buttons, anywhere by dragging; agents look only."""
        third = self.make_moment("Yearly")
        self.week.action_move(-1)
        self.assertEqual(self.journey.moment_ids.sorted("sequence").mapped("name"), ["First week", "Thanks", "Yearly"])
        self.week.action_move(-1)
        self.env["community.moment"].action_order([third.id, self.thanks.id, self.week.id])
        self.assertEqual(self.journey.moment_ids.sorted("sequence").mapped("name"), ["Yearly", "Thanks", "First week"])
        with self.assertRaises(AccessError):
            self.week.with_user(self.agent).action_move(1)
        with self.assertRaises(AccessError):
            self.journey.with_user(self.agent).action_look_again()

    def test_what_makes_no_sense_is_refused(self):
        with self.assertRaises(ValidationError):
            self.thanks.write({"early": 5, "early_unit": "days"})
        self.thanks.write({"early": 5, "early_unit": "days", "ahead_days": 3})
        with self.assertRaises(ValidationError):
            self.env["community.moment.budget"].create({"moment_id": self.thanks.id, "week": "2026-06-16"})
