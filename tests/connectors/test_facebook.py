"""Facebook pages: what the conformance suite does not know of them.  Answers have the shape of the published fields."""

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from connectors import errors
from connectors.facebook import Facebook
from connectors.facebook_items import Reader
from connectors.http import Http
from connectors.items import Outgoing, Target, Tokens
from connectors.meta import regained_at
from connectors.meta_push import SIGNATURE, signature

from .fake_facebook import ANA, PAGE, FakeFacebook
from .fake_graph import error

SECRETS = {"access_token": "person-token", "client_secret": "app-secret", "verify_token": "shown-by-meta"}


def connect(network, **values):
    secrets = {**SECRETS, **values.pop("secrets", {})}
    made = Facebook(
        Http(transport=network), {"client_id": "4711", "page_id": PAGE, "messages": True, **values}, secrets
    )
    made.account_id = PAGE
    return made


def listen(network, cursor=None, **values):
    pages = list(connect(network, **values).listen(cursor or {}))
    return [item for page in pages for item in page.items], json.loads(json.dumps(pages[-1].cursor))


def say(text="Hello", way="publish", target=None):
    return Outgoing("0" * 32, text, way, target, first_tried_at=datetime.now(UTC))


# --- access ------------------------------------------------------------------------------------------------------


def test_the_first_token_is_exchanged_and_the_page_is_chosen():
    network = FakeFacebook()
    made = connect(network)
    tokens = made.granted(Tokens({"access_token": "short"}, scopes=("pages_show_list",)))
    assert "long-lived" not in made.http.hide("the token long-lived")
    assert tokens.secrets == {"access_token": "long-lived", "page_token": ""}
    assert timedelta(days=59) < tokens.expires_at - datetime.now(UTC) < timedelta(days=61)
    assert network.requests[-1][2]["fb_exchange_token"] == "short"
    assert connect(network).choices() == {"page_id": [(PAGE, "Acme")]}


def test_the_token_of_the_page_is_fetched_once_and_then_kept():
    network = FakeFacebook()
    made = connect(network)
    assert made.renewable()
    kept = made.renew().secrets
    assert kept == {"page_token": f"{PAGE} page-token"}
    later = connect(network, secrets=kept)
    assert not later.renewable()
    network.requests.clear()
    later.metrics([])
    assert [path for _method, path, _query in network.requests] == [PAGE]
    # a token of another page is not used for this one
    assert connect(network, secrets={"page_token": "5 other"}).token() == "page-token"


def test_a_page_of_others_is_refused():
    with pytest.raises(errors.AccessDenied):
        connect(FakeFacebook(), page_id="5").check()
    with pytest.raises(errors.Misconfigured):
        connect(FakeFacebook(), page_id="").check()


# --- reading -----------------------------------------------------------------------------------------------------


def test_what_people_say_is_told_apart():
    network = FakeFacebook()
    post = network.post("Our news", PAGE)
    comment = network.comment(post, "Nice")
    network.comment(post, "Thank you", PAGE, parent=comment["id"])
    network.rating("Very good")
    network.message("Where is it?")
    items, _cursor = listen(network)
    found = {item.text: item for item in items}
    assert (found["Our news"].kind, found["Our news"].outgoing, found["Our news"].likes) == ("post", True, 5)
    assert (found["Nice"].kind, found["Nice"].parent_id, found["Nice"].outgoing) == ("comment", post["id"], False)
    answer = found["Thank you"]
    assert (answer.parent_id, answer.conversation_id, answer.outgoing) == (comment["id"], post["id"], True)
    assert (found["Very good"].kind, found["Very good"].rating) == ("review", 5.0)
    private = found["Where is it?"]
    assert (private.kind, private.visibility, private.conversation_id) == ("message", "direct", f"t_{ANA}")
    assert (private.author.realm, found["Our news"].author.realm) == (PAGE, "")


