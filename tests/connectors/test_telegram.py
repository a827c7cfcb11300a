"""Telegram: messages shaped as the published schema of the Bot API has them, and a bot in memory.

No Telegram can be run here: what is proved is what the schema says, not what the service does.
"""

import json
import logging
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from connectors import errors
from connectors.http import Http
from connectors.items import Outgoing
from connectors.telegram import Telegram
from connectors.telegram_items import UPDATES, Reader

from .adapters import SECRET
from .adapters.telegram import ANA, BOT, CHANNEL, CLOSED, GROUP, NAME, PRIVATE, TelegramAdapter
from .conftest import ok

ADDRESS = "https://odoo.example/community_manager/push/0123"
DATE = 1735689600


def connect(network, **values):
    """Return a connector that is answered by a function, or by the adapter."""
    answer = getattr(network, "answer", network)
    return Telegram(Http(transport=answer), {**TelegramAdapter.settings, **values}, TelegramAdapter.secrets)


def listen(network, cursor=None, **values):
    """Return the only page of a run, with its cursor as a database gives it back."""
    (page,) = connect(network, **values).listen(cursor or {})
    page.cursor = json.loads(json.dumps(page.cursor))
    return page


def read(chat=GROUP, kind="message", **fields):
    """Return the item of a message in a chat."""
    message = {"message_id": 17, "from": ANA, "chat": chat, "date": DATE} | fields
    items, rejects, _last = Reader(str(BOT), NAME, "@acme").read([{"update_id": 1, kind: message}])
    assert not rejects, rejects[0].error
    return items[0] if items else None


# --- asking ------------------------------------------------------------------------------------------------------


def test_nothing_is_confirmed_before_it_was_stored():
    network = TelegramAdapter()
    network.forgets = True
    ids = network.publish(120)
    found, cursor, runs = [], {}, 0
    while True:
        page = listen(network, cursor)
        again = listen(network, cursor)  # the first was lost in a crash
        assert [item.external_id for item in again.items] == [item.external_id for item in page.items]
        found += [item.external_id for item in page.items]
        cursor, runs = page.cursor, runs + 1
        if not page.more:
            break
    assert found == ids and runs == 3
    assert listen(network, cursor).items == [] and network.updates == []
    asked = [body for method, body in network.log if method == "getUpdates"]
    assert asked[0] == {"limit": 50, "timeout": 0, "allowed_updates": list(UPDATES)}


def test_after_a_quiet_week_updates_are_numbered_anew():
    network = TelegramAdapter()
    network.publish(3)
    cursor = listen(network).cursor
    network.updates = [{"update_id": 5, "message": network.message_in(GROUP, "hello again")}]
    assert listen(network, cursor).items == [], "within the week numbers only grow"
    quiet = {**cursor, "moved": (datetime.now(UTC) - timedelta(days=8)).date().isoformat()}
    page = listen(network, quiet)
    assert [item.text for item in page.items] == ["hello again"] and page.cursor["offset"] == 6
    assert listen(network, {**cursor, "moved": "x"}).items, "a position that makes no sense"


def test_while_telegram_delivers_it_is_not_asked():
    network = TelegramAdapter()
    network.publish(2)
    cursor = listen(network).cursor
    network.webhook = {"url": f"{ADDRESS}/{NAME}"}
    connector = connect(network)
    connector.push_address = ADDRESS
    (page,) = connector.listen(cursor)
    assert page.items == [] and page.cursor["offset"] == cursor["offset"] and page.requests == 2


@pytest.mark.parametrize(
    ("info", "kind", "said"),
    [
        ({"url": "https://other.example/hook"}, errors.Misconfigured, "other.example"),
        ({"url": ADDRESS, "pending_update_count": 3, "last_error_date": "now", "last_error_message": "Wrong response "
          "from the webhook: 502 Bad Gateway"}, errors.Retriable, "502 Bad Gateway"),
        ({"url": ADDRESS, "pending_update_count": 0, "last_error_date": "now", "last_error_message": "x"}, None, ""),
        ({"url": ADDRESS, "pending_update_count": 3, "last_error_date": DATE, "last_error_message": "x"}, None, ""),
        ({"url": ADDRESS, "pending_update_count": "3", "last_error_date": [], "last_error_message": 5}, None, ""),
    ],
)  # fmt: skip
def test_trouble_with_deliveries_is_told(info, kind, said):
    network = TelegramAdapter()
    network.webhook = {"url": "set"}
    if info.get("last_error_date") == "now":
        info = {**info, "last_error_date": int(datetime.now(UTC).timestamp())}
    network.do_getWebhookInfo = lambda body: network.ok(info)
    connector = connect(network)
    connector.push_address = ADDRESS
    if kind is None:
        assert next(connector.listen({})).items == []
        return
    with pytest.raises(kind) as caught:
        list(connector.listen({}))
    assert said in caught.value.message


