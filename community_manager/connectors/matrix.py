"""Matrix: the rooms and private conversations of one account on any homeserver (Synapse, Dendrite, Conduit…).

Encrypted rooms can neither be read nor answered: their keys stay on the devices of people.
"""

from datetime import UTC, datetime
from urllib.parse import unquote

from . import errors
from .base import Sentence, Setting, _
from .http import NOT_UNDERSTOOD
from .items import Check, Counts, Figures
from .matrix_client import ELSEWHERE, NO_HOMESERVER, path
from .matrix_items import KEY, SAID, AuthorItem, Reader, dictionary, identifier, link, relation, room_id, user_id
from .matrix_push import MatrixPush
from .matrix_sync import PAGE, MatrixSync, compact
from .media import MEGABYTE, Media
from .registry import register
from .saying import CLOCKS_DIFFER
from .text import clean_line
from .values import digest

#: An event may have 65,536 bytes in all (specification, "Size limits"); the rest is for what surrounds the text.
MOST_BYTES = 50_000
#: Synapse answers a repeated transaction of a device from memory for half an hour (rest/client/transactions.py).
REPEAT_SECONDS = 1500
#: What was sent is looked for this far back, page by page; steps up a chain of answers; things that are measured.
MOST_PAGES = 10
MOST_STEPS = 10
MOST_THINGS = 50
SAMPLE = 10

NO_ROOM_SET = _("Enter the room to publish in first.")
IS_ENCRYPTED = _("This room is encrypted, so nothing can be said there from here.")
NOT_FOUND_YET = _("Too much was said since to be sure what became of the message.")
CAN_READ = _("Read the rooms of the account")
CAN_JOIN = _("Accept invitations")
CAN_PUBLISH = _("Publish in %(room)s")
SEALED = _("Encrypted rooms cannot be read or answered: %(number)s.")


