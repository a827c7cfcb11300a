"""NodeBB: what goes beyond what every network has to keep to."""

import json
from datetime import UTC, datetime, timedelta

import pytest

from connectors import errors
from connectors.base import Sentence
from connectors.http import Http
from connectors.items import Outgoing
from connectors.nodebb import NodeBB

from .adapters.nodebb import HOST, NodeBBAdapter


@pytest.fixture
def forum():
    return NodeBBAdapter()


def connect(forum, answer=None, **values):
    return NodeBB(Http(transport=answer or forum.answer), {**forum.settings, **values}, dict(forum.secrets))


def listen(forum, cursor=None, **values):
    pages = list(connect(forum, **values).listen(cursor or {}))
    assert not [reject for page in pages for reject in page.rejects]
    return [item for page in pages for item in page.items], pages[-1].cursor


def outgoing(target, text="Thank you.", way="reply", **values):
    return Outgoing("a" * 32, text, way, target=target, first_tried_at=datetime.now(UTC), **values)


# --- listening ---------------------------------------------------------------------------------------------------


def test_a_post_says_where_it_stands(forum):
    topic = forum.topic("A kettle &amp; more")
    first = forum.write("It <b>leaks</b> &amp; 1 &lt; 2\n\nSecond", topic)
    second = forum.write("Here too", topic, "desk", to=first["pid"])
    start, answer = listen(forum, searches="")[0]
    assert (start.kind, start.title, start.text) == ("post", "A kettle & more", "It leaks & 1 < 2\nSecond")
    assert (start.url, start.conversation_id, start.likes) == (
        f"https://{HOST}/post/{first['pid']}", f"topic/{topic['tid']}", 2
    )  # fmt: skip
    assert (start.author.handle, start.author.url) == ("@ana", f"https://{HOST}/user/ana")
    assert start.author.avatar_url == f"https://{HOST}/a.png"
    assert (answer.kind, answer.parent_id, answer.external_id) == ("comment", start.external_id, str(second["pid"]))
    assert answer.outgoing and not start.outgoing


def test_the_same_post_reads_the_same_wherever_it_is_found(forum):
    post = forum.write("a kettle\n\nwith a <b>lid</b>")
    forum.notifications.append({"nid": "x", "path": f"/post/{post['pid']}", "datetime": post["timestamp"]})
    texts = {
        item.text
        for values in ({"latest": False, "searches": ""}, {"searches": ""}, {"latest": False})
        for item in listen(forum, **values)[0]
    }
    assert texts == {"a kettle\nwith a lid"} == {connect(forum).lookup(str(post["pid"]), {}).text}


def test_notifications_bring_what_was_said_and_not_what_was_done(forum):
    said, liked = forum.write("hello"), forum.write("nice")
    when = said["timestamp"]
    forum.notifications += [
        {"nid": f"new_post:tid:1:pid:{said['pid']}:uid:6", "path": f"/post/{said['pid']}", "datetime": when},
        {"nid": f"upvote:post:{liked['pid']}:uid:6", "path": f"/post/{liked['pid']}", "datetime": when + 1},
        {"nid": "follow:5:uid:6", "path": "/user/ana", "datetime": when + 2},
        {"nid": "new_post:tid:1:pid:9:uid:6", "path": "/post/9", "datetime": when + 3},
    ]
    (item,) = listen(forum, latest=False, searches="")[0]
    assert (item.external_id, item.origin) == (str(said["pid"]), "own")


def test_only_new_messages_of_a_chat_arrive(forum):
    first = forum.talk("hello")
    items, cursor = listen(forum, latest=False, searches="")
    assert [item.external_id for item in items] == [f"chats/31/messages/{first['messageId']}"]
    said = [forum.talk(f"message {turn}") for turn in range(70)]
    own = forum.talk("from us", "desk")
    items, cursor = listen(forum, cursor, latest=False, searches="")
    assert [item.external_id for item in items] == [f"chats/31/messages/{one['messageId']}" for one in (*said, own)]
    assert {(item.visibility, item.origin, item.kind) for item in items} == {("direct", "own", "message")}
    assert [item.outgoing for item in items] == [False] * 70 + [True]
    assert listen(forum, cursor, latest=False, searches="")[0] == []


