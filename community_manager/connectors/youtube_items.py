"""From what YouTube's Data API answers to items."""

import html
import re
from datetime import UTC, datetime

from .items import Attachment, AuthorItem, MentionItem, Reject
from .text import clean_line, clean_text
from .values import count, digest, identifier, moment, web_url

SITE = "https://www.youtube.com"

#: What of a comment its author is made of; the same few people write most of a page.
_TOLD = ("authorDisplayName", "authorChannelUrl", "authorProfileImageUrl")
#: Authors that are remembered while lists are read.
MOST_AUTHORS = 1000
_PLAIN = re.compile(r"[A-Za-z0-9_.-]{1,200}")
_CHANNEL = re.compile(r"UC[A-Za-z0-9_-]{22}")
_HANDLE = re.compile(r"[^\s/?#@%&<>\"\\]{1,100}")


def number(value):
    """Return a number that the API gives as text, ``None`` when it gives none.

    >>> number("12"), number(5), number("many"), number(None)
    (12, 5, None, None)
    """
    if isinstance(value, str) and value.isascii() and value.isdigit() and len(value) <= 18:
        return count(int(value))
    return count(value) if type(value) is int and value >= 0 else None


def part(entry, *path):
    """Return an object inside a resource, empty where there is none."""
    for name in path:
        entry = entry.get(name) if isinstance(entry, dict) else None
    return entry if isinstance(entry, dict) else {}


def said(entry, name, limit=500):
    """Return a line of text in a resource, or an empty string."""
    value = entry.get(name)
    return clean_line(value, limit) if isinstance(value, str) else ""


def seconds(text):
    """Return a time as a whole number of seconds, 0 for none."""
    at = moment(text)
    return int(at.timestamp()) if at else 0


def is_channel(text):
    """Return whether a text is the id of a channel."""
    return bool(_CHANNEL.fullmatch(text))


def wanted(handle):
    """Return how to ask for a channel: by id or by handle; ``None`` when it is neither.

    >>> wanted("https://www.youtube.com/@acme/videos"), wanted("@acme"), wanted("UC" + "x" * 22), wanted(" ")
    ({'forHandle': '@acme'}, {'forHandle': '@acme'}, {'id': 'UCxxxxxxxxxxxxxxxxxxxxxx'}, None)
    """
    handle = handle.strip().partition("?")[0]
    if "youtube.com/" in handle:
        path = handle.partition("youtube.com/")[2].strip("/").split("/")
        handle = path[1] if path[0] in ("channel", "c", "user") and len(path) > 1 else path[0]
    if is_channel(handle):
        return {"id": handle}
    handle = handle.removeprefix("@")
    return {"forHandle": "@" + handle} if _HANDLE.fullmatch(handle) else None


def comment_key(entry):
    """Return the id of an entry of a list of comments."""
    return identifier(entry["comment"].get("id"))


def comment_place(entry):
    """Return when a comment was written."""
    return seconds(part(entry["comment"], "snippet").get("publishedAt"))


def comment_mark(entry):
    """Return what changes when a comment is edited."""
    updated = part(entry["comment"], "snippet").get("updatedAt")
    return updated[:40] if isinstance(updated, str) else ""


def video_id(entry):
    """Return the id of the video that a video, a place in a playlist or a search result is about."""
    found = part(entry, "contentDetails").get("videoId") or part(entry, "id").get("videoId")
    return identifier(found or part(entry, "snippet", "resourceId").get("videoId") or entry.get("id"))


def video_place(entry):
    """Return when a video was published."""
    published = part(entry, "contentDetails").get("videoPublishedAt")
    return seconds(published) or seconds(part(entry, "snippet").get("publishedAt"))


def video_mark(entry):
    """Return what changes when a video is described differently."""
    snippet = part(entry, "snippet")
    return digest(snippet.get("title"), snippet.get("description"), length=8)


