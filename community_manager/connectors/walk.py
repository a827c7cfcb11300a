"""Reading lists that a network gives newest first and pages by marks of its own (``next_token``, ``after``).

The mark of a page says nothing about what is in it, so a list is walked from its newest end back to what was read
before: an entry belongs to "before" when it is older than the newest entry read, less a margin for entries that show
up late.  The lists of a channel take turns, page by page, so that a busy search does not keep a private message
waiting.  For lists that go on from something that can be understood, see :mod:`.timeline`.
"""

from collections import deque

from . import errors
from .base import Sentence, _
from .items import Page

#: Entries that are remembered, so that what was read twice is dropped and edits are noticed.
REMEMBERED = 120
#: A walk back this long is handed over oldest first; a longer one page by page, so that memory stays flat.
BUFFERED_PAGES = 10
#: Things are handed over once a run although several lists show them: this many are remembered.
TOLD = 2000
#: Entries of a list that are asked for when access is tried, and that are shown.
SAMPLE = 10

NOT_POSSIBLE = _("“%(what)s” is not possible: %(why)s")


class Walk:
    """One list of one channel.

    ``state`` is what is kept between runs: ``top`` (place of the newest entry read), ``seen`` (id, mark of the last
    edit and place of recent entries, newest last) and ``walk`` (a long walk back that is under way).
    """

    def __init__(self, fetch, key, place, mark, margin, state=None, remembered=REMEMBERED):
        """
        :param fetch: function from (mark of a page or "", place to begin after or 0) to (entries newest first, mark
            of the next page or ""); ``None`` means "not now"
        :param key: function from an entry to its id
        :param place: function from an entry to a number that is larger for newer ones, a time or an id that holds
            one; 0 where the entry does not say
        :param mark: function from an entry to something that changes when it is edited
        :param int margin: how far back late entries may appear, on the scale of ``place``
        :param dict state: as the last page left it, ``None`` on the first run, ``{}`` to read the whole list
        :param int remembered: how many entries are remembered
        """
        self._fetch = fetch
        self._key = key
        self._place = place
        self._mark = mark
        self._margin = margin
        self._remembered = remembered
        self.started = state is not None
        state = state if isinstance(state, dict) else {}
        self._top = state.get("top", 0)
        self._seen = {entry[0]: (entry[1], entry[2]) for entry in state.get("seen", ())}
        self._walk = dict(state.get("walk") or {})

    @property
    def state(self):
        """What to keep; JSON-able."""
        state = {"top": self._top, "seen": [[key, mark, place] for key, (mark, place) in self._seen.items()]}
        if self._walk:
            state["walk"] = dict(self._walk)
        return state

    @property
    def floor(self):
        """Place up to which everything was read; 0 when that is not known."""
        if not self._top:
            return 0
        floor = self._top - self._margin
        if len(self._seen) >= self._remembered:
            # what is older than the oldest that is remembered cannot be told from what was read
            floor = max(floor, min(place for _mark, place in self._seen.values()))
        return max(floor, 0)

    def pages(self):
        """Yield ``(entries, more)``: new and edited entries, oldest first; :attr:`state` then resumes after them."""
        if self.started:
            yield from self._back()
            return
        answer = self._fetch("", 0)
        if answer is not None:
            self.started = True
            self._remember(self._rows(answer[0]))
            yield answer[0][::-1], False

    def _rows(self, entries):
        """Return (key, place, mark, entry) of entries, each found out once."""
        key, place, mark = self._key, self._place, self._mark
        return [(key(entry), place(entry), mark(entry), entry) for entry in entries]

    def _fresh(self, rows, floor):
        """Return the rows that were not read yet, or were edited since."""
        seen, fresh = self._seen, []
        for row in rows:
            known = seen.get(row[0])
            if (row[1] >= floor or not row[1]) if known is None else known[0] != row[2]:
                fresh.append(row)
        return fresh

    def _remember(self, rows):
        """Take rows, newest first, for read."""
        seen = self._seen
        for key, place, mark, _entry in reversed(rows):
            seen.pop(key, None)
            seen[key] = (mark, place)
            self._top = max(self._top, place)
        if len(seen) > self._remembered:
            for key in list(seen)[: -self._remembered]:
                del seen[key]

    def _first(self, start, floor):
        """Return the page that a walk begins with; marks of pages do not last for ever."""
        try:
            return self._fetch(start, floor)
        except (errors.Misconfigured, errors.Malformed):
            if not start:
                raise
            self._walk = {}
            return self._fetch("", floor)

    def _back(self):
        """Walk from the newest entry, or from where a long walk stopped, back to what is known."""
        floor = self.floor
        answer = self._first(self._walk.get("next", ""), floor)
        streaming, buffer, before = bool(self._walk), [], None
        while answer is not None:
            rows, following = self._rows(answer[0]), answer[1]
            keys = [row[0] for row in rows]
            if keys and keys == before:
                # the network ignores where we want to go on from
                break
            before = keys
            fresh = self._fresh(rows, floor)
            ended = not following or any(0 < row[1] < floor for row in rows)
            ended = ended or (bool(rows) and not fresh)
            buffer.append((fresh, following))
            if streaming or (len(buffer) >= BUFFERED_PAGES and not ended):
                streaming = True
                for ready, after in buffer:
                    yield from self._hand_over(ready, after)
                buffer = []
            if ended:
                break
            answer = self._fetch(following, floor)
        else:
            return
        if streaming:
            self._top = max(self._top, self._walk.get("top", 0))
            self._seen = {entry[0]: (entry[1], entry[2]) for entry in self._walk.get("seen", ())}
            self._walk = {}
            yield [], True
            # what was published while we walked
            yield from self._back()
            return
        while buffer:
            ready, _after = buffer.pop()
            self._remember(ready)
            if ready:
                yield [row[3] for row in reversed(ready)], bool(buffer)

    def _hand_over(self, rows, following):
        """Yield a page of a long walk, newest page first, noting how far it went."""
        walk = self._walk or {"top": max((row[1] for row in rows), default=self._top), "seen": []}
        kept = rows[: self._remembered - len(walk["seen"])]
        older = [[key, mark, place] for key, place, mark, _entry in reversed(kept)]
        self._walk = {"top": walk["top"], "seen": older + walk["seen"], "next": following}
        if rows:
            yield [row[3] for row in reversed(rows)], True


