from odoo.tests import tagged

from odoo.addons.community_manager.connectors.errors import Gone, Misconfigured, Refused

from .common import LocalCase


@tagged("post_install", "-at_install")
class TestForum(LocalCase):
    """The forum of this Odoo."""

    network = "odoo_forum"
    needs = "forum.post"

    @classmethod
    def set_up_place(cls):
        cls.env["forum.post"].search([]).write({"state": "pending"})  # what demo brings
        cls.forum = cls.env["forum.forum"].create({"name": "Help"})
        cls.asker = cls.env["res.users"].create(
            {"name": "Eva Asker", "login": "eva_asker", "email": "eva@asker.example", "karma": 1000,
             "group_ids": [(6, 0, cls.env.ref("base.group_portal").ids)]}
        )  # fmt: skip
        cls.question = cls.ask("How do I tie these?")

    @classmethod
    def ask(cls, name, parent=None, text="<p>My <b>boots</b></p>"):
        """Ask or answer as a visitor."""
        values = {"forum_id": cls.forum.id, "content": text}
        values |= {"parent_id": parent.id} if parent else {"name": name}
        return cls.env["forum.post"].with_user(cls.asker).sudo().create(values)

    @classmethod
    def comment(cls, post, text="Me too"):
        """Comment as a visitor."""
        return (
            post.with_user(cls.asker)
            .sudo()
            .message_post(body=text, message_type="comment", subtype_xmlid="mail.mt_comment")
        )

    def test_questions_answers_and_comments_are_mentions(self):
        """They belong to the conversation of their question."""
        answer = self.ask("", self.question, "<p>With laces</p>")
        comment = self.comment(answer)
        found = self.by_ref(self.read())
        self.assertEqual(set(found), {f"post-{self.question.id}", f"post-{answer.id}", f"message-{comment.id}"})
        question = found[f"post-{self.question.id}"]
        self.assertEqual((question.title, question.text, question.kind), ("How do I tie these?", "My boots", "post"))
        self.assertEqual((question.origin, question.replies, question.state), ("own", 1, "new"))
        self.assertEqual(question.author_id.name, "Eva Asker")
        self.assertEqual(found[f"message-{comment.id}"].parent_external_id, f"post-{answer.id}")
        self.assertEqual(len({mention.conversation_id for mention in found.values()}), 1)
        self.assertIn(f"/forum/help-{self.forum.id}/", question.url)

    def test_what_waits_for_a_moderator_is_not_seen(self):
        """Nor is what was found offensive, nor what the forum itself writes about its posts."""
        self.ask("Waiting").state = "pending"
        offensive = self.ask("Offensive")
        offensive.write({"state": "offensive", "active": False})
        self.assertEqual(self.read().mapped("external_id"), [f"post-{self.question.id}"])
        with self.assertRaises(Gone):
            self.channel._connector().lookup(f"post-{offensive.id}", {})

    def test_a_question_is_answered_once(self):
        """The answer is one of the forum, in the name of the user who was chosen, whatever reputation he has."""
        self.manager.karma = 0
        self.read()
        connector = self.channel._connector()
        outgoing = self.outgoing(f"post-{self.question.id}", "Cross the laces.\nThen pull < hard >.")
        self.assertIsNone(connector.find_sent(outgoing))
        item, again = connector.reply(outgoing), connector.reply(outgoing)
        self.assertEqual(item.external_id, again.external_id)
        self.assertEqual(connector.find_sent(outgoing).external_id, item.external_id)
        answer = self.question.child_ids
        self.assertEqual((len(answer), answer.create_uid, answer.state), (1, self.manager, "active"))
        self.assertEqual((item.text, item.outgoing), ("Cross the laces.\nThen pull < hard >.", True))
        self.assertEqual(item.parent_id, f"post-{self.question.id}")
        mention = self.by_ref(self.read())[item.external_id]
        self.assertTrue(mention.outgoing)

    def test_an_answer_is_commented_on(self):
        """Below an answer, and below a comment, stand comments."""
        answer = self.ask("", self.question, "<p>With laces</p>")
        comment = self.comment(answer)
        connector = self.channel._connector()
        first = connector.reply(self.outgoing(f"post-{answer.id}", key="b" * 32))
        second = connector.reply(self.outgoing(f"message-{comment.id}", key="c" * 32))
        self.assertEqual((first.parent_id, second.parent_id), (f"post-{answer.id}", f"message-{comment.id}"))
        self.assertEqual(len(self.question.child_ids), 1)
        things = [item.external_id for item in connector.thread(f"message-{comment.id}", {})]
        self.assertEqual(things[0], f"post-{self.question.id}")
        self.assertEqual(
            set(things[1:]), {f"post-{answer.id}", f"message-{comment.id}", first.external_id, second.external_id}
        )

    def test_a_closed_question_takes_no_answer(self):
        """What the forum says is the reason that is shown."""
        self.question.sudo().state = "close"
        with self.assertRaises(Refused) as caught:
            self.channel._connector().reply(self.outgoing(f"post-{self.question.id}"))
        self.assertIn("Closed", caught.exception.message)
        self.assertFalse(caught.exception.unsure)
        self.assertFalse(self.question.child_ids)

    def test_deleting(self):
        """Posts go where the forum keeps deleted ones, comments lose their words."""
        answer = self.ask("", self.question)
        comment = self.comment(answer)
        connector = self.channel._connector()
        for ref in (f"message-{comment.id}", f"post-{answer.id}"):
            for _turn in range(2):
                connector.moderate("delete", self.outgoing(ref).target)
            with self.assertRaises(Gone):
                connector.lookup(ref, {})
        self.assertFalse(answer.active or comment.body)
        self.assertTrue(self.question.active)

    def test_somebody_has_to_be_chosen(self):
        """A forum knows users only."""
        self.channel._set_access({"answerer": ""})
        with self.assertRaises(Misconfigured):
            self.channel._connector().reply(self.outgoing(f"post-{self.question.id}"))

    def test_private_forums_are_not_public(self):
        """What only members can read is private."""
        self.forum.privacy = "connected"
        self.assertEqual(self.read().visibility, "private")
