from collections import Counter
from datetime import timedelta
from unittest.mock import patch

from odoo import fields
from odoo.exceptions import UserError, ValidationError
from odoo.fields import Command
from odoo.tests import tagged
from odoo.tools import mute_logger

from .common import item
from .routing_common import RoutingCase


@tagged("post_install", "-at_install")
class TestRuleActions(RoutingCase):
    """Rules do several things, in order, for a whole page at once."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.ann, cls.bob, cls.cid = [
            cls._new_user(name, "community_manager.group_agent") for name in ("ann", "bob", "cid")
        ]
        cls.team = cls.ann | cls.bob | cls.cid

    def lines(self, *lines, **values):
        """Make a rule for everything with lines, each (kind, values)."""
        commands = [Command.create({"kind": kind, "sequence": n, **v}) for n, (kind, v) in enumerate(lines)]
        values.setdefault("keywords", "hello")
        rule = self.make_rule(**values)
        rule.action_ids = commands
        return rule

    def page(self, count, text="hello there", **values):
        start = self.env["community.mention"].search_count([])
        return self.take(*(item(f"p{start}-{n}", text, f"w{n}", origin="own", **values) for n in range(count)))

    def given(self, mentions):
        return Counter(
            mentions.user_id.browse([mention.user_id.id for mention in mentions]).mapped("login")
        ) and Counter(mention.user_id.login or "" for mention in mentions)

    def test_in_turn_everybody_gets_as_many_over_several_pages(self):
        self.lines(("assign_turn", {"user_ids": self.team.ids}))
        mentions = self.page(4) | self.page(5)
        self.assertEqual(set(self.given(mentions).values()), {3})

    def test_whoever_has_least_open_gets_the_next(self):
        self.page(4).user_id = self.ann
        done = self.page(6)
        done.write({"user_id": self.cid.id, "state": "done"})
        self.lines(("assign_load", {"user_ids": self.team.ids}))
        self.assertEqual(self.given(self.page(8)), {self.bob.login: 4, self.cid.login: 4})
        self.assertEqual(set(self.given(self.page(6)).values()), {2})

    def test_somebody_who_speaks_the_language_and_knows_the_topic(self):
        self.ann.community_languages, self.bob.community_languages = "es", "es, en"
        self.cid.community_languages = "fr"
        topic = self.make_topic("Lamps", "lamp*")
        self.bob.community_topic_ids = topic
        self.lines(("assign_language", {"user_ids": self.team.ids}), keywords="hello\nhola")
        self.assertEqual(
            self.given(self.page(2, "hola a todos", language="es")), {self.ann.login: 1, self.bob.login: 1}
        )
        self.assertEqual(self.given(self.page(2, "hola, las lamp", language="es")), {self.bob.login: 2})
        nobody = self.page(1, "hello", language="de")
        self.assertFalse(nobody.user_id)
        self.assertTrue(nobody.routing_note)

    def test_only_who_is_online(self):
        self.env["mail.presence"].search([("user_id", "in", self.team.ids)]).unlink()
        self.lines(("assign_present", {"user_ids": self.team.ids}))
        alone = self.page(1)
        self.assertFalse(alone.user_id)
        self.assertTrue(alone.routing_note)
        now = fields.Datetime.now()
        self.env["mail.presence"].create(
            [
                {"user_id": self.bob.id, "status": "online", "last_poll": now},
                {"user_id": self.cid.id, "status": "online", "last_poll": now - timedelta(hours=1)},
            ]
        )
        self.assertEqual(self.page(2).user_id, self.bob)

    def test_who_is_away_or_archived_is_passed_over(self):
        self.ann.active = False
        self.bob.out_of_office_from = fields.Datetime.now() - timedelta(hours=1)
        self.lines(("assign_turn", {"user_ids": (self.bob | self.cid).ids}))
        self.assertEqual(self.page(3).user_id, self.cid)

    def test_a_rule_that_names_somebody_who_is_gone_says_so(self):
        self.make_rule(keywords="hello", user_id=self.bob.id, priority="2")
        self.bob.out_of_office_from = fields.Datetime.now() - timedelta(hours=1)
        mention = self.page(1)
        self.assertFalse(mention.user_id)
        self.assertIn(self.bob.name, mention.routing_note)
        self.assertEqual(mention.priority, "2")

    def test_members_of_the_department_are_asked_where_nobody_is_named(self):
        department = self.env["community.department"].create({"name": "Care", "member_ids": self.cid.ids})
        self.lines(("assign_load", {}), department_id=department.id)
        self.assertEqual(self.page(2).user_id, self.cid)

    def test_the_lead_goes_to_whom_the_mention_was_given(self):
        seller = self._new_user("seller", "community_manager.group_agent,sales_team.group_sale_salesman")
        self.lines(("assign_turn", {"user_ids": seller.ids}), ("lead", {}))
        mention = self.page(1)
        self.assertEqual(mention.lead_id.user_id, seller)

    def test_several_things_in_order(self):
        topic = self.make_topic("Extra", "never said")
        department = self.env["community.department"].create({"name": "Care"})
        self.lines(
            ("department", {"department_id": department.id}),
            ("priority", {"priority": "2"}),
            ("topic", {"topic_ids": topic.ids}),
            ("ticket", {}),
            ("activity", {"user_id": self.ann.id, "text": "Look <b>here</b>"}),
            ("snooze", {"hours": 5}),
        )
        mention = self.page(1)
        self.assertEqual((mention.department_id, mention.priority), (department, "2"))
        self.assertIn(topic, mention.topic_ids)
        self.assertTrue(mention.task_id)
        self.assertEqual(mention.activity_ids.user_id, self.ann)
        self.assertNotIn("<b>", mention.activity_ids.note)
        self.assertGreater(mention.snoozed_until, fields.Datetime.now() + timedelta(hours=4))

    def test_what_stands_first_counts(self):
        self.lines(
            ("priority", {"priority": "1"}), ("assign", {"user_id": self.bob.id}), priority="3", user_id=self.ann.id
        )
        mention = self.page(1)
        self.assertEqual((mention.priority, mention.user_id), ("3", self.ann))

    def test_an_answer_is_drafted_and_not_sent(self):
        self.lines(("draft", {"text": "Thank you, {name}! {0} {name.__class__}"}))
        reply = self.env["community.reply"].search([("mention_id", "in", self.page(2).ids)])
        self.assertEqual(set(reply.mapped("state")), {"draft"})
        self.assertEqual(set(reply.mapped("text")), {f"Thank you, W{n}! {{0}} {{name.__class__}}" for n in (0, 1)})

    def test_a_discuss_channel_is_told_once_for_a_page(self):
        discuss = self.env["discuss.channel"].create({"name": "Watch"})
        self.lines(("channel", {"discuss_id": discuss.id}))
        self.page(3, "hello <script>x</script>")
        message = discuss.message_ids.filtered(lambda one: one.message_type == "comment")
        self.assertEqual(len(message), 1)
        self.assertNotIn("<script>", message.body)

    def test_managers_are_asked_to_moderate_once(self):
        self.lines(("moderation", {}))
        mention = self.page(1)
        records = self.env["community.moderation.record"].search([("mention_id", "=", mention.id)])
        self.assertEqual(records.mapped("state"), ["requested"])
        self.env["community.rule"]._apply(mention)
        self.assertEqual(self.env["community.moderation.record"].search_count([("mention_id", "=", mention.id)]), 1)

    def test_a_department_gets_a_hand_off(self):
        department = self.env["community.department"].create({"name": "Care"})
        rule = self.lines(("handoff", {"department_id": department.id}))
        mention = self.page(1)
        self.assertEqual(mention.handoff_ids.department_id, department)
        self.assertEqual(mention.rule_id, rule)

    def test_an_action_that_fails_stops_neither_the_others_nor_the_mention(self):
        self.lines(("activity", {"user_id": self.ann.id}), ("draft", {"text": "Thanks"}))
        line = self.registry["community.rule.action"]

        def fails(lines, mentions):
            if "w1" in mentions.author_id.mapped("external_id"):
                raise UserError("Not this one")

        with (
            patch.object(line, "_run_activity", fails),
            mute_logger("odoo.addons.community_manager.models.routing.community_rule_lines"),
        ):
            mentions = self.page(3)
        self.assertEqual(len(mentions), 3)
        self.assertIn("Not this one", mentions.filtered(lambda one: one.author_id.external_id == "w1").routing_note)
        self.assertEqual(self.env["community.reply"].search_count([("mention_id", "in", mentions.ids)]), 3)

    def test_a_line_needs_what_it_is_about(self):
        for kind in ("assign", "department", "priority", "topic", "handoff", "channel", "draft"):
            with self.subTest(kind=kind), self.assertRaises(ValidationError):
                self.lines((kind, {}))

    def test_a_line_cannot_make_something_of_everything(self):
        with self.assertRaises(ValidationError):
            self.lines(("lead", {}), keywords=False)
        with self.assertRaises(ValidationError):
            self.lines(("ignore", {}), ("lead", {}))

    def test_why_a_mention_is_where_it_is(self):
        rule = self.lines(("priority", {"priority": "1"}), keywords="hello\nbye*")
        mention = self.page(1, "hello and goodbye, byebye")
        self.assertIn(rule.name, mention.rule_why)
        self.assertIn("hello", mention.rule_why)
        self.assertIn("bye*", mention.rule_why)
