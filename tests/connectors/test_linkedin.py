"""LinkedIn pages: what the conformance suite does not know of them.  Answers are those of the published reference."""

import hashlib
import hmac
import json
from datetime import UTC, datetime, timedelta

import pytest

from connectors import errors, linkedin_sending
from connectors.http import Http
from connectors.items import Outgoing, Target
from connectors.linkedin import Linkedin
from connectors.linkedin_items import Reader, escaped, unescaped
from connectors.linkedin_push import EVENT, SIGNATURE

from .fake_linkedin import ANA, ORG, PAGE, FakeLinkedin

SECRETS = {"access_token": "a-token", "client_secret": "app-secret"}


def connect(network, **values):
    made = Linkedin(Http(transport=network), {"client_id": "4711", "page_id": ORG, **values}, SECRETS)
    made.account_id = PAGE
    return made


def listen(network, cursor=None):
    pages = list(connect(network).listen(cursor or {}))
    return [item for page in pages for item in page.items], json.loads(json.dumps(pages[-1].cursor))


def say(text="Hello", way="publish", target=None):
    return Outgoing("0" * 32, text, way, target, first_tried_at=datetime.now(UTC))


def on(comment, post, **kept):
    kept = {"urn": comment["commentUrn"], "type": "comment", "object": comment["object"], "post": post["id"], **kept}
    return Target(comment["id"], kind="comment", author_id=ANA, conversation_id=post["id"], identifiers=kept)


def test_pages_are_chosen_by_name():
    assert connect(FakeLinkedin()).choices() == {"page_id": [(ORG, "Acme")]}
    with pytest.raises(errors.Misconfigured):
        connect(FakeLinkedin(), page_id="").check()


def test_every_request_names_version_and_protocol():
    network = FakeLinkedin()
    connect(network, api_version="202607").check()
    for _method, _path, _query, _body, headers in network.requests:
        assert headers["LinkedIn-Version"] == "202607" and headers["X-Restli-Protocol-Version"] == "2.0.0"
        assert headers["Authorization"] == "Bearer a-token"


def test_what_people_say_is_told_apart():
    network = FakeLinkedin()
    post = network.post("We \\(Acme\\) have {hashtag|\\#|News}")
    comment = network.comment(post, "Nice")
    network.comment(post, "Thank you", PAGE, parent=comment["commentUrn"], action="ADMIN_COMMENT")
    network.mention("@[Acme](urn:li:organization:2414183) rocks")
    network.notify("LIKE", post["id"], f"urn:li:like:({ANA},{post['id']})", {}, 1740830000000)
    items, cursor = listen(network)
    found = {item.text: item for item in items}
    assert len(items) == 4
    own = found["We (Acme) have #News"]
    assert (own.outgoing, own.author.name, own.hashtags) == (True, "Acme", ("news",))
    assert (found["Nice"].parent_id, found["Nice"].author.external_id) == (post["id"], ANA)
    assert found["Thank you"].outgoing
    assert (found["@Acme rocks"].outgoing, found["@Acme rocks"].origin) == (False, "own")
    network.notify("COMMENT_DELETE", post["id"], comment["commentUrn"], {}, 1740840000000)
    assert [(item.external_id, item.deleted) for item in listen(network, cursor)[0]] == [(comment["id"], True)]


def test_shares_without_words_and_broken_notifications():
    told = {"action": "SHARE", "generatedActivity": "urn:li:share:1", "lastModifiedAt": 1740830000000}
    silent = {**told, "decoratedGeneratedActivity": {"share": {"entity": "urn:li:share:1", "owner": ANA, "text": ""}}}
    assert Reader(PAGE).read("notification", [silent, {"action": "LIKE"}]) == ([], [])
    for broken in (told, {**told, "action": "COMMENT"}, {"action": "COMMENT", "generatedActivity": 5}):
        assert Reader(PAGE).read("notification", [broken])[1]


def test_text_is_escaped_as_posts_want_it():
    text = "Look (here) [now]: #acme <b> 5 * 3 ~ @you {x} a_b | https://a.example/x_(y)"
    assert unescaped(escaped(text)) == text
    assert escaped("#acme (x) https://a.example/a_b") == "#acme \\(x\\) https://a.example/a_b"


def test_answers_stand_one_level_deep():
    network = FakeLinkedin()
    post = network.post("news")
    comment = network.comment(post, "hello")
    first = connect(network).reply(say("Hi", "reply", on(comment, post)))
    sent = network.requests[-1]
    assert sent[1][1] == comment["commentUrn"] and sent[3]["parentComment"] == comment["commentUrn"]
    assert (sent[3]["actor"], sent[3]["object"]) == (PAGE, comment["object"])
    assert (first.parent_id, first.conversation_id, first.outgoing) == (comment["id"], post["id"], True)
    inner = network.comment(post, "and?", parent=comment["commentUrn"])
    connect(network).reply(say("So", "reply", on(inner, post, parent=comment["commentUrn"])))
    assert network.requests[-1][3]["parentComment"] == comment["commentUrn"]
    connect(network).reply(say("Me", "reply", Target(post["id"], identifiers={"urn": post["id"], "type": "post"})))
    assert "parentComment" not in network.requests[-1][3] and network.requests[-1][1][1] == post["id"]


