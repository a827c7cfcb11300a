from datetime import UTC, datetime, timedelta, timezone
from unittest.mock import patch

from odoo.tests import tagged

from .common import CommunityCase, item


@tagged("post_install", "-at_install")
class TestIngest(CommunityCase):
    """What becomes of the items of a page."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.channel = cls.make_channel("One")
        cls.other = cls.make_channel("Two")

    def test_search_result_without_a_topic(self):
        """Search results are stored only when a topic matches; what is addressed to us always is."""
        counts = self.ingest(
            self.channel,
            item("1", text="Nothing of interest"),
            item("2", text="Nothing either", origin="own"),
            item("3", text="I like ACMÉ"),
        )
        self.assertEqual((counts["read"], counts["stored"], counts["dropped"]), (3, 2, 1))
        own, found = self.mentions(self.channel)
        self.assertEqual((own.external_id, own.origin, own.topic_ids.ids), ("2", "own", []))
        self.assertEqual((found.external_id, found.matched, found.topic_ids), ("3", "acme", self.topic))

    def test_chosen_topics(self):
        """A channel with a choice of topics keeps only results about these."""
        brand = self.make_topic("Bolt", "bolt")
        self.channel.topic_ids = brand
        self.ingest(self.channel, item("1", text="Acme"), item("2", text="Acme and Bolt"))
        mention = self.mentions(self.channel)
        self.assertEqual((mention.external_id, mention.topic_ids), ("2", brand))

    def test_own_writing(self):
        """What the connected account wrote itself is kept for the conversation and asks nothing of anybody."""
        self.ingest(self.channel, item("1", origin="own", outgoing=True))
        self.assertEqual(self.mentions(self.channel).state, "done")

    def test_identity_and_link_are_kept(self):
        """A mention keeps its link, the raw identifiers and the time of publication in UTC."""
        moment = datetime.fromisoformat("2026-01-05T10:00:00+02:00")
        self.ingest(
            self.channel, item("1", published_at=moment, identifiers={"uri": "tag:1"}, url="https://toy.example/one")
        )
        mention = self.mentions(self.channel)
        self.assertEqual(mention.published_at, datetime(2026, 1, 5, 8, 0))
        self.assertEqual((mention.identifiers, mention.url), ({"uri": "tag:1"}, "https://toy.example/one"))

    def test_text_is_shown_safely(self):
        """Markup in a text is shown as text, with what matched marked."""
        self.ingest(self.channel, item("1", text="<script>alert(1)</script> Acme <b>&</b>"))
        body = self.mentions(self.channel).body
        self.assertNotIn("<script", body)
        self.assertNotIn("<b>", body)
        self.assertIn("<mark>Acme</mark>", body)

    def test_edit(self):
        """An edit changes the mention, keeps the earlier text, and matches topics anew."""
        bolt = self.make_topic("Bolt", "bolt")
        self.ingest(self.channel, item("1", text="Acme"))
        mention = self.mentions(self.channel)
        when = datetime(2026, 1, 6, tzinfo=UTC)
        counts = self.ingest(self.channel, item("1", text="Bolt", edited_at=when))
        self.assertEqual((counts["stored"], counts["updated"]), (0, 1))
        self.assertEqual((mention.text, mention.topic_ids, mention.matched), ("Bolt", bolt, "bolt"))
        self.assertEqual(mention.edited_at, datetime(2026, 1, 6))
        self.assertEqual(mention.version_ids.mapped("text"), ["Acme"])
        # an older version that comes late changes nothing
        self.ingest(self.channel, item("1", text="Acme", edited_at=when - timedelta(hours=1)))
        self.assertEqual(mention.text, "Bolt")
        # nor does the same one again
        self.assertEqual(self.ingest(self.channel, item("1", text="Bolt", edited_at=when))["updated"], 0)
        self.assertEqual(mention.version_count, 1)

    def test_only_looked_at(self):
        """When only the existence of a post was asked for, its text stays."""
        self.ingest(self.channel, item("1", text="Acme", title="Acme"))
        self.ingest(self.channel, item("1", text="", title="", partial=True))
        mention = self.mentions(self.channel)
        self.assertEqual((mention.text, mention.title), ("Acme", "Acme"))
        self.assertFalse(mention.version_ids)

    def test_deletion(self):
        """What the author deletes is removed here too, earlier texts included, and stays removed."""
        self.ingest(self.channel, item("1", text="Acme first", title="Acme"))
        self.ingest(self.channel, item("1", text="Acme second", title="Acme"))
        mention = self.mentions(self.channel)
        self.ingest(self.channel, item("1", text="", deleted=True))
        self.assertTrue(mention.deleted_at)
        self.assertFalse(mention.text or mention.title or mention.matched or mention.version_ids)
        self.assertIn("deleted", mention.body)
        self.assertNotIn("Acme", " ".join(mention.message_ids.mapped("body")))
        self.ingest(self.channel, item("1", text="Acme second", title="Acme"))
        self.assertFalse(mention.text)
        # a deletion of something that was never stored is no mention
        self.assertEqual(self.ingest(self.channel, item("9", deleted=True))["stored"], 0)

    def test_counters(self):
        """Likes, shares and replies follow the network."""
        self.ingest(self.channel, item("1", likes=1))
        self.ingest(self.channel, item("1", likes=5, shares=2, replies=3))
        mention = self.mentions(self.channel)
        self.assertEqual((mention.likes, mention.shares, mention.replies), (5, 2, 3))
        self.assertFalse(mention.version_ids)

    def test_same_post_through_two_channels(self):
        """One post is one mention, whichever channel reads it."""
        self.ingest(self.channel, item("1"))
        self.assertEqual(self.ingest(self.other, item("1"))["stored"], 0)
        self.assertEqual(len(self.mentions(self.channel, self.other)), 1)

    def test_own_beats_search(self):
        """A post that was found first and then turns out to be addressed to an account belongs to that account."""
        self.ingest(self.channel, item("1"))
        self.ingest(self.other, item("1", origin="own"))
        mention = self.mentions(self.channel, self.other)
        self.assertEqual((mention.origin, mention.channel_id), ("own", self.other))
        # and a later search result does not take it back
        self.ingest(self.channel, item("1"))
        self.assertEqual((mention.origin, mention.channel_id), ("own", self.other))

    def test_own_beats_search_within_a_page(self):
        """A post that comes twice in one page, addressed to us and found, is addressed to us."""
        self.ingest(self.channel, item("1", origin="own"), item("1", origin="search"))
        self.assertEqual(self.mentions(self.channel).origin, "own")

    def test_another_source_cannot_rewrite(self):
        """What one source brought cannot be changed or deleted by another that merely names the same identifier."""
        other = self.make_channel("Other")
        self.ingest(self.channel, item("1", text="Acme is great"))
        self.ingest(other, item("1", text="Acme is a fraud", origin="search"))
        mention = self.mentions(self.channel)
        self.assertEqual(mention.text, "Acme is great")
        self.ingest(other, item("1", deleted=True, origin="search"))
        self.assertFalse(mention.deleted_at)
        self.assertFalse(mention.version_ids)

    def test_realms(self):
        """The same number on two servers, or in two sources that know only themselves, is two posts."""
        self.ingest(self.channel, item("1", realm="a.example"), item("1", realm="b.example"), item("1", realm=None))
        self.ingest(self.other, item("1", realm="a.example"), item("1", realm=None))
        self.assertEqual(len(self.mentions(self.channel)), 3)
        self.assertEqual(len(self.mentions(self.other)), 1)

    def test_conversation(self):
        """Answers share the conversation of what they answer."""
        self.ingest(self.channel, item("1"), item("2", parent_id="1"), item("3", parent_id="2"), item("4"))
        one, two, three, four = self.mentions(self.channel)
        self.assertEqual(one.conversation_id, two.conversation_id)
        self.assertEqual(one.conversation_id, three.conversation_id)
        self.assertNotEqual(one.conversation_id, four.conversation_id)
        self.assertEqual(two.parent_id, one)
        self.assertFalse(one.parent_id)

    def test_late_parent(self):
        """A parent that comes after its answers joins what had been two conversations."""
        self.ingest(self.channel, item("1"), item("3", parent_id="2"))
        one, three = self.mentions(self.channel)
        self.assertNotEqual(one.conversation_id, three.conversation_id)
        self.ingest(self.channel, item("2", parent_id="1"))
        mentions = self.mentions(self.channel)
        self.assertEqual(len(mentions), 3)
        self.assertEqual(len(mentions.conversation_id), 1)
        self.assertEqual(three.parent_id, mentions.filtered(lambda mention: mention.external_id == "2"))
        self.assertEqual(mentions.conversation_id.mention_count, 3)

    def test_answer_reopens(self):
        """A new answer of somebody opens a closed conversation; our own does not."""
        self.ingest(self.channel, item("1"))
        conversation = self.mentions(self.channel).conversation_id
        conversation.state = "closed"
        self.ingest(self.channel, item("2", parent_id="1", origin="own", outgoing=True))
        self.assertEqual(conversation.state, "closed")
        self.ingest(self.channel, item("3", parent_id="1"))
        self.assertEqual(conversation.state, "open")

    def test_other_company(self):
        """Each company has its own mentions, authors and topics, even of the same post."""
        company = self.env["res.company"].create({"name": "Other company"})
        self.make_topic("Bolt", "bolt", company_id=company.id)
        channel = self.make_channel("Three", company_id=company.id)
        self.ingest(self.channel, item("1", text="Acme and Bolt"))
        self.ingest(channel, item("1", text="Acme and Bolt"), item("2", text="Acme only"))
        here, there = self.mentions(self.channel), self.mentions(channel)
        self.assertEqual((len(here), len(there)), (1, 1))
        self.assertNotEqual(here.author_id, there.author_id)
        self.assertEqual(there.company_id | there.author_id.company_id | there.conversation_id.company_id, company)
        self.assertEqual(there.topic_ids.name, "Bolt")

    def test_author_by_email(self):
        """An author with exactly one contact's e-mail is that contact; two such contacts decide nothing."""
        partners = self.env["res.partner"].create(
            [
                {"name": "Ann", "email": "ann@example.com"},
                {"name": "Bob 1", "email": "bob@example.com"},
                {"name": "Bob 2", "email": "bob@example.com"},
            ]
        )
        ann, bob = item("1"), item("2", author="bob")
        ann.author.email, bob.author.email = "Ann@Example.com", "bob@example.com"
        self.ingest(self.channel, ann, bob)
        first, second = self.mentions(self.channel)
        self.assertEqual((first.partner_id, first.author_id.link_origin), (partners[0], "email"))
        self.assertFalse(second.partner_id)

    def test_edit_keeps_topics_set_by_hand(self):
        """An edit adds and drops topics as the text does, and leaves what colleagues chose by hand."""
        desks, chairs, own = (
            self.make_topic("Desks", "desk"),
            self.make_topic("Chairs", "chair"),
            self.make_topic("Own"),
        )
        self.ingest(self.channel, item("1", text="Acme desk"))
        mention = self.mentions(self.channel)
        self.assertEqual(mention.topic_ids, self.topic | desks)
        mention.topic_ids = chairs | desks | own
        mention.topic_ids -= chairs
        self.ingest(self.channel, item("1", text="Acme chair"))
        self.assertEqual(mention.topic_ids, chairs | own, "the brand was taken away by hand, desks by the edit")

    def test_times_of_other_zones(self):
        """A time of any zone is kept in UTC, on the mention and on its conversation."""
        moment = datetime(2026, 1, 5, 1, 30, 0, 250000, tzinfo=timezone(timedelta(hours=2)))
        self.ingest(self.channel, item("1", published_at=moment))
        mention = self.mentions(self.channel)
        self.assertEqual(mention.published_at, datetime(2026, 1, 4, 23, 30))
        self.assertEqual(mention.conversation_id.last_mention_at, datetime(2026, 1, 4, 23, 30))

    def test_whole_words_are_marked(self):
        """A keyword for every ending marks the word it was found in, not only its beginning."""
        self.make_topic("Desks", "desk*")
        self.ingest(self.channel, item("1", text="Two desks, at last"))
        self.assertIn("Two <mark>desks</mark>, at last", self.mentions(self.channel).body)

    def test_automation_sees_topics(self):
        """What other applications hang on the creation of mentions finds them complete, topics included."""
        seen = []
        model = self.registry["community.mention"]
        create = model.create

        def watched(mentions, vals_list):
            made = create(mentions, vals_list)
            seen.extend(made.filtered_domain([("topic_ids", "in", self.topic.ids)]).mapped("external_id"))
            return made

        with patch.object(model, "create", watched):
            self.ingest(self.channel, item("1", text="Acme"), item("2", text="Nothing", origin="own"))
        self.assertEqual(seen, ["1"])

    def test_nothing_tracked(self):
        """Creating mentions posts nothing in their chatter; later changes are tracked again."""
        self.ingest(self.channel, item("1"))
        mention = self.mentions(self.channel)
        self.assertFalse(mention.message_ids)
        mention.with_user(self.agent).action_done()
        self.env.flush_all()
        self.env.cr.precommit.run()
        self.assertTrue(mention.message_ids.tracking_value_ids)