def test_pages_of_which_nothing_may_be_seen_are_passed_over(forum):
    forum.publish(3)
    cursor = listen(forum, searches="")[1]
    published = [str(forum.write(f"post {turn}")["pid"]) for turn in range(50)]

    def holed(request):
        if "/recent/posts" in request.url and "page=2" in request.url:
            return 200, {}, b"[]"
        return forum.answer(request)

    pages = list(connect(forum, holed, searches="").listen(cursor))
    found = {item.external_id for page in pages for item in page.items}
    assert found == {*published[:10], *published[30:]}


def test_a_deleted_post_is_gone(forum):
    post = forum.write("x")
    post["deleted"] = True
    with pytest.raises(errors.Gone):
        connect(forum).lookup(str(post["pid"]), {})
    with pytest.raises(errors.Gone):
        connect(forum).lookup("chats/31/messages/1", {})


def test_conversations_are_topics_and_chats(forum):
    topic = forum.topic("A kettle")
    posts = [forum.write(f"post {turn}", topic) for turn in range(45)]
    found = connect(forum).thread(str(posts[40]["pid"]), {})
    assert [one.external_id for one in found] == [str(one["pid"]) for one in posts] and found[0].title == "A kettle"
    messages = [forum.talk(f"message {turn}") for turn in range(3)]
    found = connect(forum).thread(f"chats/31/messages/{messages[1]['messageId']}", {})
    assert [one.text for one in found] == ["message 0", "message 1", "message 2"]


# --- answering ---------------------------------------------------------------------------------------------------


def test_an_answer_names_the_post_that_it_answers(forum):
    forum.publish(1)
    target = forum.target()
    item = connect(forum).reply(outgoing(target, "1 < 2 & <b>so</b>"))
    method, path, query, body = forum.requests[-1]
    assert (method, path) == ("POST", f"/api/v3/topics/{target.identifiers['topic']}")
    assert body == {"content": "1 &lt; 2 &amp; &lt;b>so&lt;/b>", "toPid": int(target.external_id)}
    assert query["lang"] == "en-GB"
    assert (item.parent_id, item.conversation_id) == (target.external_id, target.conversation_id)
    assert item.author.external_id == "5"


def test_an_answer_in_a_chat_stays_there(forum):
    target = forum.direct()
    message = outgoing(target)
    item = connect(forum).reply(message)
    assert forum.requests[-1][1] == "/api/v3/chats/31" and item.visibility == "direct"
    assert connect(forum).find_sent(message).external_id == item.external_id


def test_a_chat_is_opened_where_there_is_none(forum):
    forum.publish(1)
    forum.acquainted = False
    message = outgoing(forum.target(), way="message")
    assert connect(forum).find_sent(message) is None
    item = connect(forum).message(message)
    posted = [(path, body) for method, path, _query, body in forum.requests if method == "POST"]
    assert posted == [("/api/v3/chats", {"uids": [6]}), ("/api/v3/chats/31", {"message": "Thank you."})]
    assert connect(forum).find_sent(message).external_id == item.external_id


def test_a_topic_needs_a_category_and_a_title(forum):
    assert isinstance(NodeBB.objection(outgoing(None, way="publish")), Sentence)
    assert NodeBB.limit("message") == 1000 and NodeBB.limit("publish") == 32767
    with pytest.raises(errors.Refused):
        connect(forum, category="").publish(outgoing(None, way="publish", title="News"))
    message = outgoing(None, way="publish", title="News")
    item = connect(forum, category="4").publish(message)
    assert forum.requests[-1][3] == {"cid": 4, "title": "News", "content": "Thank you."}
    assert (item.title, item.kind) == ("News", "post")
    assert connect(forum).find_sent(message).external_id == item.external_id
    assert connect(forum).find_sent(outgoing(None, way="publish", title="Other")) is None
    assert connect(forum).choices() == {"category": [("2", "General"), ("4", "Teapots")]}


