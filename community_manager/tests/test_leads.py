from unittest.mock import patch

from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged
from odoo.tools import mute_logger

from odoo.addons.community_manager.connectors.items import AuthorItem

from .common import item
from .routing_common import RoutingCase

FOLLOWUP = "odoo.addons.community_manager.models.routing.community_followup"


@tagged("post_install", "-at_install")
class TestLeadsByRule(RoutingCase):
    """A rule makes leads: one open lead a person, complete, linked both ways."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.team = cls.env["crm.team"].create({"name": "Web sales", "company_id": cls.company.id})
        cls.department = cls.env["community.department"].create({"name": "Sales here", "crm_team_id": cls.team.id})
        cls.seller = cls._new_user("seller", "sales_team.group_sale_salesman_all_leads")
        cls.rule = cls.make_rule(
            keywords="buy", department_id=cls.department.id, user_id=cls.seller.id, priority="2", lead_action="create"
        )
        cls.partner = cls.env["res.partner"].create({"name": "Ann Lee", "email": "ann@example.org"})

    def author(self, external_id):
        return self.env["community.author"].search([("network", "=", "toy"), ("external_id", "=", external_id)])

    def notes(self, lead):
        return "".join(lead.message_ids.sorted("id").mapped("body"))

    def test_a_lead_says_who_what_where_and_whose_it_is(self):
        ann = AuthorItem("ann", name="Ann", handle="@ann", url="https://toy.example/@ann", email="Ann@new.example")
        mention = self.say("I want to buy a bag", author=ann, url="https://toy.example/p/1")
        lead = mention.lead_id
        self.assertEqual(lead.name, "Ann: I want to buy a bag")
        self.assertIn("I want to buy a bag", lead.description)
        self.assertIn('href="https://toy.example/p/1"', lead.description)
        self.assertEqual((lead.contact_name, lead.email_from), ("Ann", "Ann@new.example"))
        self.assertEqual(lead.website, "https://toy.example/@ann")
        self.assertEqual((lead.team_id, lead.user_id, lead.priority), (self.team, self.seller, "2"))
        self.assertEqual(lead.company_id, self.company)
        self.assertEqual((lead.source_id.name, lead.medium_id.name), ("Toy", "Social"))
        self.assertEqual(lead.stage_id, lead._stage_find(team_id=self.team.id, domain=[("fold", "=", False)]))
        self.assertTrue(lead.active)
        self.assertEqual(mention.author_id.lead_id, lead)

    def test_its_chatter_says_where_it_comes_from_with_a_way_there(self):
        mention = self.say("buy")
        self.assertEqual(len(mention.lead_id.message_ids), 1)
        self.assertIn("Ann on Toy", self.notes(mention.lead_id))
        self.assertIn(f"data-oe-id='{mention.id}'".replace("'", '"'), self.notes(mention.lead_id).replace("'", '"'))

    def test_what_people_write_cannot_become_markup_or_script(self):
        evil = "<img src=x onerror=alert(1)> buy <b>now</b>"
        lead = self.say(evil, author=AuthorItem("e", name="<script>x</script>"), url="javascript:alert(1)").lead_id
        self.say(evil, author=AuthorItem("e", name="<script>x</script>"), url="javascript:alert(1)")
        for html in (lead.description, self.notes(lead)):
            for bad in ("<img", "<b>", "<script", "javascript:"):
                self.assertNotIn(bad, html)
        self.assertIn("&lt;b&gt;now", lead.description)

    def test_source_and_medium_are_made_once(self):
        self.say("buy", author="a")
        self.say("buy", author="b")
        self.assertEqual(self.env["utm.source"].search_count([("name", "=ilike", "toy%")]), 1)
        self.assertEqual(self.env["utm.medium"].search_count([("name", "=ilike", "social%")]), 1)

    def test_the_campaign_is_that_of_the_first_topic_that_has_one(self):
        campaign = self.env["utm.campaign"].create({"name": "Spring"})
        self.make_topic("None", "bag", sequence=1)
        self.make_topic("Spring", "buy", sequence=2, campaign_id=campaign.id)
        self.assertEqual(self.say("buy a bag").lead_id.campaign_id, campaign)
        self.assertFalse(self.say("buy a bag", author="bob").author_id.lead_id.campaign_id - campaign)

    def test_later_changes_of_a_lead_are_tracked_again(self):
        noisy = self.env["community.mention"].with_context(tracking_disable=False)
        mention = self.say("hello")
        made, added = self.env["community.lead"].with_env(noisy.env)._take_on(mention)
        self.assertFalse(added)
        for flag in ("tracking_disable", "mail_create_nolog", "mail_notrack", "mail_create_nosubscribe"):
            self.assertFalse(made.env.context.get(flag))
        self.cr.flush()  # as at the end of the transaction
        before = len(made.message_ids)
        made.user_id = self.seller
        self.cr.flush()
        made.invalidate_recordset()
        self.assertGreater(len(made.message_ids), before)

    def test_a_second_message_goes_to_the_open_lead(self):
        first = self.say("buy one")
        second = self.say("buy <two>", url="https://toy.example/p/2")
        self.assertEqual(second.lead_id, first.lead_id)
        self.assertIn("buy &lt;two&gt;", self.notes(first.lead_id))
        self.assertIn('href="https://toy.example/p/2"', self.notes(first.lead_id))

    def test_several_messages_of_one_page_make_one_lead(self):
        texts = ("buy one", "buy two", "buy three")
        mentions = self.take(*(item(f"x{place}", text, origin="own") for place, text in enumerate(texts)))
        self.assertEqual(len(mentions.lead_id), 1)
        self.assertIn("buy one", mentions.lead_id.description)
        for text in ("buy two", "buy three"):
            self.assertIn(text, self.notes(mentions.lead_id))

    def test_writers_nobody_can_name_are_not_one_person(self):
        mentions = self.take(*(item(f"x{n}", "buy", author=None, origin="own") for n in range(2)))
        self.assertEqual(len(mentions.lead_id), 2)

    def test_a_won_lost_or_archived_lead_is_not_open(self):
        for close in ("action_set_won", "action_set_lost", "action_archive"):
            lead = self.say("buy", author=close).lead_id
            getattr(lead, close)()
            second = self.say("buy", author=close).lead_id
            self.assertNotEqual(second, lead, close)
            self.assertEqual(self.author(close).lead_id, second)

    def test_what_is_deleted_on_the_network_is_deleted_from_the_lead(self):
        first, second = self.say("buy secret one"), self.say("buy secret two")
        third = self.say("buy three")
        lead = first.lead_id
        lead.description += "<p>Called her. She needs ten.</p>"
        first._erase_content()
        self.assertNotIn("secret one", lead.name + lead.description + self.notes(lead))
        self.assertIn("Called her. She needs ten.", lead.description)
        self.assertIn("Ann: Deleted on the network", lead.name)
        self.assertIn("secret two", self.notes(lead))
        second._erase_content()
        self.assertNotIn("secret two", self.notes(lead))
        self.assertIn("buy three", self.notes(lead))
        self.assertEqual((first | second | third).lead_id, lead)

    def test_a_name_that_a_colleague_gave_stays(self):
        mention = self.say("buy secret one")
        mention.lead_id.name = "Ten bags for Ann"
        mention._erase_content()
        self.assertEqual(mention.lead_id.name, "Ten bags for Ann")

    def test_a_deleted_lead_leaves_the_mention_and_a_new_one_is_made(self):
        mention = self.say("buy")
        mention.lead_id.unlink()
        self.assertTrue(mention.exists())
        self.assertFalse(mention.lead_id)
        self.assertTrue(self.say("buy").lead_id)

    def test_profiles_of_one_contact_share_the_open_lead(self):
        self.say("hi", author="ann")
        self.say("hi", author="annie")
        (self.author("ann") | self.author("annie")).partner_id = self.partner
        first = self.say("buy", author="ann")
        self.assertEqual((self.author("ann") | self.author("annie")).lead_id, first.lead_id)
        self.assertEqual(self.say("buy", author="annie").lead_id, first.lead_id)

    def test_linking_a_contact_later_keeps_the_open_lead(self):
        first = self.say("buy", author="ann")
        self.author("ann").partner_id = self.partner
        self.assertEqual(self.say("buy", author="ann").lead_id, first.lead_id)

    def test_the_open_lead_of_a_contact_made_elsewhere_is_found(self):
        self.say("hi", author="ann")
        self.author("ann").partner_id = self.partner
        lead = self.env["crm.lead"].create({"name": "By phone", "partner_id": self.partner.id})
        self.assertEqual(self.say("buy", author="ann").lead_id, lead)
        self.assertEqual(self.author("ann").lead_id, lead)

    def test_an_open_lead_of_another_company_is_not_used(self):
        self.say("hi", author="ann")
        self.author("ann").partner_id = self.partner
        lead = self.env["crm.lead"].create(
            {"name": "Theirs", "partner_id": self.partner.id, "company_id": self.other_company.id, "team_id": False}
        )
        self.assertEqual(lead.company_id, self.other_company)
        self.assertNotEqual(self.say("buy", author="ann").lead_id, lead)

    def test_contact_data_comes_from_the_contact_and_is_not_overwritten_by_a_profile(self):
        self.say("hi", author="ann")
        self.author("ann").partner_id = self.partner
        lead = self.say("buy", author=AuthorItem("ann", name="xX", email="evil@example.net")).lead_id
        self.assertEqual((lead.partner_id, lead.contact_name), (self.partner, "Ann Lee"))
        self.assertEqual((lead.email_from, self.partner.email), ("ann@example.org", "ann@example.org"))

    def test_a_page_makes_its_leads_in_one_batch(self):
        leads = type(self.env["crm.lead"])
        original, sizes = leads.create, []

        def create(self, values_list):
            sizes.append(len(values_list))
            return original(self, values_list)

        with patch.object(leads, "create", create):
            mentions = self.take(*(item(f"x{n}", "buy", f"author{n}", origin="own") for n in range(30)))
        self.assertEqual(sizes, [30])
        self.assertEqual(len(mentions.lead_id), 30)

    def test_a_lead_that_cannot_be_made_loses_no_mention_and_no_other_lead(self):
        leads = type(self.env["crm.lead"])
        original = leads.create

        def create(self, values_list):
            if any("forbidden" in values["name"] for values in values_list):
                raise UserError("Not this one.")
            return original(self, values_list)

        texts = ("buy 1", "buy forbidden", "buy 3", "buy 4")
        with patch.object(leads, "create", create), mute_logger(FOLLOWUP):
            mentions = self.take(*(item(f"x{n}", text, f"a{n}", origin="own") for n, text in enumerate(texts)))
        self.assertEqual([bool(mention.lead_id) for mention in mentions], [True, False, True, True])
        self.assertEqual(set(mentions.mapped("department_id")), {self.department})
        self.assertIn("Not this one.", "".join(mentions[1].message_ids.mapped("body")))
        self.assertFalse(self.env["community.quarantine"].search([("channel_id", "=", self.channel.id)]))

    def test_a_contact_of_another_company_is_not_taken_over(self):
        self.say("hi", author="ann")
        self.partner.company_id = self.other_company
        self.author("ann").partner_id = self.partner
        lead = self.say("buy", author="ann").lead_id
        self.assertTrue(lead)
        self.assertFalse(lead.partner_id)

    def test_without_a_team_of_its_own_the_company_s_first_team_gets_it(self):
        self.rule.write({"department_id": False, "user_id": False})
        lead = self.say("buy").lead_id
        self.assertEqual(lead.team_id.company_id.id or self.company.id, self.company.id)
        self.assertTrue(lead.team_id)
        self.assertFalse(lead.user_id)

    def test_leads_of_another_company_stay_there(self):
        channel = self.make_quiet_channel("Theirs", company_id=self.other_company.id)
        self.make_rule(keywords="buy", company_id=self.other_company.id, lead_action="create")
        ours = self.say("buy").lead_id
        theirs = self.say("buy", channel=channel).lead_id
        self.assertNotEqual(ours, theirs)
        self.assertEqual(theirs.company_id, self.other_company)
        self.assertNotEqual(theirs.team_id.company_id, self.company)

    def test_merged_leads_keep_their_mentions_and_their_person(self):
        one, two = self.say("buy", author="ann"), self.say("buy", author="bob")
        kept = (one.lead_id | two.lead_id).merge_opportunity()
        self.env.invalidate_all()
        self.assertEqual((one | two).lead_id, kept)
        self.assertEqual(self.say("buy again", author="ann").lead_id, kept)
        self.assertEqual(self.say("buy again", author="bob").lead_id, kept)

    def test_lead_and_contact_lead_back_to_their_mentions(self):
        first, second = self.say("buy", author="ann"), self.say("buy more", author="ann")
        lead = first.lead_id.with_user(self.agent).sudo(False)
        self.assertEqual(first.lead_id.community_mention_count, 2)
        domain = lead.sudo().action_community_mentions()["domain"]
        self.assertEqual(self.env["community.mention"].search(domain), first | second)
        company = self.env["res.partner"].create({"name": "Lee & sons", "is_company": True})
        self.partner.parent_id = company
        self.author("ann").partner_id = self.partner
        self.say("other", author="bob")
        for contact in (self.partner, company):
            self.assertEqual(contact.with_user(self.agent).community_mention_count, 2)
            found = self.env["community.mention"].search(contact.action_community_mentions()["domain"])
            self.assertEqual(found, first | second)

    def test_who_has_no_role_here_sees_no_count_and_opens_leads_as_before(self):
        lead = self.say("buy").lead_id
        self.assertEqual(lead.with_user(self.seller).read(["name"])[0]["id"], lead.id)
        with self.assertRaises(AccessError):
            lead.with_user(self.seller).read(["community_mention_count"])


@tagged("post_install", "-at_install")
class TestLeadsByHand(RoutingCase):
    """An agent makes leads of mentions, one or many at once."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.selling_agent = cls._new_user(
            "selling_agent", "community_manager.group_agent,sales_team.group_sale_salesman_all_leads"
        )

    def test_one_mention(self):
        mention = self.say("hello")
        action = mention.with_user(self.selling_agent).action_create_lead()
        self.assertEqual((action["res_model"], action["res_id"]), ("crm.lead", mention.lead_id.id))
        self.assertEqual(mention.lead_id.user_id, self.selling_agent)
        self.assertEqual(mention.state, "open")
        self.assertEqual(mention.lead_id.message_ids.author_id, self.selling_agent.partner_id)

    def test_pressing_again_makes_no_second_lead(self):
        mention = self.say("hello").with_user(self.selling_agent)
        first = mention.action_create_lead()
        self.assertEqual(mention.action_create_lead()["res_id"], first["res_id"])
        self.assertEqual(len(mention.lead_id.message_ids), 1)

    def test_many_at_once_make_one_lead_a_person(self):
        mentions = self.say("one") | self.say("two") | self.say("three", author="bob")
        action = mentions.with_user(self.selling_agent).action_create_lead()
        self.assertEqual(len(mentions.lead_id), 2)
        self.assertEqual(self.env["crm.lead"].search(action["domain"]), mentions.lead_id)

    def test_a_new_lead_on_request_even_with_one_open(self):
        first = self.say("one").with_user(self.selling_agent)
        first.action_create_lead()
        second = self.say("two").with_user(self.selling_agent)
        second.with_context(community_new=True).action_create_lead()
        self.assertTrue(second.lead_id)
        self.assertNotEqual(first.lead_id, second.lead_id)
        third = self.say("three").with_user(self.selling_agent)
        third.action_create_lead()
        self.assertEqual(third.lead_id, second.lead_id, "the newest one is the person's")

    def test_an_agent_without_sales_rights_makes_a_lead_and_is_told_so(self):
        mention = self.say("hello")
        action = mention.with_user(self.agent).action_create_lead()
        self.assertTrue(mention.lead_id)
        self.assertFalse(mention.lead_id.user_id)
        self.assertEqual(action["tag"], "display_notification")
        self.assertIn(mention.lead_id.name, action["params"]["message"])
        self.assertEqual(mention.with_user(self.agent).action_open_lead()["tag"], "display_notification")

    def test_what_the_inbox_passes_as_defaults_does_not_reach_the_lead(self):
        mention = self.say("hello").with_user(self.selling_agent)
        mention.with_context(default_name="wrong", default_type="wrong", default_priority="3").action_create_lead()
        self.assertEqual((mention.lead_id.name, mention.lead_id.priority), ("Ann: hello", "0"))

    def test_only_agents_may(self):
        mention = self.say("hello")
        with self.assertRaises(AccessError):
            mention.with_user(self.outsider).action_create_lead()
        self.assertFalse(mention.lead_id)

    def test_mentions_of_another_company_are_out_of_reach(self):
        channel = self.make_quiet_channel("Theirs", company_id=self.other_company.id)
        mention = self.say("hello", channel=channel)
        with self.assertRaises(AccessError):
            mention.with_user(self.selling_agent).action_create_lead()

    def test_our_own_words_are_passed_over(self):
        ours, theirs = self.say("ours", outgoing=True), self.say("theirs", author="bob")
        with self.assertRaises(UserError):
            ours.with_user(self.selling_agent).action_create_lead()
        (ours | theirs).with_user(self.selling_agent).action_create_lead()
        self.assertTrue(theirs.lead_id)
        self.assertFalse(ours.lead_id)

    def test_a_deleted_text_leaves_a_lead_without_it(self):
        mention = self.say("secret words")
        mention._erase_content()
        mention.with_user(self.selling_agent).action_create_lead()
        self.assertNotIn("secret", mention.lead_id.name)
        self.assertNotIn("secret", mention.lead_id.description)
