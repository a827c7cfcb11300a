from datetime import UTC, datetime

from odoo.exceptions import AccessError
from odoo.tests import tagged

from .deadline_common import DeadlineCase, at, freeze_time


@tagged("post_install", "-at_install")
class TestResponseTimes(DeadlineCase):
    """What is kept of how long people waited, and what is counted from it."""

    @classmethod
    def facts(cls, *mentions):
        """Return the rows of the conversations of some mentions, oldest first."""
        conversations = cls.env["community.mention"].union(*mentions).conversation_id
        return cls.env["community.response"].search(
            [("conversation_id", "in", conversations.ids)], order="answered_at, id"
        )

    def test_an_answer_on_the_network_is_counted(self):
        """First and next answer, in working time, with what was due and who it was for."""
        policy = self.make_policy(minutes=30, next_target=5, next_unit="minutes")
        topic = self.make_topic("Orders", "order")
        department = self.env["community.department"].create({"name": "Support"})
        self.make_rule(keywords="order", department_id=department.id)
        first = self.ask("2026-03-06 15:45", conversation="t")
        self.ask("2026-03-06 15:50", "Hello?", conversation="t")
        self.answer(first, "2026-03-09 08:10")
        again = self.ask("2026-03-09 08:20", conversation="t")
        self.answer(again, "2026-03-09 08:30")
        one, two = self.facts(first)
        self.assertEqual((one.kind, one.mention_id, one.seconds, one.breached), ("first", first, 25 * 60, False))
        self.assertEqual((one.asked_at, one.answered_at, one.due_at), (
            at("2026-03-06 15:45"), at("2026-03-09 08:10"), at("2026-03-09 08:15")))  # fmt: skip
        self.assertEqual((one.policy_id, one.topic_id, one.department_id, one.network), (
            policy, topic, department, "toy"))  # fmt: skip
        self.assertFalse(one.user_id)
        self.assertEqual((two.kind, two.mention_id, two.seconds, two.breached), ("next", again, 600, True))

    def test_an_answer_through_the_outbox_is_counted_once(self):
        """What we send is counted for who wrote it, and not again when the network shows it."""
        channel = self.make_channel("Sending")
        self.script("Sending", [])
        self.make_policy(hours="always", minutes=30)
        mention = self.take(self.item("o1", "Where is it?", "ann", origin="own"), channel=channel)
        mention.with_user(self.agent).send_reply("It left today.")
        self.env["community.outbox"]._send(20)
        self.env.invalidate_all()
        rows = self.facts(mention)
        self.assertEqual(rows.filtered(lambda row: row.kind == "first").user_id, self.agent)
        self.assertEqual(sorted(rows.mapped("kind")), ["first", "resolution"])
        ours = self.mentions(channel, outgoing=True)
        self.assertTrue(ours, "what went out was stored as a mention too")
        self.assertFalse(mention.answer_due)

    def test_what_had_no_policy_is_counted_too(self):
        """Answers are counted whether or not they had a deadline; only those with one can be too late."""
        mention = self.ask("2026-03-05 10:00")
        self.answer(mention, "2026-03-05 12:00")
        row = self.facts(mention)
        self.assertEqual((row.seconds, row.breached, row.due_at), (7200, False, False))

    def test_answers_of_a_page_are_counted_together(self):
        """Several answers to one person follow each other, and a page of many takes no query for each."""
        counts = []
        for size in (5, 50):
            asked = self.take(*[
                self.item(f"asked-{size}-{i}", "Hello?", f"asked-{size}-{i}", origin="own",
                          conversation_id=f"talk-{size}-{i}", published_at=datetime(2026, 3, 5, 9, tzinfo=UTC))
                for i in range(size)
            ])  # fmt: skip
            ours = [
                self.item(f"said-{size}-{i}-{n}", "Yes.", "us", origin="own", outgoing=True,
                          conversation_id=f"talk-{size}-{i}", parent_id=f"asked-{size}-{i}",
                          published_at=datetime(2026, 3, 5, 10, n, tzinfo=UTC))
                for i in range(size) for n in range(2)
            ]  # fmt: skip
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.cr.sql_log_count
            self.take(*ours)
            counts.append(self.cr.sql_log_count - before)
            rows = self.facts(asked).filtered(lambda row: row.kind == "first")
            self.assertEqual(rows.mention_id, asked)
            self.assertEqual(set(rows.mapped("answered_at")), {at("2026-03-05 10:00")})
        self.assertLessEqual(counts[1], counts[0] + 20)

    def test_closing_counts_without_our_waiting_for_them(self):
        """The time until closed is working time in which they waited for us, not we for them."""
        self.make_policy(minutes=60, resolution_target=90, resolution_unit="minutes")
        first = self.ask("2026-03-05 09:00", conversation="t")
        self.answer(first, "2026-03-05 09:30")
        with freeze_time("2026-03-05 09:30"):
            first.state = "waiting"
        again = self.ask("2026-03-05 14:00", conversation="t")
        with freeze_time("2026-03-05 14:40"):
            (first | again).action_done()
        row = self.facts(first).filtered(lambda row: row.kind == "resolution")
        self.assertEqual((row.seconds, row.breached), ((30 + 40) * 60, False))
        self.assertEqual(row.asked_at, at("2026-03-05 09:00"))
        self.assertEqual(row.mention_id, first)

    def test_closing_too_late_is_told(self):
        """More working time than the target is too late."""
        self.make_policy(resolution_target=90, resolution_unit="minutes")
        mention = self.ask("2026-03-05 09:00")
        self.assertDue(mention, None)
        with freeze_time("2026-03-05 10:31"):
            mention.action_done()
        row = self.facts(mention)
        self.assertEqual((row.kind, row.breached, row.seconds), ("resolution", True, 91 * 60))

    def test_agents_close_and_answer(self):
        """Facts are written whoever works, though nobody may write them by hand."""
        mention = self.ask("2026-03-05 09:00")
        mention.with_user(self.agent).action_done()
        row = self.facts(mention)
        self.assertEqual((row.kind, row.user_id), ("resolution", self.agent))
        other = self.ask("2026-03-05 09:00", author="bob")
        self.env["community.response"].with_user(self.agent)._record_answers_to(other.with_user(self.agent))
        self.assertEqual(self.facts(other).kind, "first")
        with self.assertRaises(AccessError):
            row.with_user(self.admin).write({"seconds": 1})

    def test_ignored_is_not_resolved(self):
        """What nobody dealt with has no time until closed."""
        self.make_policy(minutes=30)
        mention = self.ask("2026-03-05 09:00")
        mention.action_ignore()
        self.assertFalse(self.facts(mention))

    def test_medians_of_each_group_and_of_all(self):
        """Median, 90th percentile and share too late are those of each group, and of all at once."""
        self.make_policy(minutes=60, hours="always")
        support, sales = self.env["community.department"].create([{"name": "Support 1"}, {"name": "Sales 1"}])
        for number, (minutes, department) in enumerate([
            (10, support), (20, support), (90, support), (30, sales), (120, sales),
        ]):  # fmt: skip
            mention = self.ask("2026-03-05 10:00", author=f"person {number}")
            mention.department_id = department
            self.answer(mention, f"2026-03-05 {10 + minutes // 60}:{minutes % 60:02}")
        report = self.env["community.response.report"].with_user(self.agent)
        domain = [("department_id", "in", (support | sales).ids), ("kind", "=", "first")]
        specs = ["median:avg", "ninetieth:avg", "late_share:avg", "late_count:sum", "__count"]
        rows = report._read_group(domain, ["department_id"], specs)
        found = {department.name: values for department, *values in rows}
        self.assertEqual([round(value, 4) for value in found["Support 1"]], [0.3333, 1.2667, 33.3333, 1, 3])
        self.assertEqual([round(value, 4) for value in found["Sales 1"]], [1.25, 1.85, 50, 1, 2])
        ((median, *_rest),) = report._read_group(domain, [], specs)
        self.assertEqual(median, 0.5)

    def test_days_are_the_company_s(self):
        """An answer just after midnight in Madrid counts for the new day."""
        self.make_policy(minutes=30, hours="always")
        mention = self.ask("2026-03-05 22:50")
        self.answer(mention, "2026-03-05 23:05")
        self.assertEqual(str(self.facts(mention).day), "2026-03-06")

    def test_a_thousand_are_closed_with_few_queries(self):
        """Closing many conversations at once takes no query for each."""
        mentions = self.env["community.mention"]
        for size in (5, 50):
            batch = self.take(*[
                self.item(f"many-{size}-{i}", "Hello", f"many-{size}-{i}", origin="own") for i in range(size)
            ])  # fmt: skip
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.cr.sql_log_count
            self.env["community.response"]._record_resolutions(batch.conversation_id)
            batch.write({"state": "done"})
            self.env["community.response"]._record_resolutions(batch.conversation_id)
            count = self.cr.sql_log_count - before
            mentions |= batch
            if size == 5:
                few = count
        self.assertEqual(len(self.facts(mentions)), 55)
        self.assertLessEqual(count, few + 20)
