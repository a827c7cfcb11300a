"""The API of one Discourse forum, asked with an API key."""

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

PAUSE = timedelta(seconds=60)
#: Folders of the addresses of pages of a forum; its own address ends before them.
INSIDE = frozenset(("latest", "categories", "t", "c", "u", "top", "new"))

NO_FORUM = _("“%(forum)s” is not the address of a forum. It should look like https://forum.example.com.")
BAD_KEY = _("The forum does not accept the API key for this user. Enter both again.")
NO_RIGHT = _("The forum does not let us do this: %(why)s")
WAIT = _("The forum asks us to wait before we ask again.")
ALREADY = _("The forum has this already.")
TARGET_GONE = _("What was meant is no longer on the forum.")
NOT_TAKEN = _("The forum does not take this: %(why)s")
HELD = _("The forum keeps this back until a moderator there approves it. Do not send it again.")

#: The forum says so in its own language; these are the words of “too similar to what you recently posted”.
_SIMILAR = re.compile(r"similar|parecid|ähnlich|simile|podobn|похож|just posted", re.IGNORECASE)
_KEY = re.compile(r"\bAPI\b", re.IGNORECASE)


class Forum:
    """One forum and our access to it."""

    def __init__(self, http, address, user, key):
        self.http = http
        self._address = address
        self.user = (user or "").strip().lstrip("@")
        self._key = (key or "").strip()

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

    def ask(self, method, path, params=None, json=None, actions=None, data=None, headers=None):
        """Ask for an object and return it.

        :param str path: with its leading stroke
        :param bytes data: a form, instead of ``json``; ``headers`` say how it is written
        :param dict actions: see :meth:`.http.Http.request`
        """
        headers = {"Accept": "application/json", **(headers or {})}
        if self._key:
            headers |= {"Api-Key": self._key, "Api-Username": self.user.encode("utf-8")}
        response = self.http.request(
            method, self.base + path, params=params, json=json, data=data, headers=headers, actions=actions,
            judge=self._judge,
        )  # fmt: skip
        if response.status >= 400:
            return None
        if method != "GET" and not response.content.strip():
            return {}
        found = response.json()
        if not isinstance(found, dict):
            raise self.malformed(f"{path}: {type(found).__name__} instead of an object")
        return found

    def many(self, path, name, params=None):
        """Ask for an object and return the list of that name in it."""
        answer = self.ask("GET", path, params)
        found = answer.get(name)
        if not isinstance(found, list):
            raise self.malformed(f"{path}: no {name}")
        return found

    def malformed(self, detail):
        """Return the error for an answer that is JSON, but not what was asked for."""
        return errors.Malformed(UNREADABLE, detail, params={"host": urlsplit(self.base).hostname})

    def _judge(self, answer):
        """Return the error for a refusal by what the forum says of it, ``None`` where it says nothing."""
        try:
            said = answer.json()
        except errors.Malformed:
            return None
        said = said if isinstance(said, dict) else {}
        kind = said.get("error_type")
        kind = clean_line(kind, 60) if isinstance(kind, str) else ""
        reasons = said.get("errors")
        reasons = [one for one in reasons if isinstance(one, str)] if isinstance(reasons, list) else []
        why = as_sentence(self.http.hide(clean_line(" ".join(reasons)[:600], 300)) or kind)
        if answer.status == 429 or kind == "rate_limit":
            seconds = said.get("extras")
            seconds = seconds.get("wait_seconds") if isinstance(seconds, dict) else None
            if type(seconds) not in (int, float) or not 0 <= seconds < 86400:
                # the header says how long, or nothing does
                if answer.status == 429:
                    return None
                seconds = PAUSE.total_seconds()
            return errors.RateLimited(WAIT, datetime.now(UTC) + timedelta(seconds=seconds), kind)
        if not (kind or reasons) or answer.status >= 500:
            return None
        if answer.status == 403 and kind == "invalid_access" and _KEY.search(why):
            return errors.AccessExpired(BAD_KEY, kind)
        if answer.status in (401, 403):
            return errors.AccessDenied(NO_RIGHT, kind, params={"why": why})
        if answer.status in (404, 410):
            return errors.Gone(TARGET_GONE, kind)
        if answer.status in (400, 409, 422):
            if _SIMILAR.search(why):
                return errors.Duplicate(ALREADY, kind)
            return errors.Refused(NOT_TAKEN, kind, params={"why": why})
        return None
