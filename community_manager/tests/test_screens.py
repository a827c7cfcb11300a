from datetime import timedelta

from odoo import fields
from odoo.exceptions import AccessError
from odoo.tests import tagged

from .common import CommunityCase


@tagged("post_install", "-at_install")
class TestScreens(CommunityCase):
    """What the screens are given by the models."""

    def _conversation(self, mention):
        return mention.with_user(self.agent).get_conversation()

    def test_conversation_is_threaded_and_ours_stand_apart(self):
        """Answers are indented below what they answer, and our own words are told apart."""
        channel = self.make_channel()
        self.ingest(
            channel,
            self.item("1", "Where is my acme chair?", origin="own"),
            self.item("2", "We look into it.", origin="own", outgoing=True, parent_id="1"),
            self.item("3", "Thank you.", origin="own", parent_id="2"),
            self.item("4", "Mine is late as well.", origin="own", parent_id="1"),
        )
        mention = self.mentions(channel, external_id="3")
        data = self._conversation(mention)
        shown = {entry["id"]: entry for entry in data["mentions"]}
        depths = {self.env["community.mention"].browse(id_).external_id: shown[id_]["depth"] for id_ in shown}
        self.assertEqual(depths, {"1": 0, "2": 1, "3": 2, "4": 1})
        self.assertEqual([entry["id"] for entry in data["mentions"] if entry["current"]], [mention.id])
        ours = [entry for entry in data["mentions"] if entry["outgoing"]]
        self.assertEqual(len(ours), 1)
        self.assertIn("We look into it.", ours[0]["body"])

    def test_what_networks_send_is_harmless(self):
        """Markup is shown as text, scripts are no links, and addresses of pictures stay links."""
        channel = self.make_channel()
        self.ingest(
            channel, self.item("1", "acme <script>alert(1)</script> <img src=x onerror=alert(1)>", origin="own")
        )
        mention = self.mentions(channel)
        mention.write(
            {
                "url": "javascript:alert(1)",
                "attachments": [
                    {"url": "javascript:alert(1)", "kind": "image", "alt": ""},
                    {"url": "https://toy.example/a.jpg", "kind": "image", "alt": "A chair"},
                ],
            }
        )
        [entry] = self._conversation(mention)["mentions"]
        self.assertNotIn("<script", entry["body"])
        self.assertNotIn("<img", entry["body"])
        self.assertIn("<mark>acme</mark>", entry["body"])
        self.assertEqual(entry["url"], "")
        self.assertEqual([attachment["alt"] for attachment in entry["attachments"]], ["A chair"])

    def test_conversation_ends_where_company_ends(self):
        """Nobody reads the conversation of a company that is not theirs."""
        other = self.env["res.company"].create({"name": "Elsewhere"})
        channel = self.make_channel("Elsewhere", company_id=other.id)
        self.ingest(channel, self.item("1", "secret of elsewhere", origin="own"))
        mention = self.mentions(channel)
        self.assertTrue(mention)
        with self.assertRaises(AccessError):
            self._conversation(mention)

    def test_cards_are_short(self):
        """A card never carries a whole article, and a deleted mention says so."""
        channel = self.make_channel()
        self.ingest(channel, self.item("1", "acme " * 2000, origin="own", title="A long story"))
        mention = self.mentions(channel)
        self.assertLess(len(mention.excerpt), 250)
        self.assertTrue(mention.opening.startswith("A long story · acme"))
        mention._erase_content()
        self.assertEqual(mention.excerpt, "Deleted on the network")

    def test_risk_marks_its_mentions(self):
        """A mention of a risk topic is marked, others are not."""
        risk = self.make_topic("Safety", "dangerous", kind="risk")
        channel = self.make_channel()
        self.ingest(channel, self.item("1", "acme is dangerous"), self.item("2", "acme is nice"))
        self.assertEqual([m.is_risk for m in self.mentions(channel).sorted("external_id")], [True, False])
        self.assertIn(risk, self.mentions(channel).topic_ids)

    def test_empty_pages_name_the_next_step(self):
        """Administrators are offered a channel, managers a topic, agents nothing; nobody once all is there."""
        mentions, channels = self.env["community.mention"], self.env["community.channel"]
        self.assertIn("action_connect", mentions.with_user(self.admin).get_empty_list_help("Nothing"))
        self.assertIn("action_connect", channels.with_user(self.admin).get_empty_list_help(False))
        self.assertNotIn("<a", mentions.with_user(self.agent).get_empty_list_help("Nothing"))
        self.topic.active = False
        self.assertIn("action_topics", mentions.with_user(self.manager).get_empty_list_help("Nothing"))
        self.topic.active = True
        self.make_channel()
        self.assertNotIn("<a", mentions.with_user(self.admin).get_empty_list_help("Nothing"))

    def test_untouched_drafts_go_and_others_stay(self):
        """What was begun and left empty goes after a day; whatever somebody entered stays."""
        empty = self.env["community.channel"].create({"name": self.toy.label, "network": "toy"})
        named = self.env["community.channel"].create({"name": "The support account", "network": "toy"})
        filled = self.make_channel(self.toy.label, start=False)
        fresh = self.env["community.channel"].create({"name": self.toy.label, "network": "toy"})
        self.env.flush_all()
        yesterday = fields.Datetime.now() - timedelta(days=2)
        self.env.cr.execute(
            "UPDATE community_channel SET write_date = %s WHERE id IN %s", [yesterday, (empty + named + filled)._ids]
        )
        self.env.invalidate_all()
        self.env["community.channel"]._gc_untouched_drafts()
        self.assertFalse(empty.exists())
        self.assertTrue((named + filled + fresh).exists() == named + filled + fresh)

    def test_notice_while_held(self):
        """The banner speaks only where the database is held, and offers the way out to administrators only."""
        home = self.env["community.home"]
        notice = home.with_user(self.agent).get_notice()
        self.assertEqual((notice["text"], notice["can_settle"]), ("", False))
        self.env["ir.config_parameter"].set_param("community_manager.home", "another:one|key")
        notice = home.with_user(self.agent).get_notice()
        self.assertIn("copy", notice["text"])
        self.assertFalse(notice["can_settle"])
        self.assertTrue(home.with_user(self.admin).get_notice()["can_settle"])

    def test_wizard_tells_what_is_in_the_way(self):
        """A wrong access is told in a sentence in the wizard, which can go back; nothing typed is lost."""
        channel = self.env["community.channel"].create({"name": "Toy", "network": "toy"})
        action = channel.with_user(self.admin).action_connect()
        wizard = self.env[action["res_model"]].with_user(self.admin).browse(action["res_id"])
        wizard.action_test()
        self.assertEqual(wizard.step, "test")
        self.assertIn("Source", wizard.problem)
        wizard.action_back()
        self.assertEqual(wizard.step, "access")
        wizard.access_form = {"values": {"source": "somewhere"}}
        wizard.action_test()
        self.assertFalse(wizard.problem)
        self.assertEqual(wizard.account, "somewhere")
        wizard.action_to_topics()
        wizard.write({"new_topic": "Boots", "new_words": "boot*\n\n#boots\n"})
        wizard.action_to_preview()
        topic = self.env["community.topic"].search([("name", "=", "Boots")])
        self.assertEqual(sorted(topic.keyword_ids.mapped("name")), ["#boots", "boot*"])
        wizard.action_start()
        self.assertEqual(channel.state, "listening")

    def test_looking_at_a_network_leaves_one_draft(self):
        """Opening what a network asks for and closing it again leaves one channel to connect, not one for each look."""
        network = self.env["community.network"].search([("code", "=", "mastodon")])
        channels = self.env["community.channel"]
        drafts = [("network", "=", "mastodon"), ("state", "=", "draft")]
        before = channels.search(drafts)
        network.with_user(self.admin).action_connect()
        first = channels.search(drafts) - before
        self.assertEqual(len(first), 1)
        network.with_user(self.admin).action_connect()
        self.assertEqual(channels.search(drafts) - before, first)
        self.env.flush_all()
        self.env.cr.execute(
            "UPDATE community_channel SET write_date = write_date + interval '1 minute' WHERE id = %s", (first.id,)
        )
        first.invalidate_recordset()
        network.with_user(self.admin).action_connect()
        self.assertEqual(len(channels.search(drafts) - before), 2, "what was begun is not handed out again")

    def test_box_tells_of_a_hold_before_anything_is_written(self):
        """Whoever answers learns beforehand that the answer waits, and why; a hold on others says nothing."""
        channel = self.make_channel()
        self.ingest(channel, self.item("1", "Where is my acme chair?", origin="own"))
        mention = self.mentions(channel).with_user(self.agent)
        self.assertTrue(mention.get_reply_options()["ways"])
        self.assertFalse(mention.get_reply_options()["held"])
        hold = self.env["community.hold"].create({"name": "Campaign", "scope": "publish"})
        self.assertFalse(mention.get_reply_options()["held"])
        hold.write({"name": "The site is down", "scope": "answer", "author_ids": mention.sudo().author_id.ids})
        self.assertEqual(mention.get_reply_options()["held"], "The site is down")
        hold.action_end()
        self.assertFalse(mention.get_reply_options()["held"])
