"""X (formerly Twitter), through version 2 of its API.

Proved on published descriptions only, never on the live service: the schema in PyPI xdk 0.10.6, and the reference
pages and sample payloads of docs.x.com (August 2026).
"""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from urllib.parse import quote

from . import errors
from .base import SEARCH_TOPICS, SEARCHES, Connector, Sentence, Setting, _
from .items import Check, Figures, Reject
from .oauth import Authorization
from .registry import register
from .values import identifier
from .walk import SAMPLE, Walk, Walks
from .x_api import API, MESSAGE_FIELDS, MESSAGE_READ, POST_READ, TWEET_WORDS, USER_READ, XApi, gone, unreadable
from .x_items import Reader, author_of, by_id, counts, figure, id_at, number_of
from .x_push import SIGNATURE, XPush
from .x_sending import XSending
from .x_text import has_url, weighted_length

#: Entries in a page, and on the first one: "max_results" may be 5 to 100 (10 to 100 for searches).
PAGE = 100
FIRST_PAGE = 20
#: A mention is in the lists within seconds; two minutes are looked back for late ones.  Milliseconds stand above 22
#: other bits of an id.
LATE = 120_000 << 22
#: Recent search reaches back seven days; ``since_id`` must not be older.
SEARCH_REACHES = timedelta(days=7) - timedelta(minutes=10)
#: Longest query of a self-serve account (docs.x.com, "Build a query").
QUERY = 512
#: Posts that one look-up takes.
IDS = 100
#: Longest direct message (help.x.com, "About Direct Messages"), in characters.
MESSAGE = 10_000
#: US$ (docs.x.com, "Pricing", August 2026).
CREATE = 0.015
CREATE_WITH_URL = 0.200
#: An answer to whoever mentioned or quoted us, the only ones that self-serve accounts may answer since February 2026.
CREATE_SUMMONED = 0.010

CAN_MENTIONS = _("Read who mentions or answers us")
CAN_MESSAGES = _("Read and answer direct messages")
CAN_SEARCH = _("Search for “%(name)s”")
QUERY_TOO_LONG = _("The search “%(name)s” is longer than the %(limit)s characters that X takes.")
#: X answers about single things with these when they are not there.
_GONE = {404: errors.Gone, 410: errors.Gone}


def _place(entry):
    return number_of(entry.get("id"))


def _not_found(problem):
    kind = problem.get("type") if isinstance(problem, dict) else None
    return isinstance(kind, str) and kind.endswith("/resource-not-found")


