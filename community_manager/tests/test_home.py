from contextlib import contextmanager
from unittest.mock import patch

from odoo.exceptions import AccessError, UserError
from odoo.modules.neutralize import get_neutralization_queries
from odoo.tests import tagged

from .common import CommunityCase, item, page


@tagged("post_install", "-at_install")
class TestHome(CommunityCase):
    """Only the live database talks to networks."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.home = cls.env["community.home"]
        cls.parameters = cls.env["ir.config_parameter"].sudo()
        cls.channel = cls.make_channel("One")

    def setUp(self):
        super().setUp()
        self.asked = []
        original = self.toy.__init__

        def made(connector, *arguments, **keywords):
            self.asked.append(connector)
            original(connector, *arguments, **keywords)

        patcher = patch.object(self.toy, "__init__", made)
        patcher.start()
        self.addCleanup(patcher.stop)
        self.script("One", [page(item("1"))])

    @contextmanager
    def renamed(self):
        """Let this be a copy under another name."""
        with patch.object(self.registry["community.home"], "_identity", lambda home: "copy:uuid"):
            yield

    def work(self):
        """Run the scheduled action, with everything due."""
        self.env["community.channel"].search([]).next_poll_at = "2020-01-01 00:00:00"
        self.env["community.conversation"].search([]).next_look_at = "2020-01-01 00:00:00"
        with self.enter_registry_test_mode():
            self.env.ref("community_manager.cron_listen").method_direct_trigger()
        self.env.invalidate_all()

    def assertMute(self, words):
        """Nothing that anybody presses and nothing that is scheduled makes a connector, and buttons say why."""
        channel = self.channel.with_user(self.admin)
        for button in ("action_start", "action_listen_now", "action_check"):
            with self.assertRaisesRegex(UserError, words):
                getattr(channel, button)()
        with self.assertRaises(UserError):
            self.channel._connector()
        self.work()
        self.assertFalse(self.asked)
        self.assertFalse(self.mentions(self.channel))
        self.assertEqual(self.channel.error_count, 0, "it is not the channel's fault")

    def test_first_start_settles(self):
        """A database is new until its first channel is started; then it is the live one, known by name and key."""
        self.assertEqual(self.home._status(), "live")
        noted = self.parameters.get_param("community_manager.home")
        self.assertTrue(noted.startswith(self.env.cr.dbname + ":"))
        self.assertTrue(noted.rpartition("|")[2], "the key is noted even before there is a secret")
        self.parameters.set_param("community_manager.home", False)
        self.assertEqual(self.home._status(), "new")

    def test_live(self):
        """The live database listens: the other tests mean something."""
        self.work()
        self.assertTrue(self.asked)
        self.assertEqual(len(self.mentions(self.channel)), 1)

    def test_renamed_copy(self):
        """A copy under another name is mute until an administrator confirms it."""
        with self.renamed():
            self.assertEqual(self.home._status(), "copy")
            self.assertMute("copy of another database")
            for user in (self.agent, self.manager):
                with self.assertRaises(AccessError):
                    self.home.with_user(user).action_settle()
            self.assertEqual(self.home._status(), "copy")
            self.home.with_user(self.admin).action_settle()
            self.assertEqual(self.home._status(), "live")
            self.work()
            self.assertEqual(len(self.mentions(self.channel)), 1)

    def test_the_original_is_not_disturbed(self):
        """Confirming a copy is written in the copy; here it shows as a copy in turn, never as two live ones."""
        with self.renamed():
            self.home.with_user(self.admin).action_settle()
        self.assertEqual(self.home._status(), "copy")

    def test_duplicated_database(self):
        """Odoo gives a duplicated database a new uuid: that is a copy too, under whatever name."""
        self.parameters.set_param("database.uuid", "another")
        self.assertEqual(self.home._status(), "copy")
        self.assertMute("copy of another database")

    def test_restored_elsewhere(self):
        """A dump restored under the same name on a machine without the key is held as well."""
        noted = self.parameters.get_param("community_manager.home")
        self.parameters.set_param("community_manager.home", noted.rpartition("|")[0] + "|0123456789abcdef")
        self.assertEqual(self.home._status(), "key")
        with self.assertRaisesRegex(UserError, "key"):
            self.channel.with_user(self.admin).action_check()
        self.work()
        self.assertFalse(self.asked)

    def test_neutralized(self):
        """A neutralized database is mute, and nobody confirms it."""
        self.parameters.set_param("database.is_neutralized", "true")
        self.assertMute("neutralized")
        with self.assertRaisesRegex(UserError, "neutralized"):
            self.home.with_user(self.admin).action_settle()
        self.assertMute("neutralized")

    def test_neutralize_script(self):
        """Odoo's neutralization takes the secrets away, pauses the channels and drops what waits."""
        self.env["community.push"]._receive(self.channel, {}, b"{}", "waiting")
        broken = self.make_channel("Two")
        broken.state = "error"
        draft = self.make_channel("Three", start=False)
        self.env.flush_all()
        for query in get_neutralization_queries(["base", "community_manager"]):
            self.env.cr.execute(query)
        self.env.invalidate_all()
        self.registry.clear_all_caches()  # parameters are cached; the server that opens the copy starts afresh
        self.assertEqual(self.home._status(), "neutralized")
        self.assertEqual(set((self.channel | broken).mapped("state")), {"paused"})
        self.assertEqual(draft.state, "draft")
        self.assertFalse(self.env["community.secret"].search_count([]))
        self.assertFalse(self.env["community.push"].search_count([]))
        self.work()
        self.assertFalse(self.asked)

    def test_banner(self):
        """Screens say why nothing happens, and offer the way out to administrators only."""
        self.assertFalse(self.home.with_user(self.agent).get_notice()["text"])
        with self.renamed():
            self.assertFalse(self.home.with_user(self.agent).get_notice()["can_settle"])
            notice = self.home.with_user(self.admin).get_notice()
            self.assertTrue(notice["text"] and notice["can_settle"])
        self.parameters.set_param("database.is_neutralized", "true")
        self.assertFalse(self.home.with_user(self.admin).get_notice()["can_settle"])

    def test_settings(self):
        """The settings tell the same and have the button."""
        self.admin.write({"group_ids": [(4, self.env.ref("base.group_system").id)]})
        with self.renamed():
            settings = self.env["res.config.settings"].with_user(self.admin).create({})
            self.assertTrue(settings.community_home_held)
            self.assertIn("copy", settings.community_home_status)
            settings.action_community_settle()
            self.assertEqual(self.home._status(), "live")
