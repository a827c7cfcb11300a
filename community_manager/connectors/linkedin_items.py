"""From what the LinkedIn API calls a post, a comment or a notification to an item."""

import re
from datetime import UTC, datetime

from .items import AuthorItem, MentionItem, Reject
from .meta_items import text_of
from .values import believable, count, identifier

#: What LinkedIn calls what people said; likes and shares without words are not among it.
COMMENTED = frozenset(("COMMENT", "COMMENT_EDIT", "ADMIN_COMMENT"))
SHARED = frozenset(("SHARE", "SHARE_MENTION"))
DELETED = "COMMENT_DELETE"

_COMMENT = re.compile(r"urn:li:comment:\((?P<object>urn:li:[A-Za-z]+:[\w-]+),\s*(?P<id>\d{1,30})\)")
_URN = re.compile(r"urn:li:[A-Za-z]+:[\w-]{1,100}")
_TAG = re.compile(r"#(\w{1,100})")
_HASHTAG = re.compile(r"\{hashtag\|\\?#\|([^{}|]{1,200})\}")
_NAMED = re.compile(r"@\[([^\[\]]{1,200})\]\s?\(urn:li:[A-Za-z]+:[\w-]{1,100}\)")
_ESCAPED = re.compile(r"\\([|{}@\[\]()<>#\\*_~])")
#: Signs that mean something in the text of a post ("little text format"); hashtags and addresses are left as they are.
_RESERVED = re.compile(r"(https?://\S+)|(#\w+)|([|{}@\[\]()<>#\\*_~])")


def urn(value):
    """Return a URN, empty for what is none.

    >>> urn("urn:li:share:6631349431612559360"), urn("urn:li:comment:(x)"), urn(None)
    ('urn:li:share:6631349431612559360', '', '')
    """
    return value if isinstance(value, str) and _URN.fullmatch(value) else ""


def comment_parts(value):
    """Return ``(what a comment is on, its own number)`` of the URN of a comment, empty texts for what is none.

    >>> comment_parts("urn:li:comment:(urn:li:activity:6631349431612559360,6636062862760562688)")
    ('urn:li:activity:6631349431612559360', '6636062862760562688')
    """
    found = _COMMENT.fullmatch(value) if isinstance(value, str) and len(value) < 300 else None
    return (found["object"], found["id"]) if found else ("", "")


def escaped(text):
    """Return text as the body of a post wants it.

    >>> escaped("Look (here): #acme _now_")
    'Look \\\\(here\\\\): #acme \\\\_now\\\\_'
    """
    return _RESERVED.sub(lambda found: found[1] or found[2] or "\\" + found[3], text)


def unescaped(text):
    r"""Return the text of a post as people see it.

    >>> unescaped("{hashtag|\\#|Acme} by @[Ana](urn:li:person:1) \\(yes\\)")
    '#Acme by @Ana (yes)'
    """
    if "\\" not in text and "{" not in text and "@" not in text:
        return text
    return _ESCAPED.sub(r"\1", _NAMED.sub(r"@\1", _HASHTAG.sub(r"#\1", text)))


def at(value):
    """Return a time given in milliseconds since 1970."""
    if isinstance(value, bool) or not isinstance(value, int) or not 0 < value < 10**14:
        return None
    return believable(datetime.fromtimestamp(value / 1000, UTC))


