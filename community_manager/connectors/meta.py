"""What Facebook, Instagram and Threads have in common: the Graph API, what its errors mean, how its lists are paged.

Codes are those of developers.facebook.com, "Error handling" and "Rate limits" (August 2026).
"""

from datetime import UTC, datetime, timedelta
from functools import lru_cache
from json import JSONDecodeError, loads
from urllib.parse import quote, urlsplit
from zlib import crc32

from . import errors
from .base import _
from .http import UNREADABLE, WAIT
from .items import Reject, Tokens
from .limits import LONGEST_PAUSE
from .saying import as_sentence
from .values import count, identifier, moment
from .walk import Walk

VERSION = "v25.0"
GRAPH = f"https://graph.facebook.com/{VERSION}"

#: 190: the token ended or was withdrawn; 102: so was the session; 463 and 467 stand as codes in old answers.
EXPIRED = frozenset((102, 190, 463, 467))
#: Limits of the app, the user, the page and "custom" ones; 80000 to 80014 are those of business use cases.
LIMITED = frozenset((4, 17, 32, 341, 613)) | frozenset(range(80000, 80015))
#: A permission is missing; 200 to 299 are single ones.
DENIED = frozenset((3, 10)) | frozenset(range(200, 300))
#: Nothing is wrong with us: unknown, service.
FOR_NOW = frozenset((1, 2))
#: There is no such thing: of users, of aliases, of posts; 100 means it with subcode 33 only.
ABSENT = frozenset((110, 803, 1705))
DUPLICATE = 506
BLOCKED = 368
#: The window for answering is over; the person takes no messages; the account or thread of this id is not there.
WINDOW_OVER = frozenset((2018278, 2534022))
UNAVAILABLE = frozenset((551, 1545041))
NO_PERSON = frozenset((2018001, 2018218, 2534014))
#: Late entries show up within some minutes; times are in seconds.
LATE = 600
#: Entries remembered of a list that is one of many.
FEW = 30
PAGE = 50
#: Lists within a list (comments of a post, messages of a conversation) that are looked at, the newest ones.
INSIDE = 25
#: Things with much inside of them are too much for the network now and then (code 1): then so many are asked for.
TOO_MUCH = "reduce the amount of data"
SHORT = 5
#: Things that are asked for at once ("ids").
IDS = 50
#: A lasting token does so for 60 days ("Long-lived tokens"), where an answer does not say.
LASTS = 60 * 86400

EXPIRED_WORDS = _("%(service)s no longer accepts our access: it has ended or was withdrawn. Authorise again.")
DENIED_WORDS = _(
    "%(service)s does not let us do this: a permission is missing. Authorise again and leave all of them on."
)
GONE_WORDS = _("%(service)s says that this is not there any more.")
SAME_WORDS = _("%(service)s says that we said the very same a moment ago.")
BLOCKED_WORDS = _("%(service)s keeps us from doing this for some time, because it takes it for abuse.")
WINDOW_WORDS = _("The time in which this person can be answered is over.")
UNAVAILABLE_WORDS = _("This person cannot be written to at the moment, or does not take our messages.")
REFUSED_WORDS = _("%(service)s does not take this: %(reason)s")
TROUBLE_WORDS = _("%(service)s has a problem of its own. We try again at growing intervals.")


def problem_of(response):
    """Return what a refusal says as ``{"code", "subcode", "words", "for_us"}``; ``None`` when it says nothing."""
    try:
        answer = loads(response.content)
    except (JSONDecodeError, UnicodeDecodeError, RecursionError, ValueError):
        return None
    error = answer.get("error") if isinstance(answer, dict) else None
    if not isinstance(error, dict) or not isinstance(error.get("code"), int):
        return None
    words, for_us = error.get("message"), error.get("error_user_msg")
    subcode = error.get("error_subcode")
    return {
        "code": error["code"],
        "subcode": subcode if isinstance(subcode, int) else 0,
        "words": words[:1000] if isinstance(words, str) else "",
        "for_us": for_us[:500] if isinstance(for_us, str) else "",
        "transient": error.get("is_transient") is True,
    }


def regained_at(headers, now):
    """Return when the limits that Meta tells in its headers let us go on, ``None`` when it does not say."""
    longest = 0
    for name in ("x-business-use-case-usage", "x-app-usage"):
        try:
            usage = loads(headers.get(name) or "{}")
        except (ValueError, RecursionError):
            continue
        listed = [usage] if name == "x-app-usage" else [one for case in _values(usage) for one in _values(case)]
        for one in listed:
            minutes = one.get("estimated_time_to_regain_access") if isinstance(one, dict) else None
            if isinstance(minutes, (int, float)) and not isinstance(minutes, bool) and minutes > longest:
                longest = minutes
    return now + min(timedelta(minutes=min(longest, 10**5)), LONGEST_PAUSE) if longest else None