@register
class Matrix(MatrixSync, MatrixPush):
    """Mentions, private conversations and rooms of one account.

    Ids of events are known on the whole network, so that several channels in one room store each event once.
    """

    code = "matrix"
    label = "Matrix"
    description = _("Rooms and private conversations on any Matrix homeserver, where they are not encrypted.")
    kind = "messaging"
    scope = "horizontal"
    capabilities = frozenset(
        {"listen", "thread", "lookup", "reply", "message", "publish", "moderate", "metrics", "profile", "push"}
    )
    text_limit = MOST_BYTES
    #: One file is one event, whose caption is the text; how much a server takes it says when asked, 50 MB as a rule.
    media = Media(most=1, mimetypes=("*/*",), largest=10 * MEGABYTE, alt=False)
    repeat_seconds = REPEAT_SECONDS
    moderations = frozenset({"delete", "ban", "report"})
    poll_seconds = (30, 900)
    guide = _(
        "Make an account for the company on your homeserver, for example with Element.\n"
        "Enter its user and password here; or in Element open All settings → Help & About → Advanced and copy the "
        "access token.\n"
        "Invite the account to the rooms it should listen to. Encrypted rooms cannot be read."
    )
    settings = (
        Setting(
            "server",
            _("Homeserver"),
            _("The address of the homeserver. In the user @ana:example.org it is often the last part."),
            kind="url",
            required=True,
            placeholder="matrix.example.org",
        ),
        Setting(
            "user",
            _("User"),
            _("Only with a password: the whole name of the account."),
            placeholder="@acme:example.org",
        ),
        Setting("password", _("Password"), _("Only without an access token: we log in with it."), secret=True),
        Setting("access_token", _("Access token"), _("Instead of user and password."), secret=True),
        Setting(
            "room",
            _("Room to publish in"),
            _("Its alias or its id. What others say there always concerns us."),
            placeholder="#news:example.org",
        ),
        Setting(
            "join_invites",
            _("Accept invitations"),
            _("Enter the rooms that the account is invited to."),
            kind="bool",
            default=True,
        ),
        Setting(
            "hs_token",
            _("Key for deliveries"),
            _("Made here. The homeserver shows it when it delivers; it is the hs_token of the registration file."),
            secret=True,
            generated=True,
        ),
    )

    @classmethod
    def length(cls, text):
        """See :meth:`Connector.length`: events are limited in bytes."""
        return len(text.encode("utf-8", "surrogatepass"))

    # --- reading ---

    def check(self):
        """See :meth:`Connector.check`."""
        self._versions()
        if not self.secrets.get("access_token") and self.renewable():
            self.secrets.update(self.renew().secrets)
        self.account_id = ""
        me = self.whoami()
        home = self._home(())
        answer = self._sync("", SAMPLE)
        reader = Reader(me, home=home[1])
        self._learn(reader, answer)
        sample = []
        for room, events, _limited in self._rooms(reader, answer):
            sample += reader.read(events, room)[0]
        found = Check(account=me, account_id=me, can=[Sentence(CAN_READ)], sample=[s for s in sample if not s.deleted])
        found.sample = found.sample[:SAMPLE]
        if self.values.get("join_invites"):
            found.can.append(Sentence(CAN_JOIN))
        if home[1]:
            found.can.append(Sentence(CAN_PUBLISH, room=home[0]))
        sealed = self.encrypted_rooms(answer)
        if sealed:
            found.missing.append(Sentence(SEALED, number=sealed))
        return found

    def _versions(self):
        """
        :raises errors.Misconfigured: there is no homeserver; with where it is, if the host says so
        """
        response = self.http.get(self.base + "/_matrix/client/versions", actions={404: None})
        if response.status != 404:
            if not isinstance(response.json(), dict) or not isinstance(response.json().get("versions"), list):
                raise errors.Misconfigured(NO_HOMESERVER, params={"host": self.host})
            return
        known = self.http.get(self.base + "/.well-known/matrix/client", actions={404: None})
        answer = known.json() if known.status == 200 else None
        address = dictionary(answer, "m.homeserver").get("base_url")
        if isinstance(address, str) and address:
            raise errors.Misconfigured(ELSEWHERE, params={"host": self.host, "address": clean_line(address, 200)})
        raise errors.Misconfigured(NO_HOMESERVER, params={"host": self.host})

    def lookup(self, item_id, identifiers):
        """See :meth:`Connector.lookup`."""
        return self._one(self._reader(), self._room(identifiers), item_id, identifiers)

    def thread(self, item_id, identifiers):
        """See :meth:`Connector.thread`: what belongs to the item among what was said before and after it."""
        room, reader = self._room(identifiers), self._reader()
        around = self._ask(
            "GET", path("rooms", room, "context", item_id), params={"limit": str(PAGE)}, actions={404: None}
        )
        item = self._one(reader, room, item_id, identifiers)
        events = []
        for name in ("events_before", "events_after"):
            some = (around or {}).get(name)
            events += some if isinstance(some, list) else []
        if item.visibility == "direct":
            reader.direct.add(room)
        elif item.visibility == "public":
            reader.public.add(room)
        reader.learn((around or {}).get("state"))
        root = identifiers.get("thread") or item.external_id
        events += self._relations(room, root, "m.thread")
        found = {one.external_id: one for one in reader.read(events, room)[0] if not one.deleted} | {item_id: item}
        if item.visibility != "direct":
            found = self._connected(reader, room, item, found)
        ordered = sorted(found.values(), key=lambda one: one.published_at or datetime.now(UTC))
        for one in ordered:
            one.conversation_id = room if item.visibility == "direct" else ordered[0].external_id
        return ordered

    def _connected(self, reader, room, item, found):
        """Return those of some items that are joined to one by answers and threads, and what it answers."""
        chain, parent = {item.external_id: item}, item.parent_id
        for _step in range(MOST_STEPS):
            if not parent or parent in chain:
                break
            try:
                chain[parent] = found.get(parent) or self._one(reader, room, parent, {"seen": item.visibility})
            except (errors.Gone, errors.AccessDenied):
                break
            parent = chain[parent].parent_id
        grown = True
        while grown:
            near = {
                one.external_id: one
                for one in found.values()
                if one.external_id not in chain and (one.parent_id in chain or one.identifiers.get("thread") in chain)
            }
            chain |= near
            grown = bool(near)
        return chain

    def _relations(self, room, event_id, kind):
        """Return what is related to an event, at most a hundred."""
        where = path("rooms", room, "relations", event_id, kind).replace("/v3/", "/v1/", 1)
        answer = self._ask("GET", where, params={"limit": "100"}, actions={404: None}) or {}
        chunk = answer.get("chunk")
        return chunk if isinstance(chunk, list) else []

    def _reader(self):
        return Reader(self.whoami())

    def _room(self, identifiers):
        room = room_id(identifiers.get("room")) if isinstance(identifiers, dict) else ""
        if not room:
            raise errors.Misconfigured(NOT_UNDERSTOOD, "no room", params={"host": self.host, "status": ""})
        return room

    def _one(self, reader, room, event_id, identifiers):
        """Return the item of an event as the server has it now."""
        event = self.event(room, event_id)
        try:
            return reader.item(event, room, str(identifiers.get("seen") or "private"))
        except (ValueError, TypeError, AttributeError) as problem:
            raise self._malformed(f"event: {problem}") from None

    # --- answering ---

    def _content(self, outgoing):
        """Return the content of an event; the key in it makes it known again, whatever device sent it."""
        content = {"msgtype": "m.text", "body": outgoing.text, KEY: outgoing.key}
        for file in outgoing.attachments:
            content |= self.uploaded(file)
        return content

    def _send(self, room, outgoing, content, seen):
        """Say something in a room and return it as listening would bring it."""
        reader = self._reader()
        answer = self._ask(
            "PUT", path("rooms", room, "send", "m.room.message", outgoing.key), json=content, sending=True
        )
        event_id = identifier(answer.get("event_id"))
        if not event_id:
            raise self._malformed("sent without an id")
        now = int(datetime.now(UTC).timestamp() * 1000)
        event = {"event_id": event_id, "sender": reader.me, "content": content, "origin_server_ts": now}
        return reader.item({**event, "type": "m.room.message"}, room, seen)

    def reply(self, outgoing):
        """See :meth:`Connector.reply`: in the thread of the target, if it is in one."""
        target = outgoing.target
        room = self._room(target.identifiers)
        event = self.event(room, target.external_id)
        content = self._content(outgoing)
        content["m.relates_to"] = {"m.in_reply_to": {"event_id": target.external_id}}
        root = relation(event["content"])[1]
        if root:
            content["m.relates_to"] |= {"rel_type": "m.thread", "event_id": root, "is_falling_back": False}
        author = user_id(event.get("sender"))
        content["m.mentions"] = {"user_ids": [author]} if author else {}
        return self._send(room, outgoing, content, target.visibility)

    def message(self, outgoing):
        """See :meth:`Connector.message`: in the private conversation with the author, which is opened if need be."""
        author = user_id(outgoing.target.author_id)
        if not author:
            raise errors.Refused(NOT_UNDERSTOOD, "no author", params={"host": self.host, "status": ""})
        room = self._conversation(author) or self._open(author)
        return self._send(room, outgoing, self._content(outgoing) | {"m.mentions": {}}, "direct")

    def _conversation(self, author):
        """Return the private room with somebody that we are in and can write to, or an empty string."""
        candidates = [room for room in map(room_id, self.direct_rooms().get(author, ())) if room]
        if not candidates:
            return ""
        joined = self._ask("GET", path("joined_rooms")).get("joined_rooms")
        if not isinstance(joined, list):
            raise self._malformed("joined rooms without a list")
        return next((room for room in reversed(candidates) if room in joined and not self.encrypted(room)), "")

    def _open(self, author):
        """Open a private conversation."""
        asked = {"preset": "trusted_private_chat", "invite": [author], "is_direct": True}
        room = room_id(self._ask("POST", path("createRoom"), json=asked, sending=True).get("room_id"))
        if not room:
            raise self._malformed("room without an id")
        self.note_direct(author, room)
        if self.encrypted(room):
            raise errors.Refused(IS_ENCRYPTED)
        return room

    def publish(self, outgoing):
        """See :meth:`Connector.publish`: in the room that is set."""
        return self._send(self._own_room(), outgoing, self._content(outgoing) | {"m.mentions": {}}, self._home_seen())

    def _own_room(self):
        name = str(self.values.get("room") or "").strip()
        if not name:
            raise errors.Misconfigured(NO_ROOM_SET)
        return self.resolve(name)

    def _home_seen(self):
        return "public" if str(self.values.get("room") or "").strip().startswith("#") else "private"

    def find_sent(self, outgoing):
        """See :meth:`Connector.find_sent`."""
        target = outgoing.target
        if outgoing.way == "message":
            room, seen = self._conversation(user_id(target.author_id)), "direct"
        elif outgoing.way == "publish":
            room, seen = self._own_room(), self._home_seen()
        else:
            room, seen = self._room(target.identifiers), target.visibility
        if not room:
            return None
        reader = self._reader()
        answered = target.external_id if outgoing.way == "reply" else ""
        since = (outgoing.first_tried_at or datetime.now(UTC)) - CLOCKS_DIFFER
        params = {"dir": "b", "limit": str(PAGE)}
        params["filter"] = compact({"types": sorted(SAID), "senders": [reader.me]})
        for _page in range(MOST_PAGES):
            answer = self._ask("GET", path("rooms", room, "messages"), params=params)
            if not isinstance(answer.get("chunk"), list):
                raise self._malformed("messages without a list")
            for event in answer["chunk"]:
                if not isinstance(event, dict) or event.get("sender") != reader.me:
                    continue
                sent_at = event.get("origin_server_ts")
                if type(sent_at) is int and sent_at < since.timestamp() * 1000:
                    return None
                content = dictionary(event, "content")
                ours = outgoing.key in (content.get(KEY), dictionary(event, "unsigned").get("transaction_id"))
                if ours and content.get("body") == outgoing.text:
                    answers = dictionary(dictionary(content, "m.relates_to"), "m.in_reply_to").get("event_id") or ""
                    if answers == answered:
                        return reader.item(event, room, seen)
            params["from"] = identifier(answer.get("end"))
            if not params["from"]:
                return None
        raise errors.Retriable(NOT_FOUND_YET)

    def moderate(self, action, target, reason=""):
        """See :meth:`Connector.moderate`."""
        room = self._room(target.identifiers)
        said = {"reason": reason} if reason else {}
        done = {404: None}
        if action == "delete":
            key = digest("redact", target.external_id)
            self._ask("PUT", path("rooms", room, "redact", target.external_id, key), json=said, actions=done)
        elif action == "ban":
            self._ask("POST", path("rooms", room, "ban"), json=said | {"user_id": target.author_id})
        elif action == "report":
            self._ask("POST", path("rooms", room, "report", target.external_id), json=said)
        else:
            raise NotImplementedError(action)

    def metrics(self, things):
        """See :meth:`Connector.metrics`: members of our room, reactions to things."""
        figures = Figures()
        if str(self.values.get("room") or "").strip():
            joined = self._ask("GET", path("rooms", self._own_room(), "joined_members")).get("joined")
            if not isinstance(joined, dict):
                raise self._malformed("members without a list")
            figures.followers = len(joined)
        for event_id, identifiers in things[:MOST_THINGS]:
            room = room_id(identifiers.get("room")) if isinstance(identifiers, dict) else ""
            if room:
                figures.items[event_id] = Counts(likes=len(self._relations(room, event_id, "m.annotation")))
        return figures

    def profile(self, handle):
        """See :meth:`Connector.profile`."""
        name = unquote(str(handle or "").strip().rpartition("#/")[2]).partition("?")[0].lstrip("@")
        if not name:
            return None
        if ":" not in name:
            name = f"{name}:{self.whoami().partition(':')[2]}"
        user = user_id("@" + name)
        answer = self._ask("GET", path("profile", user), actions={404: None}) if user else None
        if answer is None:
            return None
        shown = answer.get("displayname")
        shown = clean_line(shown, 200) if isinstance(shown, str) else ""
        return AuthorItem(external_id=user, name=shown or user[1:].partition(":")[0], handle=user, url=link(user))