class Walks:
    """What networks whose lists are walked have in common: listening by turns.

    A subclass gives :meth:`walks` and :meth:`read`, counts what it costs in ``_cost``, puts entries that it cannot
    even page by into ``_rejects`` and an error that must not keep the other lists from being read into ``_postponed``.
    """

    def __init__(self, http, settings, secrets=None):
        super().__init__(http, settings, secrets)
        self._counted = getattr(http, "requests", 0)
        self._cost = 0.0
        self._rejects = []
        self._postponed = None

    def walks(self, states, kept):
        """Return the lists to read, the most pressing first.

        :param dict states: state by name of a list, as the last run left them
        :param dict kept: what else is kept between runs; may be changed
        :returns: iterator of (name, :class:`Walk`); asked for one after the other, so later ones may depend on
            requests; a list with ":" in its name is inside something that may be deleted any time
        """
        raise NotImplementedError

    def read(self, name, entries):
        """Return ``(items, rejects)`` of entries of a list."""
        raise NotImplementedError

    def finished(self, states, kept):
        """Keep what is only known once all lists were read."""

    def listen(self, cursor):
        """See :meth:`Connector.listen`.  A list that is not allowed does not keep the others from being read."""
        states = {name: state for name, state in _dict(cursor.get("streams")).items() if isinstance(state, dict)}
        kept = dict(_dict(cursor.get("kept")))
        told, turns = {}, deque()
        for name, walk in self.walks(states, kept):
            states.setdefault(name, None)
            turns.append((name, walk, walk.pages()))

        def resume():
            return {"kept": dict(kept), "streams": {name: state for name, state in states.items() if state}}

        while turns:
            name, walk, pages = turns.popleft()
            try:
                entries, more = next(pages)
            except StopIteration:
                states[name] = walk.state if walk.started else None
                continue
            except (errors.AccessDenied, errors.Misconfigured, errors.Malformed, errors.TooLarge) as problem:
                if isinstance(problem, errors.ForbiddenAddress):
                    raise
                self._postponed = self._postponed or problem
                continue
            except errors.Gone as problem:
                states[name] = None
                if ":" not in name:
                    gone = errors.Misconfigured(problem.template, problem.detail, problem.status, problem.params)
                    self._postponed = self._postponed or gone
                continue
            states[name] = walk.state
            if more:
                turns.append((name, walk, pages))
            items, rejects = self.read(name, entries)
            items = [item for item in items if told.get(item.external_id, "") != item.edited_at]
            told.update((item.external_id, item.edited_at) for item in items)
            while len(told) > TOLD:
                del told[next(iter(told))]
            yield self._page(items, rejects, resume(), bool(turns))
        self.finished(states, kept)
        yield self._page([], [], resume(), False)
        if self._postponed:
            raise self._postponed

    @staticmethod
    def try_lists(found, lists, unless=(errors.AccessDenied,)):
        """Read some of each list for :meth:`Connector.check`, and note what is possible.

        :param items.Check found: what it is noted in
        :param lists: (what reading it means in words, function to its ``(items, rejects)``) of each
        :param unless: errors that mean that it is not
        """
        for says, ask in lists:
            try:
                found.sample += ask()[0]
            except unless as problem:
                found.missing.append(Sentence(NOT_POSSIBLE, what=Sentence(says), why=problem))
                continue
            found.can.append(Sentence(says))

    def _page(self, items, rejects, cursor, more):
        """Return a page that also accounts for requests, cost and unreadable entries since the last one."""
        asked, self._counted = self.http.requests - self._counted, self.http.requests
        unreadable, self._rejects = self._rejects, []
        cost, self._cost = self._cost, 0.0
        return Page(items, cursor, more, asked, rejects + unreadable, round(cost, 6))


def oldest_first(items):
    """Return items in the order of a conversation; those without a time come before all others."""
    return sorted(items, key=lambda one: (one.published_at is not None, one.published_at or 0))


def _dict(value):
    return value if isinstance(value, dict) else {}
