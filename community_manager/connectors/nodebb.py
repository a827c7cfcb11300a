"""NodeBB: what a forum says to us and about us, answered with the token of a user."""

import re
from dataclasses import replace
from urllib.parse import quote
from zlib import crc32

from . import errors
from .base import SEARCH_TOPICS, SEARCHES, Connector, Sentence, Setting, _
from .items import Check, Counts, Figures
from .newest import Listing, Turns, look
from .nodebb_api import TARGET_GONE, Forum
from .nodebb_items import Reader, place_of
from .nodebb_writing import Writing
from .registry import register
from .text import clean_line
from .values import count, digest, identifier, number

#: What the forum answers where it has no such list.
ABSENT = (errors.Misconfigured, errors.Gone)
#: Pages of posts that hold nothing that we may see are passed over, this many.
EMPTY_PAGES = 5
#: Rooms whose newest message is looked at, messages that the forum gives at once, and pages of them.
ROOMS, MESSAGES, MESSAGE_PAGES = 10, 50, 4
#: Pages of a topic that are read.
THREAD_PAGES = 3
#: Longest post and chat message (settings maximumPostLength and maximumChatMessageLength, whose defaults these are).
POST_CHARACTERS, CHAT_CHARACTERS = 32767, 1000

CAN_NOTIFICATIONS = _("Read who mentions, answers or quotes us")
CAN_CHATS = _("Read chats with us")
CAN_LATEST = _("Read the latest posts")
CAN_SEARCH = _("Search for “%(name)s”")
CAN_WRITE = _("Answer, chat and open topics")

_POST = re.compile(r"/post/([0-9]{1,18})(?:$|[/?#])")
#: Notifications about what people did rather than said begin like this (nid in the forum's source).
_DONE = ("upvote:", "follow:", "chat_", "post_flag:", "user_flag:", "post-queue", "register:")