def test_comments_on_new_posts_and_many_conversations_are_all_found():
    network = FakeFacebook()
    network.comment(network.post("one", PAGE), "early")
    for person in range(60):
        network.message("hello", f"8{person:014d}")
    _items, cursor = listen(network)
    post = network.post("two", PAGE)
    expected = {network.comment(post, f"comment {turn}")["id"] for turn in range(60)} | {post["id"]}
    for person in range(60):
        expected.add(network.message("hello again", f"8{person:014d}")["id"])
    items, cursor = listen(network, cursor)
    assert {item.external_id for item in items} == expected
    assert not listen(network, cursor)[0]


def test_conversations_in_which_nothing_was_said_are_not_looked_at_again():
    network = FakeFacebook()
    for person in range(60):
        network.message("hello", f"8{person:014d}")
    cursor = listen(network)[1]
    network.message("hello again", "8" + "0" * 14)
    network.requests.clear()
    assert [item.text for item in listen(network, cursor)[0]] == ["hello again"]
    assert sum(path.endswith("/conversations") for _method, path, _query in network.requests) == 1


def test_without_the_permission_for_messages_the_rest_is_read():
    network = FakeFacebook()
    network.post("hello")

    def answer(request):
        if "conversations" in request.url:
            return 403, {}, json.dumps(error(200)).encode()
        return network(request)

    found = connect(answer).check()
    assert found.ok and len(found.missing) == 1
    pages = []
    with pytest.raises(errors.AccessDenied):
        for page in connect(answer).listen({}):
            pages.append(page)
    assert [item.text for page in pages for item in page.items] == ["hello"]


def test_a_thread_is_in_order():
    network = FakeFacebook()
    post = network.post("root", PAGE)
    comments = [network.comment(post, f"comment {turn}")["id"] for turn in range(3)]
    kept = {"id": comments[1], "type": "comment", "post_id": post["id"]}
    assert [item.external_id for item in connect(network).thread(comments[1], kept)] == [post["id"], *comments]


def test_what_is_not_shown_for_want_of_a_permission_was_not_deleted():
    network = FakeFacebook()
    post = network.post("root", PAGE)
    comment = network.comment(post, "hello")
    kept = {"id": comment["id"], "type": "comment", "post_id": post["id"]}
    network.things.pop(comment["id"])
    with pytest.raises(errors.Gone):
        connect(network).lookup(comment["id"], kept)
    denied = json.dumps(error(100, "Object does not exist or missing permissions", 33)).encode()
    with pytest.raises(errors.AccessDenied):
        connect(lambda request: network(request) if "accounts" in request.url else (400, {}, denied)).lookup(
            comment["id"], kept
        )
    # with its post, a comment is gone as well
    network.things.pop(post["id"])
    with pytest.raises(errors.Gone):
        connect(network).lookup(comment["id"], kept)


def test_a_recommendation_that_is_not_among_the_newest_was_not_deleted():
    network = FakeFacebook()
    story = network.rating("Very good")
    assert connect(network).lookup(story["id"], {"id": story["id"], "type": "review"}).text == "Very good"
    with pytest.raises(errors.Refused):
        connect(network).lookup("7_7", {"id": "7_7", "type": "review"})


# --- what errors mean --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        (error(190, "Error validating access token", 463), errors.AccessExpired),
        (error(190, "The user has not authorized application", 458), errors.AccessExpired),
        (error(4), errors.RateLimited), (error(17), errors.RateLimited), (error(32), errors.RateLimited),
        (error(613), errors.RateLimited), (error(80001), errors.RateLimited),
        (error(10), errors.AccessDenied), (error(200), errors.AccessDenied), (error(298), errors.AccessDenied),
        (error(10, "outside of the allowed window", 2018278), errors.Refused), (error(551), errors.Refused),
        (error(368), errors.Refused), (error(506), errors.Duplicate), (error(100, "gone", 33), errors.Gone),
        (error(100, "no matching user", 2018001), errors.Refused), (error(100, "Too long"), errors.Refused),
        (error(2), errors.Retriable), (error(999, is_transient=True), errors.Retriable),
    ],
)  # fmt: skip
def test_every_code_leads_to_what_has_to_be_done(body, kind):
    network = FakeFacebook()

    def answer(request):
        return network(request) if request.method == "GET" else (400, {}, json.dumps(body).encode())

    with pytest.raises(kind) as caught:
        connect(answer).publish(say())
    assert type(caught.value) is kind and caught.value.message.endswith(".")


