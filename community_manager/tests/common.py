import os
from unittest.mock import patch

from cryptography.fernet import Fernet

from odoo.tests import TransactionCase, new_test_user

from odoo.addons.community_manager.models.platform.vault import KEY_VARIABLE

from .toy import Toy, item, page, sign, toy_network

__all__ = ["CommunityCase", "CommunityMixin", "Toy", "item", "page", "sign"]


class CommunityMixin:
    """A company with one user per role, one topic, and a toy network; for any kind of Odoo test case."""

    @classmethod
    def _set_up_community(cls):
        # a key of our own: tests leave nothing in the data directory
        environment = patch.dict(os.environ, {KEY_VARIABLE: Fernet.generate_key().decode()})
        environment.start()
        cls.addClassCleanup(environment.stop)
        toy = toy_network()
        cls.toy = toy.__enter__()
        cls.addClassCleanup(toy.__exit__, None, None, None)
        # what demo or another test database brings must not listen, match or route here
        cls.env["community.channel"].search([]).write({"active": False, "state": "paused"})
        cls.env["community.topic"].search([]).active = False
        cls.env["community.rule"].search([]).active = False
        cls.env["ir.config_parameter"].search([("key", "=", "community_manager.home")]).unlink()
        cls.company = cls.env.company
        cls.agent = cls._new_user("agent", "community_manager.group_agent")
        cls.manager = cls._new_user("manager", "community_manager.group_manager")
        cls.admin = cls._new_user("admin", "community_manager.group_admin")
        cls.topic = cls.make_topic("Acme", "acme")

    def setUp(self):
        super().setUp()
        self.toy.reset()

    @classmethod
    def _new_user(cls, name, groups, **values):
        return new_test_user(
            cls.env, f"community_{name}", groups=groups, name=f"Community {name}", email=f"{name}@example.com", **values
        )

    @classmethod
    def make_topic(cls, name, *words, **values):
        """Create a topic with keywords; a word with a leading "-" rules a text out."""
        keywords = [(0, 0, {"name": word.removeprefix("-"), "exclude": word.startswith("-")}) for word in words]
        return cls.env["community.topic"].create({"name": name, "keyword_ids": keywords, **values})

    @classmethod
    def make_channel(cls, name="Toy", start=True, network="toy", access=None, **values):
        """Create a channel on the toy network that reads the script named like it."""
        channel = cls.env["community.channel"].create({"name": name, "network": network, **values})
        channel._set_access({"source": name, "token": f"token of {name}"} if access is None else access)
        if start:
            channel.action_start()
        return channel

    @classmethod
    def script(cls, name, *runs):
        """Say what the toy network answers to the channel ``name``; each run is a list of pages and errors."""
        cls.toy.script[name] = list(runs)

    @classmethod
    def listen(cls, *channels, budget=30.0):
        """Make channels due and listen to them once; return (finished, left)."""
        records = cls.env["community.channel"].union(*channels)
        records.next_poll_at = "2020-01-01 00:00:00"
        result = cls.env["community.listener"]._listen_channels(records, budget)
        cls.env.invalidate_all()
        return result

    @classmethod
    def ingest(cls, channel, *items, **values):
        """Store items as if ``channel`` had read them; return the counts."""
        return cls.env["community.ingest"]._ingest_page(channel, page(*items, **values))

    @classmethod
    def mentions(cls, *channels, **values):
        """Return the mentions of some channels, oldest first."""
        domain = [("channel_id", "in", [channel.id for channel in channels])]
        domain += [(name, "=", value) for name, value in values.items()]
        return cls.env["community.mention"].with_context(active_test=False).search(domain, order="published_at, id")


class CommunityCase(CommunityMixin, TransactionCase):
    """Base of tests that need no web server."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls._set_up_community()

    # the same helpers, as values
    item = staticmethod(item)
    page = staticmethod(page)
