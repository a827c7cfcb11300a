from datetime import datetime, timedelta

from odoo import fields
from odoo.tests import tagged

from .common import CommunityCase, item

#: a Wednesday at noon, in winter
NOON = datetime(2026, 1, 14, 12, 0)


class ContactCase(CommunityCase):
    """Somebody with an address, a policy that is not in force yet, and short ways to ask."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env["community.contact.policy"].search([]).in_force = False
        cls.person = cls.env["res.partner"].create(
            {"name": "Ana", "email": "ana@example.com", "phone": "+34600000001", "tz": "Europe/Madrid"}
        )
        cls.policy = cls.env["community.contact.policy"].create(
            {"name": "Ours", "hold_crisis": "none", "hold_mention_days": 0, "hold_ticket": False}
            | {"hold_complaint": False, "ask_consent": False}
        )
        cls.touches = cls.env["community.touch"]

    def limit(self, most, window="week", **values):
        return self.env["community.contact.limit"].create(
            {"policy_id": self.policy.id, "most": most, "window": window, **values}
        )

    def request(self, partner=None, medium="email", **values):
        partner = partner or self.person
        return {"partner_id": partner.id, "company_id": self.env.company.id, "medium": medium, **values}

    def decide(self, **values):
        return self.touches._decide([self.request(**values)])[0]

    def reserve(self, **values):
        return self.touches._reserve([self.request(**values)])[0]


@tagged("post_install", "-at_install")
class TestContactPolicy(ContactCase):
    """Who may be contacted, when, and why not."""

    def test_without_a_policy_in_force_all_goes_out(self):
        """Installing changes nothing of what is sent."""
        self.limit(0)
        for medium in ("email", "sms", "message", "call"):
            self.assertTrue(self.decide(medium=medium)["allowed"])

    def test_who_refused_is_left_alone_without_a_policy(self):
        consents = self.env["community.consent"]
        consents.create({"partner_id": self.person.id, "medium": "email", "state": "withdrawn"})
        self.assertEqual(self.decide()["code"], "consent")
        self.assertTrue(self.decide(medium="sms")["allowed"])
        self.assertTrue(self.decide(purpose="service")["allowed"], "an invoice is sent all the same")

    def test_the_newest_word_counts(self):
        consents = self.env["community.consent"]
        news = self.env["community.purpose"]._get("news")
        early, late = fields.Datetime.now() - timedelta(days=9), fields.Datetime.now() - timedelta(days=3)
        consents.create({"partner_id": self.person.id, "medium": "all", "state": "withdrawn", "date": early})
        values = {"partner_id": self.person.id, "medium": "email", "purpose_id": news.id}
        consents.create({**values, "state": "granted", "date": late, "source": "optin"})
        self.assertTrue(self.decide(purpose="news")["allowed"])
        self.assertEqual(self.decide(purpose="offers")["code"], "consent")

    def test_limit_counts_across_media(self):
        """An answer on a network, a call and an e-mail are three touches."""
        self.policy.in_force = True
        self.limit(3)
        company = self.env.company.id
        row = {"partner_id": self.person.id, "company_id": company}
        said = [{**row, "medium": "social", "source": ("x", 1)}, {**row, "medium": "call", "source": ("x", 2)}]
        self.touches._note(said)
        self.assertTrue(self.reserve()["touch_id"])
        decision = self.reserve(medium="sms")
        self.assertEqual((decision["allowed"], decision["code"]), (False, "limit"))
        self.assertIn("3 of at most 3", decision["reason"])
        self.assertTrue(decision["until"] > fields.Datetime.now() + timedelta(days=6))
        held = self.touches.search([("partner_id", "=", self.person.id), ("state", "=", "held")])
        self.assertEqual((held.medium, held.code), ("sms", "limit"))

    def test_limit_of_one_purpose_and_medium(self):
        self.policy.in_force = True
        offers = self.env["community.purpose"]._get("offers")
        self.limit(1, media="email", purpose_ids=[(6, 0, offers.ids)])
        self.assertTrue(self.reserve(purpose="offers")["allowed"])
        self.assertEqual(self.reserve(purpose="offers")["code"], "limit")
        self.assertTrue(self.reserve(purpose="news")["allowed"])
        self.assertTrue(self.reserve(medium="sms", purpose="offers")["allowed"])

    def test_own_question_is_never_held_but_counts(self):
        self.policy.in_force = True
        self.limit(1)
        self.assertTrue(self.reserve(own_question=True)["allowed"])
        self.assertTrue(self.reserve(own_question=True)["allowed"])
        self.assertEqual(self.reserve()["code"], "limit")

    def test_same_person_twice_in_one_batch(self):
        self.policy.in_force = True
        self.limit(2)
        told = self.touches._reserve([self.request() for _number in range(4)])
        self.assertEqual([one["allowed"] for one in told], [True, True, False, False])

    def test_what_is_given_back_leaves_room(self):
        self.policy.in_force = True
        self.limit(1)
        first = self.reserve()
        self.assertEqual(self.reserve()["code"], "limit")
        self.touches._release([first["touch_id"]])
        self.assertTrue(self.reserve()["allowed"])
        self.assertEqual(self.touches.browse(first["touch_id"]).state, "released")

    def test_reservation_ends_by_itself(self):
        """A worker that died between reserving and sending holds nobody for good."""
        self.policy.in_force = True
        self.limit(1)
        touch = self.touches.browse(self.reserve()["touch_id"])
        past = fields.Datetime.now() - timedelta(hours=1)
        self.env.cr.execute("UPDATE community_touch SET expires_at = %s WHERE id = %s", [past, touch.id])
        window = self.env["community.touch.window"].search([("partner_id", "=", self.person.id)])
        window.entries = [{**window.entries[0], "x": past.timestamp()}]
        self.env.flush_all()
        self.assertFalse(self.touches._use(touch.ids), "what has ended is not sent without asking again")
        self.assertTrue(self.reserve()["allowed"])

    def test_what_is_used_stays_counted(self):
        self.policy.in_force = True
        self.limit(1)
        touch = self.reserve()["touch_id"]
        self.assertEqual(self.touches._use([touch]), {touch})
        self.assertEqual(self.touches._use([touch]), {touch}, "a second look at the same message sends it")
        self.assertEqual(self.touches.browse(touch).state, "used")
        self.assertEqual(self.decide()["code"], "limit")

    def test_old_touches_count_no_more(self):
        self.policy.in_force = True
        self.limit(1, "day")
        yesterday = fields.Datetime.now() - timedelta(hours=25)
        self.assertTrue(self.reserve(moment=yesterday)["allowed"])
        self.assertTrue(self.reserve()["allowed"])

    def test_quiet_hours_are_those_of_the_person(self):
        self.policy.write({"in_force": True, "quiet": True, "quiet_from": 21, "quiet_until": 9})
        self.assertTrue(self.decide(moment=NOON)["allowed"])
        late = self.decide(moment=NOON.replace(hour=20, minute=30))  # half past nine in Madrid
        self.assertEqual((late["code"], late["until"]), ("quiet", datetime(2026, 1, 15, 8, 0)))
        self.assertTrue(self.decide(medium="social", moment=NOON.replace(hour=23))["allowed"])
        self.person.tz = "America/Lima"  # half past three in the afternoon
        self.assertTrue(self.decide(moment=NOON.replace(hour=20, minute=30))["allowed"])
        self.policy.quiet_wednesday = True
        self.assertEqual(self.decide(moment=NOON.replace(hour=20))["until"], datetime(2026, 1, 15, 14, 0))

    def test_not_now(self):
        self.person.community_not_now = fields.Date.today() + timedelta(days=90)
        self.assertEqual(self.decide()["code"], "not_now")
        self.assertTrue(self.decide(purpose="service")["allowed"])
        self.person.community_not_now = fields.Date.today()
        self.assertTrue(self.decide()["allowed"])

    def test_news_needs_consent_once_the_policy_asks(self):
        self.policy.write({"in_force": True, "ask_consent": True})
        self.assertEqual(self.decide(purpose="news")["code"], "consent")
        self.assertTrue(self.decide(purpose="care")["allowed"])
        consent = self.env["community.consent"].create({"partner_id": self.person.id, "state": "pending"})
        self.assertEqual(self.decide(purpose="news")["code"], "consent")
        consent.action_grant()
        self.assertTrue(self.decide(purpose="news")["allowed"])

    def test_exclusion_list_and_archived_contacts(self):
        self.env["phone.blacklist"].create({"number": self.person.phone_sanitized})
        self.assertEqual(self.decide(medium="sms")["code"], "consent")
        self.person.active = False
        self.assertEqual(self.decide()["code"], "dead")

    def test_one_policy_of_a_company_is_in_force(self):
        self.policy.in_force = True
        other = self.policy.copy()
        self.assertFalse(other.in_force)

    # -- holds ---------------------------------------------------------------------------------------------------------

    def speaks(self, text, **values):
        """Let the person say something on a network; return the mention."""
        channel = self.make_channel(f"Here {text}")
        self.ingest(channel, item(text, text=text, origin="own"))
        mention = self.mentions(channel)
        mention.author_id.partner_id = self.person
        mention.write(values)
        return mention

    def test_after_a_negative_mention(self):
        self.policy.write({"in_force": True, "hold_mention_days": 5})
        mention = self.speaks("Never again")
        mention.sentiment = "negative"
        mention.published_at = fields.Datetime.now() - timedelta(days=2)
        self.assertEqual(self.decide()["code"], "mention")
        mention.published_at = fields.Datetime.now() - timedelta(days=6)
        self.assertTrue(self.decide()["allowed"])

    def test_while_a_complaint_is_open(self):
        self.policy.write({"in_force": True, "hold_complaint": True})
        mention = self.speaks("It broke")
        mention.intent_ids = self.env.ref("community_manager.intent_complaint")
        self.assertEqual(self.decide()["code"], "complaint")
        mention.state = "done"
        self.assertTrue(self.decide()["allowed"])

    def test_while_a_ticket_is_open(self):
        self.policy.write({"in_force": True, "hold_ticket": True})
        project = self.env.company._get_community_ticket_project()
        task = self.env["project.task"].create({"name": "Lamp", "project_id": project.id, "partner_id": self.person.id})
        self.assertEqual(self.decide()["code"], "ticket")
        task.state = "1_done"
        self.assertTrue(self.decide()["allowed"])
        mention = self.speaks("Where is it")
        mention.task_id = self.env["project.task"].create({"name": "Parcel", "project_id": project.id})
        self.assertEqual(self.decide()["code"], "ticket")

    def test_in_a_crisis(self):
        self.policy.write({"in_force": True, "hold_crisis": "all"})
        crisis = self.env["community.crisis"].create({"name": "Fire"})
        self.assertEqual(self.decide()["code"], "crisis")
        self.policy.hold_crisis = "topic"
        self.assertTrue(self.decide()["allowed"])
        self.speaks("Fire!").with_context(community_gather=True).crisis_id = crisis
        self.assertEqual(self.decide()["code"], "crisis")

    def test_hold_by_hand(self):
        self.policy.in_force = True
        mention = self.speaks("Hello")
        self.env["community.hold"].create({"name": "Lawyers", "author_ids": [(6, 0, mention.author_id.ids)]})
        decision = self.decide()
        self.assertEqual((decision["code"], decision["reason"]), ("hold", "Lawyers"))
        stranger = self.env["res.partner"].create({"name": "Leo", "email": "leo@example.com"})
        self.assertTrue(self.decide(partner=stranger)["allowed"])
