from odoo.tests import tagged

from odoo.addons.community_manager.connectors.errors import Gone, Misconfigured, Refused

from .common import LocalCase


@tagged("post_install", "-at_install")
class TestBlog(LocalCase):
    """The blog of this Odoo."""

    network = "odoo_blog"
    needs = "blog.post"

    @classmethod
    def set_up_place(cls):
        cls.blog = cls.env["blog.blog"].create({"name": "News"})
        cls.env["blog.post"].search([]).is_published = False  # what demo brings
        cls.post = cls.make_post("Our boots")

    @classmethod
    def make_post(cls, name, **values):
        """Create a published post."""
        return cls.env["blog.post"].create(
            {
                "name": name,
                "blog_id": cls.blog.id,
                "content": "<p>About <b>boots</b></p>",
                "is_published": True,
                **values,
            }
        )

    @classmethod
    def comment(cls, text="What a shoe", post=None, **values):
        """Write below a post as a visitor."""
        values.setdefault("author_id", cls.visitor.id)
        return (post or cls.post).message_post(
            body=text, message_type="comment", subtype_xmlid="mail.mt_comment", **values
        )

    def test_comments_and_posts_are_mentions(self):
        """A comment is addressed to us; the post it stands under gives it its conversation."""
        comment = self.comment()
        found = self.by_ref(self.read())
        self.assertEqual(set(found), {f"message-{comment.id}", f"post-{self.post.id}"})
        mention, post = found[f"message-{comment.id}"], found[f"post-{self.post.id}"]
        self.assertEqual((mention.text, mention.kind, mention.origin), ("What a shoe", "comment", "own"))
        self.assertEqual((mention.state, mention.outgoing), ("new", False))
        self.assertEqual((mention.author_id.name, mention.conversation_id), ("Ana Visitor", post.conversation_id))
        self.assertIn(f"/blog/news-{self.blog.id}/our-boots-{self.post.id}", mention.url)
        self.assertEqual((post.text, post.title, post.outgoing), ("About boots", "Our boots", True))
        self.assertEqual(self.channel.account_id or "", "")

    def test_only_what_everybody_can_read(self):
        """Notes, notifications, emptied comments and what stands under unpublished posts stay where they are."""
        self.post.message_post(body="a note", message_type="comment", subtype_xmlid="mail.mt_note")
        self.post.message_post(body="a log", message_type="notification", subtype_xmlid="mail.mt_comment")
        self.comment("", attachments=[("x.txt", b"x")])
        hidden = self.make_post("Hidden", is_published=False)
        self.comment(post=hidden)
        self.assertEqual(self.read().mapped("external_id"), [f"post-{self.post.id}"])

    def test_other_companies_have_their_own_website(self):
        """A blog of another company's website is read by channels of that company only."""
        other = self.env["res.company"].create({"name": "Other"})
        website = self.env["website"].create({"name": "Other site", "company_id": other.id})
        blog = self.env["blog.blog"].create({"name": "Other news", "website_id": website.id})
        comment = self.comment(post=self.make_post("Theirs", blog_id=blog.id))
        self.assertNotIn(f"message-{comment.id}", self.by_ref(self.read()))
        self.admin.company_ids += other
        self.channel.company_id = other
        self.channel.position = False
        self.assertIn(f"message-{comment.id}", self.by_ref(self.read()))

    def test_nothing_is_read_twice_and_edits_are_noticed(self):
        """The position moves on; an edited comment comes again as a new version."""
        comment = self.comment()
        self.read()
        before = self.channel.position
        self.read()
        self.assertEqual(self.channel.position, before)
        self.env.cr.execute(
            "UPDATE mail_message SET body = %s, write_date = write_date + interval '5 s' WHERE id = %s",
            ["<p>Edited words</p>", comment.id],
        )
        self.env.invalidate_all()
        self.assertEqual(self.by_ref(self.read())[f"message-{comment.id}"].text, "Edited words")

    def test_many_changes_in_one_second_are_all_read(self):
        """A transaction that writes two hundred comments gives them all the same time."""
        self.read()
        made = [self.comment(f"number {turn}") for turn in range(200)]
        self.env.flush_all()
        self.env.cr.execute(
            "UPDATE mail_message SET write_date = date_trunc('second', now() at time zone 'UTC') WHERE id IN %s",
            [tuple(comment.id for comment in made)],
        )
        self.env.invalidate_all()
        self.assertLessEqual({f"message-{comment.id}" for comment in made}, set(self.by_ref(self.read())))

    def test_an_answer_stands_below_the_comment_once(self):
        """The same key says it once; what was said is found, and listening brings it as ours."""
        comment = self.comment()
        self.read()
        connector = self.channel._connector()
        outgoing = self.outgoing(f"message-{comment.id}", "First line\nwith <b>no</b> markup")
        self.assertIsNone(connector.find_sent(outgoing))
        item = connector.reply(outgoing)
        again = connector.reply(outgoing)
        self.assertEqual(item.external_id, again.external_id)
        self.assertEqual(connector.find_sent(outgoing).external_id, item.external_id)
        answers = self.env["mail.message"].search([("parent_id", "=", comment.id)])
        self.assertEqual(len(answers), 1)
        self.assertEqual(
            (answers.model, answers.res_id, answers.author_id), ("blog.post", self.post.id, self.manager.partner_id)
        )
        self.assertEqual(item.text, "First line\nwith <b>no</b> markup")
        self.assertTrue(item.outgoing)
        self.assertEqual((item.parent_id, item.conversation_id), (f"message-{comment.id}", f"post-{self.post.id}"))
        self.assertIn(answers, self.post.website_message_ids)
        mention = self.by_ref(self.read())[item.external_id]
        self.assertEqual((mention.outgoing, mention.state), (True, "done"))

    def test_the_company_itself_answers_where_nobody_is_chosen(self):
        """Without a chosen user the company's name stands at the answer."""
        self.channel._set_access({"answerer": ""})
        item = self.channel._connector().reply(self.outgoing(f"post-{self.post.id}"))
        self.assertEqual(item.author.external_id, f"partner-{self.company.partner_id.id}")
        self.assertTrue(item.outgoing)

    def test_who_answers_has_to_be_there(self):
        """A user who left does not go on speaking."""
        self.manager.active = False
        with self.assertRaises(Misconfigured):
            self.channel._connector().reply(self.outgoing(f"post-{self.post.id}"))

    def test_deleted_is_gone(self):
        """A comment that was deleted is gone, and cannot be answered."""
        comment, ref = self.comment(), ""
        ref = f"message-{comment.id}"
        self.read()
        connector = self.channel._connector()
        self.assertEqual(connector.lookup(ref, {}).text, "What a shoe")
        self.assertEqual([item.external_id for item in connector.thread(ref, {})], [f"post-{self.post.id}", ref])
        comment.unlink()
        for ask in (
            lambda: connector.lookup(ref, {}),
            lambda: connector.thread(ref, {}),
            lambda: connector.reply(self.outgoing(ref)),
            lambda: connector.lookup("nonsense", {}),
            lambda: connector.lookup("post-99999999", {}),
        ):
            with self.assertRaises(Gone):
                ask()

    def test_moderating(self):
        """A comment is hidden and shown again, which does not delete the mention, or deleted; our posts are not."""
        comment = self.comment()
        ref, connector = f"message-{comment.id}", self.channel._connector()
        target = self.outgoing(ref).target
        for _turn in range(2):
            connector.moderate("hide", target)
            self.assertTrue(comment.is_internal)
            self.assertEqual(connector.lookup(ref, {}).text, "What a shoe")
        connector.moderate("unhide", target)
        self.assertFalse(comment.is_internal)
        for _turn in range(2):
            connector.moderate("delete", target)
        self.assertFalse(comment.body)
        for ask in (lambda: connector.lookup(ref, {}), lambda: connector.moderate("hide", target)):
            with self.assertRaises(Gone):
                ask()
        with self.assertRaises(Refused):
            connector.moderate("delete", self.outgoing(f"post-{self.post.id}").target)
        self.post.is_published = False
        self.assertTrue(connector.lookup(f"post-{self.post.id}", {}))

    def test_checking_offers_who_can_answer(self):
        """The check says who we are and shows a sample; the people of the company can be chosen."""
        self.comment()
        connector = self.channel._connector()
        found = connector.check()
        self.assertEqual((found.account, found.account_id), (self.company.name, f"company-{self.company.id}"))
        self.assertEqual(len(found.sample), 2)
        choices = dict(connector.choices()["answerer"])
        self.assertEqual(choices[str(self.manager.id)], "Community manager")
        self.assertNotIn(str(self.env.ref("base.public_user").id), choices)

    def test_the_answer_goes_through_the_outbox(self):
        """What a person writes on the mention is queued, sent, and stands on the website."""
        comment = self.comment()
        mention = self.by_ref(self.read())[f"message-{comment.id}"]
        reply = self.env["community.reply"].create({"mention_id": mention.id, "text": "We are glad."})
        reply.action_queue()
        self.env["community.outbox"]._send()
        self.env.invalidate_all()
        self.assertEqual(reply.state, "sent", reply.read())
        answer = self.env["mail.message"].search([("parent_id", "=", comment.id)])
        self.assertIn("We are glad.", answer.body)
