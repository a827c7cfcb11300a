"""Reading several lists that a network sorts by time, newest first, in turns.

Each list keeps a position of its own (:mod:`.timeline`), so that a busy search does not keep a private message waiting.
An entry is known by when it was made and its id; how far back a list is read is bounded by the newest entry that was
read before, so that an entry which disappears does not bring the whole past.  For lists that go on from something else
than a time, see :mod:`.timeline`.
"""

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from operator import itemgetter

from . import errors
from .items import Page
from .timeline import PAGE, Timeline

#: Entries may become visible this much later than they were made: indexes are late, moderators hold things back.
LATE_SECONDS = 2 * 86400
#: Under which name an entry carries its key once it was made out, for it is looked at many times.
KEY = "_key"
kept_key = itemgetter(KEY)
#: The same thing may stand in several lists: this many are remembered during a run, so that it is handed over once.
TOLD = 1000
#: What spoils one list only.
OF_ONE_LIST = (errors.AccessDenied, errors.Misconfigured, errors.Malformed, errors.TooLarge)


def key_of(second, entry_id):
    """Return the key of an entry.

    >>> key_of(1700000000, "42"), second_of(key_of(1700000000, "42")), id_of(key_of(1700000000, "42"))
    ('1700000000.42', 1700000000, '42')
    """
    return f"{second}.{entry_id}"


def second_of(key):
    """Return the time in a key, in seconds since 1970; 0 when there is none."""
    second = key.partition(".")[0]
    return int(second) if second.isascii() and second.isdigit() and len(second) < 12 else 0


def id_of(key):
    """Return the id in a key."""
    return key.partition(".")[2]


def whole_seconds(entries, key, size=PAGE):
    """Leave out the last second of a full page, of which more may follow: the next page then begins with it.

    :param list entries: newest first
    :param key: function from an entry to its key
    :param int size: entries that were asked for

    >>> whole_seconds(["9.a", "8.b", "8.c"], str, 3), whole_seconds(["9.a", "8.b"], str, 3)
    (['9.a'], ['9.a', '8.b'])
    """
    if len(entries) < size:
        return entries
    last = second_of(key(entries[-1]))
    return [entry for entry in entries if second_of(key(entry)) != last] or entries


@dataclass(frozen=True, slots=True)
class Listing:
    """One list that is read.

    ``fetch(until, since)`` returns entries newest first: those before the key ``until`` (empty: from the newest one),
    none older than ``since`` (seconds since 1970, 0 for no bound); ``None`` means "not now".
    """

    name: str
    fetch: Callable
    #: what reading it means, in words
    sentence: str = ""
    #: "own" or "search", for the items in it
    origin: str = "search"


class Turns:
    """Several lists of one channel, read in turns, page by page."""

    def __init__(self, http, key, mark):
        """
        :param http: counts the requests
        :param key: function from an entry to its key (:func:`key_of`), empty when it has none
        :param mark: function from an entry to something short that changes when it is edited
        """
        self._http = http
        self._key = key
        self._mark = mark
        self._counted = http.requests if http is not None else 0
        self.rejects = []

    def pages(self, lists, cursor, read, keep=None):
        """Yield the pages of all lists; one that fails for itself does not keep the others from being read.

        :param list lists: :class:`Listing` objects, the most pressing first
        :param dict cursor: as a page left it
        :param read: function from (entries, list) to (items, rejects)
        :param keep: function without arguments; what it returns is kept in the cursor beside the positions
        """
        streams = cursor.get("streams") or {}
        states = {one.name: streams.get(one.name) for one in lists}

        def resume():
            kept = dict(keep() if keep else {})
            return {**kept, "streams": {name: state for name, state in states.items() if state is not None}}

        turns = deque((one, timeline, timeline.pages()) for one in lists for timeline in [self._timeline(one, states)])
        postponed, told, open_end = None, {}, False
        while turns:
            one, timeline, pages = turns.popleft()
            try:
                entries, more = next(pages)
                items, rejects = read(entries, one)
            except StopIteration:
                continue
            except OF_ONE_LIST as problem:
                if isinstance(problem, errors.ForbiddenAddress):
                    raise
                postponed = postponed or problem
                continue
            states[one.name] = timeline.state
            if more:
                turns.append((one, timeline, pages))
            items = [item for item in items if told.get(item.external_id, "") != (item.edited_at, item.origin)]
            told.update((item.external_id, (item.edited_at, item.origin)) for item in items)
            while len(told) > TOLD:
                del told[next(iter(told))]
            open_end = bool(turns)
            yield self._page(items, rejects, resume(), open_end)
        if open_end or self.rejects or (self._http and self._http.requests > self._counted):
            yield self._page([], [], resume(), False)
        if postponed:
            raise postponed

    def _timeline(self, one, states):
        state = states[one.name]
        newest = second_of((state or {}).get("last", ""))
        since = max(newest - LATE_SECONDS, 0)
        return Timeline(lambda params: one.fetch(params.get("max_id", ""), since), self._key, self._mark, state, "max")

    def _page(self, items, rejects, cursor, more):
        """Return a page that also accounts for the requests and the unreadable entries since the last one."""
        counted = self._http.requests if self._http else 0
        asked, self._counted = counted - self._counted, counted
        unreadable, self.rejects = self.rejects, []
        return Page(items, cursor, more, asked, rejects + unreadable)
