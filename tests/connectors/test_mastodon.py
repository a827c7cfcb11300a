"""Mastodon: what is read, by recorded answers of a real server and one in memory."""

from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from connectors import errors
from connectors.mastodon_items import Reader
from connectors.typed_address import server_address

from .fake_mastodon import EPOCH, HOST, FakeMastodon, connect, items, listen, recorded

ME = "desk@mastodon.example"
SETTINGS = settings(max_examples=100, deadline=None, derandomize=True, database=None)


def reader():
    return Reader(HOST, HOST, ME)


# --- recorded answers --------------------------------------------------------------------------------------------


def test_a_recorded_mention_is_read():
    entry = recorded("notifications")["body"][0]
    item = reader().item(entry["status"], "own")
    assert (item.external_id, item.text, item.origin, item.outgoing) == (
        "117440821885976823",
        "@desk hello!",
        "own",
        False,
    )
    assert (item.author.external_id, item.author.handle, item.author.realm) == (
        "ana@mastodon.example", "@ana@mastodon.example", ""
    )  # fmt: skip
    assert (item.realm, item.url) == (HOST, "https://mastodon.example/@ana/117440821885976823")
    assert item.published_at == datetime(2025, 10, 14, 19, 5, 28, 486000, tzinfo=UTC)
    assert item.identifiers["uri"].startswith("https://mastodon.example/ap/users/")


def test_our_own_post_is_outgoing():
    item = reader().item(recorded("home")["body"][0])
    assert (item.outgoing, item.origin) == (True, "own")


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("status_warning", {"title": "Content warning", "visibility": "unlisted"}),
        ("status_direct", {"kind": "message", "visibility": "direct"}),
        ("status_poll_media", {"visibility": "public"}),
        ("status_edited", {"kind": "post"}),
    ],
)
def test_recorded_kinds_of_posts_are_told_apart(name, expected):
    item = reader().item(recorded(name)["body"])
    for field, value in expected.items():
        assert getattr(item, field) == value


def test_polls_pictures_edits_and_quotes_are_kept():
    item = reader().item(recorded("status_poll_media")["body"])
    assert item.text.count("\n○ ") == len(recorded("status_poll_media")["body"]["poll"]["options"])
    assert item.attachments[0].kind == "image"
    assert reader().item(recorded("status_edited")["body"]).edited_at is not None
    quote = reader().item(recorded("status_quote")["body"])
    assert quote.identifiers["quoted_id"] == recorded("status_quote")["body"]["quote"]["quoted_status"]["id"]


def test_every_recorded_status_is_read():
    bodies = [recorded("home")["body"], recorded("tag")["body"], recorded("tag_page_1")["body"]]
    found, rejects = reader().read([(status, None) for body in bodies for status in body], "search")
    assert len(found) == sum(map(len, bodies))
    assert not rejects


def test_recorded_conversations_are_read_as_private_messages():
    server = FakeMastodon()
    server.lists["conversations"] = recorded("conversations")["body"]
    found = [item for item in items(listen(server)[0]) if item.kind == "message"]
    assert len(found) == len(recorded("conversations")["body"])
    assert all(item.origin == "own" for item in found)


def test_a_recorded_rate_limit_header_is_understood():
    server = FakeMastodon()
    server.headers = recorded("home")["headers"]
    connector = connect(server, home=True)
    list(connector.listen({}))
    assert connector.http.rate_limit.remaining == 299


# --- reading -----------------------------------------------------------------------------------------------------


def test_a_boost_is_the_post_that_was_boosted():
    server = FakeMastodon()
    original = server.status("the original", author="eva@other.example")
    boost = server.status("", author="ana", reblog=original)
    item = reader().item(boost)
    assert (item.external_id, item.author.external_id, item.text) == (
        original["id"], "eva@other.example", "the original"
    )  # fmt: skip


@pytest.mark.parametrize(
    ("fields", "origin"),
    [
        ({}, "search"),
        ({"mentions": [{"id": "1", "acct": "desk"}]}, "own"),
        ({"mentions": [{"id": "1", "acct": "Desk@mastodon.example"}]}, "own"),
        ({"mentions": [{"id": "1", "acct": "desk@other.example"}]}, "search"),
        ({"quote": {"state": "accepted", "quoted_status": {"id": "5", "account": {"acct": "desk"}}}}, "own"),
    ],
)
def test_what_concerns_us_is_our_own_also_in_a_search(fields, origin):
    assert reader().item(FakeMastodon().status("x", **fields)).origin == origin


