"""Bluesky in memory; see :mod:`tests.connectors.fake_bluesky` for where its answers come from."""

from connectors.items import Target
from connectors.values import moment
from tests.connectors.fake_bluesky import ANA, CONVO, HOST, ME, FakeBluesky

from .base import SECRET, Adapter, adapter


@adapter("bluesky")
class BlueskyAdapter(Adapter):
    settings = {"service": f"https://{HOST}", "identifier": "acme.test", "searches": "acme boots", "messages": True,
                "own_posts": True}  # fmt: skip
    secrets = {"app_password": SECRET, "access_token": SECRET, "refresh_token": SECRET}
    handle = "@Ana.test"
    nobody = "nobody.test"
    message_needs_target = False
    #: the network says by a name in the body, and never by a status alone, that something is not there
    says_gone_by_status = False

    def __init__(self):
        self.network = FakeBluesky()
        self.answer = self.network
        self._last = None

    def publish(self, number):
        """Spread posts over all lists."""
        ids = []
        for turn in range(number):
            if turn % 4 == 1:
                ids.append(f"chat:{CONVO}/{self.network.write(f'message {turn}')['id']}")
                continue
            if turn % 4 == 3:
                ids.append(self.network.add(ME, f"our own post {turn}")["uri"])
                continue
            self._last = self.network.add(ANA, f"post {turn} about acme boots", langs=["en-GB"])
            if turn % 4 == 0:
                self.network.notify(self._last)
            else:
                self.network.found.append(self._last)
            ids.append(self._last["uri"])
        return ids

    @staticmethod
    def _target(view, **values):
        record = view["record"]
        reply = record.get("reply")
        return Target(
            view["uri"], text=record["text"], author_id=view["author"]["did"],
            author_handle="@" + view["author"]["handle"], published_at=moment(record["createdAt"]),
            conversation_id=reply["root"]["uri"] if reply else view["uri"],
            identifiers={"cid": view["cid"]} | ({"root": reply["root"]} if reply else {}), **values,
        )  # fmt: skip

    def target(self):
        return self._target(self._last)

    def direct(self):
        message = self.network.write("Where is my parcel?")
        return Target(
            f"chat:{CONVO}/{message['id']}", kind="message", visibility="direct", text=message["text"], author_id=ANA,
            published_at=moment(message["sentAt"]), conversation_id=f"chat:{CONVO}", identifiers={"convo": CONVO},
        )  # fmt: skip

    def moderated(self, action):
        if action == "delete":
            return self._target(self.network.add(ME, "our own"))
        if action in ("hide", "unhide"):
            ours = self.network.add(ME, "our own")
            root = {"uri": ours["uri"], "cid": ours["cid"]}
            answer = self.network.add(ANA, "rude", reply={"root": root, "parent": root})
            if action == "unhide":
                gate = {"post": ours["uri"], "hiddenReplies": [answer["uri"]], "createdAt": "2025-03-01T08:00:00Z"}
                key = ours["uri"].rpartition("/")[2]
                self.network.records[f"at://{ME}/app.bsky.feed.threadgate/{key}"] = {"cid": "bafygate", "value": gate}
            return self._target(answer)
        return self.target()

    def sent(self):
        return self.network.sent

    def files(self):
        record = self.network.posts[self.network.sent[-1][0]]["record"]
        images = record.get("embed", {}).get("images", [])
        return [(self.network.blobs[one["image"]["ref"]["$link"]], one["alt"]) for one in images]

    def edit(self):
        view, text = self._last, "Other words"
        for one in (view, *(told for told in self.network.told if told["uri"] == view["uri"])):
            one["record"]["text"], one["cid"] = text, "bafyreichanged"
        return view["uri"], text

    def remove(self, external_id):
        self.network.delete(external_id)
