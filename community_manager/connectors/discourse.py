"""Discourse: what a forum says to us and about us, answered with an API key."""

from dataclasses import replace
from urllib.parse import quote

from . import errors
from .base import SEARCH_TOPICS, SEARCHES, Connector, Sentence, Setting, _
from .discourse_api import NO_RIGHT, TARGET_GONE, Forum
from .discourse_items import Reader
from .discourse_push import Push
from .discourse_writing import Writing
from .items import Check, Counts, Figures
from .newest import Listing, Turns, look
from .registry import register
from .text import clean_line
from .values import count, identifier, number

#: What the forum answers where it has no such list.
ABSENT = (errors.Misconfigured, errors.Gone)
#: Notifications asked for at once; the forum gives 60 at most (notifications_controller.rb).
NOTIFICATIONS = 20
#: What notifications and searches tell of is asked for topic by topic, and all keys of a forum together may ask 60
#: times a minute (DISCOURSE_MAX_ADMIN_API_REQS_PER_MINUTE).  So many are followed up at the first look, then at once.
FIRST = 10
#: Posts asked for at once by number, and posts of a conversation that are read.
BATCH, THREAD = 20, 100
#: The list of latest posts is cut into stretches of 50 numbers, some of which hold nothing that we may see.
STRETCH, EMPTY_STRETCHES = 50, 10
#: Longest post (site setting max_post_length, whose default this is).
POST_CHARACTERS = 32000
#: What a notification may bring that somebody said (Notification.types in the forum's source): mentioned, replied,
#: quoted, posted, group_mentioned, watching_first_post.
SAID = frozenset((1, 2, 3, 9, 15, 17))
#: Those of them that are addressed to us.
TO_US = frozenset((1, 2, 3, 15))

CAN_NOTIFICATIONS = _("Read who mentions, answers or quotes us")
CAN_PRIVATE = _("Read private messages to us")
CAN_LATEST = _("Read the latest posts")
CAN_SEARCH = _("Search for “%(name)s”")
CAN_WRITE = _("Answer, write private messages and open topics")


