"""From what the Stack Exchange API calls questions, answers and comments to items."""

import html
from datetime import UTC, datetime
from urllib.parse import urlsplit

from .by_time import key_of
from .items import AuthorItem, Counts, MentionItem, Reject
from .text import clean_line, html_to_text
from .values import count, identifier, moment_at, web_url

#: More tags than any question may have are not read.
MANY = 20
#: What of a user its author is made of; the same few people write most of a page.
_TOLD = ("display_name", "link", "profile_image")
#: Authors that are remembered while lists are read.
MOST_AUTHORS = 1000
#: Comments are numbered apart from questions and answers.
COMMENT = "c"
IDS = {"question": "question_id", "answer": "answer_id", "comment": "comment_id"}


def question_key(question):
    """Return the key of a question in a list sorted by activity, empty when it has none."""
    return _key(question, "last_activity_date", "question_id")


def inbox_key(entry):
    """Return the key of an entry of the inbox, empty when it has none."""
    if not isinstance(entry, dict):
        return ""
    kind = "comment" if entry.get("comment_id") else "answer" if entry.get("answer_id") else "question"
    return _key(entry, "creation_date", IDS[kind], COMMENT if kind == "comment" else "")


def entry_key(entry):
    """Return the key of an entry of any list."""
    return inbox_key(entry) if isinstance(entry, dict) and "item_type" in entry else question_key(entry)


def _key(entry, time, name, prefix=""):
    if not isinstance(entry, dict):
        return ""
    second, number = entry.get(time), entry.get(name)
    if type(second) is not int or not 0 < second < 10**11 or type(number) is not int or not 0 < number < 10**15:
        return ""
    return key_of(second, f"{prefix}{number}")


def kind_of(thing):
    """Return "comment", "answer" or "question", or an empty string for anything else."""
    if thing.get("comment_id"):
        return "comment"
    if thing.get("answer_id"):
        return "answer"
    return "question" if thing.get("question_id") else ""


class Reader:
    """Turns posts and comments of one site into items.

    :ivar str realm: the site, within which ids are known
    :ivar str me: id of our own user there, or an empty string
    :ivar str host: where the site is, learned from the links it gives
    """

    def __init__(self, realm, me=""):
        self.realm = realm
        self.me = me
        self.host = ""
        self.now = datetime.now(UTC)
        self._authors = {}

    def author(self, owner):
        """Return an author, ``None`` where the user does not exist any more."""
        known = owner.get("user_id") if isinstance(owner, dict) else None
        if type(known) is not int:
            return self._author(owner)
        told = [owner.get(name) for name in _TOLD]
        found = self._authors.get(known)
        if found is None or found[0] != told:
            if len(self._authors) >= MOST_AUTHORS:
                self._authors.clear()
            found = self._authors[known] = (told, self._author(owner))
        return found[1]

    def _author(self, owner):
        user_id = identifier(owner.get("user_id")) if isinstance(owner, dict) else ""
        name = clean_line(html.unescape(owner["display_name"]), 200) if self._named(owner) else ""
        if not user_id:
            return AuthorItem(external_id=f"name:{name}", name=name, realm=self.realm) if name else None
        link = web_url(owner.get("link"))
        if link and not self.host:
            self.host = urlsplit(link).netloc
        return AuthorItem(
            external_id=user_id,
            name=name or user_id,
            url=link,
            avatar_url=web_url(owner.get("profile_image")),
            realm=self.realm,
        )

    @staticmethod
    def _named(owner):
        return isinstance(owner, dict) and isinstance(owner.get("display_name"), str)

    def item(self, thing, origin="search"):
        """Return the item of a question, an answer or a comment.

        :raises ValueError: it cannot be read
        """
        kind = kind_of(thing)
        if not kind:
            raise ValueError("no id")
        number = identifier(thing[IDS[kind]])
        if not number:
            raise ValueError("no id")
        title, body = thing.get("title"), thing.get("body")
        for value in (title, body):
            if value is not None and not isinstance(value, str):
                raise ValueError("text is not text")
        link = web_url(thing.get("link"))
        if link and not self.host:
            self.host = urlsplit(link).netloc
        owner = thing.get("owner")
        author = self.author(owner)
        outgoing = bool(self.me) and author is not None and author.external_id == self.me
        question = number if kind == "question" else identifier(thing.get("question_id"))
        parent = question if kind == "answer" else ""
        if kind == "comment":
            parent = identifier(thing.get("post_id")) or identifier(thing.get("answer_id")) or question
        identifiers = {"id": number, "type": kind}
        if question:
            identifiers["question_id"] = question
        if kind == "comment" and parent:
            identifiers["post_id"] = parent
        tags = thing.get("tags")
        edited = thing.get("last_edit_date")
        return MentionItem(
            external_id=COMMENT + number if kind == "comment" else number,
            kind="post" if kind == "question" else "comment",
            realm=self.realm,
            text=html_to_text(body) if body else "",
            title=clean_line(html.unescape(title)) if title and kind == "question" else "",
            url=link or self._url(kind, number),
            author=author,
            published_at=moment_at(thing.get("creation_date"), self.now),
            edited_at=moment_at(edited, self.now) if edited else None,
            parent_id=parent,
            conversation_id=question,
            origin="own" if outgoing else origin,
            outgoing=outgoing,
            hashtags=self._tags(tags) if tags else (),
            likes=count(thing.get("score")),
            replies=count(thing.get("answer_count")) if kind == "question" else 0,
            identifiers=identifiers,
        )

    def _url(self, kind, number):
        if not self.host:
            return ""
        place = {"question": "q", "answer": "a", "comment": "posts/comments"}[kind]
        return f"https://{self.host}/{place}/{number}"

    @staticmethod
    def _tags(tags):
        if not isinstance(tags, list):
            return ()
        found = (clean_line(tag, 100).lstrip("#").lower() for tag in tags[:MANY] if isinstance(tag, str))
        return tuple(tag for tag in found if tag)

    def read(self, things, origin):
        """Return ``(items, rejects)`` of questions, answers and comments."""
        items, rejects = [], []
        for thing in things:
            try:
                items.append(self.item(thing, origin))
            except (ValueError, TypeError, AttributeError, RecursionError) as problem:
                rejects.append(Reject(thing, f"{type(problem).__name__}: {problem}"[:300]))
        return items, rejects


def counts_of(thing):
    """Return the figures of a question, an answer or a comment."""

    def number(name):
        value = thing.get(name)
        return count(value) if type(value) is int else None

    return Counts(views=number("view_count"), likes=number("score"), replies=number("answer_count"))
