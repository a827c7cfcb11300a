from datetime import UTC, datetime, timedelta
from unittest.mock import patch

from odoo import fields
from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged

from odoo.addons.community_manager.wizards import community_reanalyse

from .understanding_common import Plain, UnderstandingCase


class Better(Plain):
    """A later version that finds everything good."""

    version = "better"

    def _reading(self, text, hint):
        return super()._reading(text + " good good" if "bad" not in text else text.replace("bad", "good"), hint)


@tagged("post_install", "-at_install")
class TestReanalyse(UnderstandingCase):
    """Mentions of a period are analysed once more with the version in use."""

    def setUp(self):
        super().setUp()
        patcher = patch.object(self.registry["ir.cron"], "_commit_progress", lambda *_args, **_values: 60.0)
        patcher.start()
        self.addCleanup(patcher.stop)
        self.old = self.said("a bad day with acme", published_at=self.days_ago(40))
        self.new = self.said("another bad day with acme", published_at=self.days_ago(2))
        self.newest = self.said("one more bad day with acme", published_at=self.days_ago(1))
        self.deepen()
        self.use(Better())

    @staticmethod
    def days_ago(days):
        return datetime.now(UTC) - timedelta(days=days)

    def run_of(self, days=7, **values):
        """Make what the dialog makes."""
        return (
            self.env["community.reanalyse"]
            .with_user(self.manager)
            .create({"date_from": fields.Date.today() - timedelta(days=days), "date_to": fields.Date.today(), **values})
        )

    def work(self):
        self.env.flush_all()
        self.env["community.reanalyse"]._cron_reanalyse()
        self.deepen()
        self.env["community.reanalyse"]._cron_reanalyse()
        self.env.invalidate_all()

    def test_a_period_is_read_once_more_and_the_rest_is_left(self):
        run = self.run_of()
        self.assertEqual((run.count, run.corrected_count), (2, 0))
        run.action_start()
        self.work()
        self.assertEqual((self.new.sentiment, self.newest.sentiment), ("positive", "positive"))
        self.assertEqual(self.new.analysis["version"], "better")
        self.assertEqual(self.old.sentiment, "negative")
        self.assertEqual((run.state, run.done, run.total, run.progress), ("done", 2, 2, 100.0))

    def test_what_people_corrected_stays_and_is_counted(self):
        self.new.with_user(self.agent).action_set_sentiment("neutral")
        run = self.run_of()
        self.assertEqual((run.count, run.corrected_count), (2, 1))
        run.action_start()
        self.work()
        self.assertEqual((self.new.sentiment, self.newest.sentiment), ("neutral", "positive"))
        self.assertEqual(self.new.intent_ids.mapped("code"), ["praise"], "which nobody corrected")

    def test_channel_and_topic_narrow_it_down(self):
        other = self.make_channel("Other")
        self.ingest(
            other, self.item("elsewhere", "a bad acme day elsewhere", origin="own", published_at=self.days_ago(1))
        )
        topic = self.make_topic("Days", "more bad day")
        self.newest.topic_ids += topic
        self.assertEqual(self.run_of(channel_ids=other.ids).count, 1)
        self.assertEqual(self.run_of(topic_ids=topic.ids).count, 1)
        self.assertEqual(self.run_of(channel_ids=other.ids, topic_ids=topic.ids).count, 0)

    def test_it_goes_on_where_it_was_interrupted(self):
        run = self.run_of()
        run.action_start()
        with patch.object(community_reanalyse, "BATCH", 1):
            run.sudo()._queue_batch()
            self.assertEqual((run.queued, run.position), (1, self.newest.id))
            self.assertEqual((run.done, run.state), (0, "running"))
            self.deepen()
            self.assertEqual((run.done, run.progress), (1, 50.0))
            self.work()
        self.assertEqual((run.state, run.done), ("done", 2))
        self.assertEqual(self.new.sentiment, "positive")

    def test_it_can_be_stopped_and_gone_on_with(self):
        run = self.run_of()
        run.action_start()
        run.action_stop()
        self.work()
        self.assertEqual((run.state, self.new.sentiment), ("stopped", "negative"))
        run.action_start()
        self.work()
        self.assertEqual((run.state, self.new.sentiment), ("done", "positive"))

    def test_days_are_those_of_who_asks(self):
        # half past eleven in the evening of the fifth in Madrid is the sixth in no place west of it
        self.new.published_at = "2026-03-05 22:30:00"
        self.newest.published_at = "2026-03-05 23:30:00"
        self.manager.tz = "Europe/Madrid"
        run = self.run_of(date_from="2026-03-05", date_to="2026-03-05")
        self.assertEqual(self.env["community.mention"].search(run._domain()), self.new)

    def test_an_empty_period_says_so(self):
        with self.assertRaises(UserError):
            self.run_of(date_from="2001-01-01", date_to="2001-01-02").action_start()

    def test_agents_and_other_companies_cannot(self):
        run = self.run_of()
        with self.assertRaises(AccessError):
            run.with_user(self.agent).action_start()
        with self.assertRaises(AccessError):
            self.env["community.reanalyse"].with_user(self.agent).create({})
        company = self.env["res.company"].create({"name": "Elsewhere"})
        stranger = self._new_user(
            "stranger",
            "community_manager.group_manager",
            company_id=company.id,
            company_ids=[fields.Command.set(company.ids)],
        )
        with self.assertRaises(AccessError):
            run.with_user(stranger).action_start()
        self.assertEqual(self.env["community.reanalyse"].with_user(stranger).create({}).count, 0)
