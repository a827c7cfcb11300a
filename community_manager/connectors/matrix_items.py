"""From what Matrix calls an event to an item."""

import re
from datetime import UTC, datetime
from urllib.parse import quote

from .items import AuthorItem, MentionItem, Reject
from .text import clean_line, clean_text
from .values import identifier, in_address, moment_at

#: Events that say something, and those that change what was said.
SAID = frozenset(("m.room.message", "m.sticker"))
REDACTION = "m.room.redaction"
ENCRYPTED = "m.room.encrypted"
#: A picture or a recording says nothing by itself; these stand before its name.
MEDIA = {"m.image": "🖼", "m.video": "🎬", "m.audio": "🎵", "m.file": "📎", "m.location": "📍"}
#: Field of ours inside an event, by which it is known again whatever device sent it.
KEY = "org.community_manager.key"

_USER = re.compile(r"@[^\s:@/]{0,255}:[^\s/@]{1,255}")
_ROOM = re.compile(r"![^\s/]{1,254}")
_FALLBACK = re.compile(r"> (?:\* )?<@[^\n]*\n(?:>[^\n]*\n)*\n?")


def user_id(value):
    """Return a user's id, or an empty string for anything else.

    >>> user_id("@ana:example.org"), user_id("ana"), user_id(None)
    ('@ana:example.org', '', '')
    """
    found = identifier(value)
    return found if _USER.fullmatch(found) else ""


def room_id(value):
    """Return a room's id, or an empty string for anything else."""
    found = identifier(value)
    return found if _ROOM.fullmatch(found) else ""


def link(*parts):
    """Return an address under which people see a user, a room or an event with whatever client they use."""
    return "https://matrix.to/#/" + "/".join(quote(part, safe="") for part in parts)


def moment(value, now=None):
    """Return milliseconds since 1970 as aware UTC time; ``None`` when they are none, or lie in the future."""
    return moment_at(value / 1000, now) if type(value) is int and 0 < value < 10**14 else None


def dictionary(holder, name):
    """Return an object inside an object, empty where there is none."""
    value = holder.get(name) if isinstance(holder, dict) else None
    return value if isinstance(value, dict) else {}


def relation(content):
    """Return (id of what is answered, id of the thread's first event, id of what is replaced), empty where none is.

    Clients that know no threads see an answer to the thread's last event instead; that one is not meant.
    """
    related = dictionary(content, "m.relates_to")
    if not related:
        return "", "", ""
    kind, other = related.get("rel_type"), identifier(related.get("event_id"))
    answered = identifier(dictionary(related, "m.in_reply_to").get("event_id"))
    if kind == "m.replace":
        return "", "", other
    if kind == "m.thread" and other:
        return (other if related.get("is_falling_back") is True or not answered else answered), other, ""
    return answered, "", ""


def without_fallback(body):
    """Return a text without the quotation that older clients put before an answer.

    >>> without_fallback("> <@ana:a.example> Hello\\n> you\\n\\nGood day")
    'Good day'
    """
    found = _FALLBACK.match(body)
    return body[found.end() :] if found else body


