"""Hacker News: searches through its search service (Algolia), single things and people through its own API.

Both are read without access and nothing can be written, so answers are given by hand on the page of the mention.
Searches: https://hn.algolia.com/api — items and users: https://github.com/HackerNews/API
"""

import re
from urllib.parse import quote

from . import errors
from .base import MOST_SEARCHES, SEARCH_TOPICS, SEARCHES, Connector, Sentence, Setting, _
from .by_time import KEY, Listing, Turns, kept_key, second_of, whole_seconds
from .hackernews_items import Reader, hit_key, hit_mark
from .http import DELETED, UNREADABLE
from .items import Check, Page, Reject
from .registry import register
from .timeline import PAGE
from .values import identifier

SEARCH = "https://hn.algolia.com/api/v1"
ITEMS = "https://hacker-news.firebaseio.com/v0"
HOSTS = {SEARCH: "hn.algolia.com", ITEMS: "hacker-news.firebaseio.com"}
#: What people write; poll options are part of their poll.
KINDS = "(story,comment,poll,job)"
SAMPLE = 10
#: A story may have thousands of comments: this many around the one that is asked for are given.
MOST_OF_A_THREAD = 500

CAN_SEARCH = _("Search for “%(name)s”")
CAN_TOPICS = _("Search for the words of the topics")
CAN_AUTHOR = _("Follow what %(name)s writes and what is answered there")
NOTHING_TO_READ = _("Enter at least one search or a user name, or search for the words of the topics.")
NO_USER = _("There is nobody called “%(name)s” on Hacker News. Mind capital letters.")

_USER = re.compile(r"[A-Za-z0-9_-]{2,40}")


