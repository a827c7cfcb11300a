"""Bluesky: what its own servers answered becomes items, and what goes out has the shape that they take."""

import json
import time
from datetime import UTC, datetime, timedelta

import pytest

from connectors import errors
from connectors.base import Sentence
from connectors.bluesky import Bluesky
from connectors.bluesky_items import Reader
from connectors.bluesky_sending import actor
from connectors.bluesky_text import facets, length, record_key, with_whole_links
from connectors.http import Http
from connectors.items import Outgoing, Target
from connectors.registry import network

from .fake_bluesky import ANA, BEN, CONVO, HOST, ME, POST, FakeBluesky, recorded, token

KEY = "c0ffee" + "0" * 26
SETTINGS = {"service": f"https://{HOST}", "identifier": "@Acme.test"}


@pytest.fixture
def fake():
    return FakeBluesky()


def connect(answer, settings=(), **secrets):
    secrets = {"app_password": "aaaa-bbbb", "access_token": token(ME), "refresh_token": token(ME), **secrets}
    return Bluesky(Http(transport=answer), {**SETTINGS, **dict(settings)}, secrets)


def replay(**names):
    """Answer with recordings by the last part of a method's name; whatever else is asked is an error."""

    def answer(request):
        name = request.url.partition("?")[0].rpartition(".")[2]
        assert name in names, name
        found = recorded(names[name])
        return found["status"], {"Content-Type": "application/json"}, json.dumps(found["body"]).encode()

    return answer


def listened(connector, cursor=None):
    pages = list(connector.listen(cursor or {}))
    return [item for page in pages for item in page.items], pages[-1].cursor


def bodies(fake, name):
    return [values for method, called, values, _headers in fake.calls if called.endswith(name) and method == "POST"]


# --- what arrives ------------------------------------------------------------------------------------------------


def test_recorded_notifications_become_items_with_pictures():
    items, _cursor = listened(connect(replay(listNotifications="notifications", getPosts="posts")))
    assert [item.text.partition(" ")[2][:15] for item in items] == [
        "does it float? ", "See https://acm", "look", "to know", ""
    ]  # fmt: skip
    first, marked, pictured, answer, quote = items
    assert (first.kind, first.realm, first.visibility, first.origin) == ("post", "", "public", "own")
    assert first.author.external_id == ANA and first.author.handle == "@ana.test"
    assert first.author.name == "Ana of Teapot fame" and first.author.verified_urls == ("https://ana.test",)
    assert first.external_id == f"at://{ANA}/{POST}/" + first.external_id.rpartition("/")[2]
    assert first.url == "https://bsky.app/profile/ana.test/post/" + first.external_id.rpartition("/")[2]
    assert first.conversation_id == first.external_id and not first.parent_id
    assert marked.text == "👍🏽 See https://acme.example/very/long/address?x=1 and #Boats for @teapots.test"
    assert (marked.hashtags, marked.language) == (("boats",), "de")
    assert [(one.kind, one.alt) for one in pictured.attachments] == [("image", "A broken lamp")]
    assert pictured.attachments[0].url.startswith("https://")
    assert answer.parent_id.startswith(f"at://{ME}/") and answer.conversation_id == first.external_id
    assert answer.identifiers["root"]["uri"] == first.external_id and answer.identifiers["cid"]
    assert quote.identifiers["quoted"] == answer.parent_id


def test_recorded_searches_and_own_posts_become_items():
    settings = {"searches": "Read", "own_posts": True}
    names = {"searchPosts": "search", "getAuthorFeed": "author_feed", "listNotifications": "search_nothing"}

    def answer(request):
        if "listNotifications" in request.url:
            return 200, {}, b'{"notifications": []}'
        return replay(**names)(request)

    items, cursor = listened(connect(answer, settings))
    found = {item.text: item for item in items}
    card = found["Read this\n\nhttps://news.example/acme"]
    assert (card.origin, card.outgoing) == ("search", False)
    ours = found["It does"]
    assert (ours.origin, ours.outgoing, ours.likes, ours.shares, ours.replies) == ("own", True, 1, 2, 1)
    assert listened(connect(answer, settings), cursor)[0] == []


def test_a_recorded_thread_is_put_in_order():
    posts = recorded("thread")["body"]["thread"]
    uri = posts["post"]["uri"]
    found = connect(replay(getPostThread="thread")).thread(uri, {})
    assert [item.text for item in found] == ["@teapots.test does it float? Ünï #boats", "It does", "Good to know"]
    assert found[1].external_id == uri and {item.conversation_id for item in found} == {found[0].external_id}
    alone = recorded("thread_orphan")["body"]["thread"]["post"]["uri"]
    assert [item.text for item in connect(replay(getPostThread="thread_orphan")).thread(alone, {})] == ["an orphan"]


