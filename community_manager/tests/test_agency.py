from odoo.exceptions import AccessError, ValidationError
from odoo.tests import tagged
from odoo.tools import mute_logger

from .handoff_common import HandoffCase

QUIET_RULES = ("odoo.addons.base.models.ir_rule", "odoo.orm.models", "odoo.addons.base.models.ir_model")


@tagged("post_install", "-at_install")
class TestAgency(HandoffCase):
    """People of an agency see and answer the channels they were given, and nothing else, however they ask."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.outside = cls._new_user("outside", "community_manager.group_agency")
        cls.theirs = cls.make_channel("Theirs", agency_user_ids=[(6, 0, cls.outside.ids)])
        cls.secret = cls.env["res.partner"].create({"name": "Carla Secret", "email": "carla@secret.example"})

    def setUp(self):
        super().setUp()
        self.mine = self.say("Acme, when do you open?", "ann", channel=self.theirs, conversation_id="open")
        self.other = self.say("Acme, my order 4711 is late", "bob", channel=self.desk)
        (self.mine.author_id | self.other.author_id).write({"partner_id": self.secret.id})
        self.seen = self.mine.with_user(self.outside)
        self.env.flush_all()
        self.env.invalidate_all()

    def as_agency(self, model):
        return self.env[model].with_user(self.outside).with_context(active_test=False)

    def refused(self, call, *args, **kwargs):
        """Check that a call is refused by rights."""
        with self.assertRaises(AccessError), mute_logger(*QUIET_RULES):
            call(*args, **kwargs)

    # -- what is seen -------------------------------------------------------------------------------------------------

    def test_records_of_their_channels_alone(self):
        for model, wanted in {
            "community.channel": self.theirs,
            "community.mention": self.mine,
            "community.author": self.mine.author_id,
            "community.conversation": self.mine.conversation_id,
        }.items():
            with self.subTest(model=model):
                self.assertEqual(self.as_agency(model).search([]).ids, wanted.ids)
                self.assertEqual(self.as_agency(model).search_count([]), 1)
        self.refused(self.other.with_user(self.outside).read, ["text"])
        self.refused(self.other.author_id.with_user(self.outside).read, ["name"])
        self.assertFalse(self.as_agency("community.mention").name_search("order 4711"))
        self.assertFalse(self.as_agency("community.author").name_search("bob"))
        groups = self.as_agency("community.mention").formatted_read_group([], ["channel_id"], ["__count"])
        self.assertEqual([(group["channel_id"][0], group["__count"]) for group in groups], [(self.theirs.id, 1)])

    def test_screens_are_not_mixed_up_with_those_of_colleagues(self):
        """Whoever opens a list first decides nothing about what others see."""
        for model in ("community.mention", "community.reply"):
            for first, second in ((self.outside, self.agent), (self.agent, self.outside)):
                with self.subTest(model=model, first=first.login):
                    self.env.registry.clear_cache("templates")
                    seen = {
                        user: self.env[model].with_user(user).get_view(view_type="list")["id"]
                        for user in (first, second)
                    }
                    name = model.split(".")[1]
                    self.assertEqual(seen[self.outside], self.env.ref(f"community_manager.{name}_view_list_agency").id)
                    self.assertNotEqual(seen[self.agent], seen[self.outside])

    def test_their_screens_can_be_read(self):
        for view, model in (("form", self.seen), ("list", self.seen)):
            arch = model.get_view(view_type=view)
            names = list(arch["models"]["community.mention"])
            self.assertTrue(self.seen.read(names))
        with self.assertRaises(AccessError):
            self.seen.get_view(view_type="kanban")

    def test_fields_that_lead_elsewhere_are_refused(self):
        fields_of = {
            "community.mention": ["partner_id", "lead_id", "task_id", "topic_ids", "handoff_ids", "rule_ids", "body"],
            "community.author": ["partner_id", "email", "lead_id", "link_origin"],
            "community.channel": ["settings", "responder_ids", "agency_user_ids", "topic_ids", "last_error"],
            "community.conversation": ["next_look_at"],
        }
        for model, names in fields_of.items():
            record = self.as_agency(model).search([])
            for name in names:
                if name not in record._fields:
                    continue
                with self.subTest(model=model, field=name):
                    self.assertNotIn(name, record.fields_get())
                    self.refused(record.read, [name])
                    self.refused(record.search, [(name, "!=", False)])
                    if record._fields[name].store:
                        self.refused(record.formatted_read_group, [], [name], ["__count"])
        self.refused(self.seen.search, [("author_id.partner_id.name", "ilike", "Secret")])
        self.refused(self.seen.web_read, {"author_id": {"fields": {"partner_id": {}}}})
        every = self.seen.read()[0]
        self.assertNotIn("Carla", str(every))
        self.assertNotIn("partner_id", every)

    def test_nothing_of_other_applications(self):
        lead = self.env["crm.lead"].create({"name": "Big one", "partner_id": self.secret.id})
        task = self.env["project.task"].create(
            {"name": "Ticket", "project_id": self.company._get_community_ticket_project().id}
        )
        self.env["sale.order"].create({"partner_id": self.secret.id})
        self.env["rating.rating"].create(
            {
                "res_model_id": self.env["ir.model"]._get_id("project.task"),
                "res_id": task.id,
                "partner_id": self.secret.id,
                "feedback": "Carla says",
            }
        )
        product = self.env["product.template"].create({"name": "Chair"})
        self.env["product.supplierinfo"].create({"partner_id": self.secret.id, "product_tmpl_id": product.id})
        self.outside.group_ids += self.env.ref("sales_team.group_sale_manager")
        self.outside.group_ids += self.env.ref("project.group_project_manager")
        closed = ("crm.lead", "sale.order", "project.task", "project.project", "rating.rating", "product.supplierinfo")
        for model in closed:
            with self.subTest(model=model):
                self.assertFalse(self.as_agency(model).search([]), "whatever other roles they have")
        self.refused(lead.with_user(self.outside).read, ["name"])
        self.refused(task.with_user(self.outside).read, ["name"])
        self.assertFalse(self.as_agency("res.partner").name_search("Carla"))
        self.refused(self.secret.with_user(self.outside).read, ["email"])

    def test_models_of_the_addon_that_are_not_theirs(self):
        open_to_them = {
            "community.network",
            "community.channel",
            "community.author",
            "community.conversation",
            "community.mention",
            "community.reply",
            "community.handoff",
        }
        # what all colleagues may do, they may as employees: nothing of it shows what others said or did
        for name, model in self.registry.items():
            if not name.startswith("community.") or model._abstract or model._transient or name in open_to_them:
                continue
            records = self.as_agency(name)
            if records.has_access("read"):
                with self.subTest(model=name):
                    self.assertTrue(self.env[name].with_user(self.outsider).has_access("read"), "employees may as well")
        self.assertFalse(self.as_agency("community.handoff").search([]))

    # -- what is done --------------------------------------------------------------------------------------------------

    def test_they_answer_their_channels(self):
        options = self.seen.get_reply_options()
        self.assertEqual([entry["id"] for entry in options["channels"]], [self.theirs.id])
        self.assertTrue(self.seen.check_reply("We open at nine.", "reply")["length"])
        self.seen.send_reply("We open at nine.", "reply", self.theirs.id)
        self.send()
        self.assertEqual([entry[1] for entry in self.toy.sent], ["We open at nine."])
        reply = self.env["community.reply"].search([])
        self.assertEqual((reply.user_id, reply.state, self.mine.state), (self.outside, "sent", "done"))
        self.assertEqual(self.as_agency("community.reply").search([]).read(["text"])[0]["text"], "We open at nine.")

    def test_they_do_not_answer_as_another_account(self):
        self.refused(self.seen.send_reply, "We open at nine.", "reply", self.desk.id)
        self.refused(
            self.as_agency("community.reply").create,
            {"mention_id": self.mine.id, "channel_id": self.desk.id, "text": "x", "company_id": self.company.id},
        )
        self.refused(self.other.with_user(self.outside).send_reply, "x", "reply", self.theirs.id)
        self.assertFalse(self.env["community.reply"].search([]))

    def test_they_work_through_their_list(self):
        self.seen.action_assign_to_me()
        self.assertEqual((self.mine.user_id, self.mine.state), (self.outside, "open"))
        self.seen.action_done()
        self.assertEqual(self.mine.state, "done")
        self.seen.action_reopen()
        self.assertEqual(self.mine.state, "open")
        for button in ("action_assign_to_me", "action_done", "action_ignore"):
            self.refused(getattr(self.other.with_user(self.outside), button))
        self.refused(self.seen.write, {"priority": "3"})
        self.refused(self.seen.unlink)

    def test_every_other_call_is_refused(self):
        """Also those that are added later: what is not opened is closed."""
        calls = ["action_create_lead", "action_create_ticket", "action_hand_off", "action_moderate", "get_why"]
        calls += ["action_open_lead", "get_side", "get_understood", "action_spam", "get_desk", "action_open_handoffs"]
        for name in calls:
            method = getattr(type(self.seen), name, None)
            if method is None:
                continue
            with self.subTest(call=name):
                self.assertTrue(hasattr(method, "_agency_limit"), "every call of the addon has the limit")
                self.refused(getattr(self.seen, name))
        author = self.mine.author_id.with_user(self.outside)
        for name in ("get_person", "action_look_up"):
            if hasattr(type(author), name):
                self.refused(getattr(author, name))
        self.refused(self.theirs.with_user(self.outside).action_listen_now)

    def test_what_other_applications_add_is_closed_too(self):
        """Whoever follows a channel is mailed what colleagues write on it; a notification would reach any contact."""
        for record in (self.seen, self.theirs.with_user(self.outside)):
            with self.subTest(model=record._name):
                self.refused(record.message_subscribe, self.outside.partner_id.ids)
                self.refused(record.message_notify, partner_ids=self.secret.ids, subject="Hello", body="Hello")
        self.seen.send_reply("We open at nine.", "reply", self.theirs.id)
        reply = self.as_agency("community.reply").search([])
        self.refused(reply.message_subscribe, self.outside.partner_id.ids)

    def test_figures_and_orders_do_not_tell_what_fields_do_not(self):
        """A related field is read as superuser by aggregates, so it is looked at before."""
        for field in ("partner_id", "conversation_id"):
            with self.subTest(field=field):
                self.refused(self.seen.formatted_read_group, [], [], [f"{field}:array_agg"])
                self.refused(self.seen.formatted_read_group, [], ["channel_id"], [f"{field}:count_distinct"])
                self.refused(self.seen._read_group, [], ["channel_id"], having=[(f"{field}:max", ">", 0)])
                self.refused(self.seen.search, [], order=field)
        self.assertEqual(self.seen.search([], order="author_id, channel_id"), self.seen)

    def test_no_exports(self):
        self.refused(self.seen.export_data, ["text"])
        self.outside.group_ids += self.env.ref("base.group_allow_export")
        self.refused(self.seen.export_data, ["text"])
        self.refused(self.as_agency("community.author").search([]).export_data, ["name"])

    def test_conversations_show_their_part_alone(self):
        inside = self.say("Our staff knows", "eve", channel=self.desk, conversation_id="open")
        inside.sudo().conversation_id = self.mine.conversation_id
        self.env.invalidate_all()
        shown = self.seen.get_conversation()
        self.assertEqual([entry["id"] for entry in shown["mentions"]], self.mine.ids)
        self.assertNotIn("Our staff", str(shown))
        self.assertEqual(shown["mentions"][0]["versions"], [])

    def elsewhere(self):
        """Return a mention of the same conversation that came through another channel."""
        inside = self.say("Our staff knows", "eve", channel=self.desk, conversation_id="open")
        inside.sudo().conversation_id = self.mine.conversation_id
        return inside

    def test_questions_before_sending_do_not_repeat_the_rest_of_the_conversation(self):
        inside = self.elsewhere()
        early = {"seen": 1, "opened": "2000-01-01 00:00:00"}
        self.seen.save_draft("We open at nine.", "reply", self.theirs.id)
        sent = self.seen.send_reply("We open at nine.", "reply", self.theirs.id, early)
        self.assertFalse(sent.get("question"), "what others wrote elsewhere is not quoted")
        self.seen.env["community.reply"].browse(sent["id"]).action_cancel()
        colleague = self.mine.with_user(self.agent)
        colleague.send_reply("Carla Secret has the key", "reply", self.desk.id)
        self.assertFalse(inside.reply_ids)
        self.env.invalidate_all()
        self.assertEqual(self.seen.get_reply_options()["replies"], [])
        question = self.seen.send_reply("We open at nine.", "reply", self.theirs.id, early)["question"]
        self.assertEqual(question["code"], "answered", "they do not answer twice either")
        self.assertNotIn("Carla", question["text"])
        shown = self.mine.with_user(self.agent).get_reply_options()["replies"]
        self.assertEqual([entry["text"] for entry in shown], ["Carla Secret has the key"])

    def test_positions_of_the_company_are_not_told(self):
        self.env["community.sensitive"].create(
            {"name": "The merger", "keywords": "merger", "position": "We say nothing", "needs_approval": True}
        )
        words = "About the merger: write to ann@example.com"
        checked = self.seen.check_reply(words, "reply", self.theirs.id)
        self.assertEqual([entry["code"] for entry in checked["warnings"]], ["private_data"])
        self.assertEqual(checked["approval"], ["Waits for approval."])
        theirs = self.mine.with_user(self.agent).check_reply(words, "reply", self.desk.id)
        self.assertIn("We say nothing", str(theirs["warnings"]))
        self.assertIn("merger", str(theirs["approval"]))

    def test_they_answer_and_publish_nothing(self):
        self.refused(self.seen.send_reply, "News!", "publish", self.theirs.id)
        self.assertFalse(self.env["community.reply"].search([]))

    def test_notes_and_files_of_colleagues(self):
        self.mine.message_post(body="Carla Secret ordered twice")
        self.env["ir.attachment"].create(
            {"name": "orders.txt", "raw": b"4711", "res_model": "community.mention", "res_id": self.mine.id}
        )
        messages = self.as_agency("mail.message")
        self.assertFalse(messages.search([("model", "=", "community.mention")]))
        self.refused(self.mine.message_ids[0].with_user(self.outside).read, ["body"])
        self.refused(self.seen.message_post, body="hello")
        self.refused(self.seen.message_subscribe, self.outside.partner_id.ids)
        self.assertFalse(self.as_agency("ir.attachment").search([("res_model", "=", "community.mention")]))
        self.refused(self.seen.read, ["message_ids"])

    def test_comments_are_not_mailed_to_them(self):
        self.mine.sudo().message_subscribe(self.outside.partner_id.ids)
        message = self.mine.message_post(body="Carla Secret", message_type="comment", subtype_xmlid="mail.mt_comment")
        self.assertNotIn(self.outside.partner_id, message.notified_partner_ids)

    # -- who is of an agency ----------------------------------------------------------------------------------------

    def test_nobody_is_both(self):
        with self.assertRaises(ValidationError):
            self.outside.group_ids += self.env.ref("community_manager.group_agent")
            self.env.flush_all()

    def test_a_channel_is_given_to_agencies_alone(self):
        with self.assertRaisesRegex(ValidationError, "role Agency"):
            self.desk.agency_user_ids = self.agent

    def test_taken_back_at_once(self):
        self.theirs.agency_user_ids = False
        self.assertFalse(self.as_agency("community.mention").search([]))
        self.refused(self.seen.read, ["text"])


@tagged("post_install", "-at_install")
class TestWhoAnswers(HandoffCase):
    """An agent of team A cannot answer as team B's channel."""

    def setUp(self):
        super().setUp()
        self.colleague = self._new_user("colleague", "community_manager.group_agent")
        self.channel.active = False
        self.mention = self.heard()
        self.desk.responder_ids = self.colleague

    def test_it_is_not_offered(self):
        options = self.mention.with_user(self.agent).get_reply_options()
        self.assertEqual((options["channels"], options["ways"]), ([], []))
        self.assertIn("Only some colleagues", options["reason"])
        theirs = self.mention.with_user(self.colleague).get_reply_options()
        self.assertEqual([entry["id"] for entry in theirs["channels"]], [self.desk.id])

    def test_another_account_of_the_team_is_offered(self):
        second = self.make_channel("Second")
        options = self.mention.with_user(self.agent).get_reply_options()
        self.assertEqual((options["channel_id"], [one["id"] for one in options["channels"]]), (second.id, second.ids))

    def test_it_is_refused_on_the_server(self):
        mention = self.mention.with_user(self.agent)
        with self.assertRaises(AccessError):
            mention.send_reply("Hello", "reply", self.desk.id)
        with self.assertRaises(AccessError):
            self.env["community.reply"].with_user(self.agent).create(
                {"mention_id": mention.id, "channel_id": self.desk.id, "text": "x", "company_id": self.company.id}
            )

    def test_drafts_of_others_are_not_sent_nor_changed(self):
        draft = self.env["community.reply"].with_user(self.colleague).create(
            {"mention_id": self.mention.id, "channel_id": self.desk.id, "text": "x", "company_id": self.company.id}
        )  # fmt: skip
        with self.assertRaises(AccessError):
            draft.with_user(self.agent).action_queue()
        with self.assertRaises(AccessError):
            draft.with_user(self.agent).text = "Something else"
        draft.with_user(self.manager).text = "Better"
        draft.with_user(self.colleague).action_queue()
        self.send()
        self.assertEqual([entry[1] for entry in self.toy.sent], ["Better"])

    def test_a_draft_is_not_moved_to_it(self):
        second = self.make_channel("Second")
        draft = self.env["community.reply"].with_user(self.agent).create(
            {"mention_id": self.mention.id, "channel_id": second.id, "text": "x", "company_id": self.company.id}
        )  # fmt: skip
        with self.assertRaises(AccessError):
            draft.channel_id = self.desk

    def test_a_department_answers(self):
        self.desk.write({"responder_ids": False, "responder_department_ids": self.quality.ids})
        self.quality.member_ids += self.agent
        self.assertTrue(self.desk._may_answer(self.agent))
        self.assertFalse(self.desk._may_answer(self.colleague))
        self.mention.with_user(self.agent).send_reply("Hello", "reply", self.desk.id)

    def test_nobody_named_means_every_agent(self):
        self.desk.responder_ids = False
        self.assertTrue(self.desk._may_answer(self.agent))