@register
class HackerNews(Connector):
    """Searches over stories and comments, and what one user writes."""

    code = "hackernews"
    label = "Hacker News"
    description = _("Stories and comments on Hacker News, found by words. Reading only: it has no way to write.")
    kind = "aggregator"
    scope = "vertical"
    capabilities = frozenset({"listen", "search", "thread", "lookup", "profile"})
    # The search service counts requests by address and hour; a poll every two minutes stays far below.
    poll_seconds = (120, 3600)
    settings = (
        SEARCHES,
        SEARCH_TOPICS,
        Setting(
            "username",
            _("User name"),
            _("Our own user there, if there is one: what it writes is kept, and answers to it are looked for."),
            placeholder="acme",
        ),
    )
    guide = _(
        "Nothing has to be applied for: Hacker News lets everybody read.\n"
        "Enter words to search for, or let the words of your topics be searched for.\n"
        "If the company has a user there, enter its name too."
    )

    def __init__(self, http, settings, secrets=None):
        super().__init__(http, settings, secrets)
        self._turns = Turns(http, kept_key, hit_mark)

    @property
    def _username(self):
        return str(self.values.get("username") or "").strip().lstrip("@")

    def _ask(self, base, path, params=None, actions=None):
        response = self.http.get(base + path, params=params, headers={"Accept": "application/json"}, actions=actions)
        return response.json()

    @staticmethod
    def _malformed(base, detail):
        return errors.Malformed(UNREADABLE, detail, params={"host": HOSTS[base]})

    def _lists(self):
        """Return the lists that the channel reads."""
        lists = []
        name = self._username
        if name:
            if not _USER.fullmatch(name):
                raise errors.Misconfigured(NO_USER, params={"name": name[:40]})
            asked = {"tags": f"{KINDS},author_{name}"}
            lists.append(Listing(f"author:{name}", self._fetcher(asked), Sentence(CAN_AUTHOR, name=name), origin="own"))
        for words in self.searches()[:MOST_SEARCHES]:
            asked = {"tags": KINDS, "query": words[:200]}
            lists.append(Listing(f"search:{words}", self._fetcher(asked), Sentence(CAN_SEARCH, name=words)))
        if not lists and not self.values.get("search_topics"):
            raise errors.Misconfigured(NOTHING_TO_READ)
        return lists

    def _fetcher(self, asked):
        def fetch(until, since):
            bounds = [f"created_at_i<{second_of(until)}"] if until else []
            bounds += [f"created_at_i>{since}"] if since else []
            params = {**asked, "hitsPerPage": PAGE}
            if bounds:
                params["numericFilters"] = ",".join(bounds)
            return whole_seconds(self._hits(params), kept_key)

        return fetch

    def _hits(self, params):
        """Return what the search found, newest first."""
        answer = self._ask(SEARCH, "/search_by_date", params)
        hits = answer.get("hits") if isinstance(answer, dict) else None
        if not isinstance(hits, list):
            raise self._malformed(SEARCH, "no hits")
        good = []
        for hit in hits[:PAGE]:
            key = hit_key(hit)
            if key:
                hit[KEY] = key
                good.append(hit)
            else:
                self._turns.rejects.append(Reject(hit, "hit without an id or a time"))
        good.sort(key=lambda hit: (hit["created_at_i"], hit[KEY]), reverse=True)
        return good

    def _reader(self):
        return Reader(self._username)

    # --- the contract ---

    def check(self):
        """See :meth:`Connector.check`."""
        lists = self._lists()
        found = Check(account=self.label)
        name = self._username
        if name:
            if self._user(name) is None:
                raise errors.Misconfigured(NO_USER, params={"name": name})
            found.account = found.account_id = name
        reader = self._reader()
        for one in lists:
            found.sample += reader.read(one.fetch("", 0)[:SAMPLE], one.origin)[0]
            found.can.append(one.sentence)
        if not lists:
            self._hits({"tags": KINDS, "hitsPerPage": 1})
            found.can.append(CAN_TOPICS)
        seen = {item.external_id: item for item in found.sample}
        found.sample = list(seen.values())[:SAMPLE]
        return found

    def listen(self, cursor):
        """See :meth:`Connector.listen`."""
        reader = self._reader()
        lists = self._lists()
        if not lists:
            yield Page([], dict(cursor), requests=0)
        yield from self._turns.pages(lists, cursor, lambda entries, one: reader.read(entries, one.origin))

    def lookup(self, item_id, identifiers):
        """See :meth:`Connector.lookup`."""
        path = f"/item/{quote(item_id, safe='')}.json"
        try:
            entry = self._ask(ITEMS, path, actions={404: errors.Gone, 410: errors.Gone})
        except errors.Gone:
            self._newest()
            raise
        if entry is None and item_id.isdigit() and int(item_id) <= self._newest():
            raise self._gone()
        if not isinstance(entry, dict):
            raise self._malformed(ITEMS, "item")
        if entry.get("deleted") is True:
            raise self._gone()
        try:
            return self._reader().item(entry)
        except (ValueError, TypeError, AttributeError) as problem:
            raise self._malformed(ITEMS, str(problem)[:200]) from None

    @staticmethod
    def _gone():
        return errors.Gone(DELETED, params={"host": "Hacker News"})

    def _newest(self):
        """Return the largest id there is: a host that does not know it is not Hacker News."""
        newest = self._ask(ITEMS, "/maxitem.json")
        if isinstance(newest, bool) or not isinstance(newest, int):
            raise self._malformed(ITEMS, "maxitem")
        return newest

    def thread(self, item_id, identifiers):
        """See :meth:`Connector.thread`: what the item answers, up to the story, and what answers it."""
        root = identifier((identifiers or {}).get("story_id")) or item_id
        try:
            tree = self._ask(SEARCH, f"/items/{quote(root, safe='')}", actions={404: errors.Gone})
        except errors.Gone:
            return [self.lookup(item_id, identifiers)]
        if not isinstance(tree, dict):
            raise self._malformed(SEARCH, "items")
        found = self._reader().thread(tree, item_id, MOST_OF_A_THREAD)
        if not found:  # the index does not know it yet, or no longer
            return [self.lookup(item_id, identifiers)]
        return found

    def _user(self, name):
        if not _USER.fullmatch(name):
            return None
        user = self._ask(ITEMS, f"/user/{quote(name, safe='')}.json", actions={404: None})
        return user if isinstance(user, dict) and identifier(user.get("id")) else None

    def profile(self, handle):
        """See :meth:`Connector.profile`."""
        name = str(handle or "").strip()
        found = re.search(r"[?&]id=([A-Za-z0-9_-]+)", name)
        user = self._user(found.group(1) if found else name.lstrip("@"))
        return self._reader().author(identifier(user["id"])) if user else None