def test_two_readers_of_one_bot_are_told_of_each_other():
    network = TelegramAdapter()
    why = "Conflict: terminated by other getUpdates request; make sure that only one bot instance is running"
    network.do_getUpdates = lambda body: network.no(409, why)
    with pytest.raises(errors.Retriable) as caught:
        listen(network)
    assert "Another program" in caught.value.message


def test_a_token_that_telegram_does_not_know():
    for status, kind in ((401, errors.AccessExpired), (404, errors.Misconfigured)):
        with pytest.raises(kind) as caught:
            listen(lambda request, status=status: TelegramAdapter.no(status, "Unauthorized"))
        assert SECRET not in caught.value.message + caught.value.detail
    with pytest.raises(errors.Misconfigured):
        list(Telegram(Http(), {}, {}).listen({}))


def test_the_pause_that_telegram_asks_for_is_kept():
    refused = TelegramAdapter.no(429, "Too Many Requests: retry after 35", retry_after=35)
    with pytest.raises(errors.RateLimited) as caught:
        listen(lambda request: refused)
    assert abs((caught.value.retry_at - datetime.now(UTC)).total_seconds() - 35) < 10


def test_the_token_in_the_address_is_told_to_no_log(server, caplog):
    caplog.set_level(logging.DEBUG)
    token = "4711:AAHsecretsecretsecretsecretsecret"
    secrets = {"token": token, "webhook_secret": SECRET}
    told = []

    def ask():
        with Http(allowed_hosts=["127.0.0.1"], timeout=(2, 2)) as http:
            connector = Telegram(http, {"server": server.url}, secrets)
            with pytest.raises(errors.ConnectorError) as caught:
                connector.check()
            error = caught.value
            told.extend((str(error), error.detail, repr(error.params), repr(error.__context__), repr(error.__cause__)))

    for status in ("200 OK", "302 Found", "400 Bad Request", "404 Not Found", "500 Trouble"):
        echo = json.dumps({"ok": False, "description": f"bot{token} " * 40}).encode()
        server.answer = lambda request, connection, status=status, echo=echo: ok(
            echo, status, Location=f"/bot{token}/x"
        )
        ask()
    server.close()
    ask()
    assert any("/bot***/getMe" in record.getMessage() for record in caplog.records), "urllib3 logs where it asks"
    for text in (*told, caplog.text):
        assert "AAHsecret" not in text and "secretsecret" not in text


# --- what messages are -------------------------------------------------------------------------------------------


def test_a_private_message_is_private():
    item = read(PRIVATE, text="Where is my parcel?")
    assert (item.kind, item.visibility, item.origin) == ("message", "direct", "own")
    assert item.external_id == "777:17:4711", "each bot counts the messages of its private chats for itself"
    assert item.conversation_id == "777:0:4711" and item.url == ""
    assert (item.author.external_id, item.author.name, item.author.handle) == ("777", "Ana Ruiz", "@ana")
    assert item.published_at == datetime.fromtimestamp(DATE, UTC)
    assert item.identifiers == {"chat": 777, "message": 17}


def test_in_groups_what_is_said_to_us_concerns_us():
    assert read(text="nice weather").origin == "search"
    mention = {"type": "mention", "offset": 3, "length": 9}
    assert read(text=f"😀 @{NAME} hello", entities=[mention]).origin == "own", "places are counted in UTF-16"
    assert read(text="😀 @acme_boo hello", entities=[mention]).origin == "search"
    named = {"type": "text_mention", "offset": 0, "length": 4, "user": {"id": BOT, "is_bot": True, "first_name": "A"}}
    assert read(text="Acme hello", entities=[named]).origin == "own"
    command = {"type": "bot_command", "offset": 0, "length": 14}
    assert read(text=f"/help@{NAME}", entities=[command]).origin == "own"
    ours = {"message_id": 9, "chat": GROUP, "date": DATE, "text": "x", "from": {"id": BOT, "first_name": "Acme"}}
    item = read(text="thanks", reply_to_message=ours)
    assert (item.origin, item.kind, item.parent_id) == ("own", "comment", "-1001111:9")
    assert (item.url, item.visibility) == ("https://t.me/boots/17", "public")
    closed = read(CLOSED, text="x")
    assert (closed.url, closed.visibility) == ("https://t.me/c/2222/17", "private")


