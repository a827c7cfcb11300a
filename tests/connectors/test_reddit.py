"""Reddit, against its recorded answers."""

import json
from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qs, urlsplit

import pytest

from connectors import errors, oauth
from connectors.http import Http
from connectors.items import Outgoing, Target
from connectors.reddit import Reddit
from connectors.reddit_items import Reader

from .adapters.base import SECRET
from .adapters.reddit import ME, RedditAdapter, limits, recorded


@pytest.fixture
def site():
    return RedditAdapter()


def connect(fake, /, **values):
    return Reddit(Http(transport=fake.answer), {**fake.settings, **values}, fake.secrets)


def listen(fake, /, cursor=None, **values):
    """Return the items of a run and the cursor after it."""
    cursor, items = cursor or {}, []
    for page in connect(fake, **values).listen(cursor):
        cursor = json.loads(json.dumps(page.cursor))
        items += page.items
    return items, cursor


def outgoing(target=None, way="reply", text="Thank you, we look into it.", minutes=0, **values):
    first = datetime.now(UTC) + timedelta(minutes=minutes)
    return Outgoing("0" * 32, text, way, target, first_tried_at=first, **values)


def only(name):
    """Return the first thing of a recorded listing."""
    return recorded(name)["data"]["children"][0]["data"]


# --- recorded answers --------------------------------------------------------------------------------------------


def test_a_recorded_mention_is_read():
    item = Reader(ME).item(only("mentions"), "own")
    assert (item.kind, item.visibility, item.origin, item.outgoing) == ("comment", "public", "own", False)
    assert item.text == "Hello u/acme_desk, the **boots** are fine."
    assert (item.author.external_id, item.author.handle) == ("ana", "u/ana")
    assert item.conversation_id == "t3_4b1tfm" and item.parent_id.startswith("t3_")
    assert item.url == "https://www.reddit.com/r/boots/comments/4b1tfm/about_acme_boots/d1616q2/?context=3"
    assert item.published_at == datetime(2019, 4, 9, 1, 45, 8, tzinfo=UTC)
    assert item.identifiers["subreddit"] == "boots"


def test_a_recorded_message_is_private():
    item = Reader(ME).item(only("messages"), "own")
    assert (item.kind, item.visibility, item.title) == ("message", "direct", "A subject")
    assert item.conversation_id == item.external_id
    ours = Reader(ME).item(only("sent"))
    assert ours.outgoing and ours.origin == "own"
    assert ours.parent_id.startswith("t4_") and ours.conversation_id.startswith("t4_")


def test_a_recorded_post_is_read():
    item = Reader(ME).item(only("search"))
    assert (item.kind, item.title, item.text) == ("post", "About acme boots", "Some words about *acme* boots.")
    assert item.conversation_id == item.external_id and not item.parent_id


def test_recorded_things_of_the_overview_are_told_apart():
    comment, post = Reader("ana").read([one["data"] for one in recorded("overview")["data"]["children"]], "own")[0]
    assert (comment.kind, post.kind) == ("comment", "post")
    assert comment.outgoing and post.outgoing and comment.conversation_id.startswith("t3_")


def test_a_recorded_deletion_is_one():
    item = Reader(ME).item(only("deleted"))
    assert (item.deleted, item.text, item.author) == (True, "", None)


def test_a_recorded_limit_is_understood(site):
    connector = connect(site)
    connector.profile("ana")
    limit = connector.http.rate_limit
    assert limits()["x-ratelimit-remaining"] == "599.0" and limit.remaining == 599
    assert 360 < (limit.reset_at - datetime.now(UTC)).total_seconds() < 370


# --- reading -----------------------------------------------------------------------------------------------------


def test_a_post_that_leads_elsewhere_shows_where():
    item = Reader().item(only("search") | {"is_self": False, "selftext": "", "url": "https://acme.example/boots"})
    assert item.text == "https://acme.example/boots"


def test_a_message_of_a_community_is_the_communitys():
    item = Reader().item(only("messages") | {"author": None, "subreddit": "boots"})
    assert (item.author.external_id, item.author.name) == ("r/boots", "r/boots")


def test_every_request_names_program_and_user(site):
    listen(site)
    assert {request.headers["User-Agent"] for request in site.requests} == {f"odoo:an-app:19.0 (by /u/{ME})"}
    assert all("raw_json=1" in request.url for request in site.requests)
    assert SECRET not in "".join(request.url for request in site.requests)


def test_communities_are_followed_together(site):
    listen(site, communities="r/boots\n/r/Shoes/\nbad name\nhttps://x", searches="")
    paths = [urlsplit(request.url).path for request in site.requests]
    assert paths == ["/message/inbox", f"/user/{ME}/overview", "/r/boots+Shoes/new", "/r/boots+Shoes/comments"]