@register
class NodeBB(Writing, Connector):
    """Notifications, chats, latest posts and searches of one user of one forum."""

    code = "nodebb"
    label = "NodeBB"
    description = _("A forum that runs on NodeBB: notifications, chats, latest posts, searches, topics.")
    kind = "forum"
    scope = "vertical"
    capabilities = frozenset(
        {"listen", "search", "thread", "lookup", "reply", "message", "publish", "moderate", "metrics", "profile"}
    )
    text_limit = POST_CHARACTERS
    message_limit = CHAT_CHARACTERS
    settle_seconds = 5
    moderations = frozenset({"report", "hide", "unhide", "delete", "ban"})
    poll_seconds = (60, 1800)
    guide = _(
        "Ask an administrator of the forum to open Admin → Settings → API Access and press “Create Token”.\n"
        "Enter the number of the user who is to answer; 0 would make a token for everybody, which is not needed.\n"
        "Copy the token that is shown.\n"
        "Enter here the address of the forum and the token."
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
        Setting("token", _("Token"), _("Made by an administrator of the forum."), required=True, secret=True),
        Setting(
            "latest",
            _("Read the latest posts"),
            _("Read all public posts; those without a topic of ours are not kept."),
            kind="bool",
            default=True,
        ),
        Setting("category", _("Category for topics"), _("Where topics are opened that we publish."), kind="choice"),
        SEARCHES,
        replace(SEARCH_TOPICS, default=False),
    )

    def __init__(self, http, settings, secrets=None):
        super().__init__(http, settings, secrets)
        self._forum = None
        self._me = {}
        self._rooms = {}

    @property
    def forum(self):
        """The forum with our access."""
        if self._forum is None:
            self._forum = Forum(self.http, self.values.get("url"), self.secrets.get("token"))
        return self._forum

    def _know(self, cursor=None):
        """Return what is known of our user, asking for what is not."""
        access = digest("nodebb", self.forum.base, self.secrets.get("token"), length=12)
        known = (cursor or {}).get("me")
        if not self._me and isinstance(known, dict) and known.get("access") == access and number(known.get("id")):
            self._me = known
        if not self._me:
            user = self.forum.read("/self")
            key, slug = number(user.get("uid")), user.get("userslug")
            if not key or not isinstance(slug, str):
                raise self.forum.malformed("self")
            name = user.get("username")
            name = clean_line(name, 200) if isinstance(name, str) else slug
            self._me = {"id": key, "slug": slug[:200], "name": name, "access": access}
        return self._me

    def _reader(self):
        return Reader(self.forum.base, self.forum.realm, self._me["id"])

    # --- listening ---

    def _listings(self):
        """Return the lists that this channel reads, the most pressing first."""
        found = [
            Listing(
                "notifications", self._notifications, _nid, Sentence(CAN_NOTIFICATIONS), "own", _datetime, vital=True
            ),
            Listing("chats", self._chats, _room, Sentence(CAN_CHATS), "own", _talked, lambda room: str(_talked(room))),
        ]
        if self.values.get("latest"):
            found.append(
                Listing("latest", self._latest, _key, Sentence(CAN_LATEST), "search", _pid, _mark, family="posts")
            )
        for words in self.searches():
            says = Sentence(CAN_SEARCH, name=words)
            found.append(
                Listing("search:" + words, self._search(words), _key, says, "search", _pid, _mark, family="posts")
            )
        return found

    def _notifications(self, position):
        page = position or 1
        answer = self.forum.read("/notifications", {"page": page} if page > 1 else None)
        entries, pages = answer.get("notifications"), answer.get("pagination")
        if not isinstance(entries, list):
            raise self.forum.malformed("notifications")
        last = pages.get("pageCount") if isinstance(pages, dict) else None
        return entries, page + 1 if entries and type(last) is int and page < last else None

    def _chats(self, position):
        rooms = self.forum.call("GET", "/chats", params={"perPage": ROOMS}).get("rooms")
        if not isinstance(rooms, list):
            raise self.forum.malformed("chats")
        # rooms in which nobody said anything yet
        return [room for room in rooms if not isinstance(room, dict) or room.get("teaser") is not None], None

    def _latest(self, position):
        for page in range(position or 1, (position or 1) + EMPTY_PAGES):
            posts = self.forum.ask("GET", "/api/recent/posts", {"page": page} if page > 1 else None).json()
            if not isinstance(posts, list):
                raise self.forum.malformed("recent posts")
            if posts:
                return posts, page + 1
        return [], None

    def _search(self, words):
        def fetch(position):
            page = position or 1
            params = {"term": words, "in": "posts", "sortBy": "timestamp", "sortDirection": "desc", "page": page}
            answer = self.forum.read("/search", params)
            posts, last = answer.get("posts"), answer.get("pageCount")
            if not isinstance(posts, list):
                raise self.forum.malformed("search")
            return posts, page + 1 if posts and type(last) is int and page < last else None

        return fetch

    def _read(self, entries, listing):
        """Return ``(items, rejects)`` of entries of a list."""
        reader = self._reader()
        if listing.name == "chats":
            items, rejects = [], []
            for room in entries:
                found, bad = reader.read(self._messages(room))
                items += found
                rejects += bad
            return items, rejects
        if listing.name != "notifications":
            return reader.read(entries, listing.origin)
        wanted = {}
        for entry in entries:
            path, nid = entry.get("path"), entry.get("nid")
            found = _POST.search(path) if isinstance(path, str) else None
            if found and not str(nid).startswith(_DONE):
                wanted[int(found.group(1))] = True
        posts = (self.forum.call("GET", f"/posts/{pid}/summary", actions={404: None, 403: None}) for pid in wanted)
        # what was taken away since we were told of it says nothing any more
        return reader.read([post for post in posts if post is not None], "own")

    def _messages(self, room):
        """Return the messages of a room that came since it was last read."""
        key, since, found = number(room.get("roomId")), self._rooms.get(_room(room), 0), []
        for page in range(MESSAGE_PAGES):
            params = {"start": page * MESSAGES} if page else None
            messages = self.forum.call("GET", f"/chats/{key}/messages", params=params).get("messages")
            if not isinstance(messages, list):
                raise self.forum.malformed("messages")
            new = [one for one in messages if not isinstance(one, dict) or _time(one) > since and not one.get("system")]
            found = new + found
            if not since or len(messages) < MESSAGES or len(new) < len(messages):
                break
        return found

    def listen(self, cursor):
        """See :meth:`Connector.listen`."""
        me = self._know(cursor)
        self._rooms = _marks(cursor)
        yield from Turns(self.http, self._read, {"me": me}).pages(self._listings(), cursor)

    def check(self):
        """See :meth:`Connector.check`."""
        me = self._know()
        found = Check(account=f"{me['name']} ({self.forum.realm})", account_id=str(me["id"]))
        look(self._listings(), self._read, found, ABSENT)
        found.can.append(CAN_WRITE)
        return found

    # --- looking again ---

    def _entry(self, item_id):
        """Return a post or message as it is now.

        :raises errors.Gone: it is not there any more
        """
        place = place_of(item_id)
        path = f"/{item_id}" if place else f"/posts/{quote(item_id, safe='')}/summary"
        try:
            entry = self.forum.call("GET", path)
        except (errors.Gone, errors.Misconfigured) as problem:
            if problem.status not in (404, 410):
                raise
            # A host without any forum also says 404, to everything: that is no deletion.
            self._me = {}
            self._know()
            raise errors.Gone(TARGET_GONE, problem.detail, problem.status) from None
        if entry.get("deleted") in (True, 1):
            raise errors.Gone(TARGET_GONE, "deleted")
        return entry | {"roomId": place[0], "messageId": place[1]} if place else entry

    def _item(self, entry):
        items, rejects = self._reader().read([entry])
        if rejects:
            raise self.forum.malformed(rejects[0].error)
        return items[0]

    def lookup(self, item_id, identifiers):
        """See :meth:`Connector.lookup`."""
        self._know()
        return self._item(self._entry(item_id))

    def thread(self, item_id, identifiers):
        """See :meth:`Connector.thread`: the topic or the chat."""
        self._know()
        item, found = self._item(self._entry(item_id)), []
        if item.visibility == "direct":
            found = self._reader().read(self._messages({"roomId": item.identifiers["room"]}))[0]
        for page in range(1, THREAD_PAGES + 1) if item.visibility != "direct" else ():
            topic = self.forum.read(f"/topic/{item.identifiers['topic']}", {"page": page} if page > 1 else None)
            posts, pages = topic.get("posts"), topic.get("pagination")
            about = {"title": topic.get("title"), "mainPid": topic.get("mainPid")}
            posts = (
                [{**post, "topic": about} for post in posts if isinstance(post, dict)]
                if isinstance(posts, list)
                else []
            )
            found += self._reader().read(posts)[0]
            last = pages.get("pageCount") if isinstance(pages, dict) else None
            if not posts or type(last) is not int or page >= last:
                break
        together = {one.external_id: one for one in found if not one.deleted}
        together.setdefault(item.external_id, item)
        return sorted(together.values(), key=lambda one: int(one.external_id.rpartition("/")[2]))

    # --- figures and people ---

    def metrics(self, things):
        """See :meth:`Connector.metrics`: followers and posts of our user, votes and answers of posts."""
        user = self.forum.read("/self")
        figures = Figures(followers=count(user.get("followerCount")), posts=count(user.get("postcount")))
        for item_id, _identifiers in things:
            if not place_of(item_id):
                path = f"/posts/{quote(item_id, safe='')}/summary"
                post = self.forum.call("GET", path, actions={404: None, 403: None})
                if post is not None:
                    figures.items[item_id] = Counts(
                        likes=count(post.get("upvotes")), replies=count(post.get("replies"))
                    )
        return figures

    def profile(self, handle):
        """See :meth:`Connector.profile`."""
        slug = clean_line(handle.strip().rstrip("/").rpartition("/")[2].lstrip("@"), 200).replace(" ", "-").lower()
        user = self.forum.read(f"/user/{quote(slug, safe='')}", actions={404: None}) if slug else None
        if user is not None and not number(user.get("uid")):
            raise self.forum.malformed("user")
        return Reader(self.forum.base, self.forum.realm).author(user) if user else None

    def choices(self):
        """See :meth:`Connector.choices`: the categories in which topics can be opened."""
        listed = self.forum.read("/categories").get("categories")
        found, waiting = [], list(listed) if isinstance(listed, list) else []
        while waiting:
            category = waiting.pop(0)
            if isinstance(category, dict) and number(category.get("cid")):
                value, name = str(category["cid"]), identifier(category.get("name"))
                found.append((value, clean_line(name, 100) or value))
                waiting += category["children"] if isinstance(category.get("children"), list) else []
        return {"category": found}


def _nid(entry):
    return identifier(entry.get("nid"))


def _datetime(entry):
    return number(entry.get("datetime"))


def _pid(entry):
    return number(entry.get("pid"))


def _key(entry):
    return str(_pid(entry) or "")


def _mark(post):
    """The forum notes no time of an edit in its lists: the text itself tells."""
    return f"{crc32(str(post.get('content')).encode('utf-8', 'surrogatepass')):x}"


def _time(message):
    return number(message.get("timestamp"))


def _room(room):
    return str(number(room.get("roomId")) or "")


def _talked(room):
    teaser = room.get("teaser")
    return _time(teaser) if isinstance(teaser, dict) else 0


def _marks(cursor):
    """Return when the last message came that was read, by room, from a cursor."""
    lists = cursor.get("lists")
    chats = lists.get("chats") if isinstance(lists, dict) else None
    return {key: int(mark) for key, mark, _order in chats.get("seen", ())} if isinstance(chats, dict) else {}
