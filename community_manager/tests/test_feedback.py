from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged

from .routing_common import RoutingCase


@tagged("post_install", "-at_install")
class TestFeedback(RoutingCase):
    """The register of suggestions, defects and needs."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env["community.feedback"].search([]).active = False
        cls.chair, cls.desk = cls.env["product.template"].create([{"name": "Chair Alba"}, {"name": "Desk Norte"}])
        cls.register = cls.env["community.feedback"]

    def dialog(self, mentions, user=None):
        """Open the dialog for some mentions as an agent; return it."""
        action = mentions.with_user(user or self.agent).action_add_to_feedback()
        return self.env[action["res_model"]].with_user(user or self.agent).browse(action["res_id"])

    # -- into the register --------------------------------------------------------------------------------------------

    def test_a_new_entry(self):
        """What nobody asked for yet becomes an entry, with what is known of the mention."""
        mention = self.say("Please make the Chair Alba with softer armrests.", language="en")
        mention.intent_ids = self.env.ref("community_manager.intent_suggestion")
        mention.product_ids = self.chair
        self.assertTrue(mention.is_feedback)
        dialog = self.dialog(mention)
        self.assertEqual((dialog.choice, dialog.kind, dialog.product_tmpl_id), ("new", "suggestion", self.chair))
        dialog.name = "Softer armrests"
        dialog.action_add()
        entry = mention.feedback_id
        self.assertEqual((entry.name, entry.vote_count, entry.decision), ("Softer armrests", 1, "open"))
        self.assertEqual(mention.state, "open")

    def test_a_similar_entry_is_proposed(self):
        """Other words of the same kind find the entry, whatever their form and accents; other matters do not."""
        first = self.say("The armrests of my chair came loose after two weeks", language="en")
        entry = self.register._add_to_feedback(first)
        entry.name = "Loose armrests"
        other = self.register._add_to_feedback(self.say("The website does not take my card", "bob", language="en"))
        self.assertNotEqual(entry, other)
        again = self.say("One armrest is loose again, what a chair", "cid", language="en")
        dialog = self.dialog(again)
        self.assertEqual((dialog.choice, dialog.proposed_id), ("proposed", entry))
        self.assertNotIn(other, dialog.proposal_ids)
        dialog.action_add()
        self.assertEqual(entry.vote_count, 2)

    def test_what_was_said_in_spanish_finds_spanish(self):
        """Stems and accents of the language of a mention count."""
        entry = self.register._add_to_feedback(
            self.say("Las sillas deberían traer más reposabrazos acolchados", language="es")
        )
        found = self.register._similar(self.say("quisiera una silla con reposabrazos acolchado", "eva", language="es"))
        self.assertEqual(found, entry)

    def test_the_same_product_comes_first(self):
        """Of entries that are as like, the one of the product named comes first, and a rule keeps products apart."""
        alba = self.register.create({"name": "Drawer sticks when opened", "product_tmpl_id": self.chair.id})
        norte = self.register.create({"name": "Drawer sticks when opened", "product_tmpl_id": self.desk.id})
        mention = self.say("My drawer sticks when opened", language="en")
        mention.product_ids = self.desk
        self.assertEqual(self.register._similar(mention)[:2], norte | alba)
        mention.product_ids = self.env["product.template"].create({"name": "Lamp Sol"})
        self.assertFalse(self.register._alike(mention))

    def test_what_is_decided_is_not_proposed_when_it_is_over(self):
        """Done and declined entries are not proposed, planned ones are; another company's never."""
        entry = self.register.create({"name": "Drawer sticks when opened"})
        theirs = self.register.create({"name": "Drawer sticks when opened", "company_id": self.other_company.id})
        mention = self.say("My drawer sticks when opened", language="en")
        self.assertEqual(self.register._similar(mention), entry)
        entry.decision = "planned"
        self.assertEqual(self.register._similar(mention), entry)
        entry.decision = "done"
        self.assertFalse(self.register._similar(mention))
        self.assertTrue(theirs)

    def test_hostile_words_find_nothing_and_break_nothing(self):
        """Operators of the search language, quotes and nothing at all are plain words."""
        for text in ("' | & ! :* <-> \\ '' );--", "", "🙂", "a" * 5000, "%s %(x)s \x07"):
            mention = self.say(text or "x", author=f"hostile {len(text)}")
            mention.sudo().write({"text": text})
            with self.subTest(text=text[:20]):
                self.register._similar(mention)
                entry = self.register._add_to_feedback(mention)
                self.assertEqual(entry.mention_ids, mention)

    def test_a_vote_is_a_person(self):
        """Several messages of one profile, and several profiles of one contact, are one person."""
        contact = self.env["res.partner"].create({"name": "Ann"})
        mentions = self.env["community.mention"]
        for author in ("ann", "ann", "ann_elsewhere", "bob"):
            mentions |= self.say("Softer armrests, please", author)
        entry = self.register.create({"name": "Softer armrests"})
        self.register._add_to_feedback(mentions, entry)
        self.assertEqual((entry.vote_count, entry.mention_count), (3, 4))
        mentions[:3].author_id.partner_id = contact
        self.assertEqual(entry.vote_count, 2)
        mentions[3].action_leave_feedback()
        self.assertEqual(entry.vote_count, 1)

    def test_rules_put_mentions_there(self):
        """Without anybody choosing: similar ones into one entry, others into their own, none twice, none of ours."""
        first = self.say("The armrest of my chair is loose", "ann", language="en")
        second = self.say("The armrest of my chair is loose", "bob", language="en")
        third = self.say("Do you ship to Portugal?", "cid", language="en")
        ours = self.say("We ship everywhere", "us", outgoing=True)
        whole = first | second | third | ours
        whole._add_to_feedback()
        whole._add_to_feedback()
        self.assertEqual(first.feedback_id, second.feedback_id)
        self.assertNotEqual(first.feedback_id, third.feedback_id)
        self.assertFalse(ours.feedback_id)
        self.assertEqual(len(self.register.search([])), 2)

    def test_many_at_once(self):
        """The dialog takes many mentions; what we wrote is left out, and of two companies it takes none."""
        mentions = self.say("Armrests, please", "ann") | self.say("Where are softer armrests?", "bob")
        dialog = self.dialog(mentions | self.say("We think about it", "us", outgoing=True))
        self.assertEqual(dialog.mention_count, 2)
        dialog.write({"choice": "new", "name": "Softer armrests"})
        dialog.action_add()
        self.assertEqual(len(mentions.feedback_id), 1)
        self.assertEqual(mentions.feedback_id.vote_count, 2)
        with self.assertRaises(UserError):
            self.dialog(self.say("Only ours", "us", outgoing=True))

    def test_an_entry_has_to_be_chosen(self):
        """Nothing chosen, no title: the dialog says so."""
        dialog = self.dialog(self.say("Something"))
        for values in ({"choice": "other"}, {"choice": "new", "name": " "}):
            dialog.write(values)
            with self.assertRaises(UserError):
                dialog.action_add()

    def test_others_have_no_part(self):
        """Who is no agent can neither read the register nor put something there."""
        mention = self.say("Something")
        with self.assertRaises(AccessError):
            mention.with_user(self.outsider).action_add_to_feedback()
        with self.assertRaises(AccessError):
            self.register.with_user(self.outsider).search([])

    def test_deleted_on_the_network(self):
        """What somebody deletes there no longer makes an entry findable, and still counts as asked."""
        mention = self.say("A very peculiar zeppelin", language="en")
        entry = self.register._add_to_feedback(mention)
        entry.name = "Transport"
        alike = self.say("My zeppelin, so peculiar", "bob", language="en")
        self.assertEqual(self.register._similar(alike), entry)
        mention._erase_content()
        self.assertFalse(self.register._similar(alike))
        self.assertEqual(entry.vote_count, 1)


