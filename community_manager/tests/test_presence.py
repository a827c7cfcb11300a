import json
from datetime import timedelta

from odoo import fields
from odoo.tests import HttpCase, new_test_user, tagged

from .common import CommunityMixin, item


@tagged("post_install", "-at_install")
class TestPresence(CommunityMixin, HttpCase):
    """Who else looks at a conversation, or answers it."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls._set_up_community()
        channel = cls.make_channel()
        cls.ingest(
            channel,
            item("1", "Where is my acme chair?", origin="own"),
            item("2", "And my acme lamp?", origin="own", parent_id="1"),
            item("3", "Something else", origin="own"),
        )
        cls.first, cls.second, cls.apart = (cls.mentions(channel, external_id=name) for name in "123")
        cls.other = cls._new_user("other", "community_manager.group_agent")
        cls.presence = cls.env["community.presence"]

    def note(self, user, mention, doing="look"):
        return self.presence.with_user(user)._note(mention.with_user(user), doing)

    def told(self):
        """Return what was said on the bus about presence, and forget it."""
        self.env.flush_all()
        self.env.cr.precommit.run()
        messages = self.env["bus.bus"].search([("message", "like", "community_manager.presence")])
        found = [(entry.channel, json.loads(entry.message)["payload"]) for entry in messages]
        messages.unlink()
        return found

    def test_two_in_one_conversation_see_each_other(self):
        """Whatever mention of it they have open; what others do is told once, with numbers only."""
        self.assertEqual(self.note(self.agent, self.first), [])
        self.told()
        seen = self.note(self.manager, self.second, "write")
        self.assertEqual(seen, [{"id": self.agent.id, "name": "Community agent", "doing": "look"}])
        [(channel, message)] = self.told()
        self.assertIn(str(self.agent.partner_id.id), channel)
        self.assertEqual(message["user_id"], self.manager.id)
        self.assertNotIn("Community", json.dumps(message))
        self.note(self.manager, self.second, "write")
        self.assertFalse(self.told(), "nothing new is not told")
        [entry] = self.note(self.agent, self.first)
        self.assertEqual((entry["id"], entry["doing"]), (self.manager.id, "write"))
        self.assertEqual(self.note(self.other, self.apart), [])

    def test_who_leaves_or_falls_silent_is_gone(self):
        self.note(self.manager, self.first)
        self.note(self.other, self.first)
        self.assertEqual(len(self.note(self.agent, self.first)), 2)
        self.note(self.other, self.first, "")
        self.assertEqual(len(self.note(self.agent, self.first)), 1)
        old = fields.Datetime.now() - timedelta(seconds=31)
        self.presence.search([("user_id", "=", self.manager.id)]).seen_at = old
        self.assertEqual(self.note(self.agent, self.first), [])
        self.presence.search([]).seen_at = fields.Datetime.now() - timedelta(hours=1)
        self.presence._gc_gone()
        self.assertFalse(self.presence.search([]))

    def test_two_tabs_are_one_person(self):
        self.note(self.manager, self.first)
        self.note(self.manager, self.second, "write")
        self.assertEqual([entry["doing"] for entry in self.note(self.agent, self.first)], ["write"])

    def beat(self, user, mention, doing="look"):
        self.authenticate(user.login, user.login)
        return self.make_jsonrpc_request(
            "/community_manager/presence", {"mention_id": mention.id, "doing": doing}, timeout=20
        )

    def test_route_is_for_agents_who_may_read_the_mention(self):
        self.assertEqual(self.beat(self.agent, self.first), [])
        employee = new_test_user(self.env, "community_employee", "base.group_user")
        elsewhere = self.env["res.company"].create({"name": "Elsewhere"})
        stranger = self._new_user(
            "elsewhere", "community_manager.group_agent", company_id=elsewhere.id, company_ids=[(6, 0, elsewhere.ids)]
        )
        for user in (employee, stranger):
            with self.subTest(user=user.login), self.assertLogs("odoo.http", "WARNING"):
                with self.assertRaisesRegex(Exception, "Odoo Server Error|AccessError|not allowed|only|Only"):
                    self.beat(user, self.first)
        self.assertEqual(self.presence.search([]).user_id, self.agent)
