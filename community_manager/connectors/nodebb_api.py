"""The read API and the write API of one NodeBB forum, asked with the token of a user."""

import re
from datetime import UTC, datetime, timedelta
from functools import cached_property
from urllib.parse import urlsplit

from . import errors
from .base import _
from .http import UNREADABLE
from .saying import as_sentence
from .text import clean_line
from .typed_address import site_address

NO_FORUM = _("“%(forum)s” is not the address of a forum. It should look like https://forum.example.com.")
BAD_TOKEN = _("The forum does not accept the token. Enter it again.")
NO_RIGHT = _("The forum does not let us do this: %(why)s")
WAIT = _("The forum asks us to wait before we ask again.")
TARGET_GONE = _("What was meant is no longer on the forum.")
NOT_TAKEN = _("The forum does not take this: %(why)s")
HELD = _("The forum keeps this back until a moderator there approves it. Do not send it again.")

#: Refusals come in the language that is asked for, and have no code of their own.
LANGUAGE = "en-GB"
#: Folders of the addresses of pages of a forum; its own address ends before them.
INSIDE = frozenset(("recent", "categories", "topic", "category", "user", "popular", "unread", "api"))
#: A pause where the forum names none.
PAUSE = 60
_EVERY = re.compile(r"once every (\d{1,6}) second")
_TOO_MANY = re.compile(r"wait awhile|too many|once every", re.IGNORECASE)


class Forum:
    """One forum and our access to it."""

    def __init__(self, http, address, token):
        self.http = http
        self._address = address
        self._token = (token or "").strip()

    @cached_property
    def base(self):
        """Address of the forum.

        :raises errors.Misconfigured: the setting holds none
        """
        return site_address(self._address, INSIDE, NO_FORUM, "forum")

    @cached_property
    def realm(self):
        """Within what the numbers of posts are known."""
        parts = urlsplit(self.base)
        return parts.netloc + parts.path

    def malformed(self, detail):
        """Return the error for an answer that is JSON, but not what was asked for."""
        return errors.Malformed(UNREADABLE, detail, params={"host": urlsplit(self.base).hostname})

    def ask(self, method, path, params=None, json=None, actions=None):
        """Ask and return the answer; see :meth:`.http.Http.request`."""
        return self.http.request(
            method, self.base + path, params={"lang": LANGUAGE, **(params or {})}, json=json, actions=actions,
            headers={"Accept": "application/json", "Authorization": f"Bearer {self._token}"}, judge=self._judge,
        )  # fmt: skip

    def read(self, path, params=None, actions=None):
        """Ask the read API for an object and return it; ``None`` for a status that ``actions`` lets through."""
        answer = self.ask("GET", "/api" + path, params, actions=actions)
        if answer.status >= 400:
            return None
        found = answer.json()
        if not isinstance(found, dict):
            raise self.malformed(f"{path}: {type(found).__name__} instead of an object")
        return found

    def call(self, method, path, json=None, params=None, actions=None):
        """Ask the write API and return its response, an object; ``None`` for a status that ``actions`` lets through."""
        answer = self.ask(method, "/api/v3" + path, params, json, actions)
        if answer.status >= 400:
            return None
        found = answer.json()
        response = found.get("response") if isinstance(found, dict) else None
        if not isinstance(response, dict):
            raise self.malformed(f"{path}: no response")
        return response

    def _judge(self, answer):
        """Return the error for a refusal by what the forum says of it, ``None`` where it says nothing."""
        try:
            said = answer.json()
        except errors.Malformed:
            return None
        status = said.get("status") if isinstance(said, dict) else None
        code = status.get("code") if isinstance(status, dict) else None
        if not isinstance(code, str) or answer.status >= 500:
            return None
        why = status.get("message")
        why = as_sentence(self.http.hide(clean_line(why, 300)) if isinstance(why, str) else code)
        code = clean_line(code, 60)
        if answer.status in (400, 429) and _TOO_MANY.search(why):
            every = _EVERY.search(why)
            pause = timedelta(seconds=min(int(every.group(1)) if every else PAUSE, 86400))
            return errors.RateLimited(WAIT, datetime.now(UTC) + pause, code)
        if answer.status == 401:
            return errors.AccessExpired(BAD_TOKEN, code)
        if answer.status == 403:
            return errors.AccessDenied(NO_RIGHT, code, params={"why": why})
        if answer.status in (404, 410):
            return errors.Gone(TARGET_GONE, code)
        return errors.Refused(NOT_TAKEN, code, params={"why": why}) if answer.status == 400 else None