def test_comments_under_a_post_of_the_channel_are_ours():
    post = {
        "message_id": 40, "chat": CLOSED, "date": DATE, "text": "News", "sender_chat": CHANNEL,
        "is_automatic_forward": True,
        "forward_origin": {"type": "channel", "date": DATE, "chat": CHANNEL, "message_id": 3},
    }  # fmt: skip
    comment = read(CLOSED, text="Great", reply_to_message=post, message_thread_id=40)
    assert (comment.parent_id, comment.kind, comment.origin) == ("-1003333:3", "comment", "own")
    assert read(**post) is None, "the copy of the post is no second post"


def test_posts_of_the_own_channel_are_what_we_say():
    item = read(CHANNEL, "channel_post", text="News", sender_chat=CHANNEL)
    assert (item.outgoing, item.kind, item.author.name) == (True, "post", "Acme")
    other = {**CHANNEL, "id": -1009, "username": "others"}
    assert not read(other, "channel_post", text="News", sender_chat=other).outgoing


def test_small_things_are_read_right():
    assert read(text="x", edit_date=DATE + 60).edited_at == datetime.fromtimestamp(DATE + 60, UTC)
    assert read(text="x", edit_date="soon").edited_at is None
    assert read(photo=[{"file_id": "a"}], caption="My #boots", caption_entities=[
        {"type": "hashtag", "offset": 3, "length": 6}]).hashtags == ("boots",)  # fmt: skip
    assert read(photo=[{"file_id": "a"}]).text == "🖼"
    assert read(document={"file_id": "a", "file_name": "bill.pdf"}).text == "📎 bill.pdf"
    assert read(sticker={"file_id": "a", "emoji": "👍"}).text == "👍"
    poll = {"question": "Which?", "options": [{"text": "Brown"}, {"text": "Black"}]}
    assert read(poll=poll).text == "Which?\n○ Brown\n○ Black"
    for service in ({"new_chat_members": [ANA]}, {"pinned_message": {}}, {"group_created": True}):
        assert read(**service) is None, "nobody said anything"
    assert read(text="x", date=4 * 10**9).published_at is None, "the future"
    anonymous = read(text="x", sender_chat=GROUP)
    assert (anonymous.author.external_id, anonymous.author.name) == ("-1001111", "Boots")
    topic = read(
        text="x", message_thread_id=5, is_topic_message=True, reply_to_message={"forum_topic_created": {"name": "A"}}
    )
    assert (topic.conversation_id, topic.parent_id) == ("-1001111:5", "")
    basic = read({"id": -55, "type": "group", "title": "Few"}, text="x")
    assert (basic.external_id, basic.visibility) == ("-55:17:4711", "private")


def test_what_cannot_be_read_is_put_aside():
    good = {"update_id": 7, "message": {"message_id": 1, "from": ANA, "chat": GROUP, "date": DATE, "text": "x"}}
    junk = [5, {}, {"update_id": True}, {"update_id": 8, "message": []}, {"update_id": 9, "message": {"chat": GROUP}}]
    items, rejects, last = Reader(str(BOT)).read([good, *junk, {"update_id": 10, "poll": {}}])
    assert [item.external_id for item in items] == ["-1001111:1"] and len(rejects) == 5 and last == 10
    assert [reject.external_id for reject in rejects][3:] == ["8", "9"]


# --- checking ----------------------------------------------------------------------------------------------------


