from odoo.exceptions import UserError
from odoo.tests import tagged

from odoo.addons.community_manager.connectors.items import AuthorItem

from .common import item
from .routing_common import RoutingCase


class TicketCase(RoutingCase):
    """Tickets in Project, whatever else is installed."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env["ir.config_parameter"].set_param("community_manager.ticket_backend", "project")
        cls.project = cls.env["project.project"].create(
            {
                "name": "Complaints",
                "company_id": cls.company.id,
                "type_ids": [(0, 0, {"name": "To do"}), (0, 0, {"name": "Over", "fold": True})],
            }
        )
        cls.department = cls.env["community.department"].create({"name": "Support here", "project_id": cls.project.id})


@tagged("post_install", "-at_install")
class TestTicketsByRule(TicketCase):
    """A rule makes tickets: one open ticket a person, complete, linked both ways."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.rule = cls.make_rule(
            keywords="broken",
            department_id=cls.department.id,
            user_id=cls.agent.id,
            priority="3",
            ticket_action="create",
        )

    def test_a_ticket_says_who_what_where_and_whose_it_is(self):
        bob = AuthorItem("bob", name="Bob", email="bob@example.org")
        mention = self.say("It is broken <b>", author=bob, url="https://toy.example/p/1")
        task = mention.task_id
        self.assertEqual(task.name, "Bob: It is broken <b>")
        self.assertIn("It is broken &lt;b&gt;", task.description)
        self.assertIn('href="https://toy.example/p/1"', task.description)
        self.assertEqual((task.project_id, task.user_ids, task.priority), (self.project, self.agent, "3"))
        self.assertEqual((task.company_id, task.email_from), (self.company, "bob@example.org"))
        self.assertEqual(task.stage_id.name, "To do")
        self.assertIn("Bob on Toy", "".join(task.message_ids.mapped("body")))
        self.assertEqual((mention.ticket_name, mention.author_id.task_id), (task.display_name, task))
        self.assertFalse(mention.lead_id)

    def test_a_linked_person_is_the_customer(self):
        self.say("hi", author="ann")
        partner = self.env["res.partner"].create({"name": "Ann Lee"})
        author = self.env["community.author"].search([("network", "=", "toy"), ("external_id", "=", "ann")])
        author.partner_id = partner
        self.assertEqual(self.say("broken", author="ann").task_id.partner_id, partner)

    def test_a_second_message_goes_to_the_open_ticket(self):
        first, second = self.say("broken"), self.say("still broken")
        self.assertEqual(second.task_id, first.task_id)
        self.assertIn("still broken", "".join(first.task_id.message_ids.mapped("body")))
        self.assertEqual(first.task_id.community_mention_count, 2)

    def test_a_done_cancelled_folded_or_archived_ticket_is_not_open(self):
        over = self.project.type_ids.filtered("fold")
        endings = {
            "done": {"state": "1_done"},
            "cancelled": {"state": "1_canceled"},
            "folded": {"stage_id": over.id},
            "archived": {"active": False},
        }
        for author, values in endings.items():
            first = self.say("broken", author=author)
            first.task_id.write(values)
            self.assertNotEqual(self.say("broken", author=author).task_id, first.task_id, author)

    def test_a_page_makes_one_ticket_a_person(self):
        mentions = self.take(*(item(f"x{n}", "broken", f"a{n % 3}", origin="own") for n in range(9)))
        self.assertEqual(len(mentions.task_id), 3)

    def test_a_department_without_a_project_uses_the_company_s(self):
        self.department.project_id = False
        task = self.say("broken").task_id
        self.assertEqual(task.project_id, self.company.community_ticket_project_id)
        self.assertEqual(task.project_id.privacy_visibility, "employees")

    def test_another_company_gets_a_ticket_project_with_its_first_ticket(self):
        self.assertFalse(self.other_company.community_ticket_project_id)
        channel = self.make_quiet_channel("Theirs", company_id=self.other_company.id)
        self.make_rule(keywords="broken", company_id=self.other_company.id, ticket_action="create")
        first = self.say("broken", channel=channel).task_id
        self.assertEqual(first.project_id.company_id, self.other_company)
        self.assertEqual(first.company_id, self.other_company)
        self.assertFalse(first.stage_id.fold)
        self.assertEqual(first.project_id.type_ids.sorted("sequence").mapped("fold"), [False, False, False, True])
        second = self.say("broken", author="bob", channel=channel).task_id
        self.assertEqual(second.project_id, first.project_id)

    def test_an_archived_project_is_not_used(self):
        self.project.active = False
        self.assertEqual(self.say("broken").task_id.project_id, self.company.community_ticket_project_id)

    def test_what_is_deleted_on_the_network_is_deleted_from_the_ticket_and_its_history(self):
        mention = self.say("broken secret")
        task = mention.task_id
        task.description += "<p>Sent a spare part.</p>"
        mention._erase_content()
        kept = f"{task.name}{task.description}{task.html_field_history}{task.message_ids.mapped('body')}"
        self.assertNotIn("secret", kept)
        self.assertIn("Sent a spare part.", task.description)

    def test_a_rule_may_make_a_lead_and_a_ticket(self):
        self.rule.lead_action = "create"
        mention = self.say("broken, I will buy another")
        self.assertTrue(mention.lead_id)
        self.assertTrue(mention.task_id)