def test_the_words_for_people_are_shown_and_without_secrets():
    body = error(100, "technical", error_user_msg="Comments are closed for app-secret")
    network = FakeFacebook()

    def answer(request):
        return network(request) if request.method == "GET" else (400, {}, json.dumps(body).encode())

    with pytest.raises(errors.Refused) as caught:
        connect(answer).publish(say())
    assert caught.value.message.endswith("Comments are closed for ***.")


def test_the_time_to_regain_access_is_kept_to():
    now = datetime.now(UTC)
    usage = {"104": [{"type": "pages", "call_count": 101, "estimated_time_to_regain_access": 9}]}
    assert regained_at({"x-business-use-case-usage": json.dumps(usage)}, now) == now + timedelta(minutes=9)
    for odd in ("{", "[]", '{"a": [1, null]}', '{"a": [{"estimated_time_to_regain_access": "x"}]}', "[" * 9000):
        assert regained_at({"x-business-use-case-usage": odd, "x-app-usage": odd}, now) is None


# --- saying ------------------------------------------------------------------------------------------------------


def test_an_answer_after_a_day_is_that_of_a_person():
    network = FakeFacebook()
    now = datetime.now(UTC)
    target = Target("m_1", kind="message", visibility="direct", author_id=ANA, published_at=now - timedelta(hours=2))
    connect(network).message(say("Hi", "message", target))
    sent = network.requests[-1][2]
    assert (sent["messaging_type"], json.loads(sent["recipient"]), "tag" in sent) == ("RESPONSE", {"id": ANA}, False)
    connect(network).message(say("Hi", "message", replace(target, published_at=now - timedelta(days=3))))
    sent = network.requests[-1][2]
    assert (sent["messaging_type"], sent["tag"]) == ("MESSAGE_TAG", "HUMAN_AGENT")
    late = replace(target, published_at=now - timedelta(days=8))
    assert Facebook.objection(say("Hi", "message", late)).endswith(".")


def test_without_the_feature_for_late_answers_one_message_is_refused_and_not_the_channel():
    network = FakeFacebook()
    now = datetime.now(UTC)
    target = Target("m_1", kind="message", visibility="direct", author_id=ANA, published_at=now - timedelta(days=3))

    def answer(request):
        return network(request) if request.method == "GET" else (403, {}, json.dumps(error(10)).encode())

    with pytest.raises(errors.Refused):
        connect(answer).message(say("Hi", "message", target))
    with pytest.raises(errors.AccessDenied):
        connect(answer).message(say("Hi", "message", replace(target, published_at=now)))


def test_less_is_asked_for_where_it_was_too_much():
    network = FakeFacebook()
    for turn in range(12):
        network.post(f"post {turn}")
    words = "Please reduce the amount of data you're asking for, then retry your request"

    def answer(request):
        return (500, {}, json.dumps(error(1, words)).encode()) if "limit=25" in request.url else network(request)

    items, cursor = listen(answer, messages=False)
    assert len(items) == 5
    network.post("one more")
    assert "one more" in [item.text for item in listen(answer, cursor, messages=False)[0]]


def test_a_comment_can_be_answered_in_private():
    network = FakeFacebook()
    comment = network.comment(network.post("news", PAGE), "Where is it?")
    target = Target(comment["id"], kind="comment", author_id=ANA, identifiers={"id": comment["id"]})
    item = connect(network).message(say("Hi", "message", target))
    assert json.loads(network.requests[-1][2]["recipient"]) == {"comment_id": comment["id"]}
    assert (item.visibility, item.conversation_id) == ("direct", f"t_{ANA}")
    assert network.requests[-1][2]["appsecret_proof"]


