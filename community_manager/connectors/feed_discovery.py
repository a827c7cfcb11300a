"""Which feeds a web page names, for people who enter the address of a site instead of its feed."""

from html import unescape
from urllib.parse import urljoin, urlsplit

from lxml import etree

from .text import clean_line
from .values import web_url

FEED_TYPES = frozenset(("application/rss+xml", "application/atom+xml", "application/feed+json", "application/rdf+xml"))


class _Links:
    """Collects from a page the feeds it names."""

    def __init__(self):
        self.base = ""
        self.feeds = []

    def start(self, tag, attributes):
        """A tag opens."""
        if tag == "base" and not self.base:
            self.base = attributes.get("href") or ""
        elif tag == "link":
            relations = (attributes.get("rel") or "").lower().split()
            kind = (attributes.get("type") or "").partition(";")[0].strip().lower()
            if kind in FEED_TYPES and ("alternate" in relations or "feed" in relations) and attributes.get("href"):
                self.feeds.append((attributes["href"], clean_line(attributes.get("title") or "")))

    def end(self, _tag):
        """Nothing depends on where tags end."""

    def data(self, _text):
        """Text names no feeds."""

    def close(self):
        """Return the addresses as they stand."""
        return self.feeds


def feeds_in_page(markup, address):
    """Return the addresses of the feeds that a page names; those of comments come last.

    >>> feeds_in_page('<link rel="alternate" type="application/rss+xml" href="/feed/">', "https://a.example/blog")
    ['https://a.example/feed/']
    """
    links = _Links()
    try:
        parser = etree.HTMLParser(target=links, no_network=True, encoding="utf-8")
        parser.feed(markup[:500_000].encode("utf-8", "ignore") or b" ")
        parser.close()
    except (etree.LxmlError, ValueError, AssertionError):
        pass
    found = []
    for href, title in links.feeds:
        try:
            url = web_url(urljoin(urljoin(address, links.base), unescape(href).strip()))
        except ValueError:
            continue
        if url:
            found.append(("comment" in (urlsplit(url).path + title).lower(), url))
    return list(dict.fromkeys(url for _comments, url in sorted(found, key=lambda one: one[0])))


def looks_like_page(text):
    """Return whether a document is a web page."""
    head = text.lstrip("\ufeff \t\r\n")[:2000].lower()
    return head.startswith(("<!doctype html", "<html")) or "<html" in head or "<head" in head
