"""WordPress with access: what goes beyond what every network has to keep to."""

import copy
from datetime import UTC, datetime, timedelta

import pytest

from connectors import errors
from connectors.http import Http
from connectors.items import Outgoing, Target
from connectors.wordpress import CAN_MODERATE, CAN_PUBLISH, CAN_SEARCH, WordPress

from .adapters.base import SECRET
from .adapters.wordpress import ANA, HOST, ME, WordPressAdapter


@pytest.fixture
def site():
    return WordPressAdapter()


def connect(site, **values):
    return WordPress(Http(transport=site.answer), {**site.settings, **values}, dict(site.secrets))


def listen(site, cursor=None, **values):
    pages = list(connect(site, **values).listen(cursor or {}))
    assert not [reject for page in pages for reject in page.rejects]
    return [item for page in pages for item in page.items], pages[-1].cursor


def answer_to(comment, text="Thank you.", **values):
    target = Target(f"comments/{comment['id']}", HOST, "comment", identifiers={"post": comment["post"]})
    return Outgoing("a" * 32, text, target=target, first_tried_at=datetime.now(UTC), **values)


def test_a_comment_that_waits_for_approval_is_seen_by_moderators_only(site):
    held = site.comment("please", status="hold")
    items, cursor = listen(site)
    (item,) = (one for one in items if one.external_id == f"comments/{held['id']}")
    assert (item.visibility, item.identifiers["status"], item.origin) == ("private", "hold", "own")
    held["status"] = "approved"
    (item,) = listen(site, cursor)[0]
    assert (item.external_id, item.visibility) == (f"comments/{held['id']}", "public")
    site.moderator = False
    held["status"] = "hold"
    assert not [one for one in listen(site)[0] if one.kind == "comment"]
    asked = [query for method, path, query, _body in site.requests if path.endswith("/comments")]
    assert asked[-1].get("status") is None and asked[-1].get("context") is None


def test_a_reader_hears_as_own_what_is_said_below_the_own_posts(site):
    site.moderator = False
    mine, theirs = site.write("mine", ME), site.write("theirs", ANA)
    below = {site.comment("a", mine["id"])["id"]: "own", site.comment("b", theirs["id"])["id"]: "search"}
    origins = {item.external_id: item.origin for item in listen(site)[0] if item.kind == "comment"}
    assert origins == {f"comments/{key}": origin for key, origin in below.items()}


def test_comments_name_their_place_and_their_writer(site):
    post = site.write("A kettle", title='Our "kettle"')
    first = site.comment("It leaks", post["id"], author=0)
    second = site.comment("Here too", post["id"], first["id"])
    items = {item.external_id: item for item in listen(site)[0]}
    visitor, user = items[f"comments/{first['id']}"], items[f"comments/{second['id']}"]
    assert visitor.author.external_id.startswith("visitor-") and visitor.author.email == "eve@example.org"
    assert visitor.parent_id == visitor.conversation_id == f"posts/{post['id']}"
    assert (user.author.external_id, user.parent_id) == (f"users/{ANA}", f"comments/{first['id']}")
    article = items[f"posts/{post['id']}"]
    assert (article.kind, article.title, article.hashtags) == ("article", "Our “kettle”", ("boots",))
    assert article.author.handle == "ana"


def test_an_edited_post_comes_again_however_old_it_is(site):
    old = site.write("first")
    for _turn in range(120):
        site.write("later")
    cursor = listen(site, comments=False)[1]
    now = datetime.now(UTC).replace(tzinfo=None, microsecond=0).isoformat()
    old |= {"modified_gmt": now, "content": {"rendered": "<p>second</p>"}}
    (item,) = listen(site, cursor, comments=False)[0]
    assert (item.external_id, item.text) == (f"posts/{old['id']}", "second") and item.edited_at


def test_a_comment_in_the_trash_is_gone(site):
    comment = site.comment("x")
    comment["status"] = "trash"
    with pytest.raises(errors.Gone):
        connect(site).lookup(f"comments/{comment['id']}", {})


