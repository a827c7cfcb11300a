"""YouTube against its published schema, its quotas, and what only it has."""

import json
from datetime import UTC, datetime, timedelta

import pytest

from connectors import errors
from connectors.google import ASKED_TO_WAIT, QUOTA_SPENT
from connectors.http import Http
from connectors.items import Outgoing, Target
from connectors.youtube import COMMENTS_OFF, MOST_THREADS, OUR_SEARCHES, READING_UNITS, YouTube
from connectors.youtube_items import Reader

from .adapters.youtube import ANA, ME, YouTubeAdapter, refusal
from .discovery import checked

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)


def connect(adapter, answer=None, now=None, **values):
    connector = YouTube(Http(transport=answer or adapter.answer), {**adapter.settings, **values}, adapter.secrets)
    connector.account_id = ME
    if now:
        connector.now = lambda: now
    return connector


def listen(adapter, cursor=None, answer=None, **values):
    """Return the items of a run and the cursor after it."""
    items, cursor = [], cursor or {}
    for page in connect(adapter, answer, **values).listen(cursor):
        assert len(page.items) <= 100
        items += page.items
        cursor = json.loads(json.dumps(page.cursor))
    return items, cursor


def asked(adapter, path):
    return [url for _method, url, _body in adapter.requests if f"/v3/{path}?" in url]


@pytest.fixture
def adapter():
    made = YouTubeAdapter()
    made.publish(8)
    return made


def saying(adapter, text, target=None):
    return Outgoing("0" * 32, text, "reply", target or adapter.target(), first_tried_at=datetime.now(UTC))


def on_video(video):
    return Target(video, kind="post", identifiers={"video": video, "channel": ME})


def test_everything_that_is_asked_and_answered_is_in_the_published_schema(adapter):
    adapter.found["acme boots"] = [adapter.videos[0] | {"channel": ANA}]
    answer, schemas = checked("youtube", adapter)
    connector = connect(adapter, answer, searches="acme boots")
    for page in connector.listen({}):
        cursor = page.cursor
    adapter.publish(150)
    list(connector.listen(cursor))
    connector.check()
    item = connector.reply(saying(adapter, "Thank you"))
    connector.find_sent(saying(adapter, "Thank you"))
    connector.reply(saying(adapter, "Have a look", on_video(adapter.videos[0]["id"])))
    connector.find_sent(saying(adapter, "Have a look", on_video(adapter.videos[0]["id"])))
    connector.thread(item.external_id, item.identifiers)
    for action in YouTube.moderations:
        connector.moderate(action, adapter.target())
    connector.moderate("delete", Target(item.external_id, author_id=ME))
    connector.metrics(
        [(adapter.videos[0]["id"], {"video": adapter.videos[0]["id"]}), *((one, {}) for one in adapter.comments)]
    )
    connector.profile("@ana")
    connector.profile("https://www.youtube.com/channel/" + ANA)
    assert schemas.used == set(schemas.documents[0]["methods"])


# --- reading -----------------------------------------------------------------------------------------------------


def test_comments_replies_videos_and_what_waits_for_approval_arrive(adapter):
    items, _cursor = listen(adapter)
    found = {item.external_id: item for item in items}
    top, reply = found["Ugx000000"], next(item for item in items if "." in item.external_id)
    assert (top.kind, top.text, top.origin, top.parent_id, top.conversation_id) == (
        "comment", "Comment 0", "own", "vid-x", "Ugx000000"
    )  # fmt: skip
    assert top.url == "https://www.youtube.com/watch?v=vid-x&lc=Ugx000000"
    assert (reply.parent_id, reply.conversation_id) == ("Ugx000001", "Ugx000001")
    assert [item.identifiers["moderation"] for item in items if item.text == "Comment 5"] == ["heldForReview"]
    video = found["vid-0000000"]
    assert (video.kind, video.title, video.outgoing, video.origin) == ("post", "Video 3", True, "own")
    assert listen(adapter, held=False)[0] != items