@pytest.mark.parametrize(
    ("status", "message", "kind"),
    [
        (400, "You can only post once every 10 second(s) - please wait before posting again", errors.RateLimited),
        (400, "You have sent too many messages, please wait awhile.", errors.RateLimited),
        (400, "Please enter a longer post.", errors.Refused),
        (401, "A valid login session was not found.", errors.AccessExpired),
        (403, "You do not have enough privileges for this action.", errors.AccessDenied),
        (404, "Topic does not exist", errors.Gone),
        (500, "Internal error", errors.Retriable),
    ],
)
def test_refusals_are_what_the_forum_says(forum, status, message, kind):
    def refuse(request):
        return forum._no(status, message) if request.method == "POST" else forum.answer(request)

    forum.publish(1)
    with pytest.raises(kind) as caught:
        connect(forum, refuse).reply(outgoing(forum.target()))
    assert caught.value.unsure == (kind is errors.Retriable)
    if "10 second" in message:
        assert timedelta(0) < caught.value.retry_at - datetime.now(UTC) <= timedelta(seconds=10)


def test_what_waits_for_a_moderator_is_not_sent_again(forum):
    def queue(request):
        if request.method == "POST":
            return forum._ok({"queued": True, "message": "Your post will be reviewed", "id": "reply-1"})
        return forum.answer(request)

    forum.publish(1)
    for message in (outgoing(forum.target()), outgoing(None, way="publish", title="News")):
        with pytest.raises(errors.Refused) as caught:
            getattr(connect(forum, queue), message.way)(message)
        assert "approves" in caught.value.message


# --- moderation and figures --------------------------------------------------------------------------------------


def test_moderation_asks_what_the_forum_knows(forum):
    forum.publish(1)
    target = forum.target()
    post = forum.posts[int(target.external_id)]
    connector = connect(forum)
    for action, deleted in (("hide", True), ("hide", True), ("unhide", False), ("unhide", False)):
        connector.moderate(action, target)
        assert post["deleted"] is deleted
    for action in ("report", "report", "ban"):
        connector.moderate(action, target, "Rude")
    asked = [(method, path, body) for method, path, _query, body in forum.requests if method != "GET"]
    path = f"/api/v3/posts/{target.external_id}"
    flag = ("POST", "/api/v3/flags", {"type": "post", "id": int(target.external_id), "reason": "Rude"})
    assert asked == [
        ("DELETE", path + "/state", {}), ("PUT", path + "/state", {}), flag, flag,
        ("PUT", "/api/v3/users/6/ban", {"until": 0, "reason": "Rude"}),
    ]  # fmt: skip
    for _turn in range(2):
        connector.moderate("delete", target)
    assert int(target.external_id) not in forum.posts
    with pytest.raises(errors.Refused):
        connector.moderate("hide", forum.direct())


def test_figures_are_those_of_the_user_and_of_posts(forum):
    post = forum.write("x")
    figures = connect(forum).metrics([(str(post["pid"]), {}), ("chats/31/messages/5", {}), ("99", {})])
    assert (figures.followers, figures.posts) == (3, 9)
    assert {key: counts.likes for key, counts in figures.items.items()} == {str(post["pid"]): 2}


def test_who_we_are_is_asked_again_when_the_token_changes(forum):
    cursor = listen(forum)[1]
    asked = len(forum.requests)
    listen(forum, cursor)
    assert "/api/self" not in [path for _method, path, _query, _body in forum.requests[asked:]]
    assert "access" in cursor["me"] and forum.secrets["token"] not in json.dumps(cursor)
    other = NodeBB(Http(transport=forum.answer), forum.settings, {"token": "another"})
    with pytest.raises(errors.AccessExpired):
        list(other.listen(cursor))
