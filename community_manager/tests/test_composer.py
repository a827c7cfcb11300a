from datetime import UTC, timedelta
from unittest.mock import patch

from odoo import SUPERUSER_ID, fields
from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged
from odoo.tools import mute_logger

from odoo.addons.community_manager.connectors.errors import Refused

from .common import item
from .test_outbox import OutboxCase


class ComposerCase(OutboxCase):
    """Two agents in front of the same conversation."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.colleague = cls._new_user("colleague", "community_manager.group_agent")

    def setUp(self):
        super().setUp()
        self.mine = self.mention.with_user(self.agent)
        self.theirs = self.mention.with_user(self.colleague)

    def opened(self, mention=None):
        """Return what the reply box knows when it is opened now."""
        options = (mention or self.mine).get_reply_options()
        return {"seen": options["seen"], "opened": options["opened"]}

    def replies(self, **values):
        domain = [(name, "=", value) for name, value in values.items()]
        return self.env["community.reply"].search(domain, order="id")


@tagged("post_install", "-at_install")
class TestDrafts(ComposerCase):
    """What is typed is kept, for the one who typed it."""

    def test_a_draft_is_there_again_after_a_reload(self):
        self.mine.save_draft("We look in", "message")
        self.mine.save_draft("We look into it", "message")
        draft = self.mine.get_reply_options()["draft"]
        self.assertEqual(
            (draft["text"], draft["way"], draft["channel_id"]), ("We look into it", "message", self.channel.id)
        )
        self.assertEqual(len(self.replies()), 1)

    def test_a_draft_is_shown_to_nobody_else_and_never_sent_by_itself(self):
        self.mine.save_draft("Mine")
        self.assertFalse(self.theirs.get_reply_options()["draft"])
        self.theirs.save_draft("Theirs")
        self.send()
        self.assertEqual((self.texts(), len(self.replies(state="draft"))), ([], 2))
        self.assertEqual(self.mine.get_reply_options()["draft"]["text"], "Mine")

    def test_an_emptied_draft_is_removed(self):
        self.mine.save_draft("Something")
        self.assertFalse(self.mine.save_draft("  "))
        self.assertFalse(self.replies())

    def test_what_was_sent_is_no_draft_any_more(self):
        self.mine.save_draft("We look into it")
        self.mine.send_reply("We look into it.", "reply", False, self.opened())
        self.assertEqual([(reply.state, reply.text) for reply in self.replies()], [("queued", "We look into it.")])
        self.assertFalse(self.mine.get_reply_options()["draft"])

    def test_the_outbox_shows_my_drafts(self):
        self.mine.save_draft("Mine")
        self.theirs.save_draft("Theirs")
        arch = self.env["community.reply"].get_view(view_type="search")["arch"]
        self.assertIn("('state', '=', 'draft'), ('user_id', '=', uid)", arch)

    def test_drafts_of_colleagues_are_read_by_managers_only(self):
        self.mine.save_draft("Mine, not yet fit to be seen")
        draft = self.replies()
        read = self.env["community.reply"].with_user
        self.assertEqual(read(self.agent).search([]), draft)
        self.assertEqual(read(self.manager).search([]).text, "Mine, not yet fit to be seen")
        self.assertFalse(read(self.colleague).search([]))
        for act in (lambda reply: reply.read(["text"]), lambda reply: reply.write({"text": "Theirs"})):
            with self.assertRaises(AccessError), mute_logger("odoo.addons.base.models.ir_rule"):
                act(draft.with_user(self.colleague))
        self.mine.send_reply("Mine", "reply", False, self.opened())
        self.assertEqual(read(self.colleague).search([]).text, "Mine")

    def test_what_others_begun_and_failed_at_is_taken_up(self):
        self.toy.answers = [Refused("No.")]
        self.mine.send_reply("First", "reply", False, self.opened())
        self.send()
        failed = self.replies()
        self.assertEqual(failed.state, "failed")
        failed.with_user(self.colleague).action_draft()
        self.assertEqual(self.theirs.get_reply_options()["draft"]["text"], "First")
        self.assertFalse(self.mine.get_reply_options()["draft"])

    def test_what_a_rule_prepared_is_in_everybodys_box_until_somebody_goes_on_with_it(self):
        values = {"mention_id": self.mention.id, "company_id": self.company.id, "text": "Thank you!"}
        self.env["community.reply"].sudo().create({**values, "user_id": SUPERUSER_ID})
        for mention in (self.mine, self.theirs):
            self.assertEqual(mention.get_reply_options()["draft"]["text"], "Thank you!")
        self.mine.save_draft("Thank you, Ann!")
        self.assertEqual((self.replies().text, self.replies().user_id), ("Thank you, Ann!", self.agent))
        self.assertFalse(self.theirs.get_reply_options()["draft"])

    def test_what_a_rule_prepared_is_sent_as_it_is_by_whoever_sends_it(self):
        values = {"mention_id": self.mention.id, "company_id": self.company.id, "text": "Thank you!"}
        prepared = self.env["community.reply"].sudo().create({**values, "user_id": SUPERUSER_ID})
        prepared.with_user(self.agent).action_queue()
        self.assertEqual((prepared.state, prepared.user_id), ("queued", self.agent))
        prepared.with_user(self.agent).action_cancel()
        prepared.unlink()
        self.env["community.reply"].sudo().create({**values, "user_id": SUPERUSER_ID})
        self.mine.send_reply("Thank you!", "reply", False, self.opened())
        self.assertEqual([(reply.state, reply.user_id) for reply in self.replies()], [("queued", self.agent)])

    def test_files_of_somebody_elses_draft_are_out_of_reach(self):
        self.toy.media = self.toy_media()
        added = self.mine.add_reply_file("lamp.png", PIXEL)
        with self.assertRaises(AccessError):
            self.theirs.remove_reply_file(added["files"][0]["id"])
        with self.assertRaises(AccessError):
            self.theirs.describe_reply_file(added["files"][0]["id"], "x")

    def toy_media(self):
        from odoo.addons.community_manager.connectors.media import Media

        self.addCleanup(setattr, self.toy, "media", None)
        return Media(most=2, mimetypes=("image/png",), largest=1000)

    def test_pictures_are_kept_with_the_draft_and_go_out_with_their_description(self):
        self.toy.media = self.toy_media()
        taken = []
        self.toy.before_sending = staticmethod(lambda outgoing: taken.append(outgoing.attachments))
        added = self.mine.add_reply_file("../lamp.png", PIXEL, "See here", "reply", self.channel.id)
        self.assertEqual((added["text"], added["files"][0]["name"]), ("See here", ".. lamp.png"))
        self.mine.describe_reply_file(added["files"][0]["id"], "A lamp\non a table")
        self.assertEqual(self.mine.get_reply_options()["draft"]["files"][0]["alt"], "A lamp on a table")
        self.mine.send_reply("See here", "reply", self.channel.id, self.opened())
        self.send()
        [[file]] = taken
        self.assertEqual((file.mimetype, file.alt, file.data[:4]), ("image/png", "A lamp on a table", b"\x89PNG"))

    def test_files_that_the_network_does_not_take_are_refused_at_once(self):
        with self.assertRaisesRegex(UserError, "takes no pictures"):
            self.mine.add_reply_file("lamp.png", PIXEL)
        self.toy.media = self.toy_media()
        for name, data, why in (
            ("a.png", "aGVsbG8=", "files of this kind"),
            ("a.png", "", "empty"),
            ("a.png", "%%%", "did not arrive whole"),
            ("a.png", PIXEL.rstrip("=")[:40] + "A" * 4000, "too large|did not arrive"),
        ):
            with self.subTest(data=data[:10]), self.assertRaisesRegex(UserError, why), self.env.cr.savepoint():
                self.mine.add_reply_file(name, data)
        self.mine.add_reply_file("1.png", PIXEL)
        self.mine.add_reply_file("2.png", PIXEL)
        with self.assertRaisesRegex(UserError, "2 files"):
            self.mine.add_reply_file("3.png", PIXEL)

    def test_a_draft_of_files_ends_with_its_last_file(self):
        self.toy.media = self.toy_media()
        file = self.mine.add_reply_file("1.png", PIXEL)["files"][0]
        self.assertTrue(self.mine.save_draft(""))
        self.assertFalse(self.mine.remove_reply_file(file["id"]))
        self.assertFalse(self.replies())


@tagged("post_install", "-at_install")
class TestUndo(ComposerCase):
    """What was sent can be taken back for some seconds, and then goes by itself."""

    def test_it_waits_and_can_be_taken_back(self):
        entry = self.mine.send_reply("Too quick", "reply", False, self.opened())
        self.assertTrue(7 <= entry["undo_seconds"] <= 10)
        self.env["community.outbox"]._send(20)
        self.assertEqual(self.texts(), [])
        draft = self.env["community.reply"].browse(entry["id"]).with_user(self.agent).action_undo()
        self.assertEqual((draft["text"], self.replies().state), ("Too quick", "draft"))
        self.send()
        self.assertEqual(self.texts(), [])

    def test_it_goes_out_although_nobody_asks_again(self):
        self.mine.send_reply("Hello", "reply", False, self.opened())
        later = fields.Datetime.now() + timedelta(seconds=11)
        with patch.object(fields.Datetime, "now", staticmethod(lambda *_args: later)):
            self.env["community.outbox"]._send(20)
        self.assertEqual(self.texts(), ["Hello"])

    def test_the_box_asks_for_it_to_go_at_once(self):
        entry = self.mine.send_reply("Hello", "reply", False, self.opened())
        self.env["community.reply"].browse(entry["id"]).with_user(self.agent).action_send_now()
        self.env["community.outbox"]._send(20)
        self.assertEqual(self.texts(), ["Hello"])
        with self.assertRaisesRegex(UserError, "too late"):
            self.env["community.reply"].browse(entry["id"]).with_user(self.agent).action_undo()

    def test_what_was_typed_meanwhile_stays(self):
        entry = self.mine.send_reply("First", "reply", False, self.opened())
        self.mine.save_draft("Second")
        draft = self.env["community.reply"].browse(entry["id"]).with_user(self.agent).action_undo()
        self.assertEqual((draft["text"], len(self.replies())), ("First\n\nSecond", 1))

    def test_nobody_takes_back_what_others_wrote(self):
        entry = self.mine.send_reply("Hello", "reply", False, self.opened())
        with self.assertRaises(UserError):
            self.env["community.reply"].browse(entry["id"]).with_user(self.colleague).action_undo()
        [shown] = self.theirs.get_reply_options()["replies"]
        self.assertFalse(shown["undo_seconds"])

    def test_a_company_may_have_no_undo(self):
        self.company.community_undo_seconds = 0
        entry = self.mine.send_reply("Hello", "reply", False, self.opened())
        self.assertFalse(entry["undo_seconds"])
        self.env["community.outbox"]._send(20)
        self.assertEqual(self.texts(), ["Hello"])

    def test_who_sends_by_program_waits_for_nothing(self):
        self.mine.send_reply("Hello")
        self.env["community.outbox"]._send(20)
        self.assertEqual(self.texts(), ["Hello"])


@tagged("post_install", "-at_install")
class TestMeanwhile(ComposerCase):
    """What happened since the box was opened is asked about before anything is sent."""

    def ask(self, text="Hello", mention=None, **options):
        return (mention or self.mine).send_reply(text, "reply", False, options).get("question")

    def test_a_new_message_of_the_customer_asks(self):
        opened = self.opened()
        self.ingest(
            self.channel,
            item(
                "2",
                "Never mind, it has come!",
                parent_id="1",
                origin="own",
                published_at=self.mention.published_at.replace(tzinfo=UTC) + timedelta(hours=1),
            ),
        )
        question = self.ask(**opened)
        self.assertEqual((question["code"], question["can_force"]), ("new_message", True))
        self.assertIn("Ann has written again: “Never mind, it has come!”", question["text"])
        self.assertFalse(self.replies())
        self.assertIsNone(self.ask(force=True, **opened))
        self.assertEqual(self.replies().state, "queued")

    def test_once_seen_it_does_not_ask_again(self):
        opened = self.opened()
        self.ingest(
            self.channel,
            item(
                "2",
                "Hello?",
                parent_id="1",
                origin="own",
                published_at=self.mention.published_at.replace(tzinfo=UTC) + timedelta(hours=1),
            ),
        )
        question = self.ask(**opened)
        self.assertIsNone(self.ask(seen=question["seen"], opened=question["opened"]))

    def test_older_posts_that_only_arrive_now_do_not_ask(self):
        opened = self.opened()
        self.ingest(
            self.channel,
            item(
                "0",
                "Acme, what I said before",
                origin="own",
                conversation_id="1",
                published_at=self.mention.published_at.replace(tzinfo=UTC) - timedelta(days=1),
            ),
        )
        self.assertIsNone(self.ask(**opened))

    def test_a_colleague_at_the_same_moment_is_refused(self):
        opened = self.opened(self.theirs)
        self.mine.send_reply("It is on its way.", "reply", False, self.opened())
        for force in (False, True):
            question = self.ask("Mine is better", self.theirs, force=force, **opened)
            self.assertEqual((question["code"], question["can_force"]), ("answered", False))
            self.assertIn("Community agent is answering at this very moment: “It is on its way.”", question["text"])
        self.assertEqual(len(self.replies()), 1)

    def test_an_answer_of_a_colleague_that_went_out_meanwhile_asks(self):
        opened = self.opened(self.theirs)
        self.mine.send_reply("It is on its way.")
        self.send()
        question = self.ask("Mine is better", self.theirs, **opened)
        self.assertEqual((question["code"], question["can_force"]), ("answered", True))
        self.assertIsNone(self.ask("Mine is better", self.theirs, force=True, **opened))

    def test_an_answer_that_was_there_before_does_not_ask(self):
        self.mine.send_reply("It is on its way.")
        self.send()
        later = fields.Datetime.now() + timedelta(minutes=1)
        with patch.object(fields.Datetime, "now", staticmethod(lambda *_args: later)):
            self.assertIsNone(self.ask("One more thing", self.theirs, **self.opened(self.theirs)))

    def test_answers_to_other_people_of_the_conversation_are_not_in_the_way(self):
        self.ingest(self.channel, item("2", "Acme, mine too!", "bob", parent_id="1", origin="own"))
        bobs = self.mentions(self.channel) - self.mention
        opened = self.opened(bobs.with_user(self.colleague))
        self.mine.send_reply("It is on its way.", "reply", False, self.opened())
        self.assertIsNone(self.ask("Yours comes tomorrow", bobs.with_user(self.colleague), **opened))

    def test_a_double_click_sends_once(self):
        opened = self.opened()
        self.assertIsNone(self.ask("Hello", **opened))
        self.assertFalse(self.ask("Hello", **opened)["can_force"])
        self.assertIsNone(self.ask("And another thing", **opened))
        self.replies().queued_at = fields.Datetime.now() - timedelta(minutes=5)
        self.assertTrue(self.ask("Hello", **opened)["can_force"])

    def test_an_answer_given_on_the_network_itself_asks(self):
        opened = self.opened()
        self.ingest(self.channel, item("2", "Here it is", "us", parent_id="1", origin="own", outgoing=True))
        question = self.ask(**opened)
        self.assertIn("answered on the network meanwhile: “Here it is”", question["text"])

    def test_a_draft_sent_from_the_outbox_asks_too(self):
        self.mine.save_draft("Where to?")
        draft = self.replies()
        self.theirs.send_reply("It is on its way.")
        with self.assertRaisesRegex(UserError, "Community colleague is answering.*Open the conversation"):
            draft.with_user(self.agent).with_context(community_by_hand=True).action_queue()
        self.replies(state="queued").with_user(self.colleague).action_cancel()
        draft.with_user(self.agent).with_context(community_by_hand=True).action_queue()
        self.assertEqual(draft.state, "queued")


@tagged("post_install", "-at_install")
class TestThreads(ComposerCase):
    """A long text goes out in parts, each beneath the one before."""

    TEXT = "We are sorry. " * 30

    def setUp(self):
        super().setUp()
        self.toy.threads = True
        self.addCleanup(setattr, self.toy, "threads", False)

    def begin(self, **options):
        self.mine.send_reply(self.TEXT, "reply", False, {**self.opened(), "split": True, **options})
        return self.replies()

    def test_each_part_answers_the_one_before(self):
        self.assertEqual(self.mine.check_reply(self.TEXT, "reply")["parts"], 3)
        parts = self.begin()
        self.assertEqual(len(parts), 3)
        self.send()
        self.assertEqual([entry[2] for entry in self.toy.sent], ["1", "said-0", "said-1"])
        self.assertTrue(self.texts()[0].endswith("sorry. (1/3)") and self.texts()[2].endswith("(3/3)"))
        self.assertTrue(all(len(text) <= 200 for text in self.texts()))
        self.assertEqual(set(parts.mapped("state")), {"sent"})

    def test_without_numbers(self):
        self.begin(numbered=False)
        self.send()
        self.assertEqual(" ".join(self.texts()), self.TEXT.strip())

    def test_one_part_failing_stops_the_rest_and_says_so(self):
        self.toy.answers = [None, Refused("No more.")]
        parts = self.begin()
        self.send()
        self.assertEqual(parts.mapped("state"), ["sent", "failed", "failed"])
        self.assertIn("part before this one was not sent", parts[2].status)
        self.assertEqual((len(parts.activity_ids), len(self.toy.sent)), (1, 1))
        parts[1].with_user(self.agent).action_queue()
        self.send()
        self.assertEqual(set(parts.mapped("state")), {"sent"})
        self.assertEqual([entry[2] for entry in self.toy.sent], ["1", "said-0", "said-1"])

    def test_the_last_part_is_not_sent_before_the_others(self):
        self.toy.answers = [Refused("No.")]
        parts = self.begin()
        self.send()
        with self.assertRaisesRegex(UserError, "goes on after another part"):
            parts[2].with_user(self.agent).action_queue()

    def test_a_part_that_is_a_draft_again_is_in_nobodys_way(self):
        self.toy.answers = [Refused("No.")]
        parts = self.begin()
        self.send()
        parts[2].with_user(self.agent).action_draft()
        [entry] = self.theirs.get_reply_options()["replies"]
        self.assertEqual(entry["parts_left"], 2)
        parts[0].with_user(self.colleague).action_queue()
        self.assertEqual(parts.mapped("state"), ["queued", "queued", "draft"])
        parts[0].with_user(self.colleague).action_cancel()
        parts[0].with_user(self.agent).action_draft()
        with self.assertRaisesRegex(UserError, "goes on after another part"):
            parts[1].with_user(self.colleague).action_queue()

    def test_undo_gives_back_one_text(self):
        parts = self.begin()
        draft = parts[0].with_user(self.agent).action_undo()
        self.assertEqual((draft["text"], len(self.replies())), (self.TEXT.strip(), 1))

    def test_cancelling_a_part_stops_what_follows(self):
        parts = self.begin()
        parts[1].with_user(self.agent).action_cancel()
        self.send()
        self.assertEqual(parts.mapped("state"), ["sent", "cancelled", "failed"])

    def test_the_box_shows_a_thread_as_one(self):
        self.begin()
        [entry] = self.mine.get_reply_options()["replies"]
        self.assertEqual((entry["part_count"], entry["parts_left"]), (3, 2))

    def test_not_on_networks_without_threads(self):
        self.toy.threads = False
        self.assertFalse(self.mine.check_reply(self.TEXT, "reply")["parts"])
        with self.assertRaisesRegex(UserError, "not split"):
            self.begin()


PIXEL = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
