from unittest.mock import patch

from odoo.exceptions import UserError
from odoo.tests import tagged

from odoo.addons.community_manager.connectors import register, unregister
from odoo.addons.community_manager.connectors.odoo_site import LocalNetwork

from .common import CommunityCase


class Attic(LocalNetwork):
    """A network of a module that nobody has."""

    code = "attic"
    label = "Attic"
    description = "What a module has that nobody installed."
    needs_models = ("attic.box",)


@tagged("post_install", "-at_install")
class TestOptionalNetworks(CommunityCase):
    """Networks of this very Odoo come and go with the modules they read."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        register(Attic)
        cls.addClassCleanup(unregister, "attic")

    def offered(self):
        """Return the codes that a new channel can be of."""
        return {code for code, _label in self.env["community.channel"]._selection_offered()}

    def uninstalled(self):
        """Return a channel whose module was there when it was connected."""
        with patch.object(Attic, "needs_models", ()):
            return self.env["community.channel"].create({"name": "Boxes", "network": "attic", "state": "listening"})

    def test_offered_with_its_module_only(self):
        """Neither the gallery nor the form offers what cannot be had."""
        networks = self.env["community.network"].with_context(active_test=False)
        self.assertNotIn("attic", self.offered())
        networks._sync()
        self.assertFalse(networks.search([("code", "=", "attic")]).active)
        with patch.object(Attic, "needs_models", ("res.partner",)):
            self.assertIn("attic", self.offered())
            networks._sync()
            self.assertTrue(networks.search([("code", "=", "attic"), ("active", "=", True)]))
            networks._register_hook()
            self.assertTrue(networks.search([("code", "=", "attic"), ("active", "=", True)]))
        networks._register_hook()
        networks.invalidate_model()
        self.assertFalse(networks.search([("code", "=", "attic"), ("active", "=", True)]))

    def test_a_channel_whose_module_is_gone_says_so(self):
        """It stays what it is, asks for a person, and the others go on."""
        channel = self.uninstalled()
        self.assertIn("attic", self.offered())
        self.assertEqual(channel.health, "error")
        self.assertIn("not installed in this Odoo", channel.health_text)
        self.script("Toy", [self.page(self.item())])
        toy = self.make_channel("Toy")
        self.listen(channel, toy)
        self.assertEqual(len(self.mentions(toy)), 1)
        self.assertEqual(channel.state, "error")
        self.assertIn("not installed in this Odoo", channel.last_error)
        with self.assertRaises(UserError):
            channel.action_check()
        channel.active = False
        self.assertNotIn(channel, self.env["community.listener"]._due_channels())
