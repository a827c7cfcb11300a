from email.message import EmailMessage
from unittest.mock import patch

from odoo.exceptions import UserError
from odoo.tests import tagged
from odoo.tools import mute_logger

from odoo.addons.community_manager.connectors import email_alerts

from .common import CommunityCase

LISTENER = "odoo.addons.community_manager.models.listening.community_listener"
GATEWAY = "odoo.addons.mail.models.mail_thread"
GOOGLE = "Google Alerts <googlealerts-noreply@google.com>"
ALERT = "".join(
    f'<p><a href="https://www.google.com/url?url=https://news.example/{number}&amp;ct=ga">Acme in the news, {number}'
    f"</a></p><p>The News</p><p>Words of the article number {number}, which go on for longer than the name of "
    "its source would, as excerpts do.</p>"
    for number in range(3)
)


@tagged("post_install", "-at_install")
class TestMail(CommunityCase):
    """Mails to the address of a channel become mentions."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.domain = cls.env["mail.alias.domain"].create({"name": "acme.example", "company_ids": [(4, cls.company.id)]})
        cls.company.alias_domain_id = cls.domain
        cls.channel = cls.make_channel("Alerts", network="email", access={})

    def mail(self, text="Acme is great", sender="Ana Ruiz <ana@example.com>", to=None, html=False, **headers):
        """Return a mail as a server hands it over."""
        message = EmailMessage()
        message["From"], message["To"] = sender, to or self.channel.alias_email
        message["Subject"] = headers.pop("subject", "An alert")
        message["Message-ID"] = headers.pop("message_id", "<1@mx.example>")
        message["Date"] = "Thu, 01 Jan 2026 12:00:00 +0000"
        for name, value in headers.items():
            message[name.replace("_", "-")] = value
        message.set_content(text, subtype="html" if html else "plain")
        return message

    def arrive(self, *messages):
        """Hand mails over, as the mail server's script does."""
        for message in messages:
            raw = message if isinstance(message, bytes) else message.as_bytes()
            with mute_logger(GATEWAY):
                self.env["mail.thread"].message_process(False, raw)

    def work(self):
        """Do the listener's part and return the mentions."""
        self.env["community.push"]._cron_process()
        self.env.invalidate_all()
        return self.mentions(self.channel)

    def deliveries(self):
        """Return what was stored."""
        return self.env["community.push"].search([("channel_id", "=", self.channel.id)])

    def test_an_address_of_its_own(self):
        """Every such channel has an address that nobody guesses; others have none."""
        self.assertRegex(self.channel.alias_email, r"^mentions-[a-z0-9]{10}@acme\.example$")
        other = self.make_channel("More alerts", network="email", access={})
        self.assertNotEqual(other.alias_email, self.channel.alias_email)
        toy = self.make_channel("Toy")
        self.assertFalse(toy.alias_id or toy.is_mailed)
        copied = self.channel.copy()
        self.assertTrue(copied.alias_id)
        self.assertNotEqual(copied.alias_id, self.channel.alias_id)
        alias = other.alias_id
        other.unlink()
        self.assertFalse(alias.exists())

    def test_an_administrator_makes_one(self):
        """The rights of a community administrator are enough, also to choose another address."""
        channel = self.env["community.channel"].with_user(self.admin).create({"name": "Mine", "network": "email"})
        self.assertTrue(channel.alias_email)
        channel.alias_name = "Press Review"
        self.assertEqual(channel.alias_email, "press-review@acme.example")
        self.assertEqual(channel.with_user(self.agent).alias_email, "press-review@acme.example")

    def test_a_mail_becomes_a_mention(self):
        """It is stored first and read afterwards; the channel's chatter sees nothing of it."""
        self.arrive(self.mail("Acme is great, see https://a.example/x"))
        self.assertEqual(self.deliveries().state, "waiting")
        self.assertFalse(self.mentions(self.channel))
        mention = self.work()
        self.assertEqual((mention.title, mention.text), ("An alert", "Acme is great, see https://a.example/x"))
        self.assertEqual((mention.url, mention.visibility), ("https://a.example/x", "private"))
        self.assertEqual((mention.author_id.name, mention.author_id.email), ("Ana Ruiz", "ana@example.com"))
        self.assertEqual(mention.topic_ids, self.topic)
        self.assertEqual(str(mention.published_at), "2026-01-01 12:00:00")
        self.assertEqual(self.deliveries().state, "done")
        self.assertFalse(self.deliveries().body)
        self.assertFalse(
            self.channel.message_ids.filtered(lambda one: "great" in one.body or one.message_type == "email")
        )
        self.assertTrue(self.channel.last_success_at)

    def test_a_digest_becomes_several(self):
        """Each result of an alert is a mention; the same result in the next alert is not another one."""
        self.arrive(self.mail(ALERT, GOOGLE, html=True))
        mentions = self.work()
        self.assertEqual(mentions.mapped("url"), [f"https://news.example/{number}" for number in range(3)])
        self.assertEqual(mentions[0].author_id.name, "The News")
        self.arrive(self.mail(ALERT, GOOGLE, html=True, message_id="<2@mx.example>"))
        self.assertEqual(self.work(), mentions)

    def test_many_mails_of_one_sender_are_no_loop(self):
        """Alert services write often; Odoo's guard against loops of answers does not stop them."""
        self.arrive(*(self.mail(f"Acme {n}", GOOGLE, message_id=f"<{n}@mx.example>") for n in range(25)))
        self.assertEqual(len(self.work()), 25)

    def test_the_same_mail_again_is_nothing_new(self):
        """Mail servers deliver twice now and then."""
        self.arrive(self.mail(), self.mail(Received="by another server"))
        self.assertEqual(len(self.deliveries()), 1)
        mention = self.work()
        self.arrive(self.mail())
        self.assertEqual(self.work(), mention)

    def test_bounces_are_nothing(self):
        """Nor are automatic replies."""
        self.arrive(
            self.mail("failed", "MAILER-DAEMON@mx.example"),
            self.mail("I am away", Auto_Submitted="auto-replied", message_id="<2@mx.example>"),
        )
        self.assertFalse(self.work())
        self.assertNotIn("failed", self.deliveries().mapped("state"))

    def test_several_recipients(self):
        """A mail to two channels is for both; one that also goes elsewhere in Odoo gets there too."""
        other = self.make_channel("More alerts", network="email", access={})
        partner = self.env["res.partner"].create({"name": "A thread"})
        alias = self.env["mail.alias"].create({
            "alias_name": "a-thread", "alias_model_id": self.env["ir.model"]._get_id("res.partner"),
            "alias_force_thread_id": partner.id, "alias_domain_id": self.domain.id,
        })  # fmt: skip
        to = f"{self.channel.alias_email}, {other.alias_email}, {alias.alias_full_name}"
        self.arrive(self.mail(to=to))
        self.work()
        self.assertEqual(len(self.mentions(self.channel)), 1)
        self.assertEqual(len(self.mentions(other)), 1)
        self.assertIn("Acme is great", str(partner.message_ids[:1].body))

    def test_hostile_mails_are_texts(self):
        """Scripts, broken headers and attachments: what is stored is text, and attachments are left alone."""
        files = self.env["ir.attachment"].search_count([])
        message = self.mail("<p>Acme<script>alert(1)</script><img src=x onerror=alert(2)></p>", html=True)
        message.add_attachment(b"MZ" * 100, maintype="application", subtype="octet-stream", filename="x.exe")
        broken = (
            b"From: =?x?b?//?= <@>\r\nTo: %s\r\nSubject: =?utf-8?b?////?=\r\nDate: never\r\n\r\nAcme \x00\xff\x1b[31m"
        )
        self.arrive(message, broken % self.channel.alias_email.encode())
        texts = self.work().mapped("text")
        self.assertEqual(len(texts), 2)
        for text in texts:
            self.assertIn("Acme", text)
            self.assertNotIn("alert", text)
            self.assertNotIn("\x1b", text)
        self.assertEqual(self.env["ir.attachment"].search_count([]), files)

    def test_what_cannot_be_read_is_kept(self):
        """A mail that is too large, or provokes a defect, is put aside with its content and holds nothing up."""
        with patch.object(email_alerts, "MAX_MAIL", 2000):
            self.arrive(self.mail("x" * 3000), self.mail("Acme", message_id="<2@mx.example>"))
            mention = self.work()
        self.assertEqual(mention.text, "Acme")
        large = self.deliveries().filtered(lambda push: push.state == "failed")
        self.assertIn("larger than", large.error)
        self.assertTrue(large.body)
        large.action_retry()
        self.assertEqual(len(self.work()), 2)
        self.arrive(self.mail("Acme", message_id="<3@mx.example>"))
        with patch.object(email_alerts.Email, "_is_digest", side_effect=KeyError("surprise")), mute_logger(LISTENER):
            self.work()
        self.assertEqual(
            self.deliveries().filtered(lambda push: push.state == "failed").mapped("error"), ["KeyError('surprise')"]
        )

    def test_while_it_does_not_listen(self):
        """What comes to a paused channel is kept for a person to take up."""
        self.channel.action_pause()
        self.arrive(self.mail())
        self.assertFalse(self.work())
        self.assertIn("not listening", self.deliveries().error)
        self.channel.action_start()
        self.deliveries().action_retry()
        self.assertEqual(len(self.work()), 1)

    def test_only_what_a_topic_matches(self):
        """A channel may keep only what belongs to a topic."""
        self.channel._set_access({"only_topics": True})
        self.arrive(self.mail("About nothing"), self.mail("About acme", message_id="<2@mx.example>"))
        self.assertEqual(self.work().text, "About acme")

    def test_without_a_domain_it_says_so(self):
        """An Odoo that receives no mail cannot start such a channel."""
        self.company.alias_domain_id = False
        channel = self.make_channel("No domain", network="email", access={}, start=False)
        channel.alias_id.sudo().alias_domain_id = False
        with self.assertRaises(UserError) as caught:
            channel.action_start()
        self.assertIn("alias domain", str(caught.exception))

    def test_it_is_not_asked(self):
        """Nothing is polled, and the channel is well."""
        self.listen(self.channel)
        self.assertFalse(self.channel.next_poll_at)
        self.assertEqual(self.channel.health, "ok")
        with self.assertRaises(UserError):
            self.channel.action_listen_now()
