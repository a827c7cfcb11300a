"""From what the Graph API calls a post, a comment, a recommendation or a message of a page to an item."""

from .items import Attachment, AuthorItem, MentionItem
from .meta_items import MANY, PageReader, seconds, text_of
from .text import clean_line
from .values import count, digest, identifier, moment, web_url

_MEDIA = {"photo": "image", "image": "image", "video": "video", "video_inline": "video", "audio": "audio"}
#: Facebook asks whether people recommend a page and no longer for stars: yes and no are the ends of the scale.
_STARS = {"positive": 5.0, "negative": 1.0}


def message_id(value):
    """Return the id of a message: lists put ``m_`` in front of it, answers to what was sent do not always.

    >>> message_id("m_AG5Hz2U"), message_id("AG5Hz2U"), message_id(None)
    ('m_AG5Hz2U', 'm_AG5Hz2U', '')
    """
    found = identifier(value)
    return found if not found or found.startswith("m_") else f"m_{found}"


def total(value):
    """Return the number that a list with a summary has."""
    summary = value.get("summary") if isinstance(value, dict) else None
    return count(summary.get("total_count")) if isinstance(summary, dict) else 0


class Reader(PageReader):
    """Turns what one page sees into items.

    People are known to a page by ids that are its own: the id of the page is the realm of authors.
    """

    def author(self, person):
        """Return the author of something; ``None`` where Facebook does not say, which takes a permission."""
        if not isinstance(person, dict):
            return None
        return self.remembered(person.get("id"), person.get("name"))

    def _author(self, person_id, name):
        person_id = identifier(person_id)
        if not person_id:
            return None
        name = clean_line(str(name or ""), 200)
        mine = person_id == self.account
        return AuthorItem(
            external_id=person_id,
            name=name or (self.name if mine else "") or person_id,
            url=f"https://www.facebook.com/{person_id}" if mine and person_id.isdigit() else "",
            realm="" if mine else self.account,
        )

    def post(self, post, origin="own"):
        """Return the item of a post on the page, or of one that names the page.

        :raises ValueError: it cannot be read
        """
        post_id = identifier(post.get("id"))
        if not post_id:
            raise ValueError("no id")
        author = self.author(post.get("from"))
        shares = post.get("shares")
        return MentionItem(
            external_id=post_id,
            text=text_of(post.get("message")) or text_of(post.get("story")),
            url=web_url(post.get("permalink_url")),
            author=author,
            published_at=moment(post.get("created_time"), self.now),
            conversation_id=post_id,
            origin=origin,
            outgoing=author is not None and author.external_id == self.account,
            attachments=self._attachments(post.get("attachments")),
            likes=total(post.get("reactions")),
            shares=count(shares.get("count")) if isinstance(shares, dict) else 0,
            replies=total(post.get("comments")),
            identifiers={"id": post_id, "type": "post"},
        )

    def comment(self, comment, post_id):
        """Return the item of a comment on a post of the page.

        :raises ValueError: it cannot be read
        """
        comment_id = identifier(comment.get("id"))
        if not comment_id:
            raise ValueError("no id")
        author = self.author(comment.get("from"))
        parent = comment.get("parent")
        parent_id = identifier(parent.get("id")) if isinstance(parent, dict) else ""
        return MentionItem(
            external_id=comment_id,
            kind="comment",
            text=text_of(comment.get("message")),
            url=web_url(comment.get("permalink_url")),
            author=author,
            published_at=moment(comment.get("created_time"), self.now),
            parent_id=parent_id or post_id,
            conversation_id=post_id,
            origin="own",
            outgoing=author is not None and author.external_id == self.account,
            attachments=self._attachments({"data": [comment.get("attachment")]}),
            likes=count(comment.get("like_count")),
            replies=count(comment.get("comment_count")),
            identifiers={"id": comment_id, "type": "comment", "post_id": post_id},
        )

    def review(self, rating):
        """Return the item of a recommendation.

        :raises ValueError: it cannot be read
        """
        story = rating.get("open_graph_story")
        story_id = identifier(story.get("id")) if isinstance(story, dict) else ""
        person = rating.get("reviewer")
        person_id = identifier(person.get("id")) if isinstance(person, dict) else ""
        written = rating.get("created_time")
        if not story_id and not (person_id and isinstance(written, str)):
            raise ValueError("neither a story nor a writer")
        stars = rating.get("rating")
        kind = rating.get("recommendation_type")
        if isinstance(stars, (int, float)) and not isinstance(stars, bool) and 0 <= stars <= 5:
            stars = float(stars)
        else:
            stars = _STARS.get(kind.lower()) if isinstance(kind, str) else None
        return MentionItem(
            external_id=story_id or "r" + digest(self.account, person_id, written),
            kind="review",
            text=text_of(rating.get("review_text")),
            url=f"https://www.facebook.com/{story_id}" if story_id.replace("_", "").isdigit() else "",
            author=self.author(person),
            published_at=moment(written, self.now),
            conversation_id=story_id,
            origin="own",
            rating=stars,
            identifiers={"id": story_id, "type": "review"},
        )

    def message(self, message, conversation):
        """Return the item of a private message.

        :raises ValueError: it cannot be read
        """
        found = message_id(message.get("id"))
        author = self.author(message.get("from"))
        if not found or author is None:
            raise ValueError("no id or no writer")
        return MentionItem(
            external_id=found,
            kind="message",
            text=text_of(message.get("message")),
            author=author,
            published_at=moment(message.get("created_time"), self.now),
            conversation_id=self.talk(message, author),
            visibility="direct",
            origin="own",
            outgoing=author.external_id == self.account,
            attachments=self._attachments(message.get("attachments")),
            identifiers={"id": found, "type": "message", "conversation": conversation},
        )

    def talk(self, message, author):
        """Return what a conversation is known by: the person at its other end, whom deliveries name too."""
        if author.external_id != self.account:
            return f"t_{author.external_id}"
        to = message.get("to")
        others = to.get("data") if isinstance(to, dict) else None
        first = others[0] if isinstance(others, list) and others else None
        other = identifier(first.get("id")) if isinstance(first, dict) else ""
        return f"t_{other}" if other else ""

    @staticmethod
    def _attachments(listed):
        entries = listed.get("data") if isinstance(listed, dict) else None
        found = []
        for one in entries[:MANY] if isinstance(entries, list) else ():
            if not isinstance(one, dict):
                continue
            media = one.get("media")
            image = media.get("image") if isinstance(media, dict) else one.get("image_data") or one.get("video_data")
            url = web_url(image.get("src") or image.get("url")) if isinstance(image, dict) else ""
            url = url or web_url(one.get("file_url")) or web_url(one.get("url"))
            kind = one.get("type") or str(one.get("mime_type") or "").partition("/")[0]
            if url:
                found.append(Attachment(_MEDIA.get(kind, "file") if isinstance(kind, str) else "file", url))
        return tuple(found)

    def item(self, kind, entry, inside):
        """See :meth:`PageReader.item`; ``kind`` is the name of a method."""
        read = getattr(self, kind)
        return read(entry, inside) if kind in ("comment", "message") else read(entry)

    # --- deliveries ---

    def change(self, value):
        """Return the item of a change of the feed, ``None`` for what nobody said (likes, shares without words).

        :raises ValueError: it cannot be read
        """
        what, verb = value.get("item"), value.get("verb")
        comment_id, post_id = identifier(value.get("comment_id")), identifier(value.get("post_id"))
        if what == "comment":
            made = {"id": comment_id, "parent": {"id": identifier(value.get("parent_id"))}}
            item = self.comment({**value, **made, "created_time": None}, post_id)
        elif what in ("post", "status", "photo", "video", "share", "link"):
            item = self.post(
                {**value, "id": post_id, "created_time": None, "permalink_url": value.get("permalink_url")}
            )
        else:
            return None
        item.published_at = seconds(value.get("created_time"))
        if verb == "remove":
            return MentionItem(item.external_id, item.kind, origin="own", deleted=True, outgoing=item.outgoing)
        if verb in ("hide", "unhide"):
            return None
        if verb in ("edited", "edit"):
            item.edited_at, item.published_at = item.published_at, None
        picture = web_url(value.get("photo")) or web_url(value.get("video"))
        if picture and not item.attachments:
            item.attachments = (Attachment("video" if value.get("video") else "image", picture),)
        return item

    def rating_change(self, value):
        """Return the item of a delivered recommendation; see :meth:`review`."""
        if value.get("item") != "rating" or value.get("verb") == "remove":
            return None
        story = identifier(value.get("open_graph_story_id"))
        person = {"id": value.get("reviewer_id"), "name": value.get("reviewer_name")}
        written = seconds(value.get("created_time"))
        made = {**value, "open_graph_story": {"id": story}, "reviewer": person}
        return self.review({**made, "created_time": written.isoformat() if written else None})

    def delivered_files(self, attached):
        """See :meth:`PageReader.delivered_files`."""
        return [
            {"type": one.get("type"), "url": one["payload"].get("url")}
            for one in attached[:MANY]
            if isinstance(one, dict) and isinstance(one.get("payload"), dict)
        ]
