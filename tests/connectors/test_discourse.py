"""Discourse: what goes beyond what every network has to keep to."""

import json
from datetime import UTC, datetime, timedelta

import pytest

from connectors import errors
from connectors.base import Sentence
from connectors.discourse import Discourse
from connectors.http import Http
from connectors.items import Outgoing

from .adapters.discourse import HOST, LIKED, MENTIONED, REPLIED, DiscourseAdapter

NOW = datetime(2026, 1, 1, tzinfo=UTC)


@pytest.fixture
def forum():
    return DiscourseAdapter()


def connect(forum, answer=None, **values):
    return Discourse(Http(transport=answer or forum.answer), {**forum.settings, **values}, dict(forum.secrets))


def listen(forum, cursor=None, **values):
    pages = list(connect(forum, **values).listen(cursor or {}))
    assert not [reject for page in pages for reject in page.rejects]
    return {item.external_id: item for page in pages for item in page.items}, pages[-1].cursor


def outgoing(target, text="Thank you.", way="reply", key="a" * 32, **values):
    return Outgoing(key, text, way, target=target, first_tried_at=datetime.now(UTC), **values)


# --- listening ---------------------------------------------------------------------------------------------------


def test_posts_tell_whether_they_concern_us(forum):
    topic = forum.topic("A kettle & more")
    first = forum.write("It leaks", topic)
    mention = forum.write('<a class="mention" href="/u/desk">@Desk</a> look', topic)
    answer = forum.write("Yes", topic, reply_to_user={"username": "desk"})
    ours = forum.write("We look", topic, user="desk")
    items = listen(forum, searches="")[0]
    assert [items[str(one["id"])].origin for one in (first, mention, answer, ours)] == ["search", "own", "own", "own"]
    assert [items[str(one["id"])].outgoing for one in (mention, ours)] == [False, True]
    start = items[str(first["id"])]
    assert (start.kind, start.title, start.conversation_id) == ("post", "A kettle & more", f"t/{topic['id']}")
    assert items[str(mention["id"])].kind == "comment" and items[str(mention["id"])].title == ""
    assert start.url == f"https://{HOST}/t/a-topic/{topic['id']}/1"
    assert (start.likes, start.author.handle) == (4, "@ana")
    assert start.author.avatar_url == f"https://{HOST}/user_avatar/{HOST}/ana/96/3_2.png"


def test_notifications_bring_what_was_said_and_not_what_was_done(forum):
    said, quoted, liked = forum.write("hello"), forum.write("you"), forum.write("nice")
    for post, kind in ((said, MENTIONED), (quoted, REPLIED), (liked, LIKED)):
        forum.notify(post, kind)
    items = listen(forum, latest=False, searches="")[0]
    assert set(items) == {str(said["id"]), str(quoted["id"])}
    assert {item.origin for item in items.values()} == {"own"}
    assert items[str(said["id"])].title.startswith("Topic")


def test_what_was_taken_away_since_we_were_told_of_it_disturbs_nothing(forum):
    gone, there = forum.write("gone"), forum.write("there")
    forum.notify(gone)
    forum.notify(there)
    forum.remove(str(gone["id"]))
    assert set(listen(forum, latest=False, searches="")[0]) == {str(there["id"])}


def test_stretches_of_numbers_without_any_post_are_passed_over(forum):
    forum.publish(20)
    cursor = listen(forum, searches="")[1]
    first = forum.publish(15)
    forum._made += 100
    second = forum.publish(15)
    assert set(first + second) <= set(listen(forum, cursor, searches="")[0])


def test_search_asks_for_the_newest_and_reads_whole_posts(forum):
    post = forum.write("a kettle that is described at length")
    items = listen(forum, latest=False)[0]
    assert items[str(post["id"])].text == "a kettle that is described at length"
    (query,) = [query for _method, path, query, _body in forum.requests if path == "/search.json"]
    assert query == {"q": ["kettle order:latest"]}


def test_a_deleted_post_is_gone_also_where_moderators_still_see_it(forum):
    post = forum.write("x")
    post["deleted_at"] = "2026-01-01T00:00:00.000Z"
    with pytest.raises(errors.Gone):
        connect(forum).lookup(str(post["id"]), {})
    post |= {"deleted_at": None, "user_deleted": True}
    with pytest.raises(errors.Gone):
        connect(forum).lookup(str(post["id"]), {})


