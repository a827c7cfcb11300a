"""From what the Threads API calls a thread or a reply to an item."""

from datetime import UTC, datetime

from .items import Attachment, AuthorItem, MentionItem, Reject
from .meta_items import text_of, username_of
from .text import clean_line
from .values import identifier, moment, web_url

_MEDIA = {"IMAGE": "image", "VIDEO": "video", "CAROUSEL_ALBUM": "image", "AUDIO": "audio"}
#: A repost says nothing of its own.
_REPOST = "REPOST_FACADE"


def inner_id(holder, name):
    """Return the id of an object inside another, empty when there is none."""
    inner = holder.get(name)
    return identifier(inner.get("id")) if isinstance(inner, dict) else ""


class Reader:
    """Turns what one account sees into items; people are known by their user names.

    :ivar str name: our own user name
    """

    def __init__(self, name=""):
        self.name = name
        self.now = datetime.now(UTC)

    def item(self, post, origin="own", root=""):
        """Return the item of a post or reply.

        :param str root: id of the conversation, where the answer does not say
        :raises ValueError: it cannot be read
        """
        post_id = identifier(post.get("id"))
        name = username_of(post.get("username"))
        if not post_id or not name:
            raise ValueError("no id or no writer")
        media = web_url(post.get("media_url")) or web_url(post.get("gif_url"))
        kind, alt = post.get("media_type"), post.get("alt_text")
        link = web_url(post.get("link_attachment_url"))
        tag = post.get("topic_tag")
        tag = clean_line(tag, 100).lstrip("#").lower() if isinstance(tag, str) else ""
        text = text_of(post.get("text"))
        outgoing = name == self.name
        return MentionItem(
            external_id=post_id,
            # an address that came along and is not in the text belongs to what was said
            text=f"{text}\n\n{link}".strip() if link and link not in text else text,
            url=web_url(post.get("permalink")),
            author=AuthorItem(
                name,
                name=name,
                handle=f"@{name}",
                url=f"https://www.threads.com/@{name}",
                avatar_url=web_url(post.get("profile_picture_url")),
            ),
            published_at=moment(post.get("timestamp"), self.now),
            parent_id=inner_id(post, "replied_to"),
            conversation_id=inner_id(post, "root_post") or root or post_id,
            origin="own" if outgoing else origin,
            outgoing=outgoing,
            attachments=(
                (
                    Attachment(
                        _MEDIA.get(kind, "file") if isinstance(kind, str) else "file",
                        media,
                        alt[:2000] if isinstance(alt, str) and alt.isprintable() else "",
                    ),
                )
                if media
                else ()
            ),
            hashtags=(tag,) if tag else (),
            identifiers={"id": post_id},
        )

    def read(self, entries, origin="own", root=""):
        """Return ``(items, rejects)``."""
        items, rejects = [], []
        for entry in entries:
            if entry.get("media_type") == _REPOST:
                continue
            try:
                items.append(self.item(entry, origin, root))
            except (ValueError, TypeError, AttributeError, KeyError, IndexError) as problem:
                rejects.append(Reject(entry, f"{type(problem).__name__}: {problem}"[:300], identifier(entry.get("id"))))
        return items, rejects
