"""Threads, through its own API.

Proved on published descriptions only, never on the live service: the collection of requests and answers in Meta's
sample app (github.com/fbsamples/threads_api) and the reference of developers.facebook.com ("Threads API", June 2026).
"""

from dataclasses import replace
from urllib.parse import quote

from . import errors
from .base import SEARCH_TOPICS, SEARCHES, Connector, Sentence, Setting, _
from .items import AuthorItem, Check, Counts, Figures, MentionItem, Page, Reject
from .meta import Graph
from .meta_items import number_of, username_of
from .meta_push import NOT_READABLE, VERIFY_TOKEN, MetaDeliveries
from .oauth import Authorization
from .registry import register
from .text import clean_line
from .threads_items import Reader, inner_id
from .threads_sending import ThreadsSending, length_of
from .values import count, identifier, web_url
from .walk import SAMPLE, Walks, oldest_first

HOST = "https://graph.threads.net"
POST = (
    "id,media_type,media_url,gif_url,permalink,username,text,timestamp,has_replies,is_quote_post,alt_text,"
    "link_attachment_url,topic_tag,profile_picture_url"
)
REPLY = f"{POST},is_reply,root_post,replied_to,hide_status"
PAGE = 50
#: Our newest posts beneath which replies are looked for; those beneath older ones arrive by push.
WATCHED = 6
#: Longest post ("Limitations"): emoji count as many characters as they have bytes.
LIMIT = 500
#: A token can be renewed from its second day until its end, after 60 ("Long-lived tokens").
RENEW_SECONDS = 20 * 86400

CAN_MENTIONS = _("Read posts that mention us")
CAN_REPLIES = _("Read replies to our posts")
CAN_SEARCH = _("Search for “%(name)s”")


