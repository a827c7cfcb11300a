"""Comments that a WordPress feed no longer shows, from the site's own interface."""

import json
from urllib.parse import parse_qs, urlsplit

import pytest

from connectors import errors
from connectors.feed import Feed

SITE = "https://blog.example"
HEADERS = {"Link": f'<{SITE}/wp-json/>; rel="https://api.w.org/"'}


class Site:
    """A WordPress site with one article (number 7, guid ``?p=7``) and any number of comments on it."""

    def __init__(self):
        self.comments = []
        self.closed = False
        self.guid = f"{SITE}/?p=7"
        self.asked = []

    def say(self, number):
        """Add comments."""
        for _turn in range(number):
            self.comments.append(len(self.comments) + 1)

    def __call__(self, request):
        parts = urlsplit(request.url)
        query = {name: values[0] for name, values in parse_qs(parts.query).items()}
        self.asked.append(parts.path)
        if parts.path.endswith("/feed/"):
            return 200, {**HEADERS, "Content-Type": "application/rss+xml"}, self.feed()
        if parts.path == "/article/":
            return 200, HEADERS, b"<html></html>"
        if self.closed:
            return 401, {}, b'{"code": "rest_cannot_access"}'
        if parts.path == "/wp-json/wp/v2/comments":
            found = [number for number in reversed(self.comments) if query.get("include", str(number)) == str(number)]
            page, size = int(query.get("page", 1)), int(query.get("per_page", 10))
            return 200, {}, json.dumps([self.comment(n) for n in found[(page - 1) * size : page * size]]).encode()
        if parts.path == "/wp-json/wp/v2/posts":
            article = {"id": 7, "guid": {"rendered": self.guid}, "title": {"rendered": "News &amp; more"}}
            return 200, {}, json.dumps([article]).encode()
        number = int(parts.path.rpartition("/")[2])
        if number in self.comments:
            return 200, {}, json.dumps(self.comment(number)).encode()
        return 404, {}, b'{"code": "rest_comment_invalid_id"}'

    def comment(self, number):
        """Return a comment as the interface gives it."""
        return {
            "id": number,
            "post": 7,
            "parent": 1 if number > 1 else 0,
            "author_name": "Ana",
            "date_gmt": f"2026-01-01T10:{number // 60:02}:{number % 60:02}",
            "content": {"rendered": f"<p>Comment {number}</p>\n"},
            "link": f"{SITE}/article/#comment-{number}",
        }

    def feed(self):
        """Return the feed, which shows the newest ten."""
        items = "".join(
            f"<item><title>By: Ana</title><link>{SITE}/article/#comment-{number}</link>"
            f"<guid>{SITE}/?p=7#comment-{number}</guid><dc:creator>Ana</dc:creator>"
            f"<description>Comment {number}</description></item>"
            for number in self.comments[:-11:-1]
        )
        return (
            '<rss version="2.0" xmlns:dc="http://purl.org/dc/elements/1.1/"><channel><title>Comments</title>'
            f"<generator>https://wordpress.org/?v=6.8</generator>{items}</channel></rss>"
        ).encode()


@pytest.fixture
def site():
    return Site()


def listen(answering, site, cursor, url=f"{SITE}/comments/feed/"):
    """Return the items of one run and the cursor after it."""
    items = []
    for page in Feed(answering(site), {"url": url}).listen(cursor):
        items += page.items
        cursor = page.cursor
    return items, cursor


@pytest.mark.parametrize("url", [f"{SITE}/comments/feed/", f"{SITE}/article/feed/"])
def test_comments_between_two_polls_are_all_read(answering, site, url):
    site.say(3)
    items, cursor = listen(answering, site, {}, url)
    site.say(250)
    items, cursor = listen(answering, site, cursor, url)
    assert [item.external_id for item in items] == [f"{SITE}/?p=7#comment-{number}" for number in range(4, 254)]
    older, newer = items[0], items[-1]
    assert (older.text, newer.text) == ("Comment 4", "Comment 253")
    assert older.author.external_id == newer.author.external_id
    assert (older.kind, older.title) == ("comment", "News & more")
    assert (older.parent_id, older.conversation_id) == (f"{SITE}/?p=7#comment-1", f"{SITE}/?p=7")
    assert older.published_at.isoformat() == "2026-01-01T10:00:04+00:00"
    assert listen(answering, site, cursor, url)[0] == []


def test_the_interface_is_not_asked_while_the_feed_reaches_back(answering, site):
    site.say(3)
    _items, cursor = listen(answering, site, {})
    site.say(7)
    assert len(listen(answering, site, cursor)[0]) == 7
    assert set(site.asked) == {"/comments/feed/"}


def test_without_the_interface_the_feed_is_what_there_is(answering, site):
    site.say(3)
    _items, cursor = listen(answering, site, {})
    site.say(20)
    site.closed = True
    assert len(listen(answering, site, cursor)[0]) == 10


def test_comments_that_bear_other_ids_do_not_come_in_twice(answering, site):
    site.say(3)
    _items, cursor = listen(answering, site, {})
    site.say(20)
    site.guid = f"{SITE}/?page_id=7"
    assert len(listen(answering, site, cursor)[0]) == 10


def test_a_deleted_comment_is_gone_though_its_page_stays(answering, site):
    site.say(2)
    feed = Feed(answering(site), {"url": f"{SITE}/comments/feed/"})
    name, identifiers = f"{SITE}/?p=7#comment-2", {"link": f"{SITE}/article/#comment-2"}
    assert feed.lookup(name, identifiers).partial
    site.closed = True
    site.comments.remove(2)
    assert feed.lookup(name, identifiers).partial
    site.closed = False
    with pytest.raises(errors.Gone):
        feed.lookup(name, identifiers)
