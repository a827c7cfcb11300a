from datetime import UTC, timedelta

from odoo import fields
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import tagged

from .common import item
from .crisis_common import CrisisCase


class CrisisRecordCase(CrisisCase):
    """A company with a playbook, in which a crisis can be opened."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.spokesperson = cls.env.ref("community_manager.role_spokesperson")
        cls.support = cls.env.ref("community_manager.role_support")
        cls.speaker = cls._new_user("speaker", "community_manager.group_agent")
        cls.playbook = cls.env["community.playbook"].create(
            {
                "name": "Fire",
                "level": "3",
                "hold_scope": "all",
                "approve_answers": True,
                "member_ids": [
                    (0, 0, {"role_id": cls.spokesperson.id, "user_id": cls.speaker.id}),
                    (0, 0, {"role_id": cls.support.id, "user_id": cls.agent.id}),
                ],
                "task_ids": [
                    (0, 0, {"name": "Find out", "role_id": cls.support.id, "offset": 15}),
                    (0, 0, {"name": "Speak", "role_id": cls.spokesperson.id, "offset": 60}),
                ],
                "statement_ids": [
                    (0, 0, {"name": "First", "language": "en", "text": "We look into it."}),
                    (0, 0, {"name": "First", "language": "es", "text": "Lo estamos mirando."}),
                ],
            }
        )

    def open_crisis(self, **values):
        """Open a crisis as the manager would; return it."""
        values = {"name": "Lamps", "playbook_id": self.playbook.id, "topic_ids": [(6, 0, self.topic.ids)], **values}
        dialog = self.env["community.crisis.open"].with_user(self.manager).create(values)
        return self.env["community.crisis"].browse(dialog.action_open()["res_id"])

    def answer(self, text, mention=None, way="reply"):
        return (mention or self.mention).with_user(self.agent)._reply(text, way).sudo()

    def arrive(self, number, text="My acme lamp is hot", **values):
        values.setdefault("published_at", fields.Datetime.now())
        values["published_at"] = values["published_at"].replace(tzinfo=UTC)
        self.ingest(self.channel, item(str(number), text=text, author=f"a{number}", **values))
        return self.mentions(self.channel, external_id=str(number))

    def send(self):
        self.env["community.reply"].search([("next_try_at", "!=", False)]).next_try_at = "2020-01-01 00:00:00"
        self.env["community.outbox"]._send(20)
        self.env.invalidate_all()

    def texts(self):
        return sorted(entry[1] for entry in self.toy.sent)

    def kinds(self, crisis):
        return crisis.event_ids.sorted("id").mapped("kind")


@tagged("post_install", "-at_install")
class TestCrisis(CrisisRecordCase):
    """A crisis gives each their task, holds back what should not go out, gathers and counts."""

    def test_a_playbook_becomes_tasks_roles_and_drafts(self):
        before = fields.Datetime.now()
        crisis = self.open_crisis()
        self.assertEqual((crisis.level, crisis.hold_scope, crisis.approve_answers), ("3", "all", True))
        self.assertEqual(crisis.user_id, self.manager)
        self.assertEqual(crisis.task_ids.mapped("user_id"), self.agent | self.speaker)
        first = crisis.task_ids[0]
        self.assertEqual((first.name, first.due_at - crisis.opened_at), ("Find out", timedelta(minutes=15)))
        self.assertGreaterEqual(crisis.opened_at, before)
        self.assertEqual(set(crisis.statement_ids.mapped("state")), {"draft"})
        self.assertEqual(crisis.activity_ids.user_id, self.agent | self.speaker)
        self.assertEqual(self.kinds(crisis)[:2], ["opened", "hold"])

    def test_tasks_are_done_by_whom_they_concern(self):
        crisis = self.open_crisis()
        task = crisis.task_ids[0]
        with self.assertRaises(AccessError):
            task.with_user(self.speaker).action_done()
        task.with_user(self.agent).action_done()
        self.assertEqual((task.done_by_id, crisis.task_state), (self.agent, "1/2"))
        self.assertFalse(crisis.activity_ids.filtered(lambda activity: activity.user_id == self.agent))
        with self.assertRaises(AccessError):
            task.with_user(self.speaker).action_undo()
        task.with_user(self.agent).action_undo()
        self.assertFalse(task.done_at)

    def test_a_crisis_that_is_not_over_reminds_of_its_tasks_again(self):
        crisis = self.open_crisis()
        people = crisis.activity_ids.user_id
        crisis.with_user(self.manager).action_close()
        self.assertFalse(crisis.activity_ids)
        crisis.with_user(self.manager).action_reopen()
        self.assertEqual(crisis.activity_ids.user_id, people)

    def test_a_role_that_changes_hands_takes_its_tasks_along(self):
        crisis = self.open_crisis()
        crisis.member_ids.filtered(lambda member: member.role_id == self.support).user_id = self.admin
        self.assertEqual(crisis.task_ids[0].user_id, self.admin)
        self.assertEqual(crisis.task_ids[0].activity_id.user_id, self.admin)

    def test_what_is_late_is_told_to_the_owner_once(self):
        crisis = self.open_crisis()
        crisis.opened_at = fields.Datetime.now() - timedelta(minutes=30)
        for _time in range(2):
            self.env["community.crisis"]._attend_all()
        self.assertEqual(self.kinds(crisis).count("escalation"), 1)
        late = crisis.activity_ids.filtered(lambda activity: activity.user_id == self.manager)
        self.assertEqual(late.mapped("summary"), ["Late: Find out"])

    def test_mentions_of_the_past_and_the_future_are_gathered(self):
        old, recent = self.say([fields.Datetime.now() - timedelta(hours=hours) for hours in (30, 3)])
        crisis = self.open_crisis()
        new = self.arrive(1)
        other = self.arrive(2, text="Acme again", published_at=fields.Datetime.now() - timedelta(days=9))
        self.assertEqual(crisis.mention_ids, recent | new)
        self.assertEqual((new.priority, recent.priority, old.priority, other.priority), ("3", "3", "0", "0"))

    def test_words_gather_what_no_topic_finds(self):
        crisis = self.open_crisis(topic_ids=[], words="smoke, brand*, ???")
        smoke = self.arrive(1, text="Smoke from my ACME lamp")
        fine = self.arrive(2, text="Acme is fine")
        self.assertEqual((smoke.crisis_id, fine.crisis_id), (crisis, self.env["community.crisis"]))

    def test_many_mentions_leave_a_crisis_at_the_cost_of_few(self):
        crisis = self.open_crisis()
        now = fields.Datetime.now()
        few, many = self.say([now] * 2, crisis_id=crisis.id), self.say([now] * 60, crisis_id=crisis.id)
        costs = []
        for mentions in (few, many):
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            mentions.action_leave_crisis()
            self.env.flush_all()
            costs.append(self.env.cr.sql_log_count - before)
        self.assertLess(costs[1], costs[0] + 10)
        self.assertEqual(crisis.left_out_ids, few | many)

    def test_a_mention_that_is_taken_out_stays_out(self):
        crisis = self.open_crisis()
        mention = self.arrive(1)
        mention.with_user(self.agent).action_leave_crisis()
        crisis.action_gather()
        self.assertFalse(mention.crisis_id)
        mention.with_user(self.agent).crisis_id = crisis
        self.assertNotIn(mention, crisis.left_out_ids)

    def test_gathering_costs_no_query_for_each_mention(self):
        self.open_crisis()
        ingest = self.env["community.ingest"]
        values = {"topic_ids": [(6, 0, self.topic.ids)], "text": "x", "published_at": fields.Datetime.now()}
        many = [dict(values) for _number in range(500)]
        ingest._complete(self.channel, [dict(values)])
        before = self.env.cr.sql_log_count
        ingest._complete(self.channel, many)
        self.assertLess(self.env.cr.sql_log_count - before, 12)
        self.assertTrue(all(one["crisis_id"] for one in many))

    def test_an_alert_becomes_a_crisis_with_its_mentions(self):
        said = self.say([fields.Datetime.now() - timedelta(hours=30)], topics=self.env["community.topic"])
        alert = self.env["community.alert"].create(
            {"watch_id": self.watch.id, "company_id": self.company.id, "kind": "risk", "moment": said.published_at}
            | {"seen_at": fields.Datetime.now(), "mention_ids": [(6, 0, said.ids)]}
        )
        action = alert.with_user(self.manager).action_open_crisis()
        defaults = {key[8:]: value for key, value in action["context"].items() if key.startswith("default_")}
        defaults.update(alert_ids=[(6, 0, defaults["alert_ids"])], topic_ids=[(6, 0, defaults["topic_ids"])])
        crisis = self.open_crisis(**defaults)
        self.assertEqual((alert.state, alert.crisis_id, said.crisis_id), ("crisis", crisis, crisis))
        self.assertIn("alert", self.kinds(crisis))
        with self.assertRaises(UserError):
            alert.with_user(self.manager).action_open_crisis()

    def test_further_alerts_join_the_crisis(self):
        """Who is in the crisis already is not told of it as if it were news."""
        self.watch.write({"risk_count": 3, "user_ids": [(6, 0, self.manager.ids)]})
        risk = self.make_topic("Fire", "fire", kind="risk")
        crisis = self.open_crisis()
        now = fields.Datetime.now()
        said = self.say([now - timedelta(minutes=minutes) for minutes in (1, 2, 3)], topics=self.topic | risk)
        crisis._gather()
        self.assertEqual(said.crisis_id, crisis)
        self.look(now)
        alert = self.alerts()
        self.assertEqual((alert.crisis_id, alert.state), (crisis, "crisis"))
        self.assertFalse(alert.activity_ids)

    def test_figures_are_counted_and_stay_after_the_end(self):
        crisis = self.open_crisis(hold_scope="none")
        mentions = self.arrive(1) | self.arrive(2) | self.arrive(3)
        mentions[0].sentiment = "negative"
        crisis.statement_ids[0].with_user(self.speaker).action_approve()
        self.answer("We look into it.", mentions[1])
        self.send()
        self.env["community.crisis"]._attend_all()
        self.assertEqual((crisis.mention_count, crisis.hour_count, crisis.peak_count), (3, 3, 3))
        self.assertAlmostEqual(crisis.negative_share, 1 / 3, 3)
        self.assertAlmostEqual(crisis.answered_share, 1 / 3, 3)
        self.assertEqual(crisis.statement_uses, 1)
        self.assertEqual(sum(point[1] for point in crisis.chart["points"]), 3)
        crisis.with_user(self.manager).action_close()
        self.say([fields.Datetime.now()], crisis_id=crisis.id)
        crisis._refresh_figures()
        self.assertEqual((crisis.mention_count, crisis.stage), (3, "closed"))
        self.assertIn("3 mentions", crisis._chart_sentence())

    def test_the_timeline_fills_itself_and_is_not_changed(self):
        crisis = self.open_crisis()
        crisis.level = "2"
        crisis.level = "3"
        crisis.with_user(self.manager).action_contain()
        self.assertEqual(self.kinds(crisis)[2:], ["level", "escalation", "stage"])
        event = self.env["community.crisis.event"].with_user(self.manager)
        note = event.create({"crisis_id": crisis.id, "text": "The press called", "kind": "alert"})
        self.assertEqual((note.kind, note.user_id), ("note", self.manager))
        with self.assertRaises(AccessError):
            note.write({"text": "Nobody called"})

    def test_stakeholders_are_written_to_and_that_is_noted(self):
        partner = self.env["res.partner"].create({"name": "Mayor", "email": "mayor@example.com"})
        crisis = self.open_crisis()
        people = self.env["community.crisis.stakeholder"].with_user(self.manager)
        known = people.create({"crisis_id": crisis.id, "partner_id": partner.id, "hours": 2})
        bare = people.create({"crisis_id": crisis.id, "email": "shop@example.com"})
        with self.assertRaises(ValidationError):
            people.create({"crisis_id": crisis.id})
        action = crisis.with_user(self.manager).action_inform()
        compose = self.env["mail.compose.message"].with_user(self.manager).with_context(**action["context"])
        wizard = compose.create({})
        self.assertIn("Lamps", wizard.body)
        self.assertEqual(len(wizard.partner_ids), 2)
        wizard._action_send_mail()
        self.assertTrue(known.informed_at and bare.informed_at)
        self.assertEqual(known.due_at - known.informed_at, timedelta(hours=2))
        self.assertIn("inform", self.kinds(crisis))
        known.informed_at = fields.Datetime.now() - timedelta(hours=3)
        for _time in range(2):
            self.env["community.crisis"]._attend_all()
        reminders = crisis.activity_ids.filtered(lambda activity: "Inform" in (activity.summary or ""))
        self.assertEqual(reminders.user_id, self.manager)
        self.assertEqual(len(reminders), 1)

    def test_the_inbox_the_mention_and_the_composer_say_so(self):
        crisis = self.open_crisis()
        mention = self.arrive(1).with_user(self.agent)
        notice = self.env["community.home"].with_user(self.agent).get_notice()
        self.assertEqual([entry["id"] for entry in notice["crises"]], [crisis.id])
        self.assertIn("Lamps", mention.crisis_notice)
        codes = [warning["code"] for warning in mention.check_reply("Whatever", "reply")["warnings"]]
        self.assertIn("crisis", codes)
        crisis.with_user(self.manager).action_close()
        mention.invalidate_recordset()
        self.assertFalse(mention.crisis_notice)
        self.assertFalse(self.env["community.home"].with_user(self.agent).get_notice()["crises"])

    def test_an_open_crisis_is_not_deleted(self):
        crisis = self.open_crisis()
        with self.assertRaises(UserError):
            crisis.unlink()

    def test_a_review_follows_and_can_be_printed(self):
        crisis = self.open_crisis()
        with self.assertRaises(UserError):
            crisis.with_user(self.manager).action_review()
        crisis.with_user(self.manager).action_close()
        crisis.with_user(self.manager).write(
            {"what_happened": "<p>Lamps were hot</p>", "followup_ids": [(0, 0, {"name": "Test", "followup": True})]}
        )
        crisis.with_user(self.manager).action_review()
        html = self.env["ir.actions.report"]._render_qweb_html("community_manager.report_crisis", crisis.ids)[0]
        self.assertIn(b"Lamps were hot", html)
        self.assertEqual((crisis.stage, crisis.followup_ids.mapped("name")), ("reviewed", ["Test"]))

    def test_starter_playbooks_speak_both_languages(self):
        for name in ("product", "outage", "post"):
            playbook = self.env.ref(f"community_manager.playbook_{name}")
            self.assertEqual(set(playbook.statement_ids.mapped("language")), {"en", "es"})
            self.assertGreater(len(playbook.task_ids), 5)
            self.assertLessEqual(playbook.task_ids.role_id, playbook.member_ids.role_id)
