from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged
from odoo.tools import mute_logger

from .common import CommunityCase, item, page


@tagged("post_install", "-at_install")
class TestDelete(CommunityCase):
    """Deleting a channel takes away what it could do and keeps what was said."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.channel = cls.make_channel("One")

    def setUp(self):
        super().setUp()
        self.script("One", [page(item("1"), item("2", parent_id="1", text="acme too", origin="own"))])
        self.listen(self.channel)
        self.kept = self.mentions(self.channel)
        self.assertEqual(len(self.kept), 2)

    def delete(self):
        """Delete the channel as an administrator does; return what is said."""
        return self.channel.with_user(self.admin).action_delete()["params"]["message"]

    def test_what_stays(self):
        """Mentions, their conversation, lead and ticket stay, with the name of the channel they came through."""
        lead = self.env["crm.lead"].create({"name": "Boots", "type": "lead"})
        self.kept[0].lead_id = lead
        conversation = self.kept.conversation_id
        self.assertEqual(len(conversation), 1)
        message = self.delete()
        self.assertIn("2 mentions stay", message)
        self.assertFalse(self.channel.exists())
        self.env.invalidate_all()
        self.assertEqual(self.kept.exists(), self.kept)
        self.assertFalse(self.kept.channel_id)
        self.assertEqual(set(self.kept.mapped("channel_name")), {"One"})
        self.assertEqual(self.kept.conversation_id, conversation)
        self.assertEqual(self.kept[0].lead_id, lead)
        self.assertFalse(conversation.channel_id or conversation.next_look_at)
        self.assertEqual(self.kept.mapped("text"), ["Acme is great", "acme too"])

    def test_what_goes(self):
        """Access, hourly use, deliveries that wait and quarantine go with it."""
        channel_id = self.channel.id
        self.env["community.channel.usage"]._count(self.channel, requests=1)
        self.env["community.push"]._receive(self.channel, {}, b"{}", "d")
        self.delete()
        for table in ("community_secret", "community_channel_usage", "community_push", "community_authorization"):
            self.env.cr.execute(f"SELECT count(*) FROM {table} WHERE channel_id = %s", [channel_id])
            self.assertEqual(self.env.cr.fetchone()[0], 0, table)

    def test_screens(self):
        """Everything that shows a mention copes with one whose channel is gone, for every role."""
        self.delete()
        self.env.invalidate_all()
        for user in (self.agent, self.manager, self.admin):
            for mention in self.kept.with_user(user):
                spec = {name: {} for name in mention.fields_get()}
                [row] = mention.web_read(spec)
                self.assertFalse(row["channel_id"])
                mention.action_assign_to_me()
                mention.action_done()
                mention.action_reopen()
        mentions = self.env["community.mention"].with_user(self.agent)
        groups = mentions.formatted_read_group([("id", "in", self.kept.ids)], ["channel_id"], ["__count"])
        self.assertEqual([group["__count"] for group in groups], [2])
        self.assertTrue(mentions.search([("channel_name", "=", "One")]))
        rule = self.env["community.rule"].create({"name": "Any", "keywords": "acme", "priority": "2"})
        self.assertEqual(len(self.env["community.rule"]._facts(self.kept)), 2)
        rule.unlink()

    def test_listening_goes_on(self):
        """The scheduled work copes: nothing is looked at again, other channels are listened to."""
        self.kept.conversation_id.next_look_at = "2020-01-01 00:00:00"
        self.delete()
        self.assertFalse(self.kept.conversation_id.next_look_at)
        self.kept.conversation_id.next_look_at = "2020-01-01 00:00:00"
        self.assertEqual(self.env["community.listener"]._look_again(), (0, 0))
        other = self.make_channel("Two")
        self.script("Two", [page(item("3"))])
        self.assertEqual(self.listen(other), (1, 0))

    def test_connected_again(self):
        """The same account connected anew takes up what is addressed to it; nothing is stored twice."""
        self.delete()
        self.env.invalidate_all()
        again = self.make_channel("Again")
        self.script(
            "Again",
            [page(item("1"), item("2", parent_id="1", text="acme too", origin="own"), item("3", text="acme three"))],
        )
        self.listen(again)
        self.assertEqual(self.mentions(again).mapped("external_id"), ["2", "3"])
        self.assertEqual(self.kept[1].channel_id, again)
        self.assertFalse(self.kept[1].channel_name)
        self.assertEqual(self.kept[0].channel_name, "One")

    def test_company_border(self):
        """What stays belongs to its company as before."""
        elsewhere = self.env["res.company"].create({"name": "Elsewhere"})
        stranger = self._new_user(
            "stranger", "community_manager.group_admin", company_id=elsewhere.id, company_ids=[(6, 0, elsewhere.ids)]
        )
        self.delete()
        mine = self.env["community.mention"].with_user(stranger)
        self.assertFalse(mine.search([("id", "in", self.kept.ids)]))
        other = self.make_channel("Two")
        with self.assertRaises(AccessError), mute_logger("odoo.addons.base.models.ir_rule"):
            other.with_user(stranger).action_delete()

    def test_who_may(self):
        """Only administrators delete channels."""
        for user in (self.agent, self.manager):
            with self.assertRaises(AccessError), mute_logger("odoo.addons.base.models.ir_model"):
                self.channel.with_user(user).action_delete()
        self.assertTrue(self.channel.exists())

    def test_a_rule_for_it(self):
        """A rule that was for this channel only would hold for all without it: it is named."""
        self.env["community.rule"].create({"name": "Only here", "channel_ids": [(6, 0, self.channel.ids)]})
        with self.assertRaisesRegex(UserError, "Only here"):
            self.delete()
        self.assertTrue(self.channel.exists())

    def test_while_it_is_listened_to(self):
        """A channel that a worker reads at this moment is not pulled away from under it."""
        self.patch(type(self.env["community.listener"]), "_claim", lambda listener, cr, ids: [])
        with self.assertRaisesRegex(UserError, "being listened to"):
            self.delete()
        self.assertTrue(self.channel.exists())
