"""Telegram in memory, as the Bot API describes its methods and objects.

Made from the schemas (402 types, 185 methods) in ``.butcher`` of the source distribution of aiogram 3.31 (MIT).  It
never forgets an update, so that one network can be listened to again from any position; that Telegram forgets those
that were confirmed is tried in ``test_telegram.py``.
"""

import json
import time
from datetime import timedelta
from urllib.parse import unquote, urlsplit

from connectors.items import Target
from tests.connectors.forms import parse_form

from .base import SECRET, START, Adapter, adapter

BOT = 4711
NAME = "acme_bot"
ANA = {"id": 777, "is_bot": False, "first_name": "Ana", "last_name": "Ruiz", "username": "ana", "language_code": "es"}
GROUP = {"id": -1001111, "type": "supergroup", "title": "Boots", "username": "boots"}
CLOSED = {"id": -1002222, "type": "supergroup", "title": "Inside"}
CHANNEL = {"id": -1003333, "type": "channel", "title": "Acme", "username": "acme"}
PRIVATE = {"id": 777, "type": "private", "first_name": "Ana", "last_name": "Ruiz", "username": "ana"}
CHATS = {str(chat["id"]): chat for chat in (GROUP, CLOSED, CHANNEL, PRIVATE)}
CHATS |= {"@acme": CHANNEL, "@boots": GROUP}