def test_what_is_not_on_the_newest_page_may_have_gone_out_all_the_same():
    network = FakeFacebook()
    post = network.post("news")
    talked = Target("m_1", kind="message", author_id=ANA, identifiers={"id": "m_1", "type": "message"})
    answered = Target(post["id"], conversation_id=post["id"], identifiers={"id": post["id"], "type": "post"})
    ways = (say("Hello"), say("Hello", "reply", answered), say("Hello", "message", talked))
    for number in range(101):  # long ago
        network.comment(post, f"comment {number}")
        network.post(f"post {number}")
        network.message(f"message {number}")
    assert [connect(network).find_sent(outgoing) for outgoing in ways] == [None, None, None]
    for number in range(101):  # since then
        network.comment(post, f"comment {number}", moment=datetime.now(UTC))
        network.post(f"post {number}", moment=datetime.now(UTC))
        network.message(f"message {number}", moment=datetime.now(UTC))
    for outgoing in ways:
        with pytest.raises(NotImplementedError):
            connect(network).find_sent(outgoing)


def test_moderation_is_as_documented():
    network = FakeFacebook()
    comment = network.comment(network.post("news", PAGE), "rude")
    target = Target(comment["id"], kind="comment", author_id=ANA, identifiers={"id": comment["id"]})
    made = connect(network)
    made.moderate("hide", target)
    assert network.hidden == {comment["id"]}
    made.moderate("unhide", target)
    made.moderate("ban", target)
    assert (network.hidden, network.banned) == (set(), {ANA})
    with pytest.raises(errors.Refused):
        made.moderate("ban", replace(target, author_id=""))


def test_figures_of_what_is_left_are_given():
    network = FakeFacebook()
    post = network.post("news", PAGE)
    comment = network.comment(post, "hello")
    kept = {"id": comment["id"], "type": "comment"}
    figures = connect(network).metrics(
        [
            (post["id"], {"id": post["id"], "type": "post"}),
            (comment["id"], kept),
            ("1_9", {"id": "1_9", "type": "post"}),
        ]
    )
    assert (figures.followers, figures.rating) == (120, 4.5)
    assert set(figures.items) == {post["id"], comment["id"]}
    assert (figures.items[post["id"]].likes, figures.items[post["id"]].shares, figures.items[post["id"]].replies) == (
        5,
        2,
        1,
    )


# --- push --------------------------------------------------------------------------------------------------------


def deliver(content, network=None):
    body = json.dumps({"object": "page", "entry": [{"id": PAGE, "time": 1740816001, **content}]}).encode()
    headers = {SIGNATURE: signature("app-secret", body)}
    return connect(network or FakeFacebook()).parse_push(headers, body, datetime.now(UTC))


def change(field="feed", **value):
    return {"changes": [{"field": field, "value": value}]}


def test_the_handshake_wants_our_token():
    query = {"hub.mode": "subscribe", "hub.verify_token": "shown-by-meta", "hub.challenge": "1158201444"}
    made = connect(FakeFacebook())
    assert made.handshake("GET", "", query, {}) == (200, "text/plain", "1158201444")
    assert made.handshake("GET", "", {**query, "hub.challenge": "<script>"}, {})[2] == ""
    assert made.handshake("GET", "", {}, {}) is None
    with pytest.raises(errors.AccessDenied):
        made.handshake("GET", "", {**query, "hub.verify_token": "guessed"}, {})
    with pytest.raises(errors.AccessDenied):
        connect(FakeFacebook(), secrets={"verify_token": ""}).handshake(
            "GET", "", {**query, "hub.verify_token": ""}, {}
        )


def test_changes_are_read_as_lists_would_bring_them():
    who = {"from": {"id": ANA, "name": "Ana"}, "post_id": f"{PAGE}_1", "created_time": 1740816000}
    made = change(item="comment", verb="add", comment_id="1_2", parent_id="1_1", message="hi", **who)
    item = deliver(made).items[0]
    assert (item.external_id, item.parent_id, item.conversation_id, item.text) == ("1_2", "1_1", f"{PAGE}_1", "hi")
    assert item.published_at == datetime(2025, 3, 1, 8, tzinfo=UTC)
    edited = deliver(change(item="comment", verb="edited", comment_id="1_2", message="ho", **who)).items[0]
    assert (edited.text, edited.edited_at is not None) == ("ho", True)
    assert deliver(change(item="comment", verb="remove", comment_id="1_2", **who)).items[0].deleted
    assert deliver(change(item="status", verb="add", message="post", **who)).items[0].external_id == f"{PAGE}_1"
    for nothing in (change(item="reaction", verb="add", **who), change("ratings", item="rating", verb="remove")):
        assert not deliver(nothing).items
    review = {"item": "rating", "verb": "add", "reviewer_id": ANA, "reviewer_name": "Ana", "review_text": "Good"}
    story = change(
        "ratings", **review, recommendation_type="POSITIVE", open_graph_story_id="7_8", created_time=1740816000
    )
    assert [(one.external_id, one.rating) for one in deliver(story).items] == [("7_8", 5.0)]


