"""From what Discourse calls posts and users to items."""

import re
from datetime import UTC, datetime
from urllib.parse import quote

from .items import AuthorItem, MentionItem, Reject
from .text import MAX_TITLE, clean_line, html_to_text
from .values import count, identifier, moment, number, web_url

AVATAR_PIXELS = "96"
#: What people do with a post, by number (PostActionType in the forum's source).
LIKE = 2

_MENTION = re.compile(r'class="mention"[^<>]{0,300}>@([^<>\s]{1,60})</a>')


class Reader:
    """Turns posts of one forum into items.

    :ivar str base: address of the forum
    :ivar str realm: the forum, within which numbers are known
    :ivar str me: our own user name
    """

    def __init__(self, base, realm, me=""):
        self.base = base
        self.realm = realm
        self.me = me.casefold()
        self._scheme, _sep, rest = base.partition("//")
        self._origin = f"{self._scheme}//{rest.partition('/')[0]}"
        self._authors = {}
        self.now = datetime.now(UTC)

    def author(self, user, key="user_id"):
        """Return who wrote a post.

        :raises ValueError: nobody did
        """
        # the same few people write most of a page
        same = (user.get(key), user.get("username"), user.get("name"), user.get("avatar_template"))
        if all(isinstance(part, (str, int, type(None))) for part in same):
            if same not in self._authors:
                self._authors[same] = self._author(user, key)
            return self._authors[same]
        return self._author(user, key)

    def _author(self, user, key):
        handle = user.get("username")
        handle = clean_line(handle, 100) if isinstance(handle, str) else ""
        user_id = user.get(key)
        if type(user_id) is not int or not handle:
            raise ValueError("no user")
        name, avatar = user.get("name"), user.get("avatar_template")
        avatar = avatar.replace("{size}", AVATAR_PIXELS)[:2000] if isinstance(avatar, str) else ""
        return AuthorItem(
            external_id=str(user_id),
            name=(clean_line(name, 200) if isinstance(name, str) else "") or handle,
            handle="@" + handle,
            url=f"{self.base}/u/{quote(handle, safe='')}",
            avatar_url=web_url(self._absolute(avatar)) if avatar else "",
            realm=self.realm,
            # the forum itself and its helpers have numbers below zero
            bot=user_id < 0,
        )

    def _absolute(self, address):
        if address.startswith("//"):
            return self._scheme + address
        return self._origin + address if address.startswith("/") else address

    def item(self, post, origin="search", topic=None, direct=False):
        """Return the item of a post.

        :param dict topic: what is known of its topic, where the post does not say it
        :param bool direct: whether it is known to be a private message
        :raises ValueError: it cannot be read
        """
        topic = topic or {}
        key, topic_id, place = number(post.get("id")), number(post.get("topic_id")), number(post.get("post_number"))
        if not (key and topic_id):
            raise ValueError("no id")
        cooked = post.get("cooked")
        if not isinstance(cooked, str):
            raise ValueError("cooked is not text")
        author = self.author(post)
        archetype = post.get("topic_archetype") or topic.get("archetype")
        direct = direct or archetype == "private_message"
        title = (post.get("topic_title") or topic.get("title")) if place == 1 else ""
        outgoing = bool(self.me) and author.handle[1:].casefold() == self.me
        version, slug = post.get("version"), post.get("topic_slug")
        slug = slug if isinstance(slug, str) and re.fullmatch(r"[\w%-]{1,250}", slug) else "-"
        return MentionItem(
            external_id=str(key),
            kind="message" if direct else "post" if place == 1 else "comment",
            realm=self.realm,
            text=html_to_text(cooked),
            title=clean_line(title, MAX_TITLE) if isinstance(title, str) else "",
            url=f"{self.base}/t/{slug}/{topic_id}/{place or 1}",
            author=author,
            published_at=moment(post.get("created_at"), self.now),
            edited_at=moment(post.get("updated_at"), self.now) if type(version) is int and version > 1 else None,
            conversation_id=f"t/{topic_id}",
            visibility="direct" if direct else "public",
            origin="own" if direct or outgoing or self._concerns_us(post, cooked) else origin,
            outgoing=outgoing,
            deleted=bool(identifier(post.get("deleted_at"))) or post.get("user_deleted") is True,
            likes=self.likes(post),
            replies=count(post.get("reply_count")),
            identifiers={"topic": topic_id, "number": place, **({"direct": True} if direct else {})},
        )

    def _concerns_us(self, post, cooked):
        """Return whether a post mentions our user or answers one of its posts."""
        if not self.me:
            return False
        answered = post.get("reply_to_user")
        answered = answered.get("username") if isinstance(answered, dict) else None
        if isinstance(answered, str) and answered.casefold() == self.me:
            return True
        return "mention" in cooked and any(name.casefold() == self.me for name in _MENTION.findall(cooked))

    @staticmethod
    def likes(post):
        """Return how often a post was liked."""
        actions = post.get("actions_summary")
        for action in actions if isinstance(actions, list) else ():
            if isinstance(action, dict) and action.get("id") == LIKE:
                return count(action.get("count"))
        return 0

    def read(self, posts, origin="search", topics=None, direct=False):
        """Return ``(items, rejects)`` of posts."""
        items, rejects = [], []
        for post in posts:
            try:
                topic = (topics or {}).get(post.get("topic_id"))
                items.append(self.item(post, origin, topic, direct))
            except (ValueError, TypeError, AttributeError, KeyError, RecursionError) as problem:
                known = str(number(post.get("id")) or "") if isinstance(post, dict) else ""
                rejects.append(Reject(post, f"{type(problem).__name__}: {problem}"[:300], known))
        return items, rejects
