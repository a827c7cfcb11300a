"""Workers that remind, killed or two at once: whoever is told is told once of each step, and nobody is forgotten."""

import signal
from datetime import UTC, datetime, timedelta

import pytest

from tests.odoo_desk import clone_database, drop_database, environment

from .worker import REMINDER_FAULTS, Worker, remind

QUESTIONS = 12
#: Steps of the policy; what is late already gets no reminder, but it is noted that its time is over.
STEPS = (0, 30)


class Desk:
    """A database in which questions are late, and who must have been told of each."""

    def __init__(self, name):
        self.name = name
        self.asked = 0
        with environment(name) as env:
            head = env["res.users"].create(
                {
                    "name": "Head",
                    "login": "head",
                    "group_ids": [(4, env.ref("community_manager.group_manager").id)],
                }
            )
            env["community.response.policy"].search([]).active = False
            steps = [(0, 0, {"after": after, "whom": "user", "user_id": head.id}) for after in STEPS]
            target = {"first_target": 60, "first_unit": "minutes", "hours": "always", "remind_before": 25}
            env["community.response.policy"].create({"name": "An hour", **target, "step_ids": steps})
            channel = env["community.channel"].create({"name": "Desk", "network": "mastodon"})
            channel._set_access({"server": "https://one.example", "access_token": "a token"})
            channel.action_start()
            self.channel = channel.id

    def ask(self):
        """Let questions come in that were written three hours ago."""
        from odoo.addons.community_manager.connectors.items import AuthorItem, MentionItem, Page

        keys = [str(number) for number in range(self.asked, self.asked + QUESTIONS)]
        self.asked += QUESTIONS
        written = datetime.now(UTC) - timedelta(hours=3)
        items = [
            MentionItem(
                external_id=key,
                text=f"Where is parcel {key}?",
                author=AuthorItem(f"a{key}"),
                published_at=written,
                origin="own",
            )
            for key in keys
        ]
        with environment(self.name) as env:
            channel = env["community.channel"].browse(self.channel)
            env["community.ingest"]._ingest_page(channel, Page(items=items))

    def work(self, *options, workers=1, **named):
        """Let workers remind at the same time; return their exit codes."""
        started = [Worker(self.name, *options, work=remind, **named) for _worker in range(workers)]
        for worker in started:
            worker.go()
        return [worker.wait()[0] for worker in started]

    def given(self):
        """Return how often somebody was told of each question."""
        with environment(self.name) as env:
            mentions = env["community.mention"].search([("channel_id", "=", self.channel)])
            assert len(mentions) == self.asked
            return [len(mention.activity_ids) for mention in mentions]

    def check(self):
        """Of each question somebody was told once for each step, and nothing is due any more."""
        assert self.given() == [len(STEPS)] * self.asked
        with environment(self.name) as env:
            assert env["community.response.done"].search_count([]) == self.asked * (len(STEPS) + 1)
            assert not env["community.reminder"]._due_count()


@pytest.fixture(scope="module")
def desk():
    name = clone_database("reminders")
    yield Desk(name)
    drop_database(name)


@pytest.mark.parametrize("point", REMINDER_FAULTS)
def test_killed_at(desk, point):
    desk.ask()
    assert desk.work(point, times=3) == [-signal.SIGKILL]
    assert desk.given() != [len(STEPS)] * desk.asked, "it died before it had told everybody"
    assert desk.work() == [0]
    desk.check()


def test_two_workers_at_once(desk):
    desk.ask()
    assert desk.work(workers=2) == [0, 0]
    desk.check()
