"""X in memory; see :mod:`tests.connectors.fake_x` for where its answers come from."""

import json

from connectors.items import Target
from connectors.values import moment
from connectors.x_push import SIGNATURE, signature
from tests.connectors.fake_x import ANA, ME, FakeX

from .base import SECRET, Adapter, adapter


@adapter("x")
class XAdapter(Adapter):
    settings = {"client_id": "app", "api_key": "key", "searches": "acme boots", "messages": True}
    secrets = {"access_token": SECRET, "refresh_token": SECRET, "client_secret": SECRET, "api_secret": SECRET}

    message_needs_target = False

    def __init__(self):
        self.network = FakeX()
        self.answer = self.network
        self._last = None

    def publish(self, number):
        ids = []
        for turn in range(number):
            if turn % 3 == 2:
                ids.append(self.network.event(f"message {turn}")["id"])
                continue
            post = self.network.post(f"@XDevelopers post {turn} about acme boots")
            (self.network.mentions if turn % 3 == 0 else self.network.found).append(post)
            self._last = post
            ids.append(post["id"])
        return ids

    def target(self):
        post = self._last
        return Target(
            post["id"], text=post["text"], author_id=ANA, author_handle="@ana", identifiers={"id": post["id"]},
            published_at=moment(post["created_at"]), conversation_id=post["conversation_id"],
        )  # fmt: skip

    def direct(self):
        event = self.network.event("Where is my parcel?")
        return Target(
            event["id"], kind="message", visibility="direct", text=event["text"], author_id=ANA,
            published_at=moment(event["created_at"]), conversation_id=event["dm_conversation_id"],
            identifiers={"id": event["id"], "dm_conversation_id": event["dm_conversation_id"]},
        )  # fmt: skip

    def moderated(self, action):
        if action != "delete":
            return self.target()
        post = self.network.post("our own", ME)
        return Target(post["id"], author_id=ME, identifiers={"id": post["id"]})

    def sent(self):
        return self.network.sent

    def edit(self):
        first = self._last["id"]
        post = self.network.post("other words", edit_history_tweet_ids=[first])
        post["edit_history_tweet_ids"].append(post["id"])
        self.network.found.append(post)
        return first, "other words"

    def remove(self, external_id):
        self.network.posts.pop(external_id, None)
        for name in ("mentions", "found", "messages"):
            kept = [one for one in getattr(self.network, name) if one["id"] != external_id]
            setattr(self.network, name, kept)

    def push(self, content, now):
        body = content if isinstance(content, bytes) else json.dumps(content).encode()
        return {SIGNATURE: signature(SECRET, body)}, body

    def message(self, number):
        events = [
            {
                "type": "message_create", "id": str(2080765901528535096 + turn), "created_timestamp": "1740816000000",
                "message_create": {
                    "target": {"recipient_id": ME}, "sender_id": ANA,
                    "message_data": {"text": "hello!", "entities": {"urls": []}},
                },
            }
            for turn in range(number)
        ]  # fmt: skip
        content = {
            "data": {
                "event_uuid": "-6850472171600526495", "filter": {"user_id": ME}, "event_type": "dm.received",
                "payload": {"direct_message_events": events, "users": {ANA: {"data": FakeX.user(ANA)}}},
            }
        }  # fmt: skip
        return content, [event["id"] for event in events]
