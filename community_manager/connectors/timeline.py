"""Reading lists that a network pages by id, newest first, from where we stopped and oldest first.

Most networks can be asked for "the oldest entries after this one" (``min_id``).  That is relied on only after it was
seen to work; where it does not, the list is walked from its newest end back to what is known.

Which reader suits a network depends on how its lists go on:

- from the id of an entry: this one, for one list;
- from a time ("before", "since"), or from an id in a list sorted by time: :mod:`.by_time`, several lists in turns;
- from a mark that only the network understands: :mod:`.walk`;
- from the number of a page or an offset, which shift as things are added: :mod:`.newest`;
- reviews with at most one answer each, however their pages go on: :mod:`.reviews`.
"""

from operator import itemgetter

#: Entries asked for at once; the most that Mastodon gives.
PAGE = 40
#: Posts of other servers arrive late and under the id of the time they were written: we look back this far.
LATE_MS = 10 * 60 * 1000
#: Ids that are plain counters can be committed out of order: we look back this many.
LATE_COUNT = 20
#: Recent ids that are remembered, so that what was read twice is dropped and edits are noticed.
REMEMBERED = 120
#: A walk back this long is handed over oldest first; a longer one page by page, so that memory stays flat.
BUFFERED_PAGES = 10


def is_number(entry_id):
    """Return whether ids like this one can be compared."""
    return entry_id.isascii() and entry_id.isdigit() and len(entry_id) < 40


def looking_back(entry_id):
    """Return an id a little before a numeric one: ten minutes for ids that hold a time, some entries for counters.

    >>> looking_back("117440821885976823"), looking_back("1763780000123456"), looking_back("5021"), looking_back("7")
    ('117440782564376823', '1763779400123456', '5001', '0')
    """
    if len(entry_id) >= 17:
        step = LATE_MS << 16  # milliseconds above 16 other bits, as Mastodon makes them
    elif len(entry_id) == 16:
        step = LATE_MS * 1000  # microseconds
    else:
        step = LATE_COUNT
    return str(max(int(entry_id) - step, 0))


