"""Telegram, through a bot: what is written to it, to its groups and under the posts of its channel.

A bot sees no history: what was said before it came, and what nobody fetched for a day, is not to be had.
"""

import hmac
import re
from datetime import UTC, datetime, timedelta
from json import loads
from urllib.parse import urlsplit

from . import errors
from .base import TOO_LONG, Sentence, Setting, _
from .items import Check, Figures, Page
from .media import MEGABYTE, Media
from .registry import register
from .saying import as_ours
from .telegram_api import TelegramApi, chat_of, place_of
from .telegram_items import UPDATES, Reader, author, number
from .text import clean_line
from .values import identifier

#: Updates asked for at once; getUpdates gives up to 100, and what is read in one run is stored before the next.
PAGE = 50
#: "If there are no new updates for at least a week, then identifier of the next update will be chosen randomly": before
#: that we stop saying where to go on from.  Telegram forgets updates after a day, so nothing old comes again.
QUIET_DAYS = 6
#: A failing delivery is told to us for this long after it failed.
RECENT = 3600
#: Connections that Telegram may open to us at once (setWebhook, "max_connections"); Odoo has few workers.
CONNECTIONS = 5
SAMPLE = 10
#: Longest text beside a file (sendPhoto: "0-1024 characters after entities parsing"), and pictures shown as such.
CAPTION = 1024
PHOTOS = ("image/jpeg", "image/png", "image/webp")
SECRET_HEADER = "x-telegram-bot-api-secret-token"

NO_KEY = _("The channel has no key for deliveries yet.")
NOT_TELEGRAM = _("The delivery does not come from Telegram.")
NOT_JSON = _("The delivery is not the JSON that is expected here.")
OTHER_WEBHOOK = _(
    "What is written to this bot is delivered to %(host)s, so it cannot be read from here. End that first."
)
OTHER_READER = _(
    "Another program reads what is written to this bot. End it, or make a bot of your own for this channel."
)
DELIVERY_FAILS = _("Telegram cannot deliver to %(host)s: %(why)s.")
NO_CHAT_SET = _("Enter the channel or group to publish in first.")
NOT_A_PERSON = _("This was written in the name of a channel or group, which nobody can write to in private.")
CAN_READ = _("Read what is written to the bot")
CAN_ALL = _("Read everything in its groups")
CAN_SOME = _("Read in its groups what is said to it: privacy mode is on")
CAN_PUBLISH = _("Publish in %(chat)s")
CANNOT_PUBLISH = _("The bot may not publish in %(chat)s. Make it an administrator there.")

_NAME = re.compile(r"(?:/([A-Za-z0-9_]{3,64}))?")


