"""Bluesky, and every other server of the AT Protocol that shows its posts."""

from dataclasses import replace
from itertools import islice
from operator import itemgetter

from . import errors
from .base import SEARCH_TOPICS, SEARCHES, Connector, Sentence, Setting, _
from .bluesky_api import NOT_THERE, BlueskyApi
from .bluesky_chat import Chat, ChatLog
from .bluesky_items import MESSAGE_ID, counts, post_uri
from .bluesky_sending import Sending, actor, conversation_of
from .bluesky_text import milliseconds
from .items import Check, Figures, MentionItem, Reject
from .media import MEGABYTE, PICTURES, Media
from .registry import register
from .values import count, identifier, moment
from .walk import Walk, Walks

#: Entries in a page; the lists give 100 at most.
PAGE = 50
SAMPLE = 10
#: The network sorts by when something was written, if that is not later than when it was seen: what other servers
#: bring late stands further back.  One hour is looked back in notifications, half an hour in searches; milliseconds.
LATE = 60 * 60 * 1000
LATE_FOUND = 30 * 60 * 1000
#: What a notification may bring that somebody said to us.
REASONS = ("mention", "reply", "quote")
#: Answers below, and posts above, that are read around a post (app.bsky.feed.getPostThread gives 1000 of either), and
#: the most posts of one conversation.
DEPTH = 30
HEIGHT = 100
CONVERSATION = 500

CAN_MENTIONS = _("Read who mentions, answers or quotes us")
CAN_SAY = _("Answer and publish")
CAN_MESSAGES = _("Read and answer private messages")
CAN_OWN = _("Read what we publish ourselves")
CAN_SEARCH = _("Search for “%(name)s”")
NOT_POSSIBLE = _("“%(what)s” is not possible: %(why)s")