def test_among_more_comments_than_are_looked_through_a_person_has_to_look(monkeypatch):
    monkeypatch.setattr(linkedin_sending, "PAGES", 2)
    network = FakeLinkedin()
    post = network.post("news")
    outgoing = say("Hi", "reply", Target(post["id"], identifiers={"urn": post["id"], "type": "post"}))
    for number in range(200):
        network.comment(post, f"comment {number}")
    assert connect(network).find_sent(outgoing) is None
    network.comment(post, "one more")
    with pytest.raises(NotImplementedError):
        connect(network).find_sent(outgoing)


def test_posts_are_made_as_documented():
    network = FakeLinkedin()
    item = connect(network).publish(say("News (today)"))
    body = network.requests[-1][3]
    assert (body["author"], body["commentary"], body["lifecycleState"]) == (PAGE, "News \\(today\\)", "PUBLISHED")
    assert item.external_id in network.posts and item.url.endswith(item.external_id + "/")
    assert Linkedin.objection(say("x" * 3001)).params == {"length": 3001, "limit": 3000}
    assert Linkedin.objection(say("x" * 1251, "reply", Target("1"))).params["limit"] == 1250


@pytest.mark.parametrize(
    ("status", "body", "kind"),
    [
        (422, {"message": "Content is a duplicate of urn:li:share:1", "status": 422}, errors.Duplicate),
        (400, {"message": "Comments are closed", "status": 400, "code": "ILLEGAL_ARGUMENT"}, errors.Refused),
        (
            401,
            {"serviceErrorCode": 65602, "message": "The token used in the request has expired"},
            errors.AccessExpired,
        ),
        (401, {"serviceErrorCode": 65601, "message": "The token has been revoked"}, errors.AccessExpired),
        (403, {"serviceErrorCode": 100, "message": "Not enough permissions"}, errors.AccessDenied),
        (426, {"status": 426, "code": "NONEXISTENT_VERSION", "message": "not active"}, errors.Misconfigured),
    ],
)
def test_refusals_are_told_apart(status, body, kind):
    network = FakeLinkedin()

    def answer(request):
        return network(request) if request.method == "GET" else (status, {}, json.dumps(body).encode())

    with pytest.raises(kind) as caught:
        connect(answer).publish(say())
    assert type(caught.value) is kind and caught.value.message.endswith(".")


def test_a_limit_of_the_day_ends_at_midnight():
    body = json.dumps(
        {"status": 429, "message": "APPLICATION DAY limit for calls to this resource is reached"}
    ).encode()
    with pytest.raises(errors.RateLimited) as caught:
        connect(lambda request: (429, {}, body)).check()
    assert timedelta(0) < caught.value.retry_at - datetime.now(UTC) <= timedelta(days=1)
    assert (caught.value.retry_at.hour, caught.value.retry_at.minute) == (0, 0)


def test_figures_of_posts_and_comments():
    network = FakeLinkedin()
    post = network.post("news")
    comment = network.comment(post, "hello")
    figures = connect(network).metrics(
        [
            (post["id"], {"urn": post["id"], "type": "post"}),
            (comment["id"], {"urn": comment["commentUrn"], "type": "comment"}),
        ]
    )
    assert figures.followers == 219145
    counts = figures.items[post["id"]]
    assert (counts.views, counts.likes, counts.shares, counts.replies, counts.clicks) == (60, 3, 1, 2, 4)
    assert (figures.items[comment["id"]].likes, figures.items[comment["id"]].replies) == (3, 5)


def test_a_thread_has_its_post_first():
    network = FakeLinkedin()
    post = network.post("news")
    comments = [network.comment(post, f"comment {turn}") for turn in range(3)]
    items = connect(network).thread(comments[1]["id"], on(comments[1], post).identifiers)
    assert [item.external_id for item in items] == [post["id"], *(one["id"] for one in comments)]


def test_the_challenge_is_answered():
    code = "890e4665-4dfe-4ab1-b689-ed553bceeed0"
    status, kind, body = connect(FakeLinkedin()).handshake("GET", "", {"challengeCode": code}, {})
    expected = hmac.new(b"app-secret", code.encode(), hashlib.sha256).hexdigest()
    assert (status, kind, json.loads(body)) == (
        200,
        "application/json",
        {"challengeCode": code, "challengeResponse": expected},
    )
    assert connect(FakeLinkedin()).handshake("GET", "", {}, {}) is None


def test_notifications_of_other_pages_are_not_ours():
    network = FakeLinkedin()
    network.comment(network.post("news"), "hello")
    network.told.append({**network.told[0], "organizationalEntity": "urn:li:organization:5"})
    body = json.dumps({"type": EVENT, "notifications": [*network.told, None]}).encode()
    signed = hmac.new(b"app-secret", b"hmacsha256=" + body, hashlib.sha256).hexdigest()
    page = connect(network).parse_push({SIGNATURE: signed}, body, datetime.now(UTC))
    assert len(page.items) == 1 and len(page.rejects) == 1


def test_subscribing_names_application_person_and_page():
    network = FakeLinkedin()
    made = connect(network, application_id="77")
    assert made.subscribe("https://desk.example/x") == datetime(2030, 1, 1, tzinfo=UTC)
    assert network.subscribed["webhook"] == "https://desk.example/x"
    for part in ("urn:li:developerApplication:77", "urn:li:person:1", PAGE, EVENT):
        assert part in network.subscribed["key"]
    made.unsubscribe("https://desk.example/x")
    assert not network.subscribed
    with pytest.raises(errors.Misconfigured):
        connect(network).subscribe("https://desk.example/x")
