from odoo.tests import tagged

from odoo.addons.community_manager.connectors.items import AuthorItem
from odoo.addons.community_manager.tests.common import item
from odoo.addons.community_manager.tests.routing_common import RoutingCase


@tagged("post_install", "-at_install")
class TestHelpdesk(RoutingCase):
    """Tickets go to OCA's help desk as they would go to Project."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env["ir.config_parameter"].set_param("community_manager.ticket_backend", "auto")
        cls.solver = cls._new_user("solver", "community_manager.group_agent,helpdesk_mgmt.group_helpdesk_user")
        cls.stage_new, cls.stage_closed = cls.env["helpdesk.ticket.stage"].create(
            [
                {"name": "Fresh", "sequence": -1, "company_id": cls.company.id},
                {"name": "Over", "closed": True, "company_id": cls.company.id},
            ]
        )
        cls.team = cls.env["helpdesk.ticket.team"].create({"name": "Care", "user_ids": [(4, cls.solver.id)]})
        cls.department = cls.env["community.department"].create({"name": "Care here", "helpdesk_team_id": cls.team.id})
        cls.rule = cls.make_rule(
            keywords="broken",
            department_id=cls.department.id,
            user_id=cls.solver.id,
            priority="3",
            ticket_action="create",
        )

    def test_automatic_takes_the_help_desk(self):
        self.assertEqual(self.env["community.ticket"]._backend()._target, "helpdesk.ticket")

    def test_the_setting_can_choose_project_instead(self):
        codes = dict(
            self.env["res.config.settings"]._fields["community_ticket_backend"]._description_selection(self.env)
        )
        self.assertEqual(set(codes), {"auto", "project", "helpdesk_mgmt"})
        settings = self.env["res.config.settings"].create({"community_ticket_backend": "project"})
        settings.execute()
        mention = self.say("broken")
        self.assertTrue(mention.task_id)
        self.assertFalse(mention.ticket_id)

    def test_a_ticket_says_who_what_where_and_whose_it_is(self):
        bob = AuthorItem("bob", name="Bob", email="bob@example.org")
        mention = self.say("It is broken <b>", author=bob, url="https://toy.example/p/1")
        ticket = mention.ticket_id
        self.assertFalse(mention.task_id)
        self.assertEqual(ticket.name, "Bob: It is broken <b>")
        self.assertIn("It is broken &lt;b&gt;", ticket.description)
        self.assertIn('href="https://toy.example/p/1"', ticket.description)
        self.assertEqual((ticket.team_id, ticket.user_id, ticket.stage_id), (self.team, self.solver, self.stage_new))
        self.assertEqual((ticket.partner_name, ticket.partner_email), ("Bob", "bob@example.org"))
        self.assertEqual((ticket.priority, ticket.company_id), ("3", self.company))
        self.assertEqual(ticket.channel_id.name, "Community")
        self.assertNotEqual(ticket.number, "/")
        self.assertIn("Bob on Toy", "".join(ticket.message_ids.mapped("body")))
        self.assertEqual((mention.ticket_name, mention.author_id.ticket_id), (ticket.display_name, ticket))

    def test_nobody_gets_mail_for_what_they_said_elsewhere(self):
        self.stage_new.mail_template_id = self.env.ref("helpdesk_mgmt.changed_stage_template")
        before = self.env["mail.mail"].search_count([])
        self.say("broken", author=AuthorItem("bob", name="Bob", email="bob@example.org"))
        self.cr.flush()
        self.assertEqual(self.env["mail.mail"].search_count([]), before)

    def test_a_linked_person_is_the_contact(self):
        self.say("hi", author="ann")
        partner = self.env["res.partner"].create({"name": "Ann Lee", "email": "ann@example.org"})
        self.env["community.author"].search([("network", "=", "toy"), ("external_id", "=", "ann")]).partner_id = partner
        ticket = self.say("broken", author="ann").ticket_id
        self.assertEqual((ticket.partner_id, ticket.partner_email), (partner, "ann@example.org"))

    def test_a_second_message_goes_to_the_open_ticket(self):
        first, second = self.say("broken"), self.say("still broken")
        self.assertEqual(second.ticket_id, first.ticket_id)
        self.assertIn("still broken", "".join(first.ticket_id.message_ids.mapped("body")))

    def test_a_closed_ticket_is_not_open(self):
        first = self.say("broken")
        first.ticket_id.stage_id = self.stage_closed
        self.assertNotEqual(self.say("broken").ticket_id, first.ticket_id)

    def test_only_members_of_the_team_get_its_tickets(self):
        self.rule.user_id = self.agent
        ticket = self.say("broken").ticket_id
        self.assertEqual((ticket.team_id, ticket.user_id), (self.team, self.env["res.users"]))

    def test_a_page_makes_one_ticket_a_person(self):
        mentions = self.take(*(item(f"x{n}", "broken", f"a{n % 3}", origin="own") for n in range(9)))
        self.assertEqual(len(mentions.ticket_id), 3)
        self.assertEqual(len(set(mentions.ticket_id.mapped("number"))), 3)

    def test_by_hand(self):
        mention = self.say("hello")
        action = mention.with_user(self.solver).action_create_ticket()
        self.assertEqual((action["res_model"], action["res_id"]), ("helpdesk.ticket", mention.ticket_id.id))
        self.assertEqual(mention.ticket_id.user_id, self.solver)
        self.assertEqual(mention.with_user(self.solver).action_open_ticket()["res_id"], mention.ticket_id.id)

    def test_an_agent_without_helpdesk_rights_is_told_what_was_made(self):
        mention = self.say("hello")
        action = mention.with_user(self.agent).action_create_ticket()
        self.assertTrue(mention.ticket_id)
        self.assertEqual(action["tag"], "display_notification")
        self.assertIn(mention.ticket_id.number, action["params"]["message"])

    def test_a_deleted_ticket_leaves_the_mention(self):
        mention = self.say("broken")
        mention.ticket_id.unlink()
        self.assertTrue(mention.exists())
        self.assertFalse(mention.ticket_name)
        self.assertTrue(self.say("broken").ticket_id)

    def test_what_is_deleted_on_the_network_is_deleted_from_the_ticket(self):
        mention = self.say("broken secret")
        mention._erase_content()
        ticket = mention.ticket_id
        self.assertNotIn("secret", f"{ticket.name}{ticket.description}{ticket.message_ids.mapped('body')}")

    def test_the_ticket_leads_back_to_its_mentions(self):
        mentions = self.say("broken") | self.say("broken again")
        ticket = mentions.ticket_id
        self.assertEqual(ticket.with_user(self.solver).community_mention_count, 2)
        self.assertEqual(self.env["community.mention"].search(ticket.action_community_mentions()["domain"]), mentions)

    def test_a_ticket_in_project_from_before_still_shows(self):
        self.env["ir.config_parameter"].set_param("community_manager.ticket_backend", "project")
        mention = self.say("broken")
        self.env["ir.config_parameter"].set_param("community_manager.ticket_backend", "auto")
        self.assertEqual(mention.ticket_name, mention.task_id.display_name)

    def test_another_company_s_tickets_stay_there(self):
        channel = self.make_quiet_channel("Theirs", company_id=self.other_company.id)
        self.make_rule(keywords="broken", company_id=self.other_company.id, ticket_action="create")
        ours = self.say("broken").ticket_id
        theirs = self.say("broken", channel=channel).ticket_id
        self.assertNotEqual(ours, theirs)
        self.assertEqual(theirs.company_id, self.other_company)
