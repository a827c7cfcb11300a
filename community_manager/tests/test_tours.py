import threading
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import quote

from odoo import fields
from odoo.tests import tagged

from .common import item, page
from .http_common import CommunityHttpCase

FEED = b"""<?xml version="1.0" encoding="utf-8"?>
<rss version="2.0"><channel><title>Town news</title><link>http://news.example/</link>
<item><guid>1</guid><title>Acme opens a shop</title><description>Right beside the station.</description>
<link>http://news.example/1</link><pubDate>Mon, 05 Jan 2026 10:00:00 GMT</pubDate></item>
<item><guid>2</guid><title>Rain on Sunday</title><description>Take an umbrella.</description>
<link>http://news.example/2</link><pubDate>Mon, 05 Jan 2026 09:00:00 GMT</pubDate></item>
</channel></rss>
"""


class _Feed(BaseHTTPRequestHandler):
    """Answers every request with the feed."""

    def do_GET(self):
        """Send the feed."""
        self.send_response(200)
        self.send_header("Content-Type", "application/rss+xml")
        self.send_header("Content-Length", str(len(FEED)))
        self.end_headers()
        self.wfile.write(FEED)

    def log_message(self, *_args):
        """Say nothing."""


@contextmanager
def feed_server():
    """Serve the feed on loopback; gives its port."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Feed)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield server.server_address[1]
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


@tagged("post_install", "-at_install")
class TestTours(CommunityHttpCase):
    """What people do in the browser, from the click to the record."""

    def test_agent_takes_a_mention_and_makes_a_lead(self):
        """An agent opens a mention with its conversation, takes it and makes a lead of it."""
        self.agent.group_ids += self.env.ref("sales_team.group_sale_salesman")
        channel = self.make_channel()
        self.ingest(
            channel,
            item("1", "Where is my acme chair?", origin="own"),
            item("2", "We look into it.", origin="own", outgoing=True, parent_id="1"),
            item("3", "Two weeks and no chair, acme!", origin="own", parent_id="2"),
        )
        mention = self.env["community.mention"].search([("external_id", "=", "3"), ("channel_id", "=", channel.id)])
        mention.write({"text": "Three weeks and no chair, acme!", "edited_at": fields.Datetime.now()})
        mention.attachments = [{"kind": "image", "url": "https://social.example/chair.jpg", "alt": ""}]
        self.env["community.mention.version"].create(
            {"mention_id": mention.id, "text": "Two weeks and no chair, acme!", "replaced_at": fields.Datetime.now()}
        )
        self.start_tour("/odoo", "community_agent_inbox", login=self.agent.login)
        self.assertEqual(mention.user_id, self.agent)
        self.assertEqual(mention.state, "open")
        self.assertEqual(mention.lead_id.user_id, self.agent)
        self.assertIn("Three weeks and no chair", mention.lead_id.name + str(mention.lead_id.description))

    def test_admin_connects_a_webhook(self):
        """An administrator goes through the wizard, gets a key once, and the channel listens."""
        self.start_tour("/odoo/community-connect", "community_admin_webhook", login=self.admin.login)
        channel = self.env["community.channel"].search([("name", "=", "Shop reviews")])
        self.assertEqual((channel.network, channel.state), ("webhook", "listening"))
        topic = self.env["community.topic"].search([("name", "=", "Our chairs")])
        self.assertEqual(sorted(topic.keyword_ids.mapped("name")), ["armchair", "chair*"])

    def test_admin_connects_a_feed(self):
        """The wizard reads a real feed, shows what would be kept, and the channel listens."""
        with feed_server() as port:
            self.env["ir.config_parameter"].set_param("community_manager.allowed_hosts", f"127.0.0.1:{port}")
            url = f"http://127.0.0.1:{port}/feed.xml"
            self.start_tour(
                "/odoo/community-connect",
                "community_admin_feed",
                login=self.admin.login,
                cookies={"community_feed": quote(url, safe="")},
            )
        channel = self.env["community.channel"].search([("network", "=", "feed"), ("state", "=", "listening")])
        self.assertEqual(channel.settings["url"], url)
        self.assertEqual(channel.listen_state, "waiting")

    def test_a_secret_cannot_be_read_back(self):
        """A secret typed into the form is stored and nowhere on the page afterwards; it can be removed."""
        channel = self.make_channel("Toy with a token", start=False, access={"source": "toy"})
        self.start_tour("/odoo/community-channels", "community_admin_secret", login=self.admin.login)
        self.assertEqual(channel.settings["source"], "elsewhere")
        self.assertNotIn("token", self.env["community.secret"]._reveal(channel))
        form = channel.with_user(self.admin).read(["access_form"])[0]["access_form"]
        self.assertNotIn("very-secret-token", str(form))

    def test_manager_makes_a_topic(self):
        """A manager makes a topic with its words, and sees no channels."""
        self.start_tour("/odoo", "community_manager_topic", login=self.manager.login)
        topic = self.env["community.topic"].search([("name", "=", "Deliveries"), ("active", "=", True)])
        self.assertEqual(sorted(topic.keyword_ids.mapped("name")), ["courier*", "late parcel"])

    def test_wizard_holds_no_secret(self):
        """What is typed in the wizard goes to the channel; no column of the wizard ever holds it."""
        channel = self.make_channel("Wizard toy", start=False, access={"source": "toy"})
        self.script("toy", [page(item("1", "about acme"), item("2", "about nothing"))])
        wizard = self.env["community.channel.wizard"].with_user(self.admin).create({"channel_id": channel.id})
        wizard.web_save({"access_form": {"values": {"token": "very-secret-token"}}}, {"access_form": {}})
        self.assertNotIn("very-secret-token", str(wizard.access_form))
        self.env.flush_all()
        self.env.cr.execute("SELECT w::text FROM community_channel_wizard w WHERE id = %s", [wizard.id])
        self.assertNotIn("very-secret-token", self.env.cr.fetchone()[0])
        self.assertEqual(self.env["community.secret"]._reveal(channel)["token"], "very-secret-token")
        wizard.action_test()
        self.assertEqual((wizard.step, wizard.problem), ("test", False))
        self.assertIn("Connected as", str(wizard.findings))
