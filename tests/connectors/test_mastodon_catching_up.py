"""Mastodon: catching up after an absence, on servers that page differently."""

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from connectors.timeline import PAGE, Timeline

from .fake_mastodon import FakeMastodon, connect, items, listen

STYLES = ["mastodon", "since", "ignorant", "opaque"]
SETTINGS = settings(max_examples=100, deadline=None, derandomize=True, database=None)


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
