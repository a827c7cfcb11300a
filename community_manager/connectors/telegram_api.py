"""Asking the Telegram Bot API (https://core.telegram.org/bots/api): its addresses, its way to say no."""

import re
from datetime import UTC, datetime, timedelta
from json import dumps
from urllib.parse import quote, urlsplit

from . import errors
from .base import Connector, _
from .http import UNREADABLE, WAIT
from .media import form
from .telegram_items import number
from .text import clean_line
from .typed_address import server_address
from .values import identifier

#: No pause that Telegram asks for is believed beyond this many seconds.
LONGEST_PAUSE = 24 * 3600

NO_TOKEN = _("Enter the token of the bot.")
BAD_TOKEN = _("Telegram does not know this token. Copy it again from @BotFather.")
GONE = _("The message is not there any more.")
REFUSED = _("Telegram does not take this: %(why)s.")
NO_RIGHTS = _("The bot lacks the rights for this. Make it an administrator of the group or channel.")
MOVED = _(
    "The group has the number %(chat)s since it grew. What was written before cannot be answered there; to publish "
    "there, enter that number."
)
NOT_FIRST = _("A bot may write only to people who wrote to it first and have not blocked it.")

_TOKEN = re.compile(r"(\d{1,20}):")


class TelegramApi(Connector):
    """What every request needs: the token, which stands in the address, and what a refusal means."""

    def __init__(self, http, settings, secrets=None):
        super().__init__(http, settings, secrets)
        token = self._token
        if http is not None:
            # The token stands in every address; also hidden as it looks there, and without the number of the bot.
            http.mask(token.partition(":")[2], quote(token, safe=":"))

    @property
    def _token(self):
        return (self.secrets.get("token") or "").strip()

    @property
    def _home(self):
        return str(self.values.get("chat") or "").strip()

    @property
    def _host(self):
        return urlsplit(self._server).hostname

    @property
    def _server(self):
        return server_address(self.values.get("server") or "https://api.telegram.org")

    def _call(self, method, actions=None, sending=False, file=None, **params):
        """Return the result of a method; of a status named in ``actions``, the whole answer.

        :param file: (name of the parameter, ``OutgoingFile``) that goes along
        """
        if not self._token:
            raise errors.Misconfigured(NO_TOKEN)
        body = {"json": params}
        if file:  # a form, in which everything but texts is JSON
            fields = {name: value if isinstance(value, str) else dumps(value) for name, value in params.items()}
            content, headers = form(fields, file[1], file[0])
            body = {"data": content, "headers": headers}
        response = self.http.post(
            f"{self._server}/bot{quote(self._token, safe=':')}/{method}",
            **body,
            actions=actions,
            judge=lambda refusing: self._judge(refusing, sending),
        )
        answer = response.json()
        if not isinstance(answer, dict):
            raise self._malformed(method)
        if response.status >= 400:
            return answer
        if answer.get("ok") is not True or "result" not in answer:
            raise self._malformed(method)
        return answer["result"]

    def _object(self, method, **params):
        result = self._call(method, **params)
        if not isinstance(result, dict):
            raise self._malformed(method)
        return result

    def _malformed(self, detail):
        return errors.Malformed(UNREADABLE, detail, params={"host": self._host})

    def _judge(self, response, sending):
        """Return the error that a refusal stands for, ``None`` where its status says enough."""
        try:
            answer = response.json()
        except errors.Malformed:
            return None
        if not isinstance(answer, dict) or answer.get("ok") is not False:
            return None
        why = answer.get("description")
        why = self.http.hide(clean_line(why, 300)).rstrip(".") if isinstance(why, str) else ""
        more = answer.get("parameters")
        more = more if isinstance(more, dict) else {}
        if response.status == 429:
            pause = number(more.get("retry_after"))
            if pause is None or pause < 0:
                return None
            later = datetime.now(UTC) + timedelta(seconds=min(pause, LONGEST_PAUSE))
            return errors.RateLimited(WAIT, later, why, params={"host": self._host})
        if response.status == 404:
            return errors.Misconfigured(BAD_TOKEN, why)
        if response.status not in (400, 403) or not sending:
            return None
        if number(more.get("migrate_to_chat_id")):
            return errors.Refused(MOVED, why, params={"chat": more["migrate_to_chat_id"]})
        return refusal(response.status, why)

    def _me(self, known=None):
        """Return {"id", "name"} of the bot."""
        if isinstance(known, dict) and all(isinstance(known.get(name), str) for name in ("id", "name")) and known["id"]:
            return known
        found = self._object("getMe")
        name = found.get("username")
        me = {"id": identifier(found.get("id")), "name": clean_line(name, 64) if isinstance(name, str) else ""}
        if not me["id"]:
            raise self._malformed("getMe")
        return me

    def _bot(self):
        """Return the id of the bot without asking: it is the first part of its token."""
        found = _TOKEN.match(self._token)
        return found.group(1) if found else self.account_id


def chat_of(name):
    """Return a chat as the API wants it: a number, or a name with @."""
    return int(name) if name.lstrip("-").isdigit() else name


def place_of(target):
    """Return (chat, message) of a mention."""
    chat, message_id = number(target.identifiers.get("chat")), number(target.identifiers.get("message"))
    if chat is None or message_id is None:
        raise errors.Refused(GONE)
    return chat, message_id


def refusal(status, why):
    """Return the error that a refused message stands for; the API tells it in words only."""
    words = why.lower()
    if "not found" in words and ("repl" in words or "to delete" in words or "thread" in words):
        return errors.Gone(GONE, why)
    if "initiate conversation" in words or "blocked by the user" in words or "deactivated" in words:
        return errors.Refused(NOT_FIRST, why)
    if "rights" in words or "administrator" in words and "is an administrator" not in words:
        return errors.AccessDenied(NO_RIGHTS, why)
    return errors.Refused(REFUSED, why, status, {"why": why or str(status)})
