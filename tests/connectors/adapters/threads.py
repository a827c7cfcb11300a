"""Threads in memory; see :mod:`tests.connectors.fake_threads` for where its answers come from."""

import json

from connectors.items import Target
from connectors.meta_push import SIGNATURE, signature
from connectors.values import moment
from tests.connectors.fake_threads import ME, FakeThreads

from .base import SECRET, Adapter, adapter


@adapter("threads")
class ThreadsAdapter(Adapter):
    settings = {"client_id": "app", "searches": "acme boots"}
    secrets = {"access_token": SECRET, "client_secret": SECRET, "verify_token": SECRET}

    def __init__(self):
        self.network = FakeThreads()
        self.answer = self.network
        self._last = self._post = None

    def publish(self, number):
        network, ids = self.network, []
        for turn in range(number):
            where = turn % 4
            if where == 0 and (self._post is None or turn % 40 == 0):
                thing = self._post = network.post(f"post {turn}", "acme")
            elif where == 1:
                thing = network.post(f"@acme hello {turn}")
                network.mentions.append(thing)
            elif where == 2:
                thing = network.post(f"acme boots {turn}")
                network.found.append(thing)
            else:
                thing = network.post(f"reply {turn}", parent=self._post["id"])
            self._last = thing
            ids.append(thing["id"])
        return ids

    def target(self):
        post = self._last
        return Target(
            post["id"], text=post["text"], author_id=post["username"], published_at=moment(post["timestamp"]),
            conversation_id=post.get("root_post", post)["id"], identifiers={"id": post["id"]},
        )  # fmt: skip

    def moderated(self, action):
        if action != "delete":
            return self.target()
        post = self.network.post("our own", "acme")
        return Target(post["id"], author_id="acme", identifiers={"id": post["id"]})

    def sent(self):
        return self.network.sent

    def edit(self):
        self._last["text"] = "other words"
        return self._last["id"], "other words"

    def remove(self, external_id):
        self.network.things.pop(external_id, None)

    def push(self, content, now):
        body = content if isinstance(content, bytes) else json.dumps(content).encode()
        return {SIGNATURE: signature(SECRET, body)}, body

    def message(self, number):
        value = {
            "id": "8901234", "username": "test_username", "text": "Reply", "media_type": "TEXT_POST",
            "permalink": "https://www.threads.net/@test_username/post/Pp", "replied_to": {"id": "567890"},
            "root_post": {"id": "123456", "owner_id": ME, "username": "acme"}, "shortcode": "Pp",
            "timestamp": "2024-08-07T10:33:16+0000",
        }  # fmt: skip
        content = {"app_id": "1", "topic": "moderate", "target_id": "7", "values": {"value": value, "field": "replies"}}
        return content, ["8901234"]