def test_a_conversation_is_the_topic_in_order_with_what_answers_what(forum):
    topic = forum.topic("A kettle")
    posts = [forum.write(f"post {turn}", topic, answers=2 if turn == 3 else None) for turn in range(140)]
    found = connect(forum).thread(str(posts[70]["id"]), {})
    assert len(found) == 100 and found[0].external_id == str(posts[0]["id"]) and found[0].title == "A kettle"
    assert str(posts[70]["id"]) in [one.external_id for one in found]
    start = connect(forum).thread(str(posts[3]["id"]), {})
    by_id = {one.external_id: one for one in start}
    assert by_id[str(posts[3]["id"])].parent_id == str(posts[1]["id"])
    message = forum.write("psst", forum.topic("Psst", "private_message"))
    assert {one.visibility for one in connect(forum).thread(str(message["id"]), {})} == {"direct"}


# --- answering ---------------------------------------------------------------------------------------------------


def test_an_answer_goes_to_the_post_in_its_topic(forum):
    topic = forum.topic("A kettle")
    first, second = forum.write("It leaks", topic), forum.write("Here too", topic)
    item = connect(forum).reply(outgoing(forum._target(second), "1 < 2 & so"))
    assert forum.requests[-1][3] == {"raw": "1 &lt; 2 &amp; so", "topic_id": topic["id"], "reply_to_post_number": 2}
    assert (item.text, item.visibility, item.conversation_id) == ("1 < 2 & so", "public", f"t/{topic['id']}")
    connect(forum).reply(outgoing(forum._target(first)))
    assert "reply_to_post_number" not in forum.requests[-1][3]


def test_answers_of_the_same_words_to_two_posts_are_told_apart(forum):
    topic = forum.topic("A kettle")
    first, second, third = (forum.write("It leaks", topic) for _turn in range(3))
    message = outgoing(forum._target(second))
    sent = connect(forum).reply(message)
    assert connect(forum).find_sent(message).external_id == sent.external_id
    assert connect(forum).find_sent(outgoing(forum._target(third))) is None
    assert connect(forum).find_sent(outgoing(forum._target(first))) is None


def test_a_private_message_names_its_recipient_and_bears_our_key(forum):
    message = outgoing(forum.target(), way="message") if forum.publish(1) else None
    item = connect(forum).message(message)
    body = forum.requests[-1][3]
    assert (body["target_recipients"], body["archetype"], body["external_id"]) == ("ana", "private_message", "a" * 32)
    assert body["title"] == "Thank you." and item.visibility == "direct"
    assert connect(forum).find_sent(message).external_id == item.external_id
    assert connect(forum).find_sent(outgoing(message.target, way="message", key="b" * 32)) is None


def test_a_topic_goes_into_the_chosen_category(forum):
    assert isinstance(Discourse.objection(outgoing(None, way="publish")), Sentence)
    item = connect(forum, category="4").publish(outgoing(None, way="publish", title="We open"))
    assert forum.requests[-1][3]["category"] == 4
    assert (item.title, item.kind, item.outgoing) == ("We open", "post", True)
    assert connect(forum).choices() == {"category": [("3", "Kettles"), ("4", "Teapots")]}


@pytest.mark.parametrize(
    ("status", "said", "kind"),
    [
        (422, {"errors": ["Body is too similar to what you recently posted"]}, errors.Duplicate),
        (422, {"errors": ["El cuerpo es demasiado parecido a lo que has publicado"]}, errors.Duplicate),
        (422, {"errors": ["Title is too short (minimum is 15 characters)"]}, errors.Refused),
        (403, {"errors": ["You are not permitted"], "error_type": "invalid_access"}, errors.AccessDenied),
        (
            403,
            {"errors": ["The API username or key is invalid."], "error_type": "invalid_access"},
            errors.AccessExpired,
        ),
        (404, {"errors": ["Not found"], "error_type": "not_found"}, errors.Gone),
        (
            429,
            {"errors": ["Slow down"], "error_type": "rate_limit", "extras": {"wait_seconds": 40}},
            errors.RateLimited,
        ),
        (500, {"errors": ["Oops"]}, errors.Retriable),
    ],
)
def test_refusals_are_what_the_forum_says(forum, status, said, kind):
    def refuse(request):
        if request.method == "POST":
            return status, {}, json.dumps(said).encode()
        return forum.answer(request)

    forum.publish(1)
    with pytest.raises(kind) as caught:
        connect(forum, refuse).reply(outgoing(forum.target()))
    assert caught.value.unsure == (kind is errors.Retriable)
    if kind is errors.RateLimited:
        assert abs(caught.value.retry_at - datetime.now(UTC) - timedelta(seconds=40)) < timedelta(seconds=10)


