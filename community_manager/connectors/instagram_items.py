"""From what the Graph API calls a media, a comment or a message of an Instagram account to an item."""

import re

from .items import Attachment, AuthorItem, MentionItem
from .meta_items import MANY, PageReader, seconds, text_of, username_of
from .text import clean_line
from .values import count, identifier, moment, web_url

_MEDIA = {"IMAGE": "image", "VIDEO": "video", "CAROUSEL_ALBUM": "image"}
_HASHTAG = re.compile(r"#(\w{1,100})")


class Reader(PageReader):
    """Turns what one account sees into items."""

    def author(self, username, person=None):
        """Return the author of something; ``None`` where Instagram does not say, as with hashtags."""
        given = person if isinstance(person, dict) else {}
        return self.remembered(username, given.get("username"), given.get("id"))

    def _author(self, username, own_name, person_id):
        name, person_id = username_of(username) or username_of(own_name), identifier(person_id)
        mine = (bool(name) and name == self.name) or (bool(person_id) and person_id == self.account)
        if mine:
            # by its name where nothing but the name is told, by its id where nothing but that
            name, person_id = name or self.name, ""
        if not name and not person_id:
            return AuthorItem(self.account, name=self.account) if mine else None
        return AuthorItem(
            # people who write to us or comment are known by ids that are this account's own, others by their names
            person_id or name,
            name=name or person_id,
            handle=f"@{name}" if name else "",
            url=f"https://www.instagram.com/{name}/" if name else "",
            realm=self.account if person_id else "",
        )

    def _ours(self, author, person=None):
        given = person if isinstance(person, dict) else {}
        mine = bool(self.account) and identifier(given.get("id")) == self.account
        return mine or (author is not None and bool(self.name) and author.external_id == self.name)

    def media(self, media, origin="own", kind="media"):
        """Return the item of a picture or video with its caption.

        :param str kind: how it can be asked for again: "media" (ours), "tag", "mention" or "hashtag"
        :raises ValueError: it cannot be read
        """
        media_id = identifier(media.get("id"))
        if not media_id:
            raise ValueError("no id")
        text = text_of(media.get("caption"))
        author = self.author(media.get("username"))
        picture = web_url(media.get("media_url")) or web_url(media.get("thumbnail_url"))
        what = media.get("media_type")
        attached = Attachment(_MEDIA.get(what, "file") if isinstance(what, str) else "file", picture)
        return MentionItem(
            external_id=media_id,
            text=text,
            url=web_url(media.get("permalink")),
            author=author,
            published_at=moment(media.get("timestamp"), self.now),
            conversation_id=media_id,
            origin=origin,
            outgoing=self._ours(author),
            attachments=(attached,) if picture else (),
            hashtags=tuple(dict.fromkeys(tag.lower() for tag in _HASHTAG.findall(text)[:MANY])) if "#" in text else (),
            likes=count(media.get("like_count")),
            replies=count(media.get("comments_count")),
            identifiers={"id": media_id, "type": kind},
        )

    def comment(self, comment, media_id, kind="comment"):
        """Return the item of a comment.

        :param str kind: "comment" beneath something of ours, "mention" beneath something of others
        :raises ValueError: it cannot be read
        """
        comment_id = identifier(comment.get("id"))
        if not comment_id:
            raise ValueError("no id")
        person = comment.get("from")
        author = self.author(comment.get("username"), person)
        parent_id = identifier(comment.get("parent_id"))
        kept = {"id": comment_id, "type": kind, "media_id": media_id}
        if isinstance(person, dict) and identifier(person.get("id")):
            kept["person"] = identifier(person["id"])
        return MentionItem(
            external_id=comment_id,
            kind="comment",
            text=text_of(comment.get("text")),
            author=author,
            published_at=moment(comment.get("timestamp"), self.now),
            parent_id=parent_id or media_id,
            conversation_id=media_id,
            origin="own",
            outgoing=self._ours(author, person),
            likes=count(comment.get("like_count")),
            identifiers=kept,
        )

    def message(self, message, conversation):
        """Return the item of a private message.

        :raises ValueError: it cannot be read
        """
        message_id = identifier(message.get("id"))
        sender = message.get("from")
        author = self.author(None, sender)
        if not message_id or author is None:
            raise ValueError("no id or no writer")
        outgoing = self._ours(author, sender)
        to = message.get("to")
        others = to.get("data") if isinstance(to, dict) else None
        other = others[0] if isinstance(others, list) and others and isinstance(others[0], dict) else {}
        person = identifier((other if outgoing else sender).get("id"))
        return MentionItem(
            external_id=message_id,
            kind="message",
            text=text_of(message.get("message")),
            author=author,
            published_at=moment(message.get("created_time"), self.now),
            conversation_id=f"t_{person}" if person else "",
            visibility="direct",
            origin="own",
            outgoing=outgoing,
            attachments=self._files(message.get("attachments")),
            identifiers={"id": message_id, "type": "message", "conversation": conversation, "person": person},
        )

    @staticmethod
    def _files(listed):
        entries = listed.get("data") if isinstance(listed, dict) else None
        found = []
        for one in entries[:MANY] if isinstance(entries, list) else ():
            for name, kind in (("image_data", "image"), ("video_data", "video"), ("payload", "file")):
                data = one.get(name) if isinstance(one, dict) else None
                url = web_url(data.get("url")) if isinstance(data, dict) else ""
                if url:
                    found.append(Attachment(kind, url))
        return tuple(found)

    def item(self, kind, entry, inside):
        """See :meth:`PageReader.item`; ``kind`` is "comment", "message" or as :meth:`media` has it."""
        if kind in ("comment", "message"):
            return getattr(self, kind)(entry, inside)
        return self.media(entry, "search" if kind == "hashtag" else "own", kind)

    # --- deliveries ---

    def delivered_comment(self, value, sent_at):
        """Return the item of a delivered comment beneath something of ours.

        :raises ValueError: it cannot be read
        """
        media = value.get("media")
        media_id = identifier(media.get("id")) if isinstance(media, dict) else ""
        item = self.comment(value, media_id)
        item.published_at = seconds(sent_at)
        return item


def clean_hashtag(words):
    """Return the hashtag that some words stand for.

    >>> clean_hashtag("#Acme"), clean_hashtag("acme boots!")
    ('acme', 'acmeboots')
    """
    return "".join(character for character in clean_line(words, 200).lower() if character.isalnum() or character == "_")
