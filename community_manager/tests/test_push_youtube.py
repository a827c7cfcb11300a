import hashlib
import hmac
from datetime import UTC, datetime
from urllib.parse import urlencode

from odoo.tests import HttpCase, tagged
from odoo.tools import mute_logger

from odoo.addons.community_manager.connectors.youtube_push import TOPIC

from .common import CommunityMixin

ME = "UCacmeacmeacmeacmeacmeac"
FEED = """<feed xmlns:yt="http://www.youtube.com/xml/schemas/2015" xmlns="http://www.w3.org/2005/Atom">
<title>YouTube video feed</title><entry><id>yt:video:abc123</id><yt:videoId>abc123</yt:videoId>
<yt:channelId>UCacmeacmeacmeacmeacmeac</yt:channelId><title>New boots</title>
<author><name>Acme</name></author><published>%s</published></entry></feed>"""


@tagged("post_install", "-at_install")
class TestPushYouTube(CommunityMixin, HttpCase):
    """Google's hub asks, delivers and repeats, over real HTTP."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls._set_up_community()
        access = {"client_id": "1.apps.googleusercontent.com", "client_secret": "secret", "access_token": "token"}
        cls.channel = cls.make_channel("Videos", network="youtube", access=access, start=False)
        cls.channel.write({"state": "listening", "account_id": ME})
        cls.key = cls.env["community.secret"]._reveal(cls.channel)["hub_secret"]

    def ask(self, query="", data=None, signature=""):
        headers = {"Content-Type": "application/atom+xml"} | ({"X-Hub-Signature": signature} if signature else {})
        answer = self.url_open(
            f"/community_manager/push/{self.channel.push_token}{query}",
            data=data,
            headers=headers,
            method="GET" if data is None else "POST",
        )
        self.assertEqual(int(answer.headers["Content-Length"]), len(answer.content))
        self.env.invalidate_all()
        return answer

    def signed(self, body):
        return "sha1=" + hmac.new(self.key.encode(), body, hashlib.sha1).hexdigest()

    def test_handshake(self):
        """A subscription to the own channel is confirmed with the hub's challenge; nothing else is."""
        asked = {"hub.mode": "subscribe", "hub.topic": TOPIC + ME, "hub.challenge": "c0ffee", "hub.lease_seconds": 1}
        answer = self.ask("?" + urlencode(asked))
        self.assertEqual((answer.status_code, answer.text), (200, "c0ffee"))
        for other in ({"hub.topic": TOPIC + "UCx"}, {"hub.mode": "unsubscribe"}, {"hub.verify_token": "x"}):
            self.assertEqual(self.ask("?" + urlencode(asked | other)).status_code, 403, other)

    def test_delivery(self):
        """A video that the hub tells of becomes a mention of ours, once however often it is delivered."""
        body = (FEED % datetime.now(UTC).isoformat()).encode()
        for _turn in range(2):
            answer = self.ask(data=body, signature=self.signed(body))
            self.assertEqual((answer.status_code, answer.content), (200, b""))
        self.env["community.push"]._cron_process()
        self.env.invalidate_all()
        mention = self.env["community.mention"].search([("channel_id", "=", self.channel.id)])
        self.assertEqual((mention.external_id, mention.title, mention.outgoing), ("abc123", "New boots", True))

    @mute_logger("odoo.addons.community_manager.controllers.push")
    def test_forgery(self):
        """What is not signed with our key is not stored."""
        body = (FEED % datetime.now(UTC).isoformat()).encode()
        for signature in ("", "sha1=" + "0" * 40, self.signed(body + b" ")):
            self.assertIn(self.ask(data=body, signature=signature).status_code, (401, 403))
        self.assertFalse(self.env["community.push"].search([("channel_id", "=", self.channel.id)]))
