"""Two workers that meet over one person at the same moment: the person ends with one lead and one ticket.

Each worker is a thread with a connection of its own, whose transactions really commit.
"""

import threading
from datetime import UTC, datetime

import pytest

from connectors.items import AuthorItem, MentionItem, Page

from ..odoo_desk import environment, odoo_database

__all__ = ["odoo_database"]

#: seconds after which a worker that hangs fails the test
PATIENCE = 60


class Worker(threading.Thread):
    """Stores one post through one channel, as the listener does, at the same moment as the others.

    :param barrier: all workers have begun their transaction, and so see nothing of each other, before one goes on
    """

    def __init__(self, database, channel_id, item, barrier):
        super().__init__(daemon=True)
        self.database, self.channel_id, self.item, self.barrier = database, channel_id, item, barrier
        self.attempts = 0
        self.error = None

    def run(self):
        """Store the post; what goes wrong is kept for the test."""
        try:
            with environment(self.database) as env:
                cr, listener = env.cr, env["community.listener"]
                prepared = listener._transact(
                    cr, self.channel_id, lambda channel: channel.env["community.ingest"]._prepare(channel, [self.item])
                )
                listener._transact(cr, self.channel_id, lambda channel: self.store(channel, prepared))
        except Exception as error:  # noqa: BLE001 - a thread cannot fail a test: the test looks
            self.error = error
            self.barrier.abort()

    def store(self, channel, prepared):
        """Store the post in a transaction that began before any other worker has ended."""
        self.attempts += 1
        if self.attempts == 1:
            channel.env.cr.execute("SELECT 1")
            self.barrier.wait(PATIENCE)
        return channel.env["community.ingest"]._ingest_page(channel, Page(items=[self.item]), prepared)


def post(number, handle):
    """Return a post of one of the person's profiles."""
    return MentionItem(
        external_id=f"{handle}-{number}",
        text=f"Teapot, the {number}th: I want to buy one",
        url=f"https://example.org/{handle}/{number}",
        author=AuthorItem(external_id=handle, name=handle.title()),
        published_at=datetime(2026, 1, 5, 10, number, tzinfo=UTC),
        origin="own",
    )


def meet(database, channels, posts):
    """Let one worker for each channel store its post at once; return them when all are done."""
    barrier = threading.Barrier(len(posts))
    workers = [Worker(database, *pair, barrier) for pair in zip(channels, posts, strict=True)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join(PATIENCE)
        assert not worker.is_alive()
        assert worker.error is None, worker.error
    return workers


@pytest.fixture(scope="module")
def channels(odoo_database):
    """Three channels of one network, and a rule that makes a lead and a ticket of every wish."""
    with environment(odoo_database) as env:
        env["ir.config_parameter"].set_param("community_manager.ticket_backend", "project")
        values = [{"name": f"Account {number}", "network": "mastodon", "state": "paused"} for number in range(3)]
        channels = env["community.channel"].create(values)
        env["community.rule"].create(
            {
                "name": "Wishes",
                "channel_ids": [(6, 0, channels.ids)],
                "keywords": "buy",
                "lead_action": "create",
                "ticket_action": "create",
            }
        )
        return channels.ids


def outcome(database, *handles):
    """Return the leads and tickets of the posts of some profiles, and how many posts have both."""
    with environment(database) as env:
        mentions = env["community.mention"].search([("author_id.external_id", "in", handles)])
        complete = mentions.filtered(lambda mention: mention.lead_id and mention.task_id)
        return mentions.lead_id.ids, mentions.task_id.ids, len(complete)


def test_one_lead_and_one_ticket_for_one_author(odoo_database, channels):
    for handle in ("ann", "ben", "cleo"):
        workers = meet(odoo_database, channels, [post(number, handle) for number in range(3)])
        leads, tickets, complete = outcome(odoo_database, handle)
        assert (len(leads), len(tickets), complete) == (1, 1, 3)
        assert sum(worker.attempts for worker in workers) > 3, "they did not meet, so this proves nothing"


def test_one_lead_for_two_profiles_of_one_contact(odoo_database, channels):
    first = [post(0, "work"), post(0, "home")]
    with environment(odoo_database) as env:
        partner = env["res.partner"].create({"name": "Dora"})
        for item in first:
            author = {"company_id": env.company.id, "network": "mastodon", "external_id": item.author.external_id}
            env["community.author"].create({**author, "name": item.author.name, "partner_id": partner.id})
    workers = meet(odoo_database, channels[:2], first)
    leads, tickets, complete = outcome(odoo_database, "work", "home")
    assert (len(leads), len(tickets), complete) == (1, 1, 2)
    assert sum(worker.attempts for worker in workers) > 2, "they did not meet, so this proves nothing"
