"""Reading lists that a site gives newest first, from what is known and oldest first; several of them in turns.

It is for lists that go on from the number of a page or from an offset; :mod:`.timeline` names what suits other lists.
"""

from collections import deque
from dataclasses import dataclass, field

from . import errors
from .base import Sentence, _
from .items import Page, Reject
from .values import number

#: Entries that are remembered, so that what was read twice is dropped and edits are noticed; more than any page holds.
REMEMBERED = 200
#: A walk back this long is handed over oldest first; a longer one page by page, so that memory stays flat.
BUFFERED_PAGES = 10
#: An entry stands in several lists: this many are remembered during a run, so that it is handed over once.
TOLD = 1000
#: Items that a check shows.
SAMPLE = 10

NOT_POSSIBLE = _("“%(what)s” is not possible: %(why)s")


def by_number(entry):
    """Return the number by which entries with a numeric ``id`` stand in order."""
    return number(entry.get("id"))


@dataclass(slots=True)
class Listing:
    """One list of a channel.

    ``fetch`` is a function from a position (``None`` at the newest end, else as it was returned) to ``(entries, next
    position)``, newest first; the next position is JSON-able and ``None`` at the end.  Positions may overlap.
    ``order`` is a function from an entry to what the list is sorted by: an id or a time as text, falsy when it is
    unreadable.  ``mark`` is a function from an entry to something short that changes when it is edited.
    ``says`` is what reading it means, as a sentence; ``origin`` is for its items.
    """

    name: str
    fetch: object
    key: object
    says: str = ""
    origin: str = "search"
    order: object = by_number
    mark: object = lambda entry: ""
    #: whether its failure is the failure of the channel
    vital: bool = False
    #: lists of one family show the same things under the same keys: what one brought, another need not read again
    family: str = ""
    #: how many of the newest are handed over at the first look, where each costs a request of its own; 0 for all
    first: int = 0
    #: how many are handed over at once, where reading them may be stopped by a limit of the network; 0 for whole pages
    portion: int = 0


class Newest:
    """One list on its way.

    ``state`` is what is kept between runs: ``seen`` (recent entries as key, mark, order), ``last`` (order of the newest
    one), ``walk`` (a walk back that is under way: where it is, the lowest order handed over, and what was newest when
    it began).
    """

    def __init__(self, listing, state=None):
        self._list = listing
        self._started = isinstance(state, dict) and "seen" in state
        state = state if self._started else {}
        self._seen = {entry[0]: (entry[1], entry[2]) for entry in state.get("seen", ())}
        self._last = state.get("last")
        self._walk = dict(state.get("walk") or {})
        self.rejects = []

    @property
    def started(self):
        """Whether the list was read at all."""
        return self._started

    @property
    def state(self):
        """What to keep; JSON-able."""
        state = {"seen": [[key, *known] for key, known in self._seen.items()], "last": self._last}
        if self._walk:
            state["walk"] = dict(self._walk)
        return state

    def pages(self):
        """Yield ``(entries, more)``: new and edited entries, oldest first; :attr:`state` then resumes after them."""
        if not self._started:
            page, _position = self._fetch(None)
            self._started = True
            self._remember(page)
            yield self._entries(page[: self._list.first or None]), False
            return
        again = True
        while again:
            again = bool(self._walk)
            yield from self._back()

    def _fetch(self, position):
        """Return ``([(entry, key, order)], next position)`` without what cannot be read."""
        entries, following = self._list.fetch(position)
        page = []
        for entry in entries:
            key = self._list.key(entry) if isinstance(entry, dict) else ""
            order = self._list.order(entry) if key else None
            if key and order:
                page.append((entry, key, order))
            else:
                self.rejects.append(Reject(entry, "entry without an id or a time", key))
        kind = type(page[0][2]) if page else int
        page = [one for one in page if type(one[2]) is kind]
        page.sort(key=lambda one: one[2], reverse=True)
        return page, following

    @staticmethod
    def _entries(page):
        """Return what to hand over of a page, oldest first, each once."""
        return list({key: entry for entry, key, _order in reversed(page)}.values())

    def _remember(self, page):
        """Take a page for read."""
        for entry, key, order in reversed(page):
            self._seen.pop(key, None)
            self._seen[key] = (self._list.mark(entry), order)
            if self._last is None or order > self._last:
                self._last = order
        if len(self._seen) > REMEMBERED:
            newest = sorted(self._seen.items(), key=lambda one: one[1][1])[-REMEMBERED:]
            self._seen = dict(newest)

    def _fresh(self, page):
        """Return the entries of a page that were not read yet, or were edited since."""
        lowest = min((order for _mark, order in self._seen.values()), default=None)
        found = []
        for entry, key, order in page:
            if key in self._seen:
                if self._seen[key][0] != self._list.mark(entry):
                    found.append((entry, key, order))
            elif lowest is None or order > lowest:
                # what is older than all we remember was there before we came
                found.append((entry, key, order))
        return found

    def _reached(self, page):
        """Return whether a page leads back to what is known."""
        if self._last is None:
            return False
        return any(order < self._last or key in self._seen for _entry, key, order in page)

    def _back(self):
        """Walk from the newest entry, or from where a long walk stopped, back to what is known."""
        position, low = self._walk.get("position"), self._walk.get("low")
        buffer, finished, streaming, pages = [], False, bool(self._walk), 0
        while not finished:
            pages += 1
            before = position
            page, position = self._fetch(position)
            finished = self._reached(page) or position is None or not page
            fresh = [one for one in self._fresh(page) if low is None or one[2] < low]
            if fresh:
                low = fresh[-1][2]
                size = self._list.portion or len(fresh)
                portions = [fresh[place : place + size] for place in range(0, len(fresh), size)]
                buffer += [(portion, before) for portion in portions[:-1]] + [(portions[-1], position)]
            if streaming or (pages >= BUFFERED_PAGES and not finished):
                streaming = True
                for ready, following in buffer:
                    if not self._walk:
                        top = [[key, self._list.mark(entry), order] for entry, key, order in reversed(ready)]
                        self._walk = {"top": top}
                    self._walk |= {"position": following, "low": ready[-1][2]}
                    yield self._entries(ready), True
                buffer = []
        if self._walk:
            self._seen = {key: (mark, order) for key, mark, order in self._walk["top"]}
            self._last = max(order for _mark, order in self._seen.values())
            self._walk = {}
            # What was published while we walked comes next.
            yield [], True
            return
        while buffer:
            ready, _following = buffer.pop()
            self._remember(ready)
            yield self._entries(ready), bool(buffer)


