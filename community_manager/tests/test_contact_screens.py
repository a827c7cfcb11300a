from datetime import timedelta

from odoo import fields
from odoo.tests import tagged

from .common import item
from .test_contact_policy import ContactCase


@tagged("post_install", "-at_install")
class TestContactScreens(ContactCase):
    """What people see of touches and consent: before a mailing, on a contact, on the person's page and at the desk."""

    def mailing(self, people, **values):
        return self.env["mailing.mailing"].create(
            {
                "name": "Spring",
                "subject": "Spring",
                "mailing_model_id": self.env["ir.model"]._get("res.partner").id,
                "mailing_domain": repr([("id", "in", people.ids)]),
                **values,
            }
        )

    def test_mailing_says_beforehand_whom_it_does_not_reach(self):
        people = self.person + self.env["res.partner"].create(
            [{"name": f"Person {one}", "email": f"person{one}@example.com"} for one in range(3)]
        )
        mailing = self.mailing(people)
        self.assertFalse(mailing.community_forecast)
        self.policy.in_force = True
        self.limit(1)
        self.reserve(partner=people[1])
        people[2].community_not_now = fields.Date.today() + timedelta(days=20)
        people[3].community_not_now = fields.Date.today() + timedelta(days=20)
        mailing.invalidate_recordset()
        self.assertEqual(
            mailing.community_forecast,
            "3 of 4 will not be written to: 2 asked to be left alone, 1 limit reached.",
        )
        action = mailing.action_community_forecast()
        lines = self.env[action["res_model"]].search(action["domain"])
        self.assertEqual(set(lines.mapped("partner_id").ids), set(people[1:].ids))
        self.assertFalse(self.touches.search([("state", "=", "held")]), "looking ahead notes nothing")

    def test_contact_says_whether_it_may_be_written_to(self):
        contact = self.person.with_user(self.agent)
        self.assertEqual(contact.community_contact_now, "May be written to")
        contact.sudo().action_community_not_now()
        self.assertIn("left alone", contact.community_contact_now)
        contact.sudo().action_community_not_now(0)
        self.assertEqual(contact.community_contact_now, "May be written to")

    def test_person_page(self):
        company = self.env.company.id
        row = {"partner_id": self.person.id, "company_id": company}
        self.touches._note([{**row, "medium": "call", "source": ("x", 1), "text": "Asked for a lamp"}])
        self.env["community.consent"].create({"partner_id": self.person.id, "state": "withdrawn", "proof": "Letter"})
        person = self.person.with_user(self.agent)
        facts = {fact["code"]: fact for fact in person._contact_facts()}
        self.assertEqual(facts["touches"]["note"], "Call")
        self.assertEqual([fact["text"] for fact in person._contact_facts()][0], "They do not want this.")
        kinds = {kind["code"]: kind for kind in person._community_timeline_kinds()}
        [entry] = kinds["touch"]["read"](None, 5)
        self.assertIn("Asked for a lamp", entry["text"])
        [entry] = kinds["consent"]["read"](None, 5)
        self.assertEqual((entry["text"], entry["tone"]), ("Letter", "bad"))
        self.assertFalse(kinds["touch"]["read"](fields.Datetime.now() - timedelta(days=2), 5))

    def test_merged_contacts_add_up(self):
        self.policy.in_force = True
        self.limit(2)
        other = self.env["res.partner"].create({"name": "Ana", "email": "ana@example.com"})
        self.reserve()
        self.reserve(partner=other)
        row = {"company_id": self.env.company.id, "medium": "call", "source": ("x", 1)}
        self.touches._note([{**row, "partner_id": self.person.id}, {**row, "partner_id": other.id}])
        news = self.env["community.purpose"]._get("news")
        consents = self.env["community.consent"]
        old = fields.Datetime.now() - timedelta(days=5)
        values = {"purpose_id": news.id, "medium": "sms"}
        consents.create({**values, "partner_id": self.person.id, "date": old})
        consents.create({**values, "partner_id": other.id, "state": "withdrawn"})
        self.env["base.partner.merge.automatic.wizard"]._merge((self.person + other).ids, self.person)
        touches = self.touches.search([("partner_id", "=", self.person.id)])
        self.assertEqual(sorted(touches.mapped("medium")), ["call", "email", "email"], "one call was noted twice")
        self.assertEqual(self.decide(purpose="care")["code"], "limit")
        consent = consents.search([("partner_id", "=", self.person.id)])
        self.assertEqual(consent.state, "withdrawn")
        self.assertEqual(len(consent.event_ids), 2)

    def test_erased_and_deleted(self):
        self.reserve()
        self.env["community.consent"].create({"partner_id": self.person.id})
        codes = {part["code"] for part in self.person.sudo()._community_personal_data() if part["records"]}
        self.assertLessEqual({"touches", "consent", "consent_history"}, codes)
        erased = self.person.sudo()._community_erase()
        self.assertEqual((erased["community.touch"], erased["community.consent"]), (1, 1))
        self.reserve()
        gone = self.person.id
        self.person.unlink()
        self.assertFalse(self.touches.search([("partner_id", "=", gone)]))
        self.assertFalse(self.env["community.touch.window"].search([("partner_id", "=", gone)]))

    # -- the outbox ----------------------------------------------------------------------------------------------

    def reply(self, **values):
        channel = self.make_channel("Here")
        self.ingest(channel, item("m1", text="Hello", origin="own"))
        mention = self.mentions(channel)
        mention.author_id.partner_id = self.person
        return self.env["community.reply"].create({"mention_id": mention.id, "text": "Good morning", **values})

    def test_answer_is_never_held_and_counts(self):
        self.policy.in_force = True
        self.limit(0)
        reply = self.reply()
        self.assertFalse(reply._find_holds())
        reply.sudo().write({"state": "sent", "sent_at": fields.Datetime.now()})
        reply.sudo()._note_touch()
        touch = self.touches.search([("partner_id", "=", self.person.id)])
        self.assertEqual((touch.medium, touch.own_question, touch.text), ("social", True, "Good morning"))

    def test_private_message_that_nobody_asked_for_is_held(self):
        self.policy.in_force = True
        self.limit(1)
        reply = self.reply(way="message", purpose_id=self.env["community.purpose"]._get("care").id)
        self.assertFalse(reply._find_holds())
        self.reserve(medium="call", purpose="care")
        [(reason, until)] = reply._find_holds().values()
        self.assertIn("1 of at most 1", reason)
        self.assertTrue(until)

    def test_message_reserves_when_it_is_sent_and_gives_back_when_it_fails(self):
        self.policy.in_force = True
        self.limit(1)
        reply = self.reply(way="message", purpose_id=self.env["community.purpose"]._get("care").id).sudo()
        reply.state = "queued"
        self.assertEqual(reply._begin(reply.channel_id._connector_class()) in ("send", ""), True)
        self.assertTrue(reply.touch)
        self.assertEqual(self.decide(purpose="care")["code"], "limit" if reply.state == "sending" else "")
        touch = self.touches.browse(reply.touch)
        if reply.state == "sending":
            reply._fail("The network refused")
        self.assertEqual(touch.state, "released")
        self.assertTrue(self.decide(purpose="care")["allowed"])
