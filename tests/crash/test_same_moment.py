"""Two people who press Send at the same moment: one answer goes out, the other one is told."""

import threading
from datetime import UTC, datetime

import pytest

from tests.odoo_desk import clone_database, drop_database, environment

ROUNDS = 6


class Room:
    """Two agents in front of the same mentions, each with a connection of their own."""

    def __init__(self, name):
        self.name = name
        from odoo.addons.community_manager.connectors.items import AuthorItem, MentionItem, Page

        with environment(name) as env:
            channel = env["community.channel"].create({"name": "Desk", "network": "mastodon"})
            channel._set_access({"server": "https://one.example", "access_token": "a token"})
            channel.action_start()
            items = [
                MentionItem(
                    external_id=str(number),
                    text=f"Where is parcel {number}?",
                    author=AuthorItem(external_id=f"a{number}", name=f"Ana {number}", handle=f"ana{number}"),
                    published_at=datetime(2026, 1, 5, 10, 0, tzinfo=UTC),
                    origin="own",
                )
                for number in range(ROUNDS)
            ]
            env["community.ingest"]._ingest_page(channel, Page(items=items))
            self.mentions = env["community.mention"].search([("channel_id", "=", channel.id)]).ids
            group = env.ref("community_manager.group_agent")
            self.users = (
                env["res.users"]
                .create(
                    [{"name": f"Agent {one}", "login": f"same_{one}", "group_ids": [(4, group.id)]} for one in "ab"]
                )
                .ids
            )

    def opened(self, mention_id, user_id):
        """Return what the reply box knows when it was opened."""
        with environment(self.name, user=user_id) as env:
            options = env["community.mention"].browse(mention_id).get_reply_options()
            return {"seen": options["seen"], "opened": options["opened"]}

    def press(self, calls):
        """Let everybody press Send at once; return what each was told, in the order of the calls."""
        from odoo.service.model import retrying

        ready = threading.Barrier(len(calls))
        told = [None] * len(calls)

        def send(number, mention_id, user_id, text, options):
            with environment(self.name, user=user_id) as env:
                mention = env["community.mention"].browse(mention_id)
                turns = []

                def press():
                    mention.read(["state"])  # both have begun to read before either has written
                    if not turns:
                        turns.append(ready.wait(30))
                    return mention.send_reply(text, "reply", False, options)

                told[number] = retrying(press, env)

        threads = [threading.Thread(target=send, args=(number, *call)) for number, call in enumerate(calls)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(90)
        assert all(told), told
        return told


@pytest.fixture(scope="module")
def room():
    name = clone_database("same_moment")
    yield Room(name)
    drop_database(name)


@pytest.mark.parametrize("force", [False, True])
def test_two_answers_at_the_same_moment(room, force):
    for mention_id in room.mentions[: ROUNDS // 2] if force else room.mentions[ROUNDS // 2 :]:
        calls = [
            (mention_id, user_id, f"Answer of {user_id}", {**room.opened(mention_id, user_id), "force": force})
            for user_id in room.users
        ]
        told = room.press(calls)
        refused = [answer for answer in told if answer.get("question")]
        assert len(refused) == 1
        assert (refused[0]["question"]["code"], refused[0]["question"]["can_force"]) == ("answered", False)
        with environment(room.name) as env:
            replies = env["community.reply"].search([("mention_id", "=", mention_id)])
            assert len(replies) == 1 and replies.state == "queued"
            assert replies.user_id.name in refused[0]["question"]["text"]


def test_one_person_who_presses_twice(room):
    [user_id, _other] = room.users
    with environment(room.name) as env:
        mention = env["community.mention"].browse(room.mentions[0])
        mention.reply_ids.filtered(lambda reply: reply.state == "queued").action_cancel()
    options = room.opened(room.mentions[0], user_id)
    told = room.press([(room.mentions[0], user_id, "Once", options)] * 2)
    assert len([answer for answer in told if answer.get("question")]) == 1