def test_the_conversation_is_the_post_and_its_comments(site):
    post = site.write("A kettle")
    first = site.comment("It leaks", post["id"])
    second = site.comment("Here too", post["id"], first["id"])
    site.comment("elsewhere", site.write()["id"])
    found = connect(site).thread(f"comments/{second['id']}", {})
    assert [one.external_id for one in found] == [
        f"posts/{post['id']}", f"comments/{first['id']}", f"comments/{second['id']}"
    ]  # fmt: skip
    assert {one.conversation_id for one in found} == {f"posts/{post['id']}"}


def test_an_answer_stands_below_the_comment_and_is_no_markup(site):
    comment = site.comment("It leaks")
    item = connect(site).reply(answer_to(comment, "1 < 2 & <b>so</b>"))
    method, path, _query, body = site.requests[-1]
    assert (method, path) == ("POST", "/wp-json/wp/v2/comments")
    assert body == {"post": comment["post"], "parent": comment["id"], "content": "1 &lt; 2 &amp; &lt;b&gt;so&lt;/b&gt;"}
    assert (item.text, item.parent_id) == ("1 < 2 & <b>so</b>", f"comments/{comment['id']}")
    on_post = Outgoing(
        "b" * 32, "Nice", target=Target(f"posts/{comment['post']}", identifiers={"post": comment["post"]})
    )
    assert connect(site).reply(on_post).parent_id == f"posts/{comment['post']}"


def test_the_same_answer_twice_is_known_to_the_site(site):
    site.watchful = True
    outgoing = answer_to(site.comment("It leaks"))
    sent = connect(site).reply(outgoing)
    with pytest.raises(errors.Duplicate):
        connect(site).reply(outgoing)
    assert connect(site).find_sent(outgoing).external_id == sent.external_id


@pytest.mark.parametrize(
    ("status", "code", "kind"),
    [
        (400, "comment_flood", errors.RateLimited),
        (409, "comment_duplicate", errors.Duplicate),
        (403, "rest_comment_closed", errors.Refused),
        (403, "rest_comment_invalid_post_id", errors.Gone),
        (401, "rest_comment_login_required", errors.AccessExpired),
        (401, "incorrect_password", errors.AccessExpired),
        (403, "rest_cannot_create", errors.AccessDenied),
        (400, "comment_content_column_length", errors.Refused),
        (500, "rest_comment_failed_create", errors.Retriable),
    ],
)
def test_refusals_are_told_apart_by_their_code(site, status, code, kind):
    connector = connect(site)
    target = site.write("A kettle")
    connector._know()
    site.refuse = (status, code)
    with pytest.raises(kind) as caught:
        connector.reply(
            Outgoing("a" * 32, "x", target=Target(f"posts/{target['id']}", identifiers={"post": target["id"]}))
        )
    assert caught.value.unsure == (kind is errors.Retriable)
    if code == "comment_flood":
        assert timedelta(0) < caught.value.retry_at - datetime.now(UTC) <= timedelta(seconds=15)


def test_an_answer_that_waits_for_approval_may_be_hidden_from_its_own_writer(site):
    site.moderator = False
    outgoing = answer_to(site.comment("It leaks"))
    connect(site).reply(outgoing)
    site.comments[max(site.comments)]["status"] = "hold"
    with pytest.raises(NotImplementedError):
        connect(site).find_sent(outgoing)


@pytest.mark.parametrize(
    ("before", "action", "after", "asked"),
    [
        ("hold", "approve", "approved", ["approved"]),
        ("approved", "approve", "approved", []),
        ("approved", "hide", "hold", ["hold"]),
        ("spam", "unhide", "approved", ["unspam"]),
        ("trash", "hide", "hold", ["untrash", "hold"]),
        ("approved", "spam", "spam", ["spam"]),
        ("approved", "delete", "trash", []),
        ("trash", "delete", "trash", []),
    ],
)
def test_moderation_takes_the_way_that_the_site_knows(site, before, action, after, asked):
    comment = site.comment("x", status=before)
    connect(site).moderate(action, Target(f"comments/{comment['id']}"))
    assert comment["status"] == after
    assert [body["status"] for method, _path, _query, body in site.requests if method == "POST"] == asked