def test_messages_are_read_as_lists_would_bring_them():
    message = {"mid": "m_1", "text": "Where is it?"}
    event = {"sender": {"id": ANA}, "recipient": {"id": PAGE}, "timestamp": 1740816000000, "message": message}
    item = deliver({"messaging": [event, {**event, "message": None, "read": {"watermark": 1}}]}).items
    assert [(one.external_id, one.conversation_id, one.visibility) for one in item] == [("m_1", f"t_{ANA}", "direct")]
    assert (item[0].published_at, item[0].deleted) == (datetime(2025, 3, 1, 8, tzinfo=UTC), False)
    taken_back = {**event, "message": {"mid": "m_1", "is_deleted": True}}
    assert [(one.external_id, one.deleted) for one in deliver({"messaging": [taken_back]}).items] == [("m_1", True)]
    files = [{"type": "image", "payload": {"url": "https://cdn.example/1.jpg"}}, {"type": "fallback", "payload": None}]
    sent = deliver({"messaging": [{**event, "message": {**message, "attachments": files}}]}).items[0]
    assert [(one.kind, one.url) for one in sent.attachments] == [("image", "https://cdn.example/1.jpg")]
    echo = {**event, "sender": {"id": PAGE}, "recipient": {"id": ANA}, "message": {**message, "is_echo": True}}
    assert [(one.outgoing, one.conversation_id) for one in deliver({"messaging": [echo]}).items] == [(True, f"t_{ANA}")]
    assert deliver({"messaging": [{"sender": None, "message": {}}]}).rejects


def test_where_the_page_is_named_is_looked_up():
    network = FakeFacebook()
    post = network.post("I like Acme", where=network.tagged)
    item = deliver(change("mention", item="post", verb="add", post_id=post["id"]), network).items[0]
    assert (item.external_id, item.partial) == (post["id"], True) and not network.requests
    assert connect(network).lookup(item.external_id, item.identifiers).text == "I like Acme"


def test_deliveries_to_other_pages_are_not_ours():
    body = json.dumps(
        {"object": "page", "entry": [{"id": "5", **change(item="status", verb="add", post_id="5_1")}]}
    ).encode()
    page = connect(FakeFacebook()).parse_push({SIGNATURE: signature("app-secret", body)}, body, datetime.now(UTC))
    assert not page.items and not page.rejects
    body = json.dumps({"object": "user", "entry": [{"id": PAGE, **change(item="status", verb="add")}]}).encode()
    page = connect(FakeFacebook()).parse_push({SIGNATURE: signature("app-secret", body)}, body, datetime.now(UTC))
    assert not page.items and not page.rejects


def test_subscribing_enters_the_address_and_adds_the_app_to_the_page():
    network = FakeFacebook()
    connect(network).subscribe("https://desk.example/x")
    entered = network.subscribed["subscriptions"]
    assert (entered["callback_url"], entered["object"]) == ("https://desk.example/x", "page")
    assert "messages" in network.subscribed["subscribed_apps"]["subscribed_fields"]
    connect(network).unsubscribe("https://desk.example/x")
    assert network.subscribed["subscribed_apps"] is None


def test_what_writers_leave_out_is_survived():
    reader = Reader(PAGE)
    assert reader.post({"id": "1_1"}).author is None
    assert reader.read("message", [{"id": "m_1"}])[1]
    assert reader.read("comment", [{"id": "1", "message": 5}], "1_1")[1]