def test_searches_may_be_kept_inside_the_communities(site):
    listen(site, inside=True)
    search = next(request.url for request in site.requests if "/search" in request.url)
    assert urlsplit(search).path == "/r/boots/search"
    assert parse_qs(urlsplit(search).query)["restrict_sr"] == ["on"]


def test_what_our_user_says_elsewhere_is_kept_as_ours(site):
    site.add("t1", "answered on the site", author="Acme_Desk".lower())
    found = [item for item in listen(site)[0] if item.outgoing]
    assert [(item.text, item.origin) for item in found] == [("answered on the site", "own")]


def test_deleted_and_removed_things_are_gone(site):
    thing, other = site.add("t1", "a"), site.add("t3", "b")
    _items, cursor = listen(site)
    site.remove(thing["name"])
    other |= {"author": "[deleted]", "selftext": "[removed]"}
    assert {item.external_id for item in listen(site, cursor)[0] if item.deleted} == {thing["name"], other["name"]}
    for name in (thing["name"], other["name"], "t1_zzzz", "t4_zzzz"):
        with pytest.raises(errors.Gone):
            connect(site).lookup(name, {})
    with pytest.raises(errors.Malformed):
        connect(site).lookup("../me", {})


def test_a_thread_is_read_down_to_the_last_answer(site):
    link = site.add("t3", "post")
    first = site.add("t1", "first", parent_id=link["name"], link_id=link["name"])
    second = site.add("t1", "second", parent_id=first["name"], link_id=link["name"])
    gone = site.add("t1", "gone", parent_id=first["name"], link_id=link["name"])
    site.remove(gone["name"])
    expected = [link["name"], first["name"], second["name"]]
    assert [item.external_id for item in connect(site).thread(link["name"], {})] == expected
    found = connect(site).thread(second["name"], {})
    assert [item.external_id for item in found] == expected
    assert {item.conversation_id for item in found} == {link["name"]}
    assert "comment=" in site.requests[-1].url
    message = site.add("t4", "hello")
    assert [item.external_id for item in connect(site).thread(message["name"], {})] == [message["name"]]


def test_checking_names_who_we_are_and_what_a_permission_lacks(site):
    site.publish(8)
    real = site.answer

    def answer(request):
        return (403, {}, b"{}") if "/message/inbox" in request.url else real(request)

    found = Reddit(Http(transport=answer), site.settings, site.secrets).check()
    assert (found.account, found.account_id) == (f"u/{ME}", recorded("me")["id"])
    assert len(found.can) == 4 and len(found.missing) == 1


def test_renewing_shows_the_application_and_keeps_the_permission(site):
    asked = []

    def answer(request):
        asked.append(request)
        return 200, {}, b'{"access_token": "new", "token_type": "bearer", "expires_in": 86400, "scope": "read"}'

    connector = Reddit(Http(transport=answer), site.settings, site.secrets)
    tokens = connector.renew()
    assert tokens.secrets["access_token"] == "new" and tokens.secrets["refresh_token"] == SECRET
    assert asked[0].headers["Authorization"].startswith("Basic ")
    assert parse_qs(asked[0].body)["grant_type"] == ["refresh_token"]
    address = oauth.authorization_address(connector, "https://odoo.example/oauth", "state", "v" * 50)
    query = parse_qs(urlsplit(address).query)
    assert query["duration"] == ["permanent"] and "privatemessages" in query["scope"][0].split()
    assert "code_challenge" not in query


# --- saying something --------------------------------------------------------------------------------------------


def test_a_comment_is_sent_as_reddit_wants_it(site):
    site.publish(4)
    target = site.target()
    item = connect(site).reply(outgoing(target))
    path, query = site.done[0]
    assert path == "/api/comment"
    assert query == {"api_type": "json", "thing_id": target.external_id, "text": "Thank you, we look into it."}
    assert (item.parent_id, item.kind, item.outgoing) == (target.external_id, "comment", True)


def test_a_private_message_has_a_subject(site):
    site.publish(4)
    item = connect(site).message(outgoing(site.target(), "message", "First line\nSecond line"))
    path, query = site.done[0]
    assert (path, query["to"], query["subject"]) == ("/api/compose", "ana", "First line")
    assert (item.visibility, item.text) == ("direct", "First line\nSecond line")
    with pytest.raises(errors.Refused):
        connect(site).message(outgoing(Target("t1_b640", author_handle=""), "message"))


