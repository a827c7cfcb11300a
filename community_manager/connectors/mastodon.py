"""Mastodon, and every server that speaks its API (Pleroma, Akkoma, GoToSocial, Pixelfed, snac…)."""

from collections import deque
from dataclasses import replace
from urllib.parse import quote, urlsplit

from . import errors
from .answer import UNREADABLE
from .base import SEARCH_TOPICS, SEARCHES, Connector, Sentence, Setting, _
from .items import Check, Page, Reject
from .mastodon_account import MISSING_SCOPE, Account
from .mastodon_items import Reader, status_id_of
from .mastodon_sending import Sending
from .mastodon_streams import SAID, TO_US
from .mastodon_streams import streams as streams_of
from .oauth import Authorization
from .registry import register
from .timeline import Timeline
from .typed_address import server_address
from .values import digest, identifier

SAMPLE = 10
#: A post stands in several lists: this many are remembered during a run, so that it is handed over once.
TOLD = 1000

NOTHING_TO_READ = _("Enter an access token, or at least one hashtag to follow without one.")
MISSING_OTHER = _("“%(what)s” is not possible: %(why)s")


@register
class Mastodon(Sending, Account, Connector):
    """Mentions, private conversations, home timeline, hashtags and searches of one account on one server.

    Every list keeps a position of its own, and the lists take turns, page by page, so that a busy hashtag does not
    keep a private message waiting.  Without a token only hashtags can be followed, where the server lets everybody
    read.
    """

    code = "mastodon"
    label = "Mastodon"
    description = _("Any server with the Mastodon API: mentions, private messages, timelines, hashtags and searches.")
    kind = "social"
    scope = "horizontal"
    capabilities = frozenset(
        {
            "listen", "search", "thread", "lookup", "reply", "message", "publish", "moderate", "metrics", "profile"
        }
    )  # fmt: skip
    #: What every server takes by default; larger servers say so, smaller ones refuse.
    text_limit = 500
    threads = True
    #: Servers keep keys for up to an hour (documentation of POST /api/v1/statuses); half of it leaves them room.
    repeat_seconds = 1800
    moderations = frozenset({"delete", "report", "mute", "ban"})
    own_moderations = frozenset({"delete"})
    poll_seconds = (60, 1800)
    guide = _(
        "Enter the server of your account.\n"
        "Choose “Authorise” and confirm on the server that this desk may read and write for the account.\n"
        "Or by hand: on the server open Preferences → Development → New application, with the permissions “read” and "
        "“write”, and copy “Your access token”.\n"
        "Without access only public hashtags can be followed."
    )
    authorization = Authorization(
        authorize_url="",  # on the server of the account, see endpoints()
        token_url="",
        scopes=("read", "write:statuses", "write:mutes", "write:blocks", "write:reports"),
        dynamic=True,
    )
    settings = (
        Setting(
            "server",
            _("Server"),
            _("The server where the account lives. In the address @ana@mastodon.social it is the last part."),
            kind="url",  # what is entered for one server is never sent to another
            required=True,
            placeholder="mastodon.social",
        ),
        Setting(
            "access_token",
            _("Access token"),
            _(
                "Comes by authorising. By hand: Preferences → Development → New application on the server, with the "
                "permissions “read” and “write”. Without one, only public hashtags can be followed."
            ),
            secret=True,
        ),
        Setting("refresh_token", _("Refresh token"), secret=True, granted=True),
        Setting("client_id", _("Client ID"), secret=True, granted=True),
        Setting("client_secret", _("Client secret"), secret=True, granted=True),
        Setting(
            "hashtags",
            _("Hashtags"),
            _("Hashtags to follow, one a line, with or without #."),
            kind="text",
            placeholder="#acme",
        ),
        replace(
            SEARCHES,
            help=_(
                "Words to search for, one search a line. Not every server can search; only posts it knows are found."
            ),
        ),
        SEARCH_TOPICS,
        Setting(
            "home",
            _("Read the home timeline"),
            _("Also look at what the accounts say that ours follows; posts without a topic are not kept."),
            kind="bool",
            default=False,
        ),
    )

    def __init__(self, http, settings, secrets=None):
        super().__init__(http, settings, secrets)
        self._base = ""
        self._counted = getattr(http, "requests", 0)
        self._rejects = []
        self._known = {}

    # --- requests ---

    @property
    def base(self):
        """Address of the server.

        :raises errors.Misconfigured: the setting holds none
        """
        if not self._base:
            self._base = server_address(self.values.get("server"))
        return self._base

    @property
    def realm(self):
        """Within what the ids of posts are known: the server."""
        return urlsplit(self.base).netloc

    @property
    def _token(self):
        return (self.secrets.get("access_token") or "").strip()

    def _ask(self, method, path, public=False, headers=None, **options):
        headers = {"Accept": "application/json", **(headers or {})}
        if self._token and not public:
            headers["Authorization"] = f"Bearer {self._token}"
        return self.http.request(method, self.base + path, headers=headers, **options)

    def _get(self, path, params=None, actions=None):
        return self._ask("GET", path, params=params, actions=actions)

    def _streams(self):
        return streams_of(self.values, self._token, self.searches())

    def _malformed(self, detail):
        return errors.Malformed(UNREADABLE, detail, params={"host": urlsplit(self.base).hostname})

    def _list(self, stream, params):
        """Return a page of a list; ``None`` when the server is not ready to give it."""
        response = self._get(stream.path, {**dict(stream.params), **params}, dict.fromkeys(stream.absent))
        if response.status in stream.absent:
            return []
        if response.status == 206:  # the home timeline is being built again
            return None
        entries = response.json()
        if stream.name.startswith("search:") and isinstance(entries, dict):
            entries = entries.get("statuses")
        if not isinstance(entries, list):
            raise self._malformed(f"{stream.path}: {type(entries).__name__} instead of a list")
        good = []
        for entry in entries:
            if isinstance(entry, dict) and self._key(entry):
                good.append(entry)
            elif not isinstance(entry, dict) or "last_status" not in entry:
                self._rejects.append(Reject(entry, "entry without an id"))
        return good

    @staticmethod
    def _key(entry):
        """Return the id by which a list is paged; that of a conversation is its last status."""
        if "last_status" in entry:
            entry = entry["last_status"]
            if not isinstance(entry, dict):
                return ""
        return status_id_of(entry.get("id"))

    @staticmethod
    def _mark(entry):
        """Return when an entry was last edited."""
        edited = entry.get("edited_at")
        if edited is None and ("type" not in entry or "status" not in entry):
            status = entry.get("last_status") or entry.get("reblog")
            edited = status.get("edited_at") if isinstance(status, dict) else None
        return edited[:40] if isinstance(edited, str) else ""

    def _reader(self, site, me):
        # snac calls every post English.
        return Reader(self.realm, site.get("domain") or self.realm, me, "snac" not in site.get("software", ""))

    def _know(self, cursor=None):
        """Return what is known of the server and of ourselves, asking for what is not."""
        cursor = cursor or self._known
        site = cursor.get("site") or {}
        if "keys" not in site:
            site = self._instance()
        me = cursor.get("me") or {}
        access = digest("mastodon", self._token, length=12) if self._token else ""
        if not self._token:
            me = {}
        elif me.get("access") != access:
            account = self._account()
            name = self._reader(site, "").account_name(account)
            me = {"id": identifier(account.get("id")), "name": name, "access": access}
        self._known = {"site": site, "me": me}
        return site, me

    # --- the contract ---

    def check(self):
        """See :meth:`Connector.check`: asks every list once, for what a permission does not cover answers 403."""
        streams = self._streams()
        if not streams:
            raise errors.Misconfigured(NOTHING_TO_READ)
        site = self._instance()
        found = Check()
        me = ""
        if self._token:
            account = self._account()
            me = self._reader(site, "").account_name(account)
            found.account, found.account_id = "@" + me, identifier(account.get("id"))
        reader = self._reader(site, me)
        for stream in streams:
            try:
                entries = self._list(stream, {"limit": SAMPLE}) or []
            except errors.AccessDenied:
                found.missing.append(Sentence(MISSING_SCOPE, what=stream.sentence, scope=stream.scope))
                continue
            except (errors.AccessExpired, errors.Misconfigured, errors.Malformed) as problem:
                if stream.name == "notifications" or isinstance(problem, errors.ForbiddenAddress):
                    raise
                found.missing.append(Sentence(MISSING_OTHER, what=stream.sentence, why=problem))
                continue
            found.can.append(stream.sentence)
            found.sample += reader.read(self._statuses(entries), stream.origin)[0]
        if self._token:
            self._check_saying(found)
        found.ok = bool(found.can)
        seen = {item.external_id: item for item in found.sample}
        found.sample = list(seen.values())[:SAMPLE]
        return found

    def _statuses(self, entries):
        """Yield ``(status, origin or None)`` of the entries of any list."""
        for entry in entries:
            if "type" in entry and "account" in entry and "content" not in entry:
                kind = entry["type"]
                if not isinstance(kind, str):
                    self._rejects.append(Reject(entry, "notification of no known kind", self._key(entry)))
                elif kind in SAID and entry.get("status") is not None:
                    yield entry["status"], "own" if kind in TO_US else None
            elif "last_status" in entry:
                yield entry["last_status"], "own"
            else:
                yield entry, None

    def listen(self, cursor):
        """See :meth:`Connector.listen`.  A list that is not allowed does not keep the others from being read."""
        streams = self._streams()
        if not streams:
            raise errors.Misconfigured(NOTHING_TO_READ)
        site, me = self._know(cursor)
        reader = self._reader(site, me.get("name", ""))
        states = {stream.name: cursor.get("streams", {}).get(stream.name) for stream in streams}
        kept = {"site": site, "me": me}

        def resume():
            return {**kept, "streams": {name: state for name, state in states.items() if state is not None}}

        turns = deque()
        for stream in streams:
            timeline = Timeline(
                lambda params, stream=stream: self._list(stream, params),
                self._key, self._mark, states[stream.name], stream.way,
            )  # fmt: skip
            turns.append((stream, timeline, timeline.pages()))
        postponed, told = None, {}
        while turns:
            stream, timeline, pages = turns.popleft()
            try:
                entries, more = next(pages)
            except StopIteration:
                continue
            except (errors.AccessDenied, errors.Misconfigured, errors.Malformed, errors.TooLarge) as problem:
                if isinstance(problem, errors.ForbiddenAddress):
                    raise
                postponed = postponed or problem
                continue
            states[stream.name] = timeline.state
            if more:
                turns.append((stream, timeline, pages))
            items, rejects = reader.read(self._statuses(entries), stream.origin)
            items = [item for item in items if told.get(item.external_id, "") != item.edited_at]
            told.update((item.external_id, item.edited_at) for item in items)
            while len(told) > TOLD:
                del told[next(iter(told))]
            yield self._page(items, rejects, resume(), bool(turns))
        if self.http.requests > self._counted or self._rejects:
            yield self._page([], [], resume(), False)
        if postponed:
            raise postponed

    def _page(self, items, rejects, cursor, more):
        """Return a page that also accounts for the requests and the unreadable entries since the last one."""
        asked, self._counted = self.http.requests - self._counted, self.http.requests
        unreadable, self._rejects = self._rejects, []
        return Page(items, cursor, more, asked, rejects + unreadable)

    def _one(self, item_id):
        """Return a status as the server has it now.

        :raises errors.Gone: the server says that it is not there
        """
        path = "/api/v1/statuses/" + quote(item_id, safe="")
        try:
            status = self._get(path, actions={404: errors.Gone, 410: errors.Gone}).json()
        except errors.Gone:
            # A host without any such server also says 404, to everything: that is no deletion.
            self._instance()
            raise
        if not isinstance(status, dict):
            raise self._malformed("status")
        return status

    def _read_one(self, reader, status):
        items, rejects = reader.read([(status, None)], "search")
        if rejects:
            raise self._malformed(rejects[0].error)
        return items[0]

    def lookup(self, item_id, identifiers):
        """See :meth:`Connector.lookup`."""
        site, me = self._know()
        return self._read_one(self._reader(site, me.get("name", "")), self._one(item_id))

    def thread(self, item_id, identifiers):
        """See :meth:`Connector.thread`.  The conversation is known by its first post that we may see."""
        site, me = self._know()
        reader = self._reader(site, me.get("name", ""))
        item = self._read_one(reader, self._one(item_id))
        path = f"/api/v1/statuses/{quote(item_id, safe='')}/context"
        context = self._get(path).json()
        if not isinstance(context, dict):
            raise self._malformed("context")
        around = []
        for side in ("ancestors", "descendants"):
            statuses = context.get(side)
            pairs = [(status, None) for status in statuses] if isinstance(statuses, list) else []
            around.append(reader.read(pairs, "search")[0])
        found = {one.external_id: one for one in (*around[0], item, *around[1])}
        root = next(iter(found))
        for one in found.values():
            one.conversation_id = root
        return list(found.values())