def test_what_waits_for_a_moderator_is_not_sent_again(forum):
    def queue(request):
        if request.method == "POST":
            return 200, {}, b'{"action": "enqueued", "success": true, "pending_count": 1}'
        return forum.answer(request)

    forum.publish(1)
    with pytest.raises(errors.Refused) as caught:
        connect(forum, queue).reply(outgoing(forum.target()))
    assert "approves" in caught.value.message


# --- moderation and figures --------------------------------------------------------------------------------------


def test_moderation_asks_what_the_forum_knows_and_only_once(forum):
    forum.publish(1)
    target = forum.target()
    for action in ("report", "spam", "ban", "delete"):
        for _turn in range(2):
            connect(forum).moderate(action, target, "Rude")
    asked = [(method, path, body) for method, path, _query, body in forum.requests if method != "GET"]
    post = int(target.external_id)
    assert asked == [
        ("POST", "/post_actions.json", {"id": post, "post_action_type_id": 4}),
        ("POST", "/post_actions.json", {"id": post, "post_action_type_id": 8}),
        ("PUT", "/admin/users/6/suspend.json", {"suspend_until": "3000-01-01", "reason": "Rude"}),
        ("DELETE", f"/posts/{post}.json", {}),
    ]


def test_figures_are_those_of_posts(forum):
    post = forum.write("x", reply_count=2)
    counts = connect(forum).metrics([(str(post["id"]), {}), ("99999", {})]).items
    assert (counts[str(post["id"])].views, counts[str(post["id"])].likes, counts[str(post["id"])].replies) == (3, 4, 2)
    assert set(counts) == {str(post["id"])}


# --- push --------------------------------------------------------------------------------------------------------


def push(forum, content):
    headers, body = forum.push(content, NOW)
    return connect(forum).parse_push(headers, body, NOW)


def test_a_delivery_is_believed_for_what_is_signed(forum):
    private = forum.write("psst", topic_archetype="private_message")
    deleted = forum.write("bye", deleted_at="2026-01-01T00:00:00.000Z", topic_archetype="regular")
    (item,) = push(forum, {"post": private}).items
    assert (item.visibility, item.origin, item.kind) == ("direct", "own", "message")
    assert push(forum, {"post": deleted}).items[0].deleted
    headers, body = forum.push({"post": forum.write("still there", topic_archetype="regular")}, NOW)
    headers["x-discourse-event"] = "post_destroyed"
    assert not connect(forum).parse_push(headers, body, NOW).items[0].deleted


def test_a_ping_and_other_events_bring_nothing(forum):
    for content in ({"ping": "OK"}, {"topic": {"id": 1}}, {"user": {"id": 1}}):
        page = push(forum, content)
        assert not page.items and not page.rejects
    page = push(forum, {"post": {"id": "x"}})
    assert not page.items and len(page.rejects) == 1
    with pytest.raises(errors.Malformed):
        push(forum, b"[1]")


def test_a_repeat_is_known_whatever_its_headers_say(forum):
    headers, body = forum.push({"post": {"id": 1}}, NOW)
    known = Discourse.delivery_id(headers, body)
    assert Discourse.delivery_id({**headers, "x-discourse-event-id": "13"}, body) == known
    assert Discourse.delivery_id(headers, body + b" ") != known


def test_without_a_secret_nothing_is_believed(forum):
    headers, body = forum.push({"ping": "OK"}, NOW)
    connector = Discourse(Http(), forum.settings, {"api_key": "x"})
    with pytest.raises(errors.AccessDenied):
        connector.parse_push(headers, body, NOW)
    del headers["x-discourse-event-signature"]
    with pytest.raises(errors.AccessDenied):
        connect(forum).parse_push(headers, body, NOW)