def look(listings, read, found, absent=()):
    """Look at the newest of each list once, and note in a check what can be read, what cannot and how items look.

    :param read: function from entries and a list to ``(items, rejects)``
    :param Check found: gets the notes; it is not ``ok`` when no list can be read
    :param tuple absent: errors that mean on this network that there is no such list
    """
    for listing in listings:
        try:
            entries, _more = next(Newest(listing).pages())
        except (errors.AccessDenied, errors.Refused, *absent) as problem:
            if listing.vital or isinstance(problem, errors.ForbiddenAddress):
                raise
            found.missing.append(Sentence(NOT_POSSIBLE, what=listing.says, why=problem))
            continue
        if listing.says not in found.can:
            found.can.append(listing.says)
        found.sample += read(entries[-SAMPLE:], listing)[0]
    found.ok = bool(found.can)
    found.sample = list({item.external_id: item for item in found.sample}.values())[:SAMPLE]


@dataclass(slots=True)
class Turns:
    """All lists of a channel, page by page in turns, so that a busy one does not keep another waiting.

    ``read`` is a function from entries and a list to ``(items, rejects)``; ``kept`` is what the cursor holds besides
    the positions.  A list that is not allowed does not keep the others from being read.
    """

    http: object
    read: object
    kept: dict
    states: dict = field(default_factory=dict)
    _counted: int = 0
    _rejects: list = field(default_factory=list)
    _brought: dict = field(default_factory=dict)

    def pages(self, listings, cursor):
        """Yield the pages of a run; see :meth:`.base.Connector.listen`."""
        known = cursor.get("lists")
        known = known if isinstance(known, dict) else {}
        self.states = {one.name: known[one.name] for one in listings if one.name in known}
        turns = deque()
        for listing in listings:
            newest = Newest(listing, known.get(listing.name))
            turns.append((listing, newest, newest.pages()))
        postponed, told = None, {}
        while turns:
            listing, newest, pages = turns.popleft()
            try:
                entries, more = next(pages)
            except StopIteration:
                self._rejects += newest.rejects
                newest.rejects = []
                continue
            except (errors.AccessDenied, errors.Misconfigured, errors.Malformed, errors.TooLarge) as problem:
                if listing.vital or isinstance(problem, errors.ForbiddenAddress):
                    raise
                postponed = postponed or problem
                continue
            self.states[listing.name] = newest.state
            turns.append((listing, newest, pages))
            self._rejects += newest.rejects
            newest.rejects = []
            items, rejects = self.read(self._unread(entries, listing), listing)
            self._rejects += rejects
            items = [item for item in items if told.get(item.external_id, "") != (item.edited_at, item.text)]
            told.update((item.external_id, (item.edited_at, item.text)) for item in items)
            while len(told) > TOLD:
                del told[next(iter(told))]
            if items or more or not entries:
                yield self._page(items, more or bool(turns))
        yield self._page([], False)
        if postponed:
            raise postponed

    def _unread(self, entries, listing):
        """Return the entries of a page that no list of the same family brought in this run."""
        if not listing.family:
            return entries
        found = []
        for entry in entries:
            known = (listing.family, listing.key(entry), listing.mark(entry))
            if known not in self._brought:
                self._brought[known] = True
                found.append(entry)
        while len(self._brought) > TOLD:
            del self._brought[next(iter(self._brought))]
        return found

    def _page(self, items, more):
        """Return a page that also accounts for the requests and the unreadable entries since the last one."""
        asked, self._counted = self.http.requests - self._counted, self.http.requests
        unreadable, self._rejects = self._rejects, []
        return Page(items, {**self.kept, "lists": dict(self.states)}, more, asked, unreadable)