def test_posts_are_hidden_and_deleted_but_not_spam(site):
    post = site.write("x")
    target = Target(f"posts/{post['id']}")
    for action, status in (("hide", "private"), ("unhide", "publish"), ("delete", "trash")):
        connect(site).moderate(action, target)
        assert post["status"] == status
    with pytest.raises(errors.Refused):
        connect(site).moderate("spam", target)


def test_figures_count_comments(site):
    post = site.write("x", ME)
    first = site.comment("a", post["id"])
    site.comment("b", post["id"], first["id"])
    figures = connect(site).metrics([(f"posts/{post['id']}", {}), (f"comments/{first['id']}", {})])
    assert figures.posts == 1
    assert {key: counts.replies for key, counts in figures.items.items()} == {
        f"posts/{post['id']}": 2, f"comments/{first['id']}": 1
    }  # fmt: skip


def test_the_interface_of_a_site_with_plain_addresses_is_found_by_its_header(site):
    site.comment("x")
    seen = []

    def plain(request):
        if request.method == "HEAD":
            return 200, {"Link": f'<https://{HOST}/?rest_route=/>; rel="https://api.w.org/"'}, b""
        if "rest_route=" not in request.url:
            return 404, {}, b"<html>"
        seen.append(request.url)
        route, _sep, rest = request.url.partition("rest_route=")[2].partition("&")
        asked = copy.copy(request)
        asked.url = f"https://{HOST}/wp-json{route}?{rest}"
        return site.answer(asked)

    connector = WordPress(Http(transport=plain), {**site.settings}, dict(site.secrets))
    assert connector.check().ok
    assert any("rest_route=/wp/v2/comments&" in url for url in seen)


def test_the_password_never_goes_out_in_the_clear_where_the_site_was_entered_with_tls(site):
    """Sites behind a proxy name their interface with http: then the password takes the way that was entered."""
    asked = []

    def named_without_tls(request):
        asked.append((request.url.partition(":")[0], "Authorization" in request.headers))
        if "/wp-json" in request.url and "rest_route" not in request.url and not request.url.startswith("http:"):
            return 302, {"Location": f"http://{HOST}/?rest_route=/"}, b""
        if request.url.endswith("rest_route=/"):
            return 200, {}, b'{"name": "A", "namespaces": ["wp/v2"]}'
        return 200, {}, b'{"id": 1, "name": "Us", "slug": "us", "capabilities": {}}'

    connector = WordPress(Http(transport=named_without_tls), site.settings, dict(site.secrets))
    connector.site.discover()
    connector.site.ask("GET", "wp/v2/users/me")
    assert asked == [("https", False), ("http", False), ("https", True)]
    assert connector.site.is_root(f"https://{HOST}/wp-json/") and not connector.site.is_root(f"http://{HOST}/wp-json/")


def test_a_site_that_lives_elsewhere_gets_no_password(site):
    told = []

    def moved(request):
        told.append((request.url, "Authorization" in request.headers))
        if request.url.startswith(f"https://{HOST}/"):
            return 301, {"Location": request.url.replace(HOST, "www." + HOST)}, b""
        return site.answer(request)

    with pytest.raises(errors.Misconfigured) as caught:
        WordPress(Http(transport=moved), site.settings, {"application_password": SECRET}).check()
    assert caught.value.params["url"] == f"https://www.{HOST}"
    assert not any(authorised for url, authorised in told)


def test_what_a_check_says_can_be_said_in_another_language(site):
    site.moderator = False
    connector = connect(site, searches="tea")
    found = connector.check()
    searching = next(sentence for sentence in found.can if "tea" in sentence)
    assert (searching.template, searching.params) == (CAN_SEARCH, {"name": "tea"})
    assert {sentence.params["why"].template for sentence in found.missing} == {CAN_PUBLISH, CAN_MODERATE}
