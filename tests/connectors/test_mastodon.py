"""Mastodon: recorded answers of a real server, and catching up on servers that page differently."""

import json
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from connectors import errors
from connectors.http import KEPT_FOR_ANSWERS, Http
from connectors.items import Outgoing
from connectors.mastodon import Mastodon
from connectors.mastodon_items import Reader
from connectors.mastodon_streams import server_address
from connectors.timeline import PAGE, Timeline

from .fake_mastodon import EPOCH, HOST, FakeMastodon, recorded

UTC = UTC
ME = "desk@mastodon.example"
STYLES = ["mastodon", "since", "ignorant", "opaque"]
SETTINGS = settings(max_examples=100, deadline=None, derandomize=True, database=None)


def reader():
    return Reader(HOST, HOST, ME)


def connect(server, **values):
    token = values.pop("token", "a-token")
    secrets = {"access_token": token} if token else {}
    return Mastodon(Http(transport=server), {"server": HOST, **values}, secrets)


def listen(server, cursor=None, **values):
    """Return all pages of a run and the cursor after it."""
    cursor = cursor or {}
    pages = []
    for page in connect(server, **values).listen(cursor):
        cursor = json.loads(json.dumps(page.cursor, sort_keys=True))
        pages.append(page)
    return pages, cursor


def items(pages):
    return [item for page in pages for item in page.items]


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


# --- catching up -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("style", STYLES)
@pytest.mark.parametrize("missed", [0, 1, 39, 40, 41, 80, 1000])
def test_a_week_offline_is_caught_up_completely_and_in_order(style, missed):
    server = FakeMastodon(style)
    server.post("tag", server.status("first"), "acme")
    _pages, cursor = listen(server, token="", hashtags="acme")
    published = [server.post("tag", server.status(f"post {turn}"), "acme") for turn in range(missed)]
    pages, cursor = listen(server, cursor, token="", hashtags="acme")
    found = [item.external_id for item in items(pages)]
    assert sorted(found) == sorted(published)
    if style in ("mastodon", "opaque") or missed <= 400:
        assert found == published, "oldest first"
    assert all(len(page.items) <= PAGE for page in pages)
    assert not items(listen(server, cursor, token="", hashtags="acme")[0])


@pytest.mark.parametrize("style", STYLES)
def test_a_long_walk_back_is_resumed_where_it_stopped(style):
    server = FakeMastodon(style)
    server.post("tag", server.status("first"), "acme")
    _pages, cursor = listen(server, token="", hashtags="acme")
    published = {server.post("tag", server.status(f"post {turn}"), "acme") for turn in range(900)}
    found, runs = [], 0
    while len(set(found)) < 900 and runs < 60:
        runs += 1
        for page in connect(server, token="", hashtags="acme").listen(cursor):
            cursor = json.loads(json.dumps(page.cursor, sort_keys=True))
            found += [item.external_id for item in page.items]
            if page.items:
                break
    assert set(found) == published
    assert len(found) == len(set(found))
    later = server.post("tag", server.status("later"), "acme")
    assert [item.external_id for item in items(listen(server, cursor, token="", hashtags="acme")[0])] == [later]


def test_the_first_run_takes_one_page_and_not_the_whole_past():
    server = FakeMastodon()
    for turn in range(500):
        server.post("tag", server.status(f"post {turn}"), "acme")
    pages, _cursor = listen(server, token="", hashtags="acme")
    assert len(items(pages)) == PAGE
    assert items(pages)[-1].text == "post 499"


def test_a_post_that_federates_late_is_not_missed():
    server = FakeMastodon()
    for turn in range(5):
        server.post("tag", server.status(f"post {turn}", minutes=1000 + turn), "acme")
    _pages, cursor = listen(server, token="", hashtags="acme")
    late = server.post("tag", server.status("late", minutes=998), "acme")
    pages, cursor = listen(server, cursor, token="", hashtags="acme")
    assert [item.external_id for item in items(pages)] == [late]
    assert not items(listen(server, cursor, token="", hashtags="acme")[0])


@pytest.mark.parametrize("style", STYLES)
def test_an_edit_of_a_recent_post_is_noticed(style):
    server = FakeMastodon(style)
    statuses = [server.status(f"post {turn}") for turn in range(5)]
    for status in statuses:
        server.post("tag", status, "acme")
    _pages, cursor = listen(server, token="", hashtags="acme")
    statuses[-1].update(content="<p>other words</p>", edited_at=statuses[-1]["created_at"])
    pages, cursor = listen(server, cursor, token="", hashtags="acme")
    assert [item.text for item in items(pages)] == ["other words"]
    assert not items(listen(server, cursor, token="", hashtags="acme")[0])


@pytest.mark.parametrize("style", STYLES)
def test_the_post_we_stopped_at_may_be_deleted(style):
    server = FakeMastodon(style)
    for turn in range(60):
        server.post("tag", server.status(f"post {turn}"), "acme")
    _pages, cursor = listen(server, token="", hashtags="acme")
    server.lists["tag"]["acme"].pop()
    published = [server.post("tag", server.status(f"new {turn}"), "acme") for turn in range(90)]
    found = [item.external_id for item in items(listen(server, cursor, token="", hashtags="acme")[0])]
    assert found == published


def test_a_quiet_list_costs_one_request():
    for style in STYLES:
        server = FakeMastodon(style)
        server.post("tag", server.status("x"), "acme")
        _pages, cursor = listen(server, token="", hashtags="acme")
        server.requests.clear()
        listen(server, cursor, token="", hashtags="acme")
        assert len(server.requests) <= (2 if style == "ignorant" else 1), style


