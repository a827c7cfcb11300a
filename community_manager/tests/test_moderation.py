from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import tagged
from odoo.tools import mute_logger

from odoo.addons.community_manager.controllers import participation as pages

from .common import item, page
from .http_common import CommunityHttpCase
from .test_renewal import ClubCase


class RulesMixin:
    """Rules for taking part, and something that broke one."""

    def make_rules(self, slug="rules", publish=True, **values):
        rules = self.env["community.participation"].create(
            {
                "name": "How we treat each other",
                "slug": slug,
                "intro": "<p onclick='x()'>Be kind</p><script>alert(1)</script>",
                "rule_ids": [
                    (0, 0, {"title": "No insults", "text": "Not even <b>funny</b> ones"}),
                    (0, 0, {"title": "No advertising"}),
                ],
                **values,
            }
        )
        if publish:
            rules.with_user(self.manager).action_publish()
        return rules


@tagged("post_install", "-at_install")
class TestModerationRecord(RulesMixin, ClubCase):
    """What was done is on record, and can be appealed against."""

    def setUp(self):
        super().setUp()
        self.patch(self.club, "moderations", frozenset({"hide", "unhide", "delete", "report"}))
        self.says([page(item("1", text="Acme is rubbish"))])
        self.listen(self.channel)
        self.mention = self.mentions(self.channel)
        self.club.done.clear()
        self.rules = self.make_rules()
        self.second = self._new_user("second", "community_manager.group_manager")

    def moderate(self, action="hide", user=None, **values):
        wizards = self.env["community.moderation"].with_user(user or self.manager)
        values = {"mention_id": self.mention.id, "action": action, "rule_id": self.rules.rule_ids[0].id} | values
        wizards.create(values).action_moderate()
        return self.env["community.moderation.record"].search([], limit=1, order="id desc")

    def test_it_is_on_record_with_the_rule_and_its_version(self):
        record = self.moderate(reason="Third time")
        self.assertEqual((record.state, record.action, record.user_id), ("done", "hide", self.manager))
        self.assertEqual((record.rule_id, record.participation_id), (self.rules.rule_ids[0], self.rules))
        self.assertEqual((record.said, record.reason), ("Acme is rubbish", "Third time"))
        self.assertIn(record.token, record.appeal_url)

    def test_what_was_deleted_is_kept_for_whoever_decides(self):
        record = self.moderate("delete")
        self.assertEqual(record.said, "Acme is rubbish")
        self.assertFalse(self.mention.text)

    def test_nobody_changes_by_hand_what_was_done(self):
        record = self.moderate()
        for values in ({"state": "upheld"}, {"user_id": self.second.id}, {"rule_id": False}, {"token": "x"}):
            with self.subTest(values=values), self.assertRaises(AccessError):
                record.with_user(self.manager).write(values)
        record.with_user(self.manager).reason = "Fourth time"

    def test_an_appeal_is_decided_by_somebody_else(self):
        record = self.moderate()
        self.assertTrue(record._appeal("It was a joke \x00\x07"))
        self.assertEqual((record.state, record.appeal_text), ("appealed", "It was a joke"))
        self.assertNotIn(self.manager, record.activity_ids.user_id)
        self.assertTrue(record.activity_ids)
        self.assertFalse(record._appeal("Again"), "once")
        mine, theirs = record.with_user(self.manager), record.with_user(self.second)
        mine.decision_note = "No"
        with self.assertRaisesRegex(UserError, "yourself"):
            mine.action_uphold()
        theirs.decision_note = ""
        with self.assertRaisesRegex(UserError, "answer"):
            theirs.action_reverse()
        theirs.decision_note = "You are right"
        self.club.done.clear()
        theirs.action_reverse()
        self.assertEqual(self.club.done, [("unhide", "1", "")])
        self.assertEqual((record.state, record.decided_by_id), ("reversed", self.second))
        self.assertFalse(record.activity_ids)

    def test_what_the_network_cannot_take_back_is_said(self):
        record = self.moderate("report")
        record.with_user(self.manager).action_take_back()
        self.assertEqual(record.state, "reversed")
        self.assertIn("by hand", record.message_ids[0].body)

    def test_an_agent_does_not_decide(self):
        record = self.moderate()
        with self.assertRaises(AccessError), mute_logger("odoo.addons.base.models.ir_model"):
            record.with_user(self.agent).action_take_back()

    def test_a_request_is_answered_by_what_is_done(self):
        rule = self.env["community.rule"].create({"name": "Insults", "keywords": "rubbish", "priority": "1"})
        request = self.env["community.moderation.record"]._request(self.mention, rule)
        self.assertEqual((request.state, request.asked_rule_id), ("requested", rule))
        action = request.with_user(self.manager).action_moderate()
        wizard = self.env["community.moderation"].with_user(self.manager).with_context(**action["context"])
        wizard.create({"action": "hide", "rule_id": self.rules.rule_ids[0].id}).action_moderate()
        self.assertEqual((request.state, request.user_id), ("done", self.manager))
        self.assertEqual(self.env["community.moderation.record"].search_count([]), 1)

    def test_a_request_is_answered_by_what_is_done_at_the_mention(self):
        rule = self.env["community.rule"].create({"name": "Insults", "keywords": "rubbish", "priority": "1"})
        request = self.env["community.moderation.record"]._request(self.mention, rule)
        self.assertEqual(self.moderate(), request)
        self.assertEqual((request.state, request.asked_rule_id), ("done", rule))

    def test_a_request_can_be_turned_down(self):
        rule = self.env["community.rule"].create({"name": "Insults", "keywords": "rubbish", "priority": "1"})
        request = self.env["community.moderation.record"]._request(self.mention, rule)
        request.with_user(self.manager).action_drop()
        self.assertEqual(request.state, "dropped")
        self.assertFalse(request.appeal_url)

    def test_who_deletes_their_words_takes_them_from_the_record_too(self):
        record = self.moderate()
        self.mention._erase_content()
        self.assertFalse(record.said)

    def test_a_version_that_was_published_stays_as_it_was(self):
        for record, values in (
            (self.rules, {"name": "Other"}),
            (self.rules, {"slug": "other"}),
            (self.rules, {"state": "draft"}),
            (self.rules.rule_ids[0], {"title": "Insults welcome"}),
            (self.make_rules("draft", publish=False).rule_ids[0], {"participation_id": self.rules.id}),
        ):
            with self.subTest(values=values), self.assertRaises(UserError):
                record.with_user(self.manager).write(values)
        with self.assertRaises(UserError):
            self.rules.rule_ids[0].with_user(self.manager).unlink()
        with self.assertRaises(UserError):
            self.rules.with_user(self.manager).unlink()

    def test_a_new_version_replaces_the_one_before(self):
        action = self.rules.with_user(self.manager).action_new_version()
        draft = self.env["community.participation"].browse(action["res_id"])
        self.assertEqual((draft.version, draft.state, len(draft.rule_ids)), (2, "draft", 2))
        self.assertEqual(self.rules.with_user(self.manager).action_new_version()["res_id"], draft.id, "one draft")
        draft.rule_ids[1].with_user(self.manager).title = "No advertising, not even for us"
        draft.with_user(self.manager).action_publish()
        self.assertEqual((self.rules.state, draft.state), ("replaced", "published"))
        self.assertEqual(self.env["community.participation"]._published("rules"), draft)
        self.assertEqual(self.env["community.participation"]._published("rules", 1), self.rules)

    def test_rules_without_a_rule_are_not_published(self):
        with self.assertRaises(UserError):
            self.make_rules("empty", rule_ids=[])

    def test_an_address_is_small_letters(self):
        for slug in ("Rules", "../x", "a b", "", "x" * 61):
            with self.subTest(slug=slug), self.assertRaises(ValidationError):
                self.make_rules(slug, publish=False)


