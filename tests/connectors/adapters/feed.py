"""A WordPress blog in memory, seen through its feed."""

from datetime import timedelta
from email.utils import format_datetime
from html import escape
from urllib.parse import parse_qs, urlsplit

from .base import START, Adapter, adapter


@adapter("feed")
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
