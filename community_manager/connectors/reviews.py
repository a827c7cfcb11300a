"""What review services have in common: one list of reviews, newest first, and at most one answer under each.

A list may be sorted by the time of the last change or by that of writing.  It is walked from its newest end back to
what was read before; what shows up late, what was edited and what was answered within the newest page is noticed.
"""

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from urllib.parse import urlsplit
from zlib import crc32

from . import errors
from .answer import UNREADABLE
from .base import Connector, _
from .items import MentionItem, Page, Reject
from .saying import not_before
from .text import clean_line, clean_text
from .values import identifier

#: Reviews asked for at once: with their answers they are a page that the desk stores at one go.
PAGE = 50
#: Reviews that are remembered, so that what was read twice is dropped, and edits and answers are noticed.
REMEMBERED = 300
#: Services look through reviews before they show them, under the time of writing: so far back new ones are new.
LATE_SECONDS = 3 * 86400
#: A walk back this long is handed over oldest first; a longer one page by page, so that memory stays flat.
BUFFERED_PAGES = 10
SAMPLE = 10

GONE = _("There is no answer under this review any more.")
SAID = _("The review already has this answer.")
READS = _("Read the reviews")
ANSWERS = _("Answer reviews")

_TAG = re.compile(r"<[^<>]{0,200}>")


def words(text):
    """Return a text as it is compared: services trim it, join its lines and strip its tags.

    >>> words(" Thank  you\\n<b>Ana</b> ") == words("Thank you Ana")
    True
    """
    return " ".join(_TAG.sub("", clean_text(text)).split())


def stars(value):
    """Return what a reviewer gave, from one to five, or ``None``."""
    return float(value) if type(value) is int and 1 <= value <= 5 else None


def average(value):
    """Return the average of what reviewers gave, or ``None``."""
    known = isinstance(value, (int, float)) and not isinstance(value, bool) and 0 <= value <= 5
    return round(float(value), 2) if known else None


def name_of(value, service):
    """Return the name of a reviewer, that of the service when it tells none."""
    return (clean_line(value, 200) if isinstance(value, str) else "") or service


def answer_item(review, answer_id, text, at, identifiers=()):
    """Return the item of an answer under a review.

    :param MentionItem review: what is answered
    :param datetime at: when it was given or changed, aware UTC, or ``None``
    :param dict identifiers: what else it is known by, besides its review
    """
    return MentionItem(
        external_id=answer_id,
        kind="comment",
        realm=review.realm,
        text=clean_text(text),
        url=review.url,
        published_at=at,
        parent_id=review.external_id,
        conversation_id=review.external_id,
        origin="own",
        outgoing=True,
        identifiers={"review": review.external_id, **dict(identifiers)},
    )


@dataclass(slots=True)
class Found:
    """A review as it was read, with its answer; ``place`` is the time by which the list is sorted."""

    review: MentionItem
    answer: MentionItem | None
    place: float = 0.0
    mark: str = ""
    answer_mark: str = ""

    def __post_init__(self):
        review, answer = self.review, self.answer
        at = review.edited_at or review.published_at
        self.place = round(at.timestamp(), 3) if at else 0.0
        self.mark = _mark(f"{review.rating}\0{review.title}\0{review.text}")
        self.answer_mark = _mark(answer.text) if answer else ""


def _mark(text):
    """Return something short that changes with a text; told apart are versions of one review only."""
    return f"{crc32(text.encode('utf-8', 'surrogatepass')):08x}"


def _same(page, other):
    """Return whether two pages hold the same reviews."""
    return [one.review.external_id for one in page] == [one.review.external_id for one in other]


