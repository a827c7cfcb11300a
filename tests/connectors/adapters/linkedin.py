"""A LinkedIn page in memory; see :mod:`tests.connectors.fake_linkedin` for where its answers come from."""

import hashlib
import hmac
import json

from connectors.items import Target
from connectors.linkedin_items import at
from connectors.linkedin_push import EVENT, SIGNATURE
from tests.connectors.fake_linkedin import ANA, ORG, PAGE, FakeLinkedin

from .base import SECRET, Adapter, adapter


@adapter("linkedin")
class LinkedinAdapter(Adapter):
    settings = {"client_id": "app", "page_id": ORG}
    secrets = {"access_token": SECRET, "refresh_token": SECRET, "client_secret": SECRET}
    handle = "acme"

    def __init__(self):
        self.network = FakeLinkedin()
        self.answer = self.network
        self._last = self._post = None

    def publish(self, number):
        ids = []
        for turn in range(number):
            if turn % 8 == 0:
                thing = self._post = self.network.post(f"post {turn}")
            elif turn % 4 == 2:
                thing = self.network.mention(f"Acme is great {turn}")
            else:
                thing = self._last = self.network.comment(self._post, f"comment {turn}")
            ids.append(thing["id"])
        if self._last is None:
            self._last = self.network.comment(self._post, "comment")
            ids.append(self._last["id"])
        return ids

    def target(self):
        comment = self._last
        post = self.network.comments[comment["id"]]["post"]
        kept = {"urn": comment["commentUrn"], "type": "comment", "object": comment["object"], "post": post}
        return Target(
            comment["id"], kind="comment", text=comment["message"]["text"], author_id=ANA, conversation_id=post,
            published_at=at(comment["created"]["time"]), identifiers=kept,
        )  # fmt: skip

    def moderated(self, action):
        comment = self.network.comment(self._post, "rude words")
        kept = {"urn": comment["commentUrn"], "type": "comment", "object": comment["object"]}
        return Target(comment["id"], kind="comment", author_id=ANA, identifiers=kept)

    def sent(self):
        return self.network.sent

    def edit(self):
        comment, (_number, made) = self._last, self.network.tick()
        decorated = {"comment": {"entity": comment["commentUrn"], "owner": ANA, "text": "other words"}}
        self.network.notify("COMMENT_EDIT", self._post["id"], comment["commentUrn"], decorated, made)
        return comment["id"], "other words"

    def remove(self, external_id):
        self.network.comments.pop(external_id, None)

    def push(self, content, now):
        body = content if isinstance(content, bytes) else json.dumps(content).encode()
        return {SIGNATURE: hmac.new(SECRET.encode(), b"hmacsha256=" + body, hashlib.sha256).hexdigest()}, body

    def message(self, number):
        other = FakeLinkedin()
        post = other.post("post")
        ids = [other.comment(post, f"text {turn}")["id"] for turn in range(number)]
        assert all(one["organizationalEntity"] == PAGE for one in other.told)
        return {"type": EVENT, "notifications": other.told}, ids
