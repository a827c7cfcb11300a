from datetime import UTC, datetime, timedelta
from unittest.mock import patch

from odoo.exceptions import ValidationError
from odoo.fields import Command
from odoo.tests import tagged

from odoo.addons.community_manager.wizards import abstract_try

from .routing_common import RoutingCase


@tagged("post_install", "-at_install")
class TestTry(RoutingCase):
    """A trial tells what would happen, and nothing happens."""

    def recent(self, text, days=1, **values):
        return self.say(text, published_at=datetime.now(UTC) - timedelta(days=days), **values)

    def world(self):
        """Return everything that a trial might change."""
        self.env.flush_all()
        self.env.invalidate_all()
        state = {}
        for table in ("mention", "author", "rule", "topic", "keyword", "mention_rule_rel", "conversation"):
            self.cr.execute(f"SELECT * FROM community_{table} ORDER BY 1, 2")
            state[table] = self.cr.fetchall()
        for table in ("crm_lead", "project_task", "mail_message", "mail_activity", "bus_bus"):
            self.cr.execute(f"SELECT count(*) FROM {table}")
            state[table] = self.cr.fetchone()
        return state

    def try_rule(self, rule, days=7):
        action = rule.with_user(self.manager).action_try()
        trial = self.env[action["res_model"]].with_user(self.manager).browse(action["res_id"])
        if days != trial.days:
            trial.days = days
            trial.action_try()
        return trial

    def test_a_rule_is_tried_and_nothing_changes(self):
        wanted = self.recent("What does it cost? I want to buy") | self.recent("buy, buy", author="bob")
        self.recent("nothing of interest")
        rule = self.make_rule(
            keywords="buy\ncost", user_id=self.agent.id, lead_action="create", ticket_action="create", priority="3"
        )
        before = self.world()
        trial = self.try_rule(rule)
        self.assertEqual(self.world(), before)
        self.assertEqual((trial.match_count, trial.read_count), (2, 3))
        self.assertAlmostEqual(trial.share, 2 / 3)
        self.assertEqual(trial.line_ids.mention_id, wanted)
        self.assertEqual(set(trial.line_ids.mapped("words")), {"cost, buy", "buy"})
        self.assertFalse(trial.cut_off)

    def test_only_the_days_that_were_asked_for_are_looked_at(self):
        self.recent("buy", days=2)
        self.recent("buy", days=20)
        rule = self.make_rule(keywords="buy", priority="1")
        self.assertEqual(self.try_rule(rule).match_count, 1)
        self.assertEqual(self.try_rule(rule, days=30).match_count, 2)

    def test_what_we_wrote_and_what_was_deleted_does_not_count(self):
        self.recent("buy", outgoing=True)
        self.recent("buy")._erase_content()
        rule = self.make_rule(keywords="buy", priority="1")
        self.assertEqual(self.try_rule(rule).read_count, 0)

    def test_it_says_which_mentions_go_to_an_earlier_rule(self):
        self.recent("buy red")
        self.recent("buy blue")
        self.make_rule("Red first", sequence=1, keywords="red", priority="1")
        self.make_rule("Goes on", sequence=2, keywords="blue", priority="1", stop=False)
        rule = self.make_rule("Buy", sequence=3, keywords="buy", priority="1")
        self.make_rule("Below", sequence=4, keywords="buy", priority="1")
        trial = self.try_rule(rule)
        self.assertEqual((trial.match_count, trial.earlier_count), (2, 1))
        self.assertEqual(sorted(line.earlier or "" for line in trial.line_ids), ["", "Red first"])

    def test_a_rule_at_rest_can_be_tried(self):
        self.recent("buy")
        rule = self.make_rule(keywords="buy", priority="1", active=False)
        self.assertEqual(self.try_rule(rule).match_count, 1)

    def test_the_sample_is_bounded_and_the_count_is_not(self):
        for place in range(5):
            self.recent(f"buy {place}")
        rule = self.make_rule(keywords="buy", priority="1")
        with patch.object(abstract_try, "SAMPLE", 2), patch.object(abstract_try, "CHUNK", 2):
            trial = self.try_rule(rule)
        self.assertEqual((trial.match_count, len(trial.line_ids)), (5, 2))

    def test_a_trial_that_cannot_read_everything_says_how_far_it_came(self):
        for days in (1, 2, 3):
            self.recent("buy", days=days)
        rule = self.make_rule(keywords="buy", priority="1")
        with patch.object(abstract_try, "READ_LIMIT", 2):
            trial = self.try_rule(rule)
        self.assertTrue(trial.cut_off)
        self.assertEqual(trial.match_count, 2)
        self.assertEqual(trial.read_since.date(), (datetime.now(UTC) - timedelta(days=2)).date())

    def test_mentions_of_other_companies_are_not_read(self):
        theirs = self.make_quiet_channel("Theirs", company_id=self.other_company.id)
        self.recent("buy", channel=theirs)
        rule = self.make_rule(keywords="buy", priority="1")
        self.assertEqual(self.try_rule(rule).read_count, 0)

    def test_words_of_a_topic_are_tried_before_they_are_kept(self):
        topic = self.make_topic("Shoes", "boot")
        self.recent("a shoe")
        self.recent("a boot")
        self.recent("a shoe for a horse")
        before = self.world()
        action = topic.with_user(self.manager).action_try()
        trial = self.env[action["res_model"]].with_user(self.manager).browse(action["res_id"])
        self.assertEqual((trial.match_count, trial.changed), (1, False))
        trial.keyword_ids = [Command.create({"name": "shoe*"}), Command.create({"name": "horse", "exclude": True})]
        trial.action_try()
        self.assertEqual((trial.match_count, trial.read_count, trial.changed), (2, 3, True))
        self.assertEqual(set(trial.line_ids.mapped("words")), {"boot", "shoe*"})
        self.assertEqual(self.world(), before)
        trial.action_keep()
        self.assertEqual(topic.keyword_ids.sorted("id").mapped("name"), ["boot", "shoe*", "horse"])
        self.assertEqual(topic.keyword_ids.filtered("exclude").name, "horse")

    def test_words_that_find_nothing_by_nature_are_refused(self):
        topic = self.make_topic("Shoes", "boot")
        with self.assertRaises(ValidationError):
            self.env["community.topic.try"].create(
                {"topic_id": topic.id, "keyword_ids": [Command.create({"name": "#"})]}
            )
