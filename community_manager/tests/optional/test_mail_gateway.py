from unittest.mock import patch

from odoo.tests import tagged

from odoo.addons.community_manager.connectors.errors import ConnectorError, Gone, Misconfigured

from .common import LocalCase


@tagged("post_install", "-at_install")
class TestMailGateway(LocalCase):
    """Chats of OCA's mail_gateway, with a gateway that hands on to a list instead of a network."""

    network = "mail_gateway"
    needs = "mail.gateway"

    @classmethod
    def set_up_place(cls):
        cls.handed_on, cls.problem = [], None
        case = cls

        class Double(cls.registry["mail.gateway.abstract"]):
            """What a gateway does of its own: to send, and to note how that went."""

            _register = False

            def _send(self, gateway, record, auto_commit=False, raise_exception=False, parse_mode=False):
                if case.problem:
                    raise case.problem
                case.handed_on.append(
                    (record.gateway_channel_id.gateway_channel_token, str(record.mail_message_id.body))
                )
                record.sudo().write({"notification_status": "sent", "gateway_message_id": str(len(case.handed_on))})

        for name in ("mail.gateway", "mail.message", "mail.notification"):
            patcher = patch.object(cls.env[name]._fields["gateway_type"], "_selection", {"double": "Double"})
            patcher.start()
            cls.addClassCleanup(patcher.stop)
        patcher = patch.dict(cls.registry.models, {"mail.gateway.double": Double})
        patcher.start()
        cls.addClassCleanup(patcher.stop)
        cls.gateway = cls.env["mail.gateway"].create({"name": "Chat line", "token": "t", "gateway_type": "double"})
        cls.guest = cls.env["mail.guest"].create(
            {"name": "Ana Guest", "gateway_id": cls.gateway.id, "gateway_token": "4711"}
        )
        cls.chat = cls.env["discuss.channel"].create(
            {"name": "Ana Guest", "channel_type": "gateway", "gateway_id": cls.gateway.id,
             "gateway_channel_token": "4711", "company_id": cls.company.id,
             "channel_member_ids": [(0, 0, {"guest_id": cls.guest.id})]}
        )  # fmt: skip

    def setUp(self):
        super().setUp()
        type(self).handed_on, type(self).problem = [], None
        self.channel._set_access({"gateway": str(self.gateway.id)})

    def arrive(self, text="Where is my parcel?", chat=None):
        """Post a message as the gateway does when one arrives."""
        return (chat or self.chat).with_context(guest=self.guest, no_gateway_notification=True).message_post(
            body=text, author_id=False, gateway_type="double",
            subtype_xmlid="mail.mt_comment", message_type="comment",
        )  # fmt: skip

    def test_chats_are_private_messages(self):
        """What a guest writes is a private message to us; what a colleague writes in Discuss is ours."""
        message = self.arrive()
        ours = self.chat.with_context(no_gateway_notification=True).message_post(
            body="On its way", author_id=self.agent.partner_id.id, message_type="comment",
            subtype_xmlid="mail.mt_comment",
        )  # fmt: skip
        found = self.by_ref(self.read())
        mention = found[f"message-{message.id}"]
        self.assertEqual((mention.text, mention.kind, mention.visibility), ("Where is my parcel?", "message", "direct"))
        self.assertEqual((mention.author_id.name, mention.outgoing, mention.origin), ("Ana Guest", False, "own"))
        self.assertTrue(found[f"message-{ours.id}"].outgoing)
        self.assertEqual(found[f"message-{ours.id}"].conversation_id, mention.conversation_id)

    def test_other_gateways_are_other_channels(self):
        """Only the chosen gateway's chats are read."""
        other = self.env["mail.gateway"].create({"name": "Other", "token": "o", "gateway_type": "double"})
        chat = self.chat.copy({"gateway_id": other.id, "gateway_channel_token": "x"})
        self.arrive(chat=chat)
        self.assertFalse(self.read())
        self.assertEqual(len(self.channel._connector().choices()["gateway"]), 2)

    def test_an_answer_is_handed_on_once(self):
        """It stands in the chat, goes to the gateway, and is found by its key."""
        message = self.arrive()
        connector = self.channel._connector()
        outgoing = self.outgoing(f"message-{message.id}", "It left today.")
        self.assertIsNone(connector.find_sent(outgoing))
        item, again = connector.reply(outgoing), connector.reply(outgoing)
        self.assertEqual(item.external_id, again.external_id)
        self.assertEqual(len(self.handed_on), 1)
        token, body = self.handed_on[0]
        self.assertEqual(token, "4711")
        self.assertIn("It left today.", body)
        self.assertEqual((item.text, item.visibility, item.outgoing), ("It left today.", "direct", True))
        self.assertEqual(connector.find_sent(outgoing).external_id, item.external_id)
        mention = self.by_ref(self.read())[item.external_id]
        self.assertTrue(mention.outgoing)

    def test_what_the_gateway_did_with_it_may_be_unknown(self):
        """When handing on fails a person has to look; trying again writes no second message into the chat."""
        message = self.arrive()
        connector = self.channel._connector()
        outgoing = self.outgoing(f"message-{message.id}", "It left today.")
        type(self).problem = RuntimeError("timed out")
        problem = None
        try:  # assertRaises would take back what was stored before
            connector.reply(outgoing)
        except ConnectorError as error:
            problem = error
        self.assertTrue(problem.unsure)
        self.assertIn("timed out", problem.message)
        with self.assertRaises(NotImplementedError):
            connector.find_sent(outgoing)
        type(self).problem = None
        connector.reply(outgoing)
        self.assertEqual(len(self.handed_on), 1)
        written = self.env["mail.message"].search([("model", "=", "discuss.channel"), ("body", "like", "left today")])
        self.assertEqual(len(written), 1)

    def test_a_chat_that_was_deleted_is_gone(self):
        """Nothing is handed on."""
        message = self.arrive()
        ref = f"message-{message.id}"
        self.assertEqual(self.channel._connector().thread(ref, {})[0].external_id, ref)
        message.unlink()
        with self.assertRaises(Gone):
            self.channel._connector().reply(self.outgoing(ref))
        self.assertFalse(self.handed_on)

    def test_a_gateway_has_to_be_chosen(self):
        """Without one, or when it is gone, the channel says what to mend."""
        self.channel._set_access({"gateway": ""})
        with self.assertRaises(Misconfigured):
            self.channel._connector().check()
        self.channel.settings = {"gateway": "99999"}
        with self.assertRaises(Misconfigured):
            self.channel._connector().check()
