"""An Instagram account in memory; see :mod:`tests.connectors.fake_instagram` for where its answers come from."""

import json

from connectors.items import Target
from connectors.meta_push import SIGNATURE, signature
from connectors.values import moment
from tests.connectors.fake_instagram import ACCOUNT, PERSON, FakeInstagram

from .base import SECRET, Adapter, adapter


@adapter("instagram")
class InstagramAdapter(Adapter):
    settings = {"client_id": "app", "account_id": ACCOUNT, "messages": True, "searches": "#acme"}
    secrets = {
        "access_token": SECRET, "client_secret": SECRET, "page_token": f"{ACCOUNT} {SECRET}", "verify_token": SECRET
    }  # fmt: skip
    message_needs_target = False

    def __init__(self):
        self.network = FakeInstagram()
        self.answer = self.network
        self._last = self._post = None

    def publish(self, number):
        network, ids = self.network, []
        for turn in range(number):
            where = turn % 8
            if where == 0:
                thing = self._post = network.post(f"post {turn}")
            elif where == 6:
                thing = network.post(f"tag {turn}", "ana", network.tagged)
            elif where == 7:
                thing = network.post(f"something #acme {turn}", "ana", network.hashtags["acme"])
            elif where in (2, 4):
                thing = network.message(f"message {turn}")
            elif where == 5:
                thing = network.comment(self._post, f"reply {turn}", parent=self._last["id"])
            else:
                thing = self._last = network.comment(self._post, f"comment {turn}")
            ids.append(thing["id"])
        if self._last is None:
            self._last = network.comment(self._post, "comment")
            ids.append(self._last["id"])
        return ids

    def target(self):
        comment = self._last
        media = self.network.things[comment["id"]]["media"]["id"]
        return Target(
            comment["id"], kind="comment", text=comment["text"], author_id=PERSON, author_handle="@ana",
            published_at=moment(comment["timestamp"]), conversation_id=media,
            identifiers={"id": comment["id"], "type": "comment", "media_id": media, "person": PERSON},
        )  # fmt: skip

    def direct(self):
        message = self.network.message("Where is my parcel?")
        return Target(
            message["id"], kind="message", visibility="direct", text=message["message"], author_id=PERSON,
            published_at=moment(message["timestamp"]), conversation_id=f"t_{PERSON}",
            identifiers={"id": message["id"], "type": "message", "conversation": f"aWdf{PERSON}", "person": PERSON},
        )  # fmt: skip

    def moderated(self, action):
        if action != "delete":
            return self.target()
        comment = self.network.comment(self._post, "rude words")
        return Target(comment["id"], kind="comment", identifiers={"id": comment["id"], "type": "comment"})

    def figures(self):
        return [(self._post["id"], {"id": self._post["id"], "type": "media"})]

    def sent(self):
        return self.network.sent

    def edit(self):
        found = [one for one in self._post["all"] if one["id"] == self._last["id"]]
        found[0]["text"] = "other words"
        return self._last["id"], "other words"

    def remove(self, external_id):
        self.network.things.pop(external_id, None)

    def push(self, content, now):
        body = content if isinstance(content, bytes) else json.dumps(content).encode()
        return {SIGNATURE: signature(SECRET, body)}, body

    def message(self, number):
        ids = [f"1786{turn}" for turn in range(number)]
        changes = [
            {
                "field": "comments",
                "value": {
                    "id": one, "text": f"text {one}", "from": {"id": PERSON, "username": "ana"},
                    "media": {"id": "1789", "media_product_type": "FEED"},
                },
            }
            for one in ids
        ]  # fmt: skip
        return {"object": "instagram", "entry": [{"id": ACCOUNT, "time": 1740816001, "changes": changes}]}, ids