@register
class X(XPush, XSending, XApi, Walks, Connector):
    """Mentions, answers, direct messages and searches of one account."""

    code = "x"
    label = "X"
    description = _("Mentions, answers, direct messages and searches on X, formerly Twitter.")
    kind = "social"
    scope = "horizontal"
    capabilities = frozenset(
        {
            "listen",
            "search",
            "thread",
            "lookup",
            "reply",
            "message",
            "publish",
            "metrics",
            "moderate",
            "profile",
            "push",
        }
    )
    text_limit = 280
    threads = True
    message_limit = MESSAGE
    ways_of_direct = ("message",)
    settle_seconds = 60
    moderations = frozenset({"hide", "unhide", "delete", "mute"})
    own_moderations = frozenset({"delete"})
    poll_seconds = (300, 7200)
    cost_note = _(
        "X charges for what is read: US$ 0.005 for a post, US$ 0.010 for a direct message and for a profile, each once "
        "a day; and for what is sent: US$ 0.010 for an answer, US$ 0.015 for a message or a post, US$ 0.200 for a post "
        "with an address in it."
    )
    currency = "USD"
    send_cost = CREATE
    push_headers = (SIGNATURE,)
    push_answers = {"accepted": (200, ""), "duplicate": (200, "")}
    authorization = Authorization(
        authorize_url="https://x.com/i/oauth2/authorize",
        token_url=f"{API}/2/oauth2/token",
        scopes=(
            "tweet.read", "tweet.write", "tweet.moderate.write", "users.read", "dm.read", "dm.write", "mute.write",
            "offline.access",
        ),
        client_auth="basic",
    )  # fmt: skip
    #: Access lasts two hours.
    renew_seconds = 1200
    guide = _(
        "Open the developer console of X (console.x.com), buy credit and create a project with an app in it.\n"
        "In the app, under “User authentication settings”, choose read and write and direct message, the type “Web "
        "App, Automated App or Bot”, and enter the redirect address that is shown here.\n"
        "Copy the client ID and the client secret from “Keys and tokens” to this channel, and authorise.\n"
        "To be told at once instead of asking now and then, also copy the API key and its secret from there.\n"
        "Know that X lets accounts without an Enterprise contract answer only posts that mention or quote them."
    )
    settings = (
        Setting("client_id", _("Client ID"), _("Of the app, under “Keys and tokens”."), required=True),
        Setting(
            "client_secret",
            _("Client secret"),
            _("Of the app, next to the client ID. Leave it empty for an app that is a public client."),
            secret=True,
        ),
        Setting("access_token", _("Access token"), _("Granted by authorising."), secret=True, granted=True),
        Setting("refresh_token", _("Refresh token"), _("Renews the access."), secret=True, granted=True),
        SEARCHES,
        replace(
            SEARCH_TOPICS,
            default=False,
            help=_(
                "Also search for the keywords of the topics that this channel listens for. X charges for every post "
                "that is found."
            ),
        ),
        Setting(
            "messages",
            _("Read direct messages"),
            _("Direct messages to the account are read and can be answered."),
            kind="bool",
            default=True,
        ),
        Setting("api_key", _("API key"), _("Of the app, under “Keys and tokens”; only needed for push.")),
        Setting(
            "api_secret", _("API key secret"), _("X signs with it what it pushes; only needed for push."), secret=True
        ),
    )

    @classmethod
    def length(cls, text):
        """See :meth:`Connector.length`."""
        return weighted_length(text)

    @classmethod
    def cost_of(cls, outgoing):
        """See :meth:`Connector.cost_of`."""
        if outgoing.way == "reply":
            return CREATE_SUMMONED
        return CREATE_WITH_URL if outgoing.way == "publish" and has_url(outgoing.text) else CREATE

    def endpoints(self):
        """See :meth:`Connector.endpoints`: an app without a secret is a public client."""
        return (
            self.authorization if self.secrets.get("client_secret") else replace(self.authorization, client_auth="none")
        )

    # --- listening ---

    def _query(self, words):
        """Return the query for some words.

        :raises errors.Misconfigured: it is too long
        """
        query = f"({words}) -is:retweet"
        if len(query) > QUERY:
            raise errors.Misconfigured(QUERY_TOO_LONG, params={"name": words[:80], "limit": QUERY - 15})
        return query

    def _list(self, path, params, price, known):
        """Return a function that fetches pages of a list."""

        def fetch(token, floor):
            # messages cannot be asked for from one on: what is read again is charged again every day
            few = not token and ("event_types" in params or not known)
            asked = {**params, "max_results": FIRST_PAGE if few else PAGE}
            reaches = "query" not in params or floor > id_at(datetime.now(UTC) - SEARCH_REACHES)
            # an older one would be refused by searches, which reach no further anyway; messages know none
            if floor and reaches and "event_types" not in params:
                asked["since_id"] = str(floor)
            if token:
                asked["next_token" if "query" in params else "pagination_token"] = token
            ask = self._get if "event_types" in params else self._get_posts
            answer = ask(path, asked)
            meta = answer.get("meta")
            if not isinstance(meta, dict) and "data" not in answer:
                raise unreadable(path)
            following = meta.get("next_token") if isinstance(meta, dict) else ""
            return self._entries(answer, price), following[:2000] if isinstance(following, str) else ""

        return fetch

    def _entries(self, answer, price):
        """Return ``(entry, includes)`` pairs of an answer, newest first."""
        listed = answer.get("data", [])
        if not isinstance(listed, list):
            raise unreadable("data is no list")
        good = []
        for entry in listed[:PAGE]:
            if isinstance(entry, dict) and number_of(entry.get("id")):
                good.append(entry)
            else:
                self._rejects.append(Reject(entry, "entry without an id"))
        includes = self._includes(answer, price, good)
        good.sort(key=_place, reverse=True)
        return [(entry, includes) for entry in good]

    def _walk(self, path, params, price, state):
        return Walk(
            self._list(path, params, price, state is not None),
            key=lambda pair: pair[0]["id"],
            place=lambda pair: _place(pair[0]),
            mark=lambda pair: "",
            margin=LATE,
            state=state,
        )

    def walks(self, states, kept):
        """See :meth:`Walks.walks`."""
        self._listening = True
        self._remember_paid(kept)
        me = self.account_id or identifier(kept.get("me")) or self.my_id()
        kept["me"] = me
        self._kept = kept
        self._reader = Reader(me)
        yield "mentions", self._walk(f"/2/users/{quote(me, safe='')}/mentions", {}, POST_READ, states.get("mentions"))
        if self.values.get("messages"):
            yield "messages", self._walk("/2/dm_events", MESSAGE_FIELDS, MESSAGE_READ, states.get("messages"))
        for words in self.searches():
            name = f"search {words}"
            try:
                params = {"query": self._query(words), "sort_order": "recency"}
            except errors.Misconfigured as problem:
                self._postponed = self._postponed or problem
                continue
            yield name, self._walk("/2/tweets/search/recent", params, POST_READ, states.get(name))

    def read(self, name, entries):
        """See :meth:`Walks.read`."""
        self._kept["paid"] = list(self._paid)
        return self._reader.read(entries, "search" if name.startswith("search ") else "own")

    def check(self):
        """See :meth:`Connector.check`: asks for mentions and messages once."""
        me = author_of(self.me())
        found = Check(account=me.handle or me.name, account_id=me.external_id)
        reader = Reader(me.external_id)

        def some(ask, path, params, price):
            return reader.read(self._entries(ask(path, {**params, "max_results": SAMPLE}), price), "own")

        mentions = f"/2/users/{quote(me.external_id, safe='')}/mentions"
        lists = [(CAN_MENTIONS, lambda: some(self._get_posts, mentions, {}, POST_READ))]
        if self.values.get("messages"):
            lists.append((CAN_MESSAGES, lambda: some(self._get, "/2/dm_events", MESSAGE_FIELDS, MESSAGE_READ)))
        self.try_lists(found, lists)
        found.can += [Sentence(CAN_SEARCH, name=words) for words in self.searches()]
        found.ok = CAN_MENTIONS in found.can
        found.sample = found.sample[:SAMPLE]
        return found

    # --- single things ---

    def _one(self, item_id, identifiers):
        """Return the item of a post or message as it is now."""
        post_id = identifier(identifiers.get("id")) or item_id
        message = bool(identifiers.get("dm_conversation_id"))
        path = f"/2/{'dm_events' if message else 'tweets'}/{quote(post_id, safe='')}"
        fields = {name: value for name, value in MESSAGE_FIELDS.items() if name != "event_types"}
        try:
            answer = self._get(path, fields, _GONE) if message else self._get_posts(path, {}, _GONE)
        except errors.Gone:
            # A host that says 404 to everything is not X any more.
            self._user = {}
            self.me()
            raise
        entry = answer.get("data")
        if not isinstance(entry, dict):
            problems = answer.get("errors")
            if isinstance(problems, list) and any(_not_found(problem) for problem in problems):
                raise gone()
            raise unreadable(path)
        items, rejects = Reader(self.my_id()).read([(entry, self._includes(answer, POST_READ, [entry]))], "search")
        if not items:
            raise unreadable(rejects[0].error if rejects else "a repost")
        return items[0]

    def lookup(self, item_id, identifiers):
        """See :meth:`Connector.lookup`."""
        return self._one(item_id, identifiers)

    def thread(self, item_id, identifiers):
        """See :meth:`Connector.thread`; X finds the posts of the last seven days."""
        item = self._one(item_id, identifiers)
        found = {item.external_id: item}
        if item.visibility == "direct":
            path = f"/2/dm_conversations/{quote(item.conversation_id, safe='')}/dm_events"
            answer, price = self._get(path, {**MESSAGE_FIELDS, "max_results": PAGE}), MESSAGE_READ
        else:
            if item.conversation_id and item.conversation_id != item.external_id:
                try:
                    root = self._one(item.conversation_id, {})
                    found[root.external_id] = root
                except errors.Gone:
                    pass  # the rest of the conversation is still there
            query = f"conversation_id:{item.conversation_id or item.external_id}"
            answer = self._get_posts("/2/tweets/search/recent", {"query": query, "max_results": PAGE})
            price = POST_READ
        for one in Reader(self.my_id()).read(self._entries(answer, price), "search")[0]:
            found.setdefault(one.external_id, one)
        return sorted(found.values(), key=lambda one: number_of(one.external_id))

    def metrics(self, things):
        """See :meth:`Connector.metrics`."""
        self._user = {}
        account = self.me().get("public_metrics")
        found = Figures(figure(account, "followers_count"), figure(account, "tweet_count", "post_count"))
        wanted = {identifier(kept.get("id")) or one: one for one, kept in things if not kept.get("dm_conversation_id")}
        ids = [one for one in wanted if number_of(one)]
        for start in range(0, len(ids), IDS):
            answer = self._get_posts("/2/tweets", {"ids": ",".join(ids[start : start + IDS])})
            for post_id, post in by_id(answer.get("data")).items():
                if post_id in wanted:
                    found.items[wanted[post_id]] = counts(post)
        return found

    def profile(self, handle):
        """See :meth:`Connector.profile`."""
        name = handle.strip().rstrip("/").rpartition("/")[2].lstrip("@")
        if not (name.isascii() and name.replace("_", "a").isalnum() and len(name) <= 15):
            return None
        fields = {"user.fields": TWEET_WORDS["user.fields"]}
        try:
            answer = self._get(f"/2/users/by/username/{name}", fields, {404: errors.Gone})
        except errors.Gone:
            return None
        user = answer.get("data")
        if not isinstance(user, dict):
            if isinstance(answer.get("errors"), list):
                return None
            raise unreadable("user")
        if not identifier(user.get("id")):
            raise unreadable("user without an id")
        self._charge({identifier(user.get("id"))}, USER_READ)
        return author_of(user)
