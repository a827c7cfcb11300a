from unittest.mock import patch

from odoo.tests import tagged
from odoo.tools import SQL, mute_logger

from odoo.addons.community_manager.models.understanding import community_analyst_deep

from .understanding_common import Plain, UnderstandingCase

FAST = "odoo.addons.community_manager.models.understanding.community_analyst"
DEEP = "odoo.addons.community_manager.models.understanding.community_analyst_deep"


@tagged("post_install", "-at_install")
class TestFastPass(UnderstandingCase):
    """What is understood of a mention as soon as it is there."""

    def test_a_new_mention_says_how_it_is_meant(self):
        mention = self.said("hola this desk is bad")
        self.assertEqual((mention.language, mention.sentiment, mention.sentiment_score), ("es", "negative", -1.0))
        self.assertEqual(mention.intent_ids.mapped("code"), ["complaint", "risk"])
        self.assertEqual(mention.analysed, "fast")
        self.assertEqual((mention.analysis["version"], mention.analysis["pass"]), ("plain", "fast"))
        self.assertEqual(mention.analysis["intents"], {"complaint": 0.9, "risk": 0.6})
        self.assertEqual(mention.analysis["sentiment"], 0.7)

    def test_undetermined_stays_empty(self):
        mention = self.said("maybe")
        self.assertEqual((mention.sentiment, mention.language, mention.analysed), (False, False, "fast"))

    def test_only_what_is_certainly_a_risk_is_red(self):
        mention = self.said("acme bad")
        self.assertTrue(mention.is_risk)
        mention.analysis = {**mention.analysis, "intents": {"risk": 0.3}}
        self.assertFalse(mention.is_risk)
        mention.corrected = ["intents"]
        self.assertTrue(mention.is_risk, "a person says so")

    def test_what_is_dropped_or_known_is_not_analysed(self):
        items = [self.item("1", "acme good"), self.item("2", "nothing"), self.item("3", "acme bad")]
        self.ingest(self.channel, *items)
        self.ingest(self.channel, *items)
        self.assertEqual(self.analyst.batches, [["acme good", "acme bad"]], "one batch a page")

    def test_the_language_that_the_network_tells_is_a_hint(self):
        mention = self.said("hola", language="pt-BR")
        self.assertEqual(self.analyst.hints, [["pt"]])
        self.assertEqual(mention.language, "pt")
        self.deepen()
        self.assertEqual(self.analyst.hints[-1], ["pt"])
        spanish = self.said("hola")
        self.deepen()
        self.assertEqual((spanish.language, self.analyst.hints[-1]), ("es", [""]), "what was read is no hint")

    def test_the_language_that_the_network_tells_stays_where_the_text_says_nothing(self):
        with patch.object(Plain, "_reading", lambda analyst, text, hint: super_reading(analyst, text, "")):
            self.assertEqual(self.said("ok", language="eu").language, "eu")

    def test_of_our_own_words_only_the_language_counts(self):
        mention = self.said("hola this is good", outgoing=True)
        self.assertEqual((mention.language, mention.sentiment, mention.intent_ids.ids), ("es", False, []))

    def test_the_title_that_a_site_gives_a_comment_is_not_what_somebody_says(self):
        self.said("good", title="bad news", kind="comment")
        self.said("good", title="bad news", kind="article")
        self.assertEqual(self.analyst.batches, [["good"], ["bad news\ngood"]])

    def test_an_edit_is_read_anew(self):
        mention = self.said("acme good", "a")
        mention = self.said("acme bad", "a")
        self.assertEqual((mention.sentiment, mention.intent_ids.mapped("code")), ("negative", ["complaint", "risk"]))
        self.assertTrue(mention.analysis_due)

    def test_counters_are_no_edit(self):
        self.said("acme good", "a")
        self.said("acme good", "a", likes=7)
        self.assertEqual(len(self.analyst.batches), 1)

    def test_what_people_corrected_outlives_an_edit(self):
        mention = self.said("acme good", "a")
        mention.write({"sentiment": "neutral", "corrected": ["sentiment"]})
        self.said("acme bad", "a")
        self.assertEqual((mention.sentiment, mention.sentiment_score), ("neutral", 1.0))
        self.assertEqual(mention.intent_ids.mapped("code"), ["complaint", "risk"])

    def test_rules_see_what_was_understood(self):
        seen = []
        model = self.registry["community.rule"]
        decide = model._decide

        def watched(rules, company, vals_list, people=None):
            seen.extend(values["sentiment"] for values in vals_list)
            return decide(rules, company, vals_list, people)

        with patch.object(model, "_decide", watched):
            self.said("acme bad")
        self.assertEqual(seen, ["negative"])

    def test_deletion_takes_along_what_was_read(self):
        mention = self.said("hola acme is bad, really")
        self.deepen()
        self.ingest(self.channel, self.item(mention.external_id, "", deleted=True))
        self.assertFalse(mention.sentiment or mention.intent_ids or mention.analysis or mention.language)
        self.assertFalse(mention.analysed or mention.analysis_due or mention.sentiment_score)
        self.assertFalse(self.env["community.fingerprint"].search([("mention_id", "=", mention.id)]))