class Timeline:
    """One list of one channel.

    ``state`` is what is kept between runs: ``last`` (newest id read), ``seen`` (recent ids with the mark of their last
    edit, newest last), ``way`` ("min" once reading forward was proved, "max" once it was disproved), ``walk`` (a walk
    back that is under way).
    """

    def __init__(self, fetch, key, mark, state=None, way=""):
        """
        :param fetch: function from query parameters to a list of entries, newest first; ``None`` means "not now"
        :param key: function from an entry to its id, empty when it has none
        :param mark: function from an entry to something that changes when it is edited
        :param dict state: as the last page left it
        :param str way: "max" for lists that are known to read backward only
        """
        self._fetch = fetch
        self._key = key
        self._mark = mark
        self.started = state is not None
        state = state or {}
        self._last = state.get("last", "")
        self._seen = {entry[0]: entry[1] for entry in state.get("seen", ())}
        self._way = way or state.get("way", "")
        self._walk = dict(state.get("walk") or {})

    @property
    def state(self):
        """What to keep; JSON-able."""
        state = {"last": self._last, "seen": [[entry_id, mark] for entry_id, mark in self._seen.items()]}
        if self._way:
            state["way"] = self._way
        if self._walk:
            state["walk"] = dict(self._walk)
        return state

    def pages(self):
        """Yield ``(entries, more)``: new and edited entries, oldest first; :attr:`state` then resumes after them."""
        if not self.started:
            page = self._page()
            if page is not None:
                self.started = True
                self._remember(page)
                yield self._oldest_first(page), False
        elif self._walk or self._way == "max" or not self._last:
            yield from self._backward()
        elif is_number(self._last):
            yield from self._forward(looking_back(self._last))
        else:
            yield from self._opaque()

    # --- pieces ---

    def _page(self, **params):
        """Return a page, newest first, without entries that have no id."""
        page = self._fetch({"limit": PAGE, **params})
        if page is None:
            return None
        keyed = [(key, entry) for entry in page if (key := self._key(entry))]
        if all(is_number(key) for key, _entry in keyed):
            keyed = [(int(key), entry) for key, entry in keyed]
            keyed.sort(key=itemgetter(0), reverse=True)
        return [entry for _key, entry in keyed]

    @staticmethod
    def _oldest_first(page):
        return page[::-1]

    def _is_new(self, entry):
        """Return whether an entry was not read yet, or was edited since."""
        known = self._seen.get(self._key(entry))
        return known is None or known != self._mark(entry)

    def _remember(self, page):
        """Take a page, newest first, for read."""
        for entry in reversed(page):
            entry_id = self._key(entry)
            self._seen.pop(entry_id, None)
            self._seen[entry_id] = self._mark(entry)
        if page:
            newest = self._key(page[0])
            both = is_number(newest) and is_number(self._last)
            if not both or int(newest) > int(self._last):
                self._last = newest
        for entry_id in list(self._seen)[:-REMEMBERED]:
            del self._seen[entry_id]

    def _forward(self, start):
        """Read the oldest entries after ``start``, page after page."""
        while True:
            page = self._page(min_id=start)
            if not page:
                return
            oldest, newest = self._key(page[-1]), self._key(page[0])
            full = len(page) * 2 >= PAGE  # servers leave filtered entries out of full pages
            if self._way != "min":
                if is_number(oldest) and is_number(start) and int(oldest) <= int(start):
                    self._way = "max"
                elif full:
                    self._way = "min" if self._joins(oldest, start) else "max"
                if self._way == "max":
                    yield from self._backward()
                    return
            fresh = [entry for entry in page if self._is_new(entry)]
            self._remember(page)
            if fresh:
                yield self._oldest_first(fresh), full
            if not full or newest == start:
                return
            start = newest

    def _joins(self, oldest, start):
        """Return whether nothing lies between ``start`` and a page that begins at ``oldest``."""
        before = self._page(max_id=oldest)
        if not before:
            return True
        found = self._key(before[0])
        if is_number(found) and is_number(start):
            return int(found) <= int(start)
        return found == start or found in self._seen

    def _opaque(self):
        """Read on where ids cannot be compared: what is newer is what stands before the known."""
        page = self._page()
        if not page:
            return
        known = next((place for place, entry in enumerate(page) if self._key(entry) in self._seen), None)
        if known is None:
            forward = self._page(min_id=self._last)
            if forward and self._joins(self._key(forward[-1]), self._last):
                yield from self._forward(self._last)
            else:
                # The entry we stopped at was deleted, or the server cannot read forward.
                yield from self._backward()
            return
        fresh = [entry for place, entry in enumerate(page) if place < known or self._is_new(entry)]
        self._remember(page)
        if fresh:
            yield self._oldest_first(fresh), False

    def _backward(self):
        """Walk from the newest entry, or from where a long walk stopped, back to what is known."""
        floor = looking_back(self._last) if is_number(self._last) else ""
        start = self._walk.get("max", "")
        buffer, finished, streaming = [], False, bool(self._walk)
        while not finished:
            page = self._page(**({"max_id": start} if start else {}))
            if page is None:
                return
            page, finished = self._until_known(page, floor, start)
            if page:
                start = self._key(page[-1])
                buffer.append(page)
            if streaming or (len(buffer) >= BUFFERED_PAGES and not finished):
                streaming = True
                for ready in buffer:
                    yield from self._hand_over(ready)
                buffer = []
        if self._walk:
            self._last = self._walk["top"]
            self._seen = {entry[0]: entry[1] for entry in self._walk["seen"]}
            self._walk = {}
            yield [], True
            # What was published while we walked.
            yield from self._backward()
            return
        for ready in reversed(buffer):
            fresh = [entry for entry in ready if self._is_new(entry)]
            self._remember(ready)
            if fresh:
                yield self._oldest_first(fresh), ready is not buffer[0]

    def _until_known(self, page, floor, start):
        """Return the part of a page that may be new, and whether the walk ends with it."""
        if start and any(self._key(entry) == start for entry in page):
            # The server ignores where we want to go on from.
            return [], True
        kept, finished = [], not page
        for entry in page:
            entry_id = self._key(entry)
            if floor and is_number(entry_id) and int(entry_id) <= int(floor):
                finished = True
            else:
                finished = finished or entry_id in self._seen
                if self._is_new(entry):
                    kept.append(entry)
        return kept, finished

    def _hand_over(self, page):
        """Yield a page of a long walk, newest page first, noting how far it went."""
        fresh = [entry for entry in page if self._is_new(entry)]
        if not self._walk:
            self._walk = {
                "top": self._key(page[0]),
                "seen": [[self._key(entry), self._mark(entry)] for entry in reversed(page)],
            }
        self._walk["max"] = self._key(page[-1])
        if fresh:
            yield self._oldest_first(fresh), True