def test_what_the_network_says_is_not_there_is_gone():
    uri = recorded("thread_gone")["body"]["message"].partition(": ")[2]
    answer = replay(getPostThread="thread_gone", getPosts="search_nothing", getRecord="record_gone")
    for ask in (connect(answer).thread, connect(answer).lookup):
        with pytest.raises(errors.Gone):
            ask(uri, {})


def test_what_is_only_hidden_from_us_is_not_gone(fake):
    view = fake.add(BEN, "I have blocked you")
    record = fake._getRecord({"repo": BEN, "collection": POST, "rkey": view["uri"].rpartition("/")[2]})
    fake.delete(view["uri"])
    fake.refuse["com.atproto.repo.getRecord"] = record
    item = connect(fake).lookup(view["uri"], {})
    assert (item.text, item.author.external_id, item.author.handle) == ("I have blocked you", BEN, "@ben.test")
    with pytest.raises(errors.Refused):
        connect(fake).reply(Outgoing(KEY, "Why?", target=Target(view["uri"], author_id=BEN)))


@pytest.mark.parametrize(
    "spoiled",
    [{"author": {"did": BEN, "handle": "ben.test"}}, {"uri": "at://did:plc:ana/app.bsky.feed.like/3k"}, {"record": 5},
     {"record": {"text": ["x"]}}, {"author": None}, {"uri": "https://x.example"}],
)  # fmt: skip
def test_a_post_that_is_not_what_it_says_is_set_aside(fake, spoiled):
    items, rejects = Reader(ME).read([{**fake.add(ANA, "hello"), **spoiled}, fake.add(ANA, "fine")], "search")
    assert [item.text for item in items] == ["fine"] and len(rejects) == 1 and rejects[0].error


def test_a_handle_that_leads_nowhere_proves_nothing():
    author = Reader().author({"did": ANA, "handle": "handle.invalid", "displayName": "A\u202en\na"})
    assert (author.handle, author.name, author.verified_urls) == ("", "An a", ())
    assert Reader().author({"did": ANA, "handle": "ana.bsky.social"}).verified_urls == ()


def test_absurd_sizes_are_cut(fake):
    marks = [{"index": {"byteStart": 0, "byteEnd": 10**30}, "features": [{}] * 50}] * 1000
    view = fake.add(ANA, "x" * 300_000, facets=marks, tags=["t" * 9000] * 500, langs=["e" * 9000])
    item = Reader(ME).post({**view, "likeCount": 10**40, "author": {**view["author"], "displayName": "n" * 99_999}})
    assert len(item.text) <= 100_000 and len(item.author.name) <= 200 and len(item.hashtags) <= 20
    assert item.likes == 2_000_000_000 and item.language == ""


# --- sessions ----------------------------------------------------------------------------------------------------


def test_refusals_of_tokens_and_passwords_are_told_apart():
    with pytest.raises(errors.AccessExpired) as caught:
        listened(connect(replay(listNotifications="token_wrong")))
    assert "log in again" in caught.value.message
    with pytest.raises(errors.AccessExpired) as caught:
        connect(replay(createSession="login_wrong"), refresh_token="").renew()
    assert "Create a new app password" in caught.value.message
    body = b'{"error": "AuthFactorTokenRequired", "message": "A sign in code was sent"}'
    with pytest.raises(errors.AccessDenied) as caught:
        connect(lambda request: (401, {}, body), refresh_token="").renew()
    assert "app password" in caught.value.message
    body = b'{"error": "AccountTakedown", "message": "Account has been taken down"}'
    with pytest.raises(errors.AccessDenied):
        listened(connect(lambda request: (401, {}, body)))


def test_a_session_is_renewed_by_its_token_and_opened_anew_when_that_ends(fake):
    connector = connect(fake)
    assert connector.renewable()
    tokens = connector.renew()
    assert [call[1].rpartition(".")[2] for call in fake.calls] == ["refreshSession"]
    assert abs(tokens.expires_at - datetime.now(UTC) - timedelta(hours=2)) < timedelta(minutes=1)
    assert tokens.lost_at is None and set(tokens.secrets) == {"access_token", "refresh_token", "session"}
    fake.refuse["com.atproto.server.refreshSession"] = (400, {"error": "ExpiredToken", "message": "revoked"})
    connect(fake).renew()
    method, name, body, _headers = fake.calls[-1]
    assert (method, name) == ("POST", "com.atproto.server.createSession")
    assert body == {"identifier": "Acme.test", "password": "aaaa-bbbb"}


