"""From what NodeBB calls posts, chat messages and users to items."""

import re
from datetime import UTC, datetime
from html import unescape
from urllib.parse import quote

from .items import AuthorItem, MentionItem, Reject
from .text import MAX_TITLE, clean_line, clean_text
from .values import believable, count, number, web_url

_TAG = re.compile(r"<[^<>]{0,5000}>")
_NEWLINES = re.compile(r"\s*\n\s*")
_MESSAGE = re.compile(r"chats/([0-9]{1,19})/messages/([0-9]{1,19})")


def text_of(content):
    """Return the text of a post: lists give it without tags already, so those are simply taken out elsewhere.

    >>> text_of("<p>1 &lt; 2</p>\\n\\n<p>b<br />c</p>"), text_of("1 &lt; 2\\nbc")
    ('1 < 2\\nbc', '1 < 2\\nbc')
    """
    if not isinstance(content, str):
        raise ValueError("content is not text")
    text = _TAG.sub("", content[:2_000_000]) if "<" in content else content
    text = clean_text(unescape(text) if "&" in text else text)
    return _NEWLINES.sub("\n", text) if "\n" in text else text


def place_of(item_id):
    """Return ``(room, message)`` of the external id of a chat message, ``None`` for that of a post."""
    found = _MESSAGE.fullmatch(item_id)
    return (int(found.group(1)), int(found.group(2))) if found else None


class Reader:
    """Turns posts and messages of one forum into items.

    :ivar str base: address of the forum
    :ivar str realm: the forum, within which numbers are known
    :ivar int me: number of our own user
    """

    def __init__(self, base, realm, me=0):
        self.base = base
        self.realm = realm
        self.me = me
        scheme, _sep, rest = base.partition("//")
        self._origin = f"{scheme}//{rest.partition('/')[0]}"
        self._authors = {}
        self.now = datetime.now(UTC)

    def moment(self, milliseconds):
        """Return a time as the forum counts it, or ``None``."""
        if type(milliseconds) not in (int, float) or not 0 < milliseconds < 2**53:
            return None
        try:
            return believable(datetime.fromtimestamp(milliseconds / 1000, UTC), self.now)
        except (ValueError, OverflowError, OSError):
            return None

    def author(self, user):
        """Return a user as author, ``None`` for a guest without a name.

        :raises ValueError: it is no user
        """
        if not isinstance(user, dict):
            raise ValueError("no user")
        name, slug, shown = user.get("username"), user.get("userslug"), user.get("displayname")
        # the same few people write most of a page
        same = (user.get("uid"), name, slug, shown, user.get("picture"), user.get("followerCount"))
        for part in same:
            if part is not None and not isinstance(part, (str, int)):
                return self._author(user, name, slug, shown)
        if same not in self._authors:
            self._authors[same] = self._author(user, name, slug, shown)
        return self._authors[same]

    def _author(self, user, name, slug, shown):
        name = clean_line(unescape(name), 200) if isinstance(name, str) else ""
        key = number(user.get("uid"))
        if not name:
            return None
        slug = slug if isinstance(slug, str) and 0 < len(slug) < 200 else ""
        picture = user.get("picture")
        picture = picture[:2000] if isinstance(picture, str) else ""
        picture = self._origin + picture if picture.startswith("/") and not picture.startswith("//") else picture
        followers = user.get("followerCount")
        return AuthorItem(
            external_id=str(key) if key else "guest/" + name,
            name=(clean_line(unescape(shown), 200) if isinstance(shown, str) else "") or name,
            handle="@" + clean_line(slug or name, 200),
            url=f"{self.base}/user/{quote(slug, safe='')}" if slug and key else "",
            avatar_url=web_url(picture) if picture else "",
            realm=self.realm,
            followers=count(followers) if type(followers) is int else None,
        )

    def post(self, post, origin="search"):
        """Return the item of a post.

        :raises ValueError: it cannot be read
        """
        key, topic_id = number(post.get("pid")), number(post.get("tid"))
        if not (key and topic_id):
            raise ValueError("no id")
        topic = post.get("topic")
        topic = topic if isinstance(topic, dict) else {}
        main = post.get("isMainPost") is True or number(topic.get("mainPid")) == key
        title = topic.get("title") if main else ""
        outgoing = bool(self.me) and post.get("uid") == self.me
        parent = number(post.get("toPid"))
        replies = post.get("replies")
        replies = replies.get("count") if isinstance(replies, dict) else replies
        return MentionItem(
            external_id=str(key),
            kind="post" if main else "comment",
            realm=self.realm,
            text=text_of(post.get("content")),
            title=clean_line(unescape(title), MAX_TITLE) if isinstance(title, str) else "",
            url=f"{self.base}/post/{key}",
            author=self.author(post.get("user")),
            published_at=self.moment(post.get("timestamp")),
            parent_id=str(parent or ""),
            conversation_id=f"topic/{topic_id}",
            origin="own" if outgoing else origin,
            outgoing=outgoing,
            deleted=post.get("deleted") in (True, 1),
            likes=count(post.get("upvotes")),
            replies=count(replies),
            identifiers={"topic": topic_id, **({"main": True} if main else {})},
        )

    def message(self, message, origin="own"):
        """Return the item of a message of a chat.

        :raises ValueError: it cannot be read
        """
        key, room = number(message.get("messageId") or message.get("mid")), message.get("roomId")
        room = int(room) if isinstance(room, str) and room.isdecimal() and len(room) < 19 else number(room)
        if not (key and room):
            raise ValueError("no id")
        edited = message.get("edited")
        return MentionItem(
            external_id=f"chats/{room}/messages/{key}",
            kind="message",
            realm=self.realm,
            text=text_of(message.get("content")),
            url=f"{self.base}/message/{key}",
            author=self.author(message.get("fromUser")),
            published_at=self.moment(message.get("timestamp")),
            edited_at=self.moment(edited),
            conversation_id=f"chats/{room}",
            visibility="direct",
            origin=origin,
            outgoing=bool(self.me) and message.get("fromuid") == self.me,
            deleted=message.get("deleted") in (True, 1),
            identifiers={"room": room},
        )

    def read(self, entries, origin="search"):
        """Return ``(items, rejects)`` of posts and messages."""
        items, rejects = [], []
        for entry in entries:
            try:
                talk = isinstance(entry, dict) and "roomId" in entry
                items.append(self.message(entry) if talk else self.post(entry, origin))
            except (ValueError, TypeError, AttributeError, KeyError, RecursionError) as problem:
                known = str(number(entry.get("pid")) or "") if isinstance(entry, dict) else ""
                rejects.append(Reject(entry, f"{type(problem).__name__}: {problem}"[:300], known))
        return items, rejects
