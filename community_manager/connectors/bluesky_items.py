"""From what Bluesky's lexicons call a post, a profile or a message to items."""

import re
from datetime import UTC, datetime

from .bluesky_text import DID, HANDLE, features, with_whole_links
from .items import Attachment, AuthorItem, Counts, MentionItem, Reject
from .text import clean_line, clean_text
from .values import count, identifier, moment, web_url

WEB = "https://bsky.app"
POSTS = "app.bsky.feed.post"
POST_URI = re.compile(rf"at://({DID.pattern})/app\.bsky\.feed\.post/([A-Za-z0-9._:~-]{{1,512}})")
CONVERSATION = re.compile(r"[A-Za-z0-9_-]{1,100}")
MESSAGE_ID = re.compile(r"chat:([A-Za-z0-9_-]{1,100})/([A-Za-z0-9_-]{1,100})")
#: What the network puts in place of a handle that does not lead back to its account.
NO_HANDLE = "handle.invalid"
#: Handles below these belong to the network and prove no web site.
HOSTED = (".bsky.social", ".bsky.team", ".brid.gy")
#: More pictures or tags than any client allows are not read.
MANY = 20
#: What of a profile its author is made of; the same few people write most of a page.
_TOLD = ("handle", "displayName", "avatar", "followersCount")
#: Authors that are remembered while a list is read.
MOST_AUTHORS = 1000


def post_uri(value):
    """Return the address of a post, or an empty string for anything else.

    >>> post_uri("at://did:plc:abc/app.bsky.feed.post/3k"), post_uri("at://did:plc:abc/app.bsky.feed.like/3k")
    ('at://did:plc:abc/app.bsky.feed.post/3k', '')
    """
    return value if isinstance(value, str) and len(value) <= 500 and POST_URI.fullmatch(value) else ""


def split_uri(uri):
    """Return (repository, record key) of the address of a post.

    :raises ValueError: it is none
    """
    match = POST_URI.fullmatch(uri) if isinstance(uri, str) else None
    if not match:
        raise ValueError("no address of a post")
    return match.group(1), match.group(2)


def reference(value):
    """Return ``{"uri", "cid"}`` of a strong reference to a post, or ``None``."""
    if not isinstance(value, dict):
        return None
    uri, cid = post_uri(value.get("uri")), identifier(value.get("cid"))
    return {"uri": uri, "cid": cid} if uri and cid else None


def message_id(conversation, message):
    """Return our id of a private message."""
    return f"chat:{conversation}/{message}"


def _dict(value):
    return value if isinstance(value, dict) else {}


