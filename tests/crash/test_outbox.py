"""A worker that is killed while it sends says nothing twice and forgets nothing."""

import os
import random
import signal
import time

import pytest

from tests.local import server
from tests.local.desk import make_channels, make_topics
from tests.odoo_desk import clone_database, drop_database, environment, open_registry

from .worker import SENDING_FAULTS, Worker, send

MESSAGES = 12
CONVERSATIONS = 4
RANDOM_KILLS = 100 if os.environ.get("COMMUNITY_STRESS") == "1" else 5
#: Points that a worker passes once for each account; the others are passed for each message.
ONCE = ("account claimed",)


class Desk:
    """A database with mentions to be answered through one account, and what must be on the network at the end."""

    def __init__(self, name, client, keys):
        self.name = name
        self.client = client
        self.expected = []
        client.control(forget=True, keys=keys, answer_delay=0, published=40)
        with environment(name) as env:
            make_topics(env)
            self.channel = make_channels(env, client.url, ("every1",)).id
            channel = env["community.channel"].browse(self.channel)
            channel._set_access({"access_token": "a token"})
        with environment(name) as env:
            env["community.listener"]._listen_channels(env["community.channel"].browse(self.channel), 60)
        with environment(name) as env:
            conversations = env["community.conversation"].search([], limit=CONVERSATIONS, order="id")
            assert len(conversations) == CONVERSATIONS
            self.mentions = [conversation.mention_ids[0].id for conversation in conversations]

    def say(self):
        """Queue some answers, several in each conversation."""
        with environment(self.name) as env:
            for number in range(MESSAGES):
                mention = env["community.mention"].browse(self.mentions[number % CONVERSATIONS])
                text = f"answer {len(self.expected)}"
                mention._reply(text)
                self.expected.append((text, mention.external_id))

    def worker(self, *options, **named):
        """Start a worker that sends."""
        return Worker(self.name, *options, work=send, **named)

    def finish(self):
        """Send in this process until nothing is on its way, waiting for what a killed worker still holds.

        Given up only when a minute passes in which nothing more gets out.
        """
        left, ends = None, time.monotonic() + 60
        while time.monotonic() < ends:
            with environment(self.name) as env:
                waiting = env["community.reply"].search([("state", "in", ("queued", "sending", "uncertain"))])
                if not waiting:
                    return
                if left is None or len(waiting) < left:
                    left, ends = len(waiting), time.monotonic() + 60
                waiting.write({"next_try_at": "2026-01-01 00:00:00"})
            with environment(self.name) as env:
                env["community.outbox"]._send(30)
            time.sleep(0.05)

    def check(self):
        """Every answer stands once, beneath what it answers, in the order in which it was given."""
        said = self.client.control()["said"]
        texts = [text.partition(" ")[2] for text, _parent in said]
        assert sorted(texts) == sorted(text for text, _parent in self.expected)
        for _text, parent in self.expected:
            theirs = [text.partition(" ")[2] for text, answered in said if answered == parent]
            assert theirs == [text for text, answered in self.expected if answered == parent]
        with environment(self.name) as env:
            replies = env["community.reply"].search([])
            assert set(replies.mapped("state")) == {"sent"}
            assert len(set(replies.mapped("external_id"))) == len(self.expected)
            outgoing = env["community.mention"].search([("outgoing", "=", True)])
            assert len(outgoing) == len(set(outgoing.mapped("external_id")))
            assert set(outgoing.mapped("external_id")) <= set(replies.mapped("external_id"))


@pytest.fixture(scope="module", params=["network knows keys", "network is searched"])
def desk(request):
    """A :class:`Desk` whose network recognises a repeated key, and one whose network must be asked what it has."""
    keys = request.param == "network knows keys"
    name = clone_database("outbox_keys" if keys else "outbox_search")
    open_registry(name)
    from odoo.addons.community_manager.connectors.mastodon import Mastodon

    kept = Mastodon.repeat_seconds
    # the workers are forked from here and inherit this
    Mastodon.repeat_seconds = kept if keys else 0
    with server.running() as client:
        yield Desk(name, client, keys)
    Mastodon.repeat_seconds = kept
    drop_database(name)


@pytest.mark.parametrize("point", SENDING_FAULTS)
def test_killed_at(desk, point):
    desk.say()
    worker = desk.worker(point, times=1 if point in ONCE else 3)
    worker.go()
    assert worker.wait()[0] == -signal.SIGKILL
    desk.finish()
    desk.check()


def test_killed_at_random_times(desk):
    desk.client.control(answer_delay=0.02)
    desk.say()
    worker = desk.worker()
    start = time.monotonic()
    worker.go()
    assert worker.wait()[0] == 0
    usual = time.monotonic() - start
    seed = int(os.environ.get("COMMUNITY_SEED") or random.randrange(10**6))
    print(f"COMMUNITY_SEED={seed}")
    rng = random.Random(seed)
    for _kill in range(RANDOM_KILLS):
        desk.say()
        worker = desk.worker()
        worker.go()
        time.sleep(rng.uniform(0, usual))
        worker.kill()
    desk.finish()
    desk.check()


def test_two_workers_at_once(desk):
    desk.client.control(answer_delay=0.05)
    desk.say()
    workers = [desk.worker() for _worker in range(2)]
    for worker in workers:
        worker.go()
    assert {worker.wait()[0] for worker in workers} == {0}
    desk.finish()
    desk.check()