def _values(value):
    """Return what is in an object or a list."""
    if isinstance(value, dict):
        return list(value.values())[:50]
    return value[:50] if isinstance(value, list) else []


class Graph:
    """Requests to one of Meta's graphs.

    :cvar str graph: address of the API, with its version
    :cvar str service: name of the service in sentences
    """

    graph = GRAPH
    service = "Meta"

    def token(self):
        """Return the access that requests are made with."""
        return (self.secrets.get("access_token") or "").strip()

    def _headers(self, token=None):
        return {"Authorization": f"Bearer {token or self.token()}", "Accept": "application/json"}

    @property
    def host(self):
        """Name of the server."""
        return urlsplit(self.graph).hostname

    def get(self, path, params=None, token=None, judge=None):
        """Return the JSON object at a path."""
        response = self.http.get(
            f"{self.graph}/{path}", params=params, headers=self._headers(token), judge=judge or self._judge
        )
        return self._object(response)

    def send(self, method, path, data=None, token=None):
        """Return the JSON object that is answered to something that changes something."""
        response = self.http.request(
            method, f"{self.graph}/{path}", data=data, headers=self._headers(token), judge=self._judge_sending
        )
        return self._object(response)

    def _object(self, response):
        answer = response.json()
        if not isinstance(answer, dict):
            raise self.unreadable(f"{type(answer).__name__} instead of an object")
        return answer

    def unreadable(self, detail):
        """Return the error for an answer that is not what it should be."""
        return errors.Malformed(UNREADABLE, detail, params={"host": self.host})

    def _judge(self, response, sending=False):
        """Return the error that a refusal stands for, ``None`` when its status says it all."""
        problem = problem_of(response)
        if problem is None:
            return None
        code, subcode, params = problem["code"], problem["subcode"], {"service": self.service}
        detail = f"HTTP {response.status} code {code}/{subcode} {problem['words']}"
        if code in EXPIRED:
            return errors.AccessExpired(EXPIRED_WORDS, detail, params=params)
        if code in LIMITED or response.status == 429:
            retry_at = regained_at(response.headers, datetime.now(UTC))
            return errors.RateLimited(WAIT, retry_at, detail, params={"host": self.host})
        if subcode in WINDOW_OVER:
            return errors.Refused(WINDOW_WORDS, detail)
        if code in UNAVAILABLE or subcode in UNAVAILABLE or subcode in NO_PERSON:
            return errors.Refused(UNAVAILABLE_WORDS, detail)
        if code == BLOCKED:
            return errors.Refused(BLOCKED_WORDS, detail, params=params)
        if code == DUPLICATE:
            return errors.Duplicate(SAME_WORDS, detail, params=params)
        if code in DENIED:
            return errors.AccessDenied(DENIED_WORDS, detail, params=params)
        if code in ABSENT or (code == 100 and subcode == 33):
            return errors.Gone(GONE_WORDS, detail, params=params)
        if code in FOR_NOW or problem["transient"]:
            return errors.Retriable(TROUBLE_WORDS, detail, params=params)
        if sending and 400 <= response.status < 500:
            reason = " ".join(self.http.hide(problem["for_us"] or problem["words"]).split())[:300]
            return errors.Refused(REFUSED_WORDS, detail, params={**params, "reason": as_sentence(reason or str(code))})
        return None

    def _judge_sending(self, response):
        return self._judge(response, sending=True)

    def several(self, ids, fields):
        """Yield (id, thing) of those that are there; one that is not spoils the answer for all."""
        try:
            answer = self.get("", {"ids": ",".join(ids), "fields": fields})
        except (errors.Gone, errors.Misconfigured):
            if len(ids) == 1:
                return
            for one in ids:
                yield from self.several([one], fields)
            return
        for one in ids:
            if isinstance(answer.get(one), dict):
                yield one, answer[one]

    def of_kind(self, things, kind, fields):
        """Yield (external id, thing as it is now) of those of one kind that are there.

        :param things: list of (external id, identifiers)
        """
        wanted = {identifier(kept.get("id")) or one: one for one, kept in things if kept.get("type") == kind}
        ids = [one for one in wanted if one]
        for start in range(0, len(ids), IDS):
            for thing_id, thing in self.several(ids[start : start + IDS], fields):
                yield wanted[thing_id], thing

    def lasting(self, address, params, scopes=(), **secrets):
        """Return the access that a token is exchanged for or renewed to, one of 60 days.

        :param secrets: what else of the access is to be kept
        """
        answer = self._object(self.http.get(address, params=params, judge=self._judge))
        token = answer.get("access_token")
        if not isinstance(token, str) or not token or not token.isascii() or not token.isprintable():
            raise self.unreadable("no long-lived token")
        self.http.mask(token)
        end = datetime.now(UTC) + timedelta(seconds=count(answer.get("expires_in")) or LASTS)
        return Tokens({"access_token": token, **secrets}, expires_at=end, scopes=scopes)

    def prove_gone(self, problem, *paths):
        """Raise what it means that a thing is not shown.

        Where a permission is missing, or the host is another one now, the answer is the same as for deleted things:
        only when lists like the one that it was in are still shown, it was deleted.

        :param problem: the error that asking for it led to
        :param paths: of such lists, the closest one first
        :raises errors.Gone: it was deleted
        :raises errors.ConnectorError: or something else is the matter
        """
        if problem.status not in (400, 404, 410):
            raise problem
        for path in paths:
            try:
                self.page_of(self.get(path, {"fields": "id", "limit": 1}))
            except errors.Gone:
                continue  # what it was in is gone, too; whether that is so, the next list shows
            break
        else:
            raise errors.AccessDenied(DENIED_WORDS, problem.detail, problem.status, {"service": self.service})
        raise errors.Gone(GONE_WORDS, problem.detail, problem.status, {"service": self.service})

    # --- lists ---

    def page_of(self, answer):
        """Return ``(entries, mark of the next page)`` of a list, entries without an id put aside."""
        listed = answer.get("data") if isinstance(answer, dict) else None
        if not isinstance(listed, list):
            raise self.unreadable("no list")
        good = []
        for entry in listed[:100]:
            if isinstance(entry, dict) and identifier(entry.get("id")):
                good.append(entry)
            else:
                self._rejects.append(Reject(entry, "entry without an id"))
        good.sort(key=place_of, reverse=True)
        paging = answer.get("paging")
        cursors = paging.get("cursors") if isinstance(paging, dict) and paging.get("next") else None
        after = cursors.get("after") if isinstance(cursors, dict) else ""
        return good, after[:2000] if isinstance(after, str) else ""

    def get_page(self, path, params):
        """Return a page of a list, a shorter one where the network finds that too much is asked for at once."""
        try:
            return self.get(path, params)
        except errors.Retriable as problem:
            if TOO_MUCH not in problem.detail or params["limit"] <= SHORT:
                raise
        return self.get(path, {**params, "limit": SHORT})

    def list_walk(self, path, params, state, first=None):
        """Return the walk of a list.

        :param dict first: its first page, where that came along with something else
        """
        ready = [first] if first is not None else []

        def fetch(after, _floor):
            if not after and ready:
                return self.page_of(ready.pop())
            return self.page_of(self.get_page(path, {**params, **({"after": after} if after else {})}))

        remembered = {} if first is None else {"remembered": FEW}
        return Walk(fetch, lambda entry: identifier(entry.get("id")), place_of, mark_of, LATE, state, **remembered)

    def inside(self, prefix, parents, states, kept, path, params):
        """Yield the lists inside other things, as (name, walk), and forget those that nobody looks at any more.

        What has no state yet, in a later run, is read from where everything else was read up to.

        :param parents: list of (id, first page of what is inside or ``None``)
        :param path: path of a list, with a place for the id of what it is in
        """
        names = set()
        for parent_id, first in parents:
            name = prefix + parent_id
            names.add(name)
            state = states.get(name)
            if state is None and prefix in kept:
                state = {"top": kept[prefix] if isinstance(kept[prefix], int) else 0}
            yield name, self.list_walk(path.format(quote(parent_id, safe="")), params, state, first or {"data": []})
        for name in [name for name in states if name.startswith(prefix) and name not in names]:
            if states[name].get("walk"):
                parent = quote(name.removeprefix(prefix), safe="")
                yield name, self.list_walk(path.format(parent), params, states[name], {"data": []})
            else:
                del states[name]

    @staticmethod
    def note_tops(prefixes, states, kept):
        """Remember, at the end of a run, up to where everything inside other things was read."""
        for prefix in prefixes:
            tops = [state.get("top", 0) for name, state in states.items() if state and name.startswith(prefix)]
            kept[prefix] = max([kept.get(prefix, 0), *tops])


def place_of(entry):
    """Return when an entry was made, in seconds; 0 when it does not say."""
    written = entry.get("created_time") or entry.get("timestamp") or entry.get("updated_time")
    return _seconds(written) if isinstance(written, str) and len(written) <= 40 else 0


@lru_cache(maxsize=2048)
def _seconds(written):
    """Return the seconds of a time as the Graph API writes it; every entry is placed several times."""
    found = moment(written)
    return int(found.timestamp()) if found else 0


def mark_of(entry):
    """Return something that changes when an entry is edited."""
    words = entry.get("message") or entry.get("text") or entry.get("caption") or entry.get("review_text")
    return crc32(words.encode("utf-8", "surrogatepass")) if isinstance(words, str) else 0
