"""Listening to a Matrix account: what is new in its rooms since the position where we stopped."""

from . import errors
from .items import Page
from .matrix_client import MatrixClient, compact, path
from .matrix_items import REDACTION, SAID, Reader, dictionary, identifier, room_id, user_id

#: Events of one room in one answer; what is left out between them is read page by page.
TIMELINE = 20
#: Events asked for at once when a room is read on.
PAGE = 50
#: Items handed over at once.
MOST_ITEMS = 100
#: Rooms whose kind is remembered, invitations accepted in one run, own events remembered.
MOST_ROOMS = 1000
MOST_JOINS = 10
MOST_MINE = 100

_STATE = ["m.room.join_rules", "m.room.encryption", "m.room.member"]
# What changes a room's state stands in its timeline only, when it is recent.
_TIMELINE = [*sorted(SAID), REDACTION, "m.room.join_rules", "m.room.encryption"]
_NOTHING = {"types": []}


def sync_filter(limit=TIMELINE):
    """Return the filter of a sync: what is said, and of the state of rooms only what we need."""
    return {
        "presence": _NOTHING,
        "account_data": {"types": ["m.direct"]},
        "room": {
            "ephemeral": _NOTHING,
            "account_data": _NOTHING,
            "state": {"types": _STATE, "lazy_load_members": True},
            "timeline": {"types": _TIMELINE, "limit": limit, "lazy_load_members": True},
        },
    }


def texts(value):
    """Return the texts of a list, for positions that may hold anything."""
    return [one for one in value if isinstance(one, str)] if isinstance(value, list) else []


