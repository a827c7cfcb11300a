"""Asking the Stack Exchange API: who asks, what its errors mean, and the pauses it wants."""

import re
from datetime import UTC, datetime, timedelta

from . import errors
from .base import _
from .http import DELETED, UNREADABLE, WAIT
from .text import clean_line

API = "https://api.stackexchange.com/2.3"
HOST = "api.stackexchange.com"
#: Ids in one request, and entries of one page: https://api.stackexchange.com/docs/vectors and …/docs/paging
MOST_AT_ONCE = 100
#: Requests of the day's quota that are left for answering, and how long reading then pauses.
QUOTA_KEPT = 10
QUOTA_PAUSE = timedelta(hours=1)
#: Name among the waits for what concerns every method.
ALL = "all"

NO_SITE = _("“%(site)s” is not a site of Stack Exchange. Enter its address, as in stackoverflow.com.")
NO_KEY = _("Stack Exchange wants the key of an application for this. Enter it.")
NO_ACCESS = _("Stack Exchange no longer accepts our access: it has ended or was withdrawn. Authorise again.")
NOT_ALLOWED = _("Stack Exchange does not let us do this: the access lacks a permission.")
NOT_ACCEPTED = _("Stack Exchange does not accept a setting: %(why)s.")
REFUSED = _("Stack Exchange does not take this: %(why)s.")
REPEATED = _("Stack Exchange has this already.")

#: What an error number means: https://api.stackexchange.com/docs/error-handling
_EXPIRED = frozenset((401, 402, 406))
_TROUBLE = frozenset((500, 503))


class Api:
    """Requests of one channel.

    Each answer may ask for a pause before the same method is asked again, and tells what is left of the day's quota;
    both are kept in :attr:`waits`, ``{method: seconds since 1970}``, and stored with the position.
    """

    def __init__(self, http, site, key="", token=""):
        self.http = http
        self.site = site
        self.token = token
        self._key = key
        self.waits = {}

    def _params(self, params):
        asked = {"site": self.site, "filter": "withbody", **params}
        if self._key:
            asked["key"] = self._key
        if self.token:
            asked["access_token"] = self.token
        return asked

    def get(self, path, method="", **params):
        """Return the entries of an answer and whether there are more.

        :param str method: what the API calls the method, for its pauses are per method
        :raises errors.Gone: there is nothing at this address
        """
        method = method or path
        self._keep_pause(method)
        answer = self.http.get(API + path, params=self._params(params), actions={404: None}, judge=self._judge)
        if answer.status == 404:
            raise errors.Gone(DELETED, path, 404, {"host": HOST})
        return self._entries(answer, method)

    def read(self, path, method="", **params):
        """As :meth:`get`, for reading, which leaves the rest of the quota to answering."""
        self._keep_pause(ALL)
        try:
            return self.get(path, method, **params)
        except errors.Gone as gone:
            raise errors.Misconfigured(UNREADABLE, gone.detail, 404, {"host": HOST}) from None

    def post(self, path, **params):
        """Write, and return the entries of the answer."""
        answer = self.http.post(API + path, data=self._params(params), judge=self._judge)
        return self._entries(answer, path.rpartition("/")[0])[0]

    def _keep_pause(self, method):
        until = self.waits.get(method, 0)
        if until > datetime.now(UTC).timestamp():
            raise _wait(datetime.fromtimestamp(until, UTC), f"pause for {method}")

    def _entries(self, answer, method):
        wrapper = answer.json()
        entries = wrapper.get("items") if isinstance(wrapper, dict) else None
        if not isinstance(entries, list):
            raise malformed(f"{method}: no items")
        now = datetime.now(UTC)
        backoff = wrapper.get("backoff")
        if type(backoff) is int and 0 < backoff < 10**6:
            self.waits[method] = int(now.timestamp()) + backoff + 1
        left = wrapper.get("quota_remaining")
        if type(left) is int and left < QUOTA_KEPT:
            self.waits[ALL] = int((now + QUOTA_PAUSE).timestamp())
        return entries[:MOST_AT_ONCE], wrapper.get("has_more") is True

    def _judge(self, response):
        """Return what an error number in the body means; ``None`` when there is none."""
        try:
            wrapper = response.json()
        except errors.Malformed:
            return None
        number = wrapper.get("error_id") if isinstance(wrapper, dict) else None
        if type(number) is not int:
            return None
        said = wrapper.get("error_message")
        why = self.http.hide(clean_line(said, 200)).rstrip(". ") if isinstance(said, str) else ""
        detail = f"error {number}: {why}"
        if number in _EXPIRED:
            return errors.AccessExpired(NO_ACCESS, detail, 400)
        if number in _TROUBLE:
            return errors.Retriable(UNREADABLE, detail, 400, {"host": HOST})
        if number == 502:
            pause = re.search(r"in (\d{1,6}) second", why)
            return _wait(datetime.now(UTC) + timedelta(seconds=int(pause.group(1))) if pause else None, detail)
        if number == 400 and "site" in why.lower():
            return errors.Misconfigured(NO_SITE, detail, 400, {"site": self.site[:100]})
        kind, sentence = {
            403: (errors.AccessDenied, NOT_ALLOWED),
            405: (errors.Misconfigured, NO_KEY),
            407: (errors.Refused, REFUSED),
            409: (errors.Duplicate, REPEATED),
        }.get(number, (errors.Misconfigured, NOT_ACCEPTED))
        return kind(sentence, detail, 400, {"why": why} if "%(why)s" in sentence else None)


def _wait(retry_at, detail):
    return errors.RateLimited(WAIT, retry_at, detail, None, {"host": HOST})


def malformed(detail):
    """Return the error of an answer that cannot be read."""
    return errors.Malformed(UNREADABLE, detail, params={"host": HOST})
