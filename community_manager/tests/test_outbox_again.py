from datetime import timedelta

from odoo import sql_db
from odoo.tests import tagged

from odoo.addons.community_manager.connectors.errors import Refused
from odoo.addons.community_manager.models.response.community_outbox import CLAIM_CLASS

from .test_outbox import OutboxCase
from .toy_sending import lost


@tagged("post_install", "-at_install")
class TestOutboxAgain(OutboxCase):
    """What is tried again: when it is looked for, under which key it goes out, and by one worker at a time."""

    def test_it_is_looked_for_only_when_the_network_shows_it(self):
        self.toy.settle_seconds = 600
        self.toy.answers = [lost()]
        reply = self.answer()
        self.send()
        self.assertEqual(reply.state, "uncertain")
        self.assertGreaterEqual(reply.next_try_at, reply.tried_at + timedelta(seconds=600))
        self.env["community.outbox"]._send(20)
        self.assertEqual((self.toy.asked, len(self.toy.sent)), (0, 1))

    def test_a_network_that_knows_keys_need_not_show_it_first(self):
        self.toy.settle_seconds, self.toy.repeat_seconds = 600, 3600
        self.toy.answers = [lost()]
        reply = self.answer()
        self.send()
        self.assertEqual(reply.state, "uncertain")
        self.assertLess(reply.next_try_at, reply.tried_at + timedelta(seconds=600))

    def test_what_was_refused_goes_out_under_another_key(self):
        self.toy.answers = [Refused("Too long.")]
        reply = self.answer()
        key = reply.key
        self.send()
        self.assertEqual((reply.state, reply.key), ("failed", key))
        reply.with_user(self.agent).action_queue()
        self.send()
        self.assertEqual(reply.state, "sent")
        self.assertNotEqual(self.toy.sent[0][3], key, "the network would answer the old key with the refusal")

    def test_an_account_that_another_worker_sends_for_is_passed_over(self):
        reply = self.answer()
        with sql_db.db_connect(self.env.cr.dbname).cursor() as other:
            other.execute("SELECT pg_advisory_xact_lock(%s, %s)", (CLAIM_CLASS, self.channel.id))
            self.send()
            self.assertEqual((reply.state, self.texts()), ("queued", []))
        self.send()
        self.assertEqual((reply.state, self.texts()), ("sent", ["It is on its way."]))