def super_reading(analyst, text, hint):
    """Read as :class:`Plain` does."""
    return READING(analyst, text, hint)


READING = Plain._reading


@tagged("post_install", "-at_install")
class TestTrouble(UnderstandingCase):
    """What happens when the analysis does not work."""

    @mute_logger(FAST, DEEP)
    def test_listening_goes_on_without_the_analysis_and_it_is_caught_up_with(self):
        self.use(Plain(broken=ModuleNotFoundError("No module named 'numpy'", name="numpy")))
        mention = self.said("acme bad")
        self.assertEqual((mention.sentiment, mention.analysed, mention.analysis_due), (False, False, True))
        self.assertEqual(self.deepen(), (0, 0))
        self.assertTrue(mention.analysis_due)
        home = self.env["community.home"]
        self.assertIn("numpy", home.with_user(self.admin).get_notice()["text"])
        self.assertFalse(home.with_user(self.agent).get_notice()["text"])
        self.use(Plain())
        self.deepen()
        self.assertEqual((mention.sentiment, mention.analysed, mention.analysis_due), ("negative", "fast", False))
        self.assertFalse(home.with_user(self.admin).get_notice()["text"])

    @mute_logger(FAST, DEEP)
    def test_weights_that_cannot_be_read_are_told_to_administrators(self):
        self.use(Plain(broken=ValueError("bad magic number")))
        self.said("acme bad")
        self.deepen()
        self.assertIn("bad magic number", self.env["community.home"].with_user(self.admin).get_notice()["text"])

    @mute_logger(FAST, DEEP)
    def test_one_text_that_breaks_the_analysis_stops_no_other(self):
        self.use(Plain(breaks_on="zalgo"))
        items = [self.item("1", "acme good"), self.item("2", "acme zalgo"), self.item("3", "acme bad")]
        self.ingest(self.channel, *items)
        found = self.mentions(self.channel)
        self.assertEqual(found.mapped("sentiment"), ["positive", False, "negative"])
        self.assertEqual(self.deepen(), (3, 0))
        self.assertFalse(any(found.mapped("analysis_due")), "nothing is tried for ever")
        self.assertFalse(self.env["community.home"].with_user(self.admin).get_notice()["text"])

    @mute_logger(FAST, DEEP)
    def test_one_mention_that_cannot_be_stored_stops_no_other(self):
        first, second, third = self.said("acme good"), self.said("acme bad"), self.said("acme maybe")
        model = self.registry["community.analyst"]
        deepen = model._deepen

        def fragile(analyst, mentions, readings):
            if second in mentions:
                raise ValueError("string is too long for tsvector")
            return deepen(analyst, mentions, readings)

        self.use(Plain(deep="use"))
        with patch.object(model, "_deepen", fragile):
            self.assertEqual(self.deepen(), (3, 0))
        self.assertEqual((first | second | third).mapped("analysed"), ["deep", "fast", "deep"])
        self.assertFalse(second.analysis_due)

    @mute_logger(FAST, DEEP)
    def test_trouble_of_one_company_leaves_the_others_alone(self):
        other = self.env["res.company"].create({"name": "Other"})
        theirs = self.make_channel("Theirs", company_id=other.id)
        self.said("acme good")
        self.ingest(theirs, self.item("1", "bad", origin="own"))
        broken, works = Plain(broken=ValueError("corrupt")), Plain(deep="use")
        model = self.registry["community.analyst"]
        with patch.object(model, "_analyst", lambda _self, company: broken if company == other else works):
            self.assertEqual(self.deepen(), (1, 0))
        self.assertEqual(self.mentions(self.channel).analysed, "deep")
        self.assertEqual((self.mentions(theirs).analysed, self.mentions(theirs).analysis_due), ("fast", True))