class MatrixSync(MatrixClient):
    """The listening half of the connector.

    A position holds the point of the last sync, the gaps that are still to be read, each with its own point, and which
    rooms are private or public.  A long pause leaves gaps: rooms in which more was said than one answer holds.
    """

    def listen(self, cursor):
        """See :meth:`Connector.listen`."""
        counted = self.http.requests
        me = self.whoami(cursor.get("me"))
        home = self._home(cursor.get("home"))
        reader = Reader(
            me, texts(cursor.get("direct")), texts(cursor.get("public")), home[1], texts(cursor.get("mine"))
        )
        since = cursor.get("since") if isinstance(cursor.get("since"), str) else ""
        gaps = [texts(gap) for gap in (cursor.get("gaps") or ()) if isinstance(gap, list)]
        gaps = [gap for gap in gaps if len(gap) == 3]

        def page(items, rejects, more):
            nonlocal counted
            asked, counted = self.http.requests - counted, self.http.requests
            kept = {"me": me, "home": home, "gaps": [list(gap) for gap in gaps]}
            kept["direct"], kept["public"] = sorted(reader.direct)[:MOST_ROOMS], sorted(reader.public)[:MOST_ROOMS]
            kept["mine"] = list(reader.mine)[-MOST_MINE:]
            if since:
                kept["since"] = since
            return Page(items, kept, more, asked, rejects)

        yield from self._fill(reader, gaps, page, True)
        answer = self._sync(since)
        following = identifier(answer.get("next_batch"))
        if not following:
            raise self._malformed("sync without a position")
        self._learn(reader, answer)
        items, rejects, found = [], [], []
        for room, events, limited in self._rooms(reader, answer):
            if limited and since:
                found.append([room, since, following])
                continue
            fresh, bad = self._read(reader, room, events)
            items += fresh
            rejects += bad
        while len(items) > MOST_ITEMS:
            # The position stays: until the last of them is stored, all of this answer is asked for again.
            yield page(items[:MOST_ITEMS], [], True)
            items = items[MOST_ITEMS:]
        self._join(reader, answer)
        since, gaps[:] = following, found
        yield page(items, rejects, bool(gaps))
        yield from self._fill(reader, gaps, page, False)

    # --- pieces ---

    def _home(self, known):
        """Return [name, id] of the room we publish in; an alias is looked up once."""
        name = str(self.values.get("room") or "").strip()
        if not name:
            return ["", ""]
        known = texts(known)
        return known if len(known) == 2 and known[0] == name else [name, self.resolve(name)]

    def _sync(self, since, limit=TIMELINE):
        params = {"filter": compact(sync_filter(limit)), "timeout": "0", "set_presence": "offline"}
        return self._ask("GET", path("sync"), params=params | ({"since": since} if since else {}))

    @staticmethod
    def _learn(reader, answer):
        """Note which rooms are private conversations."""
        events = dictionary(answer, "account_data").get("events")
        for event in events if isinstance(events, list) else ():
            if isinstance(event, dict) and event.get("type") == "m.direct":
                rooms = dictionary(event, "content").values()
                reader.direct = {room for some in rooms for room in texts(some)}

    @staticmethod
    def _rooms(reader, answer):
        """Yield (room, events, whether some before them are missing) of the rooms we are in."""
        for name, joined in dictionary(dictionary(answer, "rooms"), "join").items():
            room = room_id(name)
            if not room or not isinstance(joined, dict):
                continue
            timeline = dictionary(joined, "timeline")
            events = timeline.get("events")
            events = events if isinstance(events, list) else []
            state = dictionary(joined, "state").get("events")
            reader.learn(state)
            for event in (state if isinstance(state, list) else []) + events:
                if isinstance(event, dict) and event.get("type") == "m.room.join_rules":
                    rule = dictionary(event, "content").get("join_rule")
                    (reader.public.add if rule == "public" else reader.public.discard)(room)
            yield room, events, timeline.get("limited") is True

    def _read(self, reader, room, events):
        """Return (items, rejects) of events of a room, what was edited as it reads now."""
        items, rejects, edits = reader.read(events, room)
        for event_id in edits:
            # Anybody may claim to have edited an event; the server knows whether it was its author.
            try:
                event = self.event(room, event_id, {404: errors.Gone, 403: errors.Gone})
            except errors.Gone:
                continue
            fresh, bad, _edits = reader.read([event], room)
            known = {item.external_id for item in fresh}
            items = [item for item in items if item.external_id not in known] + fresh
            rejects += bad
        return items, rejects

    def _fill(self, reader, gaps, page, more):
        """Yield pages of what was said in the gaps, oldest first; ``more`` says whether anything comes after them."""
        while gaps:
            room, start, stop = gaps[0]
            params = {"dir": "f", "from": start, "to": stop, "limit": str(PAGE)}
            params["filter"] = compact({"types": _TIMELINE, "lazy_load_members": True})
            # A room that we have left meanwhile is none of ours any more.
            left = {403: errors.Gone, 404: errors.Gone}
            try:
                answer = self._ask("GET", path("rooms", room, "messages"), params=params, actions=left)
            except errors.Gone:
                self.still_there()
                answer = {"chunk": []}
            events, end = answer.get("chunk"), identifier(answer.get("end"))
            if not isinstance(events, list):
                raise self._malformed("messages without a list")
            reader.learn(answer.get("state"))
            items, rejects = self._read(reader, room, events)
            if end and end not in (start, stop):
                gaps[0] = [room, end, stop]
            else:
                del gaps[0]
            yield page(items, rejects, bool(gaps) or more)

    def _join(self, reader, answer):
        """Accept invitations, where that is wanted; what is said in those rooms comes with the next run."""
        if not self.values.get("join_invites"):
            return
        invitations = dictionary(dictionary(answer, "rooms"), "invite")
        for name, invited in list(invitations.items())[:MOST_JOINS]:
            room = room_id(name)
            events = dictionary(invited, "invite_state").get("events")
            ours = [
                event
                for event in (events if isinstance(events, list) else ())
                if isinstance(event, dict)
                and event.get("type") == "m.room.member"
                and event.get("state_key") == reader.me
            ]
            if not room or not ours:
                continue
            # Who took the invitation back, or whose server is away, can invite again.
            refused = {403: errors.Gone, 404: errors.Gone, 400: errors.Gone, 502: errors.Gone, 504: errors.Gone}
            try:
                self._ask("POST", path("rooms", room, "join"), json={}, actions=refused)
            except errors.Gone:
                continue
            inviter = user_id(ours[-1].get("sender"))
            if dictionary(ours[-1], "content").get("is_direct") is True and inviter:
                self.note_direct(inviter, room)
                reader.direct.add(room)

    @staticmethod
    def encrypted_rooms(answer):
        """Return how many rooms of a first sync are encrypted."""
        number = 0
        for joined in dictionary(dictionary(answer, "rooms"), "join").values():
            lists = (dictionary(joined, name).get("events") for name in ("state", "timeline"))
            events = [event for some in lists if isinstance(some, list) for event in some]
            number += any(isinstance(event, dict) and event.get("type") == "m.room.encryption" for event in events)
        return number
