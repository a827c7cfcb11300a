from datetime import timedelta

from odoo import fields
from odoo.exceptions import AccessError, UserError
from odoo.tests import HttpCase, tagged

from odoo.addons.mail.tests.common import MockEmail

from .test_contact_policy import ContactCase


@tagged("post_install", "-at_install")
class TestConsent(ContactCase, MockEmail):
    """What people agreed to or refused, and that Odoo's own lists say the same."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.consents = cls.env["community.consent"]
        cls.news = cls.env["community.purpose"]._get("news")
        cls.list = cls.env["mailing.list"].create({"name": "Monthly"})

    def consent(self, state="granted", purpose=None, medium="email", **values):
        purpose_id = purpose.id if purpose else False
        return self.consents.create(
            {"partner_id": self.person.id, "purpose_id": purpose_id, "medium": medium, "state": state, **values}
        )

    def state(self, purpose=None, medium="email"):
        purpose_id = purpose.id if purpose else False
        found = self.consents.search(
            [("partner_id", "=", self.person.id), ("purpose_id", "=", purpose_id), ("medium", "=", medium)]
        )
        return found.state

    def subscribe(self, **values):
        contact = self.env["mailing.contact"].create({"name": "Ana", "email": "ANA@example.com"})
        return self.env["mailing.subscription"].create({"contact_id": contact.id, "list_id": self.list.id, **values})

    # -- history -------------------------------------------------------------------------------------------------------

    def test_every_change_has_its_line_and_stays(self):
        consent = self.consent(source="form", proof="Sheet 7").with_user(self.agent)
        consent.action_withdraw()
        lines = [(event.before, event.after, event.proof) for event in consent.event_ids.sorted("id")]
        self.assertEqual(lines, [(False, "granted", "Sheet 7"), ("granted", "withdrawn", "Sheet 7")])
        self.assertEqual(consent.event_ids[-1:].sudo().partner_id, self.person)
        for attempt in (lambda one: one.write({"after": "granted"}), lambda one: one.unlink()):
            with self.assertRaises(AccessError):
                attempt(consent.event_ids.with_user(self.admin))

    def test_import_says_that_it_was_one(self):
        """Odoo's import brings consent with its proof."""
        self.person.ref = "A-7"
        rows = [[str(self.person.id), "Agreed", "E-mail", "Fair, 3 May"]]
        result = self.consents.with_context(import_file=True).load(["partner_id/.id", "state", "medium", "proof"], rows)
        consent = self.consents.browse(result["ids"])
        self.assertEqual((consent.state, consent.source, consent.proof), ("granted", "import", "Fair, 3 May"))

    # -- lists, both ways ----------------------------------------------------------------------------------------------

    def test_exclusion_list_both_ways(self):
        consent = self.consent("withdrawn")
        entry = self.env["mail.blacklist"].search([("email", "=", "ana@example.com")])
        self.assertTrue(entry, "who refuses every e-mail is on the exclusion list")
        consent.action_grant()
        self.assertFalse(entry.active)
        self.env["mail.blacklist"]._add("ana@example.com")
        self.assertEqual(self.state(), "withdrawn")
        entry.active = False
        self.assertEqual(self.state(), "unknown")

    def test_numbers_both_ways(self):
        self.consent("withdrawn", medium="sms")
        entry = self.env["phone.blacklist"].search([("number", "=", self.person.phone_sanitized)])
        self.assertTrue(entry)
        entry.action_archive()
        self.assertEqual(self.state(medium="sms"), "unknown")
        self.env["phone.blacklist"]._add([self.person.phone_sanitized])
        self.assertEqual(self.state(medium="sms"), "withdrawn")

    def test_mailing_list_both_ways(self):
        subscription = self.subscribe()
        self.assertEqual(self.state(self.news), "granted")
        subscription.opt_out = True
        self.assertEqual(self.state(self.news), "withdrawn")
        self.consents.search([("partner_id", "=", self.person.id)]).action_grant()
        self.assertFalse(subscription.opt_out)
        self.consents.search([("partner_id", "=", self.person.id)]).action_withdraw()
        self.assertTrue(subscription.opt_out)

    def test_who_leaves_one_of_two_lists_has_not_refused(self):
        first = self.subscribe()
        other = self.env["mailing.list"].create({"name": "Weekly"})
        second = first.copy({"list_id": other.id})
        first.opt_out = True
        self.assertEqual(self.state(self.news), "granted")
        second.opt_out = True
        self.assertEqual(self.state(self.news), "withdrawn")

    def test_staff_takes_no_refusal_back_by_a_list(self):
        self.consent("withdrawn", self.news)
        subscription = self.subscribe()
        self.assertEqual(self.state(self.news), "withdrawn")
        subscription.opt_out = True
        subscription.opt_out = False  # they came back themselves
        self.assertEqual(self.state(self.news), "granted")

    def test_lists_written_on_the_contact(self):
        """Links that are written past the subscriptions are seen too."""
        contact = self.env["mailing.contact"].create(
            {"name": "Ana", "email": "ana@example.com", "list_ids": [(4, self.list.id)]}
        )
        self.assertEqual(self.state(self.news), "granted")
        contact.list_ids = [(5, 0, 0)]
        self.assertEqual(self.state(self.news), "unknown")
        contact.list_ids = [(4, self.list.id)]
        self.assertEqual(self.state(self.news), "granted")

    def test_merged_lists(self):
        """Merging inserts subscriptions past the ORM."""
        self.list.community_purpose_id = False
        self.subscribe()
        self.assertFalse(self.state(self.news))
        merged = self.env["mailing.list"].create({"name": "All"})
        merged.action_merge(self.list, True)
        self.assertEqual(self.state(self.news), "granted")

    # -- asking --------------------------------------------------------------------------------------------------------

    def test_asked_by_mail_and_only_who_confirms_agreed(self):
        consent = self.consent("unknown", self.news)
        with self.mock_mail_gateway():
            consent.with_user(self.agent).action_ask()
            self.env["mail.mail"].search([("model", "=", "community.consent")]).send()
        self.assertEqual(consent.state, "pending")
        self.assertIn("/community/contact/confirm/", self._mails[0]["body"])
        with self.assertRaises(UserError):
            consent.action_ask()  # nobody is asked twice
        token = consent._confirm_url().rsplit("/", 1)[1]
        self.assertEqual(self.consents._of_token(token), consent)
        self.assertFalse(self.consents._of_token(token[:-2] + "xx"))
        consent._confirm()
        self.assertEqual((consent.state, consent.source), ("granted", "optin"))

    def test_who_refused_is_not_asked(self):
        with self.assertRaises(UserError):
            self.consent("withdrawn", self.news).action_ask()

    def test_a_confirmation_takes_no_later_refusal_back(self):
        consent = self.consent("withdrawn", self.news)
        consent._confirm()
        self.assertEqual(consent.state, "withdrawn")

    def test_emails_with_a_purpose_show_the_way_out(self):
        care = self.env["community.purpose"]._get("care")
        with self.mock_mail_gateway():
            mail = self.env["mail.mail"].create(
                {"subject": "How is it?", "body_html": "<p>Well?</p>", "recipient_ids": [(4, self.person.id)]}
            )
            mail.community_purpose_id = care
            [email] = mail._prepare_outgoing_list()
            mail.community_purpose_id = False
            [plain] = mail._prepare_outgoing_list()
        self.assertIn("/stop/care>", email["headers"]["List-Unsubscribe"])
        self.assertEqual(email["headers"]["List-Unsubscribe-Post"], "List-Unsubscribe=One-Click")
        self.assertIn("/community/contact/", email["body"])
        self.assertNotIn("List-Unsubscribe", plain["headers"])