def test_more_replies_than_come_along_are_asked_for(adapter):
    _items, cursor = listen(adapter)
    wanted = {adapter.comment(f"Answer {number}", parent="Ugx000000", at=adapter.clock) for number in range(12)}
    items, cursor = listen(adapter, cursor)
    assert {item.external_id for item in items} == wanted
    assert len(asked(adapter, "comments")) == 1
    assert listen(adapter, cursor)[0] == [] and len(asked(adapter, "comments")) == 1
    adapter.clock += timedelta(seconds=1)
    last = adapter.comment("One more", parent="Ugx000000")
    assert [item.external_id for item in listen(adapter, cursor)[0]] == [last]


def test_replies_of_many_threads_are_asked_for_in_turns(adapter):
    _items, cursor = listen(adapter)
    tops = [adapter.comment(f"Thread {number}") for number in range(MOST_THREADS + 5)]
    wanted = {adapter.comment("Answer", parent=top) for top in tops for _turn in range(7)}
    found = set()
    for run in range(2):
        items, cursor = listen(adapter, cursor)
        found |= {item.external_id for item in items}
        assert len(asked(adapter, "comments")) == (MOST_THREADS, MOST_THREADS + 5)[run]
    assert wanted <= found


def test_a_thread_deleted_while_it_is_read_does_no_harm(adapter):
    _items, cursor = listen(adapter)
    for number in range(7):
        adapter.comment(f"Answer {number}", parent="Ugx000000")

    def answer(request):
        return refusal(404, "commentNotFound") if "/comments?" in request.url else adapter.answer(request)

    assert len(listen(adapter, cursor, answer)[0]) == 5


def test_comments_switched_off_are_nothing_to_read(adapter):
    def answer(request):
        return refusal(403, "commentsDisabled") if "/commentThreads?" in request.url else adapter.answer(request)

    items, _cursor = listen(adapter, answer=answer)
    assert {item.kind for item in items} == {"post"}
    assert connect(adapter, answer).check().missing == [COMMENTS_OFF]


def test_a_channel_without_videos_has_no_list_of_them():
    adapter = YouTubeAdapter()
    adapter.comment("Hello")
    assert [item.text for item in listen(adapter)[0]] == ["Hello"]


def test_an_account_without_a_channel_is_told_so(adapter):
    def answer(request):
        return 200, {}, b'{"kind": "youtube#channelListResponse", "pageInfo": {"totalResults": 0}}'

    for ask in (connect(adapter, answer).check, lambda: listen(adapter, answer=answer)):
        with pytest.raises(errors.Misconfigured):
            ask()
    with pytest.raises(errors.AccessDenied):
        listen(adapter, answer=lambda request: refusal(403, "youtubeSignupRequired"))


def test_a_comment_of_nobody_we_know_is_known_here_only():
    entry = {"id": "x", "snippet": {"textDisplay": "Hi", "authorDisplayName": "Somebody"}}
    author = Reader(ME).comment(entry).author
    assert (author.external_id, author.realm) == ("name:Somebody", None)
    with pytest.raises(ValueError):
        Reader(ME).comment({"id": "x", "snippet": {"textDisplay": "Hi"}})


# --- quotas ------------------------------------------------------------------------------------------------------


def test_searches_are_spread_over_the_day(adapter):
    adapter.found["acme boots"] = [adapter.videos[0] | {"id": "theirs", "channel": ANA, "title": "Boots &amp; more"}]
    items, cursor = listen(adapter, now=NOON, searches="acme boots")
    assert [(item.external_id, item.title) for item in items if item.origin == "search"] == [("theirs", "Boots & more")]
    for minutes in (1, 10, 17):
        _items, cursor = listen(adapter, cursor, now=NOON + timedelta(minutes=minutes), searches="acme boots")
    assert len(asked(adapter, "search")) == 1
    listen(adapter, cursor, now=NOON + timedelta(minutes=19), searches="acme boots")
    assert len(asked(adapter, "search")) == 2 and "publishedAfter=2025-0" in asked(adapter, "search")[1]