@tagged("post_install", "-at_install")
class TestFeedbackDecided(RoutingCase):
    """Everybody who asked is told what was decided, once."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env["community.feedback"].search([]).active = False
        cls.sending = cls.make_channel("Sending")
        cls.entry = cls.env["community.feedback"].create({"name": "Softer armrests", "user_id": cls.manager.id})

    def ask(self, author="ann maier", text="Softer armrests, please", language="en", **values):
        mention = self.say(text, author, channel=self.sending, **values)
        mention.sudo().language = language
        self.env["community.feedback"]._add_to_feedback(mention, self.entry)
        return mention

    def tell(self, **values):
        """Open the dialog as the manager, who may change things in it; return it."""
        action = self.entry.with_user(self.manager).action_tell()
        dialog = self.env[action["res_model"]].with_user(self.manager).browse(action["res_id"])
        dialog.write(values)
        return dialog

    def replies(self):
        return self.entry.answer_ids.reply_id.sorted("id")

    def test_everybody_is_told_once(self):
        """One message each, in answer to the newest of each person, with the first name where there is one."""
        self.ask()
        newest = self.ask(text="Are they there yet?")
        bob = self.ask("x77_bob_x")
        self.assertEqual(self.entry.untold_count, 0)
        self.entry.with_user(self.manager).decision = "done"
        self.assertEqual(self.entry.untold_count, 2)
        self.assertEqual(self.entry.activity_ids.user_id, self.manager)
        self.tell(text="Hello {{ first_name }}, they are there.").action_send()
        replies = self.replies()
        self.assertEqual(replies.mention_id, newest | bob)
        self.assertEqual(set(replies.mapped("text")), {"Hello Ann, they are there.", "Hello, they are there."})
        self.assertEqual(set(replies.mapped("state")), {"queued"})
        self.assertEqual((self.entry.untold_count, self.entry.told_count), (0, 2))
        self.assertFalse(self.entry.activity_ids)
        with self.assertRaises(UserError):
            self.tell(text="Again").action_send()
        self.assertEqual(len(self.replies()), 2)
        self.env["community.outbox"]._send(20)
        self.assertEqual(len(self.toy.sent), 2)

    def test_drafts_are_looked_at_first(self):
        """As drafts nothing leaves until somebody sends it; a draft that is cancelled leaves the person to tell."""
        self.ask()
        self.entry.decision = "declined"
        action = self.tell().action_draft()
        reply = self.replies()
        self.assertEqual(reply.state, "draft")
        self.assertEqual(action["domain"], [("id", "in", reply.ids)])
        self.assertEqual(self.entry.untold_count, 0)
        reply.with_user(self.manager).action_cancel()
        self.assertEqual(self.entry.untold_count, 1)
        self.tell(text="No, sorry.").action_send()
        self.assertEqual(self.replies().text, "No, sorry.")

    def test_who_asks_afterwards_is_told_too(self):
        """A new voter after the decision is proposed, and only that one; a new decision is told to all."""
        self.ask()
        self.entry.decision = "planned"
        self.tell().action_send()
        self.ask("bob")
        self.assertEqual(self.entry.untold_count, 1)
        self.assertTrue(self.entry.activity_ids)
        self.assertIn(self.entry, self.env["community.feedback"].search([("untold_count", ">", 0)]))
        dialog = self.tell()
        self.assertEqual(dialog.line_ids.author_id.name, "Bob")
        dialog.action_send()
        self.assertNotIn(self.entry, self.env["community.feedback"].search([("untold_count", ">", 0)]))
        self.entry.decision = "done"
        self.assertEqual(self.entry.untold_count, 2)

    def test_who_cannot_be_told_is_named(self):
        """A deleted message and a network without answers say why; an older message that stands is answered instead."""
        gone = self.ask("ann")
        gone._erase_content()
        old = self.ask("bob")
        newer = self.ask("bob", text="And now?")
        newer._erase_content()
        self.entry.decision = "done"
        dialog = self.tell(text="There they are.")
        reasons = {line.author_id.name: line.reason for line in dialog.line_ids}
        self.assertIn("deleted", reasons["Ann"])
        self.assertFalse(reasons["Bob"])
        dialog.action_send()
        self.assertEqual(self.replies().mention_id, old)
        self.assertEqual(self.entry.untold_count, 1)

    def test_who_cannot_be_told_is_left_out(self):
        """Somebody decides to leave them out: then nobody is asked about them again."""
        self.ask("ann")._erase_content()
        self.entry.decision = "done"
        self.assertTrue(self.entry.activity_ids)
        self.tell().action_leave_out()
        self.assertEqual((self.entry.untold_count, self.replies().ids), (0, []))
        self.assertIn("deleted", self.entry.answer_ids.left_out)
        self.assertFalse(self.entry.activity_ids)

    def test_each_in_their_language(self):
        """Those of one language are told first, then the dialog comes back for the others."""
        self.ask("ann", language="en")
        self.ask("bob", language="en")
        self.ask("eva", language="es")
        self.entry.decision = "done"
        dialog = self.tell(text="They are there.")
        self.assertEqual((dialog.language, len(dialog.line_ids)), ("en", 2))
        action = dialog.action_send()
        following = self.env[action["res_model"]].browse(action["res_id"])
        self.assertEqual((following.language, following.line_ids.author_id.name), ("es", "Eva"))

    def test_privately_where_that_is_possible(self):
        """The way is chosen for all, and each gets the one that the network allows."""
        self.ask()
        self.entry.decision = "done"
        dialog = self.tell(way="message", text="There.")
        dialog._onchange_way()
        dialog.action_send()
        self.assertEqual(self.replies().way, "message")

    def test_a_placeholder_that_does_not_exist(self):
        """Nothing goes out with a hole in it."""
        self.ask()
        self.entry.decision = "done"
        with self.assertRaises(UserError):
            self.tell(text="Hello {{ surname }}").action_send()
        self.assertFalse(self.replies())

    def test_too_long_for_the_network(self):
        """What a network refuses is told beside the person, and the others are told."""
        self.ask()
        self.entry.decision = "done"
        dialog = self.tell(text="very long " * 2000)
        dialog.action_send()
        self.assertTrue(dialog.line_ids.reason)
        self.assertFalse(self.replies())
        self.assertEqual(self.entry.untold_count, 1)

    def test_profiles_of_one_contact_are_told_once(self):
        """Who asked from two profiles is told once, also when that is found out afterwards."""
        one, two = self.ask("ann"), self.ask("ann_b")
        contact = self.env["res.partner"].create({"name": "Ann"})
        one.author_id.partner_id = contact
        self.entry.decision = "done"
        dialog = self.tell(text="There.")
        dialog.line_ids.filtered(lambda line: line.mention_id == two).tell = False
        dialog.action_send()
        self.assertEqual(self.entry.untold_count, 1)
        two.author_id.partner_id = contact
        self.entry.invalidate_recordset()
        self.assertEqual(self.entry.untold_count, 0)

    def test_a_decision_has_one_date(self):
        """Deciding several entries dates those for which that is new; undecided ones have no date."""
        self.entry.decision = "done"
        self.entry.sudo().decided_at = "2026-01-01 10:00:00"
        other = self.entry.copy()
        self.assertFalse(other.decided_at)
        (self.entry | other).write({"decision": "done"})
        self.assertEqual(str(self.entry.decided_at), "2026-01-01 10:00:00")
        self.assertTrue(other.decided_at)
        other.decision = "open"
        self.assertFalse(other.decided_at)

    def test_agents_decide_and_nobody_deletes(self):
        """An agent keeps the register, but removes nothing from it."""
        entry = self.env["community.feedback"].with_user(self.agent).create({"name": "Lamp"})
        entry.write({"valid": "yes", "valid_note": "Seen it", "decision": "planned"})
        self.assertTrue(entry.decided_at)
        with self.assertRaises(AccessError):
            entry.unlink()
        self.assertEqual(entry.copy().decision, "open")
