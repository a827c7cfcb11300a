"""A Mastodon server in memory."""

from tests.connectors.fake_mastodon import FakeMastodon

from .base import SECRET, Adapter, adapter


@adapter("mastodon")
class MastodonAdapter(Adapter):
    settings = {"server": "mastodon.example", "hashtags": "#acme\nother", "searches": "acme boots", "home": True}
    secrets = {"access_token": SECRET}

    def __init__(self, style="mastodon"):
        self.server = FakeMastodon(style)
        self.answer = self.server

    def publish(self, number):
        """Spread posts over all lists."""
        ids = []
        for turn in range(number):
            status = self.server.status(f"post {turn} about #acme")
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
