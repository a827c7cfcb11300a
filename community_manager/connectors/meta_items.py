"""What is alike in the posts, comments and messages of Facebook, Instagram and Threads."""

import re
from datetime import UTC, datetime

from .items import Reject
from .text import clean_text
from .values import believable, count, identifier, moment

#: Pictures, tags and files of one thing that are read.
MANY = 20
#: Authors that are remembered while lists are read.
MOST_AUTHORS = 1000

_USERNAME = re.compile(r"[a-z0-9._]{1,30}")


def text_of(value):
    """Return a text field.

    :raises ValueError: it is something else
    """
    if value is not None and not isinstance(value, str):
        raise ValueError("text is not text")
    return clean_text(value or "")


def number_of(value):
    """Return a figure, ``None`` for what is none."""
    return count(value) if isinstance(value, int) and not isinstance(value, bool) else None


def seconds(value):
    """Return a time that is given in seconds or milliseconds since 1970, or as a date."""
    if isinstance(value, str):
        return moment(value)
    if isinstance(value, bool) or not isinstance(value, int) or not 0 < value < 10**14:
        return None
    return believable(datetime.fromtimestamp(value / 1000 if value > 10**11 else value, UTC))


def username_of(value):
    """Return a user name as it identifies somebody: in lower case, empty for what is none."""
    found = value.strip().lstrip("@").lower() if isinstance(value, str) else ""
    return found if _USERNAME.fullmatch(found) else ""


class PageReader:
    """Turns what a page or the account that is connected to it sees into items.

    :ivar str account: id of our own page or account, name: its name
    """

    def __init__(self, account, name=""):
        self.account = account
        self.name = name
        self.now = datetime.now(UTC)
        self._authors = {}

    def remembered(self, *told):
        """Return the author that is made of what is told; the same few people write most of a page."""
        for one in told:
            if one is not None and type(one) is not str:
                return self._author(*told)
        if told not in self._authors:
            if len(self._authors) >= MOST_AUTHORS:
                self._authors.clear()
            self._authors[told] = self._author(*told)
        return self._authors[told]

    def _author(self, *told):
        """Return the author that is made of what is told, ``None`` when that is too little."""
        raise NotImplementedError

    def item(self, kind, entry, inside):
        """Return the item of an entry.

        :raises ValueError: it cannot be read
        """
        raise NotImplementedError

    def read(self, kind, entries, inside=""):
        """Return ``(items, rejects)`` of entries of one kind.

        :param str inside: id of the post or conversation that they are in
        """
        items, rejects = [], []
        for entry in entries:
            try:
                items.append(self.item(kind, entry, inside))
            except (ValueError, TypeError, AttributeError, KeyError, IndexError) as problem:
                rejects.append(Reject(entry, f"{type(problem).__name__}: {problem}"[:300], identifier(entry.get("id"))))
        return items, rejects

    def delivered_message(self, event):
        """Return the item of a delivered message, ``None`` for what is none (read receipts, buttons).

        Deliveries name people by their ids only.

        :raises ValueError: it cannot be read
        """
        message = event.get("message")
        if not isinstance(message, dict):
            return None
        sender, recipient = identifier(event["sender"].get("id")), identifier(event["recipient"].get("id"))
        attached = message.get("attachments")
        made = {
            "id": message.get("mid"),
            "message": message.get("text"),
            "from": {"id": sender, "username": self.name} if sender == self.account else {"id": sender},
            "to": {"data": [{"id": recipient}]},
            "attachments": {"data": self.delivered_files(attached if isinstance(attached, list) else [])},
        }
        item = self.message(made, "")
        item.published_at = seconds(event.get("timestamp"))
        item.deleted = message.get("is_deleted") is True
        return item

    def delivered_files(self, attached):
        """Return the files of a delivered message as lists have them."""
        return attached
