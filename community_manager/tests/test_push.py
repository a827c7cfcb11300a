import json
from unittest.mock import patch

from odoo.tests import HttpCase, tagged
from odoo.tools import mute_logger

from odoo.addons.community_manager.controllers import push as controller
from odoo.addons.community_manager.models.platform import vault

from .common import CommunityMixin, sign

LISTENER = "odoo.addons.community_manager.models.listening.community_listener"


@tagged("post_install", "-at_install")
class TestPush(CommunityMixin, HttpCase):
    """Deliveries over real HTTP."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls._set_up_community()
        cls.channel = cls.make_channel("Pushed")
        cls.key = cls.env["community.secret"]._reveal(cls.channel)["key"]

    def deliver(self, body=None, token=None, key=None, moment="1", headers=None):
        """Post a delivery, signed with the key of the channel unless another is given."""
        if body is None:
            body = {"items": [{"external_id": "d1", "text": "Acme by push"}]}
        data = body if isinstance(body, bytes) else json.dumps(body).encode()
        headers = {
            "Content-Type": "application/json",
            "X-Toy-Time": moment,
            "X-Toy-Signature": sign(self.key if key is None else key, moment, data),
            **(headers or {}),
        }
        return self.url_open(
            f"/community_manager/push/{token or self.channel.push_token}", data=data, headers=headers, method="POST"
        )

    def deliveries(self):
        """Return the stored deliveries of the channel."""
        self.env.invalidate_all()
        return self.env["community.push"].search([("channel_id", "=", self.channel.id)])

    def work(self):
        """Do the listener's part."""
        self.env["community.push"]._cron_process()
        self.env.invalidate_all()

    def assertRefused(self, answer, status):
        """The answer has a status and a sentence, and nothing was stored."""
        self.assertEqual(answer.status_code, status, answer.text)
        content = answer.json()
        self.assertEqual(content["status"], "refused")
        self.assertTrue(content["message"].endswith("."), content)
        self.assertEqual(int(answer.headers["Content-Length"]), len(answer.content))
        return content["message"]

    def test_accepted_and_stored(self):
        """A signed delivery is stored, answered at once, and becomes a mention when the listener runs."""
        answer = self.deliver()
        self.assertEqual(answer.status_code, 202, answer.text)
        self.assertEqual(answer.json(), {"status": "accepted"})
        self.assertEqual(int(answer.headers["Content-Length"]), len(answer.content))
        self.assertNotIn("Set-Cookie", answer.headers)
        delivery = self.deliveries()
        self.assertEqual(delivery.state, "waiting")
        self.assertEqual(set(delivery.headers), {"x-toy-signature", "x-toy-time"})
        self.assertFalse(self.mentions(self.channel))
        self.work()
        mention = self.mentions(self.channel)
        self.assertEqual(mention.text, "Acme by push")
        self.assertEqual(mention.topic_ids, self.topic)
        self.assertEqual(delivery.state, "done")
        self.assertFalse(delivery.body or delivery.headers, "what was said lives on in the mention only")

    def test_wakes_the_listener(self):
        """An accepted delivery triggers the scheduled action at once."""
        triggers = self.env["ir.cron.trigger"]
        mine = [("cron_id", "=", self.env.ref("community_manager.cron_listen").id)]
        before = triggers.search_count(mine)
        self.deliver()
        self.assertGreater(triggers.search_count(mine), before)

    def test_replay_refused(self):
        """The same delivery again is refused, before and after it was worked on."""
        self.assertEqual(self.deliver().status_code, 202)
        self.assertRefused(self.deliver(), 409)
        self.work()
        self.assertRefused(self.deliver(), 409)
        self.assertEqual(len(self.deliveries()), 1)

    def test_same_post_in_another_delivery(self):
        """Two deliveries may speak of the same post; it is stored once."""
        self.assertEqual(self.deliver().status_code, 202)
        self.assertEqual(self.deliver(moment="2").status_code, 202)
        self.work()
        self.assertEqual(len(self.mentions(self.channel)), 1)

    def test_wrong_signature(self):
        """A wrong key, a changed body, no signature: one answer, which does not say what was wrong."""
        answers = {
            self.assertRefused(self.deliver(key="other"), 401),
            self.assertRefused(self.deliver(headers={"X-Toy-Signature": ""}), 401),
            self.assertRefused(self.deliver(headers={"X-Toy-Time": "2"}), 401),
            self.assertRefused(self.deliver(b"not json", key="other"), 401),
        }
        self.assertEqual(len(answers), 1)
        self.assertFalse(self.deliveries())

    def test_signed_but_unreadable(self):
        """Who can sign is told that the content makes no sense."""
        self.assertRefused(self.deliver(b"not json"), 422)
        self.assertRefused(self.deliver(b""), 422)
        self.assertFalse(self.deliveries())

    def test_one_answer_where_there_is_no_channel(self):
        """Nobody can tell a token of the wrong shape from an unknown one, a draft or an archived channel."""
        draft = self.make_channel("Draft", start=False)
        archived = self.make_channel("Archived")
        archived.active = False
        tokens = ["0" * 32, "x" * 32, "1", "..", "A" * 32, "0" * 33, draft.push_token, archived.push_token]
        answers = set()
        for token in tokens:
            answer = self.deliver(token=token)
            if token == "..":  # the client itself resolves it
                continue
            answers.add((answer.status_code, answer.text))
        self.assertEqual({status for status, _text in answers}, {404})
        self.assertEqual(len(answers), 1)

    def test_network_without_push(self):
        """A channel whose network takes no deliveries has no address for them."""
        with patch.object(self.toy, "capabilities", frozenset({"listen"})):
            self.assertRefused(self.deliver(), 404)

    def test_paused(self):
        """A paused channel says so, to those who can sign only."""
        self.channel.action_pause()
        self.assertRefused(self.deliver(key="other"), 401)
        answer = self.deliver()
        self.assertIn("paused", self.assertRefused(answer, 503))
        self.assertEqual(answer.headers["Retry-After"], str(controller.RETRY_PAUSED))
        self.assertFalse(self.deliveries())
        self.channel.action_start()
        self.assertEqual(self.deliver().status_code, 202)

    def test_too_large(self):
        """A body above the limit is not read, with or without its length announced."""
        with patch.object(controller, "LARGEST_BODY", 1000):
            self.assertEqual(self.deliver({"items": [], "fill": "x" * 900}).status_code, 202)
            self.assertRefused(self.deliver({"items": [], "fill": "x" * 1000}), 413)
        self.assertEqual(len(self.deliveries()), 1)
        self.assertRefused(self.deliver({"items": [], "fill": "x" * controller.LARGEST_BODY}), 413)

    def test_form_refused(self):
        """What curl sends by default is refused with the way to mend it."""
        for kind in controller.FORM_TYPES:
            message = self.assertRefused(self.deliver(headers={"Content-Type": kind}), 415)
            self.assertIn("application/json", message)

    def test_other_methods(self):
        """What a network neither asks nor delivers is refused with what would be right."""
        answer = self.url_open(f"/community_manager/push/{self.channel.push_token}", method="GET")
        self.assertIn("POST", self.assertRefused(answer, 405))
        self.assertEqual(answer.headers["Allow"], "POST, PUT")
        answer = self.url_open(f"/community_manager/push/{self.channel.push_token}", method="DELETE")
        self.assertEqual(answer.status_code, 405)

    def test_held_database(self):
        """A neutralized or copied database takes nothing."""
        parameters = self.env["ir.config_parameter"].sudo()
        parameters.set_param("database.is_neutralized", "true")
        answer = self.deliver()
        self.assertRefused(answer, 503)
        self.assertEqual(answer.headers["Retry-After"], str(controller.RETRY_AFTER))
        parameters.set_param("database.is_neutralized", False)
        parameters.set_param("community_manager.home", "elsewhere:uuid|")
        self.assertRefused(self.deliver(), 503)
        self.assertFalse(self.deliveries())

    def test_unreadable_key(self):
        """When the stored key cannot be read the sender is told to come back and the channel asks for access."""
        with patch.object(vault, "decrypt", side_effect=vault.Unreadable("there is no key")):
            answer = self.deliver()
        message = self.assertRefused(answer, 503)
        self.assertNotIn("key", message)
        self.env.invalidate_all()
        self.assertEqual(self.channel.state, "access")
        self.assertIn("Enter access again", self.channel.last_error)

    def test_too_many_waiting(self):
        """A sender far ahead of the listener is slowed down, without harm to what it sent before."""
        with patch.object(controller, "MOST_WAITING", 2):
            self.assertEqual(self.deliver(moment="1").status_code, 202)
            self.assertEqual(self.deliver(moment="2").status_code, 202)
            answer = self.deliver(moment="3")
            self.assertRefused(answer, 429)
            self.assertEqual(answer.headers["Retry-After"], str(controller.RETRY_AFTER))
            self.work()
            self.assertEqual(self.deliver(moment="3").status_code, 202)

    def test_a_bad_delivery_holds_nothing_up(self):
        """One that fails unexpectedly is put aside with its content; the others go on."""
        self.deliver(moment="1")
        self.deliver({"items": [{"external_id": "d2", "text": "Acme again"}]}, moment="2")
        original = self.toy.parse_push

        def parse(connector, headers, body, now):
            if headers["x-toy-time"] == "1":
                raise KeyError("surprise")
            return original(connector, headers, body, now)

        with patch.object(self.toy, "parse_push", parse), mute_logger(LISTENER):
            self.work()
        last, first = self.deliveries().sorted("id", reverse=True)
        self.assertEqual((first.state, last.state), ("failed", "done"))
        self.assertTrue(first.body and first.error)
        self.assertEqual(self.mentions(self.channel).external_id, "d2")
        first.action_retry()
        self.work()
        self.assertEqual(first.state, "done")
        self.assertEqual(len(self.mentions(self.channel)), 2)

    def test_held_database_leaves_waiting_deliveries(self):
        """What waited when the database was copied is not worked on in the copy, and no channel is blamed."""
        self.deliver()
        parameters = self.env["ir.config_parameter"].sudo()
        parameters.set_param("community_manager.home", "elsewhere:uuid|")
        self.work()
        self.assertEqual(self.deliveries().state, "waiting")
        self.assertEqual(self.channel.error_count, 0)
