"""From what the X API calls a post or a direct message to an item.

Field names are those of the published schema (PyPI xdk 0.10.6) and those of the reference pages, which differ: a post
is a "tweet" in one and a "post" in the other.  Both are read.
"""

from datetime import UTC, datetime
from html import unescape

from .items import Attachment, AuthorItem, Counts, MentionItem, Reject
from .text import clean_line, clean_text
from .values import count, identifier, moment, web_url

#: More pictures, tags or addresses than a post can have are not read.
MANY = 20
#: What X answers for a language that it does not know.
_NO_LANGUAGE = frozenset(("und", "zxx", "qme", "qht", "qst", "qct", "qam", "art"))
_MEDIA = {"photo": "image", "video": "video", "animated_gif": "video"}
#: ``milliseconds since 2010-11-04T01:42:54.657Z`` stand above 22 other bits of an id.
EPOCH_MS = 1288834974657


def number_of(value):
    """Return an id as a number, 0 for what is none."""
    return int(value) if isinstance(value, str) and value.isascii() and value.isdigit() and len(value) < 25 else 0


def id_at(moment_):
    """Return the smallest id of things made at a time (aware UTC)."""
    return max(int(moment_.timestamp() * 1000) - EPOCH_MS, 0) << 22


def made_at(number):
    """Return when a thing with this id was made, ``None`` for ids from before they held a time."""
    if number < 1 << 42:
        return None
    try:
        return datetime.fromtimestamp(((number >> 22) + EPOCH_MS) / 1000, UTC)
    except (OverflowError, ValueError, OSError):
        return None


def first_id(post):
    """Return the id that stays when a post is edited: the first of its history."""
    history = post.get("edit_history_tweet_ids") or post.get("edit_history_post_ids")
    first = history[0] if isinstance(history, list) and history else None
    return (first if number_of(first) else "") or identifier(post.get("id"))


def references(post):
    """Return ``{type: id}`` of the posts that a post refers to."""
    found = {}
    listed = post.get("referenced_tweets") or post.get("referenced_posts")
    for one in listed[:MANY] if isinstance(listed, list) else ():
        if isinstance(one, dict) and isinstance(one.get("type"), str) and number_of(one.get("id")):
            found[one["type"]] = one["id"]
    return found


def by_id(entries, name="id"):
    """Return ``{id: entry}`` of a list of objects, some of which X wraps into "data"."""
    found = {}
    for entry in entries if isinstance(entries, list) else ():
        if isinstance(entry, dict):
            entry = entry["data"] if isinstance(entry.get("data"), dict) else entry
            key = identifier(entry.get(name))
            if key:
                found[key] = entry
    return found


def figure(metrics, *names):
    """Return the first of some figures that is there, ``None`` when none is."""
    if type(metrics) is dict:
        for name in names:
            value = metrics.get(name)
            if type(value) is int or type(value) is float:
                return count(value)
    return None


def counts(post):
    """Return the public figures of a post."""
    metrics = post.get("public_metrics")
    passed, quoted = figure(metrics, "retweet_count", "repost_count"), figure(metrics, "quote_count")
    return Counts(
        views=figure(metrics, "impression_count"),
        likes=figure(metrics, "like_count"),
        shares=None if passed is None and quoted is None else count((passed or 0) + (quoted or 0)),
        replies=figure(metrics, "reply_count"),
    )


def author_of(user):
    """Return the author that a user is.

    :raises ValueError: it has no id
    """
    user_id = identifier(user.get("id"))
    if not user_id:
        raise ValueError("no author")
    username = clean_line(user.get("username"), 50) if isinstance(user.get("username"), str) else ""
    name = clean_line(user.get("name"), 200) if isinstance(user.get("name"), str) else ""
    return AuthorItem(
        external_id=user_id,
        name=name or username or user_id,
        handle="@" + username if username else "",
        url=f"https://x.com/{username}" if username.isascii() and username.isidentifier() else "",
        avatar_url=web_url(user.get("profile_image_url")),
        followers=figure(user.get("public_metrics"), "followers_count"),
    )