@tagged("post_install", "-at_install")
class TestParticipationPage(RulesMixin, CommunityHttpCase):
    """Everybody can read the rules and appeal, without an account and without the website application."""

    def setUp(self):
        super().setUp()
        pages.limiter._seen.clear()
        self.rules = self.make_rules("house-rules")
        channel = self.make_channel("Page")
        self.ingest(channel, item("1", text="Rubbish", origin="own"))
        mention = self.mentions(channel)
        records = self.env["community.moderation.record"]
        self.record = records.create(
            {
                **records._values_of(mention),
                "rule_id": self.rules.rule_ids[0].id,
                "action": "hide",
                "user_id": self.manager.id,
                "done_at": "2999-01-01 00:00:00",
                "reason": "Internal words",
            }
        )
        self.path = f"/community/participation/appeal/{self.record.token}"

    def send(self, text, token=None):
        form = self.url_open(self.path).text
        csrf = form.partition('name="csrf_token"')[2].partition('value="')[2].partition('"')[0]
        return self.url_open(self.path, data={"csrf_token": csrf if token is None else token, "text": text})

    def test_everybody_reads_the_rules(self):
        answer = self.url_open("/community/participation/house-rules")
        self.assertEqual(answer.status_code, 200)
        self.assertIn("No insults", answer.text)
        self.assertIn("Be kind", answer.text)
        self.assertIn("Not even &lt;b&gt;funny&lt;/b&gt; ones", answer.text)
        for hostile in ("onclick", "alert(1)"):
            self.assertNotIn(hostile, answer.text)

    def test_in_the_language_they_choose(self):
        self.env["res.lang"]._activate_lang("es_ES")
        draft = self.env["community.participation"].browse(self.rules.action_new_version()["res_id"])
        draft.rule_ids[0].with_context(lang="es_ES").title = "Sin insultos"
        draft.action_publish()
        answer = self.url_open("/community/participation/house-rules?lang=es_ES")
        self.assertIn("Sin insultos", answer.text)
        self.assertIn('lang="es-ES"', answer.text)
        self.assertIn("No insults", self.url_open("/community/participation/house-rules?lang=en_US").text)
        self.assertEqual(self.url_open("/community/participation/house-rules?lang='<x>").status_code, 200)

    def test_earlier_versions_can_be_read_and_drafts_cannot(self):
        self.env["community.participation"].browse(self.rules.action_new_version()["res_id"]).action_publish()
        self.assertIn("no longer in force", self.url_open("/community/participation/house-rules/1").text)
        self.make_rules("secret", publish=False)
        for path in ("secret", "secret/1", "house-rules/99", f"house-rules/{10**20}", "nothing", "%2e%2e", "x" * 500):
            with self.subTest(path=path):
                self.assertEqual(self.url_open(f"/community/participation/{path}").status_code, 404)

    def test_somebody_appeals_and_reads_the_answer_there(self):
        shown = self.url_open(self.path)
        self.assertIn("No insults", shown.text)
        self.assertNotIn("Internal words", shown.text)
        self.assertNotIn(self.manager.name, shown.text)
        self.assertEqual(shown.headers["Referrer-Policy"], "no-referrer")
        answer = self.send("It was <script>a joke</script>")
        self.assertIn("has arrived", answer.text)
        self.assertEqual(self.record.state, "appealed")
        self.assertEqual(self.record.appeal_text, "It was <script>a joke</script>")
        second = self._new_user("second", "community_manager.group_manager")
        record = self.record.with_user(second)
        record.decision_note = "We read it <i>again</i>"
        record.action_uphold()
        answer = self.url_open(self.path)
        self.assertIn("We read it &lt;i&gt;again&lt;/i&gt;", answer.text)
        self.assertNotIn("<textarea", answer.text)

    @mute_logger("odoo.http")
    def test_a_form_from_elsewhere_is_refused(self):
        self.assertEqual(self.send("It was a joke", token="x").status_code, 400)
        self.assertEqual(self.record.state, "done")

    def test_who_decides_is_asked_in_their_language(self):
        self.env["res.lang"]._activate_lang("es_ES")
        managers = self.env.ref("community_manager.group_manager").all_user_ids
        managers.lang = "es_ES"
        self.send("It was a joke")
        self.assertNotIn("Decide about", self.record.activity_ids.summary)

    def test_an_empty_form_asks_for_words(self):
        answer = self.send("  \n ")
        self.assertEqual(self.record.state, "done")
        self.assertIn("<textarea", answer.text)

    @mute_logger("odoo.http")
    def test_what_is_too_long_is_cut_and_what_is_far_too_long_refused(self):
        self.assertGreaterEqual(self.send("x" * 200_000).status_code, 400)
        self.assertEqual(self.record.state, "done")
        self.send("y" * 10_000)
        self.assertEqual(len(self.record.appeal_text), 4_000)

    def test_who_tries_links_waits(self):
        statuses = [
            self.url_open(f"/community/participation/appeal/{'a' * 20}{number}").status_code for number in range(12)
        ]
        self.assertEqual(statuses, [404] * 10 + [429] * 2)
        self.assertEqual(self.url_open(self.path).status_code, 200, "reading is not counted")

    def test_a_request_has_no_page(self):
        self.record.state = "requested"
        self.assertEqual(self.url_open(self.path).status_code, 404)