def test_trouble_while_renewing_opens_no_new_session(fake):
    fake.refuse["com.atproto.server.refreshSession"] = (502, {})
    with pytest.raises(errors.Retriable):
        connect(fake).renew()
    assert len(fake.calls) == 1


def test_the_session_of_another_password_is_not_used(fake):
    kept = connect(fake).renew().secrets
    fake.calls.clear()
    changed = connect(fake, **{**kept, "app_password": "cccc-dddd"})
    with pytest.raises(errors.AccessExpired):
        listened(changed)
    assert not fake.calls
    assert changed.check().account_id == ME
    assert fake.calls[0][1] == "com.atproto.server.createSession"
    same = connect(fake, **kept)
    listened(same)
    assert same.secrets["access_token"] == kept["access_token"]


def test_a_password_of_another_account_is_not_taken(fake):
    connector = connect(fake, refresh_token="")
    connector.account_id = ANA
    with pytest.raises(errors.AccessExpired) as caught:
        connector.renew()
    assert "another account" in caught.value.message


def test_the_first_check_needs_no_token(fake):
    fake.notify(fake.add(ANA, "hello"))
    found = connect(fake, {"searches": "a", "own_posts": True}, access_token="", refresh_token="").check()
    assert (found.account, found.account_id, found.missing) == ("@acme.test", ME, [])
    assert len(found.can) == 4 and found.sample


def test_a_limit_is_waited_for(fake):
    fake.refuse["app.bsky.notification.listNotifications"] = (429, {"error": "RateLimitExceeded"})
    reset = int(time.time()) + 120
    fake.headers = {"RateLimit-Limit": "3000", "RateLimit-Remaining": "0", "RateLimit-Reset": str(reset)}
    with pytest.raises(errors.RateLimited) as caught:
        listened(connect(fake))
    assert int(caught.value.retry_at.timestamp()) == reset


@pytest.mark.parametrize("given", ["", "not a server", "https://", "ftp://x.example"])
def test_a_wrong_server_is_told(given):
    with pytest.raises(errors.Misconfigured) as caught:
        listened(connect(lambda request: (200, {}, b"{}"), {"service": given}))
    assert "https://bsky.social" in caught.value.message


# --- saying ------------------------------------------------------------------------------------------------------


def target_of(view):
    return Target(view["uri"], author_id=view["author"]["did"], identifiers={"cid": view["cid"]})


def test_an_answer_names_what_it_answers_and_marks_its_words(fake):
    root = fake.add(BEN, "root")
    refs = {"uri": root["uri"], "cid": root["cid"]}
    parent = fake.add(ANA, "parent", reply={"root": refs, "parent": refs})
    text = "  Grüße @ana.test, @nobody.test: https://acme.example/ü#x. #Boats #1 "
    item = connect(fake).reply(Outgoing(KEY, text, target=target_of(parent), language="es_MX"))
    [body] = bodies(fake, "putRecord")
    assert (body["repo"], body["collection"], body["swapRecord"]) == (ME, POST, None)
    assert body["rkey"] == record_key(KEY) and len(body["rkey"]) == 13
    record = body["record"]
    assert record["text"] == text.strip() and record["langs"] == ["es-MX"] and record["createdAt"].endswith("Z")
    assert record["reply"] == {"root": refs, "parent": {"uri": parent["uri"], "cid": parent["cid"]}}
    marked = {record["text"].encode()[one["index"]["byteStart"] : one["index"]["byteEnd"]].decode(): one["features"][0]
              for one in record["facets"]}  # fmt: skip
    assert set(marked) == {"@ana.test", "https://acme.example/ü#x", "#Boats"}
    assert marked["@ana.test"]["did"] == ANA and marked["#Boats"]["tag"] == "Boats"
    assert (item.parent_id, item.conversation_id, item.outgoing, item.language) == (
        parent["uri"], root["uri"], True, "es"
    )  # fmt: skip


def test_a_repeat_finds_what_stands_there(fake):
    outgoing = Outgoing(KEY, "Once", "publish", first_tried_at=datetime.now(UTC))
    first = connect(fake).publish(outgoing)
    with pytest.raises(errors.Duplicate):
        connect(fake).publish(Outgoing(KEY, "Twice", "publish"))
    assert len(fake.sent) == 1
    assert connect(fake).find_sent(outgoing).external_id == first.external_id


