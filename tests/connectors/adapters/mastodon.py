"""A Mastodon server in memory."""

from connectors.items import Target
from connectors.mastodon_items import Reader
from tests.connectors.fake_mastodon import HOST, FakeMastodon

from .base import SECRET, Adapter, adapter


@adapter("mastodon")
class MastodonAdapter(Adapter):
    settings = {"server": "mastodon.example", "hashtags": "#acme\nother", "searches": "acme boots", "home": True}
    secrets = {"access_token": SECRET}
    handle = "@ana@mastodon.example"

    def __init__(self, style="mastodon"):
        self.server = FakeMastodon(style)
        self.answer = self.server
        self.last = None

    def publish(self, number):
        """Spread posts over all lists."""
        ids = []
        for turn in range(number):
            self.last = status = self.server.status(f"post {turn} about #acme")
            ids.append(status["id"])
            where = turn % 4
            if where == 0:
                self.server.notify(status)
            elif where == 1:
                self.server.post("home", status)
            elif where == 2:
                self.server.post("tag", status, "acme")
            else:
                self.server.post("search", status, "acme boots")
        return ids

    def target(self):
        """Return the last post as a target."""
        return self._target(self.last)

    def sent(self):
        """Return what the server took from us."""
        return [(one["id"], one["_sent"]) for one in self.server.statuses.values() if "_sent" in one]

    def files(self):
        """Return the pictures of the last status that the server took from us."""
        last = [one for one in self.server.statuses.values() if "_sent" in one][-1]
        return [self.server.media[one] for one in last["_media"]]

    def direct(self):
        """Receive a private post that mentions us."""
        status = self.server.status("@desk my number is 5", visibility="direct", mentions=[{"acct": "desk"}])
        self.server.notify(status)
        return self._target(status)

    def edit(self):
        """Change the last post."""
        self.last |= {"content": "<p>other words</p>", "edited_at": self.last["created_at"]}
        return self.last["id"], "other words"

    def remove(self, external_id):
        """Delete a post."""
        del self.server.statuses[external_id]

    def moderated(self, action):
        """Return our own post for deletion, else somebody's."""
        if action != "delete":
            return self.target()
        _status, said = self.server._say({"status": "We say", "visibility": "public"}, "0")
        return self._target(said)

    @staticmethod
    def _target(status):
        item = Reader(HOST, HOST).item(status)
        return Target(
            item.external_id, item.realm, item.kind, item.visibility, item.url, item.text, item.author.external_id,
            item.author.handle, item.published_at, item.conversation_id, item.identifiers,
        )  # fmt: skip