@tagged("post_install", "-at_install")
class TestConsentPage(ContactCase, HttpCase):
    """The page on which people choose what we write, without a website."""

    def setUp(self):
        super().setUp()
        self.path = f"/community/contact/{self.person._community_choose_token(self.env.company)}"
        self.consents = self.env["community.consent"]

    def allowed(self, purpose="offers", **values):
        return self.decide(purpose=purpose, **values)["allowed"]

    def test_looking_changes_nothing(self):
        self.person.lang = "en_US"
        for path in (self.path, f"{self.path}/stop/offers"):
            page = self.url_open(path)
            self.assertIn("What we write to you", page.text)
            self.assertEqual(page.headers["Referrer-Policy"], "no-referrer")
        self.assertFalse(self.consents.search([("partner_id", "=", self.person.id)]))

    def test_one_click_of_the_mail_program(self):
        self.url_open(f"{self.path}/stop/offers", data={"List-Unsubscribe": "One-Click"})
        self.assertFalse(self.allowed())
        self.assertTrue(self.allowed("care"))

    def test_stop_everything(self):
        self.url_open(self.path, data={"do": "nothing"})
        for medium in ("email", "sms", "call", "message"):
            self.assertFalse(self.allowed("care", medium=medium))
        self.assertTrue(self.allowed("service"))
        self.assertTrue(self.env["mail.blacklist"].search([("email", "=", "ana@example.com")]))

    def test_choose_and_come_back(self):
        care, offers = (self.env["community.purpose"]._get(code) for code in ("care", "offers"))
        self.url_open(self.path, data={"do": "nothing"})
        self.url_open(self.path, data={"do": "save", f"{care.id}_email": "on"})
        self.assertTrue(self.allowed("care"))
        self.assertFalse(self.allowed("offers"))
        consent = self.consents.search([("partner_id", "=", self.person.id), ("purpose_id", "=", care.id)])
        self.assertEqual((consent.state, consent.source), ("granted", "page"))
        self.assertFalse(self.consents.search([("purpose_id", "=", offers.id), ("partner_id", "=", self.person.id)]))

    def test_not_now(self):
        self.url_open(self.path, data={"do": "later"})
        self.assertGreater(self.person.community_not_now, fields.Date.today() + timedelta(days=80))
        self.url_open(self.path, data={"do": "again"})
        self.assertFalse(self.person.community_not_now)

    def test_page_speaks_the_language_of_the_person(self):
        self.env["res.lang"]._activate_lang("fr_FR")
        self.person.lang = "fr_FR"
        self.assertIn('lang="fr-FR"', self.url_open(self.path).text)

    def test_link_of_nobody(self):
        page = self.url_open(self.path[:-3] + "abc")
        self.assertEqual(page.status_code, 404)
        self.assertEqual(self.url_open(f"{self.path[:-3]}abc", data={"do": "nothing"}).status_code, 404)

    def test_confirming(self):
        consent = self.consents.create({"partner_id": self.person.id, "state": "pending"})
        path = consent._confirm_url().split("/", 3)[3]
        self.url_open(f"/{path}")
        self.assertEqual(consent.state, "pending", "scanners open links")
        self.url_open(f"/{path}", data={"yes": "1"})
        self.assertEqual(consent.state, "granted")