def test_lists_take_turns_so_that_a_busy_tag_keeps_nobody_waiting():
    server = FakeMastodon()
    server.post("tag", server.status("x"), "acme")
    server.notify(server.status("y"))
    _pages, cursor = listen(server, hashtags="acme")
    for turn in range(400):
        server.post("tag", server.status(f"post {turn}"), "acme")
    mention = server.notify(server.status("hello @desk"))
    pages, _cursor = listen(server, cursor, hashtags="acme")
    assert mention in [item.external_id for item in pages[0].items]


def test_removed_hashtags_leave_the_position():
    server = FakeMastodon()
    _pages, cursor = listen(server, token="", hashtags="acme\nother")
    assert set(cursor["streams"]) == {"tag:acme", "tag:other"}
    _pages, cursor = listen(server, cursor, token="", hashtags="Acme")
    assert set(cursor["streams"]) == {"tag:acme"}


def test_a_home_timeline_that_is_being_built_again_is_waited_for():
    server = FakeMastodon()
    server.refuse["/api/v1/timelines/home"] = 206
    _pages, cursor = listen(server, home=True)
    assert "home" not in cursor["streams"]
    server.refuse.clear()
    server.post("home", server.status("x"))
    assert len(items(listen(server, cursor, home=True)[0])) == 1


@SETTINGS
@given(
    st.sampled_from(STYLES),
    st.lists(st.integers(0, 130), min_size=1, max_size=4),
    st.lists(st.integers(1, 3), max_size=6),
)
def test_however_posts_and_kills_fall_nothing_is_lost(style, bursts, kills):
    """Bursts of posts, runs that are killed after some pages: in the end everything was handed over."""
    entries, state, known, kills = [], {"last": "", "seen": []}, set(), list(kills)
    server = FakeMastodon(style)

    def fetch(params):
        return server._page(entries, {name: [str(value)] for name, value in params.items()})

    def run():
        timeline = Timeline(fetch, server.key, lambda entry: "", json.loads(json.dumps(state, sort_keys=True)))
        left = kills.pop() if kills else 10**6
        for page, _more in timeline.pages():
            known.update(server.key(entry) for entry in page)
            state.clear()
            state.update(timeline.state)
            left -= 1
            if not left:
                return

    for burst in bursts:
        entries += [server.status("x") for _turn in range(burst)]
        run()
    while kills:
        run()
    run()
    assert {server.key(entry) for entry in entries} == known


# --- access ------------------------------------------------------------------------------------------------------


def test_checking_names_the_account_and_what_a_permission_lacks():
    server = FakeMastodon()
    server.refuse["/api/v2/search"] = 403
    found = connect(server, hashtags="acme", searches="boots").check()
    assert found.account == "@desk@mastodon.example"
    assert "Follow #acme" in found.can
    assert found.missing == ["“Search for “boots”” is not possible: the access lacks the permission read:search"]


def test_one_list_that_is_refused_does_not_keep_the_others_from_being_read():
    server = FakeMastodon()
    server.refuse["/api/v2/search"] = 403
    mention = server.notify(server.status("hello @desk"))
    found = []
    with pytest.raises(errors.AccessDenied):
        for page in connect(server, searches="boots").listen({}):
            found += [item.external_id for item in page.items]
    assert found == [mention]


def test_a_withdrawn_token_is_told():
    server = FakeMastodon()
    server.refuse["/api/v1/accounts/verify_credentials"] = 401
    with pytest.raises(errors.AccessExpired) as caught:
        connect(server).check()
    assert "Enter access again" in caught.value.message


def test_a_website_that_is_no_such_server_is_told():
    with pytest.raises(errors.Misconfigured) as caught:
        connect(lambda request: (200, {}, b"<html>Shop</html>"), hashtags="x", token="").check()
    assert "mastodon.example is not a server with the Mastodon API" in caught.value.message


def test_neither_token_nor_hashtag_is_nothing_to_read():
    with pytest.raises(errors.Misconfigured) as caught:
        connect(FakeMastodon(), token="").check()
    assert "at least one hashtag" in caught.value.message


def test_another_token_is_another_account():
    server = FakeMastodon()
    _pages, cursor = listen(server)
    server.requests.clear()
    listen(server, cursor)
    assert not [path for path, _query in server.requests if "verify" in path or "instance" in path]
    listen(server, cursor, token="another")
    assert [path for path, _query in server.requests if "verify" in path]


def test_requests_are_left_for_answering_people():
    server = FakeMastodon()
    reset = (datetime.now(UTC) + timedelta(minutes=3)).isoformat()
    server.headers = {
        "X-RateLimit-Limit": "300", "X-RateLimit-Remaining": str(KEPT_FOR_ANSWERS - 1), "X-RateLimit-Reset": reset
    }  # fmt: skip
    secrets = {"access_token": "a-token"}
    listening = Mastodon(Http(transport=server, reserve=KEPT_FOR_ANSWERS), {"server": HOST}, secrets)
    with pytest.raises(errors.RateLimited) as caught:
        list(listening.listen({}))
    assert caught.value.retry_at.isoformat() == reset
    assert len(server.requests) == 1
    answering = Mastodon(Http(transport=server), {"server": HOST}, secrets)
    assert answering.publish(Outgoing("0" * 32, "We are open.", "publish")).text == "We are open."


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
