"""What a homeserver delivers to an application service (https://spec.matrix.org/latest/application-service-api/)."""

import re
from json import loads

from . import errors
from .base import _
from .items import Page
from .matrix_client import MatrixClient
from .matrix_items import Reader, identifier, room_id, user_id
from .values import digest

#: Events of a transaction that are read; Synapse puts 100 into one (appservice/scheduler.py).
MOST_EVENTS = 1000

NO_KEY = _("The channel has no key for deliveries yet.")
NOT_THE_SERVER = _("The delivery does not come from the homeserver.")
NOT_JSON = _("The delivery is not the JSON that is expected here.")

_TRANSACTION = re.compile(r"/_matrix/app/v1/transactions/([^/]{1,400})")


class MatrixPush(MatrixClient):
    """The half of the connector that is delivered to."""

    push_headers = ("authorization", ":path")
    push_credentials = ("authorization",)
    push_answers = {
        "accepted": (200, "{}"),
        "duplicate": (200, "{}"),
        "refused": (403, '{"errcode": "M_FORBIDDEN", "error": "Bad token"}'),
        "later": (503, '{"errcode": "M_UNKNOWN", "error": "Send again later"}'),
    }
    push_guide = _(
        "Only who runs the homeserver can do this; without it, the account is asked for what is new.\n"
        "Write a registration file for an application service as docs/push.md shows: its url is this address, its "
        "hs_token the key below.\n"
        "Add the file to app_service_config_files of the homeserver and restart it."
    )

    def handshake(self, method, path, query, headers):
        """See :meth:`Connector.handshake`: whether we are there, and whether we have users and rooms of our own."""
        if not path.startswith("/_matrix/app/") or _TRANSACTION.fullmatch(path):
            return None
        if not self.comes_from_server(headers, self.secrets.get("hs_token")):
            raise errors.AccessDenied(NOT_THE_SERVER)
        if method == "POST" and path == "/_matrix/app/v1/ping":
            return 200, "application/json", "{}"
        known = method == "GET" and re.match(r"/_matrix/app/v1/(users|rooms|thirdparty)/", path)
        code = "M_NOT_FOUND" if known else "M_UNRECOGNIZED"
        return 404, "application/json", f'{{"errcode": "{code}"}}'

    def parse_push(self, headers, body, now):
        """See :meth:`Connector.parse_push`.

        A transaction does not say who is in a room, so private conversations are told from others by listening only;
        edits wait for listening too, for their author has to be looked up.
        """
        if not self.secrets.get("hs_token"):
            raise errors.AccessDenied(NO_KEY)
        verified = headers.get(":verified") == "1" or self.comes_from_server(headers, self.secrets["hs_token"])
        if not verified or not _TRANSACTION.fullmatch(headers.get(":path") or ""):
            raise errors.AccessDenied(NOT_THE_SERVER)
        events = self._events(body)
        if events is None:
            raise errors.Malformed(NOT_JSON)
        reader = Reader(user_id(self.account_id) or user_id(self.values.get("user")))
        page = Page(requests=0)
        for event in events[:MOST_EVENTS]:
            room = room_id(event.get("room_id")) if isinstance(event, dict) else ""
            if room:
                items, rejects, _edits = reader.read([event], room)
                page.items += items
                page.rejects += rejects
        return page

    @staticmethod
    def _events(body):
        try:
            sent = loads(body)
        except (ValueError, RecursionError):
            return None
        events = sent.get("events") if isinstance(sent, dict) else None
        return events if isinstance(events, list) else None

    @classmethod
    def delivery_id(cls, headers, body):
        """See :meth:`Connector.delivery_id`: a transaction that is sent again may say other ages of its events."""
        events = cls._events(body) or ()
        ids = [identifier(event.get("event_id")) for event in events if isinstance(event, dict)]
        return digest(headers.get(":path") or "", *ids)