@adapter("telegram")
class TelegramAdapter(Adapter):
    """A bot in two groups, with a channel and a private chat."""

    settings = {"chat": "@acme"}
    secrets = {"token": f"{BOT}:{SECRET}", "webhook_secret": SECRET}
    handle = "@boots"
    signs_body = False
    message_needs_target = False

    def __init__(self):
        self.updates = []
        self.messages = {}
        self.ours = []
        self.deleted = set()
        self.webhook = {}
        self.forgets = False
        self.log = []

    # --- what happens there ---

    def message_in(self, chat, text, sender=ANA, **more):
        """Return a message as it stands in a chat."""
        number = len(self.messages) + 1
        message = {
            "message_id": number, "from": sender, "chat": chat,
            "date": int((START + timedelta(minutes=number)).timestamp()), "text": text, **more,
        }  # fmt: skip
        if sender is None:
            del message["from"]
        self.messages[chat["id"], number] = message
        return message

    def tell(self, message, kind="message"):
        """Let the bot see a message."""
        self.updates.append({"update_id": 9000 + len(self.updates), kind: message})
        return self.external_id(message)

    @staticmethod
    def external_id(message):
        chat = message["chat"]
        own = f":{BOT}" if chat["type"] in ("private", "group") else ""
        return f"{chat['id']}:{message['message_id']}{own}"

    def publish(self, number):
        """Spread messages over groups and the private chat."""
        chats = (GROUP, PRIVATE, CLOSED, GROUP)
        return [self.tell(self.message_in(chats[turn % 4], f"post {turn} #acme",
                          entities=[{"type": "hashtag", "offset": len(f"post {turn} "), "length": 5}]))
                for turn in range(number)]  # fmt: skip

    def as_target(self, message):
        """Return what the desk knows of a message."""
        chat = message["chat"]
        seen = "direct" if chat["type"] == "private" else "public" if "username" in chat else "private"
        author = message.get("from") or chat
        place = {"chat": chat["id"], "message": message["message_id"]}
        return Target(self.external_id(message), "", visibility=seen, author_id=str(author["id"]), identifiers=place)

    def target(self):
        seen = [update.get("message") for update in self.updates if "message" in update]
        return self.as_target(next(one for one in reversed(seen) if one["chat"]["type"] == "supergroup"))

    def direct(self):
        message = self.message_in(PRIVATE, "Between us")
        self.tell(message)
        return self.as_target(message)

    def edit(self):
        message = self.updates[-1]["message"]
        changed = {**message, "text": "said better", "entities": [], "edit_date": message["date"] + 60}
        return self.tell(changed, "edited_message"), "said better"

    def sent(self):
        return [(self.external_id(message), message.get("text") or message["caption"]) for message in self.ours]

    def files(self):
        return [(bytes.fromhex(self.ours[-1]["_file"]), None)]

    # --- deliveries ---

    def push(self, content, now):
        body = content if isinstance(content, bytes) else json.dumps(content).encode()
        return {"x-telegram-bot-api-secret-token": SECRET, ":path": f"/{NAME}"}, body

    def message(self, number):
        """Return an update, which never holds more than one message."""
        self.tell(self.message_in(GROUP, "pushed"))
        return self.updates[-1], [self.external_id(self.updates[-1]["message"])]

    # --- what it answers ---

    def answer(self, request):
        bot, method = unquote(urlsplit(request.url).path).removeprefix("/bot").rsplit("/", 1)
        if request.headers["Content-Type"].startswith("multipart/"):
            # "file: InputFile … multipart/form-data"; other parameters as JSON
            form = parse_form(request)
            body = {name: data.decode() for name, (file, _kind, data) in form.items() if file is None}
            body |= {name: json.loads(body[name]) for name in ("reply_parameters",) if name in body}
            body |= {name: data for name, (file, _kind, data) in form.items() if file is not None}
        else:
            body = json.loads(request.body or b"{}")
        self.log.append((method, body))
        if bot != f"{BOT}:{SECRET}":
            return self.no(401, "Unauthorized")
        handler = getattr(self, f"do_{method}", None)
        return handler(body) if handler else self.no(404, "Not Found")

    @staticmethod
    def ok(result):
        return 200, {"Content-Type": "application/json"}, json.dumps({"ok": True, "result": result}).encode()

    @staticmethod
    def no(status, why, **parameters):
        content = {"ok": False, "error_code": status, "description": why}
        if parameters:
            content["parameters"] = parameters
        return status, {"Content-Type": "application/json"}, json.dumps(content).encode()

    def do_getMe(self, body):
        return self.ok(
            {"id": BOT, "is_bot": True, "first_name": "Acme", "username": NAME, "can_read_all_group_messages": True}
        )

    def do_getUpdates(self, body):
        if self.webhook.get("url"):
            return self.no(409, "Conflict: can't use getUpdates method while webhook is active; use deleteWebhook to "
                                "delete the webhook first")  # fmt: skip
        offset = body.get("offset", 0)
        if self.forgets:
            self.updates = [update for update in self.updates if update["update_id"] >= offset]
        fresh = [update for update in self.updates if update["update_id"] >= offset]
        return self.ok(fresh[: body.get("limit", 100)])

    def do_sendPhoto(self, body):
        """Take a message with a photo (sendPhoto) or a document (sendDocument)."""
        what = "photo" if "photo" in body else "document"
        if len(body.get("caption", "")) > 1024:
            return self.no(400, "Bad Request: message caption is too long")
        answer = self.do_sendMessage({**body, "text": body["caption"]})
        if answer[0] == 200:
            message = self.ours[-1]
            about = {"file_id": "AgAC", "file_unique_id": "u1", "file_size": len(body[what])}
            message[what] = [{**about, "width": 1, "height": 1}] if what == "photo" else about
            message["caption"], message["_file"] = message.pop("text"), body[what].hex()
            return self.ok({name: value for name, value in message.items() if name != "_file"})
        return answer

    do_sendDocument = do_sendPhoto

    def do_sendMessage(self, body):
        chat = CHATS.get(str(body["chat_id"]))
        if not chat:
            return self.no(400, "Bad Request: chat not found")
        answered = body.get("reply_parameters", {}).get("message_id")
        if answered and ((chat["id"], answered) not in self.messages or (chat["id"], answered) in self.deleted):
            return self.no(400, "Bad Request: message to be replied not found")
        if len(body["text"]) > 4096:
            return self.no(400, "Bad Request: message is too long")
        more = {"reply_to_message": self.messages[chat["id"], answered]} if answered else {}
        if chat is CHANNEL:
            message = self.message_in(chat, body["text"], None, sender_chat=chat, **more)
        else:
            me = {"id": BOT, "is_bot": True, "first_name": "Acme", "username": NAME}
            message = self.message_in(chat, body["text"], me, **more)
        message["date"] = int(time.time())
        self.ours.append(message)
        return self.ok(message)

    def remove(self, external_id):
        chat, message_id = external_id.split(":")[:2]
        self.deleted.add((int(chat), int(message_id)))

    def do_deleteMessage(self, body):
        place = body["chat_id"], body["message_id"]
        if place in self.deleted:
            return self.no(400, "Bad Request: message to delete not found")
        self.deleted.add(place)
        return self.ok(True)

    def do_banChatMember(self, body):
        return self.ok(True)

    do_restrictChatMember = do_banChatSenderChat = do_banChatMember

    def do_getChat(self, body):
        chat = CHATS.get(str(body["chat_id"]))
        return self.ok({**chat, "accent_color_id": 1}) if chat else self.no(400, "Bad Request: chat not found")

    def do_getChatMember(self, body):
        me = {"id": BOT, "is_bot": True, "first_name": "Acme"}
        return self.ok({"status": "administrator", "user": me, "can_post_messages": True})

    def do_getChatMemberCount(self, body):
        return self.ok(321)

    def do_setWebhook(self, body):
        self.webhook = body
        return self.ok(True)

    def do_deleteWebhook(self, body):
        self.webhook = {}
        return self.ok(True)

    def do_getWebhookInfo(self, body):
        return self.ok({"url": self.webhook.get("url", ""), "has_custom_certificate": False, "pending_update_count": 0})
