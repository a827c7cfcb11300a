from odoo import fields

from odoo.addons.community_manager.connectors.items import AuthorItem

from .common import CommunityCase

#: what the listener may ask the database for one page, of any size (savepoints and commits are its own)
MOST_QUERIES = 12


class TestPageCost(CommunityCase):
    """What one page costs, and that what is kept to make it cheap follows changes."""

    def _page(self, first, last):
        people = [AuthorItem(f"person{number % 30}", f"Person {number % 30}") for number in range(first, last)]
        return self.page(
            *(
                self.item(f"post{number}", f"acme {number}", author=author, parent_id=f"post{number - 1}")
                for number, author in zip(range(first, last), people, strict=True)
            )
        )

    def _cost(self, channel, page):
        """Store a page as the listener does and return the number of queries."""
        self.env.flush_all()
        before = self.env.cr.sql_log_count
        ingest = self.env["community.ingest"]
        counts = ingest._ingest_page(channel, page, ingest._prepare(channel, page.items), hopeful=True)
        self.env.flush_all()
        return self.env.cr.sql_log_count - before, counts["stored"]

    def test_a_page_costs_the_same_whatever_its_size(self):
        channel = self.make_channel()
        self.env["community.rule"].create({"name": "All", "topic_ids": [fields.Command.set(self.topic.ids)]})
        self._cost(channel, self._page(0, 40))
        for first, last in ((40, 45), (45, 145)):
            cost, stored = self._cost(channel, self._page(first, last))
            self.assertEqual(stored, last - first)
            self.assertLessEqual(cost, MOST_QUERIES)
        cost, stored = self._cost(channel, self._page(45, 145))
        self.assertEqual(stored, 0)
        self.assertLessEqual(cost, MOST_QUERIES // 2)

    def test_a_change_of_topics_is_followed_from_the_next_page_on(self):
        channel = self.make_channel()
        other = self.make_topic("Other", "other")

        def stored(*words):
            return self.ingest(channel, *(self.item(f"{word} {fields.Datetime.now()}", word) for word in words))[
                "stored"
            ]

        self.assertEqual(stored("acme", "other"), 2)
        channel.topic_ids = other
        self.assertEqual(stored("acme 1", "other 1"), 1)
        self.topic.channel_ids = channel
        self.assertEqual(stored("acme 2", "other 2"), 2)
        other.active = False
        self.assertEqual(stored("acme 3", "other 3"), 1)
        self.make_topic("Third", "third", channel_ids=[fields.Command.link(channel.id)])
        self.assertEqual(stored("third"), 1)

    def test_pages_add_up_on_the_channel_and_in_its_hour(self):
        channel = self.make_channel()
        channel.write({"listen_read": 0, "listen_stored": 0})
        for number in range(3):
            page = self.page(self.item(f"a{number}", "acme"), self.item(f"b{number}", "nothing"), cursor={"n": number})
            self.env["community.ingest"]._ingest_page(channel, page)
        self.assertEqual((channel.listen_read, channel.listen_stored, channel.position), (6, 3, {"n": 2}))
        usage = self.env["community.channel.usage"].search([("channel_id", "=", channel.id)])
        self.assertEqual((sum(usage.mapped("items")), sum(usage.mapped("stored"))), (6, 3))
        self.env["community.ingest"]._ingest_page(channel, self.page(cursor={}))
        self.assertEqual(channel.position, {"n": 2})
