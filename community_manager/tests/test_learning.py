import base64
from datetime import timedelta
from functools import partial
from unittest.mock import patch

from odoo import fields
from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged
from odoo.tools import mute_logger

from odoo.addons.community_manager.analysis import engine, learning, training
from odoo.addons.community_manager.models.understanding.community_learning import FEWEST, KEPT

from .understanding_common import UnderstandingCase

THINGS = "sofá silla mesa cama lámpara estante puerta mueble cajón espejo alfombra cojín perchero banco taburete butaca"
GOOD, BAD = ("blandito", "crujiente", "molón"), ("cutre", "pocho", "chungo")


class LearningCase(UnderstandingCase):
    """People who correct many mentions, and a corpus that is learned in a second."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env["community.learning"].search([]).unlink()
        cls.env["community.label"].search([]).unlink()
        cls.other = cls._new_user("other", "community_manager.group_agent")
        cls.careless = cls._new_user("careless", "community_manager.group_agent")
        cls.cron = cls.env.ref("community_manager.cron_learn")
        cls.learning = cls.env["community.learning"]

    def setUp(self):
        super().setUp()
        # the real one on a twelfth of its corpus; what it forgets of the rest is not measured
        quick = partial(learning.learn, corpus=training.read_corpus()[::12], held_out=[])
        for patcher in (
            patch.object(learning, "learn", quick),
            # a test is undone as a whole: the job commits nothing
            patch.object(self.registry["ir.cron"], "_commit_progress", lambda *_args, **_values: 60.0),
        ):
            patcher.start()
            self.addCleanup(patcher.stop)

    def say(self, texts):
        """Store texts as mentions and return these."""
        count = len(self.mentions(self.channel))
        items = [self.item(f"said {count + number}", text, origin="own") for number, text in enumerate(texts)]
        self.ingest(self.channel, *items)
        return self.mentions(self.channel)[count:]

    def correct(self, texts, value, *users):
        """Have people say what feeling is in some texts."""
        mentions = self.say(texts)
        for user in users:
            mentions.with_user(user).action_set_sentiment(value)
        self.env.invalidate_all()
        return mentions

    def careful_labels(self):
        """Two people agree on what good and bad chairs are."""
        for words, value in ((GOOD, "positive"), (BAD, "negative")):
            texts = [f"{thing} {word} de acme" for thing in THINGS.split() for word in words]
            self.correct(texts, value, self.agent, self.other)

    def learn(self):
        """Run the job; return the newest version."""
        self.env.flush_all()
        self.learning._cron_learn()
        self.env.invalidate_all()
        return self.learning.search([], limit=1)

    def version(self, state="active", weights=b"", **values):
        """Make a version that was learned before."""
        return self.learning.create(
            {
                "name": f"version {self.learning.search_count([])}",
                "company_id": self.company.id,
                "state": state,
                "weights": base64.b64encode(weights),
                "has_weights": bool(weights),
                "learned_at": fields.Datetime.now(),
                **values,
            }
        )


@tagged("post_install", "-at_install")
class TestLearning(LearningCase):
    """What people say is learned, and used if it is better."""

    def test_what_two_people_say_is_learned_and_used_from_then_on(self):
        self.careful_labels()
        version = self.learn()
        self.assertEqual((version.state, version.reason), ("active", False), version.reason_text)
        self.assertEqual((version.label_count, version.person_count), (192, 2))
        self.assertGreater(version.feeling_after, version.feeling_before)
        weights = version._attachment().raw
        self.assertEqual(
            self.learning._active(self.company.id), (version._attachment().checksum, version._attachment().id)
        )
        analyst = engine.Analyst(weights=weights)
        self.assertEqual(
            [
                reading.sentiment
                for reading in analyst.read(["armario cutre de acme", "armario molón de acme"], ["es", "es"])
            ],
            ["negative", "positive"],
        )
        other_company = self.env["res.company"].create({"name": "Elsewhere"})
        self.assertEqual(self.learning._active(other_company.id), ("", False), "each company learns for itself")

    def test_the_matrix_counts_what_was_held_back_and_nothing_else(self):
        self.careful_labels()
        version = self.learn()
        [matrix] = version.matrices
        self.assertEqual(matrix["names"], ["Negative", "Neutral", "Positive"])
        texts = {label.mention_id.text for label in self.env["community.label"].search([])}
        held_back = [text for text in texts if learning.is_held_back(text)]
        self.assertEqual(version.held_back, len(held_back))
        for table in matrix["tables"]:
            said = [sum(row) for row in table["rows"]]
            good = sum(any(word in text for word in GOOD) for text in held_back)
            self.assertEqual(said, [len(held_back) - good, 0, good], table["title"])

    def test_a_careless_person_turns_nothing_and_is_told_about(self):
        self.careful_labels()
        good = self.learn()
        for words, value in ((GOOD, "negative"), (BAD, "positive")):
            texts = [f"{thing} {word} de acme hoy" for thing in THINGS.split() for word in words]
            self.correct([text for text in texts if not learning.is_held_back(text)], value, self.careless)
        refused = self.learn()
        self.assertNotEqual(refused, good)
        self.assertEqual((refused.state, refused.reason), ("refused", "worse"))
        self.assertIn("the labels of somebody careless can be taken out", refused.reason_text)
        self.assertEqual(good.state, "active", "what is in use stays in use")
        self.assertEqual(refused._attachment().raw or b"", b"", "what is refused is not kept")
        rows = {row["name"]: row["labels"] for row in refused.persons}
        self.assertEqual(rows["Community agent"], 96)
        self.assertGreater(rows["Community careless"], 50)

    def test_against_two_who_agree_one_is_not_heard(self):
        self.careful_labels()
        good = self.learn()
        mentions = self.mentions(self.channel)
        mentions.with_user(self.careless).action_set_sentiment("neutral")
        version = self.learn()
        self.assertEqual(version.figures["after"], good.figures["after"])

    def test_too_few_corrections_teach_nothing_and_the_page_says_so(self):
        self.correct(["acme uno", "acme dos"], "negative", self.agent)
        self.learning.with_user(self.manager).action_learn_now()
        version = self.learn()
        self.assertEqual((version.state, version.reason), ("refused", "few"))
        self.assertIn("at least ten texts", version.reason_text)

    def test_what_was_edited_since_is_not_learned_from(self):
        mention = self.correct(["acme uno"], "negative", self.agent)
        self.assertEqual(len(self.learning._labels(self.company)[0]), 1)
        mention.edited_at = fields.Datetime.now() + timedelta(hours=1)
        self.assertEqual(self.learning._labels(self.company), ([], []))

    def test_labels_are_given_oldest_first_with_who_and_when(self):
        first, second = self.correct(["acme uno", "acme dos"], "negative", self.agent)
        first.with_user(self.agent).action_set_intent("spam")
        self.env["community.label"].search([("mention_id", "=", second.id)]).labelled_at = "2026-01-05 12:00:00"
        labels, persons = self.learning._labels(self.company)
        self.assertEqual(labels[0].text, "acme dos")
        self.assertEqual((labels[0].day, labels[0].person), ("2026-01-05", self.agent.id))
        self.assertEqual(
            {label.kind: label.value for label in labels[1:]}, {"sentiment": "negative", "intents": {"spam"}}
        )
        self.assertEqual(persons, [{"user_id": self.agent.id, "labels": 3}])

    def test_one_company_that_cannot_learn_does_not_keep_others_from_it(self):
        self.careful_labels()
        with (
            patch.object(learning, "learn", side_effect=ValueError("odd")),
            mute_logger("odoo.addons.community_manager.models.understanding.community_learning"),
        ):
            version = self.learn()
        self.assertEqual((version.state, version.reason), ("refused", "error"))
        self.assertIn("log", version.reason_text)

    # -- when ---------------------------------------------------------------------------------------------------------

    def test_enough_new_corrections_are_learned_at_once(self):
        self.env["ir.config_parameter"].set_param("community_manager.learn_after", "4")
        triggers = self.env["ir.cron.trigger"].search_count([("cron_id", "=", self.cron.id)])
        self.correct(["acme uno", "acme dos", "acme tres"], "negative", self.agent)
        self.assertEqual(self.env["ir.cron.trigger"].search_count([("cron_id", "=", self.cron.id)]), triggers)
        self.assertFalse(self.learning._is_due(self.company))
        self.correct(["acme cuatro"], "negative", self.agent)
        self.assertGreater(self.env["ir.cron.trigger"].search_count([("cron_id", "=", self.cron.id)]), triggers)
        self.assertTrue(self.learning._is_due(self.company))

    def test_at_night_what_is_new_is_learned_unless_it_is_next_to_nothing(self):
        self.correct([f"acme {number}" for number in range(FEWEST - 1)], "negative", self.agent)
        self.assertFalse(self.learning._is_due(self.company))
        self.correct(["acme más"], "negative", self.agent)
        self.assertTrue(self.learning._is_due(self.company))
        self.version("refused")
        self.assertFalse(self.learning._is_due(self.company), "it has just been tried")
        self.env["community.label"].search([], limit=1).labelled_at = fields.Datetime.now() + timedelta(hours=1)
        self.assertFalse(self.learning._is_due(self.company), "and the night is still to come")
        self.learning.search([]).learned_at = fields.Datetime.now() - timedelta(days=1)
        self.assertTrue(self.learning._is_due(self.company))

    def test_learn_now_waits_visibly_and_ends(self):
        with self.assertRaises(UserError):
            self.learning.with_user(self.manager).action_learn_now()
        self.correct(["acme uno"], "negative", self.agent)
        self.learning.with_user(self.manager).action_learn_now()
        self.learning.with_user(self.manager).action_learn_now()
        self.assertEqual(self.learning.search([]).mapped("state"), ["waiting"], "asked for twice, learned once")
        self.assertTrue(self.learning.with_user(self.manager).get_overview()["waiting"])
        self.learn()
        self.assertFalse(self.learning.with_user(self.manager).get_overview()["waiting"])

    # -- versions -----------------------------------------------------------------------------------------------------

    def test_one_click_goes_back_to_an_earlier_version(self):
        old = self.version("previous", b"old")
        new = self.version("active", b"new")
        self.assertEqual(self.learning._active(self.company.id)[1], new._attachment().id)
        old.with_user(self.manager).action_use()
        self.assertEqual((old.state, new.state), ("active", "previous"))
        self.assertEqual(self.learning._active(self.company.id)[1], old._attachment().id)
        self.learning.with_user(self.manager).action_use_shipped()
        self.assertEqual((old.state, new.state), ("previous", "previous"))
        self.assertEqual(self.learning._active(self.company.id), ("", False))

    def test_what_was_refused_or_dropped_cannot_be_used(self):
        self.version("active", b"new")
        for version in (self.version("refused", b"bad"), self.version("previous"), self.version("broken", b"odd")):
            with self.assertRaises(UserError):
                version.with_user(self.manager).action_use()

    def test_weights_of_the_last_versions_are_kept_and_of_the_one_in_use(self):
        used = self.version("active", b"in use")
        versions = [self.version("previous", b"weights %d" % number) for number in range(KEPT + 3)]
        self.learning._drop_old(self.company)
        kept = [version for version in versions if version.has_weights]
        self.assertEqual(kept, versions[-KEPT:])
        self.assertTrue(used.has_weights)
        self.assertFalse(versions[0]._attachment())
        self.assertTrue(versions[0].exists(), "its figures are kept")

    def test_damaged_weights_are_replaced_by_the_shipped_ones_and_administrators_are_told(self):
        version = self.version("active", b"no weights at all")
        self.use_real_analyst()
        with mute_logger("odoo.addons.community_manager.models.understanding.community_learning"):
            [reading] = self.env["community.analyst"]._read(self.company, ["I love it, great!"], ["en"])
        self.assertEqual(reading.version, engine.Analyst().version)
        self.env.invalidate_all()
        self.assertEqual((version.state, version.has_weights), ("broken", False))
        self.assertIn("cannot be read", version.reason_text)
        self.assertTrue(self.learning._waiting(self.company), "the next one is learned without anybody asking")
        self.assertIn(self.admin, version.activity_ids.user_id)
        self.assertEqual(self.learning._active(self.company.id), ("", False))

    def use_real_analyst(self):
        """Let the real analysis read from here on."""
        patched = self.registry["community.analyst"]
        original = next(cls for cls in patched.__mro__[1:] if "_analyst" in vars(cls))._analyst
        patcher = patch.object(patched, "_analyst", original)
        patcher.start()
        self.addCleanup(patcher.stop)

    # -- rights -------------------------------------------------------------------------------------------------------

    def test_agents_neither_see_versions_nor_decide(self):
        version = self.version("previous", b"old")
        agents = self.learning.with_user(self.agent)
        for call in (
            lambda: agents.search([]),
            agents.get_overview,
            agents.action_learn_now,
            agents.action_use_shipped,
            version.with_user(self.agent).action_use,
        ):
            with self.assertRaises(AccessError):
                call()

    def test_nobody_reads_or_writes_weights(self):
        version = self.version("previous", b"old")
        attachment = version._attachment()
        for user in (self.agent, self.manager, self.admin):
            theirs = version.with_user(user)
            for call in (
                lambda theirs=theirs: theirs.read(["weights"]),
                lambda theirs=theirs: theirs.weights,
                lambda theirs=theirs: theirs.write({"weights": b"bWluZQ=="}),
                lambda theirs=theirs: theirs.write({"state": "active"}),
                lambda user=user: attachment.with_user(user).read(["datas"]),
                lambda user=user: attachment.with_user(user).write({"datas": b"bWluZQ=="}),
            ):
                with self.assertRaises(AccessError):
                    call()
        for user in (self.manager, self.admin):
            found = self.env["ir.attachment"].with_user(user).search([("res_model", "=", "community.learning")])
            self.assertFalse(found)

    def test_a_manager_of_another_company_sees_nothing(self):
        version = self.version("previous", b"old")
        company = self.env["res.company"].create({"name": "Elsewhere"})
        stranger = self._new_user(
            "stranger",
            "community_manager.group_manager",
            company_id=company.id,
            company_ids=[fields.Command.set(company.ids)],
        )
        self.correct(["acme uno"], "negative", self.agent)
        overview = self.learning.with_user(stranger).get_overview()
        self.assertEqual((overview["labels"], overview["persons"], overview["active"]), (0, [], False))
        self.assertFalse(self.learning.with_user(stranger).search([]))
        with self.assertRaises(AccessError):
            version.with_user(stranger).action_use()

    # -- what the page says -------------------------------------------------------------------------------------------

    def test_the_page_says_what_is_in_use_who_said_how_much_and_what_helps(self):
        self.correct(["acme uno", "acme dos"], "negative", self.agent)
        self.correct(["acme tres"], "negative", self.other)
        self.version("active", b"new")
        overview = self.learning.with_user(self.manager).get_overview()
        self.assertEqual(overview["active"]["name"], self.learning.search([]).name)
        self.assertEqual([(row["name"], row["labels"]) for row in overview["persons"]][0], ("Community agent", 2))
        self.assertEqual([extra["code"] for extra in overview["extras"]], ["use", "e5"])
        self.assertIn("pip install", overview["extras"][0]["install"])
        self.use(type(self.analyst)(deep="e5"))
        overview = self.learning.with_user(self.manager).get_overview()
        self.assertEqual([extra["active"] for extra in overview["extras"]], [False, True])
