"""Which address a feed is read at: entered, named by a page, moved, or one of its older pages."""

import pytest

from connectors import errors
from connectors.feed import Feed, paged
from connectors.feed_discovery import feeds_in_page
from connectors.http import Http

from .adapters.feed import FeedAdapter
from .test_feed import URL, listen, read, rss

# --- addresses ---------------------------------------------------------------------------------------------------

PAGE = (
    '<!DOCTYPE html><html><head><base href="/blog/"><title>Blog</title>'
    '<link rel="alternate" type="application/rss+xml" title="Comments" href="comments/feed/">'
    '<link rel="Alternate" type="application/rss+xml; charset=utf-8" href="feed/"></head><body>Hi</body></html>'
)


def test_a_page_leads_to_the_feed_it_names():
    asked = []

    def answer(request):
        asked.append(request.url)
        if request.url.endswith("/feed/"):
            return 200, {}, rss("<title>x</title>", channel="<title>The blog</title>").encode()
        return 200, {"Content-Type": "text/html"}, PAGE.encode()

    found = Feed(Http(transport=answer), {"url": "https://blog.example/"}).check()
    assert found.account == "The blog"
    assert "The page names a feed, which is read instead: https://blog.example/blog/feed/" in found.can
    asked.clear()
    cursor = listen(answer, url="https://blog.example/")[-1].cursor
    listen(answer, cursor, url="https://blog.example/")
    assert asked == ["https://blog.example/", "https://blog.example/blog/feed/", "https://blog.example/blog/feed/"]


def test_the_feed_of_comments_is_the_last_choice():
    assert feeds_in_page(PAGE, "https://blog.example/") == [
        "https://blog.example/blog/feed/",
        "https://blog.example/blog/comments/feed/",
    ]
    for page in (
        "",
        "<",
        "<link>" * 10_000,
        "\x00\ud800<link rel=alternate href=javascript:x type=application/rss+xml>",
    ):
        assert feeds_in_page(page, "https://blog.example/") == []


def test_a_page_without_a_feed_is_told():
    with pytest.raises(errors.Misconfigured) as caught:
        read("<html><body>Shop</body></html>")
    assert "names no feed" in caught.value.message


def test_an_address_may_be_entered_without_its_beginning():
    asked = []

    def answer(request):
        asked.append(request.url)
        return 200, {}, rss("<title>x</title>").encode()

    listen(answer, url="blog.example/feed")
    assert asked == ["https://blog.example/feed"]


def test_a_feed_that_moved_for_good_is_read_at_its_new_address():
    asked = []

    def answer(request):
        asked.append(request.url)
        if request.url == URL:
            return 301, {"Location": "https://new.example/feed"}, b""
        return 200, {}, rss("<title>x</title>").encode()

    cursor = listen(answer)[-1].cursor
    listen(answer, cursor)
    assert asked == [URL, "https://new.example/feed", "https://new.example/feed"]


def test_when_the_new_address_fails_the_entered_one_is_asked_again():
    def moved(request):
        return (301, {"Location": "https://new.example/feed"}, b"") if request.url == URL else (200, {}, rss().encode())

    cursor = listen(moved)[-1].cursor
    back = listen(
        lambda request: (200, {}, rss("<title>x</title>").encode()) if request.url == URL else (404, {}, b""), cursor
    )
    assert [item.title for page in back for item in page.items] == ["x"]


def test_another_address_begins_anew():
    adapter = FeedAdapter()
    adapter.publish(3)
    cursor = listen(adapter.answer)[-1].cursor
    assert (
        len([item for page in listen(adapter.answer, cursor, url="https://b.example/feed") for item in page.items]) == 3
    )


def test_our_own_site_is_kept_whole():
    adapter = FeedAdapter()
    adapter.publish(1)
    assert listen(adapter.answer)[0].items[0].origin == "search"
    assert listen(adapter.answer, own=True)[0].items[0].origin == "own"


def test_older_pages_of_wordpress_have_an_address():
    assert paged("https://a.example/feed/?paged=7&x=%C3%B1", 2) == "https://a.example/feed/?x=%C3%B1&paged=2"