@register
class Telegram(TelegramApi):
    """Messages to one bot, by asking or by delivery, whichever is possible.

    While Telegram delivers it cannot be asked; listening then only sees that deliveries work.
    """

    code = "telegram"
    label = "Telegram"
    description = _("Messages to a bot, groups and channels it is in, and comments under the posts of a channel.")
    kind = "messaging"
    scope = "horizontal"
    capabilities = frozenset({"listen", "reply", "message", "publish", "moderate", "metrics", "profile", "push"})
    text_limit = 4096  # sendMessage: "1-4096 characters after entities parsing"
    threads = True
    #: sendPhoto takes 10 MB, sendDocument 50 MB.
    media = Media(most=1, mimetypes=("*/*",), largest=10 * MEGABYTE, alt=False)
    moderations = frozenset({"delete", "ban", "mute"})
    poll_seconds = (30, 600)
    push_headers = (SECRET_HEADER, ":path")
    push_credentials = (SECRET_HEADER,)
    push_answers = {"accepted": (200, ""), "duplicate": (200, "")}
    guide = _(
        "In Telegram write /newbot to @BotFather and follow what it says; copy the token it gives you.\n"
        "To read everything in groups, write /setprivacy to @BotFather and choose Disable.\n"
        "Add the bot to your groups, and as an administrator to your channel and its discussion group."
    )
    settings = (
        Setting("token", _("Token"), _("@BotFather gives it when the bot is made."), required=True, secret=True),
        Setting(
            "chat",
            _("Channel or group to publish in"),
            _("Its name with @, or its number. The bot must be an administrator there."),
            placeholder="@acme",
        ),
        Setting(
            "server",
            _("Server"),
            _("Only for a Bot API server of your own."),
            kind="url",
            default="https://api.telegram.org",
        ),
        Setting(
            "webhook_secret",
            _("Key for deliveries"),
            _("Made here and told to Telegram, which shows it with each delivery."),
            secret=True,
            generated=True,
        ),
    )

    # --- reading ---

    def check(self):
        """See :meth:`Connector.check`."""
        self.account_id = ""
        found = self._object("getMe")
        me = self._me({"id": identifier(found.get("id")), "name": clean_line(str(found.get("username") or ""), 64)})
        check = Check(account=f"@{me['name']}", account_id=me["id"], can=[Sentence(CAN_READ)])
        check.can.append(Sentence(CAN_ALL if found.get("can_read_all_group_messages") is True else CAN_SOME))
        if self._home:
            chat = self._object("getChat", chat_id=self._home, sending=True)
            member = self._object("getChatMember", chat_id=self._home, user_id=int(me["id"]), sending=True)
            status = member.get("status")
            allowed = status == "creator" or (
                status == "administrator" and member.get("can_post_messages") is not False
            )
            if chat.get("type") != "channel":
                allowed = status in ("creator", "administrator", "member")
            sentence = Sentence(CAN_PUBLISH if allowed else CANNOT_PUBLISH, chat=self._home)
            (check.can if allowed else check.missing).append(sentence)
        # Asked without saying where to go on from, nothing is taken for received.
        answer = self._call("getUpdates", actions={409: None}, limit=SAMPLE, timeout=0, allowed_updates=list(UPDATES))
        if isinstance(answer, list):
            check.sample = Reader(me["id"], me["name"], self._home).read(answer)[0]
        return check

    def listen(self, cursor):
        """See :meth:`Connector.listen`.

        One page a run: Telegram takes updates for received as soon as it is asked for those after them, and these must
        have been stored by then.
        """
        counted = self.http.requests
        me = self._me(cursor.get("me"))
        offset, moved = number(cursor.get("offset")), identifier(cursor.get("moved"))
        if offset is not None and not _recent(moved):
            offset = None
        params = {"limit": PAGE, "timeout": 0, "allowed_updates": list(UPDATES)}
        answer = self._call("getUpdates", actions={409: None}, **params, **({"offset": offset} if offset else {}))
        if isinstance(answer, dict):
            self._conflict(answer)
            answer = []
        elif not isinstance(answer, list):
            raise self._malformed("getUpdates")
        items, rejects, last = Reader(me["id"], me["name"], self._home).read(answer)
        kept = {"me": me}
        if last is not None:
            kept |= {"offset": last + 1, "moved": datetime.now(UTC).date().isoformat()}
        elif offset is not None:
            kept |= {"offset": offset, "moved": moved}
        yield Page(items, kept, len(answer) >= PAGE and last is not None, self.http.requests - counted, rejects)

    def _conflict(self, answer):
        """Look why Telegram cannot be asked; return when it delivers to us and all is well.

        :raises errors.ConnectorError: somebody else gets the messages, or deliveries fail
        """
        why = answer.get("description")
        if not isinstance(why, str) or "webhook" not in why.lower():
            raise errors.Retriable(OTHER_READER, self.http.hide(clean_line(str(why), 300)), 409)
        info = self._object("getWebhookInfo")
        url = info.get("url") if isinstance(info.get("url"), str) else ""
        host = clean_line(urlsplit(url).hostname or "", 255)
        if url and not (self.push_address and url.startswith(self.push_address)):
            raise errors.Misconfigured(OTHER_WEBHOOK, params={"host": host})
        failed, reason = number(info.get("last_error_date")), info.get("last_error_message")
        waiting = number(info.get("pending_update_count")) or 0
        if waiting and failed and failed > datetime.now(UTC).timestamp() - RECENT:
            why = self.http.hide(clean_line(str(reason), 200)).rstrip(".")
            raise errors.Retriable(DELIVERY_FAILS, params={"host": host, "why": why})

    # --- answering ---

    @classmethod
    def objection(cls, outgoing, now=None):
        """See :meth:`Connector.objection`; beside a file the text is its caption, which is shorter."""
        length = cls.length(outgoing.text.strip())
        if outgoing.attachments and length > CAPTION:
            return Sentence(TOO_LONG, length=length, limit=CAPTION)
        return super().objection(outgoing, now)

    def _send(self, chat, outgoing, **more):
        """Say something and return it as listening would bring it."""
        if outgoing.attachments:
            # sendPhoto and sendDocument: one file, whose caption is the text
            [file] = outgoing.attachments
            name = "photo" if file.mimetype in PHOTOS else "document"
            more |= {"caption": outgoing.text, "file": (name, file)}
            message = self._call(f"send{name.title()}", chat_id=chat, sending=True, **more)
        else:
            message = self._call("sendMessage", chat_id=chat, text=outgoing.text, sending=True, **more)
        try:
            item = Reader(self._bot(), "", self._home).item(message)
        except (ValueError, TypeError, AttributeError, KeyError) as problem:
            raise self._malformed(f"sendMessage: {problem}") from None
        if item is None:
            raise self._malformed("sendMessage: nothing was said")
        return as_ours(item)

    def reply(self, outgoing):
        """See :meth:`Connector.reply`."""
        chat, message_id = place_of(outgoing.target)
        return self._send(chat, outgoing, reply_parameters={"message_id": message_id})

    def message(self, outgoing):
        """See :meth:`Connector.message`: the private chat with somebody has the number of that person."""
        person = outgoing.target.author_id
        if not person.isascii() or not person.isdigit():
            raise errors.Refused(NOT_A_PERSON)
        return self._send(int(person), outgoing)

    def publish(self, outgoing):
        """See :meth:`Connector.publish`."""
        if not self._home:
            raise errors.Misconfigured(NO_CHAT_SET)
        return self._send(chat_of(self._home), outgoing)

    def moderate(self, action, target, reason=""):
        """See :meth:`Connector.moderate`."""
        chat, message_id = place_of(target)
        person = number(int(target.author_id)) if re.fullmatch(r"-?\d{1,20}", target.author_id, re.ASCII) else None
        if action == "delete":
            try:
                self._call("deleteMessage", chat_id=chat, message_id=message_id, sending=True)
            except errors.Gone:
                return  # it was deleted before
        elif person is None:
            raise errors.Refused(NOT_A_PERSON)
        elif action == "ban" and person < 0:
            self._call("banChatSenderChat", chat_id=chat, sender_chat_id=person, sending=True)
        elif action == "ban":
            self._call("banChatMember", chat_id=chat, user_id=person, sending=True)
        elif action == "mute":
            silent = {"can_send_messages": False, "can_send_other_messages": False, "can_send_polls": False}
            self._call("restrictChatMember", chat_id=chat, user_id=person, permissions=silent, sending=True)
        else:
            raise NotImplementedError(action)

    def metrics(self, things):
        """See :meth:`Connector.metrics`: a bot is told how many members its chat has, and nothing of single posts."""
        if not self._home:
            return Figures()
        members = self._call("getChatMemberCount", chat_id=chat_of(self._home), sending=True)
        if number(members) is None or not 0 <= members < 2**31:
            raise self._malformed("getChatMemberCount")
        return Figures(followers=members)

    def profile(self, handle):
        """See :meth:`Connector.profile`: channels and groups by name, people by number if they wrote to the bot."""
        name = str(handle or "").strip().rpartition("t.me/")[2].strip("@/ ")
        if not re.fullmatch(r"-?\d{1,20}|[A-Za-z0-9_]{3,64}", name, re.ASCII):
            return None
        chat = self._call(
            "getChat", actions={400: None}, chat_id=chat_of(name if name.lstrip("-").isdigit() else "@" + name)
        )
        if not isinstance(chat, dict):
            raise self._malformed("getChat")
        if chat.get("ok") is False:
            return None
        try:
            return author(chat)
        except ValueError:
            raise self._malformed("getChat") from None

    # --- push ---

    def subscribe(self, address):
        """See :meth:`Connector.subscribe`.  The name of the bot follows the address, for deliveries do not tell it."""
        key = self.secrets.get("webhook_secret")
        if not key:
            raise errors.Misconfigured(NO_KEY)
        name = self._me()["name"]
        self._call(
            "setWebhook",
            url=f"{address}/{name}" if name else address,
            secret_token=key,
            allowed_updates=list(UPDATES),
            max_connections=CONNECTIONS,
            sending=True,
        )

    def unsubscribe(self, address):
        """See :meth:`Connector.unsubscribe`; what was not delivered yet is kept for whoever asks."""
        self._call("deleteWebhook", drop_pending_updates=False)

    def parse_push(self, headers, body, now):
        """See :meth:`Connector.parse_push`: one update."""
        key = self.secrets.get("webhook_secret")
        if not key:
            raise errors.AccessDenied(NO_KEY)
        given = (headers.get(SECRET_HEADER) or "").encode("utf-8", "surrogatepass")
        name = _NAME.fullmatch(headers.get(":path") or "")
        if not name or not (headers.get(":verified") == "1" or hmac.compare_digest(given, key.encode())):
            raise errors.AccessDenied(NOT_TELEGRAM)
        update = _update(body)
        if update is None:
            raise errors.Malformed(NOT_JSON)
        items, rejects, _last = Reader(self._bot(), name.group(1) or "", self._home).read([update])
        return Page(items, rejects=rejects, requests=0)

    def delivery_id(self, headers, body):
        """See :meth:`Connector.delivery_id`: each update has a number."""
        update_id = number((_update(body) or {}).get("update_id"))
        return super().delivery_id({}, body) if update_id is None else f"update:{update_id}"


def _update(body):
    try:
        sent = loads(body)
    except (ValueError, RecursionError):
        return None
    return sent if isinstance(sent, dict) else None


def _recent(day):
    """Return whether an ISO date is within the days in which numbers of updates only grow."""
    try:
        return datetime.now(UTC).date() - datetime.fromisoformat(day).date() < timedelta(days=QUIET_DAYS)
    except ValueError:
        return False
