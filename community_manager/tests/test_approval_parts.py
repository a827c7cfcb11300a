import base64

from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged

from odoo.addons.community_manager.connectors.errors import Refused
from odoo.addons.community_manager.connectors.media import Media

from .common import CommunityCase, item

PIXEL = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
LONG = "We are sorry. " * 30


@tagged("post_install", "-at_install")
class TestApprovalOfThreadsAndFiles(CommunityCase):
    """A thread is approved as a whole, and pictures with the text they go out with."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        for name in ("sensitive", "approval.rule"):
            cls.env[f"community.{name}"].search([]).active = False
        cls.env["community.approval.rule"].create({"name": "Look at it"})
        cls.channel = cls.make_channel()
        cls.ingest(cls.channel, item("1", "Where is my acme lamp?", origin="own"))
        cls.mention = cls.mentions(cls.channel)
        cls.mine = cls.mention.with_user(cls.agent)

    def setUp(self):
        super().setUp()
        self.patch(self.toy, "threads", True)
        self.patch(self.toy, "media", Media(most=2, mimetypes=("image/png",), largest=1000))
        self.files = []
        self.toy.before_sending = staticmethod(lambda outgoing: self.files.append(outgoing.attachments))

    def begin(self, text, **options):
        """Send an answer as the composer does; return its parts, the first one first."""
        options = {"seen": self.mention.id, "opened": self.mention.create_date, **options}
        self.mine.send_reply(text, "reply", self.channel.id, options)
        return self.env["community.reply"].search([("mention_id", "=", self.mention.id)], order="id")

    def picture(self):
        """Add a picture to the draft; return the attachment as the writer sees it."""
        entry = self.mine.add_reply_file("lamp.png", PIXEL, "See here", "reply", self.channel.id)["files"][0]
        return self.env["ir.attachment"].with_user(self.agent).browse(entry["id"])

    def asked(self, reply):
        """Return the request to approve a message, as the manager sees it."""
        return reply.approval_id.with_user(self.manager)

    def send(self):
        """Let the outbox send what may go; return the texts that the network got."""
        self.env["community.reply"].search([("state", "=", "queued")]).next_try_at = "2020-01-01 00:00:00"
        self.env["community.outbox"]._send(20)
        self.env.invalidate_all()
        return [entry[1] for entry in self.toy.sent]

    # -- threads ---------------------------------------------------------------------------------------------------

    def test_a_thread_waits_as_a_whole(self):
        """One request for all parts, with the text as it was written; approved, all of them go out in order."""
        parts = self.begin(LONG, split=True)
        self.assertEqual(parts.mapped("state"), ["approval"] * 3)
        [approval] = self.env["community.approval"].search([("mention_id", "=", self.mention.id)])
        self.assertEqual((approval.res_id, approval.text), (parts[0].id, LONG.strip()))
        self.assertEqual(self.send(), [])
        self.asked(parts[0]).action_approve()
        self.assertEqual(parts.mapped("state"), ["queued"] * 3)
        self.assertEqual(len(self.send()), 3)
        self.assertTrue(self.toy.sent[2][1].endswith("(3/3)"))
        self.assertEqual([entry[2] for entry in self.toy.sent], ["1", "said-0", "said-1"])

    def test_a_returned_thread_is_one_draft_again(self):
        """The writer gets back the text as it was written, in one piece."""
        parts = self.begin(LONG, split=True)
        approval = self.asked(parts[0])
        approval.note = "Shorter"
        approval.action_return()
        [draft] = parts.exists()
        self.assertEqual((draft.state, draft.text, draft.part_count), ("draft", LONG.strip(), 0))

    def test_the_approver_shortens_a_thread(self):
        """What fits into one part goes out as one, and the rest is gone."""
        parts = self.begin(LONG, split=True)
        approval = self.asked(parts[0])
        approval.text = "We are sorry."
        approval.action_approve()
        self.assertEqual(self.send(), ["We are sorry."])
        self.assertEqual(len(parts.exists()), 1)

    def test_the_approver_lengthens_an_answer(self):
        """What does not fit any more goes out as a thread, and nobody approves it once more."""
        reply = self.begin("We are sorry.")
        approval = self.asked(reply)
        approval.text = LONG
        approval.action_approve()
        self.assertEqual(len(self.send()), 3)
        self.assertEqual(reply.approval_ids.mapped("state"), ["approved"])

    def test_a_part_that_failed_goes_again_as_it_was_approved(self):
        """A later part that the network refused needs no second approval, and other words do."""
        self.toy.answers = [None, Refused("No more.")]
        parts = self.begin(LONG, split=True)
        self.asked(parts[0]).action_approve()
        self.send()
        self.assertEqual(parts.mapped("state"), ["sent", "failed", "failed"])
        again = parts[1].with_user(self.agent)
        again.text = "Something else"
        with self.env.cr.savepoint() as savepoint:
            again.action_queue()
            self.assertEqual(parts[1].state, "approval")
            savepoint.rollback()
        self.env.invalidate_all()
        self.assertEqual(parts[1].state, "failed")

    def test_taking_a_thread_back_withdraws_it(self):
        """A thread that its writer takes back waits for nobody."""
        parts = self.begin(LONG, split=True)
        approval = self.asked(parts[0])
        parts[0].with_user(self.agent).action_cancel()
        self.assertEqual(approval.state, "withdrawn")
        self.assertEqual(parts.mapped("state"), ["cancelled", "failed", "failed"])
        self.assertEqual(self.send(), [])

    # -- files -----------------------------------------------------------------------------------------------------

    def test_pictures_are_put_before_the_approver(self):
        """The approver sees the pictures, and what goes out is these."""
        picture = self.picture()
        reply = self.begin("See here", attachment_ids=picture.ids)
        approval = self.asked(reply)
        self.assertEqual(approval.attachment_ids.ids, picture.ids)
        self.assertEqual(approval.attachment_ids.mapped("name"), ["lamp.png"])
        approval.action_approve()
        self.send()
        [[file]] = self.files
        self.assertEqual(file.data, base64.b64decode(PIXEL))

    def test_pictures_stay_as_they_are_while_it_waits(self):
        """Neither before nor after the approval does the writer put another picture into a message."""
        picture = self.picture()
        reply = self.begin("See here", attachment_ids=picture.ids).with_user(self.agent)
        other = picture.create({"name": "other.png", "raw": b"other"})
        for approved in (False, True):
            if approved:
                self.asked(reply).action_approve()
            for change in (
                lambda: reply.write({"attachment_ids": [(6, 0, other.ids)]}),
                lambda: picture.write({"raw": b"other"}),
                lambda: picture.write({"description": "Rude words"}),
                picture.unlink,
            ):
                with self.subTest(approved=approved), self.assertRaises(UserError), self.env.cr.savepoint():
                    change()
        self.send()
        self.assertEqual(self.files[0][0].data, base64.b64decode(PIXEL))

    def test_another_picture_is_approved_anew(self):
        """The same words with another picture, or another description of it, are another message."""
        picture = self.picture()
        reply = self.begin("See here", attachment_ids=picture.ids).with_user(self.agent)
        self.asked(reply).action_approve()

        def again():
            reply.action_cancel()
            reply.action_draft()

        again()
        reply.action_queue()
        self.assertEqual(reply.state, "queued", "nothing has changed")
        again()
        picture.description = "Rude words"
        reply.action_queue()
        self.assertEqual(reply.state, "approval")
        again()
        picture.description = False
        reply.attachment_ids += picture.create({"name": "other.png", "raw": base64.b64decode(PIXEL)})
        reply.action_queue()
        self.assertEqual(reply.state, "approval")

    def test_a_picture_added_to_a_later_part_is_approved(self):
        """A part that failed and goes out again with a picture is another message."""
        self.toy.answers = [None, Refused("No more.")]
        parts = self.begin(LONG, split=True)
        self.asked(parts[0]).action_approve()
        self.send()
        late = parts[1].with_user(self.agent)
        late.attachment_ids = (
            self.env["ir.attachment"]
            .with_user(self.agent)
            .create({"name": "other.png", "raw": base64.b64decode(PIXEL)})
        )
        late.action_queue()
        self.assertEqual(parts[1].state, "approval")
        self.assertTrue(self.asked(parts[1]).attachment_ids)

    def test_files_of_a_request_are_no_way_to_change_it(self):
        """Nobody changes which files a request shows."""
        reply = self.begin("See here", attachment_ids=self.picture().ids)
        with self.assertRaises(AccessError):
            self.asked(reply).write({"attachment_ids": [(5,)]})