def test_no_more_is_searched_than_a_day_allows(adapter):
    cursor = {"kept": {"searches": ["2026-11-22", OUR_SEARCHES - 1]}}
    _items, cursor = listen(adapter, cursor, now=NOON, searches="a\nb\nc")
    assert len(asked(adapter, "search")) == 1
    listen(adapter, cursor, now=NOON + timedelta(days=1), searches="a\nb\nc")
    assert len(asked(adapter, "search")) == 4


def test_searches_used_up_elsewhere_do_not_keep_comments_from_being_read(adapter):
    def answer(request):
        return refusal(403, "quotaExceeded") if "/search?" in request.url else adapter.answer(request)

    items, cursor = listen(adapter, answer=answer, now=NOON, searches="a")
    assert len(items) == 8 and cursor["kept"]["searches"] == ["2026-11-22", OUR_SEARCHES]


def test_topics_are_searched_for_only_where_that_was_chosen(adapter):
    connector = connect(adapter)
    connector.keywords = ("boots",)
    assert connector.searches() == []
    connector.values["search_topics"] = True
    assert connector.searches() == ["boots"]


def test_reading_leaves_units_to_answering(adapter):
    _items, cursor = listen(adapter, now=NOON)
    assert cursor["kept"]["units"] == ["2026-11-22", 3]
    cursor["kept"]["units"] = ["2026-11-22", READING_UNITS - 1]
    with pytest.raises(errors.RateLimited) as caught:
        listen(adapter, cursor, now=NOON)
    assert (caught.value.message, caught.value.retry_at) == (QUOTA_SPENT, datetime(2026, 11, 23, 8, tzinfo=UTC))
    connect(adapter).reply(saying(adapter, "Thank you"))
    (item,) = listen(adapter, cursor, now=NOON + timedelta(days=1))[0]
    assert item.outgoing


@pytest.mark.parametrize(
    ("answer", "sentence"),
    [
        (refusal(403, "quotaExceeded"), QUOTA_SPENT),
        (refusal(403, "rateLimitExceeded"), ASKED_TO_WAIT),
        (refusal(403, "userRateLimitExceeded"), ASKED_TO_WAIT),
    ],
)
def test_limits_of_google_are_waited_for(adapter, answer, sentence):
    for ask in (lambda one: list(one.listen({})), lambda one: one.reply(saying(adapter, "Thank you"))):
        with pytest.raises(errors.RateLimited) as caught:
            ask(connect(adapter, lambda request: answer))
        assert caught.value.message == sentence and not caught.value.unsure
        assert (caught.value.retry_at is not None) == (sentence == QUOTA_SPENT)


# --- one thing ---------------------------------------------------------------------------------------------------


def test_a_thread_is_the_comment_above_and_its_replies(adapter):
    for number in range(120):
        adapter.comment(f"Answer {number}", parent="Ugx000000", at=adapter.clock + timedelta(seconds=number))
    reply = next(one for one in adapter.comments if one.startswith("Ugx000000."))
    for item_id, identifiers in (("Ugx000000", {}), (reply, {"thread": "Ugx000000"})):
        found = connect(adapter).thread(item_id, identifiers)
        assert found[0].external_id == "Ugx000000" and len(found) == 121
        assert [item.text for item in found[1:3]] == ["Answer 0", "Answer 1"]
        assert {item.conversation_id for item in found} == {"Ugx000000"}


def test_the_thread_of_a_video_are_its_newest_comments(adapter):
    found = connect(adapter).thread("vid-0000000", {"video": "vid-0000000"})
    assert found[0].kind == "post" and {item.kind for item in found[1:]} == {"comment"}


def test_a_deleted_comment_is_gone_only_while_the_channel_is_there(adapter):
    adapter.remove("Ugx000000")
    with pytest.raises(errors.Gone):
        connect(adapter).lookup("Ugx000000", {})

    def empty(request):
        return 200, {}, b'{"kind": "youtube#x", "items": []}'

    with pytest.raises(errors.Misconfigured):
        connect(adapter, empty).lookup("Ugx000000", {})


