"""A Facebook page in memory; see :mod:`tests.connectors.fake_facebook` for where its answers come from."""

import json

from connectors.items import Target
from connectors.meta_push import SIGNATURE, signature
from connectors.values import moment
from tests.connectors.fake_facebook import ANA, PAGE, FakeFacebook

from .base import SECRET, Adapter, adapter


@adapter("facebook")
class FacebookAdapter(Adapter):
    settings = {"client_id": "app", "page_id": PAGE, "messages": True}
    secrets = {
        "access_token": SECRET,
        "client_secret": SECRET,
        "page_token": f"{PAGE} {SECRET}",
        "verify_token": SECRET,
    }
    handle = "acme.boots"
    message_needs_target = False

    def __init__(self):
        self.network = FakeFacebook()
        self.answer = self.network
        self._last = self._post = None

    def publish(self, number):
        network, ids = self.network, []
        for turn in range(number):
            where = turn % 8
            if where == 0:
                thing = self._post = network.post(f"post {turn}")
            elif where == 6:
                thing = network.rating(f"review {turn}")
            elif where == 7:
                thing = network.post(f"about you {turn}", where=network.tagged)
            elif where in (2, 4):
                thing = network.message(f"message {turn}")
            else:
                thing = self._last = network.comment(self._post, f"comment {turn}")
            ids.append(thing["id"])
        self._last = self._last or self._post
        return ids

    def target(self):
        comment = self._last
        post = self.network.things[comment["id"]].get("post", comment["id"])
        return Target(
            comment["id"], kind="comment", text=comment["message"], author_id=ANA, conversation_id=post,
            published_at=moment(comment["created_time"]),
            identifiers={"id": comment["id"], "type": "comment", "post_id": post},
        )  # fmt: skip

    def direct(self):
        message = self.network.message("Where is my parcel?")
        return Target(
            message["id"], kind="message", visibility="direct", text=message["message"], author_id=ANA,
            published_at=moment(message["created_time"]), conversation_id=f"t_{ANA}",
            identifiers={"id": message["id"], "type": "message", "conversation": f"t_{ANA}9"},
        )  # fmt: skip

    def moderated(self, action):
        if action != "delete":
            return self.target()
        comment = self.network.comment(self._post, "rude words")
        return Target(
            comment["id"], kind="comment", author_id=ANA, identifiers={"id": comment["id"], "type": "comment"}
        )

    def sent(self):
        return self.network.sent

    def edit(self):
        comment = next(one for one in self._post["all"] if one["id"] == self._last["id"])
        comment["message"] = "other words"
        return comment["id"], comment["message"]

    def remove(self, external_id):
        self.network.things.pop(external_id, None)

    def push(self, content, now):
        body = content if isinstance(content, bytes) else json.dumps(content).encode()
        return {SIGNATURE: signature(SECRET, body)}, body

    def message(self, number):
        ids = [f"1_{turn}" for turn in range(number)]
        changes = [
            {
                "field": "feed",
                "value": {
                    "item": "comment", "verb": "add", "comment_id": one, "post_id": f"{PAGE}_1",
                    "message": f"text {one}", "parent_id": f"{PAGE}_1", "from": {"id": ANA, "name": "Ana"},
                    "created_time": 1740816000,
                },
            }
            for one in ids
        ]  # fmt: skip
        return {"object": "page", "entry": [{"id": PAGE, "time": 1740816001, "changes": changes}]}, ids