class Reader:
    """Turns what the network answers into items.

    :ivar str me: DID of our own account
    """

    def __init__(self, me=""):
        self.me = me
        self.now = datetime.now(UTC)
        self._authors = {}

    # --- people ---

    def author(self, profile):
        """Return the author behind a profile of any size.

        :raises ValueError: there is none
        """
        did = profile.get("did") if isinstance(profile, dict) else None
        if not isinstance(did, str):
            raise ValueError("no account")
        told = [profile.get(name) for name in _TOLD]
        known = self._authors.get(did)
        if known is not None and known[0] == told:
            return known[1]
        if not DID.fullmatch(did):
            raise ValueError("no account")
        if len(self._authors) >= MOST_AUTHORS:
            self._authors.clear()
        author = self._author(did, profile)
        self._authors[did] = (told, author)
        return author

    @staticmethod
    def _author(did, profile):
        handle = profile.get("handle")
        handle = handle.lower() if isinstance(handle, str) and len(handle) <= 253 else ""
        if handle == NO_HANDLE or not HANDLE.fullmatch(handle):
            handle = ""
        name = profile.get("displayName")
        followers = profile.get("followersCount")
        return AuthorItem(
            external_id=did,
            name=(clean_line(name, 200) if isinstance(name, str) else "") or handle or did,
            handle=f"@{handle}" if handle else "",
            url=f"{WEB}/profile/{handle or did}",
            avatar_url=web_url(profile.get("avatar")),
            followers=count(followers) if type(followers) is int else None,
            # A handle that is a domain of its own is proved by that domain.
            verified_urls=(f"https://{handle}",) if handle and not handle.endswith(HOSTED) else (),
        )

    # --- posts ---

    def post(self, view, origin="search"):
        """Return the item of a post as lists, notifications and threads show it.

        :raises ValueError: it cannot be read
        """
        uri = view.get("uri")
        did, key = split_uri(uri)
        record = view.get("record")
        if not isinstance(record, dict):
            raise ValueError("no record")
        text = record.get("text")
        if not isinstance(text, str):
            raise ValueError("the text is not text")
        author = self.author(view.get("author"))
        if author.external_id != did:
            raise ValueError("the author is somebody else")
        reply = record.get("reply")
        parent, root = (reference(reply.get(name)) for name in ("parent", "root")) if _dict(reply) else (None, None)
        embed = record.get("embed")
        quoted = self._quoted(embed) if embed else ""
        text, tags, mentioned = self._marked(text, record)
        text = self._with_card(text, embed) if embed else text
        media = view.get("embed")
        outgoing = did == self.me
        langs = record.get("langs")
        return MentionItem(
            external_id=uri,
            text=clean_text(text),
            url=f"{WEB}/profile/{author.handle[1:] or did}/post/{key}",
            author=author,
            published_at=moment(record.get("createdAt"), self.now) or moment(view.get("indexedAt"), self.now),
            language=self._language(langs) if langs else "",
            parent_id=parent["uri"] if parent else "",
            conversation_id=(root or parent or {"uri": uri})["uri"],
            origin="own" if outgoing or self._concerns_us(parent, quoted, mentioned) else origin,
            outgoing=outgoing,
            attachments=self._attachments(media) if media else (),
            hashtags=tags,
            likes=count(view.get("likeCount")),
            shares=count(view.get("repostCount")) + count(view.get("quoteCount")),
            replies=count(view.get("replyCount")),
            identifiers=self._identifiers(view, root or parent, quoted),
        )

    @staticmethod
    def _identifiers(view, root, quoted):
        found = {"cid": identifier(view.get("cid"))}
        if root:
            found["root"] = root
        if quoted:
            found["quoted"] = quoted
        return found

    def _concerns_us(self, parent, quoted, mentioned):
        """Return whether a post mentions, answers or quotes our own account."""
        if not self.me:
            return False
        ours = f"at://{self.me}/"
        return self.me in mentioned or (parent or {"uri": ""})["uri"].startswith(ours) or quoted.startswith(ours)

    @staticmethod
    def _marked(text, record):
        """Return the text with whole links, its hashtags, and who is mentioned in it."""
        marks, tags = record.get("facets"), record.get("tags")
        if not marks and not tags:
            return text, (), ()
        found = [tag for tag in tags[:MANY] if isinstance(tag, str)] if isinstance(tags, list) else []
        mentioned, links = set(), []
        for start, end, feature in features(marks):
            kind = feature.get("$type")
            if kind == "app.bsky.richtext.facet#tag" and isinstance(feature.get("tag"), str):
                found.append(feature["tag"])
            elif kind == "app.bsky.richtext.facet#mention" and isinstance(feature.get("did"), str):
                mentioned.add(feature["did"])
            elif kind == "app.bsky.richtext.facet#link" and web_url(feature.get("uri")):
                links.append((start, end, web_url(feature["uri"])))
        names = (clean_line(tag, 200).lstrip("#").lower() for tag in found)
        return (with_whole_links(text, links) if links else text), tuple(dict.fromkeys(filter(None, names))), mentioned

    @staticmethod
    def _quoted(embed):
        """Return the address of the post that is quoted."""
        record = _dict(_dict(embed).get("record"))
        return post_uri(record.get("uri")) or post_uri(_dict(record.get("record")).get("uri"))

    @staticmethod
    def _with_card(text, embed):
        """Return a text with the address of its link card, unless it says it already."""
        embed = _dict(embed)
        card = _dict(embed.get("external")) or _dict(_dict(embed.get("media")).get("external"))
        address = web_url(card.get("uri"))
        return f"{text}\n\n{address}" if address and address not in text else text

    @staticmethod
    def _attachments(embed):
        embed = _dict(embed)
        embed = _dict(embed.get("media")) or embed
        found = []
        pictures = embed.get("images") if isinstance(embed.get("images"), list) else embed.get("items")
        for one in pictures[:MANY] if isinstance(pictures, list) else ():
            url = web_url(_dict(one).get("fullsize"))
            if url:
                alt = one.get("alt")
                found.append(Attachment("image", url, clean_text(alt, 2000) if isinstance(alt, str) else ""))
        video = web_url(embed.get("playlist"))
        if video:
            alt = embed.get("alt")
            found.append(Attachment("video", video, clean_text(alt, 2000) if isinstance(alt, str) else ""))
        return tuple(found)

    @staticmethod
    def _language(langs):
        first = langs[0] if isinstance(langs, list) else None
        if not isinstance(first, str):
            return ""
        primary = first.partition("-")[0].lower()
        return primary if primary.isascii() and primary.isalpha() and 2 <= len(primary) <= 3 else ""

    def read(self, entries, origin):
        """Return ``(items, rejects)`` of posts, each once."""
        items, rejects = {}, []
        for view in entries:
            try:
                item = self.post(view, origin)
            except (ValueError, TypeError, AttributeError, KeyError, RecursionError) as problem:
                uri = post_uri(view.get("uri")) if isinstance(view, dict) else ""
                rejects.append(Reject(view, f"{type(problem).__name__}: {problem}"[:300], uri))
                continue
            items.setdefault(item.external_id, item)
        return list(items.values()), rejects

    # --- private messages ---

    def message(self, view, conversation, profiles):
        """Return the item of a private message.

        :param dict profiles: by DID
        :raises ValueError: it cannot be read
        """
        if not isinstance(conversation, str) or not CONVERSATION.fullmatch(conversation):
            raise ValueError("no conversation")
        if not MESSAGE_ID.fullmatch(message_id(conversation, view.get("id"))):
            raise ValueError("no id")
        did = _dict(view.get("sender")).get("did")
        text = view.get("text")
        deleted = text is None and view.get("$type") == "chat.bsky.convo.defs#deletedMessageView"
        if not deleted and not isinstance(text, str):
            raise ValueError("the text is not text")
        answered = _dict(view.get("replyTo")).get("id")
        parent = message_id(conversation, answered) if answered else ""
        if text and view.get("facets"):
            text = self._marked(text, view)[0]
        return MentionItem(
            external_id=message_id(conversation, view["id"]),
            kind="message",
            text=clean_text(text),
            author=self.author(profiles.get(did) if isinstance(did, str) and did in profiles else {"did": did}),
            published_at=moment(view.get("sentAt"), self.now),
            parent_id=parent if MESSAGE_ID.fullmatch(parent) else "",
            conversation_id=f"chat:{conversation}",
            visibility="direct",
            origin="own",
            outgoing=did == self.me,
            deleted=deleted,
            identifiers={"convo": conversation},
        )


def counts(view):
    """Return the figures of a post."""

    def number(name):
        return count(view.get(name)) if type(view.get(name)) is int else None

    shares = [one for one in (number("repostCount"), number("quoteCount")) if one is not None]
    return Counts(
        likes=number("likeCount"),
        shares=min(sum(shares), 2_000_000_000) if shares else None,
        replies=number("replyCount"),
    )
