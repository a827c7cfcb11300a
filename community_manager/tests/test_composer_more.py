from datetime import UTC, timedelta
from unittest.mock import patch

from odoo import fields
from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged
from odoo.tools import mute_logger

from ..models.response.private_data import find
from .common import item
from .test_composer import ComposerCase

IBAN = "ES91 2100 0418 4502 0005 1332"


@tagged("post_install", "-at_install")
class TestPrivateData(ComposerCase):
    """What should not stand in public is told before it does."""

    def warned(self, text, way="reply", mention=None):
        found = (mention or self.mine).check_reply(text, way)["warnings"]
        return [warning for warning in found if warning["code"] == "private_data"]

    def test_what_is_found(self):
        for text, kinds in (
            ("Call 612 345 678", ["phone"]),
            ("Tel. +34 91-555-44-33, or ana@example.org", ["email", "phone"]),
            (f"Our account: {IBAN}.", ["iban"]),
            ("Card 4111 1111 1111 1111", ["card"]),
            ("Your order 48213 left", ["order"]),
            ("Pedido nº 12-345", ["order"]),
            ("It costs 1.234,56 €, opens 10:30 on 12/11/2026", []),
            ("See https://acme.example/p/123456789012345", []),
            ("Since 1990, 3 shops; lamp 4000 K, 120 cm", []),
            ("IBAN ES91 2100 0418 4502 0005 1333", []),
            ("Thank you for your order!", []),
        ):
            with self.subTest(text=text):
                self.assertEqual(sorted(kind for kind, _words in find(text)), sorted(kinds))

    def test_texts_made_to_stop_us_are_read_too(self):
        for piece in ("1 ", "1.", "a@", "a.", "ES91 ", "(", "€1"):
            with self.subTest(piece=piece):
                self.assertLessEqual(len(find(piece * (100_000 // len(piece)))), 10_000)

    def test_in_public_it_warns_and_offers_private(self):
        [warning] = self.warned("Write to ana@example.org")
        self.assertIn("e-mail address (ana@example.org)", warning["text"])
        self.assertEqual(warning["way"], "message")
        self.assertFalse(self.warned("Write to ana@example.org", "message"))

    def test_of_accounts_only_the_end_is_repeated(self):
        [warning] = self.warned(f"Pay to {IBAN}")
        self.assertIn("1332", warning["text"])
        self.assertNotIn("2100", warning["text"])

    def test_in_a_private_conversation_it_may_stand(self):
        self.ingest(self.channel, item("d", "My number is 612 345 678", visibility="direct", origin="own"))
        private = self.mentions(self.channel, external_id="d").with_user(self.agent)
        self.assertFalse(self.warned("We call 612 345 678", mention=private))
        self.assertFalse(private.get_reply_options()["private_data"])

    def test_our_own_address_is_no_secret(self):
        self.company.write({"email": "care@acme.example", "phone": "+34 911 222 333"})
        self.assertFalse(self.warned("Write to help@acme.example or call 911 222 333"))
        self.assertTrue(self.warned("Write to help@notacme.example"))

    def test_numbers_of_our_orders_are_known(self):
        sequence = self.env["ir.sequence"].search([("code", "=", "sale.order")], limit=1)
        sequence.prefix = "SO%(year)s-"
        self.assertIn("order number (SO2026-00042)", self.warned("SO2026-00042 has left")[0]["text"])
        sequence.prefix = "S"
        self.assertTrue(self.warned("S00042 has left"))
        self.assertFalse(self.warned("The IS00042 norm"))

    def test_the_customers_own_is_shown_and_can_be_hidden_where_the_network_can(self):
        self.ingest(self.channel, item("2", "Acme, call me: 612 345 678", origin="own"))
        mention = self.mentions(self.channel, external_id="2")
        shown = mention.with_user(self.manager).get_reply_options()["private_data"]
        self.assertEqual((shown["can_hide"], shown["network_hides"]), (False, False))
        moderating = self.toy.capabilities | {"moderate"}
        with patch.multiple(self.toy, capabilities=moderating, moderations=frozenset({"hide"})):
            shown = mention.with_user(self.manager).get_reply_options()["private_data"]
            self.assertTrue(shown["can_hide"])
            action = mention.with_user(self.manager).action_hide_private_data()
            self.assertEqual(
                (action["res_model"], action["context"]["default_action"]), ("community.moderation", "hide")
            )
            shown = mention.with_user(self.agent).get_reply_options()["private_data"]
            self.assertEqual((shown["can_hide"], shown["network_hides"]), (False, True))
            with self.assertRaises(AccessError):
                mention.with_user(self.agent).action_hide_private_data()
        self.assertFalse(self.mine.get_reply_options()["private_data"])


@tagged("post_install", "-at_install")
class TestWays(ComposerCase):
    """Whatever cannot be said in one way is offered in another."""

    def test_after_the_window_the_private_way_is_proposed(self):
        with patch.object(self.toy, "reply_window", timedelta(hours=1)):
            ways = {way["way"]: way for way in self.mine.get_reply_options()["ways"]}
            self.assertIn("hours only", ways["reply"]["closed"])
            self.assertFalse(ways["message"]["closed"])
            found = self.mine.check_reply("Hello", "reply")
            self.assertIn("hours only", found["objection"])
            self.assertEqual(found["proposal"]["way"], "message")

    def test_what_is_too_long_in_public_may_go_in_private(self):
        with patch.object(self.toy, "message_limit", 1000):
            self.assertEqual(self.mine.check_reply("x" * 300, "reply")["proposal"]["way"], "message")
        self.assertFalse(self.mine.check_reply("x" * 300, "reply")["proposal"])

    def test_the_account_is_shown_with_its_network(self):
        [account] = self.mine.get_reply_options()["channels"]
        self.assertEqual((account["id"], account["name"]), (self.channel.id, "Desk"))
        self.assertIn("/", account["icon"])

    def test_a_private_mention_is_answered_in_private_and_says_so(self):
        self.ingest(self.channel, item("d", "Between us", visibility="direct", origin="own"))
        ways = self.mentions(self.channel, external_id="d").with_user(self.agent).get_reply_options()["ways"]
        self.assertEqual(
            [(way["way"], way["label"], way["private"]) for way in ways], [("reply", "Private answer", True)]
        )

    def test_suggestions_keep_their_shape(self):
        self.assertIsInstance(self.mine.get_suggestions(), list)
        for entry in self.mine.get_suggestions():
            self.assertLessEqual({"kind", "id", "title", "text", "note", "warning"}, set(entry))


@tagged("post_install", "-at_install")
class TestAnswerFromRecords(ComposerCase):
    """A lead, a task and a contact lead to the reply box."""

    def test_from_a_lead_the_newest_mention_is_answered(self):
        lead = self.env["crm.lead"].create({"name": "Lamps"})
        self.assertFalse(lead.with_user(self.agent).sudo(False).community_answer_label)
        with self.assertRaises(UserError):
            lead.action_community_answer()
        later = self.mention.published_at.replace(tzinfo=UTC) + timedelta(hours=1)
        self.ingest(self.channel, item("2", "Acme, and a table", published_at=later, origin="own"))
        newest = self.mentions(self.channel, external_id="2")
        (self.mention | newest).sudo().write({"lead_id": lead.id})
        lead.invalidate_recordset()
        self.assertEqual(lead.community_answer_label, "Toy")
        action = lead.action_community_answer()
        self.assertEqual(
            (action["res_model"], action["res_id"], action["target"]), ("community.mention", newest.id, "new")
        )
        self.assertEqual(action["name"], "Answer on Toy")

    def test_from_a_task(self):
        task = self.env["project.task"].create({"name": "Broken lamp"})
        self.mention.sudo().task_id = task
        self.assertEqual(task.action_community_answer()["res_id"], self.mention.id)

    def test_our_own_words_and_what_was_deleted_are_not_answered(self):
        task = self.env["project.task"].create({"name": "Broken lamp"})
        self.ingest(self.channel, item("2", "It is on its way", "us", origin="own", outgoing=True, parent_id="1"))
        ours = self.mentions(self.channel, external_id="2")
        (self.mention | ours).sudo().write({"task_id": task.id})
        self.assertEqual(task.action_community_answer()["res_id"], self.mention.id)
        self.mention._erase_content()
        task.invalidate_recordset()
        self.assertFalse(task.community_answer_label)

    def test_where_a_network_cannot_be_answered_nothing_is_offered(self):
        task = self.env["project.task"].create({"name": "Broken lamp"})
        self.mention.sudo().task_id = task
        with patch.object(self.toy, "capabilities", frozenset({"listen"})):
            self.assertFalse(task.community_answer_label)

    def test_from_a_contact_one_chooses_where(self):
        partner = self.env["res.partner"].create({"name": "Ana"})
        with self.assertRaisesRegex(UserError, "has written nothing"):
            partner.action_community_answer()
        self.mention.author_id.partner_id = partner
        self.assertEqual(partner.action_community_answer()["res_id"], self.mention.id)
        other = self.make_channel("Second")
        self.ingest(other, item("9", "Acme elsewhere", "ana2"))
        self.mentions(other).author_id.partner_id = partner
        action = partner.action_community_answer()
        self.assertEqual(action["res_model"], "community.mention")
        self.assertEqual(self.env["community.mention"].search(action["domain"]), self.mention | self.mentions(other))

    def test_only_agents_see_it(self):
        outsider = self._new_user("outsider", "base.group_user,sales_team.group_sale_salesman_all_leads")
        lead = self.env["crm.lead"].create({"name": "Lamps"}).with_user(outsider)
        with self.assertRaises(AccessError), mute_logger("odoo.addons.base.models.ir_rule"):
            lead.read(["community_answer_label"])
        with self.assertRaises(AccessError):
            lead.action_community_answer()
        arch = lead.get_view(view_type="form")["arch"]
        self.assertNotIn("action_community_answer", arch)

    def test_the_dialog_opens_for_agents(self):
        action = self.mine.action_answer()
        arch = self.env["community.mention"].with_user(self.agent).get_view(action["views"][0][0], "form")["arch"]
        self.assertIn("community_reply_box", arch)


@tagged("post_install", "-at_install")
class TestUndoTrigger(ComposerCase):
    """The scheduled action knows when the seconds are over."""

    def test_the_outbox_is_woken_when_they_are(self):
        cron = self.env.ref("community_manager.cron_send")
        triggers = self.env["ir.cron.trigger"].search([("cron_id", "=", cron.id)])
        self.mine.send_reply("Hello", "reply", False, self.opened())
        [at] = (self.env["ir.cron.trigger"].search([("cron_id", "=", cron.id)]) - triggers).mapped("call_at")
        self.assertTrue(fields.Datetime.now() < at <= fields.Datetime.now() + timedelta(seconds=11))

    def test_nobody_asks_for_hours(self):
        self.mine.with_context(community_undo_seconds=10**9)._reply("Hello")
        self.assertLessEqual(self.replies().next_try_at, fields.Datetime.now() + timedelta(seconds=60))