def test_checking_confirms_nothing_and_tells_what_the_bot_may():
    network = TelegramAdapter()
    network.forgets = True
    network.publish(3)
    check = connect(network).check()
    assert (check.account, check.account_id, len(check.sample)) == (f"@{NAME}", str(BOT), 3)
    assert [str(one) for one in check.can] == [
        "Read what is written to the bot", "Read everything in its groups", "Publish in @acme"
    ]  # fmt: skip
    assert len(listen(network).items) == 3, "all of it is still there"
    network.do_getMe = lambda body: network.ok({"id": BOT, "is_bot": True, "first_name": "A", "username": NAME})
    network.do_getChatMember = lambda body: network.ok({"status": "member", "user": {}})
    check = connect(network).check()
    assert "privacy mode" in check.can[1] and "administrator" in check.missing[0]
    network.webhook = {"url": "https://other.example"}
    assert connect(network, chat="").check().sample == []
    with pytest.raises(errors.Refused):
        connect(network, chat="@nowhere").check()


# --- answering ---------------------------------------------------------------------------------------------------


def outgoing(target=None, way="reply"):
    return Outgoing("ab" * 16, "Thank you.", way, target, first_tried_at=datetime.now(UTC))


def test_each_way_asks_for_what_it_should():
    network = TelegramAdapter()
    network.publish(3)
    target = network.target()
    item = connect(network).reply(outgoing(target))
    assert network.log[-1] == (
        "sendMessage",
        {"chat_id": GROUP["id"] if "-1001111" in target.external_id else CLOSED["id"], "text": "Thank you.",
         "reply_parameters": {"message_id": target.identifiers["message"]}},
    )  # fmt: skip
    assert (item.parent_id, item.kind, item.outgoing, item.origin) == (target.external_id, "comment", True, "own")
    item = connect(network).message(outgoing(target, "message"))
    assert network.log[-1] == ("sendMessage", {"chat_id": 777, "text": "Thank you."})
    assert (item.visibility, item.conversation_id) == ("direct", f"777:0:{BOT}")
    item = connect(network).publish(outgoing(way="publish"))
    assert network.log[-1] == ("sendMessage", {"chat_id": "@acme", "text": "Thank you."})
    assert (item.url, item.outgoing) == (f"https://t.me/acme/{item.identifiers['message']}", True)
    connect(network, chat="-1003333").publish(outgoing(way="publish"))
    assert network.log[-1][1]["chat_id"] == -1003333
    with pytest.raises(errors.Misconfigured):
        connect(network, chat="").publish(outgoing(way="publish"))
    with pytest.raises(errors.Refused):
        connect(network).message(outgoing(replace(target, author_id="-1001111"), "message"))
    with pytest.raises(errors.Refused):
        connect(network).reply(outgoing(replace(target, identifiers={})))
    with pytest.raises(NotImplementedError):
        connect(network).find_sent(outgoing(target))  # a bot sees no history: a person has to look


@pytest.mark.parametrize(
    ("status", "why", "kind"),
    [
        (400, "Bad Request: message to be replied not found", errors.Gone),
        (400, "Bad Request: message thread not found", errors.Gone),
        (400, "Bad Request: chat not found", errors.Refused),
        (400, "Bad Request: message is too long", errors.Refused),
        (400, "Bad Request: not enough rights to send text messages to the chat", errors.AccessDenied),
        (400, "Bad Request: need administrator rights in the channel chat", errors.AccessDenied),
        (403, "Forbidden: bot was blocked by the user", errors.Refused),
        (403, "Forbidden: bot can't initiate conversation with a user", errors.Refused),
        (403, "Forbidden: bot was kicked from the supergroup chat", errors.Refused),
        (403, 5, errors.Refused),
    ],
)
def test_refusals_say_why(status, why, kind):
    network = TelegramAdapter()
    network.publish(1)
    target = network.target()
    network.do_sendMessage = lambda body: network.no(status, why)
    with pytest.raises(kind) as caught:
        connect(network).reply(outgoing(target))
    assert not caught.value.unsure and caught.value.message.endswith(".")
    if kind is errors.Refused and "bot" not in str(why) and isinstance(why, str):
        assert why in caught.value.message


def test_a_group_that_became_another_one_says_which():
    network = TelegramAdapter()
    network.publish(1)
    target = network.target()
    why = "Bad Request: group chat was upgraded to a supergroup chat"
    network.do_sendMessage = lambda body: network.no(400, why, migrate_to_chat_id=-1009876)
    with pytest.raises(errors.Refused) as caught:
        connect(network).reply(outgoing(target))
    assert "-1009876" in caught.value.message


