from lxml import etree

from odoo import fields
from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged
from odoo.tools.safe_eval import safe_eval

from .understanding_common import UnderstandingCase

FRUIT = ("acme smoothie recipe", "ripe acme fruit recipe", "recipe with acme and fruit")
SHOP = ("my acme chair broke", "acme does not answer", "the acme shop is closed", "love my acme desk")


@tagged("post_install", "-at_install")
class TestNamesake(UnderstandingCase):
    """Somebody else of the same name goes out of view, and is kept out."""

    def setUp(self):
        super().setUp()
        self.fruit = self.env["community.mention"].union(*(self.said(text) for text in FRUIT))
        self.shop = self.env["community.mention"].union(*(self.said(text) for text in SHOP))

    def in_view(self):
        """Return what the inbox and the list of mentions show before anybody chooses a filter."""
        shown = []
        for name in ("action_inbox", "action_mentions"):
            action = self.env["ir.actions.act_window"]._for_xml_id(f"community_manager.{name}")
            domain = fields.Domain(self.eval_(action["domain"] or "[]"))
            for key in self.eval_(action["context"] or "{}"):
                if key.startswith("search_default_"):
                    arch = self.env.ref("community_manager.mention_view_search").get_combined_arch()
                    domain &= fields.Domain(self.eval_(self.filter_domain(arch, key.removeprefix("search_default_"))))
            shown.append(self.env["community.mention"].search(domain))
        return shown

    @staticmethod
    def eval_(text):
        return safe_eval(text)

    @staticmethod
    def filter_domain(arch, name):
        [found] = etree.fromstring(arch).xpath(f"//filter[@name='{name}']")
        return found.get("domain")

    def test_one_click_takes_it_out_of_view_and_one_brings_it_back(self):
        self.fruit[1].state = "waiting"
        mentions = self.fruit.with_user(self.agent)
        mentions.action_not_about_us()
        self.env.invalidate_all()
        self.assertEqual(self.fruit.mapped("state"), ["ignored"] * 3)
        self.assertEqual(self.fruit.mapped("is_namesake"), [True] * 3)
        for shown in self.in_view():
            self.assertFalse(self.fruit & shown)
            self.assertEqual(self.shop & shown, self.shop)
        mentions.action_about_us()
        self.env.invalidate_all()
        self.assertEqual(self.fruit.mapped("state"), ["new", "waiting", "new"], "each is where it was")
        self.assertEqual(self.fruit.mapped("is_namesake"), [False] * 3)
        for shown in self.in_view():
            self.assertEqual(self.fruit & shown, self.fruit)

    def test_who_said_so_is_kept(self):
        self.fruit.with_user(self.agent).action_not_about_us()
        labels = self.env["community.label"].search([("mention_id", "in", self.fruit.ids)])
        self.assertEqual(
            {(label.kind, label.value, label.user_id) for label in labels}, {("relevance", "theirs", self.agent)}
        )
        self.assertEqual(labels.mapped("value_name"), ["Not about us"] * 3)
        self.fruit[0].with_user(self.manager).action_about_us()
        self.assertEqual(self.env["community.label"]._latest(self.fruit)[self.fruit[0].id, "relevance"].value, "ours")

    def test_what_was_reopened_meanwhile_stays_open(self):
        self.fruit.action_not_about_us()
        self.fruit[0].action_reopen()
        self.fruit.action_about_us()
        self.assertEqual(self.fruit.mapped("state"), ["open", "new", "new"])

    def test_clicking_twice_does_not_forget_where_it_was(self):
        self.fruit[0].state = "waiting"
        self.fruit.action_not_about_us()
        self.fruit.action_not_about_us()
        self.fruit.action_about_us()
        self.assertEqual(self.fruit[0].state, "waiting")

    def test_what_the_network_edits_stays_out_of_view(self):
        self.fruit[0].action_not_about_us()
        self.ingest(self.channel, self.item(self.fruit[0].external_id, "acme smoothie, a good recipe", origin="own"))
        self.assertEqual((self.fruit[0].is_namesake, self.fruit[0].state), (True, "ignored"))

    def test_our_own_words_are_about_us(self):
        ours = self.said("acme answers", outgoing=True)
        with self.assertRaises(UserError):
            ours.with_user(self.agent).action_not_about_us()
        (ours + self.fruit).with_user(self.agent).action_not_about_us()
        self.assertFalse(ours.is_namesake)
        self.assertTrue(self.fruit[0].is_namesake)

    # -- words --------------------------------------------------------------------------------------------------------

    def wizard(self, mentions=None):
        """Mark mentions as a manager and return the dialog that opens."""
        action = (mentions or self.fruit).with_user(self.manager).action_not_about_us()
        self.assertEqual((action["res_model"], action["target"]), ("community.namesake", "new"))
        return self.env["community.namesake"].with_user(self.manager).browse(action["res_id"])

    def test_words_are_proposed_with_what_each_would_have_kept_out(self):
        wizard = self.wizard(self.fruit[:2])
        lines = {line.name: (line.right_count, line.wrong_count) for line in wizard.line_ids}
        self.assertEqual(lines["smoothie"], (1, 0))
        self.assertNotIn("acme", lines)
        self.assertNotIn("chair", lines)
        # nobody has marked the third one yet: it counts as one that would be lost
        self.assertEqual(wizard.marked, 2)
        third = self.wizard(self.fruit[2])
        lines = {line.name: (line.right_count, line.wrong_count) for line in third.line_ids}
        self.assertEqual((lines["recipe"], lines["fruit"]), ((3, 0), (2, 0)))

    def test_words_that_are_ruled_out_keep_such_mentions_out_from_then_on(self):
        wizard = self.wizard()
        wizard.line_ids.filtered(lambda line: line.name == "recipe").chosen = True
        wizard.action_keep()
        excluded = self.topic.keyword_ids.filtered("exclude")
        self.assertEqual(excluded.mapped("name"), ["recipe"])
        before = len(self.mentions(self.channel))
        self.ingest(self.channel, self.item("new 1", "one more acme recipe"), self.item("new 2", "an acme chair"))
        self.assertEqual(self.mentions(self.channel)[before:].mapped("text"), ["an acme chair"])
        self.assertEqual(len(self.fruit.exists()), 3, "what is stored stays")
        self.assertNotIn("recipe", self.wizard(self.shop[0]).line_ids.mapped("name"), "it is ruled out already")

    def test_a_word_of_ones_own_is_counted_too(self):
        wizard = self.wizard(self.fruit[:2])
        line = (
            self.env["community.namesake.line"]
            .with_user(self.manager)
            .new({"wizard_id": wizard.id, "topic_id": self.topic.id, "name": "With acme"})
        )
        line._onchange_name()
        self.assertEqual((line.right_count, line.wrong_count, line.chosen), (0, 1, True))
        line.name = "fruit"
        line._onchange_name()
        self.assertEqual((line.right_count, line.wrong_count), (1, 1))

    def test_those_that_would_be_lost_can_be_looked_at(self):
        wizard = self.wizard(self.fruit[:2])
        line = self.env["community.namesake.line"].create(
            {"wizard_id": wizard.id, "topic_id": self.topic.id, "name": "fruit"}
        )
        action = line.with_user(self.manager).action_show_others()
        self.assertEqual(self.env["community.mention"].search(action["domain"]), self.fruit[2])

    def test_nothing_chosen_changes_nothing(self):
        with self.assertRaises(UserError):
            self.wizard().action_keep()
        self.assertFalse(self.topic.keyword_ids.filtered("exclude"))

    def test_the_topic_offers_the_words_later_too(self):
        self.fruit.with_user(self.agent).action_not_about_us()
        self.assertEqual(self.topic.namesake_count, 3)
        action = self.topic.with_user(self.manager).action_keep_namesakes_out()
        self.assertIn("recipe", self.env["community.namesake"].browse(action["res_id"]).line_ids.mapped("name"))

    def test_a_manager_who_takes_the_label_out_brings_it_back(self):
        self.fruit.with_user(self.agent).action_not_about_us()
        labels = self.env["community.label"].search([("mention_id", "in", self.fruit.ids)])
        labels.with_user(self.manager).action_withdraw()
        self.env.invalidate_all()
        self.assertFalse(labels.exists())
        self.assertEqual(self.fruit.mapped("is_namesake"), [False] * 3)

    # -- rights -------------------------------------------------------------------------------------------------------

    def test_agents_mark_but_managers_change_topics(self):
        self.assertIs(self.fruit.with_user(self.agent).action_not_about_us(), True, "no dialog for agents")
        wizard = self.wizard(self.shop[0])
        for call in (
            lambda: self.env["community.namesake"].with_user(self.agent)._open(self.topic),
            lambda: wizard.with_user(self.agent).action_keep(),
            lambda: wizard.line_ids.with_user(self.agent).write({"chosen": True}),
        ):
            with self.assertRaises(AccessError):
                call()

    def test_a_manager_counts_only_what_their_company_has_stored(self):
        company = self.env["res.company"].create({"name": "Elsewhere"})
        stranger = self._new_user(
            "stranger",
            "community_manager.group_manager",
            company_id=company.id,
            company_ids=[fields.Command.set(company.ids)],
        )
        with self.assertRaises(AccessError):
            self.topic.with_user(stranger).action_keep_namesakes_out()
