import json
from datetime import UTC, datetime, timedelta

from odoo import fields
from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged

from odoo.addons.community_manager.connectors.items import AuthorItem

from .common import item
from .person_common import EMAIL, HANDLE, IDENTIFIER, NAME, RARE, TEXT, WORDS, PersonCase

#: where a word may stay after a person was erased, and why
ALLOWED = {
    # where listening goes on: the identifier of the newest post of the channel, whoever wrote it; the next one follows
    "community_channel.position": "it moves on with the next post",
    # rows that Odoo itself throws away within a day, and that hold what the browser was told
    "bus_bus.message": "Odoo deletes them within a day",
    "bus_bus.channel": "Odoo deletes them within a day",
}

#: some of the places in which the person stands before
PLANTED = (
    "crm_lead.description",
    "project_task.description",
    "mail_message.body",
    "mail_activity.summary",
    "community_handoff.asked",
    "community_quarantine.payload",
    "community_sample.text",
    "community_alert.evidence",
    "community_crisis_event.text",
    "community_feedback.description",
    "community_approval.text",
    "community_moderation_record.said",
    "community_mention_version.text",
    "community_reply.text",
    "community_date.name",
    "community_touch.text",
    "community_consent.proof",
    "community_handle.handle",
    "community_influencer.agreements",
    "community_collaboration.agreement",
    "community_recognition.text",
    "mailing_contact.email",
    "rating_rating.feedback",
)


