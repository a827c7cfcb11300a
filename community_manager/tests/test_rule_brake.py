import threading
from collections import Counter
from datetime import timedelta
from unittest.mock import patch

from odoo import fields
from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged

from .common import item
from .routing_common import RoutingCase


@tagged("post_install", "-at_install")
class TestBrake(RoutingCase):
    """A rule that runs away pauses itself, and what it did can be undone."""

    def page(self, count, text="hello there"):
        start = self.env["community.mention"].search_count([])
        return self.take(*(item(f"b{start}-{n}", text, f"w{start}-{n}", origin="own") for n in range(count)))

    def runaway(self, **values):
        values = {"keywords": "hello", "lead_action": "create", "brake_own": True, "brake_leads": 10} | values
        return self.make_rule("Runs away", **values)

    def test_it_pauses_before_it_does_too_much_and_tells_the_administrators(self):
        rule = self.runaway()
        first = self.page(6)
        self.assertEqual(len(first.lead_id), 6)
        second = self.page(6)
        self.assertFalse(second.lead_id, "this page would have made twelve")
        self.assertFalse(second.rule_ids)
        self.assertEqual(rule.state, "paused")
        self.assertIn("10", rule.pause_reason)
        self.assertTrue(rule.activity_ids)
        told = [("model", "=", rule._name), ("res_id", "=", rule.id), ("message_type", "=", "user_notification")]
        self.assertIn(self.admin.partner_id, self.env["mail.message"].search(told).notified_partner_ids)
        self.assertFalse(self.page(1).rule_ids, "it stays paused")
        self.assertEqual(len(rule.activity_ids), len(rule.activity_ids.user_id), "told once")

    def test_mentions_and_tickets_have_limits_of_their_own(self):
        for name, values in (
            ("brake_mentions", {"lead_action": "none", "priority": "2"}),
            ("brake_tickets", {"lead_action": "none", "ticket_action": "create"}),
        ):
            with self.subTest(limit=name):
                rule = self.runaway(brake_leads=0, **{name: 3}, **values)
                self.page(3)
                self.assertEqual(rule.state, "on")
                self.page(1)
                self.assertEqual(rule.state, "paused")
                rule.active = False

    def test_the_limits_of_the_company_count_where_a_rule_has_none(self):
        rule = self.runaway(brake_own=False)
        self.company.community_brake_leads = 2
        self.page(3)
        self.assertEqual(rule.state, "paused")

    def test_other_rules_take_what_the_paused_one_leaves(self):
        rule = self.runaway(sequence=1, brake_leads=2)
        other = self.make_rule("Below", sequence=2, keywords="hello", priority="3")
        mentions = self.page(3)
        self.assertEqual((rule.state, other.state), ("paused", "on"))
        self.assertEqual(mentions.rule_ids, other)
        pace = self.env["community.rule.pace"].search([("rule_id", "in", (rule | other).ids)])
        self.assertEqual({one.rule_id: one.mentions for one in pace}, {rule.id: 0, other.id: 3})

    def test_an_hour_later_it_may_again(self):
        rule = self.runaway()
        self.page(8)
        pace = self.env["community.rule.pace"]
        now = pace._slot()
        with patch.object(type(pace), "_slot", lambda _self: now + 11):
            self.page(2)
            self.assertEqual(rule.state, "on")
        with patch.object(type(pace), "_slot", lambda _self: now + 12):
            self.page(8)
            self.assertEqual(rule.state, "on", "the first eight are an hour ago")

    def test_one_click_undoes_what_nobody_touched(self):
        rule = self.runaway(user_id=self.manager.id, priority="2")
        mentions = self.page(6)
        worked, answered = mentions[0].lead_id, mentions[1]
        worked.with_user(self.manager).sudo().message_post(body="Called", message_type="comment")
        answered.with_user(self.agent).write({"priority": "1"})
        self.page(6)
        self.assertEqual(rule.state, "paused")
        self.assertIn("6", rule.batch_text)
        with self.assertRaises(AccessError):
            rule.with_user(self.manager).action_undo_batch()
        action = rule.with_user(self.admin).action_undo_batch()
        self.assertEqual(mentions.lead_id, worked)
        self.assertFalse(mentions.user_id)
        self.assertFalse(mentions.rule_ids)
        self.assertEqual(Counter(mentions.mapped("priority")), {"0": 5, "1": 1}, "what a person set stays")
        self.assertIn("1", action["params"]["message"])
        self.assertIn(f'data-oe-id="{worked.id}"', rule.message_ids[0].body)
        rule.invalidate_recordset(["batch_text"])
        self.assertFalse(rule.batch_text)
        with self.assertRaises(UserError):
            rule.with_user(self.admin).action_undo_batch()

    def test_a_lead_that_others_were_added_to_is_kept(self):
        rule = self.runaway(brake_leads=3)
        first = self.take(item("x1", "hello there", "eve", origin="own"))
        rule.active = False
        later = self.take(item("x2", "something else", "eve", origin="own"))
        self.env["community.lead"]._take_on(later)
        rule.active = True
        self.page(5)
        rule.with_user(self.admin).action_undo_batch()
        self.assertTrue(first.lead_id)
        self.assertEqual(first.lead_id, later.lead_id)

    def test_tickets_are_undone_too(self):
        rule = self.runaway(lead_action="none", ticket_action="create", brake_leads=0, brake_tickets=3)
        mentions = self.page(3)
        tasks = mentions.task_id
        self.page(1)
        rule.with_user(self.admin).action_undo_batch()
        self.assertFalse(tasks.exists())

    def test_what_was_ignored_comes_back(self):
        rule = self.runaway(lead_action="none", do_ignore=True, brake_leads=0, brake_mentions=3)
        mentions = self.page(3)
        self.page(1)
        self.assertEqual(set(mentions.mapped("state")), {"ignored"})
        rule.with_user(self.admin).action_undo_batch()
        self.assertEqual(set(mentions.mapped("state")), {"new"})

    def test_one_click_lets_it_go_on_with_a_new_hour(self):
        rule = self.runaway()
        self.page(10)
        self.page(1)
        with self.assertRaises(AccessError):
            rule.with_user(self.manager).action_resume()
        rule.with_user(self.admin).action_resume()
        self.assertFalse(rule.activity_ids)
        self.assertTrue(self.page(10).lead_id)
        self.assertEqual(rule.state, "on")

    def test_ten_thousand_in_a_minute_are_counted_right(self):
        """Two workers count at once, on connections of their own, and nothing is lost."""
        pace, registry = self.env["community.rule.pace"], self.registry
        # the rows are committed: they belong to numbers that no rule has, and are taken away again
        numbers = (2_000_000_001, 2_000_000_002)
        totals = []

        def work():
            for _page in range(125):
                with registry.cursor() as cr:
                    cr.execute("SET TRANSACTION ISOLATION LEVEL READ COMMITTED")
                    totals.append(pace._count_on(cr, dict.fromkeys(numbers, (20, 1, 0))))

        threads = [threading.Thread(target=work) for _n in range(2)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        with registry.cursor() as cr:
            cr.execute(
                "SELECT rule_id, sum(mentions), sum(leads) FROM community_rule_pace WHERE rule_id = ANY(%s) GROUP BY 1",
                [list(numbers)],
            )
            found = {rule: (mentions, leads) for rule, mentions, leads in cr.fetchall()}
            cr.execute("DELETE FROM community_rule_pace WHERE rule_id = ANY(%s)", [list(numbers)])
        self.assertEqual(found, dict.fromkeys(numbers, (5000, 250)))
        self.assertEqual(max(total[numbers[0]][0] for total in totals), 5000, "one of them saw the last number")

    def test_traces_and_paces_are_forgotten(self):
        self.runaway()
        self.page(2)
        traces, pace = self.env["community.rule.trace"], self.env["community.rule.pace"]
        self.env.cr.execute("UPDATE community_rule_trace SET made_at = %s", [fields.Datetime.now() - timedelta(days=4)])
        self.env.cr.execute("UPDATE community_rule_pace SET slot = slot - 100")
        traces._gc_traces()
        pace._gc_pace()
        self.assertFalse(traces.search_count([]) or pace.search_count([]))