def test_a_message_that_does_not_show_yet_is_unsure(site):
    site.publish(4)
    target, real = site.target(), site.answer

    def answer(request):
        if "/message/sent" in request.url:
            return 200, {}, json.dumps(site.listing([], {})).encode()
        return real(request)

    with pytest.raises(errors.Retriable) as caught:
        Reddit(Http(transport=answer), site.settings, site.secrets).message(outgoing(target, "message"))
    assert caught.value.unsure and len(site.sent()) == 1
    assert connect(site).find_sent(outgoing(target, "message")).external_id == site.sent()[0][0]


@pytest.mark.parametrize(("where", "place"), [("", f"u_{ME}"), ("r/boots", "boots"), ("/r/boots/", "boots")])
def test_a_post_goes_where_it_is_wanted(site, where, place):
    item = connect(site, publish_to=where).publish(outgoing(None, "publish", "The text", title="The title"))
    path, query = site.done[0]
    assert (path, query["sr"], query["kind"], query["title"]) == ("/api/submit", place, "self", "The title")
    assert (item.title, item.text, item.kind) == ("The title", "The text", "post")
    assert connect(site, publish_to=where).find_sent(outgoing(None, "publish", "The text", title="The title"))
    assert connect(site, publish_to=where).find_sent(outgoing(None, "publish", "The text", title="Other")) is None


def test_a_title_has_a_limit():
    assert Reddit.objection(outgoing(None, "publish", title="x" * 301)).params["limit"] == 300
    assert Reddit.objection(outgoing(None, "publish", title="x" * 300)) is None


@pytest.mark.parametrize("way", ["reply", "message", "direct"])
def test_what_was_sent_is_found_by_its_words_place_and_time(site, way):
    site.publish(4)
    target = site.direct() if way == "direct" else site.target()
    way = "reply" if way == "direct" else way
    sent = getattr(connect(site), way)(outgoing(target, way))
    assert connect(site).find_sent(outgoing(target, way)).external_id == sent.external_id
    assert connect(site).find_sent(outgoing(target, way, minutes=5)) is None
    assert connect(site).find_sent(outgoing(target, way, "Other words.")) is None


@pytest.mark.parametrize(
    ("problem", "kind"),
    [
        (["THREAD_LOCKED", "Comments are locked.", "parent"], errors.Refused),
        (["TOO_LONG", "this is too long (max: 10000)", "text"], errors.Refused),
        (["DELETED_LINK", "the link you are commenting on has been deleted", "parent"], errors.Gone),
        (["USER_REQUIRED", "please login to do that", None], errors.AccessExpired),
        (["ALREADY_SUB", "that link has already been submitted", "url"], errors.Duplicate),
        (["RATELIMIT", "Take a break for 9 minutes before trying again.", "ratelimit"], errors.RateLimited),
        ([None, 5], errors.Refused),
        ("odd", errors.Refused),
    ],
)
def test_what_reddit_objects_to_is_understood(site, problem, kind):
    site.publish(4)
    target, site.problem = site.target(), problem
    with pytest.raises(kind) as caught:
        connect(site).reply(outgoing(target))
    assert not caught.value.unsure and not site.sent()
    if kind is errors.RateLimited:
        assert 530 < (caught.value.retry_at - datetime.now(UTC)).total_seconds() < 550


@pytest.mark.parametrize(
    ("action", "path", "expected"),
    [
        ("delete", "/api/remove", {"spam": "false"}),
        ("spam", "/api/remove", {"spam": "true"}),
        ("approve", "/api/approve", {}),
        ("report", "/api/report", {"reason": "Rude."}),
        ("ban", "/r/boots/api/friend", {"type": "banned", "name": "ana", "note": "Rude."}),
    ],
)
def test_moderating_is_asked_for_as_reddit_wants_it(site, action, path, expected):
    site.publish(4)
    target = site.target()
    connect(site).moderate(action, target, "Rude.")
    asked, query = site.done[0]
    assert asked == path and expected.items() <= query.items()
    assert action == "ban" or query["id"] == target.external_id


def test_what_is_ours_is_deleted_as_its_author(site):
    connect(site).moderate("delete", Target("t1_b640", author_id=ME))
    assert site.done[0] == ("/api/del", {"api_type": "json", "id": "t1_b640"})


def test_figures_are_of_posts_and_of_the_profile(site):
    thing = site.add("t3", "x", score=5, num_comments=7)
    found = connect(site).metrics([(thing["name"], {}), ("t4_1", {}), ("t3_zz", {})])
    assert found.followers == 2
    assert (found.items[thing["name"]].likes, found.items[thing["name"]].replies) == (5, 7)
    assert len(found.items) == 1


@pytest.mark.parametrize("handle", ["ana", "u/ana", "/u/ana/", "@ana", "https://www.reddit.com/user/ana/"])
def test_a_profile_is_found(site, handle):
    assert connect(site).profile(handle).external_id == "ana"