class Reader:
    """Turns what one page sees into items.

    LinkedIn does not tell programs the names of people: they are known by their ids.

    :ivar str page: URN of our page, name: its name
    """

    def __init__(self, page, name=""):
        self.page = page
        self.name = name
        self._authors = {}

    def author(self, value):
        """Return the author that a URN stands for.

        :raises ValueError: it is none
        """
        known = self._authors.get(value) if isinstance(value, str) else None
        if known is None:
            known = self._authors[value] = self._author(value)
        return known

    def _author(self, value):
        author = urn(value)
        if not author:
            raise ValueError("no author")
        kind, _colon, number = author.removeprefix("urn:li:").partition(":")
        return AuthorItem(
            author,
            name=(self.name if author == self.page else "") or number,
            url=f"https://www.linkedin.com/company/{number}/" if kind == "organization" else "",
        )

    def post(self, post, origin="own"):
        """Return the item of a post.

        :raises ValueError: it cannot be read
        """
        post_id = urn(post.get("id"))
        if not post_id:
            raise ValueError("no id")
        author = self.author(post.get("author"))
        text = unescaped(text_of(post.get("commentary")))
        published = at(post.get("publishedAt")) or at(post.get("createdAt"))
        return MentionItem(
            external_id=post_id,
            text=text,
            url=f"https://www.linkedin.com/feed/update/{post_id}/",
            author=author,
            published_at=published,
            conversation_id=post_id,
            origin=origin,
            outgoing=author.external_id == self.page,
            hashtags=tuple(dict.fromkeys(tag.lower() for tag in _TAG.findall(text)[:20])) if "#" in text else (),
            identifiers={"urn": post_id, "type": "post"},
        )

    def comment(self, comment, post_id=""):
        """Return the item of a comment.

        :param str post_id: URN of the post, where it is known
        :raises ValueError: it cannot be read
        """
        on, number = comment_parts(comment.get("commentUrn"))
        on = on or urn(comment.get("object"))
        number = number or identifier(comment.get("id"))
        if not number.isdigit() or not on:
            raise ValueError("no id")
        created, changed = comment.get("created"), comment.get("lastModified")
        author = self.author(comment.get("actor"))
        message = comment.get("message")
        if not isinstance(message, dict):
            raise ValueError("no message")
        written = at(created.get("time")) if isinstance(created, dict) else None
        edited = at(changed.get("time")) if isinstance(changed, dict) else None
        likes = comment.get("likesSummary")
        above = comment_parts(comment.get("parentComment"))[1]
        return self._said(
            number,
            on,
            post_id,
            above,
            text=text_of(message.get("text")),
            author=author,
            published_at=written,
            edited_at=edited if edited and written and edited > written else None,
            outgoing=author.external_id == self.page,
            likes=count(likes.get("totalLikes")) if isinstance(likes, dict) else 0,
        )

    @staticmethod
    def _said(number, on, post_id, above, **values):
        """Return the item of a comment from what is known of it."""
        comment_urn = f"urn:li:comment:({on},{number})"
        kept = {"urn": comment_urn, "type": "comment", "object": on}
        if post_id:
            kept["post"] = post_id
        if above:
            kept["parent"] = f"urn:li:comment:({on},{above})"
        return MentionItem(
            number,
            kind="comment",
            url=f"https://www.linkedin.com/feed/update/{post_id or on}/",
            parent_id=above or post_id or on,
            conversation_id=post_id or on,
            origin="own",
            identifiers=kept,
            **values,
        )

    def notification(self, told):
        """Return the item that a notification is about, ``None`` for what nobody said.

        :raises ValueError: it cannot be read
        """
        action = told.get("action")
        source = urn(told.get("sourcePost"))
        when = at(told.get("lastModifiedAt"))
        decorated = told.get("decoratedGeneratedActivity")
        decorated = decorated if isinstance(decorated, dict) else {}
        if action in COMMENTED or action == DELETED:
            on, number = comment_parts(told.get("generatedActivity"))
            if not number:
                raise ValueError("no comment")
            if action == DELETED:
                return MentionItem(number, kind="comment", origin="own", deleted=True)
            comment = decorated.get("comment")
            if not isinstance(comment, dict):
                raise ValueError("a comment without its words")
            author = self.author(comment.get("owner") or comment.get("actor"))
            edit = action == "COMMENT_EDIT"
            return self._said(
                number,
                on,
                source,
                comment_parts(comment.get("parentComment"))[1],
                text=_words(comment),
                author=author,
                published_at=None if edit else when,
                edited_at=when if edit else None,
                outgoing=author.external_id == self.page,
            )
        if action in SHARED:
            share = decorated.get("share")
            if not isinstance(share, dict):
                raise ValueError("a post without its words")
            words = _words(share)
            if not words and action == "SHARE":
                return None  # passed on without a word
            post_id = urn(told.get("generatedActivity")) or urn(share.get("entity"))
            made = {"id": post_id, "author": share.get("owner"), "commentary": "", "createdAt": None}
            item = self.post(made)
            item.text, item.published_at = unescaped(words), when
            return item
        return None

    def read(self, kind, entries, inside=""):
        """Return ``(items, rejects)`` of entries of one kind, the name of a method."""
        items, rejects = [], []
        for entry in entries:
            try:
                item = self.comment(entry, inside) if kind == "comment" else getattr(self, kind)(entry)
            except (ValueError, TypeError, AttributeError, KeyError, IndexError) as problem:
                known = identifier(entry.get("id")) or identifier(entry.get("generatedActivity"))
                rejects.append(Reject(entry, f"{type(problem).__name__}: {problem}"[:300], known))
                continue
            if item is not None:
                items.append(item)
        return items, rejects


def _words(holder):
    """Return the words of a comment or post in a notification, which stand in one of two places."""
    text = holder.get("text")
    if text is None and isinstance(holder.get("message"), dict):
        text = holder["message"].get("text")
    if isinstance(text, dict):
        text = text.get("text")
    return text_of(text)