def test_small_things_are_read_right():
    status = FakeMastodon().status(
        "x",
        author="Eva@Other.Example",
        language="pt-BR",
        favourites_count=3,
        reblogs_count=-1,
        replies_count="many",
        in_reply_to_id="77",
        tags=[{"name": "Acme"}, {"name": None}, 5],
        visibility="limited",
        url="javascript:alert(1)",
        media_attachments=[
            {"type": "gifv", "url": "https://a.example/x.mp4", "description": "A cat"},
            {"url": "data:x"},
        ],
    )
    status["account"]["fields"] = [
        {"name": "site", "value": '<a href="https://eva.example" rel="me">eva</a>', "verified_at": "2025-01-01"},
        {"name": "other", "value": '<a href="https://fake.example">x</a>', "verified_at": None},
    ]
    item = reader().item(status)
    assert (item.author.external_id, item.author.verified_urls) == ("eva@other.example", ("https://eva.example",))
    assert (item.language, item.likes, item.shares, item.replies) == ("pt", 3, 0, 0)
    assert (item.parent_id, item.hashtags, item.visibility) == ("77", ("acme",), "private")
    assert item.url == status["uri"]
    assert [(one.kind, one.alt) for one in item.attachments] == [("video", "A cat")]


def test_the_language_of_a_server_that_calls_everything_english_is_not_believed():
    connector = connect(FakeMastodon())
    assert connector._reader({"software": "4.0.0 (not true; really snac/2.75)"}, "").trust_language is False


def test_a_notification_that_only_counts_brings_nothing():
    server = FakeMastodon()
    for kind in ("favourite", "reblog", "follow", "poll", "something.new"):
        server.notify(server.status("ours", author="desk"), kind)
    wanted = server.notify(server.status("hello @desk"))
    edited = server.notify(server.status("edited"), "update")
    found = items(listen(server)[0])
    assert [(item.external_id, item.origin) for item in found] == [(wanted, "own"), (edited, "search")]
    asked = next(query for path, query in server.requests if path == "/api/v1/notifications")
    assert "exclude_types[]" in asked


def test_the_same_post_in_several_lists_comes_once():
    server = FakeMastodon()
    status = server.status("hello @desk #acme")
    server.notify(status)
    server.post("home", status)
    server.post("tag", status, "acme")
    found = items(listen(server, home=True, hashtags="#acme")[0])
    assert [(item.external_id, item.origin) for item in found] == [(status["id"], "own")]


@pytest.mark.parametrize(
    ("entered", "address"),
    [
        ("mastodon.social", "https://mastodon.social"),
        (" @ana@Mastodon.Social ", "https://mastodon.social"),
        ("ana@mastodon.social", "https://mastodon.social"),
        ("https://mastodon.social/@ana/1?x#y", "https://mastodon.social"),
        ("http://127.0.0.1:21010/", "http://127.0.0.1:21010"),
        ("HTTPS://A.example", "https://a.example"),
        ("[::1]:80", "https://[::1]:80"),
    ],
)
def test_a_server_is_understood_as_people_write_it(entered, address):
    assert server_address(entered) == address


@pytest.mark.parametrize(
    "entered", ["", None, "   ", "ftp://a.example", "a b", "https://", "@", "a.example:x", "x%00y", "http://[::1"]
)
def test_what_is_no_server_is_misconfigured(entered):
    with pytest.raises(errors.Misconfigured):
        server_address(entered)


# --- one post ----------------------------------------------------------------------------------------------------


class ThreadServer(FakeMastodon):
    """Knows a conversation of three posts."""

    def _answer(self, path, query):
        if path.startswith("/api/v1/statuses/"):
            posts = {str(number): self.status(f"post {number}", id=str(number)) for number in (1, 2, 3)}
            posts["2"]["in_reply_to_id"], posts["3"]["in_reply_to_id"] = "1", "2"
            post_id, _sep, what = path.removeprefix("/api/v1/statuses/").partition("/")
            if post_id not in posts:
                return 404, recorded("status_missing")["body"]
            if what == "context":
                return 200, {"ancestors": [posts["1"]], "descendants": [posts["3"], {"junk": 1}]}
            return 200, posts[post_id]
        return super()._answer(path, query)


def test_a_conversation_is_read_from_its_beginning():
    thread = connect(ThreadServer()).thread("2", {})
    assert [(item.external_id, item.parent_id, item.conversation_id) for item in thread] == [
        ("1", "", "1"), ("2", "1", "1"), ("3", "2", "1")
    ]  # fmt: skip


def test_a_post_is_looked_at_again():
    connector = connect(ThreadServer())
    assert connector.lookup("3", {}).text == "post 3"
    with pytest.raises(errors.Gone):
        connector.lookup("9", {})
    with pytest.raises(errors.Gone):
        connector.thread("9", {})


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=10),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)


@SETTINGS
@given(st.dictionaries(st.sampled_from(sorted(recorded("status_quote")["body"])), JSON, max_size=8))
def test_any_fields_make_an_item_or_a_reject(fields):
    status = {**recorded("status_quote")["body"], **fields}
    found, rejects = reader().read([(status, None)], "search")
    assert len(found) + len(rejects) == 1
    assert EPOCH.tzinfo is UTC