class Reader:
    """Turns what one account reads into items.

    :ivar str me: id of our own account
    """

    def __init__(self, me=""):
        self.me = me
        self.now = datetime.now(UTC)
        self._authors = {}

    def _author(self, user_id, users):
        """Return the author with an id; many write more than once, so each is read once only."""
        user = users.get(user_id)
        known = self._authors.get(user_id)
        if known is None or known[0] is not user:
            known = self._authors[user_id] = (user, author_of({**(user or {}), "id": user_id}))
        return known[1]

    def post(self, post, includes, origin="search"):
        """Return the item of a post.

        :param dict includes: ``{"users": {id: …}, "media": {key: …}}``
        :raises ValueError: it cannot be read
        """
        post_id = identifier(post.get("id"))
        if not number_of(post_id):
            raise ValueError("no id")
        author_id = identifier(post.get("author_id"))
        author = self._author(author_id, includes["users"])
        stable = first_id(post)
        refers = references(post)
        written = moment(post.get("created_at"), self.now) or made_at(number_of(post_id))
        metrics = post.get("public_metrics")
        metrics = metrics if type(metrics) is dict else {}
        outgoing = bool(self.me) and author_id == self.me
        to_us = identifier(post.get("in_reply_to_user_id")) == self.me != ""
        handle = author.handle[1:]
        kept = {"id": post_id}
        if "quoted" in refers:
            kept["quoted_id"] = refers["quoted"]
        return MentionItem(
            external_id=stable,
            text=self._text(post),
            url=f"https://x.com/{handle if handle.isascii() and handle.isidentifier() else 'i'}/status/{post_id}",
            author=author,
            published_at=(made_at(number_of(stable)) if stable != post_id else None) or written,
            edited_at=written if stable != post_id else None,
            language=self._language(post.get("lang")),
            parent_id=refers.get("replied_to") or identifier(post.get("in_reply_to_tweet_id")),
            conversation_id=identifier(post.get("conversation_id")),
            origin="own" if outgoing or to_us or self._names_us(post) else origin,
            outgoing=outgoing,
            attachments=self._attachments(post, includes["media"]),
            hashtags=self._hashtags(post),
            likes=count(metrics.get("like_count")),
            shares=self._shares(metrics),
            replies=count(metrics.get("reply_count")),
            identifiers=kept,
        )

    def message(self, event, includes):
        """Return the item of a direct message.

        :raises ValueError: it cannot be read
        """
        event_id = identifier(event.get("id"))
        sender = identifier(event.get("sender_id"))
        if not event_id or not sender:
            raise ValueError("no id or no sender")
        text = event.get("text")
        if text is not None and not isinstance(text, str):
            raise ValueError("text is not text")
        conversation = identifier(event.get("dm_conversation_id"))
        return MentionItem(
            external_id=event_id,
            kind="message",
            text=clean_text(self._expanded(unescape(text or ""), event.get("entities"))),
            author=self._author(sender, includes["users"]),
            published_at=moment(event.get("created_at"), self.now) or made_at(number_of(event_id)),
            conversation_id=conversation,
            visibility="direct",
            origin="own",
            outgoing=bool(self.me) and sender == self.me,
            attachments=self._attachments(event, includes["media"]),
            identifiers={"id": event_id, "dm_conversation_id": conversation},
        )

    @staticmethod
    def _shares(metrics):
        passed = figure(metrics, "retweet_count", "repost_count") or 0
        return count(passed + count(metrics.get("quote_count")))

    def _names_us(self, post):
        """Return whether a post has our own name in it."""
        entities = post.get("entities")
        mentions = entities.get("mentions") if isinstance(entities, dict) else None
        if not self.me or not isinstance(mentions, list):
            return False
        return any(isinstance(one, dict) and identifier(one.get("id")) == self.me for one in mentions)

    def _text(self, post):
        """Return the whole text, that of a long post too, with the addresses as they were written."""
        long = post.get("note_tweet") or post.get("note_post")
        source = long if isinstance(long, dict) and isinstance(long.get("text"), str) else post
        text = source.get("text")
        if text is not None and not isinstance(text, str):
            raise ValueError("text is not text")
        entities = source.get("entities") or post.get("entities")
        return clean_text(self._expanded(unescape(text or ""), entities))

    @staticmethod
    def _expanded(text, entities):
        urls = entities.get("urls") if isinstance(entities, dict) and "https://t.co/" in text else None
        for one in urls[:MANY] if isinstance(urls, list) else ():
            if isinstance(one, dict):
                short, full = one.get("url"), web_url(one.get("expanded_url"))
                if isinstance(short, str) and short.startswith("https://t.co/") and full:
                    # the address of a picture or of the post itself only stands at the end of the text
                    full = "" if one.get("media_key") else full
                    text = text.replace(short, full)
        return text

    @staticmethod
    def _language(value):
        if not isinstance(value, str) or value in _NO_LANGUAGE:
            return ""
        primary = value.replace("_", "-").partition("-")[0].lower()
        return primary if primary.isascii() and primary.isalpha() and 2 <= len(primary) <= 3 else ""

    @staticmethod
    def _attachments(holder, media):
        attached = holder.get("attachments")
        keys = attached.get("media_keys") if isinstance(attached, dict) else None
        found = []
        for key in keys[:MANY] if isinstance(keys, list) else ():
            one = media.get(key) if isinstance(key, str) else None
            url = one and (web_url(one.get("url")) or web_url(one.get("preview_image_url")))
            if url:
                kind = one.get("type")
                alt = one.get("alt_text")
                found.append(
                    Attachment(
                        kind=_MEDIA.get(kind, "file") if isinstance(kind, str) else "file",
                        url=url,
                        alt=clean_text(alt, 2000) if isinstance(alt, str) else "",
                    )
                )
        return tuple(found)

    @staticmethod
    def _hashtags(post):
        entities = post.get("entities")
        tags = entities.get("hashtags") if isinstance(entities, dict) else None
        if not isinstance(tags, list):
            return ()
        names = (tag.get("tag") for tag in tags[:MANY] if isinstance(tag, dict))
        cleaned = (clean_line(name, 200).lstrip("#").lower() for name in names if isinstance(name, str))
        return tuple(name for name in cleaned if name)

    def read(self, entries, origin):
        """Return ``(items, rejects)`` of ``(entry, includes)`` pairs; reposts say nothing of their own."""
        items, rejects = [], []
        for entry, includes in entries:
            try:
                if "dm_conversation_id" in entry or entry.get("event_type"):
                    items.append(self.message(entry, includes))
                elif "retweeted" not in references(entry):
                    items.append(self.post(entry, includes, origin))
            except (ValueError, TypeError, AttributeError, KeyError, IndexError) as problem:
                rejects.append(Reject(entry, f"{type(problem).__name__}: {problem}"[:300], identifier(entry.get("id"))))
        return items, rejects
