"""Matrix: access, reading and deliveries, by recorded answers of Synapse and a homeserver in memory."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from connectors import errors
from connectors.matrix import Matrix
from connectors.matrix_items import Reader, link, relation, without_fallback

from .adapters import SECRET
from .adapters.matrix import ALIAS, ANA, CLOSED, DIRECT, ME, OPEN, MatrixAdapter, connect

DATA = Path(__file__).parent / "data" / "matrix"


def recorded(name):
    return json.loads((DATA / f"{name}.json").read_text(encoding="utf-8"))


def replay(**answers):
    """Return a function that answers with recordings, by the part of the address after ``/v3/``."""

    def answer(request):
        where = request.url.partition("/v3/")[2].partition("?")[0]
        for part, name in answers.items():
            if where.startswith(part.replace("__", "/")):
                name = name.pop(0) if isinstance(name, list) else name
                return 200, {}, json.dumps(recorded(name) if isinstance(name, str) else name).encode()
        return 404, {}, json.dumps(recorded("event_missing")).encode()

    return answer


def listen(answer, cursor=None, **values):
    """Return (items, cursor) of a run."""
    found = []
    for page in connect(answer, **values).listen(cursor or {}):
        assert not page.rejects
        found += page.items
        cursor = json.loads(json.dumps(page.cursor))
    return found, cursor


WHO = {"user_id": "@acme:localhost"}


# --- recorded ----------------------------------------------------------------------------------------------------


def test_a_recorded_conversation_is_read():
    said = recorded("sync_next")["rooms"]["join"]["!between:localhost"]["timeline"]
    assert said["limited"], "a room that was just entered is read on from the last position"
    between = {"rooms/!between:localhost/messages": {"chunk": said["events"]}}
    answer = replay(account=WHO, sync=["sync_first", "sync_next"], user={}, **between, rooms__="event_edited")
    first, cursor = listen(answer, room="")
    assert [(item.text, item.kind, item.visibility, item.origin) for item in first] == [
        ("Are the brown boots back?", "post", "public", "search")
    ]
    assert first[0].published_at.isoformat()[:5] == "2025-" and first[0].author.name == "Ana Ruiz"
    assert first[0].url == "https://matrix.to/#/%21boots%3Alocalhost/%24first"
    items, cursor = listen(answer, cursor, room="")
    found = {item.text: item for item in items}
    between = found["Between us: where is order 77?"]
    assert (between.kind, between.visibility, between.origin) == ("message", "direct", "own")
    assert between.conversation_id == "!between:localhost" == cursor["direct"][0]
    assert found["@acme:localhost please answer"].origin == "own"
    ours = found["They are back."]
    assert (ours.outgoing, ours.origin, ours.parent_id, ours.kind) == (True, "own", "$first", "comment")
    assert (found["Great!"].parent_id, found["Great!"].origin) == ("$ours", "own"), "an answer to us concerns us"
    assert found["In the thread"].conversation_id == found["In the thread"].parent_id == "$first"
    assert "🖼 boots.jpg" in found
    edited = found["Are the black boots back?"]
    assert edited.external_id == "$first" and edited.edited_at > edited.published_at
    (deleted,) = (item for item in items if item.deleted)
    assert deleted.external_id == "$gone"


def test_what_does_not_fit_into_an_answer_is_read_on():
    asked = []
    pages = replay(account=WHO, sync="sync_limited", rooms__=["messages", {"chunk": []}])

    def answer(request):
        asked.append(request.url)
        return pages(request)

    items, cursor = listen(answer, {"since": "s1", "me": "@acme:localhost", "public": ["!boots:localhost"]}, room="")
    assert [item.text for item in items] == [f"Number {number}" for number in range(25)], "oldest first, none twice"
    assert "from=s1" in asked[1] and f"to={recorded('sync_limited')['next_batch']}" in asked[1]
    assert cursor["gaps"] == [] and cursor["since"] == recorded("sync_limited")["next_batch"]


def test_recorded_events_that_are_not_there_any_more():
    identifiers = {"room": "!boots:localhost", "seen": "public"}
    with pytest.raises(errors.Gone):
        connect(replay(account=WHO, rooms__="event_redacted")).lookup("$gone", identifiers)
    with pytest.raises(errors.Gone):
        connect(replay(account=WHO)).lookup("$nothing", identifiers)
    item = connect(replay(account=WHO, rooms__="event_edited")).lookup("$first", identifiers)
    assert (item.text, item.visibility) == ("Are the black boots back?", "public")


def test_a_recorded_context_becomes_a_thread():
    context, kept = recorded("context"), replay(account=WHO, rooms__="event_edited")

    def answer(request):
        if "/context/" in request.url:
            return 200, {}, json.dumps(context).encode()
        if "/relations/" in request.url:
            return 200, {}, b'{"chunk": []}'
        if request.url.endswith("/event/$ours"):
            return 200, {}, json.dumps(context["event"]).encode()
        return kept(request)

    found = connect(answer).thread("$ours", {"room": "!boots:localhost", "seen": "public"})
    assert [item.text for item in found] == ["Are the black boots back?", "They are back.", "Great!", "In the thread"]
    assert {item.conversation_id for item in found} == {"$first"}
    assert [item.author.name for item in found][0] == "Ana Ruiz"


def test_encrypted_rooms_are_told():
    answer = replay(account=WHO, sync="sync_encrypted")

    def with_versions(request):
        return (200, {}, b'{"versions": ["v1.15"]}') if request.url.endswith("/versions") else answer(request)

    check = connect(with_versions, room="").check()
    assert [str(sentence) for sentence in check.missing] == ["Encrypted rooms cannot be read or answered: 1."]
    assert check.account_id == "@acme:localhost" and check.sample


def test_a_token_that_is_not_known_any_more():
    body = json.dumps(recorded("unknown_token")).encode()
    with pytest.raises(errors.AccessExpired):
        listen(lambda request: (401, {}, body))


# --- access ------------------------------------------------------------------------------------------------------


def test_a_password_gives_access_and_always_to_the_same_device():
    network, devices = MatrixAdapter(), []

    def answer(request):
        if request.url.endswith("/login"):
            devices.append(json.loads(request.body)["device_id"])
        return network.answer(request)

    secrets = {"password": SECRET}
    connector = connect(answer, secrets, user=ME)
    assert connector.renewable() and connector.renew().secrets == {"access_token": SECRET}
    assert connect(answer, secrets, user=ME).check().account_id == ME
    assert len(devices) == 2 and len(set(devices)) == 1
    with pytest.raises(errors.AccessExpired) as caught:
        list(connect(answer, secrets, user=ME).listen({}))  # the desk logs in and stores what it gets
    assert caught.value.message == "Logging in is needed before anything can be read."
    with pytest.raises(errors.AccessExpired) as caught:
        connect(answer, {"password": "wrong"}, user=ME).renew()
    assert "password" in caught.value.message
    with pytest.raises(errors.Misconfigured):
        list(connect(answer, {}).listen({}))
    assert not connect(answer, {"password": SECRET}, user="").renewable()


@pytest.mark.parametrize(
    ("given", "base"),
    [
        ("matrix.example", "https://matrix.example"),
        ("@ana:matrix.example", "https://matrix.example"),
        ("http://127.0.0.1:8008/", "http://127.0.0.1:8008"),
    ],
)
def test_homeservers_are_entered_in_several_ways(given, base):
    assert connect(None, server=given).base == base


def test_a_host_that_names_its_homeserver_says_so():
    def answer(request):
        if request.url.endswith("/.well-known/matrix/client"):
            return 200, {}, b'{"m.homeserver": {"base_url": "https://matrix-client.example"}}'
        return 404, {}, b"<html>"

    with pytest.raises(errors.Misconfigured) as caught:
        connect(answer).check()
    assert "https://matrix-client.example" in caught.value.message
    with pytest.raises(errors.Misconfigured) as caught:
        connect(lambda request: (404, {}, b"<html>")).check()
    assert "no" in caught.value.message.lower() or "not" in caught.value.message


def test_the_pause_that_the_server_asks_for_is_kept():
    body = b'{"errcode": "M_LIMIT_EXCEEDED", "error": "Too Many Requests", "retry_after_ms": 45000}'
    with pytest.raises(errors.RateLimited) as caught:
        listen(lambda request: (429, {}, body))
    assert abs((caught.value.retry_at - datetime.now(UTC)).total_seconds() - 45) < 10
    absurd = b'{"errcode": "M_LIMIT_EXCEEDED", "retry_after_ms": 99999999999999999999}'
    with pytest.raises(errors.RateLimited) as caught:
        listen(lambda request: (429, {}, absurd))
    assert caught.value.retry_at < datetime.now(UTC) + timedelta(days=2)


# --- reading -----------------------------------------------------------------------------------------------------


def test_a_room_that_was_left_meanwhile_holds_nothing_up():
    network = MatrixAdapter()
    network.publish(2)
    _items, cursor = listen(network)
    network.publish(60)

    def answer(request):
        if f"/rooms/{CLOSED}/messages" in request.url:
            return network.no(403, "M_FORBIDDEN")
        return network.answer(request)

    items, cursor = listen(answer, cursor)
    assert len(items) == 30 and {item.identifiers["room"] for item in items} == {OPEN}
    assert cursor["gaps"] == []


def test_kinds_of_rooms_follow_their_rules_and_the_account():
    network = MatrixAdapter()
    _items, cursor = listen(network)
    assert (cursor["public"], cursor["direct"]) == ([OPEN], [DIRECT])
    network.add(OPEN, {"join_rule": "invite"}, "m.room.join_rules")
    network.add(OPEN, {"msgtype": "m.text", "body": "closed now"})
    items, cursor = listen(network, cursor)
    assert cursor["public"] == []
    assert items[-1].visibility == "private"
    assert [item.text for item in items] == ["closed now"]


def test_invitations_are_accepted_where_that_is_wanted():
    network = MatrixAdapter()
    invited = {"type": "m.room.member", "state_key": ME, "sender": ANA}
    network.invited["!new:matrix.example"] = {**invited, "content": {"membership": "invite", "is_direct": True}}
    network.invited["!club:matrix.example"] = {**invited, "content": {"membership": "invite"}}
    listen(network, join_invites=False)
    assert not [one for one in network.log if one[1].endswith("/join")]
    _items, cursor = listen(network)
    assert {one[1] for one in network.log if one[1].endswith("/join")} == {
        "rooms/!new:matrix.example/join", "rooms/!club:matrix.example/join"
    }  # fmt: skip
    assert "!new:matrix.example" in cursor["direct"] and "!club:matrix.example" not in cursor["direct"]
    assert network.direct_rooms[ANA] == [DIRECT, "!new:matrix.example"], "other clients of the account know it too"
    network.invited["!shut:matrix.example"] = {**invited, "content": {"membership": "invite"}}

    def answer(request):
        if request.url.endswith("/join"):
            return network.no(403, "M_FORBIDDEN")
        return network.answer(request)

    assert listen(answer, cursor)[1]["since"], "an invitation taken back holds nothing up"


def test_nobody_edits_what_others_said():
    network = MatrixAdapter()
    target = network.publish(1)[0]
    _items, cursor = listen(network)
    network.add(
        OPEN,
        {
            "msgtype": "m.text", "body": "* forged", "m.new_content": {"msgtype": "m.text", "body": "forged"},
            "m.relates_to": {"rel_type": "m.replace", "event_id": target},
        },
        sender="@mallory:matrix.example",
    )  # fmt: skip
    items, _cursor = listen(network, cursor)
    assert [item.text for item in items] == ["post 0"], "the server knows of no edit by the author"
    network.add(
        OPEN,
        {
            "msgtype": "m.text",
            "body": "* x",
            "m.new_content": {"body": "x"},
            "m.relates_to": {"rel_type": "m.replace", "event_id": "$unknown"},
        },
    )
    assert listen(network, cursor)[0], "an edit of what is not there changes nothing"


def read(content, **event):
    made = {"event_id": "$e", "type": "m.room.message", "sender": ANA, "content": content, **event}
    items, rejects, _edits = Reader(ME, home="!home:x").read([made], event.pop("room", OPEN))
    assert not rejects
    return items[0]


def test_small_things_are_read_right():
    assert read({"msgtype": "m.notice", "body": "I am a bot"}).author.bot
    assert read({"msgtype": "m.emote", "body": "waves"}).text == "waves"
    assert read({"msgtype": "m.file", "body": "our bill", "filename": "bill.pdf"}).text == "📎 bill.pdf\n\nour bill"
    assert read({"body": "smile", "url": "mxc://a/b"}, type="m.sticker").text == "[smile]"
    assert read({"msgtype": "m.text", "body": "x"}, origin_server_ts=4 * 10**12).published_at is None, "the future"
    assert read({"msgtype": "m.text", "body": "x"}, origin_server_ts=True).published_at is None
    assert read({"msgtype": "m.text", "body": f"hello {ME}"}).origin == "own"
    assert read({"msgtype": "m.text", "body": f"hello {ME}", "m.mentions": {}}).origin == "search"
    assert read({"msgtype": "m.text", "body": "x", "m.mentions": {"user_ids": [ME]}}).origin == "own"
    items, _rejects, _edits = Reader(ME, home=OPEN).read(
        [{"event_id": "$e", "type": "m.room.message", "sender": ANA, "content": {"msgtype": "m.text", "body": "x"}}],
        OPEN,
    )
    assert items[0].origin == "own", "what is said in our own room concerns us"
    quoted = "> <@ana:x> one\n> two\n\nanswer"
    assert read({"msgtype": "m.text", "body": quoted}).text == quoted, "who quotes without answering, quotes"
    answered = {"m.relates_to": {"m.in_reply_to": {"event_id": "$a"}}}
    assert read({"msgtype": "m.text", "body": quoted, **answered}).text == "answer"
    assert without_fallback("> <@a:b> never ending") == "> <@a:b> never ending"
    assert relation({"m.relates_to": {"rel_type": "m.thread", "event_id": "$t"}}) == ("$t", "$t", "")
    threaded = {"rel_type": "m.thread", "event_id": "$t", "m.in_reply_to": {"event_id": "$x"}}
    assert relation({"m.relates_to": threaded}) == ("$x", "$t", "")
    assert relation({"m.relates_to": {**threaded, "is_falling_back": True}}) == ("$t", "$t", "")
    assert link("@ana:x") == "https://matrix.to/#/%40ana%3Ax"
    for sealed in ("m.room.encrypted", "m.room.member", "m.reaction"):
        event = {"event_id": "$e", "type": sealed, "sender": ANA, "content": {"body": "x"}}
        assert Reader(ME).read([event], OPEN) == ([], [], [])


# --- deliveries --------------------------------------------------------------------------------------------------


def test_deliveries_hold_what_was_said_and_what_was_taken_back():
    network, now = MatrixAdapter(), datetime.now(UTC)
    content, (said,) = network.message(1)
    edit = {
        "event_id": "$edit", "type": "m.room.message", "room_id": OPEN, "sender": ANA,
        "content": {"msgtype": "m.text", "body": "* forged", "m.new_content": {"body": "forged"},
                    "m.relates_to": {"rel_type": "m.replace", "event_id": said}},
    }  # fmt: skip
    redaction = {"event_id": "$r", "type": "m.room.redaction", "room_id": OPEN, "sender": ANA, "redacts": "$old"}
    content["events"] += [edit, redaction, {"type": "m.room.message", "room_id": OPEN, "event_id": "$bad"}, 5, {}]
    headers, body = network.push(content, now)
    page = connect(network, user=ME).parse_push(headers, body, now)
    assert [(item.external_id, item.deleted) for item in page.items] == [(said, False), ("$old", True)]
    assert [reject.external_id for reject in page.rejects] == ["$bad"]
    assert connect(network, user=ME).parse_push({**headers, "authorization": "", ":verified": "1"}, body, now).items
    for changed in ({":verified": "yes"}, {}):
        with pytest.raises(errors.AccessDenied):
            connect(network).parse_push({":path": headers[":path"], **changed}, body, now)


def test_a_transaction_that_is_sent_again_is_known_again():
    network, now = MatrixAdapter(), datetime.now(UTC)
    headers, body = network.push(network.message(2)[0], now)
    older = json.loads(body)
    for event in older["events"]:
        event["unsigned"]["age"] = 99999
    again = json.dumps(older).encode()
    assert Matrix.delivery_id(headers, body) == Matrix.delivery_id(headers, again)
    assert Matrix.delivery_id(headers, body) != Matrix.delivery_id({":path": "/_matrix/app/v1/transactions/18"}, body)
    older["events"].pop()
    assert Matrix.delivery_id(headers, body) != Matrix.delivery_id(headers, json.dumps(older).encode())


def test_the_homeserver_is_greeted():
    connector, bearer = connect(None), {"authorization": f"Bearer {SECRET}"}
    assert connector.handshake("POST", "/_matrix/app/v1/ping", {}, bearer) == (200, "application/json", "{}")
    status, _kind, body = connector.handshake("GET", f"/_matrix/app/v1/rooms/{ALIAS}", {}, bearer)
    assert (status, json.loads(body)) == (404, {"errcode": "M_NOT_FOUND"})
    status, _kind, body = connector.handshake("GET", "/_matrix/app/v9/new", {}, bearer)
    assert (status, json.loads(body)) == (404, {"errcode": "M_UNRECOGNIZED"})
    assert connector.handshake("PUT", "/_matrix/app/v1/transactions/1", {}, bearer) is None
    for headers in ({}, {"authorization": "Bearer x"}, {"authorization": SECRET}):
        with pytest.raises(errors.AccessDenied):
            connector.handshake("POST", "/_matrix/app/v1/ping", {}, headers)
    with pytest.raises(errors.AccessDenied):
        connect(None, {}).handshake("POST", "/_matrix/app/v1/ping", {}, {"authorization": "Bearer "})
