"""Asking Reddit: who asks, and what it says when it does not take something (https://www.reddit.com/dev/api)."""

import re
from datetime import UTC, datetime, timedelta

from . import errors
from .base import _
from .http import UNREADABLE, WAIT
from .text import clean_line

API = "https://oauth.reddit.com"
HOST = "oauth.reddit.com"

REFUSED = _("Reddit does not take this: %(why)s.")
REPEATED = _("Reddit has this already.")
DELETED = _("Reddit says that this was deleted.")
NO_USER = _("Reddit no longer accepts our access: it has ended or was withdrawn. Authorise again.")

#: What the first word of an error means; all others refuse what was asked.
_GONE = frozenset(("DELETED_COMMENT", "DELETED_LINK", "DELETED_THING", "NO_THING_ID", "INVALID_ID"))
_REPEATED = frozenset(("ALREADY_SUB",))
_UNITS = {"millisecond": 0.001, "second": 1, "minute": 60, "hour": 3600}
_PAUSE = re.compile(r"(\d{1,6}) (millisecond|second|minute|hour)")


class Api:
    """Requests of one channel.

    Reddit wants every program to name itself and its user in the form
    ``platform:application id:version (by /u/user)``: https://github.com/reddit-archive/reddit/wiki/API
    """

    def __init__(self, http, token, client_id, username):
        self.http = http
        self._token = token
        by = re.sub(r"[^A-Za-z0-9_-]", "", username)[:40] or "unknown"
        program = re.sub(r"[^A-Za-z0-9_.-]", "", client_id)[:60] or "community-manager"
        self.user_agent = f"odoo:{program}:19.0 (by /u/{by})"

    def _headers(self):
        if not self._token:
            raise errors.AccessExpired(NO_USER)
        return {"Authorization": f"bearer {self._token}", "User-Agent": self.user_agent}

    def get(self, path, actions=None, **params):
        """Return the answer to a question; texts come as they were written, not as HTML."""
        response = self.http.get(API + path, params={"raw_json": 1, **params}, headers=self._headers(), actions=actions)
        return response.json() if 200 <= response.status < 300 else None

    def post(self, path, **data):
        """Ask for something to be done and return what came of it.

        :raises errors.Refused: Reddit says why not
        """
        response = self.http.post(f"{API}{path}?raw_json=1", data={"api_type": "json", **data}, headers=self._headers())
        answer = response.json()
        outcome = answer.get("json", {}) if isinstance(answer, dict) else None
        if not isinstance(outcome, dict):
            raise malformed(f"{path}: no outcome")
        problems = outcome.get("errors")
        if isinstance(problems, list) and problems:
            raise self._problem(problems[0], outcome)
        found = outcome.get("data")
        return found if isinstance(found, dict) else {}

    def _problem(self, problem, outcome):
        """Return the error of an entry ``[name, sentence, field]``."""
        parts = [one if isinstance(one, str) else "" for one in problem] if isinstance(problem, list) else []
        name, why = (self.http.hide(clean_line(one, 200)) for one in (parts + ["", ""])[:2])
        if name == "RATELIMIT":
            pause = outcome.get("ratelimit")
            if isinstance(pause, bool) or not isinstance(pause, (int, float)) or not 0 < pause < 86400:
                found = _PAUSE.search(why)
                pause = float(found.group(1)) * _UNITS[found.group(2)] if found else 600
            retry_at = datetime.now(UTC) + timedelta(seconds=pause)
            return errors.RateLimited(WAIT, retry_at, f"{name}: {why}", None, {"host": HOST})
        if name == "USER_REQUIRED":
            return errors.AccessExpired(NO_USER, name)
        if name in _GONE:
            return errors.Gone(DELETED, f"{name}: {why}")
        if name in _REPEATED:
            return errors.Duplicate(REPEATED, name)
        return errors.Refused(REFUSED, name, params={"why": why.rstrip(". ") or name or "?"})


def malformed(detail):
    """Return the error of an answer that cannot be read."""
    return errors.Malformed(UNREADABLE, detail, params={"host": HOST})