class Position:
    """Where listening stands.

    ``top`` is the newest time read, ``low`` where the first look back ended, ``seen`` are recent reviews with what they
    said, ``walk`` a long walk back that is under way: the mark of its next page, and what will be known when it ends.
    """

    def __init__(self, cursor):
        seen = cursor.get("reviews")
        self.started = isinstance(seen, list)
        self.seen = {entry[0]: entry[1:] for entry in seen} if self.started else {}
        self.top = cursor.get("top", 0.0) if self.started else 0.0
        self.low = cursor.get("low", 0.0) if self.started else 0.0
        walk = cursor.get("walk") if self.started else None
        self.walk = dict(walk) if isinstance(walk, dict) else {}

    @property
    def cursor(self):
        """What to keep; JSON-able."""
        kept = {"top": self.top, "low": self.low, "reviews": [[key, *known] for key, known in self.seen.items()]}
        return kept | ({"walk": dict(self.walk)} if self.walk else {})

    @property
    def floor(self):
        """Time before which everything was read."""
        if not self.top:
            return 0.0
        floor = max(self.top - LATE_SECONDS, self.low)
        if len(self.seen) >= REMEMBERED:
            # what is older than all that is remembered cannot be told from what was read
            floor = max(floor, min(known[2] for known in self.seen.values()))
        return floor

    def fresh(self, found, floor):
        """Return what is new of a review: itself, its answer, both or nothing."""
        known = self.seen.get(found.review.external_id)
        if known is None:
            return [] if found.place < floor else [one for one in (found.review, found.answer) if one]
        items = [] if known[0] == found.mark else [found.review]
        if found.answer and known[1] != found.answer_mark:
            items.append(found.answer)
        return items

    def remember(self, page):
        """Take reviews, newest first, for read."""
        for found in reversed(page):
            self.seen.pop(found.review.external_id, None)
            self.seen[found.review.external_id] = [found.mark, found.answer_mark, found.place]
            self.top = max(self.top, found.place)
        if len(self.seen) > REMEMBERED:
            newest = sorted(self.seen.items(), key=lambda one: one[1][2])[-REMEMBERED:]
            self.seen = dict(newest)