class Reader:
    """Builds the items of one channel.

    :ivar str me: id of the connected channel
    """

    def __init__(self, me):
        self.me = me
        self.now = datetime.now(UTC)
        self._authors = {}

    def author(self, snippet):
        """Return who wrote a comment."""
        channel = snippet.get("authorChannelId")
        key = channel.get("value") if isinstance(channel, dict) else None
        told = [snippet.get(name) for name in _TOLD]
        known = self._authors.get(key) if type(key) is str else None
        if known is not None and known[0] == told:
            return known[1]
        author = self._author(snippet)
        if type(key) is str:
            if len(self._authors) >= MOST_AUTHORS:
                self._authors.clear()
            self._authors[key] = (told, author)
        return author

    @staticmethod
    def _author(snippet):
        author_id = identifier(part(snippet, "authorChannelId").get("value"))
        name = said(snippet, "authorDisplayName", 200)
        if not author_id and not name:
            raise ValueError("no author")
        return AuthorItem(
            # comments of accounts without a channel carry a name only
            external_id=author_id or "name:" + name,
            name=name or author_id,
            handle=name if name.startswith("@") else "",
            url=web_url(snippet.get("authorChannelUrl")) or (f"{SITE}/channel/{author_id}" if author_id else ""),
            avatar_url=web_url(snippet.get("authorProfileImageUrl")),
            realm="" if author_id else None,
        )

    def comment(self, entry, replies=0):
        """Return the item of a comment.

        :raises ValueError: it cannot be read
        """
        comment_id, snippet = identifier(entry.get("id")), part(entry, "snippet")
        text = snippet.get("textDisplay")
        if not isinstance(text, str) or not text.strip():
            text = snippet.get("textOriginal")
        if not comment_id or not isinstance(text, str):
            raise ValueError("no id or no text")
        author = self.author(snippet)
        # a reply says whose it is, and its id begins with that of the comment above
        parent = identifier(snippet.get("parentId")) or comment_id.rpartition(".")[0]
        video, channel = identifier(snippet.get("videoId")), identifier(snippet.get("channelId"))
        created, changed = moment(snippet.get("publishedAt"), self.now), snippet.get("updatedAt")
        updated = moment(changed, self.now) if changed != snippet.get("publishedAt") else created
        identifiers = {"thread": parent or comment_id}
        if video:
            identifiers["video"] = clean_line(video, 100)
        if channel:
            identifiers["channel"] = clean_line(channel, 100)
        state = snippet.get("moderationStatus")
        if isinstance(state, str) and state:
            identifiers["moderation"] = clean_line(state, 100)
        image = web_url(snippet.get("imageUrl"))
        return MentionItem(
            external_id=comment_id,
            kind="comment",
            text=clean_text(text),
            url=f"{SITE}/watch?v={video}&lc={comment_id}" if _plain(video + comment_id) and video else "",
            author=author,
            published_at=created,
            edited_at=updated if created and updated and updated > created else None,
            parent_id=parent or video,
            conversation_id=parent or comment_id,
            origin="own",
            outgoing=bool(self.me) and author.external_id == self.me,
            attachments=(Attachment("image", image),) if image else (),
            likes=count(snippet.get("likeCount")),
            replies=count(replies),
            identifiers=identifiers,
        )

    def video(self, entry):
        """Return the item of a video, a place in a playlist or a search result.

        :raises ValueError: it cannot be read
        """
        video, snippet, figures = video_id(entry), part(entry, "snippet"), part(entry, "statistics")
        if not video or not _plain(video):
            raise ValueError("no id")
        channel = identifier(snippet.get("videoOwnerChannelId")) or identifier(snippet.get("channelId"))
        name = said(snippet, "videoOwnerChannelTitle", 200) or said(snippet, "channelTitle", 200)
        text, mine = snippet.get("description"), bool(self.me) and channel == self.me
        at = video_place(entry)
        picture = web_url(part(snippet, "thumbnails", "high").get("url"))
        language = said(snippet, "defaultAudioLanguage", 20).partition("-")[0].lower()
        return MentionItem(
            external_id=video,
            # titles of search results come with HTML's entities
            title=html.unescape(said(snippet, "title")),
            text=clean_text(text) if isinstance(text, str) else "",
            url=f"{SITE}/watch?v={video}",
            author=AuthorItem(channel, name or channel, url=f"{SITE}/channel/{channel}") if channel else None,
            published_at=datetime.fromtimestamp(at, UTC) if at else None,
            language=language if language.isascii() and language.isalpha() and 2 <= len(language) <= 3 else "",
            conversation_id=video,
            origin="own" if mine else "search",
            outgoing=mine,
            attachments=(Attachment("image", picture),) if picture else (),
            likes=number(figures.get("likeCount")) or 0,
            replies=number(figures.get("commentCount")) or 0,
            identifiers={"video": video} | ({"channel": channel} if channel else {}),
        )

    def profile(self, entry):
        """Return the author item of a channel, ``None`` when it is none."""
        channel, snippet, figures = identifier(entry.get("id")), part(entry, "snippet"), part(entry, "statistics")
        if not channel:
            return None
        handle = said(snippet, "customUrl", 200)
        return AuthorItem(
            external_id=channel,
            name=said(snippet, "title", 200) or handle or channel,
            handle=handle,
            url=f"{SITE}/channel/{channel}" if _plain(channel) else "",
            avatar_url=web_url(part(snippet, "thumbnails", "default").get("url")),
            followers=None if figures.get("hiddenSubscriberCount") is True else number(figures.get("subscriberCount")),
        )

    def read(self, entries, videos):
        """Return ``(items, rejects)`` of entries of a list of videos or of comments."""
        items, rejects = [], []
        for entry in entries:
            try:
                found = self.video(entry) if videos else self.comment(entry["comment"], entry.get("replies", 0))
                items.append(found)
            except (ValueError, TypeError, AttributeError, KeyError, RecursionError) as problem:
                entry_id = video_id(entry) if videos else comment_key(entry)
                rejects.append(Reject(entry, f"{type(problem).__name__}: {problem}"[:300], entry_id))
        return items, rejects


def _plain(text):
    """Return whether an id can stand in an address as it is."""
    return bool(_PLAIN.fullmatch(text))