@tagged("post_install", "-at_install")
class TestPersonErased(PersonCase):
    """A person who is erased is found nowhere in the database any more."""

    maxDiff = None

    def plant(self):
        """Put the person into every place this room can reach; return the mention it began with."""
        self.person.message_post(body=f"Called {NAME} about the {RARE} lamp", subtype_xmlid="mail.mt_note")
        mention = self.theirs()
        mention.author_id.partner_id = self.person
        other = self.say("Acme: I have the same lamp", "bea", channel=self.desk)
        # edited: an earlier text
        edited = item(
            mention.external_id, f"{TEXT}!", AuthorItem(external_id=IDENTIFIER, name=NAME, handle=f"@{HANDLE}")
        )
        edited.published_at, edited.url, edited.origin = datetime.now(UTC), mention.url, "own"
        self.ingest(self.desk, edited)
        mention.action_create_lead()
        mention.action_create_ticket()
        mention.lead_id.message_post(body=f"{NAME} is angry: {TEXT}")
        mention.task_id.message_post(body=f"@{HANDLE} wrote again")
        mention.message_post(body=f"{NAME} has a point")
        mention.activity_schedule("mail.mail_activity_data_todo", summary=f"Call {NAME}", user_id=self.agent.id)
        mention.sudo().write({"close_note": f"{NAME} is happy", "satisfaction_comment": f"Thanks, {RARE}!"})
        handoff = self.hand_off(mention, asked=f"Is the {RARE} lamp of {NAME} faulty?", reason=TEXT)
        handoff.message_post(body=f"{EMAIL} wrote to me")
        shared = self.hand_off(mention | other, asked=f"Look at what {NAME} says:\n{TEXT}")
        self.assertEqual(len(shared), 2)
        self.plant_answers(mention)
        self.plant_crisis(mention | other)
        self.plant_unstored()
        self.plant_rooms(mention)
        entries = mention._add_to_feedback() or self.env["community.feedback"]
        entries.write({"description": f"{NAME} ({EMAIL}) asked for it.\n{TEXT}"})
        self.env["community.date"].create(
            {"partner_id": self.person.id, "kind": "own", "name": f"Day of {RARE}", "day": 3, "month": "4"}
        )
        records = self.env["community.moderation.record"].sudo()
        records.create({**records._values_of(mention), "action": "hide", "reason": f"{NAME} shouted"})
        self.env["rating.rating"].sudo().create(
            {
                "res_model_id": self.env["ir.model"]._get_id("community.mention"),
                "res_id": mention.id,
                "partner_id": self.person.id,
                "rating": 5,
                "feedback": f"{RARE}: fine",
                "consumed": True,
            }
        )
        self.env["community.hold"].create(
            {"name": f"{NAME} wants peace", "author_ids": [(6, 0, mention.author_id.ids)]}
        )
        self.env["mailing.contact"].create({"name": NAME, "email": EMAIL})
        self.env.flush_all()
        return mention

    def plant_answers(self, mention):
        replies = self.env["community.reply"]
        values = {"mention_id": mention.id, "channel_id": self.desk.id}
        sent = replies.create({**values, "text": f"@{HANDLE} Hello {NAME}, we look at your {RARE} lamp."})
        sent.sudo().write({"state": "sent", "sent_at": fields.Datetime.now(), "external_id": "our-1"})
        draft = replies.create({**values, "text": f"Dear {NAME}: {RARE}"})
        draft._ask_approval([f"It names {NAME}"])
        # our answer as it comes back from the network
        ours = item("our-1", sent.text, AuthorItem(external_id="acme", name="Acme"), parent_id=mention.external_id)
        ours.outgoing, ours.origin = True, "own"
        self.ingest(self.desk, ours)

    def plant_crisis(self, mentions):
        watch = self.env["community.watch"].create({"name": "Lamps", "topic_id": self.topic.id})
        evidence = {
            "mentions": [{"id": one.id, "text": one.text, "author": one.author_id.name} for one in mentions],
            "authors": [[one.author_id.name, 0, 1] for one in mentions],
            "words": [[RARE, 3], ["lamp", 4]],
        }
        now = fields.Datetime.now()
        alert = self.env["community.alert"].create(
            {"watch_id": watch.id, "company_id": self.company.id, "kind": "risk", "moment": now, "seen_at": now}
            | {"evidence": evidence, "more": {"volume": evidence}, "mention_ids": [(6, 0, mentions.ids)]}
        )
        alert.message_post(body=f"{NAME} started it")
        crisis = self.env["community.crisis"].create({"name": "Lamps burn"})
        mentions.sudo().write({"crisis_id": crisis.id})
        alert.sudo().crisis_id = crisis
        crisis._log("answer", f"First answer: @{HANDLE} Hello {NAME}, we look at your {RARE} lamp.")
        crisis.sudo().what_happened = f"It began with {NAME}:\n{TEXT}\nThen others joined."

    def plant_rooms(self, mention):
        """Put the person into what other parts of the product keep of people."""
        person = {"partner_id": self.person.id, "company_id": self.company.id}
        purpose = self.env["community.purpose"].search([], limit=1)
        self.env["community.touch"].sudo().create(
            {**person, "medium": "email", "purpose_id": purpose.id, "text": f"{RARE} for {NAME}", "state": "used"}
        )
        consent = {"purpose_id": purpose.id, "medium": "email", "proof": f"Form of {NAME} ({EMAIL})"}
        self.env["community.consent"].create({**person, **consent})
        self.env["community.handle"].create(
            {"partner_id": self.person.id, "network": "toy", "handle": f"@{HANDLE}", "external_id": IDENTIFIER}
        )
        influencer = self.env["community.influencer"].create(
            {**person, "name": NAME, "agreements": f"Shows the {RARE}", "author_ids": [(6, 0, mention.author_id.ids)]}
        )
        influencer.message_post(body=f"{NAME} agreed")
        self.env["community.collaboration"].create(
            {"influencer_id": influencer.id, "name": f"{RARE} with {NAME}", "agreement": TEXT}
        )
        self.env["community.recognition"].create(
            {**person, "influencer_id": influencer.id, "kind": "thanks", "text": f"{NAME} helped"}
        )

    def plant_unstored(self):
        author = AuthorItem(external_id=IDENTIFIER, name=NAME, handle=f"@{HANDLE}")
        self.env["community.quarantine"]._keep(self.desk, item("bad-1", TEXT, author), f"bad {RARE}")
        body = json.dumps({"text": TEXT, "by": {"name": NAME}}).encode()
        self.env["community.push"]._receive(self.desk, {}, body, "delivery-1")
        self.company.community_sample_share = 100
        self.ingest(self.desk, item("sampled", f"Nothing of ours, says {NAME}", author, origin="search"))

    def erase(self, **values):
        self.env["community.erasing"]._erase(self.person, **values)
        self.env.invalidate_all()

    def test_nothing_of_the_person_is_left(self):
        """After erasing, name, handle, e-mail, identifiers and rare words stand in no column of the database."""
        mention = self.plant()
        before = self.find_words()
        for place in PLANTED:
            self.assertTrue([one for one in before if one.startswith(place)], f"{place}: nothing was planted")
        self.erase(empty=True)
        self.assertEqual(self.find_words(allowed=ALLOWED), [])
        self.assertTrue(mention.exists(), "figures stay")
        self.assertEqual(mention.author_id.display_name, "Erased person")
        self.assertEqual(mention.gone_because, "erased")

    def test_without_emptying_only_the_contact_is_left(self):
        """Who has to keep the contact keeps that alone."""
        self.plant()
        self.erase()
        places = {one.split(":")[0].split(".")[0] for one in self.find_words(allowed=ALLOWED)}
        # the contact with its own chatter, and what Odoo logs of the contact
        self.assertLessEqual(places, {"res_partner", "mail_message"})
        messages = self.env["mail.message"].search([("body", "ilike", NAME)])
        self.assertEqual(set(messages.mapped("model")), {"res.partner"})

    def test_a_profile_without_contact_is_erased_too(self):
        """Nobody needs a contact to be erased."""
        mention = self.theirs()
        mention.action_create_lead()
        author = mention.author_id
        author.partner_id = False
        self.person.unlink()
        contacts = self.env["res.partner"].with_context(active_test=False).search_count([])
        self.env["community.erasing"]._erase(self.env["res.partner"], author)
        self.assertEqual(self.find_words(allowed=ALLOWED), [])
        self.assertEqual(self.env["res.partner"].with_context(active_test=False).search_count([]), contacts)

    def test_others_keep_what_they_said(self):
        """What other people said, and the figures of all, are as before."""
        mention = self.plant()
        other = self.mentions(self.desk).filtered(lambda one: one.author_id.name == "Bea")
        text, count = other.text, self.env["community.mention"].search_count([])
        shared = other.handoff_ids
        feeling = mention.sentiment
        self.erase()
        self.assertEqual(other.text, text)
        self.assertEqual(self.env["community.mention"].search_count([]), count)
        self.assertIn("Look at what", shared.asked)
        self.assertEqual(mention.sentiment, feeling)

    def test_twice_changes_nothing_more(self):
        """Erasing again finds nothing, and says nothing."""
        self.plant()
        self.erase()
        log = self.env["community.privacy.log"]
        count = log.search_count([])
        self.assertEqual(sum(self.env["community.erasing"]._erase(self.person).values()), 0)
        self.assertEqual(log.search_count([]), count)

    def test_the_log_says_what_was_done_and_of_nobody(self):
        """The log has figures, a reference and who did it."""
        self.plant()
        self.env["community.erasing"].with_user(self.admin)._erase(self.person)
        log = self.env["community.privacy.log"].search([("action", "=", "erased")], limit=1)
        self.assertEqual(log.user_id, self.admin)
        self.assertGreater(log.counts["community.mention"], 0)
        self.assertEqual(log.reference, self.person._privacy_reference())
        for word in WORDS:
            self.assertNotIn(word, json.dumps(log.read()[0], default=str).lower())

    def test_listening_does_not_bring_them_back(self):
        """What is found of somebody who was erased is dropped; what they address to us later is kept, and says so."""
        mention = self.theirs()
        mention.author_id.partner_id = self.person
        self.erase(empty=True)
        self.theirs("Acme again", origin="search")
        self.theirs("Acme, an older message", moment=datetime.now(UTC) - timedelta(days=3))
        self.assertEqual(self.find_words(allowed=ALLOWED), [])
        back = self.theirs("Acme, I have a new question", moment=datetime.now(UTC) + timedelta(minutes=1))
        self.assertTrue(back.author_id.kept_out_on)
        self.assertIn("erased", back.message_ids[:1].body)
        self.assertNotEqual(back.author_id, mention.author_id)

    def test_what_leaves_at_this_moment_is_waited_for(self):
        """Nothing is erased while an answer may be on its way."""
        mention = self.theirs()
        mention.author_id.partner_id = self.person
        reply = self.env["community.reply"].create({"mention_id": mention.id, "text": "Hello"})
        reply.sudo().state = "sending"
        with self.assertRaises(UserError):
            self.env["community.erasing"]._erase(self.person)
        reply.sudo().state = "queued"
        self.erase()
        self.assertEqual(reply.state, "cancelled", "nothing is said to somebody who is erased")

    def test_dialog_asks_for_the_name(self):
        """Only administrators erase, and only whoever types the name."""
        mention = self.theirs()
        mention.author_id.partner_id = self.person
        with self.assertRaises(AccessError):
            self.person.with_user(self.manager).action_community_erase()
        action = self.person.with_user(self.admin).action_community_erase()
        dialog = self.env[action["res_model"]].with_user(self.admin).browse(action["res_id"])
        self.assertIn("Mentions: 1", dialog.goes)
        dialog.typed = "Somebody else"
        with self.assertRaises(UserError):
            dialog.action_erase()
        dialog.typed = NAME.lower()
        dialog.action_erase()
        self.assertFalse(mention.text)
        self.assertEqual(self.person.name, "Erased person", "no order keeps the contact, so it is emptied")

    def test_companies_that_are_not_ours(self):
        """Who does not work for all companies that know a person cannot erase them."""
        there = self.make_quiet_channel("There", company_id=self.other_company.id)
        self.theirs(channel=there).author_id.partner_id = self.person
        action = self.person.with_user(self.admin).action_community_erase()
        dialog = self.env[action["res_model"]].with_user(self.admin).browse(action["res_id"])
        dialog.typed = NAME
        with self.assertRaisesRegex(UserError, "Other company"):
            dialog.action_erase()

    def test_privacy_look_up_finds_and_erases(self):
        """Odoo's own look-up finds profiles by handle and erases them with their copies."""
        mention = self.theirs(email="")
        mention.action_create_lead()
        lookup = self.env["privacy.lookup.wizard"]
        for name in (HANDLE, f"@{HANDLE}", NAME):
            wizard = lookup.create({"name": name, "email": EMAIL})
            wizard.action_lookup()
            lines = wizard.line_ids.filtered(lambda line: line.res_model == "community.author")
            self.assertEqual(lines.mapped("res_id"), mention.author_id.ids, name)
        lines.action_unlink()
        self.assertTrue(lines.is_unlinked)
        self.assertFalse(mention.text)
        self.assertEqual(mention.lead_id.name, "Erased")

    def test_look_up_of_a_contact_erases_what_they_said(self):
        """Deleting a contact in the look-up takes what they said along."""
        mention = self.theirs()
        mention.author_id.partner_id = self.person
        wizard = self.env["privacy.lookup.wizard"].create({"name": NAME, "email": EMAIL})
        wizard.action_lookup()
        wizard.line_ids.filtered(lambda line: line.res_model == "res.partner").action_unlink()
        self.assertFalse(self.person.exists())
        self.assertFalse(mention.text)
        self.assertTrue(mention.author_id.erased_at)