@tagged("post_install", "-at_install")
class TestSecondPass(UnderstandingCase):
    """What is understood a little later."""

    def test_with_embeddings_values_come_from_the_second_pass(self):
        mention = self.said("acme good")
        self.use(Plain(deep="use"))
        self.assertEqual(self.deepen(), (1, 0))
        self.assertEqual((mention.analysed, mention.sentiment_score), ("deep", 0.9))
        self.assertEqual(mention.analysis["pass"], "deep")
        self.assertEqual(self.deepen(), (0, 0), "once is enough")

    def test_without_embeddings_values_stay_those_of_the_first_pass_and_nothing_waits(self):
        mention = self.said("acme good")
        self.deepen()
        self.assertEqual((mention.analysed, mention.analysis_due), ("fast", False))

    def test_embeddings_are_spent_on_what_others_say_about_us(self):
        self.said("acme good", outgoing=True)
        self.said("acme namesake").is_namesake = True
        self.said("acme bad")
        self.use(Plain(deep="use"))
        self.assertEqual(self.deepen(), (3, 0))
        self.assertEqual(self.analyst.deep_batches, [["acme bad"]])

    def test_what_people_corrected_outlives_the_second_pass(self):
        mention = self.said("acme good")
        mention.write({"corrected": ["sentiment", "intents", "language"], "sentiment": "negative", "language": "ca"})
        mention.intent_ids = self.env.ref("community_manager.intent_job")
        self.use(Plain(deep="use"))
        self.deepen()
        self.assertEqual((mention.sentiment, mention.language), ("negative", "ca"))
        self.assertEqual(mention.intent_ids.mapped("code"), ["job"])
        self.assertEqual(mention.analysed, "deep")

    def test_newest_first_in_batches(self):
        for number in range(5):
            self.said(f"acme {number}", published_at=self.toy_time(number))
        with patch.object(community_analyst_deep, "BATCH", 2):
            self.analyst.batches.clear()
            self.assertEqual(self.deepen(), (5, 0))
        self.assertEqual(self.analyst.batches, [["acme 4", "acme 3"], ["acme 2", "acme 1"], ["acme 0"]])

    def test_a_run_ends_when_its_time_is_used_up(self):
        self.said("acme good")
        self.assertEqual(self.env["community.analyst"]._deepen_waiting(-1), (0, 0))

    def test_what_is_edited_while_it_is_read_is_read_again(self):
        mention = self.said("acme good", "a")
        edits = iter(["acme bad"])
        analyst = self.use(Plain(deep="use"))
        read_deep = analyst.read_deep

        def slowly(texts, readings):
            for text in edits:
                self.said(text, "a")
            return read_deep(texts, readings)

        with patch.object(analyst, "read_deep", slowly):
            self.assertEqual(self.deepen()[0], 0)
            self.assertEqual((mention.sentiment, mention.analysed, mention.analysis_due), ("negative", "fast", True))
            self.assertEqual(self.deepen()[0], 1)
        self.assertEqual((mention.sentiment, mention.analysed), ("negative", "deep"))

    def test_analysing_anew_follows_a_new_version(self):
        mention, kept = self.said("acme good"), self.said("acme good")
        self.deepen()
        kept.write({"corrected": ["sentiment"], "sentiment": "neutral"})
        analyst = self.use(Plain())
        analyst.version = "learned"
        self.env["community.analyst"]._reanalyse(mention | kept)
        self.assertEqual(self.deepen(), (2, 0))
        self.assertEqual((mention | kept).mapped("analysis")[1]["version"], "learned")
        self.assertEqual((mention | kept).mapped("sentiment"), ["positive", "neutral"])

    def test_the_scheduled_action_runs_soon_after_listening(self):
        triggers = self.env["ir.cron.trigger"].search([])
        self.said("acme good")
        self.env["community.analyst"]._soon()
        made = self.env["ir.cron.trigger"].search([]) - triggers
        self.assertEqual(made.cron_id, self.env.ref("community_manager.cron_deepen"))
        self.deepen()
        self.env["community.analyst"]._soon()
        self.assertEqual(self.env["ir.cron.trigger"].search([]) - triggers, made, "nothing waits any more")

    def test_the_scheduled_action_does_the_second_pass(self):
        mention = self.said("acme good")
        self.use(Plain(deep="use"))
        self.env.flush_all()
        with self.enter_registry_test_mode():
            self.env.ref("community_manager.cron_deepen").method_direct_trigger()
        self.env.invalidate_all()
        self.assertEqual((mention.analysed, mention.analysis_due), ("deep", False))

    def test_what_waits_is_found_by_an_index(self):
        self.said("acme good")
        self.deepen()
        self.env.cr.execute("SET LOCAL enable_seqscan = off")
        for model, domain, index in (
            ("community.mention", [("analysis_due", "=", True)], "community_mention_analysis_due"),
            ("community.fingerprint", [("compared", "=", False)], "community_fingerprint_waiting"),
        ):
            query = self.env[model]._search(domain, limit=1).select()
            plan = self.env.execute_query(SQL("EXPLAIN %s", query))
            self.assertIn(index, " ".join(line for (line,) in plan).replace("__", "_"))

    def test_lists_and_exports_hold_what_was_understood(self):
        self.agent.group_ids += self.env.ref("base.group_allow_export")
        mention = self.said("hola acme bad").with_user(self.agent)
        rows = mention.export_data(["language", "sentiment", "intent_ids/name", "analysed"])["datas"]
        self.assertEqual(rows, [["es", "Negative", "Complaint,Risk", "First pass"]])
        groups = mention.formatted_read_group([("id", "=", mention.id)], ["sentiment"], ["sentiment_score:avg"])
        self.assertEqual([(group["sentiment"], group["sentiment_score:avg"]) for group in groups], [("negative", -1.0)])

    @staticmethod
    def toy_time(number):
        from datetime import UTC, datetime, timedelta

        return datetime.now(UTC) - timedelta(hours=10 - number)
