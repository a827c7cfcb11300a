import importlib
import os
import sys
import tempfile
from textwrap import dedent

from odoo.exceptions import UserError
from odoo.tests import Form, tagged
from odoo.tools import file_path

from odoo.addons.community_manager import connectors

from .common import CommunityCase

#: what somebody writes to add a network: one file in the folder of connectors
SOURCE = '''
    """A guest book on paper, read aloud."""
    from .base import Connector, Setting, _
    from .items import AuthorItem, Check, MentionItem, Page
    from .registry import register


    @register
    class GuestBook(Connector):
        """Reads the guest book of a museum."""

        code = "guest_book"
        label = _("Guest book")
        description = _("What visitors write at the exit.")
        kind = "reviews"
        scope = "vertical"
        capabilities = frozenset({"listen", "reply"})
        text_limit = 40
        settings = (Setting("museum", _("Museum"), required=True),)

        def check(self):
            return Check(account=self.values["museum"])

        def listen(self, cursor):
            last = cursor.get("last", 0)
            entries = [(1, "Vera", "Acme has the best chairs"), (2, "Ben", "Cold coffee")]
            items = [
                MentionItem(str(number), text=text, author=AuthorItem(name, name=name, realm=None), realm=None)
                for number, name, text in entries
                if number > last
            ]
            yield Page(items=items, cursor={"last": 2})

        def reply(self, outgoing):
            return MentionItem(
                f"answer to {outgoing.target.external_id}",
                text=outgoing.text,
                parent_id=outgoing.target.external_id,
                realm=outgoing.target.realm,
                author=AuthorItem("museum", name="Museum", realm=None),
            )
'''


@tagged("post_install", "-at_install")
class TestNetworkInOneFile(CommunityCase):
    """A new network is one new file: no model, no view, no migration."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        folder = cls.enterClassContext(tempfile.TemporaryDirectory())
        with open(os.path.join(folder, "guest_book.py"), "w", encoding="utf-8") as stream:
            stream.write(dedent(SOURCE))
        # the folder stands in for connectors/, which a test does not write into
        connectors.__path__.append(folder)
        cls.addClassCleanup(cls._forget, folder)
        importlib.invalidate_caches()
        connectors.load()
        # what happens when a server starts
        cls.env["community.network"]._register_hook()
        cls.env["community.network"]._sync()

    @staticmethod
    def _forget(folder):
        connectors.unregister("guest_book")
        connectors.__path__.remove(folder)
        sys.modules.pop(f"{connectors.__name__}.guest_book", None)

    def test_card(self):
        """It stands among the networks, with what it is and can do."""
        network = self.env["community.network"].search([("code", "=", "guest_book")])
        self.assertEqual(len(network), 1)
        self.assertEqual((network.name, network.kind, network.scope), ("Guest book", "reviews", "vertical"))
        self.assertTrue(network.can_listen)
        self.assertTrue(network.can_answer)
        self.assertFalse(network.can_push)

    def test_starting_twice(self):
        """Servers that start at the same time add it once; when its file is gone its card goes."""
        networks = self.env["community.network"].with_context(active_test=False)
        networks._register_hook()
        networks._sync()
        network = networks.search([("code", "=", "guest_book")])
        self.assertEqual(len(network), 1)
        cls = connectors.network("guest_book")
        connectors.unregister("guest_book")
        networks._sync()
        self.assertFalse(network.active)
        connectors.register(cls)
        networks._sync()
        self.assertTrue(network.active)

    def test_from_choice_to_mention(self):
        """An administrator chooses it, tests it, listens to it, and what it says arrives with its topic."""
        selection = self.env["community.channel"].fields_get(["network"])["network"]["selection"]
        self.assertIn(("guest_book", "Guest book"), selection)
        with Form(self.env["community.channel"].with_user(self.admin)) as form:
            form.name = "Museum"
            form.network = "guest_book"
        channel = form.record
        fields = channel.access_form["fields"]
        self.assertEqual(
            [(field["name"], field["label"], field["required"]) for field in fields], [("museum", "Museum", True)]
        )
        channel.access_form = {"values": {"museum": "Museum of Chairs"}}
        self.assertIn("Museum of Chairs", channel.action_check()["params"]["message"])
        channel.action_start()
        self.listen(channel.sudo())
        mention = self.mentions(channel)
        self.assertEqual(mention.text, "Acme has the best chairs")
        self.assertEqual((mention.topic_ids, mention.author_id.name), (self.topic, "Vera"))
        self.assertEqual(mention.network, "guest_book")
        self.assertEqual(channel.sudo().position, {"last": 2})
        self.listen(channel.sudo())
        self.assertEqual(len(self.mentions(channel)), 1)

    def test_from_answer_to_conversation(self):
        """An agent answers what it brought: the limit it names holds, and the answer stands in the conversation."""
        channel = self.make_channel("Museum", network="guest_book", access={"museum": "Museum of Chairs"})
        self.listen(channel)
        mention = self.mentions(channel).with_user(self.agent)
        options = mention.get_reply_options()
        self.assertEqual([(way["way"], way["limit"]) for way in options["ways"]], [("reply", 40)])
        with self.assertRaises(UserError):
            mention.send_reply("x" * 41)
        mention.send_reply("Thank you, Vera!")
        self.env["community.outbox"]._send(20)
        self.env.invalidate_all()
        said = [(entry["author"], entry["outgoing"]) for entry in mention.get_conversation()["mentions"]]
        self.assertEqual(sorted(said), [("Museum", True), ("Vera", False)])
        self.assertEqual(self.env["community.reply"].search([("mention_id", "=", mention.id)]).state, "sent")

    def test_in_the_wizard(self):
        """The wizard offers it, tests it and shows what it would bring."""
        network = self.env["community.network"].search([("code", "=", "guest_book")])
        action = network.with_user(self.admin).action_connect()
        wizard = self.env[action["res_model"]].with_user(self.admin).browse(action["res_id"])
        wizard.access_form = {"values": {"museum": "Museum of Chairs"}}
        wizard.action_test()
        self.assertEqual((wizard.account, wizard.problem), ("Museum of Chairs", False))

    def test_without_an_icon(self):
        """A network that brings no icon is shown with one all the same."""
        url = self.env["community.network"]._icon_url("guest_book")
        self.assertTrue(file_path(url.lstrip("/")))
        self.assertIn("mastodon", self.env["community.network"]._icon_url("mastodon"))