@tagged("post_install", "-at_install")
class TestTicketsByHand(TicketCase):
    """An agent makes tickets of mentions."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.solving_agent = cls._new_user("solver", "community_manager.group_agent,project.group_project_user")

    def test_one_mention(self):
        mention = self.say("hello")
        action = mention.with_user(self.solving_agent).action_create_ticket()
        self.assertEqual((action["res_model"], action["res_id"]), ("project.task", mention.task_id.id))
        self.assertEqual(mention.task_id.user_ids, self.solving_agent)

    def test_an_agent_without_project_rights_makes_a_ticket_and_follows_it(self):
        mention = self.say("hello")
        action = mention.with_user(self.agent).action_create_ticket()
        self.assertTrue(mention.task_id)
        self.assertFalse(mention.task_id.user_ids)
        self.assertEqual(action["res_id"], mention.task_id.id)
        self.project.privacy_visibility = "followers"
        other = self.say("hello", author="bob")
        other.department_id = self.department
        action = other.with_user(self.agent).action_create_ticket()
        self.assertEqual(action["res_id"], other.task_id.id, "who follows a ticket may read it")
        self.assertEqual(mention.with_user(self.agent).ticket_name, mention.task_id.display_name)

    def test_many_at_once_and_a_new_one_on_request(self):
        mentions = self.say("one") | self.say("two") | self.say("three", author="bob")
        mentions.with_user(self.solving_agent).action_create_ticket()
        self.assertEqual(len(mentions.task_id), 2)
        mentions[0].with_user(self.solving_agent).with_context(community_new=True).action_create_ticket()
        self.assertEqual(len(mentions.task_id), 3)

    def test_opening_a_ticket_that_is_not_there_says_so(self):
        with self.assertRaises(UserError):
            self.say("hello").with_user(self.agent).action_open_ticket()


@tagged("post_install", "-at_install")
class TestDepartments(RoutingCase):
    """The departments that come with the addon, and who may change them."""

    def test_the_usual_departments_are_there(self):
        codes = {"sales", "support", "product", "quality", "it", "hr", "legal", "communication", "partnerships"}
        main = self.env.ref("base.main_company")
        found = self.env["community.department"].search([("company_id", "=", main.id), ("code", "in", list(codes))])
        self.assertEqual(set(found.mapped("code")), codes)
        self.assertEqual(main.community_ticket_project_id, self.env.ref("community_manager.ticket_project"))

    def test_open_mentions_and_rules_are_counted(self):
        department = self.env["community.department"].create({"name": "Sales here"})
        self.make_rule(department_id=department.id)
        self.say()
        self.say().action_done()
        self.assertEqual((department.mention_count, department.rule_count), (1, 1))