@register
class Discourse(Writing, Push, Connector):
    """Notifications, private messages, latest posts and searches of one user of one forum."""

    code = "discourse"
    label = "Discourse"
    description = _("A forum that runs on Discourse: mentions, private messages, latest posts, searches, topics.")
    kind = "forum"
    scope = "vertical"
    capabilities = frozenset(
        {
            "listen", "search", "thread", "lookup", "reply", "message", "publish", "moderate", "metrics", "profile",
            "push",
        }
    )  # fmt: skip
    text_limit = POST_CHARACTERS
    settle_seconds = 10
    moderations = frozenset({"report", "spam", "delete", "ban"})
    poll_seconds = (60, 1800)
    guide = _(
        "Ask an administrator of the forum to open Admin → Advanced → API keys and press “Add API key”.\n"
        "For “User level” choose “Single user” and the user who is to answer; for “Scope” choose “Global”.\n"
        "Copy the key; it is shown once.\n"
        "Enter here the address of the forum, the name of that user and the key."
    )
    settings = (
        Setting(
            "url",
            _("Forum"),
            _("The address of the forum."),
            kind="url",
            required=True,
            placeholder="forum.example.com",
        ),
        Setting("username", _("User name"), _("The user to whom the key belongs."), required=True),
        Setting("api_key", _("API key"), _("Made by an administrator of the forum."), required=True, secret=True),
        Setting(
            "latest",
            _("Read the latest posts"),
            _("Read all public posts; those without a topic of ours are not kept."),
            kind="bool",
            default=True,
        ),
        Setting(
            "category",
            _("Category for topics"),
            _("Where topics are opened that we publish. Empty: where the forum puts those without a category."),
            kind="choice",
        ),
        SEARCHES,
        replace(SEARCH_TOPICS, default=False),
        Setting(
            "webhook_secret",
            _("Secret of the webhook"),
            _("Made here. Enter it on the forum as the secret of the webhook."),
            secret=True,
            generated=True,
        ),
    )

    def __init__(self, http, settings, secrets=None):
        super().__init__(http, settings, secrets)
        self._forum = None
        self._topics = {}

    @property
    def forum(self):
        """The forum with our access."""
        if self._forum is None:
            key = self.secrets.get("api_key")
            self._forum = Forum(self.http, self.values.get("url"), self.values.get("username"), key)
        return self._forum

    def _reader(self):
        return Reader(self.forum.base, self.forum.realm, self.forum.user)

    # --- listening ---

    def _listings(self):
        """Return the lists that this channel reads, the most pressing first."""
        found = [
            Listing(
                "notifications", self._notifications, _key, Sentence(CAN_NOTIFICATIONS), "own", vital=True, first=FIRST
            ),
            Listing("private", self._latest("private"), _key, Sentence(CAN_PRIVATE), "own", mark=_version),
        ]
        if self.values.get("latest"):
            found.append(Listing("latest", self._latest("latest"), _key, Sentence(CAN_LATEST), mark=_version))
        for words in self.searches():
            says = Sentence(CAN_SEARCH, name=words)
            found.append(Listing("search:" + words, self._search(words), _key, says, first=FIRST, portion=FIRST))
        return found

    def _notifications(self, position):
        offset = position or 0
        params = {"limit": NOTIFICATIONS, **({"offset": offset} if offset else {})}
        entries = self.forum.many("/notifications.json", "notifications", params)
        return entries, offset + NOTIFICATIONS if len(entries) >= NOTIFICATIONS else None

    def _latest(self, kind):
        path, name = ("/private-posts.json", "private_posts") if kind == "private" else ("/posts.json", "latest_posts")

        def fetch(position):
            for _turn in range(EMPTY_STRETCHES):
                posts = self.forum.many(path, name, {"before": position} if position else None)
                numbers = [number(post.get("id")) for post in posts if isinstance(post, dict)]
                lowest = min((one for one in numbers if one), default=0)
                if lowest:
                    return posts, lowest - 1 or None
                if not position or position <= STRETCH:
                    return posts, None
                position -= STRETCH
            return [], None

        return fetch

    def _search(self, words):
        def fetch(position):
            page = position or 1
            params = {"q": f"{words} order:latest", **({"page": page} if page > 1 else {})}
            answer = self.forum.ask("GET", "/search.json", params)
            found = answer.get("posts")
            if not isinstance(found, list):
                raise self.forum.malformed("search")
            topics = answer.get("topics")
            for topic in topics if isinstance(topics, list) else ():
                # searches find public topics only, and say what those are called
                if isinstance(topic, dict) and number(topic.get("id")) and isinstance(topic.get("title"), str):
                    self._topics.setdefault(topic["id"], {"title": topic["title"], "stream": []})
            results = answer.get("grouped_search_result")
            more = results.get("more_full_page_results") if isinstance(results, dict) else None
            return found, page + 1 if more and found and page < EMPTY_STRETCHES else None

        return fetch

    def _read(self, entries, listing):
        """Return ``(items, rejects)`` of entries of a list."""
        reader = self._reader()
        if listing.name in ("private", "latest"):
            return reader.read(entries, listing.origin, direct=listing.name == "private")
        wanted, ours = {}, set()
        for entry in entries:
            topic = number(entry.get("topic_id"))
            if listing.name != "notifications":
                post = number(entry.get("id"))
            else:
                data = entry.get("data")
                post = number(data.get("original_post_id")) if isinstance(data, dict) else 0
                kind = entry.get("notification_type")
                post = post if type(kind) is int and kind in SAID else 0
                if post and kind in TO_US:
                    ours.add(post)
            if topic and post:
                wanted.setdefault(topic, []).append(post)
        items, rejects = [], []
        for topic, posts in wanted.items():
            found, bad = reader.read(self._posts(topic, posts), "search", self._topics)
            for item in found:
                item.origin = "own" if int(item.external_id) in ours else item.origin
            items += found
            rejects += bad
        items.sort(key=lambda item: int(item.external_id))
        return items, rejects

    def _posts(self, topic, posts):
        """Return posts of a topic as they are now; those that are gone, or hidden from us, are missing."""
        if self._topic(topic) is None:
            return []
        found = []
        for place in range(0, len(posts), BATCH):
            params = {"post_ids[]": posts[place : place + BATCH], "include_raw": "true"}
            answer = self.forum.ask("GET", f"/t/{topic}/posts.json", params, {404: None, 403: None})
            stream = (answer or {}).get("post_stream")
            shown = stream.get("posts") if isinstance(stream, dict) else []
            found += shown if isinstance(shown, list) else []
        return found

    def _topic(self, topic):
        """Return what is known of a topic, ``None`` when it is gone or we may not see it any more."""
        if topic not in self._topics:
            answer = self.forum.ask("GET", f"/t/{topic}.json", actions={404: None, 403: None, 410: None})
            if answer is None:
                # it was taken away since we were told of it
                return None
            self._keep_topic(topic, answer)
        return self._topics[topic]

    def _keep_topic(self, topic, answer):
        stream = answer.get("post_stream")
        numbers = stream.get("stream") if isinstance(stream, dict) else None
        self._topics[topic] = {
            "title": answer.get("title") if isinstance(answer.get("title"), str) else "",
            "archetype": answer.get("archetype"),
            "stream": [one for one in numbers if number(one)] if isinstance(numbers, list) else [],
        }

    def listen(self, cursor):
        """See :meth:`Connector.listen`."""
        yield from Turns(self.http, self._read, {}).pages(self._listings(), cursor)

    def check(self):
        """See :meth:`Connector.check`."""
        user, reader = self._user(self.forum.user), self._reader()
        if user is None:
            raise errors.AccessDenied(NO_RIGHT, params={"why": self.forum.user + "."})
        me = reader.author(user, "id")
        found = Check(account=f"{me.handle} ({self.forum.realm})", account_id=me.external_id)
        look(self._listings(), self._read, found, ABSENT)
        found.can.append(CAN_WRITE)
        return found

    # --- looking again ---

    def _post(self, item_id):
        """Return a post as it is now.

        :raises errors.Gone: it is not there any more
        """
        try:
            post = self.forum.ask("GET", f"/posts/{quote(item_id, safe='')}.json")
        except (errors.Gone, errors.Misconfigured) as problem:
            if problem.status not in (404, 410):
                raise
            # A host without any forum also says 404, to everything: that is no deletion.
            self.forum.many("/notifications.json", "notifications", {"limit": 1})
            raise errors.Gone(TARGET_GONE, problem.detail, problem.status) from None
        if identifier(post.get("deleted_at")) or post.get("user_deleted") is True:
            raise errors.Gone(TARGET_GONE, "deleted")
        return post

    def _item(self, post, direct=None):
        """Return the item of one post; its topic is asked for where that is needed."""
        topic = number(post.get("topic_id"))
        if topic and "topic_archetype" not in post and (direct is None or post.get("post_number") == 1):
            self._topic(topic)
        try:
            return self._reader().item(post, topic=self._topics.get(topic), direct=bool(direct))
        except (ValueError, TypeError, AttributeError) as problem:
            detail = f"{type(problem).__name__}: {problem}"
        raise self.forum.malformed(detail)

    def lookup(self, item_id, identifiers):
        """See :meth:`Connector.lookup`."""
        direct = bool(identifiers.get("direct")) if identifiers.get("topic") else None
        return self._item(self._post(item_id), direct)

    def thread(self, item_id, identifiers):
        """See :meth:`Connector.thread`: the topic, its beginning and what stands around the post."""
        item = self._item(self._post(item_id))
        topic = item.identifiers["topic"]
        stream = (self._topic(topic) or {}).get("stream", [])
        if len(stream) > THREAD:
            here = stream.index(int(item_id)) if int(item_id) in stream else len(stream)
            start = max(min(here - THREAD // 2, len(stream) - THREAD), 1)
            stream = [stream[0], *stream[start : start + THREAD - 1]]
        posts = self._posts(topic, stream)
        found = self._reader().read(posts, "search", self._topics, item.visibility == "direct")[0]
        together = {one.external_id: one for one in found}
        together.setdefault(item.external_id, item)
        numbers = {one.identifiers["number"]: one.external_id for one in together.values()}
        for post in posts:
            answered = post.get("reply_to_post_number") if isinstance(post, dict) else None
            one = together.get(str(post.get("id"))) if isinstance(post, dict) else None
            if one and type(answered) is int:
                one.parent_id = numbers.get(answered, "")
        return sorted(together.values(), key=lambda one: int(one.external_id))

    # --- figures and people ---

    def metrics(self, things):
        """See :meth:`Connector.metrics`: how often posts were read, liked and answered."""
        figures = Figures()
        for item_id, _identifiers in things:
            post = self.forum.ask("GET", f"/posts/{quote(item_id, safe='')}.json", actions={404: None, 410: None})
            if post is not None:
                reads, replies = count(post.get("reads")), count(post.get("reply_count"))
                figures.items[item_id] = Counts(views=reads, likes=Reader.likes(post), replies=replies)
        return figures

    def _user(self, name):
        answer = self.forum.ask("GET", f"/u/{quote(name, safe='')}.json", actions={404: None})
        user = answer.get("user") if answer is not None else None
        if answer is not None and not (isinstance(user, dict) and type(user.get("id")) is int and user.get("username")):
            raise self.forum.malformed("user")
        return user

    def profile(self, handle):
        """See :meth:`Connector.profile`."""
        name = clean_line(handle.strip().rstrip("/").rpartition("/")[2].lstrip("@"), 100)
        user = self._user(name) if name else None
        try:
            return self._reader().author(user, "id") if user else None
        except ValueError as problem:
            detail = str(problem)
        raise self.forum.malformed(detail)

    def choices(self):
        """See :meth:`Connector.choices`: the categories in which topics can be opened."""
        answer = self.forum.ask("GET", "/categories.json", {"include_subcategories": "true"})
        listed = answer.get("category_list")
        listed = listed.get("categories") if isinstance(listed, dict) else None
        found, waiting = [], list(listed) if isinstance(listed, list) else []
        while waiting:
            category = waiting.pop(0)
            if isinstance(category, dict) and number(category.get("id")):
                name = category.get("name")
                found.append((str(category["id"]), clean_line(name, 100) if isinstance(name, str) else ""))
                below = category.get("subcategory_list")
                waiting += below if isinstance(below, list) else []
        return {"category": [(value, label or value) for value, label in found]}


def _key(entry):
    return str(number(entry.get("id")) or "")


def _version(post):
    return str(post.get("version"))[:10]
