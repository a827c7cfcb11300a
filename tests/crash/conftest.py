"""A database with three channels whose timelines overlap, on a local server, and what must be in it at the end."""

import time

import pytest

from tests.local import posts, server
from tests.local.desk import make_channels, make_due, make_topics
from tests.odoo_desk import clone_database, drop_database, environment

from .worker import Worker

#: Timelines with all posts, every second and every third: most posts come more than once.
TAGS = ("every1", "every2", "every3")
#: Posts that are there when the channels start; a first run reads one page of forty.
BEGINNING = 30
#: Every post about one of these topics makes a lead, or is added to the open one of its author.
LEAD_TOPICS = 10


class Desk:
    """One database and the server that it listens to."""

    def __init__(self, name, client):
        self.name = name
        self.client = client
        self.published = BEGINNING
        with environment(name) as env:
            topics = make_topics(env)
            channels = make_channels(env, client.url, TAGS)
            self.channels = channels.ids
            # each of these posts shall make its lead, however many they are in an hour
            env.company.write({f"community_brake_{name}": 0 for name in ("mentions", "leads", "tickets")})
            env["community.rule"].create(
                {"name": "Leads", "topic_ids": [(6, 0, topics[:LEAD_TOPICS].ids)], "lead_action": "create"}
            )
        self.client.control(published=self.published)
        self.finish()

    def publish(self, count):
        """Let the server have more posts, and all channels be due."""
        self.published += count
        self.client.control(published=self.published)
        with environment(self.name) as env:
            make_due(env)

    def worker(self, *options, **named):
        """Start a :class:`.worker.Worker` on this database."""
        return Worker(self.name, *options, **named)

    def finish(self):
        """Listen in this process until nothing is left, waiting for what a killed worker still holds."""
        everything = {posts.post_id(number) for number in range(self.published)}
        ends = time.monotonic() + 60
        while time.monotonic() < ends:
            with environment(self.name) as env:
                make_due(env)
            with environment(self.name) as env:
                done, left = env["community.listener"]._listen_channels(env["community.channel"].search([]), 60)
            with environment(self.name) as env:
                stored = set(env["community.mention"].search([]).mapped("external_id"))
            if done == len(self.channels) and not left and stored >= everything:
                return
            time.sleep(0.2)

    def check(self):
        """Every post once, every author once, every lead once, nothing aside, nothing left over."""
        numbers = range(self.published)
        with environment(self.name) as env:
            mentions = env["community.mention"].search([])
            assert sorted(mentions.mapped("external_id")) == sorted(posts.post_id(number) for number in numbers)
            writers = {posts.address_of(posts.author_of(number)) for number in numbers}
            authors = env["community.author"].search([])
            assert sorted(authors.mapped("external_id")) == sorted(writers)
            assert all(m.author_id and m.conversation_id and m.topic_ids for m in mentions)
            assert not env["community.quarantine"].search([])
            self._check_conversations(env, mentions)
            self._check_leads(env, mentions)
            assert not env["community.channel"].search([("error_count", ">", 0)])

    def _check_conversations(self, env, mentions):
        """Posts that answer each other are in one conversation, others are not."""
        roots = {}
        for number in range(self.published):
            parent = posts.parent_of(number)
            roots[number] = number if parent is None else roots[parent]
        found = {posts.post_number(mention.external_id): mention.conversation_id.id for mention in mentions}
        assert len(set(found.values())) == len(set(roots.values()))
        pairs = {(root, found[number]) for number, root in roots.items()}
        assert len(pairs) == len(set(roots.values()))
        assert env["community.conversation"].search_count([]) == len(pairs)

    def _check_leads(self, env, mentions):
        """One lead for each author of what the rule is about, and each such post told in it once."""
        topics = set(env["community.rule"].search([]).topic_ids.ids)
        about = mentions.filtered(lambda mention: not topics.isdisjoint(mention.topic_ids.ids))
        leads = env["crm.lead"].with_context(active_test=False).search([])
        assert about.lead_id == leads
        assert (mentions - about).lead_id == env["crm.lead"]
        assert len(leads) == len(about.author_id)
        for lead in leads:
            own = about.filtered(lambda mention, lead=lead: mention.lead_id == lead)
            assert len(own.author_id) == 1
            told = lead.message_ids.filtered(lambda message: message.message_type != "notification")
            bodies = told.mapped("body")
            assert len(bodies) == len(set(bodies)), bodies


@pytest.fixture(scope="module")
def local():
    """The local server."""
    with server.running() as client:
        yield client


@pytest.fixture(scope="module")
def desk(request, local):
    """A :class:`Desk` for the tests of one module."""
    name = clone_database(request.module.__name__.rpartition(".")[2])
    yield Desk(name, local)
    drop_database(name)
