"""From what Reddit calls things (links t3, comments t1, messages t4) to items."""

import re
from datetime import UTC, datetime

from .by_time import key_of
from .items import AuthorItem, Counts, MentionItem, Reject
from .text import clean_line, clean_text, html_to_text
from .values import count, identifier, moment_at, web_url

SITE = "https://www.reddit.com"
#: What stands in the place of text and author when somebody deleted a thing, or moderators removed it.
DELETED = "[deleted]"
REMOVED = "[removed]"
#: Prefixes of fullnames.
COMMENT, LINK, MESSAGE = "t1_", "t3_", "t4_"

_LINK_IN_PATH = re.compile(r"/comments/([a-z0-9]{1,13})/")
_NAME = re.compile(r"t[134]_[a-z0-9]{1,13}")


def fullname(value):
    """Return a fullname as it is used in addresses, empty for anything else."""
    return value if isinstance(value, str) and _NAME.fullmatch(value) else ""


def thing_of(entry):
    """Return the data of an entry of a listing, ``None`` when it is no thing that somebody said."""
    data = entry.get("data") if isinstance(entry, dict) else None
    return data if isinstance(data, dict) and fullname(data.get("name")) else None


def key(thing):
    """Return the key of a thing, empty when it has none."""
    made = thing.get("created_utc")
    if isinstance(made, bool) or not isinstance(made, (int, float)) or not 0 < made < 10**11:
        return ""
    return key_of(int(made), thing["name"])


def mark(thing):
    """Return what changes when a thing is edited or deleted."""
    gone = thing.get("author") == DELETED
    return f"{thing.get('edited') or ''}{'d' if gone else ''}"[:40]


def listed(answer):
    """Return the entries of a listing, ``None`` when it is none."""
    data = answer.get("data") if isinstance(answer, dict) else None
    children = data.get("children") if isinstance(data, dict) else None
    return children if isinstance(children, list) else None


def is_gone(thing):
    """Return whether a thing was deleted by its author or removed by moderators."""
    text = thing.get("body") if "body" in thing else thing.get("selftext")
    return text in (DELETED, REMOVED) and thing.get("author") in (DELETED, None)


class Reader:
    """Turns things into items.

    :ivar str me: name of our own user in lower case, or an empty string
    """

    def __init__(self, me=""):
        self.me = me.lower()
        self.now = datetime.now(UTC)

    def moment(self, value):
        """Return a time given in seconds since 1970, or ``None``; parts of seconds do not count."""
        found = moment_at(value, self.now)
        return found and found.replace(microsecond=0)

    @staticmethod
    def author(thing):
        """Return who said a thing: a user, or a community as a whole; ``None`` when nobody is named any more."""
        name = identifier(thing.get("author"))
        if name and name not in (DELETED, REMOVED):
            return AuthorItem(
                external_id=name.lower(), name=name, handle=f"u/{name}", url=f"{SITE}/user/{name}/",
                bot=name == "AutoModerator",
            )  # fmt: skip
        community = identifier(thing.get("subreddit"))
        if name or not community:
            return None
        return AuthorItem(
            external_id=f"r/{community.lower()}", name=f"r/{community}", handle=f"r/{community}",
            url=f"{SITE}/r/{community}/",
        )  # fmt: skip

    def item(self, thing, origin="search"):
        """Return the item of a thing.

        :raises ValueError: it cannot be read
        """
        name = fullname(thing.get("name"))
        if not name:
            raise ValueError("no fullname")
        kind = name[:3]
        text = thing.get("selftext") if kind == LINK else thing.get("body")
        title = thing.get("title") if kind == LINK else thing.get("subject") if kind == MESSAGE else ""
        for value in (text, title):
            if value is not None and not isinstance(value, str):
                raise ValueError("text is not text")
        deleted = is_gone(thing)
        author = None if deleted else self.author(thing)
        outgoing = bool(self.me) and author is not None and author.external_id == self.me
        link = self._link(thing, kind, name)
        parent = fullname(thing.get("parent_id"))
        community = identifier(thing.get("subreddit"))
        identifiers = {"id": name}
        if link and kind == COMMENT:
            identifiers["link_id"] = link
        if community:
            identifiers["subreddit"] = community[:100]
        edited = thing.get("edited")
        return MentionItem(
            external_id=name,
            kind={COMMENT: "comment", LINK: "post", MESSAGE: "message"}[kind],
            text="" if deleted else self._text(thing, kind, text),
            title=clean_line(title) if title else "",
            url=self._url(thing, kind, name, link),
            author=author,
            published_at=self.moment(thing.get("created_utc")),
            edited_at=self.moment(edited) if edited else None,
            parent_id=parent,
            conversation_id=link,
            visibility="direct" if kind == MESSAGE else "public",
            origin="own" if outgoing else origin,
            outgoing=outgoing,
            deleted=deleted,
            likes=count(thing.get("score")),
            replies=count(thing.get("num_comments")) if kind == LINK else 0,
            identifiers=identifiers,
        )

    @staticmethod
    def _text(thing, kind, text):
        """Return the text; of a link, with the address it leads to."""
        text = clean_text(text) if text else html_to_text(thing.get("body_html") or "") if kind != LINK else ""
        address = web_url(thing.get("url_overridden_by_dest") or thing.get("url")) if kind == LINK else ""
        if address and thing.get("is_self") is not True and address not in text and "/comments/" not in address:
            return f"{text}\n\n{address}" if text else address
        return text

    @staticmethod
    def _link(thing, kind, name):
        """Return the fullname of the conversation that a thing belongs to."""
        if kind == LINK:
            return name
        if kind == MESSAGE:
            return fullname(thing.get("first_message_name")) or name
        link = fullname(thing.get("link_id"))
        context = thing.get("context")
        if not link and isinstance(context, str):
            found = _LINK_IN_PATH.search(context)
            link = LINK + found.group(1) if found else ""
        parent = fullname(thing.get("parent_id"))
        return link or (parent if parent.startswith(LINK) else "")

    @staticmethod
    def _url(thing, kind, name, link):
        if kind == MESSAGE:
            return f"{SITE}/message/messages/{name[3:]}"
        path = thing.get("permalink") or thing.get("context")
        if isinstance(path, str) and path.startswith("/r/") or isinstance(path, str) and path.startswith("/user/"):
            address = web_url(SITE + path)
            if address:
                return address
        if kind == LINK:
            return f"{SITE}/comments/{name[3:]}/"
        return f"{SITE}/comments/{link[3:]}/_/{name[3:]}/" if link else ""

    def read(self, things, origin):
        """Return ``(items, rejects)`` of things."""
        items, rejects = [], []
        for thing in things:
            try:
                items.append(self.item(thing, origin))
            except (ValueError, TypeError, AttributeError) as problem:
                rejects.append(Reject(thing, f"{type(problem).__name__}: {problem}"[:300], fullname(thing.get("name"))))
        return items, rejects


def flat(entries, most):
    """Return the things of a tree of answers, from above downwards, at most so many."""
    found, waiting = [], list(entries)
    while waiting and len(found) < most:
        entry = waiting.pop(0)
        thing = thing_of(entry)
        if thing is None:
            continue
        found.append(thing)
        waiting += listed(thing.get("replies")) or []
    return found


def counts_of(thing):
    """Return the figures of a link or a comment."""
    score, answers = thing.get("score"), thing.get("num_comments")
    return Counts(
        likes=count(score) if type(score) is int else None,
        replies=count(answers) if type(answers) is int else None,
    )