def test_the_words_of_a_person_who_never_wrote_cannot_be_answered_in_private():
    network = TelegramAdapter()
    network.publish(1)
    network.do_sendMessage = lambda body: network.no(403, "Forbidden: bot can't initiate conversation with a user")
    with pytest.raises(errors.Refused) as caught:
        connect(network).message(outgoing(network.target(), "message"))
    assert "wrote to it first" in caught.value.message


# --- moderating, figures, profiles -------------------------------------------------------------------------------


def test_moderation_asks_for_what_it_says():
    network = TelegramAdapter()
    network.publish(1)
    target = network.target()
    for action in ("delete", "delete", "ban", "mute"):
        connect(network).moderate(action, target, "Rude.")
    place = {"chat_id": GROUP["id"], "message_id": 1}
    assert network.log[:2] == [("deleteMessage", place)] * 2, "deleted before is deleted"
    assert network.log[2] == ("banChatMember", {"chat_id": GROUP["id"], "user_id": 777})
    assert network.log[3][0] == "restrictChatMember" and network.log[3][1]["permissions"]["can_send_messages"] is False
    connect(network).moderate("ban", replace(target, author_id="-1009"))
    assert network.log[-1] == ("banChatSenderChat", {"chat_id": GROUP["id"], "sender_chat_id": -1009})
    with pytest.raises(errors.Refused):
        connect(network).moderate("ban", replace(target, author_id="ana"))
    network.do_deleteMessage = lambda body: network.no(400, "Bad Request: message can't be deleted")
    with pytest.raises(errors.Refused):
        connect(network).moderate("delete", target)
    with pytest.raises(NotImplementedError):
        connect(network).moderate("hide", target)


def test_members_are_counted_and_chats_are_found():
    network = TelegramAdapter()
    assert connect(network).metrics([]).followers == 321
    assert connect(network, chat="").metrics([]).followers is None
    for handle in ("@boots", "boots", "https://t.me/boots", "-1001111"):
        assert connect(network).profile(handle).name == "Boots", handle
    assert connect(network).profile("777").name == "Ana Ruiz"
    for nobody in ("@nobody_here", "two words", "", "@a/b"):
        assert connect(network).profile(nobody) is None


# --- deliveries --------------------------------------------------------------------------------------------------


def test_telegram_is_told_where_to_deliver_and_with_what_secret():
    network = TelegramAdapter()
    assert connect(network).subscribe(ADDRESS) is None
    assert network.webhook == {
        "url": f"{ADDRESS}/{NAME}", "secret_token": SECRET, "allowed_updates": list(UPDATES), "max_connections": 5
    }  # fmt: skip
    connect(network).unsubscribe(ADDRESS)
    assert network.log[-1] == ("deleteWebhook", {"drop_pending_updates": False}), "what waits is read by asking"
    with pytest.raises(errors.Misconfigured):
        Telegram(Http(transport=network.answer), {}, {"token": f"{BOT}:{SECRET}"}).subscribe(ADDRESS)
    network.do_setWebhook = lambda body: network.no(400, "Bad Request: bad webhook: IP address 10.0.0.1 is reserved")
    with pytest.raises(errors.Refused) as caught:
        connect(network).subscribe(ADDRESS)
    assert "is reserved" in caught.value.message


def test_a_delivery_tells_the_name_of_the_bot_by_its_address():
    network, now = TelegramAdapter(), datetime.now(UTC)
    mention = {"type": "mention", "offset": 0, "length": 9}
    network.tell(network.message_in(GROUP, f"@{NAME} hello", entities=[mention]))
    headers, body = network.push(network.updates[0], now)
    assert connect(network).parse_push(headers, body, now).items[0].origin == "own"
    plain = {**headers, ":path": ""}
    assert connect(network).parse_push(plain, body, now).items[0].origin == "search"
    kept = {":path": headers[":path"], ":verified": "1"}
    assert connect(network).parse_push(kept, body, now).items
    assert connect(network).delivery_id(headers, body) == f"update:{network.updates[0]['update_id']}"
    assert connect(network).delivery_id(headers, b"{}") != connect(network).delivery_id(headers, b"[]")


def test_polling_and_delivery_bring_the_same_thing():
    network, now = TelegramAdapter(), datetime.now(UTC)
    network.publish(4)
    polled = {item.external_id: item for item in listen(network).items}
    for update in network.updates:
        headers, body = network.push(update, now)
        (item,) = connect(network).parse_push(headers, body, now).items
        assert item == polled[item.external_id]
