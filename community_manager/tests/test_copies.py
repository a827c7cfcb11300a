from datetime import UTC, datetime, timedelta

from odoo import fields
from odoo.tests import tagged

from odoo.addons.community_manager.models.understanding import community_fingerprint

from .understanding_common import UnderstandingCase

TEXT = "I waited three weeks for my new acme desk and now one leg is missing, can you believe it?"
#: said again with a word changed and words around it
NEARLY = (
    "RT @ana: I waited three weeks for my new acme desk and now one leg is missing can you believe this? https://a.b"
)
OTHER = "The acme chairs in the meeting room are really comfortable after a whole day of work in there"


@tagged("post_install", "-at_install")
class TestCopies(UnderstandingCase):
    """Mentions that say the same are recognised as copies of the first."""

    def post(self, text, minutes=0, **values):
        """Store a post that was published so many minutes after noon yesterday."""
        noon = datetime.now(UTC).replace(hour=12, minute=0, second=0, microsecond=0) - timedelta(days=1)
        return self.said(text, published_at=noon + timedelta(minutes=minutes), **values)

    def test_copies_point_at_the_first(self):
        first, same, near = self.post(TEXT, 0), self.post(TEXT, 1), self.post(NEARLY, 2)
        other = self.post(OTHER, 3)
        self.deepen()
        self.assertEqual((same | near).copy_of_id, first)
        self.assertFalse(first.copy_of_id or other.copy_of_id)
        self.assertEqual((first | same | near | other).mapped("copy_count"), [2, 2, 2, 0])

    def test_what_comes_later_joins(self):
        first = self.post(TEXT, 0)
        self.deepen()
        late = self.post(NEARLY, 5)
        self.deepen()
        self.assertEqual(late.copy_of_id, first)

    def test_an_earlier_post_that_arrives_late_becomes_the_first(self):
        second, third = self.post(TEXT, 5), self.post(TEXT, 6)
        self.deepen()
        first = self.post(NEARLY, 0)
        self.deepen()
        self.assertEqual((second | third).copy_of_id, first)
        self.assertFalse(first.copy_of_id)

    def test_a_copy_of_a_copy_is_a_copy_of_the_first(self):
        words = TEXT.replace("?", " indeed").split()
        drift = [" ".join([*words[step:], *(f"added{number}" for number in range(step))]) for step in range(0, 6, 2)]
        posts = [self.post(text, minute) for minute, text in enumerate(drift)]
        for _run in posts:
            self.deepen()
        self.assertEqual(posts[1].copy_of_id, posts[0])
        self.assertEqual(posts[2].copy_of_id, posts[0])

    def test_two_groups_become_one_when_a_post_belongs_to_both(self):
        left, right = f"{TEXT} first second third fourth", f"fifth sixth seventh eighth {TEXT}"
        posts = [self.post(left, 0), self.post(left, 1), self.post(right, 2), self.post(right, 3)]
        bridge = self.post(TEXT, 4)
        self.deepen()
        self.assertEqual({post.copy_of_id for post in [*posts[1:], bridge]}, {posts[0]})

    def test_sharing_a_few_words_is_no_copy(self):
        """Fingerprints may meet by chance or by what everybody writes; the texts decide."""
        one, other = self.post(TEXT), self.post(OTHER, 1)
        self.deepen()
        prints = self.env["community.fingerprint"].search([("mention_id", "in", (one | other).ids)])
        self.assertEqual(len(prints), 2)
        prints.write({"band_3": 7, "compared": False})
        self.deepen()
        self.assertFalse(one.copy_of_id or other.copy_of_id)

    def test_short_texts_and_our_own_are_no_copies(self):
        self.post("acme thanks"), self.post("acme thanks", 1)
        self.post(TEXT, 2, outgoing=True), self.post(TEXT, 3, outgoing=True)
        self.deepen()
        self.assertFalse(self.mentions(self.channel).copy_of_id)

    def test_what_is_older_than_a_month_is_not_compared(self):
        days = community_fingerprint.DAYS + 2
        self.post(TEXT, -days * 24 * 60)
        new = self.post(TEXT)
        self.deepen()
        self.assertFalse(new.copy_of_id)
        self.env["community.fingerprint"].search([]).published_at = fields.Datetime.subtract(
            fields.Datetime.now(), days=days
        )
        self.env["community.fingerprint"]._gc_fingerprints()
        self.assertFalse(self.env["community.fingerprint"].search([]))

    def test_copies_of_another_company_do_not_count(self):
        other = self.env["res.company"].create({"name": "Other"})
        theirs = self.make_channel("Theirs", company_id=other.id)
        mine = self.post(TEXT)
        self.ingest(theirs, self.item("their post", TEXT, origin="own", published_at=datetime.now(UTC)))
        self.deepen()
        self.assertFalse(mine.copy_of_id or self.mentions(theirs).copy_of_id)

    def test_when_the_first_is_deleted_the_next_takes_its_place(self):
        first, second, third = self.post(TEXT, 0), self.post(TEXT, 1), self.post(NEARLY, 2)
        self.deepen()
        self.ingest(self.channel, self.item(first.external_id, "", deleted=True))
        self.assertFalse(first.copy_of_id or second.copy_of_id)
        self.assertEqual(third.copy_of_id, second)
        self.deepen()
        fourth = self.post(TEXT, 4)
        self.deepen()
        self.assertEqual(fourth.copy_of_id, second, "the new first is recognised by its own fingerprint")
        second.unlink()
        self.assertFalse(third.copy_of_id)
        self.assertEqual(fourth.copy_of_id, third)

    def test_an_edit_leaves_its_copies(self):
        first, second, third = self.post(TEXT, 0), self.post(TEXT, 1), self.post(TEXT, 2)
        self.deepen()
        self.post(OTHER, 0, name=first.external_id)
        self.deepen()
        self.assertFalse(first.copy_of_id or second.copy_of_id)
        self.assertEqual(third.copy_of_id, second)
        self.post(OTHER, 1, name=second.external_id)
        self.deepen()
        self.assertEqual(second.copy_of_id, first, "now it says the same as the other")
        self.assertFalse(third.copy_of_id)

    def test_analysing_anew_changes_no_copies(self):
        posts = self.post(TEXT, 0) | self.post(TEXT, 1) | self.post(NEARLY, 2)
        self.deepen()
        before = posts.mapped("copy_of_id")
        self.env["community.analyst"]._reanalyse(posts)
        self.deepen()
        self.assertEqual((before, posts[1:].copy_of_id), (posts[0], posts[0]))
        self.assertFalse(posts[0].copy_of_id)

    def test_a_wave_of_one_message_keeps_few_fingerprints(self):
        items = [
            self.item(f"wave {number}", TEXT, origin="own", published_at=datetime.now(UTC) - timedelta(minutes=number))
            for number in range(60)
        ]
        self.ingest(self.channel, *items)
        self.deepen()
        wave = self.mentions(self.channel)
        self.assertEqual(wave[1:].copy_of_id, wave[0])
        self.assertEqual(wave[0].copy_count, 59)
        kept = self.env["community.fingerprint"].search_count([("mention_id", "in", wave.ids)])
        self.assertLessEqual(kept, community_fingerprint.KEPT)

    def test_copies_open_together(self):
        first, second = self.post(TEXT, 0), self.post(TEXT, 1)
        self.post(OTHER, 2)
        self.deepen()
        for mention in first | second:
            action = mention.with_user(self.agent).action_open_copies()
            self.assertEqual(self.env["community.mention"].search(action["domain"]), first | second)

    def test_nobody_reads_fingerprints(self):
        self.assertFalse(self.env["community.fingerprint"].with_user(self.admin).has_access("read"))
