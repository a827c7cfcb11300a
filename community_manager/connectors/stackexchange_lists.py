"""What a channel reads on a site of Stack Exchange: questions by tag and word, and the inbox of a user."""

import re

from . import errors
from .base import MOST_SEARCHES, Sentence, _
from .by_time import KEY, Listing, kept_key, second_of, whole_seconds
from .items import Reject
from .stackexchange_api import MOST_AT_ONCE, NO_SITE
from .stackexchange_items import entry_key
from .timeline import PAGE
from .values import identifier

CAN_INBOX = _("Read the inbox of our user")
CAN_TAGS = _("Follow questions tagged %(name)s")
CAN_SEARCH = _("Search for “%(name)s”")
NOTHING_TO_READ = _("Enter at least one tag or search, or connect a user.")


class Lists:
    """The lists of one channel."""

    def __init__(self, api, rejects):
        """
        :param api: a :class:`~.stackexchange_api.Api`
        :param rejects: function that takes a :class:`~.items.Reject`
        """
        self._api = api
        self._reject = rejects

    def all(self, values, searches):
        """Return the lists that the channel reads, the most pressing first.

        :raises errors.Misconfigured: there is none, or no site
        """
        if not re.fullmatch(r"[a-z0-9][a-z0-9.-]{1,80}", self._api.site):
            raise errors.Misconfigured(NO_SITE, params={"site": self._api.site[:100]})
        lists = [Listing("inbox", self._inbox, CAN_INBOX, origin="own")] if self._api.token else []
        for line in str(values.get("tags") or "").splitlines()[:MOST_SEARCHES]:
            tags = ";".join(re.findall(r"[^\s,;#]+", line.lower()))
            if tags:
                says = Sentence(CAN_TAGS, name=tags.replace(";", " + "))
                lists.append(Listing(f"tags:{tags}", self._questions("/questions", tagged=tags), says))
        for text in searches:
            says = Sentence(CAN_SEARCH, name=text)
            lists.append(Listing(f"search:{text}", self._questions("/search/advanced", q=text[:200]), says))
        if not lists and not values.get("search_topics"):
            raise errors.Misconfigured(NOTHING_TO_READ)
        return lists

    def _questions(self, path, **asked):
        def fetch(until, since):
            bounds = {"max": second_of(until) - 1} if until else {}
            if since:
                bounds["min"] = since
            params = {**asked, **bounds, "sort": "activity", "order": "desc", "pagesize": PAGE}
            return whole_seconds(self._sorted(self._api.read(path, **params)[0]), kept_key)

        return fetch

    def _inbox(self, until, since):
        """Return a page of the inbox, which knows pages only by number."""
        second, page, more = second_of(until), 1, True
        while more:
            entries, more = self._api.read("/me/inbox", pagesize=PAGE, page=page)
            entries = self._sorted(entries)
            page += 1
            older = [entry for entry in entries if not until or second_of(entry[KEY]) < second]
            older = [entry for entry in older if second_of(entry[KEY]) >= since]
            if older or (entries and second_of(entries[-1][KEY]) < since):
                return whole_seconds(older, kept_key) if more else older
        return []

    def _sorted(self, entries):
        good = []
        for entry in entries:
            key = entry_key(entry)
            if key:
                entry[KEY] = key
                good.append(entry)
            elif not isinstance(entry, dict) or "item_type" not in entry:
                # chat messages and the like have no number: they are nothing that was said on the site
                self._reject(Reject(entry, "entry without an id or a time"))
        good.sort(key=lambda entry: second_of(entry[KEY]), reverse=True)
        return good

    def items(self, reader, entries, one):
        """Return the items of a list; the inbox only quotes the beginnings, so the things themselves are asked for."""
        if one.name != "inbox":
            return reader.read(entries, one.origin)
        full = {}
        for kind, path in (("comment_id", "comments"), ("answer_id", "answers")):
            wanted = [
                e for e in entries if identifier(e.get(kind)) and not (kind == "answer_id" and e.get("comment_id"))
            ]
            if wanted:
                ids = ";".join(identifier(entry[kind]) for entry in wanted)
                for thing in self._api.read(f"/{path}/{ids}", path, pagesize=MOST_AT_ONCE)[0]:
                    if isinstance(thing, dict):
                        full[kind, identifier(thing.get(kind))] = thing
        things = []
        for entry in entries:
            kind = "comment_id" if identifier(entry.get("comment_id")) else "answer_id"
            thing = full.get((kind, identifier(entry.get(kind))), {})
            things.append({**entry, **{name: value for name, value in thing.items() if value is not None}})
        return reader.read(things, one.origin)
