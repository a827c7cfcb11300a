"""Asking a Matrix homeserver: its client-server API, version 3 (https://spec.matrix.org/latest/client-server-api/)."""

import hmac
import json
from datetime import UTC, datetime, timedelta
from urllib.parse import quote, urlsplit

from . import errors
from .base import Connector, _
from .http import DELETED, UNREADABLE, WAIT
from .items import Tokens
from .matrix_items import user_id
from .typed_address import server_address
from .values import digest, identifier

#: Longest pause that a server may ask for in an answer.
LONGEST_PAUSE_MS = 24 * 3600 * 1000

#: Where files are put (POST /_matrix/media/v3/upload).
UPLOAD = "/_matrix/media/v3/upload"

NO_ACCESS = _("Enter an access token, or the user and the password of the account.")
LOG_IN = _("Logging in is needed before anything can be read.")
WRONG_PASSWORD = _("%(host)s does not accept the user or the password. Enter them again.")
NOT_IN_ROOM = _("We may not speak in this room: we are not in it any more, or it is kept to others.")
TOO_LONG = _("The server does not take a message of this length.")
NO_ROOM = _("%(host)s knows no room called %(room)s, or does not let us in.")
NO_HOMESERVER = _("%(host)s is not a Matrix homeserver.")
ELSEWHERE = _("The homeserver of %(host)s is at %(address)s. Enter that address.")


def path(*parts):
    """Return a path of the client-server API; ids keep the signs they begin with.

    >>> path("rooms", "!a:b", "event", "$c/d")
    '/_matrix/client/v3/rooms/!a:b/event/$c%2Fd'
    """
    return "/_matrix/client/v3/" + "/".join(quote(part, safe="!$@:") for part in parts)


def compact(value):
    """Return JSON without blanks, for addresses."""
    return json.dumps(value, separators=(",", ":"))