# --- answering ---------------------------------------------------------------------------------------------------


def test_a_reply_stands_beneath_the_comment_above(adapter):
    reply = next(one for one in adapter.comments if "." in one)
    target = Target(reply, kind="comment", identifiers={"thread": reply.partition(".")[0]})
    item = connect(adapter).reply(saying(adapter, "Thank you", target))
    body = json.loads(adapter.requests[-1][2])
    assert body == {"snippet": {"parentId": reply.partition(".")[0], "textOriginal": "Thank you"}}
    assert (item.parent_id, item.outgoing) == (reply.partition(".")[0], True)


def test_a_video_is_answered_by_a_comment(adapter):
    target = on_video("vid-0000000")
    item = connect(adapter).reply(saying(adapter, "Look", target))
    body = json.loads(adapter.requests[-1][2])["snippet"]
    assert (body["videoId"], body["channelId"]) == ("vid-0000000", ME)
    assert connect(adapter).find_sent(saying(adapter, "Look", target)).external_id == item.external_id


def test_words_of_somebody_else_are_not_taken_for_ours(adapter):
    adapter.comment("Thank you", parent=adapter.target().external_id, at=datetime.now(UTC))
    assert connect(adapter).find_sent(saying(adapter, "Thank you")) is None


@pytest.mark.parametrize(
    ("status", "reason", "kind"),
    [
        (403, "commentsDisabled", errors.Refused),
        (400, "commentTextTooLong", errors.Refused),
        (400, "parentCommentIsPrivate", errors.Refused),
        (400, "invalidCommentMetadata", errors.Refused),
        (404, "parentCommentNotFound", errors.Gone),
        (403, "ineligibleAccount", errors.AccessDenied),
        (403, "insufficientPermissions", errors.AccessDenied),
        (401, "authError", errors.AccessExpired),
    ],
)
def test_reasons_of_youtube_become_the_errors_they_are(adapter, status, reason, kind):
    with pytest.raises(kind) as caught:
        connect(adapter, lambda request: refusal(status, reason)).reply(saying(adapter, "Thank you"))
    assert not caught.value.unsure and caught.value.status == status


# --- moderating and figures --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("action", "state"),
    [("hide", "heldForReview"), ("approve", "published"), ("unhide", "published"), ("delete", "rejected")],
)
def test_moderating_sets_the_state_of_a_comment(adapter, action, state):
    connect(adapter).moderate(action, adapter.target())
    assert adapter.comments[adapter.target().external_id]["state"] == state


def test_a_ban_rejects_the_comment_and_its_author(adapter):
    connect(adapter).moderate("ban", adapter.target())
    assert "banAuthor=true" in adapter.requests[-1][1]


def test_own_comments_are_deleted_and_that_can_be_repeated(adapter):
    item = connect(adapter).reply(saying(adapter, "Thank you"))
    for _turn in range(2):
        connect(adapter).moderate("delete", Target(item.external_id, author_id=ME))
    assert item.external_id not in adapter.comments
    with pytest.raises(errors.Gone):
        connect(adapter).moderate("approve", Target("gone", author_id=ANA))


def test_figures_of_channel_videos_and_comments(adapter):
    things = [("vid-0000000", {"video": "vid-0000000"}), ("Ugx000000", {"video": "vid-x"}), ("unknown", {})]
    figures = connect(adapter).metrics(things)
    assert (figures.followers, figures.posts) == (250, 12)
    assert (figures.items["vid-0000000"].views, figures.items["vid-0000000"].replies) == (90, 4)
    assert figures.items["Ugx000000"].likes == 3 and "unknown" not in figures.items


def test_a_profile_is_found_by_handle_id_and_address(adapter):
    for handle in ("ana", "@ana", ANA, "https://www.youtube.com/@ana/videos", "youtube.com/channel/" + ANA):
        assert connect(adapter).profile(handle).external_id == ANA
    assert connect(adapter).profile("a b") is None