@register
class Bluesky(Sending, Chat, BlueskyApi, Walks, Connector):
    """Mentions, answers, private messages and searches of one account."""

    code = "bluesky"
    label = "Bluesky"
    description = _("Mentions, answers, private messages and searches on Bluesky.")
    kind = "social"
    scope = "horizontal"
    capabilities = frozenset(
        {"listen", "search", "thread", "lookup", "reply", "message", "publish", "metrics", "moderate", "profile"}
    )
    #: Graphemes (app.bsky.feed.post; chat.bsky.convo.defs#messageInput).
    text_limit = 300
    message_limit = 1000
    ways_of_direct = ("message",)
    threads = True
    #: app.bsky.embed.images: four, of 1,000,000 bytes each; a private message takes none.
    media = Media(most=4, mimetypes=PICTURES, largest=MEGABYTE, alt=True, ways=("reply", "publish"))
    settle_seconds = 5
    moderations = frozenset({"hide", "unhide", "delete", "report", "ban", "mute"})
    own_moderations = frozenset({"delete"})
    poll_seconds = (60, 1800)
    #: A session lasts two hours.
    renew_seconds = 900
    guide = _(
        "On Bluesky, open Settings → Privacy and security → App passwords, with the account that shall answer.\n"
        "Add an app password; allow access to direct messages if this channel shall read and answer them.\n"
        "Copy it at once, for it is shown only then, and enter it here with the handle of the account."
    )
    settings = (
        Setting(
            "identifier",
            _("Handle"),
            _("Of the account, as in acme.bsky.social, with or without @."),
            required=True,
            placeholder="acme.bsky.social",
        ),
        Setting(
            "app_password",
            _("App password"),
            _("From Settings → Privacy and security → App passwords; it looks like xxxx-xxxx-xxxx-xxxx."),
            secret=True,
            required=True,
        ),
        replace(SEARCHES, help=_("Words to search for, one search a line, as in Bluesky's own search.")),
        SEARCH_TOPICS,
        Setting(
            "messages",
            _("Read private messages"),
            _("The app password must be allowed to reach direct messages."),
            kind="bool",
            default=False,
        ),
        Setting(
            "own_posts",
            _("Keep what we publish ourselves"),
            _("Also what is published from elsewhere, so that it is in the history."),
            kind="bool",
            default=False,
        ),
        Setting(
            "service",
            _("Server"),
            _("Only for accounts that live on another server than Bluesky's own."),
            kind="url",
            default="https://bsky.social",
            placeholder="https://bsky.social",
        ),
    )

    # --- listening ---

    def walks(self, states, kept):
        """See :meth:`Walks.walks`."""
        for name, fetch, late in self._lists():
            yield name, Walk(fetch, itemgetter("uri"), _place, _mark, late, states.get(name))
        if self.values.get("messages"):
            yield "messages", ChatLog(self, states.get("messages"))

    def _lists(self):
        """Yield (name, fetch, how late entries may appear) of every list."""
        asked = {"reasons": REASONS}
        yield "notifications", self._list("app.bsky.notification.listNotifications", asked, "notifications"), LATE
        if self.values.get("own_posts"):
            asked = {"actor": self.me, "filter": "posts_with_replies"}
            yield "own", self._list("app.bsky.feed.getAuthorFeed", asked, "feed"), LATE
        for words in self.searches():
            asked = {"q": words, "sort": "latest"}
            yield f"search:{words}", self._list("app.bsky.feed.searchPosts", asked, "posts"), LATE_FOUND

    def _list(self, name, asked, field):
        """Return a function from the mark of a page to (entries, mark of the next page)."""

        def fetch(mark, _place):
            params = {**asked, "limit": PAGE} | ({"cursor": mark} if mark else {})
            answer = self._get(name, params)
            entries = []
            for entry in self._entries(answer, field):
                if field == "feed":
                    if isinstance(entry, dict) and entry.get("reason") is not None:
                        continue  # something of others that we shared
                    entry = entry.get("post") if isinstance(entry, dict) else entry
                elif field == "notifications" and isinstance(entry, dict) and entry.get("reason") not in REASONS:
                    continue
                if isinstance(entry, dict) and _key(entry):
                    entries.append(entry)
                else:
                    self._rejects.append(Reject(entry, "entry without the address of a post"))
            return entries, identifier(answer.get("cursor"))

        return fetch

    def read(self, name, entries):
        """See :meth:`Walks.read`."""
        if name == "messages":
            return self.read_messages(entries)
        if name == "notifications":
            # They tell no addresses of pictures.
            pictured = [
                one["uri"] for one in entries if isinstance(one.get("record"), dict) and one["record"].get("embed")
            ]
            views = self._views(pictured) if pictured else {}
            entries = [views.get(one["uri"], one) for one in entries]
        return self._reader().read(entries, "own" if name in ("notifications", "own") else "search")

    def check(self):
        """See :meth:`Connector.check`."""
        self.account_id = ""
        if not self._fits():
            self.secrets.update(self.renew().secrets)
        reader = self._reader()
        profile = self._profile_of(self.me) or {"did": self.me}
        author = reader.author({**profile, "did": self.me})
        found = Check(account=author.handle or author.name, account_id=self.me)
        for name, fetch, _late in self._lists():
            label = name.partition(":")[2]
            says = {"notifications": Sentence(CAN_MENTIONS), "own": Sentence(CAN_OWN)}.get(name)
            says = says or Sentence(CAN_SEARCH, name=label)
            try:
                entries = fetch("", 0)[0]
                found.sample += self.read(name, entries[:SAMPLE])[0]
            except (errors.AccessDenied, errors.Misconfigured) as problem:
                found.missing.append(Sentence(NOT_POSSIBLE, what=says, why=problem.message))
            else:
                found.can.append(says)
        found.can.append(CAN_SAY)
        if self.values.get("messages"):
            try:
                found.sample += self.read_messages(ChatLog(self).last_messages())[0]
                found.can.append(CAN_MESSAGES)
            except (errors.AccessDenied, errors.Misconfigured) as problem:
                found.missing.append(Sentence(NOT_POSSIBLE, what=CAN_MESSAGES, why=problem.message))
        found.sample = list({item.external_id: item for item in found.sample}.values())[:SAMPLE]
        return found

    # --- looking again ---

    def lookup(self, item_id, identifiers):
        """See :meth:`Connector.lookup`."""
        if MESSAGE_ID.fullmatch(item_id):
            return self._lookup_message(item_id)
        items, rejects = self._reader().read([self._one(item_id)], "search")
        if rejects:
            raise self._malformed(rejects[0].error)
        return items[0]

    def _lookup_message(self, item_id):
        """Return a private message; one that is too far back to be seen is left as it is."""
        conversation, wanted = conversation_of(item_id)
        for view in self._messages(conversation):
            if view.get("id") == wanted:
                items, rejects = self.read_messages([(conversation, view, {})])
                if rejects:
                    raise self._malformed(rejects[0].error)
                if items and not items[0].deleted:
                    return items[0]
                raise errors.Gone(NOT_THERE)
        return MentionItem(item_id, kind="message", visibility="direct", origin="own", partial=True)

    def thread(self, item_id, identifiers):
        """See :meth:`Connector.thread`."""
        if MESSAGE_ID.fullmatch(item_id):
            conversation = conversation_of(item_id)[0]
            views = list(islice(self._messages(conversation), PAGE))
            return self.read_messages([(conversation, view, {}) for view in reversed(views)])[0]
        asked = {"uri": item_id, "depth": DEPTH, "parentHeight": HEIGHT}

        def judge(error, _sentence, response):
            return errors.Gone(NOT_THERE) if error == "NotFound" and response.status == 400 else None

        try:
            top = self._get("app.bsky.feed.getPostThread", asked, judge=judge).get("thread")
        except errors.Gone:
            top = None
        if not isinstance(top, dict) or not isinstance(top.get("post"), dict):
            # Deleted, or only blocked: the record tells.
            return [self.lookup(item_id, identifiers)]
        above, below, step = [], [], top.get("parent")
        while isinstance(step, dict) and isinstance(step.get("post"), dict) and len(above) < HEIGHT:
            above.append(step["post"])
            step = step.get("parent")
        waiting = [top]
        while waiting and len(below) < CONVERSATION:
            node = waiting.pop(0)
            if isinstance(node, dict) and isinstance(node.get("post"), dict):
                below.append(node["post"])
                replies = node.get("replies")
                waiting += replies if isinstance(replies, list) else []
        items, _rejects = self._reader().read([*reversed(above), *below], "search")
        if not any(item.external_id == item_id for item in items):
            raise self._malformed("getPostThread")
        heads = {view.get("uri") for view in above}
        tail = [item for item in items if item.external_id not in heads]
        tail.sort(key=lambda item: (item.external_id != item_id, milliseconds(item.published_at)))
        return [item for item in items if item.external_id in heads] + tail

    # --- figures and people ---

    def metrics(self, things):
        """See :meth:`Connector.metrics`."""
        profile = self._get("app.bsky.actor.getProfile", {"actor": self.me})

        def number(name):
            return count(profile.get(name)) if type(profile.get(name)) is int else None

        figures = Figures(followers=number("followersCount"), posts=number("postsCount"))
        uris = [external_id for external_id, _identifiers in things if post_uri(external_id)]
        views = self._views(uris) if uris else {}
        figures.items = {uri: counts(views[uri]) for uri in uris if uri in views}
        return figures

    def profile(self, handle):
        """See :meth:`Connector.profile`."""
        wanted = actor(handle)
        found = self._profile_of(wanted) if wanted else None
        if found is None:
            return None
        try:
            return self._reader().author(found)
        except ValueError as problem:
            raise self._malformed(f"getProfile: {problem}") from None


def _key(entry):
    return post_uri(entry.get("uri"))


def _mark(entry):
    return identifier(entry.get("cid"))[-12:]


def _place(entry):
    """Return where the network sorts an entry: by when it was written, if that is not later than when it was seen."""
    record = entry.get("record")
    written = milliseconds(moment(record.get("createdAt"))) if isinstance(record, dict) else 0
    seen = milliseconds(moment(entry.get("indexedAt")))
    return min(written, seen) if written and seen else seen or written