class MatrixClient(Connector):
    """What every request to a homeserver needs: its address, our access, its way to say no."""

    def __init__(self, http, settings, secrets=None):
        super().__init__(http, settings, secrets)
        self._me = ""

    @property
    def base(self):
        """Address of the homeserver.

        :raises errors.Misconfigured: the setting holds none
        """
        given = str(self.values.get("server") or "").strip()
        if given.startswith("@") and ":" in given:  # @ana:example.org names its server
            given = given.partition(":")[2]
        return server_address(given)

    @property
    def host(self):
        """Name of the homeserver, for sentences."""
        return urlsplit(self.base).hostname

    def _ask(self, method, where, *, params=None, json=None, data=None, actions=None, sending=False, public=False):
        """Return the JSON object of an answer.

        :param data: (bytes, mimetype) of a file, instead of ``json``
        :param bool sending: whether a refusal concerns one message, not our access
        """
        headers = {"Accept": "application/json"} | ({} if public else {"Authorization": f"Bearer {self._token()}"})
        content, kind = data or (None, "")
        if kind:
            headers["Content-Type"] = kind
        response = self.http.request(
            method, self.base + where, params=params, headers=headers, json=json, data=content, actions=actions,
            judge=lambda refusing: self._judge(refusing, sending, public),
        )  # fmt: skip
        answer = response.json()
        if not isinstance(answer, dict):
            raise self._malformed(f"{type(answer).__name__} instead of an object")
        if response.status >= 400:
            # Servers differ in the code they give for what is not there; another program gives none.
            if not str(answer.get("errcode") or "").startswith("M_"):
                detail = f"HTTP {response.status} without an errcode"
                raise errors.Misconfigured(NO_HOMESERVER, detail, response.status, {"host": self.host})
            return None
        return answer

    def _token(self):
        token = (self.secrets.get("access_token") or "").strip()
        if not token:
            raise errors.AccessExpired(LOG_IN) if self.renewable() else errors.Misconfigured(NO_ACCESS)
        return token

    @staticmethod
    def _judge(response, sending, login):
        """Return the error that a refusal stands for, ``None`` where its status says enough."""
        try:
            answer = response.json()
        except errors.Malformed:
            return None
        code = answer.get("errcode") if isinstance(answer, dict) else None
        if code == "M_LIMIT_EXCEEDED":
            pause = answer.get("retry_after_ms")
            if type(pause) is int and pause >= 0:
                later = datetime.now(UTC) + timedelta(milliseconds=min(pause, LONGEST_PAUSE_MS))
                return errors.RateLimited(WAIT, later, params={"host": urlsplit(response.url).hostname})
        if login and code == "M_FORBIDDEN":
            return errors.AccessExpired(WRONG_PASSWORD, params={"host": urlsplit(response.url).hostname})
        if sending and code == "M_FORBIDDEN":
            return errors.Refused(NOT_IN_ROOM)
        if sending and code == "M_TOO_LARGE":
            return errors.Refused(TOO_LONG)
        return None

    def _malformed(self, detail):
        return errors.Malformed(UNREADABLE, detail, params={"host": self.host})

    def whoami(self, known=""):
        """Return our own user id."""
        self._me = self._me or user_id(self.account_id) or user_id(known)
        if not self._me:
            self._me = user_id(self._ask("GET", path("account", "whoami")).get("user_id"))
            if not self._me:
                raise self._malformed("whoami without a user")
        return self._me

    def still_there(self):
        """Make certain that it is a homeserver that says that something is gone.

        :raises errors.ConnectorError: a host without one says 404 to everything, which is no deletion
        """
        self._ask("GET", path("account", "whoami"))

    # --- access ---

    def renewable(self):
        """See :meth:`Connector.renewable`: the password gives new access."""
        return bool(str(self.values.get("user") or "").strip() and self.secrets.get("password"))

    def renew(self):
        """See :meth:`Connector.renew`.

        The device is always the same one, so that the account does not collect devices and the server knows the
        messages again that were sent with it.
        """
        user = str(self.values.get("user") or "").strip()
        answer = self._ask(
            "POST",
            path("login"),
            json={
                "type": "m.login.password",
                "identifier": {"type": "m.id.user", "user": user},
                "password": self.secrets.get("password") or "",
                "device_id": "CM" + digest(self.base, user, length=10).upper(),
                "initial_device_display_name": "Community Manager",
            },
            public=True,
        )
        token = answer.get("access_token")
        if not token or not isinstance(token, str):
            raise self._malformed("login without a token")
        self.http.mask(token)
        return Tokens({"access_token": token})

    # --- rooms ---

    def event(self, room, event_id, actions=None):
        """Return an event as the server has it.

        :raises errors.Gone: it is not there, or was taken back
        """
        try:
            found = self._ask("GET", path("rooms", room, "event", event_id), actions=actions or {404: errors.Gone})
        except errors.Gone:
            self.still_there()
            raise
        if not isinstance(found.get("content"), dict):
            raise self._malformed("event without content")
        if not found["content"] and isinstance(found.get("unsigned"), dict) and "redacted_because" in found["unsigned"]:
            raise errors.Gone(DELETED, params={"host": self.host})
        return found

    def resolve(self, name):
        """Return the id of a room from its id or its alias.

        :raises errors.Misconfigured: there is none
        """
        name = str(name or "").strip()
        if name.startswith("!"):
            return name
        answer = self._ask("GET", path("directory", "room", name), actions={404: None}) if name else None
        found = identifier(answer.get("room_id")) if answer else ""
        if not found:
            raise errors.Misconfigured(NO_ROOM, params={"host": self.host, "room": name[:100]})
        return found

    def direct_rooms(self):
        """Return ``{user id: [room id]}`` of our private conversations, as the account has them noted."""
        answer = self._ask("GET", path("user", self.whoami(), "account_data", "m.direct"), actions={404: None}) or {}
        return {user: rooms for user, rooms in answer.items() if user_id(user) and isinstance(rooms, list)}

    def note_direct(self, user, room):
        """Note a room as a private conversation with somebody, for all clients of the account."""
        noted = self.direct_rooms()
        rooms = noted.setdefault(user, [])
        if room not in rooms:
            rooms.append(room)
            self._ask("PUT", path("user", self.whoami(), "account_data", "m.direct"), json=noted)

    def encrypted(self, room):
        """Return whether what is said in a room is encrypted, so that we could neither read it nor say it."""
        state = self._ask("GET", path("rooms", room, "state", "m.room.encryption") + "/", actions={404: None})
        return state is not None

    def uploaded(self, file):
        """Upload a file and return what makes of an event one with that file, whose body is then its caption."""
        try:
            answer = self._ask(
                "POST", UPLOAD, params={"filename": file.name}, data=(file.data, file.mimetype), sending=True
            )
        except errors.ConnectorError as error:
            error.unsure = False  # a file that no event names is not seen by anybody
            raise
        address = answer.get("content_uri")
        if not isinstance(address, str) or not address.startswith("mxc://"):
            error = self._malformed("upload without an address")
            error.unsure = False
            raise error
        kind = file.mimetype.partition("/")[0]
        kind = f"m.{kind}" if kind in ("image", "audio", "video") else "m.file"
        about = {"mimetype": file.mimetype, "size": len(file.data)}
        return {"msgtype": kind, "filename": file.name, "url": address, "info": about}

    def comes_from_server(self, headers, key):
        """Return whether a request carries the token that the homeserver shows to us."""
        given = (headers.get("authorization") or "").encode("utf-8", "surrogatepass")
        return bool(key) and hmac.compare_digest(given, f"Bearer {key}".encode())
