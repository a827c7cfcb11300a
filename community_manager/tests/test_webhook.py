import contextlib
import io
import json
import os
import re
import shutil
import subprocess
import time

from odoo.tests import HttpCase, tagged
from odoo.tools import file_path

from odoo.addons.community_manager.connectors.webhook import signature

from .common import CommunityMixin


def _guide():
    """Return the text for senders, or "" where only the addon is installed."""
    guide = os.path.join(os.path.dirname(file_path("community_manager")), "docs", "webhook.md")
    if not os.path.exists(guide):
        return ""
    with open(guide, encoding="utf-8") as stream:
        return stream.read()


@tagged("post_install", "-at_install")
class TestWebhook(CommunityMixin, HttpCase):
    """The webhook as its senders know it."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls._set_up_community()
        cls.channel = cls.make_channel("Shop", network="webhook", access={})
        cls.key = cls.env["community.secret"]._reveal(cls.channel)["signing_key"]

    def send(self, content, age=0, key=None):
        """Post signed content."""
        body = json.dumps(content).encode()
        moment = str(int(time.time()) - age)
        headers = {
            "Content-Type": "application/json",
            "X-Community-Timestamp": moment,
            "X-Community-Signature": signature(key or self.key, moment, body),
        }
        return self.url_open(
            f"/community_manager/push/{self.channel.push_token}", data=body, headers=headers, method="POST"
        )

    def work(self):
        """Do the listener's part."""
        self.env["community.push"]._cron_process()
        self.env.invalidate_all()

    def example(self, language):
        """Return an example of the guide with the address and key of the channel."""
        guide = _guide()
        if not guide:
            self.skipTest("the guide for senders is not part of the installed addon")
        code = re.search(rf"^```{language}\n(.*?)^```", guide, re.M | re.S).group(1)
        code = re.sub(r'"https://[^"]*/community_manager/push/[0-9a-f]{32}"', f'"{self.address()}"', code)
        return code.replace('"the signing key"', f'"{self.key}"')

    def address(self):
        """Return where the channel is reached in this test."""
        return f"{self.base_url()}/community_manager/push/{self.channel.push_token}"

    def test_python_example(self):
        """The Python example of the guide works as it stands."""
        code = self.example("python")
        output = io.StringIO()
        with self.allow_requests(all_requests=True), contextlib.redirect_stdout(output):
            exec(compile(code, "webhook.md", "exec"), {"__name__": "example"})
        self.assertEqual(output.getvalue().strip(), "{'status': 'accepted'}")
        self.work()
        mention = self.mentions(self.channel)
        self.assertEqual((mention.external_id, mention.kind, mention.rating), ("4711", "review", 4.0))
        self.assertEqual(mention.author_id.email, "ana@example.com")

    def test_curl_example(self):
        """So does the one with curl."""
        code = self.example("sh")
        missing = [tool for tool in ("curl", "openssl") if not shutil.which(tool)]
        if missing:
            self.skipTest(f"no {missing[0]} on this machine")
        with self.allow_requests(all_requests=True):
            run = subprocess.run(["sh", "-c", code], capture_output=True, text=True, timeout=60, check=True)
        self.assertEqual(json.loads(run.stdout), {"status": "accepted"}, run.stderr)
        self.work()
        self.assertEqual(self.mentions(self.channel).author_id.name, "Rui")

    def test_too_old(self):
        """A message whose time is long past is refused though it is signed; nobody can keep one for later."""
        self.assertEqual(self.send({"id": "1", "text": "Late"}, age=3600).status_code, 401)
        self.assertEqual(self.send({"id": "1", "text": "Early"}, age=-3600).status_code, 401)

    def test_same_content_signed_again(self):
        """A sender that is not sure signs again; the mention is stored once."""
        self.assertEqual(self.send({"id": "1", "text": "Once"}).status_code, 202)
        self.assertEqual(self.send({"id": "1", "text": "Once"}, age=120).status_code, 202)
        self.work()
        self.assertEqual(len(self.mentions(self.channel)), 1)

    def test_put_aside(self):
        """Mentions that cannot be read are told to the sender and wait in quarantine; the others are stored."""
        answer = self.send({"mentions": [{"id": "1", "text": "Good"}, {"id": "2"}, {"text": "No id"}]})
        self.assertEqual(answer.status_code, 202)
        self.assertEqual([entry["id"] for entry in answer.json()["put_aside"]], ["2", ""])
        self.work()
        self.assertEqual(self.mentions(self.channel).external_id, "1")
        self.assertEqual(self.channel.quarantine_count, 2)

    def test_edit_and_delete(self):
        """The sender edits and deletes what it sent."""
        self.send({"id": "1", "text": "First"})
        self.work()
        self.send({"id": "1", "text": "Second"})
        self.work()
        mention = self.mentions(self.channel)
        self.assertEqual((mention.text, mention.version_ids.text), ("Second", "First"))
        self.send({"id": "1", "deleted": True})
        self.work()
        self.assertTrue(mention.deleted_at)
        self.assertFalse(mention.text or mention.version_ids)

    def test_new_key(self):
        """A new key ends the old one."""
        made = self.channel.with_user(self.admin).action_new_key()["params"]["key"]
        self.assertEqual(self.send({"id": "1", "text": "Old key"}).status_code, 401)
        self.assertEqual(self.send({"id": "1", "text": "New key"}, key=made).status_code, 202)

    def test_without_a_key(self):
        """A channel without a key accepts nothing, whatever it is signed with."""
        self.env["community.secret"]._store(self.channel, {"signing_key": ""})
        body = b'{"id": "1", "text": "x"}'
        moment = str(int(time.time()))
        headers = {
            "Content-Type": "application/json",
            "X-Community-Timestamp": moment,
            "X-Community-Signature": signature("", moment, body),
        }
        answer = self.url_open(self.address(), data=body, headers=headers, method="POST")
        self.assertEqual(answer.status_code, 401)
