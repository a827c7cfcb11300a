"""What the conformance suite needs to know of each network: a place where things are published, and how to ask it.

A new network brings an :class:`Adapter` here, registered under its code, and its answers under ``data/<code>/``.
"""

import json
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from html import escape
from urllib.parse import parse_qs, urlsplit

from connectors.webhook import signature

from .fake_mastodon import FakeMastodon

SECRET = "s3cr3t-TOKEN/value"
START = datetime(2025, 3, 1, 8, tzinfo=UTC)


class Adapter:
    """A network in memory.

    :cvar settings: of the channel
    :cvar secrets: of the channel; each holds :data:`SECRET`
    """

    settings = {}
    secrets = {}

    def publish(self, number):
        """Publish ``number`` things and return the external ids that must arrive."""
        raise NotImplementedError

    def answer(self, request):
        """Answer a prepared request with ``(status, headers, body)``."""
        raise NotImplementedError


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


class FeedAdapter(Adapter):
    """A WordPress blog whose feed shows ten articles a page."""

    settings = {"url": "https://blog.example/feed/"}
    page = 10

    def __init__(self):
        self.articles = []

    def publish(self, number):
        for _turn in range(number):
            self.articles.append(len(self.articles) + 1)
        return [f"https://blog.example/?p={article}" for article in self.articles[-number:]]

    def answer(self, request):
        page = int(parse_qs(urlsplit(request.url).query).get("paged", ["1"])[0])
        etag = f'"{len(self.articles)}"'
        if request.headers.get("If-None-Match") == etag:
            return 304, {"ETag": etag}, b""
        shown = self.articles[::-1][(page - 1) * self.page : page * self.page]
        if not shown and page > 1:
            return 404, {}, b"<html>Not found</html>"
        return 200, {"Content-Type": "application/rss+xml; charset=UTF-8", "ETag": etag}, self.feed(shown)

    @staticmethod
    def feed(articles):
        items = "".join(
            f"<item><title>Article {number}</title><link>https://blog.example/article-{number}/</link>"
            f"<dc:creator>Ana</dc:creator><pubDate>{format_datetime(START + timedelta(hours=number))}</pubDate>"
            f'<guid isPermaLink="false">https://blog.example/?p={number}</guid>'
            f"<content:encoded>{escape('<p>Text <b>of</b> article</p>')} {number}</content:encoded></item>"
            for number in articles
        )
        return (
            '<?xml version="1.0" encoding="UTF-8"?><rss version="2.0" '
            'xmlns:content="http://purl.org/rss/1.0/modules/content/" xmlns:dc="http://purl.org/dc/elements/1.1/">'
            "<channel><title>Blog</title><link>https://blog.example</link><language>en-US</language>"
            f"<generator>https://wordpress.org/?v=6.1</generator>{items}</channel></rss>"
        ).encode()


class WebhookAdapter(Adapter):
    secrets = {"signing_key": SECRET}

    def push(self, content, now):
        """Return headers and body of a message."""
        body = content if isinstance(content, bytes) else json.dumps(content).encode()
        stamp = str(int(now.timestamp()))
        return {"x-community-timestamp": stamp, "x-community-signature": signature(SECRET, stamp, body)}, body

    def message(self, number):
        """Return the content of a message with ``number`` mentions, and their ids."""
        ids = [str(turn) for turn in range(number)]
        return {"mentions": [{"id": one, "text": f"text {one}"} for one in ids]}, ids


class ImportAdapter(Adapter):
    """Nothing to ask."""


ADAPTERS = {"mastodon": MastodonAdapter, "feed": FeedAdapter, "webhook": WebhookAdapter, "import": ImportAdapter}
