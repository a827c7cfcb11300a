import base64
import hashlib
import hmac
import json
from unittest.mock import patch
from urllib.parse import quote

from odoo.tests import HttpCase, tagged
from odoo.tools import mute_logger

from odoo.addons.community_manager.connectors import network as network_class
from odoo.addons.community_manager.connectors import networks
from odoo.addons.community_manager.connectors.errors import AccessDenied
from odoo.addons.community_manager.controllers import push as controller

from .common import CommunityMixin

TELEGRAM = {"token": "4711:abcdefghijklmnopqrstuvwxyz"}
MATRIX = {"server": "https://matrix.example", "user": "@acme:matrix.example", "access_token": "syt_token"}
TRANSACTION = "/_matrix/app/v1/transactions/{}"
UPDATE = {
    "update_id": 9001,
    "message": {
        "message_id": 5,
        "from": {"id": 777, "is_bot": False, "first_name": "Ana"},
        "chat": {"id": 777, "type": "private", "first_name": "Ana"},
        "date": 1767600000,
        "text": "Where is my parcel?",
    },
}
EVENT = {
    "event_id": "$one",
    "type": "m.room.message",
    "room_id": "!room:matrix.example",
    "sender": "@ana:matrix.example",
    "origin_server_ts": 1767600000000,
    "content": {"msgtype": "m.text", "body": "@acme:matrix.example hello"},
    "unsigned": {"age": 17},
}