def test_recorded_refusals_of_writing():
    def answer(name):
        return replay(putRecord=name, getProfile="profile")

    with pytest.raises(errors.Duplicate):
        connect(answer("put_again")).publish(Outgoing(KEY, "twice", "publish"))
    with pytest.raises(errors.Refused) as caught:
        connect(answer("put_long")).publish(Outgoing(KEY, "x", "publish"))
    assert "grapheme too big (maximum 300, got 301)" in caught.value.message
    assert recorded("put")["body"]["uri"].rpartition("/")[2] == "3kdeterminixt"


def test_closed_threads_are_not_answered(fake):
    view = fake.add(ANA, "No answers, please")
    view["viewer"]["replyDisabled"] = True
    with pytest.raises(errors.Refused):
        connect(fake).reply(Outgoing(KEY, "But", target=target_of(view)))
    view["viewer"], view["author"] = {}, {**view["author"], "viewer": {"blockedBy": True}}
    with pytest.raises(errors.Refused):
        connect(fake).reply(Outgoing(KEY, "But", target=target_of(view)))
    assert not fake.sent


def test_lengths_are_counted_as_the_network_does():
    family = "👨‍👩‍👧‍👦"
    assert Bluesky.objection(Outgoing(KEY, family * 120, "publish")) is None  # 3,000 bytes
    found = Bluesky.objection(Outgoing(KEY, family * 121, "publish"))
    assert isinstance(found, Sentence) and found.params == {"length": 3025, "limit": 3000}
    assert Bluesky.objection(Outgoing(KEY, "é" * 301, "publish")).params == {"length": 301, "limit": 300}
    assert Bluesky.objection(Outgoing(KEY, " " + "é" * 300 + "\n", "publish")) is None
    assert Bluesky.objection(Outgoing(KEY, "é" * 1000, "message")) is None
    assert length("🇪🇸🇲🇽") == 2


@pytest.mark.parametrize(
    ("text", "marked"),
    [
        ("a@b.example", []), ("(https://a.example/b_(c))", ["https://a.example/b_(c)"]), ("##x #️⃣ #", []),
        ("@ana.test.", ["@ana.test"]), ("x@ana.test", []), ("#año, #日本", ["#año", "#日本"]), ("#" + "x" * 65, []),
        ("http://ana.test/@ben.test", ["http://ana.test/@ben.test"]), ("@Ana.Test's", ["@Ana.Test"]),
    ],
)  # fmt: skip
def test_marks_stand_where_words_do(text, marked):
    found = facets(text, lambda handle: ANA)
    raw = text.encode()
    assert [raw[one["index"]["byteStart"] : one["index"]["byteEnd"]].decode() for one in found] == marked


def test_links_are_made_whole_only_where_they_were_cut():
    cut = "Ü acme.example/a/lo… and here"
    start = cut.encode().index(b"acme")
    end = start + len("acme.example/a/lo…".encode())
    assert with_whole_links(cut, [(start, end, "https://acme.example/a/long")]) == (
        "Ü https://acme.example/a/long and here"
    )
    assert with_whole_links(cut, [(start, end, "https://evil.example/")]) == cut
    assert with_whole_links("here", [(0, 4, "https://acme.example/")]) == "here"
    assert with_whole_links("x", [(0, 99, "https://acme.example/")]) == "x"


# --- private messages --------------------------------------------------------------------------------------------

PRIVATE = {"messages": True}


def test_private_messages_are_read_on_from_where_we_stopped(fake):
    fake.write("before")
    _items, cursor = listened(connect(fake, PRIVATE))
    message = fake.write("Where is my parcel?")
    items, cursor = listened(connect(fake, PRIVATE), cursor)
    assert [(item.external_id, item.text, item.author.handle) for item in items] == [
        (f"chat:{CONVO}/{message['id']}", "Where is my parcel?", "@ana.test")
    ]
    assert items[0].visibility == "direct" and items[0].conversation_id == f"chat:{CONVO}"
    gone = {"$type": "chat.bsky.convo.defs#deletedMessageView", **{k: v for k, v in message.items() if k[0] in "irs"}}
    fake._revision += 1
    log = {"$type": "chat.bsky.convo.defs#logDeleteMessage", "rev": "3zzzzzzzzzzzz", "convoId": CONVO, "message": gone}
    fake.log += [{"$type": "chat.bsky.convo.defs#logReadConvo", "rev": "3zzzzzzzzzzzy"}, log]
    [item], _cursor = listened(connect(fake, PRIVATE), cursor)
    assert (item.external_id, item.deleted, item.text) == (f"chat:{CONVO}/{message['id']}", True, "")


