"""Requests to the LinkedIn API: its version, its way to write lists, what refusals mean."""

from datetime import UTC, datetime, timedelta
from json import loads
from urllib.parse import quote

from . import errors
from .base import _
from .http import UNREADABLE, WAIT
from .items import Reject
from .saying import as_sentence
from .values import identifier
from .walk import Walk

API = "https://api.linkedin.com/rest"
HOST = "api.linkedin.com"
#: Versions are named by year and month and answered for a year at least ("Versioning", learn.microsoft.com).
VERSION = "202606"
PAGE = 50
#: Late entries show up within some minutes; times are in milliseconds.
LATE = 600_000

OLD_VERSION = _("LinkedIn no longer answers this version of its API. Enter a newer one in the settings of the channel.")
REFUSED = _("LinkedIn does not take this: %(reason)s")
REPEATED = _("LinkedIn says that we said the very same a moment ago.")
GONE = _("LinkedIn says that this is not there any more.")


def part(value):
    """Return a URN as a part of an address: every sign that means something there is encoded."""
    return quote(value, safe="")


class LinkedinApi:
    """What every part of the connector asks LinkedIn through."""

    def _headers(self, method=""):
        token = (self.secrets.get("access_token") or "").strip()
        headers = {
            "Authorization": f"Bearer {token}",
            "LinkedIn-Version": str(self.values.get("api_version") or VERSION).strip(),
            "X-Restli-Protocol-Version": "2.0.0",
            "Accept": "application/json",
        }
        return {**headers, "X-RestLi-Method": method} if method else headers

    def _url(self, path, query):
        """Return an address; LinkedIn wants its lists written as they are, with nothing encoded but what is in them."""
        return f"{API}/{path}" + ("?" + "&".join(f"{name}={value}" for name, value in query.items()) if query else "")

    def get(self, path, query=None, method=""):
        """Return the JSON object at a path.

        :param dict query: parameters, encoded already
        """
        response = self.http.get(self._url(path, query), headers=self._headers(method), judge=self._judge)
        return self._object(response)

    def send(self, verb, path, body=None, query=None):
        """Return the answer to something that changes something."""
        options = {"json": body} if body is not None else {}
        return self.http.request(
            verb, self._url(path, query), headers=self._headers(), judge=self._judge_sending, **options
        )

    @staticmethod
    def _object(response):
        answer = response.json()
        if not isinstance(answer, dict):
            raise unreadable(f"{type(answer).__name__} instead of an object")
        return answer

    def _judge(self, response):
        """Return the error that a refusal stands for, ``None`` when its status says it all."""
        words = _words(response)
        if response.status == 426 or "NONEXISTENT_VERSION" in words:
            return errors.Misconfigured(OLD_VERSION, words)
        if response.status == 429 and not response.headers.get("retry-after"):
            # limits are counted by the day, which begins at midnight UTC
            midnight = datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0) + timedelta(days=1)
            return errors.RateLimited(WAIT, midnight if "DAY" in words else None, words, params={"host": HOST})
        return None

    def _judge_sending(self, response):
        """See :meth:`_judge`; a refusal may be about this one message."""
        words = _words(response)
        if response.status in (400, 409, 422) and words:
            if "duplicate" in words.lower():
                return errors.Duplicate(REPEATED, words)
            reason = as_sentence(" ".join(self.http.hide(words).split())[:300])
            return self._judge(response) or errors.Refused(REFUSED, words, params={"reason": reason})
        if response.status == 404 and words:
            return errors.Gone(GONE, words)
        return self._judge(response)

    # --- lists ---

    def page_of(self, answer, key, start=0):
        """Return ``(entries, mark of the next page)`` of a list, entries without an id put aside.

        :param key: function from an entry to its id
        """
        listed = answer.get("elements")
        if not isinstance(listed, list):
            raise unreadable("no list")
        good = []
        for entry in listed[:100]:
            if isinstance(entry, dict) and key(entry):
                good.append(entry)
            else:
                self._rejects.append(Reject(entry, "entry without an id"))
        paging = answer.get("paging")
        links = paging.get("links") if isinstance(paging, dict) else None
        more = isinstance(links, list) and any(isinstance(one, dict) and one.get("rel") == "next" for one in links)
        return good, str(start + len(listed)) if more and listed else ""

    def list_walk(self, path, query, key, place, state, method=""):
        """Return the walk of a list that is paged by numbers."""

        def fetch(token, _floor):
            start = int(token) if token.isdigit() else 0
            answer = self.get(path, {**query, "start": start, "count": PAGE}, method)
            entries, following = self.page_of(answer, key, start)
            return sorted(entries, key=place, reverse=True), following

        return Walk(fetch, key, place, modified, LATE, state)


def modified(entry):
    """Return when an entry was changed last, in milliseconds; 0 when it does not say."""
    value = entry.get("lastModifiedAt")
    return value if isinstance(value, int) and not isinstance(value, bool) and 0 < value < 10**14 else 0


def id_of(entry):
    """Return the id of an entry."""
    return identifier(entry.get("id"))


def unreadable(detail):
    """Return the error for an answer that is not what it should be."""
    return errors.Malformed(UNREADABLE, detail, params={"host": HOST})


def _words(response):
    """Return what a refusal says."""
    try:
        answer = loads(response.content)
    except (ValueError, RecursionError):
        return ""
    if not isinstance(answer, dict) or not ("serviceErrorCode" in answer or "status" in answer or "code" in answer):
        return ""
    words, code = answer.get("message"), answer.get("code")
    found = words if isinstance(words, str) else ""
    return f"{found[:800]} {code[:100]}".strip() if isinstance(code, str) and code not in found else found[:800]