@tagged("post_install", "-at_install")
class TestPushNetworks(CommunityMixin, HttpCase):
    """How networks greet us, deliver, and are answered, over real HTTP."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls._set_up_community()

    def connect(self, code, access):
        """Return a started channel of a network and its secrets."""
        channel = self.make_channel(code, network=code, access=access, start=False)
        channel.state = "listening"
        return channel, self.env["community.secret"]._reveal(channel)

    def ask(self, channel, path="", method="POST", content=None, **headers):
        """Send a request to a channel; ``content`` is sent as JSON."""
        data = content if isinstance(content, bytes) or content is None else json.dumps(content).encode()
        names = {name.replace("_", "-"): value for name, value in headers.items()}
        answer = self.url_open(
            f"/community_manager/push/{channel.push_token}{path}",
            data=data,
            headers={"Content-Type": "application/json", **names},
            method=method,
        )
        self.assertEqual(int(answer.headers["Content-Length"]), len(answer.content), "senders want a length")
        self.env.invalidate_all()
        return answer

    def deliveries(self, channel):
        return self.env["community.push"].search([("channel_id", "=", channel.id)])

    def work(self):
        self.env["community.push"]._cron_process()
        self.env.invalidate_all()

    # -- any network -----------------------------------------------------------------------------------------------

    def test_nobody_is_believed_without_a_secret(self):
        """No network takes what is not signed, with the secrets it makes itself or with none; all are answered."""
        for code, cls in networks().items():
            if not cls.can("push") or code == "toy":
                continue
            with self.subTest(network=code):
                channel, _secrets = self.connect(code, {})
                for removed in (False, True):
                    if removed:
                        self.env["community.secret"].sudo().search([("channel_id", "=", channel.id)]).unlink()
                    for path, content in (("", {}), ("", b"<feed/>"), (TRANSACTION.format(1), {"events": []})):
                        for method in ("POST", "PUT"):
                            answer = self.ask(channel, path, method, content)
                            self.assertIn(answer.status_code, (401, 403), answer.text)
                    answer = self.ask(channel, "/nothing", "GET")
                    self.assertIn(answer.status_code, (403, 404, 405), answer.text)
                self.assertFalse(self.deliveries(channel))
                self.assertTrue(channel.push_refused, "an administrator sees that something is refused, and why")
                self.assertTrue(channel.push_refused_at)

    def test_refusals_are_noted_now_and_then(self):
        """Somebody who knocks without end does not make us write without end."""
        channel, _secrets = self.connect("telegram", TELEGRAM)
        self.ask(channel, content=UPDATE)
        noted = channel.push_refused_at = "2026-01-01 00:00:00"
        self.ask(channel, content=UPDATE)
        self.assertNotEqual(str(channel.push_refused_at), noted, "an hour later it is noted again")
        noted = channel.push_refused_at
        channel.push_refused = "First"
        self.ask(channel, content=UPDATE)
        self.assertEqual((channel.push_refused, channel.push_refused_at), ("First", noted))

    def test_handshake(self):
        """What a network asks first is answered as its connector says, with what it asked."""
        channel = self.make_channel("Greeted")
        seen = []

        def handshake(connector, method, path, query, headers):
            seen.append((method, path, query, headers["x-asked"]))
            if query.get("token") == "wrong":
                raise AccessDenied("It is not the network.")
            return (200, "text/plain", query["hub.challenge"]) if "hub.challenge" in query else None

        with patch.object(self.toy, "handshake", handshake):
            answer = self.ask(channel, "/a/b%20c?hub.challenge=4%202&x=1", "GET", x_asked="yes")
            self.assertEqual((answer.status_code, answer.text), (200, "4 2"))
            self.assertEqual(answer.headers["Content-Type"], "text/plain")
            self.assertEqual(seen, [("GET", "/a/b c", {"hub.challenge": "4 2", "x": "1"}, "yes")])
            self.assertEqual(self.ask(channel, "?token=wrong", "GET", x_asked="").status_code, 403)
            self.assertEqual(self.ask(channel, "", "GET", x_asked="").status_code, 405)
            self.env["ir.config_parameter"].sudo().set_param("community_manager.home", "elsewhere:uuid|")
            answer = self.ask(channel, "?hub.challenge=1", "GET", x_asked="")
            self.assertEqual(answer.status_code, 503, "a copy greets nobody")

    def test_no_network_while_answering(self):
        """A connector that would ask its network while a sender waits fails instead of waiting."""
        channel = self.make_channel("Slow")

        def parse(connector, headers, body, now):
            return connector.http.get("https://toy.example/")

        with patch.object(self.toy, "parse_push", parse), mute_logger("odoo.http"):
            answer = self.url_open(f"/community_manager/push/{channel.push_token}", data=b"{}", method="POST")
        self.assertEqual(answer.status_code, 500)
        self.assertFalse(self.deliveries(channel))

    def test_headers_of_ours_cannot_be_sent(self):
        """What we note of a delivery ourselves cannot be claimed by a sender."""
        channel, _secrets = self.connect("telegram", TELEGRAM)
        for name in (":verified", ":path"):
            with self.assertRaises(ValueError):  # no client of ours even sends such a name
                self.ask(channel, "", "POST", UPDATE, **{name: "1"})
        self.assertFalse(self.deliveries(channel))

    def test_long_paths_lead_nowhere(self):
        """What follows the token is bounded: it may be stored."""
        channel = self.make_channel("Long")
        path = "/" + "x" * controller.LONGEST_PATH
        self.assertEqual(self.ask(channel, path, "PUT", {}).status_code, 404)

    # -- Telegram --------------------------------------------------------------------------------------------------

    def test_telegram(self):
        """An update is taken once, however often it comes; the secret it carries is stored nowhere."""
        channel, secrets = self.connect("telegram", TELEGRAM)
        headers = {"X_Telegram_Bot_Api_Secret_Token": secrets["webhook_secret"]}
        for _turn in range(2):
            answer = self.ask(channel, "/acme_bot", "POST", UPDATE, **headers)
            self.assertEqual((answer.status_code, answer.content), (200, b""))
        delivery = self.deliveries(channel)
        self.assertEqual(delivery.headers, {":path": "/acme_bot", ":verified": "1"})
        self.work()
        mention = self.mentions(channel)
        self.assertEqual((mention.text, mention.visibility, mention.external_id), (
            "Where is my parcel?", "direct", "777:5:4711"
        ))  # fmt: skip
        self.assertEqual(self.ask(channel, "/acme_bot", "POST", UPDATE, **headers).status_code, 200)
        self.work()
        self.assertEqual(len(self.mentions(channel)), 1)
        wrong = self.ask(channel, "/acme_bot", "POST", UPDATE, X_Telegram_Bot_Api_Secret_Token="x")
        self.assertEqual(wrong.status_code, 401)
        self.assertNotIn("token", wrong.text.lower())

    def test_telegram_new_key(self):
        """After a new key Telegram must be told it; what comes with the old one is refused."""
        channel, secrets = self.connect("telegram", TELEGRAM)
        channel.with_user(self.admin).action_new_key()
        self.assertEqual(channel.push_state, "waiting")
        headers = {"X_Telegram_Bot_Api_Secret_Token": secrets["webhook_secret"]}
        self.assertEqual(self.ask(channel, "", "POST", UPDATE, **headers).status_code, 401)

    # -- Matrix ----------------------------------------------------------------------------------------------------

    def test_matrix(self):
        """A transaction is taken once and answered as a homeserver wants it, whatever ages its events have grown to."""
        channel, secrets = self.connect("matrix", MATRIX)
        bearer = {"Authorization": f"Bearer {secrets['hs_token']}"}
        for age in (17, 4000):
            content = {"events": [{**EVENT, "unsigned": {"age": age}}]}
            answer = self.ask(channel, TRANSACTION.format(42), "PUT", content, **bearer)
            self.assertEqual((answer.status_code, answer.json()), (200, {}))
        delivery = self.deliveries(channel)
        self.assertEqual(delivery.headers, {":path": TRANSACTION.format(42), ":verified": "1"})
        self.assertEqual(self.ask(channel, TRANSACTION.format(43), "PUT", content, **bearer).status_code, 200)
        self.work()
        mention = self.mentions(channel)
        self.assertEqual((mention.external_id, mention.origin), ("$one", "own"))
        self.assertEqual(self.deliveries(channel).mapped("state"), ["done", "done"])
        answer = self.ask(channel, TRANSACTION.format(44), "PUT", content, Authorization="Bearer wrong")
        self.assertEqual((answer.status_code, answer.json()["errcode"]), (403, "M_FORBIDDEN"))
        self.assertEqual(self.ask(channel, "", "PUT", content, **bearer).status_code, 403, "no transaction")
        self.assertEqual(self.ask(channel, TRANSACTION.format(45), "PUT", b"[]", **bearer).status_code, 422)

    def test_matrix_greetings(self):
        """The homeserver asks whether we are there, and whether we have users and rooms of our own."""
        channel, secrets = self.connect("matrix", MATRIX)
        bearer = {"Authorization": f"Bearer {secrets['hs_token']}"}
        ping = self.ask(channel, "/_matrix/app/v1/ping", "POST", {"transaction_id": "x"}, **bearer)
        self.assertEqual((ping.status_code, ping.json()), (200, {}))
        for path in ("users/@ana:matrix.example", "rooms/%23news:matrix.example"):
            answer = self.ask(channel, f"/_matrix/app/v1/{path}", "GET", **bearer)
            self.assertEqual((answer.status_code, answer.json()["errcode"]), (404, "M_NOT_FOUND"))
            self.assertEqual(self.ask(channel, f"/_matrix/app/v1/{path}", "GET").status_code, 403)
        self.assertEqual(self.ask(channel, "/_matrix/app/v1/ping", "POST", {}).json()["errcode"], "M_FORBIDDEN")
        self.assertFalse(self.deliveries(channel))

    # -- paused ----------------------------------------------------------------------------------------------------

    def test_paused_channels_ask_networks_to_come_back(self):
        """Each network understands that it may send again; nothing is lost, nothing is stored."""
        telegram, secrets = self.connect("telegram", TELEGRAM)
        matrix, keys = self.connect("matrix", MATRIX)
        (telegram | matrix).action_pause()
        answers = [
            self.ask(telegram, "", "POST", UPDATE, X_Telegram_Bot_Api_Secret_Token=secrets["webhook_secret"]),
            self.ask(
                matrix, TRANSACTION.format(1), "PUT", {"events": [EVENT]}, Authorization=f"Bearer {keys['hs_token']}"
            ),
        ]
        for answer in answers:
            self.assertEqual(answer.status_code, 503)
            self.assertEqual(answer.headers["Retry-After"], str(controller.RETRY_PAUSED))
        self.assertEqual(answers[1].json()["errcode"], "M_UNKNOWN")
        self.assertFalse(self.deliveries(telegram) | self.deliveries(matrix))
        matrix.state = "listening"
        answer = self.ask(
            matrix, TRANSACTION.format(1), "PUT", {"events": [EVENT]}, Authorization=f"Bearer {keys['hs_token']}"
        )
        self.assertEqual(answer.status_code, 200)
        self.assertEqual(len(self.deliveries(matrix)), 1)

    # -- challenges of networks that sign --------------------------------------------------------------------------

    def test_meta_challenge(self):
        """Meta sends a challenge with a token that we chose."""
        for code in ("facebook", "instagram", "threads"):
            if not network_class(code) or not network_class(code).can("push"):
                continue
            with self.subTest(network=code):
                channel, secrets = self.connect(code, {})
                query = f"?hub.mode=subscribe&hub.challenge=1158201444&hub.verify_token={secrets['verify_token']}"
                answer = self.ask(channel, query, "GET")
                self.assertEqual((answer.status_code, answer.text), (200, "1158201444"))
                wrong = self.ask(channel, "?hub.mode=subscribe&hub.challenge=1&hub.verify_token=x", "GET")
                self.assertEqual(wrong.status_code, 403)
                self.assertNotIn("1158201444", wrong.text)

    def test_x_challenge(self):
        """X sends a token to be signed with the secret of the application."""
        if not network_class("x") or not network_class("x").can("push"):
            self.skipTest("the network is not installed")
        channel, _secrets = self.connect("x", {})
        self.assertNotEqual(self.ask(channel, "?crc_token=abc", "GET").status_code, 200, "no secret, no signature")
        self.env["community.secret"]._store(channel, {"api_secret": "the secret"})
        answer = self.ask(channel, f"?crc_token={quote('MTUwNzk=')}&nonce=1", "GET")
        digest = hmac.new(b"the secret", b"MTUwNzk=", hashlib.sha256).digest()
        self.assertEqual(answer.json(), {"response_token": "sha256=" + base64.b64encode(digest).decode()})
        forged = quote('{"data": {"filter": {}}}')
        answer = self.ask(channel, f"?crc_token={forged}", "GET")
        self.assertNotIn("response_token", answer.text, "whoever asks must not have a delivery of theirs signed")

    def test_linkedin_challenge(self):
        """LinkedIn sends a code to be signed with the secret of the application, and never has a delivery signed."""
        if not network_class("linkedin"):
            self.skipTest("the network is not installed")
        channel, _secrets = self.connect("linkedin", {})
        self.env["community.secret"]._store(channel, {"client_secret": "the secret"})
        answer = self.ask(channel, "?challengeCode=890e4665-4dfe-4ab1-b689-ed553bceeed0", "GET")
        digest = hmac.new(b"the secret", b"890e4665-4dfe-4ab1-b689-ed553bceeed0", hashlib.sha256).hexdigest()
        self.assertEqual(answer.json()["challengeResponse"], digest)
        forged = quote('hmacsha256={"notifications": []}')
        answer = self.ask(channel, f"?challengeCode={forged}", "GET")
        self.assertEqual(answer.status_code, 403)
        self.assertNotIn("challengeResponse", answer.text)

    def test_youtube_hub(self):
        """The hub asks whether we want a subscription; only what we asked for ourselves is confirmed."""
        if not network_class("youtube") or not network_class("youtube").can("push"):
            self.skipTest("the network is not installed")
        channel, _secrets = self.connect("youtube", {})
        channel.account_id = "UCabcdefghijklmnopqrstuv"
        connector = channel._connector()
        topic, token = quote(connector._topic), connector._verify_token()
        asked = f"?hub.topic={topic}&hub.challenge=77aa&hub.lease_seconds=864000"
        for mode in ("subscribe", "unsubscribe"):
            answer = self.ask(channel, f"{asked}&hub.mode={mode}&hub.verify_token={token}", "GET")
            self.assertEqual((answer.status_code, answer.text), (200, "77aa"))
        for other in (
            "&hub.mode=unsubscribe",
            "&hub.mode=unsubscribe&hub.verify_token=x",
            "&hub.mode=subscribe&hub.verify_token=x",
        ):
            answer = self.ask(channel, asked + other, "GET")
            self.assertEqual(answer.status_code, 403)
            self.assertNotIn("77aa", answer.text)
        entry = (
            "<entry><id>yt:video:abc</id><yt:videoId>abc</yt:videoId>"
            "<yt:channelId>UCabcdefghijklmnopqrstuv</yt:channelId><title>New boots</title>"
            '<link rel="alternate" href="https://www.youtube.com/watch?v=abc"/><author><name>Acme</name></author>'
            "<published>2026-01-05T10:00:00+00:00</published><updated>2026-01-05T10:00:00+00:00</updated></entry>"
        )
        names = 'xmlns="http://www.w3.org/2005/Atom" xmlns:yt="http://www.youtube.com/xml/schemas/2015"'
        body = f"<feed {names}>{entry}</feed>".encode()
        signed = "sha1=" + hmac.new(connector._hub_key().encode(), body, hashlib.sha1).hexdigest()
        statuses = [
            self.ask(channel, "", "POST", body, Content_Type="application/atom+xml", X_Hub_Signature=signed).status_code
            for _turn in range(2)
        ]
        self.assertTrue(all(status in (200, 202, 204) for status in statuses), statuses)
        self.assertEqual(len(self.deliveries(channel)), 1)