class Reviews(Connector):
    """A place or product whose reviews are read and answered.

    A subclass gives :meth:`page`, :meth:`found`, :meth:`one` and :meth:`say`.

    :cvar address: of the interface, for errors
    :ivar datetime began: when this run began, aware UTC
    :ivar dict kept: what else is kept between runs; JSON-able
    """

    kind = "reviews"
    scope = "horizontal"
    capabilities = frozenset({"listen", "thread", "lookup", "reply"})
    address = ""

    def __init__(self, http, settings, secrets=None):
        super().__init__(http, settings, secrets)
        self.kept = {}
        self.began = datetime.now(UTC)

    def page(self, token):
        """Return (entries newest first, mark of the next page or "").

        :param str token: mark of the page, empty for the newest
        """
        raise NotImplementedError

    def found(self, entry):
        """Return the :class:`Found` of an entry.

        :raises ValueError: it cannot be read
        """
        raise NotImplementedError

    def one(self, review_id):
        """Return the entry of one review.

        :raises errors.Gone: it was deleted, and the place is still there
        """
        raise NotImplementedError

    def say(self, review, text):
        """Put an answer under a review, in place of an earlier one, and return it.

        :param MentionItem review: as it is now
        :raises ValueError: the network's answer cannot be read
        """
        raise NotImplementedError

    # --- reading ---

    def _fetch(self, token, rejects):
        """Return (:class:`Found` objects newest first, mark of the next page)."""
        entries, following = self.page(token)
        page, known = [], set()
        for entry in entries:
            try:
                found = self.found(entry)
            except (ValueError, TypeError, AttributeError, KeyError, RecursionError) as problem:
                entry_id = self.id_of(entry) if isinstance(entry, dict) else ""
                rejects.append(Reject(entry, f"{type(problem).__name__}: {problem}"[:300], entry_id))
                continue
            if found.review.external_id not in known:
                known.add(found.review.external_id)
                page.append(found)
        page.sort(key=lambda one: one.place, reverse=True)
        return page, following

    @staticmethod
    def id_of(entry):
        """Return the id of an entry that cannot be read otherwise."""
        return identifier(entry.get("id"))

    def listen(self, cursor):
        """See :meth:`Connector.listen`."""
        position, rejects, asked = Position(cursor), [], self.http.requests
        self.kept = dict(cursor["kept"]) if isinstance(cursor.get("kept"), dict) else {}
        for items, more in self._pages(position, rejects):
            kept = position.cursor | ({"kept": dict(self.kept)} if self.kept else {})
            page = Page(items, kept, more, self.http.requests - asked, list(rejects))
            asked = self.http.requests
            rejects.clear()
            yield page

    def _pages(self, position, rejects):
        """Yield ``(items oldest first, more)`` while ``position`` moves on."""
        if not position.started:
            page, following = self._fetch("", rejects)
            position.remember(page)
            position.low = page[-1].place if page and following else 0.0
            yield [item for found in reversed(page) for item in (found.review, found.answer) if item], False
            return
        if position.walk:
            yield from self._walk_on(position, rejects)
        yield from self._walk_back(position, rejects)

    def _walk_back(self, position, rejects):
        """Walk from the newest review back to what is known."""
        floor, token, buffer = position.floor, "", []
        while True:
            page, token = self._fetch(token, rejects)
            if buffer and _same(page, buffer[-1][0]):
                break  # the service ignores where we want to go on from
            news = [item for found in reversed(page) for item in position.fresh(found, floor)]
            buffer.append((page, news))
            if not token or not news or page[-1].place < floor:
                break
            if len(buffer) >= BUFFERED_PAGES:
                position.walk = {"token": "", "top": 0.0, "reviews": []}
                for place, (page, news) in enumerate(buffer):
                    # a page that was handed over twice is dropped by the desk; one that was not would be lost
                    self._note(position, page, token if place == len(buffer) - 1 else "")
                    yield news, True
                if (yield from self._walk_on(position, rejects)):
                    # what was written while we walked
                    yield from self._walk_back(position, rejects)
                else:
                    yield [], False
                return
        while buffer:
            page, news = buffer.pop()
            position.remember(page)
            if news or not buffer:
                yield news, bool(buffer)

    @staticmethod
    def _note(position, page, token):
        """Note how far a long walk went."""
        walk = position.walk
        known = [[found.review.external_id, found.mark, found.answer_mark, found.place] for found in page]
        position.walk = {
            "token": token,
            "top": max([walk["top"], *(found.place for found in page)]),
            "reviews": (walk["reviews"] + known)[:REMEMBERED],
        }

    def _walk_on(self, position, rejects):
        """Go on with a long walk, newest page first; return whether it came to its end."""
        floor, token, before = position.floor, position.walk.get("token", ""), []
        while token:
            try:
                page, token = self._fetch(token, rejects)
            except (errors.Misconfigured, errors.Malformed, errors.Refused):
                # marks of pages do not last for ever: the walk begins again
                position.walk = {}
                return False
            news = [item for found in reversed(page) for item in position.fresh(found, floor)]
            if not news or page[-1].place < floor or _same(page, before):
                token = ""
            before = page
            self._note(position, page, token)
            if not token:
                position.top = max(position.top, position.walk["top"])
                position.seen = {entry[0]: entry[1:] for entry in reversed(position.walk["reviews"])}
            yield news, True
        position.walk = {}
        return True

    def sample(self):
        """Return the newest items, for checking."""
        page, _following = self._fetch("", [])
        return [found.review for found in page][:SAMPLE]

    # --- one review ---

    @staticmethod
    def review_id(item_id, identifiers):
        """Return the id of the review that an item is, or answers."""
        return identifier((identifiers or {}).get("review")) or item_id

    def _look(self, review_id):
        """Return the :class:`Found` of one review."""
        entry = self.one(review_id)
        detail = ""
        try:
            return self.found(entry)
        except (ValueError, TypeError, AttributeError, KeyError, RecursionError) as problem:
            detail = f"{type(problem).__name__}: {problem}"[:300]
        raise self.unreadable(detail)

    def unreadable(self, detail):
        """Return the error for an answer that is not what is documented."""
        return errors.Malformed(UNREADABLE, detail, params={"host": urlsplit(self.address).hostname})

    def lookup(self, item_id, identifiers):
        """See :meth:`Connector.lookup`."""
        review_id = self.review_id(item_id, identifiers)
        found = self._look(review_id)
        if review_id == item_id:
            return found.review
        if found.answer is None:
            raise errors.Gone(GONE)
        return found.answer

    def thread(self, item_id, identifiers):
        """See :meth:`Connector.thread`: the review and its answer."""
        found = self._look(self.review_id(item_id, identifiers))
        return [one for one in (found.review, found.answer) if one]

    # --- answering ---

    def reply(self, outgoing):
        """See :meth:`Connector.reply`.  A review has one answer: another one takes its place.

        The review is read first: the same answer is not given twice, and a review that was deleted is not answered.
        """
        target = outgoing.target
        try:
            found = self._look(self.review_id(target.external_id, target.identifiers))
        except errors.ConnectorError as problem:
            problem.unsure = False  # nothing was sent yet
            raise
        if found.answer and words(found.answer.text) == words(outgoing.text):
            raise errors.Duplicate(SAID)
        detail = ""
        try:
            return self.say(found.review, outgoing.text)
        except (ValueError, TypeError, AttributeError, KeyError) as problem:
            detail = f"{type(problem).__name__}: {problem}"[:300]
        raise self.unreadable(detail)

    def find_sent(self, outgoing):
        """See :meth:`Connector.find_sent`: the answer that stands under the review."""
        target = outgoing.target
        answer = self._look(self.review_id(target.external_id, target.identifiers)).answer
        if answer is None or words(answer.text) != words(outgoing.text):
            return None
        at, since = answer.edited_at or answer.published_at, not_before(outgoing)
        return answer if since is None or (at and at >= since) else None