def test_without_permission_for_messages_the_rest_is_read(fake):
    fake.notify(fake.add(ANA, "hello"))
    fake.refuse["chat.bsky.convo.listConvos"] = (400, {"error": "InvalidToken", "message": "Bad token method"})
    items = []
    with pytest.raises(errors.AccessDenied) as caught:
        for page in connect(fake, PRIVATE).listen({}):
            items += page.items
    assert "private messages" in caught.value.message and [item.text for item in items] == ["hello"]
    found = connect(fake, PRIVATE).check()
    assert len(found.missing) == 1 and found.can


def test_a_private_message_goes_to_the_author(fake):
    view = fake.add(ANA, "A question in public")
    item = connect(fake).message(Outgoing(KEY, "In private: https://acme.example", "message", target_of(view)))
    method, name, asked, headers = next(call for call in fake.calls if call[1].endswith("getConvoForMembers"))
    assert asked["members"] == [ANA] and headers["Atproto-Proxy"] == "did:web:api.bsky.chat#bsky_chat"
    [body] = bodies(fake, "sendMessage")
    assert body["convoId"] == CONVO and body["message"]["facets"][0]["features"][0]["uri"] == "https://acme.example"
    assert (item.visibility, item.outgoing, item.conversation_id) == ("direct", True, f"chat:{CONVO}")
    fake.open_to_messages = False
    with pytest.raises(errors.Refused):
        connect(fake).message(Outgoing(KEY, "Once more", "message", target_of(view)))


def test_an_older_message_of_the_same_words_is_not_ours_now(fake):
    fake.write("Thanks", ME)["sentAt"] = "2026-01-01T00:00:00.000Z"
    target = Target("chat:convo1/x", visibility="direct", author_id=ANA, identifiers={"convo": CONVO})
    later = Outgoing(KEY, "Thanks", "message", target, first_tried_at=datetime.now(UTC))
    assert connect(fake).find_sent(later) is None


# --- moderation, figures, people ---------------------------------------------------------------------------------


def test_moderation_asks_for_what_is_meant(fake):
    ours = fake.add(ME, "ours")
    refs = {"uri": ours["uri"], "cid": ours["cid"]}
    rude = fake.add(ANA, "rude", reply={"root": refs, "parent": refs})
    target = Target(rude["uri"], author_id=ANA, identifiers={"cid": rude["cid"], "root": refs})
    connector = connect(fake)
    for action in ("mute", "report", "ban", "ban", "hide", "hide"):
        connector.moderate(action, target, "Rude.")
    assert fake.muted == {ANA}
    [report] = fake.reports
    assert report["subject"] == {"$type": "com.atproto.repo.strongRef", "uri": rude["uri"], "cid": rude["cid"]}
    assert report["reason"] == "Rude."
    blocks = [uri for uri in fake.records if "graph.block" in uri]
    assert len(blocks) == 1 and fake.records[blocks[0]]["value"]["subject"] == ANA
    gate = f"at://{ME}/app.bsky.feed.threadgate/{ours['uri'].rpartition('/')[2]}"
    assert fake.records[gate]["value"]["hiddenReplies"] == [rude["uri"]]
    assert "allow" not in fake.records[gate]["value"] and fake.records[gate]["value"]["post"] == ours["uri"]
    connector.moderate("unhide", target)
    assert fake.records[gate]["value"]["hiddenReplies"] == []
    with pytest.raises(errors.Refused):
        connector.moderate("delete", target)
    with pytest.raises(errors.Refused):
        connector.moderate("hide", Target(rude["uri"], author_id=ANA, conversation_id=rude["uri"]))
    connector.moderate("delete", Target(ours["uri"], author_id=ME))
    assert ours["uri"] not in fake.posts and rude["uri"] in fake.posts


def test_figures_come_from_the_network(fake):
    view = fake.add(ANA, "hello")
    figures = connect(fake).metrics([(view["uri"], {}), (f"at://{ANA}/{POST}/gone", {}), ("chat:a/b", {})])
    assert (figures.followers, figures.posts) == (12, 40)
    counts = figures.items[view["uri"]]
    assert (counts.likes, counts.shares, counts.replies, counts.views) == (3, 6, 1, None)
    assert list(figures.items) == [view["uri"]]


def test_recorded_profiles():
    found = connect(replay(getProfile="profile")).profile("@ana.test")
    assert (found.external_id, found.name, found.followers) == (ANA, "Ana of Teapot fame", 0)
    assert connect(replay(getProfile="profile_nobody")).profile("nobody.test") is None
    assert connect(replay()).profile("no handle") is None
    assert actor(f"https://bsky.app/profile/{ANA}?x") == ANA


def test_it_is_known():
    assert network("bluesky") is Bluesky
