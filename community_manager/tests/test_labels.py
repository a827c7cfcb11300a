from datetime import timedelta

from odoo import fields
from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged

from .understanding_common import Plain, UnderstandingCase


@tagged("post_install", "-at_install")
class TestLabels(UnderstandingCase):
    """People correct what was understood: their word is kept, and stays."""

    def labels(self, mention, **values):
        domain = [("mention_id", "=", mention.id), *((name, "=", value) for name, value in values.items())]
        return self.env["community.label"].search(domain)

    def correct(self, mention, method, *arguments, user=None):
        """Call a button of a mention as somebody, an agent unless told otherwise."""
        result = getattr(mention.with_user(user or self.agent), method)(*arguments)
        self.env.invalidate_all()
        return result

    # -- one click ----------------------------------------------------------------------------------------------------

    def test_one_click_corrects_the_feeling_and_who_and_when_is_kept(self):
        mention = self.said("a bad day with acme")
        self.assertEqual(mention.sentiment, "negative")
        self.correct(mention, "action_set_sentiment", "positive")
        self.assertEqual((mention.sentiment, mention.sentiment_score), ("positive", 1.0))
        self.assertEqual(mention.corrected, ["sentiment"])
        label = self.labels(mention)
        self.assertEqual((label.user_id, label.company_id), (self.agent, self.company))
        self.assertEqual((label.kind, label.before, label.value), ("sentiment", "negative", "positive"))
        self.assertEqual((label.version, label.confidence), ("plain", 0.7))
        self.assertLess(fields.Datetime.now() - label.labelled_at, timedelta(minutes=5))

    def test_a_correction_is_noted_beside_the_mention_in_words(self):
        mention = self.said("a bad day with acme")
        self.correct(mention, "action_set_sentiment", "neutral")
        note = mention.message_ids[:1]
        self.assertIn("Negative → Neutral", str(note.body))
        self.assertEqual(note.author_id, self.agent.partner_id)

    def test_who_thinks_again_has_one_label_and_the_first_value_stays_known(self):
        mention = self.said("a bad day with acme")
        self.correct(mention, "action_set_sentiment", "positive")
        self.correct(mention, "action_set_sentiment", "neutral")
        label = self.labels(mention)
        self.assertEqual((label.before, label.value), ("negative", "neutral"))
        self.correct(mention, "action_set_sentiment", "positive", user=self.manager)
        self.assertEqual(self.labels(mention).mapped("value"), ["positive", "neutral"])
        self.assertEqual(mention.sentiment, "positive")

    def test_who_agrees_with_the_analysis_says_so_with_a_click(self):
        mention = self.said("a bad day with acme")
        notes = mention.message_ids
        self.correct(mention, "action_set_sentiment", "negative")
        self.assertEqual((self.labels(mention).before, self.labels(mention).value), ("negative", "negative"))
        self.assertEqual(mention.message_ids, notes, "nothing has changed that would have to be told")

    def test_intents_are_added_and_removed_in_place(self):
        mention = self.said("a bad day with acme")
        self.assertEqual(set(mention.intent_ids.mapped("code")), {"complaint", "risk"})
        self.correct(mention, "action_set_intent", "risk", False)
        self.correct(mention, "action_set_intent", "question")
        self.assertEqual(set(mention.intent_ids.mapped("code")), {"complaint", "question"})
        label = self.labels(mention)
        self.assertEqual((label.before, label.value), ("complaint,risk", "complaint,question"))
        for code in ("complaint", "question"):
            self.correct(mention, "action_set_intent", code, False)
        self.assertFalse(mention.intent_ids)
        self.assertEqual(self.labels(mention).value, "", "that there is none is an answer too")

    def test_spam_is_one_click(self):
        mentions = self.said("acme cheap watches") + self.said("acme cheaper watches")
        self.correct(mentions, "action_spam")
        self.assertEqual(mentions.intent_ids.mapped("code"), ["spam"])
        self.assertEqual(self.labels(mentions[0]).value, "spam")

    def test_language_is_corrected(self):
        mention = self.said("hola acme")
        self.correct(mention, "action_set_language", "pt")
        self.assertEqual(mention.language, "pt")
        self.assertEqual((self.labels(mention).before, self.labels(mention).value), ("es", "pt"))

    def test_values_that_do_not_exist_are_refused(self):
        mention = self.said("acme")
        for method, value in (
            ("action_set_sentiment", "angry"),
            ("action_set_sentiment", False),
            ("action_set_language", "Klingon"),
            ("action_set_language", "<b"),
            ("action_set_intent", "world peace"),
        ):
            with self.assertRaises(UserError):
                self.correct(mention, method, value)
        self.assertFalse(self.labels(mention))

    def test_intents_edited_as_tags_are_a_correction_too(self):
        mention = self.said("a bad day with acme")
        suggestion = self.env["community.intent"].search([("code", "=", "suggestion")])
        mention.with_user(self.agent).write({"intent_ids": [fields.Command.set(suggestion.ids)]})
        self.assertEqual(mention.corrected, ["intents"])
        self.assertEqual(self.labels(mention).value, "suggestion")

    # -- stays --------------------------------------------------------------------------------------------------------

    def test_no_analysis_overwrites_what_a_person_said(self):
        mention = self.said("a bad day with acme")
        self.correct(mention, "action_set_sentiment", "positive")
        self.correct(mention, "action_set_language", "en")
        self.env["community.analyst"]._reanalyse(mention)
        self.deepen()
        self.assertEqual((mention.sentiment, mention.sentiment_score), ("positive", 1.0))
        self.assertEqual(mention.language, "en")
        self.assertEqual(set(mention.intent_ids.mapped("code")), {"complaint", "risk"}, "which nobody corrected")

    def test_an_edit_on_the_network_does_not_undo_a_correction(self):
        mention = self.said("a bad day with acme", "one")
        self.correct(mention, "action_set_sentiment", "positive")
        self.ingest(self.channel, self.item("one", "a good day with acme", origin="own"))
        self.env.invalidate_all()
        self.assertEqual(mention.text, "a good day with acme")
        self.assertEqual(mention.sentiment, "positive")
        self.assertEqual(mention.intent_ids.mapped("code"), ["praise"], "which nobody corrected")
        self.ingest(self.channel, self.item("one", "a bad bad day with acme", origin="own"))
        self.deepen()
        self.assertEqual((mention.sentiment, mention.sentiment_score), ("positive", 1.0))

    def test_who_takes_it_back_lets_the_analysis_speak_again(self):
        mention = self.said("a bad day with acme")
        self.correct(mention, "action_set_sentiment", "positive")
        self.correct(mention, "action_withdraw", "sentiment")
        self.assertEqual((mention.sentiment, mention.corrected), ("negative", False))
        self.assertFalse(self.labels(mention))

    def test_when_one_person_takes_it_back_the_word_of_another_counts(self):
        mention = self.said("a bad day with acme")
        other = self._new_user("other", "community_manager.group_agent")
        self.correct(mention, "action_set_sentiment", "positive", user=other)
        self.correct(mention, "action_set_sentiment", "neutral")
        self.correct(mention, "action_withdraw", "sentiment")
        self.assertEqual((mention.sentiment, mention.corrected), ("positive", ["sentiment"]))
        with self.assertRaises(UserError):
            self.correct(mention, "action_withdraw", "sentiment")
        self.correct(mention, "action_withdraw", "sentiment", user=self.manager)
        self.assertEqual((mention.sentiment, mention.corrected), ("negative", False))

    def test_a_manager_takes_out_the_labels_of_a_careless_person(self):
        mentions = self.said("a bad day with acme") + self.said("another bad day with acme")
        self.correct(mentions, "action_set_sentiment", "positive")
        labels = self.labels(mentions[0]) + self.labels(mentions[1])
        with self.assertRaises(AccessError):
            labels.with_user(self.agent).action_withdraw()
        labels.with_user(self.manager).action_withdraw()
        self.env.invalidate_all()
        self.assertEqual(mentions.mapped("sentiment"), ["negative", "negative"])
        self.assertFalse(labels.exists())

    # -- rights -------------------------------------------------------------------------------------------------------

    def test_nobody_of_another_company_sees_or_sets_anything(self):
        mention = self.said("a bad day with acme")
        self.correct(mention, "action_set_sentiment", "positive")
        company = self.env["res.company"].create({"name": "Elsewhere"})
        for group in ("agent", "manager", "admin"):
            stranger = self._new_user(
                f"stranger_{group}",
                f"community_manager.group_{group}",
                company_id=company.id,
                company_ids=[fields.Command.set(company.ids)],
            )
            self.assertFalse(self.env["community.label"].with_user(stranger).search([]))
            for method, arguments in (
                ("action_set_sentiment", ["neutral"]),
                ("action_spam", []),
                ("action_not_about_us", []),
                ("action_withdraw", ["sentiment"]),
                ("get_understood", []),
                ("get_why", ["negative"]),
            ):
                with self.assertRaises(AccessError, msg=f"{group}: {method}"):
                    getattr(mention.with_user(stranger), method)(*arguments)
        self.assertEqual(mention.sentiment, "positive")

    def test_agents_read_their_own_labels_and_managers_all(self):
        mention = self.said("a bad day with acme")
        self.correct(mention, "action_set_sentiment", "positive", user=self.manager)
        self.correct(mention, "action_set_sentiment", "neutral")
        labels = self.env["community.label"]
        self.assertEqual(labels.with_user(self.agent).search([]).user_id, self.agent)
        self.assertEqual(labels.with_user(self.manager).search([]).user_id, self.agent + self.manager)

    def test_nobody_writes_a_label_under_another_name(self):
        mention = self.said("a bad day with acme")
        self.correct(mention, "action_set_sentiment", "positive")
        values = {
            "mention_id": mention.id,
            "company_id": self.company.id,
            "user_id": self.manager.id,
            "kind": "sentiment",
            "value": "neutral",
        }
        for user in (self.agent, self.manager, self.admin):
            with self.assertRaises(AccessError):
                self.env["community.label"].with_user(user).create(values)
            with self.assertRaises(AccessError):
                self.labels(mention).with_user(user).write({"value": "neutral"})
            for name, value in (
                ("corrected", False),
                ("analysis", {"version": "mine"}),
                ("sentiment_score", -1.0),
                ("is_namesake", True),
            ):
                with self.assertRaises(AccessError, msg=name):
                    mention.with_user(user).write({name: value})

    # -- what cannot be judged ----------------------------------------------------------------------------------------

    def test_what_is_deleted_on_the_network_takes_its_labels_along(self):
        mention = self.said("a bad day with acme", "one")
        self.correct(mention, "action_set_sentiment", "positive")
        self.ingest(self.channel, self.item("one", "", origin="own", deleted=True))
        self.env.invalidate_all()
        self.assertTrue(mention.deleted_at)
        self.assertFalse(self.labels(mention))
        with self.assertRaises(UserError):
            self.correct(mention, "action_set_sentiment", "positive")

    def test_our_own_words_are_not_judged(self):
        mention = self.said("we are good at acme", outgoing=True)
        with self.assertRaises(UserError):
            self.correct(mention, "action_set_sentiment", "negative")
        self.assertFalse(mention.with_user(self.agent).get_understood()["judged"])

    def test_correcting_needs_no_analysis_that_works(self):
        self.use(Plain(broken=ImportError("numpy")))
        mention = self.said("a bad day with acme")
        self.assertFalse(mention.sentiment)
        self.correct(mention, "action_set_sentiment", "negative")
        self.assertEqual((mention.sentiment, self.labels(mention).before), ("negative", ""))