class Reader:
    """Turns events of rooms into items.

    :ivar str me: our own user id, or an empty string
    :ivar set direct: rooms that are private conversations
    :ivar set public: rooms that everybody may enter
    :ivar str home: the room we publish in; what is said there concerns us
    :ivar dict mine: our own events, so that answers to them are known
    """

    def __init__(self, me="", direct=(), public=(), home="", mine=()):
        self.me = me
        self.direct = set(direct)
        self.public = set(public)
        self.home = home
        self.mine = dict.fromkeys(mine)
        self.names = {}
        self.now = datetime.now(UTC)
        self._authors = {}
        self._links = {}

    def learn(self, events):
        """Note the names of members from events of a room's state."""
        for event in events if isinstance(events, list) else ():
            if isinstance(event, dict) and event.get("type") == "m.room.member":
                name = dictionary(event, "content").get("displayname")
                if isinstance(name, str):
                    self.names[identifier(event.get("state_key"))] = clean_line(name, 200)
                self._authors.clear()

    def author(self, sender, notice=False):
        """
        :raises ValueError: it is nobody
        """
        known = self._authors.get((sender, notice)) if isinstance(sender, str) else None
        if known is not None:
            return known
        user = user_id(sender)
        if not user:
            raise ValueError("no sender")
        name = self.names.get(user) or user[1:].partition(":")[0] or user
        made = AuthorItem(external_id=user, name=name, handle=user, url=link(user), bot=notice)
        self._authors[sender, notice] = made
        return made

    def _link(self, room, event_id):
        """Return the address of an event; that of its room is made once."""
        start = self._links.get(room)
        if start is None:
            start = self._links[room] = link(room) + "/"
        return f"{start}%24{in_address(event_id[1:])}" if event_id[0] == "$" else start + in_address(event_id)

    def visibility(self, room):
        """Return who sees what is said in a room."""
        return "direct" if room in self.direct else "public" if room in self.public else "private"

    def deleted(self, event_id, room):
        """Return the item of an event that was taken back."""
        return MentionItem(event_id, visibility=self.visibility(room), deleted=True, identifiers={"room": room})

    def item(self, event, room, seen="", related=None):
        """Return the item of an event that says something.

        :param str seen: who sees it, where that is known from before
        :param related: what :func:`relation` said of it, where that is known
        :raises ValueError: it cannot be read
        """
        event_id, content = identifier(event.get("event_id")), event.get("content")
        if not event_id or not isinstance(content, dict):
            raise ValueError("no id or no content")
        unsigned = dictionary(event, "unsigned")
        if not content and "redacted_because" in unsigned:
            return self.deleted(event_id, room)
        parent_id, thread_id, _replaced = related or relation(content)
        edit = dictionary(dictionary(unsigned, "m.relations"), "m.replace") if "m.relations" in unsigned else {}
        said = (dictionary(dictionary(edit, "content"), "m.new_content") if edit else {}) or content
        author = self.author(event.get("sender"), content.get("msgtype") == "m.notice")
        visibility = seen or self.visibility(room)
        outgoing = bool(self.me) and author.external_id == self.me
        if outgoing:
            self.mine[event_id] = None
        direct = visibility == "direct"
        own = outgoing or direct or room == self.home or parent_id in self.mine or self._names_us(content)
        identifiers = {"room": room, "seen": visibility}
        if thread_id:
            identifiers["thread"] = thread_id
        return MentionItem(
            external_id=event_id,
            kind="message" if direct else "comment" if parent_id else "post",
            text=self._text(said, bool(parent_id), event.get("type")),
            url=self._link(room, event_id),
            author=author,
            published_at=moment(event.get("origin_server_ts"), self.now),
            edited_at=moment(edit.get("origin_server_ts"), self.now) if edit else None,
            parent_id=parent_id,
            # A private conversation is one, whoever answers what.
            conversation_id=room if direct else thread_id,
            visibility=visibility,
            origin="own" if own else "search",
            outgoing=outgoing,
            identifiers=identifiers,
        )

    def _names_us(self, content):
        """Return whether an event addresses us; clients that do not say so name us in the text."""
        if not self.me:
            return False
        mentions = content.get("m.mentions")
        if isinstance(mentions, dict):
            users = mentions.get("user_ids")
            return isinstance(users, list) and self.me in users
        texts = (content.get("body"), content.get("formatted_body"))
        return any(isinstance(text, str) and self.me in text for text in texts)

    @staticmethod
    def _text(content, answers, kind):
        body = content.get("body")
        if not isinstance(body, str):
            raise ValueError("no text")
        text = clean_text(without_fallback(body) if answers else body)
        sign = MEDIA.get(content.get("msgtype")) if isinstance(content.get("msgtype"), str) else None
        name = content.get("filename")
        if sign and isinstance(name, str) and name != body:
            return f"{sign} {clean_line(name)}\n\n{text}"
        return f"{sign} {text}".strip() if sign else text if kind != "m.sticker" else f"[{clean_line(body)}]"

    def read(self, events, room):
        """Return (items, rejects, edits) of events of a room, oldest first; ``edits`` are ids of what was edited."""
        items, rejects, edits = {}, [], {}
        for event in events:
            try:
                kind = event.get("type")
                if kind == REDACTION:
                    redacted = identifier(event.get("redacts")) or identifier(
                        dictionary(event, "content").get("redacts")
                    )
                    if redacted:
                        items[redacted] = self.deleted(redacted, room)
                if not isinstance(kind, str) or kind not in SAID:
                    continue
                related = relation(event.get("content"))
                if related[2]:
                    edits[related[2]] = None
                else:
                    item = self.item(event, room, related=related)
                    items[item.external_id] = item
            except (ValueError, TypeError, AttributeError, KeyError, RecursionError) as problem:
                known = identifier(event.get("event_id")) if isinstance(event, dict) else ""
                rejects.append(Reject(event, f"{type(problem).__name__}: {problem}"[:300], known))
        return list(items.values()), rejects, [one for one in edits if not getattr(items.get(one), "deleted", False)]