@register
class Threads(ThreadsSending, MetaDeliveries, Walks, Graph, Connector):
    """Mentions, replies and searches of one account.  Threads has no private messages for others' programs."""

    code = "threads"
    label = "Threads"
    description = _("A Threads account: mentions, replies to our posts, and searches.")
    kind = "social"
    scope = "horizontal"
    service = "Threads"
    capabilities = frozenset(
        ("listen", "search", "thread", "lookup", "reply", "publish", "metrics", "moderate", "profile", "push")
    )
    graph = f"{HOST}/v1.0"
    post_fields = POST
    reply_fields = REPLY
    text_limit = LIMIT
    threads = True
    settle_seconds = 60
    moderations = frozenset({"hide", "unhide", "delete"})
    own_moderations = frozenset({"delete"})
    poll_seconds = (180, 3600)
    authorization = Authorization(
        authorize_url="https://threads.net/oauth/authorize",
        token_url=f"{HOST}/oauth/access_token",
        scopes=(
            "threads_basic", "threads_content_publish", "threads_manage_replies", "threads_read_replies",
            "threads_manage_mentions", "threads_manage_insights", "threads_keyword_search", "threads_delete",
            "threads_profile_discovery",
        ),
        scope_separator=",",
        pkce=False,
        refresh=False,
    )  # fmt: skip
    renew_seconds = RENEW_SECONDS
    guide = _(
        "Open developers.facebook.com and create an app with the use case “Access the Threads API”.\n"
        "In the use case, add all permissions, and enter the redirect address that is shown here under “Settings”.\n"
        "Copy the Threads app ID and the Threads app secret from there to this channel, and authorise.\n"
        "Accounts of people who have no role in the app, and searches among posts of others, need a review by Meta."
    )
    push_guide = _(
        "In the use case, add the webhooks and enter the address for deliveries and the verify token.\n"
        "Subscribe to the fields replies, mentions and delete."
    )
    settings = (
        Setting("client_id", _("Threads app ID"), _("Of the use case, under “Settings”."), required=True),
        Setting(
            "client_secret",
            _("Threads app secret"),
            _("Of the use case, under “Settings”."),
            required=True,
            secret=True,
        ),
        Setting("access_token", _("Access token"), _("Granted by authorising."), secret=True, granted=True),
        replace(SEARCHES, help=_("Words to search for, one search a line. Threads allows 2,200 searches a day.")),
        replace(SEARCH_TOPICS, default=False),
        VERIFY_TOKEN,
        Setting(
            "app_secret",
            _("App secret for push"),
            _("Of the whole app, under “Settings → Basic”: Meta signs with it. Empty: that of the use case is tried."),
            secret=True,
        ),
    )

    def __init__(self, http, settings, secrets=None):
        super().__init__(http, settings, secrets)
        self._account = {}

    @classmethod
    def length(cls, text):
        """See :meth:`Connector.length`."""
        return length_of(text)

    # --- access ---

    def get(self, path, params=None, token=None, judge=None):
        """See :meth:`Graph.get`; Threads documents its access as a parameter only."""
        return super().get(path, {**(params or {}), "access_token": token or self.token()}, token, judge)

    def send(self, method, path, data=None, token=None):
        """See :meth:`Graph.send`."""
        return super().send(method, path, {**(data or {}), "access_token": token or self.token()}, token)

    def _headers(self, token=None):
        return {"Accept": "application/json"}

    def granted(self, tokens):
        """See :meth:`Connector.granted`: exchanges the first token, which lasts an hour, for one of 60 days."""
        return self.lasting(
            f"{HOST}/access_token",
            {
                "grant_type": "th_exchange_token",
                "client_secret": self.secrets.get("client_secret") or "",
                "access_token": tokens.secrets["access_token"],
            },
            tokens.scopes,
        )

    def renewable(self):
        """See :meth:`Connector.renewable`."""
        return bool(self.token())

    def renew(self):
        """See :meth:`Connector.renew`."""
        params = {"grant_type": "th_refresh_token", "access_token": self.token()}
        return self.lasting(f"{HOST}/refresh_access_token", params)

    def account(self):
        """Return our own account."""
        if not self._account:
            found = self.get("me", {"fields": "id,username,name,threads_profile_picture_url"})
            if not identifier(found.get("id")) or not username_of(found.get("username")):
                raise self.unreadable("account without a name")
            self._account = found
        return self._account

    def my_name(self):
        """Return our own user name."""
        return username_of(self.account()["username"])

    # --- listening ---

    def walks(self, states, kept):
        """See :meth:`Walks.walks`."""
        name = username_of(kept.get("name")) or self.my_name()
        kept["name"] = name
        self._reader = Reader(name)
        yield "mentions", self.list_walk("me/mentions", {"fields": POST, "limit": PAGE}, states.get("mentions"))
        params = {"fields": POST, "limit": PAGE}
        first = self.get("me/threads", params)
        posts = self.page_of(first)[0]
        yield "threads", self.list_walk("me/threads", params, states.get("threads"), first)
        yield "replies", self.list_walk("me/replies", {"fields": REPLY, "limit": PAGE}, states.get("replies"))
        answered = [one for one in posts if one.get("has_replies") is not False][:WATCHED]
        try:
            params = {"fields": REPLY, "reverse": "true", "limit": PAGE}
            ready = []
            for post_id in (identifier(post["id"]) for post in answered):
                ready.append((post_id, self.get(f"{quote(post_id, safe='')}/conversation", params)))
            yield from self.inside("c:", ready, states, kept, "{}/conversation", params)
        except (errors.AccessDenied, errors.Gone) as problem:
            if isinstance(problem, errors.AccessDenied):
                self._postponed = self._postponed or problem
        for words in self.searches():
            params = {"q": words, "search_type": "RECENT", "fields": POST, "limit": PAGE}
            yield f"?{words}", self.list_walk("keyword_search", params, states.get(f"?{words}"))

    def finished(self, states, kept):
        """See :meth:`Walks.finished`."""
        self.note_tops(("c:",), states, kept)

    def read(self, name, entries):
        """See :meth:`Walks.read`."""
        inside = name.removeprefix("c:") if name.startswith("c:") else ""
        return self._reader.read(entries, "search" if name.startswith("?") else "own", inside)

    def check(self):
        """See :meth:`Connector.check`."""
        self._account = {}
        name = self.my_name()
        found = Check(account=f"@{name}", account_id=identifier(self.account()["id"]))
        reader = Reader(name)
        lists = (
            (CAN_MENTIONS, lambda: reader.read(self._first("me/mentions"))),
            (CAN_REPLIES, lambda: reader.read(self._first("me/threads"))),
        )
        self.try_lists(found, lists)
        found.can += [Sentence(CAN_SEARCH, name=words) for words in self.searches()]
        found.ok = CAN_REPLIES in found.can
        found.sample = found.sample[:SAMPLE]
        return found

    def _first(self, path):
        return self.page_of(self.get(path, {"fields": POST, "limit": SAMPLE}))[0]

    # --- single things ---

    def _one(self, item_id):
        """Return the post as it is now."""
        try:
            post = self.get(quote(item_id, safe=""), {"fields": REPLY})
        except (errors.Gone, errors.Misconfigured) as problem:
            self.get("me/mentions", {"fields": "id", "limit": 1})  # the permission that others' posts take
            self.prove_gone(problem, "me/replies")
        if identifier(post.get("id")) != item_id:
            raise self.unreadable("another post")
        return post

    def lookup(self, item_id, identifiers):
        """See :meth:`Connector.lookup`."""
        items, rejects = Reader(self.my_name()).read([self._one(item_id)])
        if not items:
            raise self.unreadable(rejects[0].error if rejects else "a repost")
        return items[0]

    def thread(self, item_id, identifiers):
        """See :meth:`Connector.thread`: the newest replies; Threads shows those beneath our own posts only."""
        post = self._one(item_id)
        root = inner_id(post, "root_post") or item_id
        entries = [post]
        try:
            if root != item_id:
                entries.append(self._one(root))
            params = {"fields": REPLY, "reverse": "true", "limit": 100}
            entries += self.page_of(self.get(f"{quote(root, safe='')}/conversation", params))[0]
        except (errors.AccessDenied, errors.Gone):
            pass  # a conversation of others: what was asked for is there all the same
        items = Reader(self.my_name()).read(entries, "own", root)[0]
        found = {item.external_id: item for item in items}
        return oldest_first(found.values())

    def metrics(self, things):
        """See :meth:`Connector.metrics`."""
        account = _insights(self.get("me/threads_insights", {"metric": "views,followers_count"}))
        found = Figures(followers=account.get("followers_count"), views=account.get("views"))
        for one, _kept in things:
            try:
                path = f"{quote(one, safe='')}/insights"
                seen = _insights(self.get(path, {"metric": "views,likes,replies,reposts,quotes"}))
            except (errors.Gone, errors.AccessDenied, errors.Misconfigured):
                continue  # figures are told of our own posts only
            shared = [seen[name] for name in ("reposts", "quotes") if seen.get(name) is not None]
            found.items[one] = Counts(
                views=seen.get("views"),
                likes=seen.get("likes"),
                shares=count(sum(shared)) if shared else None,
                replies=seen.get("replies"),
            )
        return found

    def profile(self, handle):
        """See :meth:`Connector.profile`."""
        name = username_of(handle.strip().rstrip("/").rpartition("/")[2])
        if not name:
            return None
        try:
            found = self.get("profile_lookup", {"username": name})
        except errors.Gone:
            return None
        if username_of(found.get("username")) != name:
            raise self.unreadable("another profile")
        return AuthorItem(
            name,
            name=clean_line(str(found.get("name") or ""), 200) or name,
            handle=f"@{name}",
            url=f"https://www.threads.com/@{name}",
            avatar_url=web_url(found.get("profile_picture_url")),
            followers=number_of(found.get("follower_count")),
        )

    # --- push ---

    def signing_secret(self):
        """See :meth:`MetaDeliveries.signing_secret`."""
        return (self.secrets.get("app_secret") or "").strip() or super().signing_secret()

    def parse_push(self, headers, body, now):
        """See :meth:`Connector.parse_push`."""
        sent = self.read_signed(headers, body)
        values = sent.get("values")
        if not isinstance(values, dict) or not isinstance(values.get("value"), dict):
            raise errors.Malformed(NOT_READABLE, "no value")
        page, value = Page(requests=0), values["value"]
        if values.get("field") == "delete" and identifier(value.get("id")):
            page.items.append(MentionItem(identifier(value["id"]), origin="own", deleted=True))
        elif values.get("field") in ("replies", "mentions"):
            root = value.get("root_post") if isinstance(value.get("root_post"), dict) else {}
            # an app is told of all of its accounts; a reply says beneath whose post it is
            owner, name = identifier(root.get("owner_id")), username_of(root.get("username"))
            if values["field"] == "mentions" or not self.account_id or owner in ("", self.account_id):
                page.items, page.rejects = Reader(name).read([value])
        elif not values.get("field"):
            page.rejects = [Reject(value, "delivery without a field")]
        return page


def _insights(answer):
    """Return ``{name: number}`` of figures: sums, or the last complete day of daily ones."""
    listed, found = answer.get("data"), {}
    for one in listed[:50] if isinstance(listed, list) else ():
        if not isinstance(one, dict) or not isinstance(one.get("name"), str):
            continue
        values, whole = one.get("values"), one.get("total_value")
        last = values[-1] if isinstance(values, list) and values else whole
        number = last.get("value") if isinstance(last, dict) else None
        if isinstance(number, int) and not isinstance(number, bool):
            found[one["name"]] = count(number)
    return found
