"""A Matrix homeserver in memory, as the client-server API (v1.15 of the specification) describes it.

Tried beside Synapse 1.163: what the connector needs of both is the same.
"""

import json
import time
from datetime import timedelta
from urllib.parse import parse_qs, unquote, urlsplit

from connectors.http import Http
from connectors.items import Target
from connectors.matrix import Matrix

from .base import SECRET, START, Adapter, adapter

ME, ANA = "@acme:matrix.example", "@ana:matrix.example"
OPEN, CLOSED, DIRECT = "!open:matrix.example", "!closed:matrix.example", "!direct:matrix.example"
ALIAS = "#news:matrix.example"


@adapter("matrix")
class MatrixAdapter(Adapter):
    """Three rooms: one that everybody may enter, one that is closed, one private conversation."""

    settings = {"server": "matrix.example", "room": ALIAS, "join_invites": True}
    secrets = {"access_token": SECRET, "hs_token": SECRET}
    handle = ANA
    nobody = "@nobody:matrix.example"
    signs_body = False
    message_needs_target = False

    def __init__(self):
        self.events = {OPEN: [], CLOSED: [], DIRECT: []}
        self.direct_rooms = {ANA: [DIRECT]}
        self.order = 0
        self.transactions = {}
        self.invited = {}
        self.log = []
        self.encrypted = set()
        self.uploads = {}

    # --- what happens there ---

    def add(self, room, content, kind="m.room.message", sender=ANA, **more):
        """Let something be said in a room."""
        self.order += 1
        event = {
            "event_id": f"${self.order:06d}abcdefghijklmnopqrstuvwxyz",
            "type": kind,
            "sender": sender,
            "content": content,
            "origin_server_ts": int((START + timedelta(minutes=self.order)).timestamp() * 1000),
            "unsigned": {"age": 1234},
            **more,
        }
        self.events[room].append((self.order, event))
        return event["event_id"]

    def publish(self, number):
        turns = [(OPEN, CLOSED)[turn % 2] for turn in range(number)]
        return [self.add(room, {"msgtype": "m.text", "body": f"post {turn}"}) for turn, room in enumerate(turns)]

    def find(self, event_id):
        """Return (room, event)."""
        for room, events in self.events.items():
            for _order, event in events:
                if event["event_id"] == event_id:
                    return room, event
        return None, None

    def target(self):
        room, event = next(
            (room, event)
            for order in range(self.order, 0, -1)
            for room, events in self.events.items()
            for number, event in events
            if number == order and event["sender"] == ANA and event["type"] == "m.room.message" and event["content"]
        )
        return self.as_target(room, event)

    @staticmethod
    def as_target(room, event):
        """Return what the desk knows of an event."""
        seen = {OPEN: "public", DIRECT: "direct"}.get(room, "private")
        return Target(
            event["event_id"], "", visibility=seen, author_id=event["sender"], identifiers={"room": room, "seen": seen}
        )

    def direct(self):
        self.add(DIRECT, {"msgtype": "m.text", "body": "Between us"})
        return self.as_target(DIRECT, self.events[DIRECT][-1][1])

    def edit(self):
        target = self.target()
        room, event = self.find(target.external_id)
        content = {
            "msgtype": "m.text", "body": "* said better", "m.new_content": {"msgtype": "m.text", "body": "said better"},
            "m.relates_to": {"rel_type": "m.replace", "event_id": target.external_id},
        }  # fmt: skip
        self.add(room, content)
        event["unsigned"]["m.relations"] = {"m.replace": self.events[room][-1][1]}
        return target.external_id, "said better"

    def remove(self, external_id):
        room, event = self.find(external_id)
        event["content"] = {}
        event["unsigned"]["redacted_because"] = {"type": "m.room.redaction"}
        self.add(room, {"redacts": external_id}, "m.room.redaction", redacts=external_id)

    def sent(self):
        return [
            (event["event_id"], event["content"].get("body", ""))
            for _order, event in sorted(
                (pair for events in self.events.values() for pair in events), key=lambda pair: pair[0]
            )
            if event["sender"] == ME and event["type"] == "m.room.message"
        ]

    def files(self):
        content = self.find(self.sent()[-1][0])[1]["content"]
        return [(self.uploads[content["url"]], None)]

    # --- deliveries ---

    def push(self, content, now):
        """Return headers and body of a transaction."""
        body = content if isinstance(content, bytes) else json.dumps(content).encode()
        return {"authorization": f"Bearer {SECRET}", ":path": "/_matrix/app/v1/transactions/17"}, body

    def message(self, number):
        """Return the content of a transaction with ``number`` events, and their ids."""
        ids = [self.add(OPEN, {"msgtype": "m.text", "body": f"pushed {turn}"}) for turn in range(number)]
        return {"events": [{**self.find(one)[1], "room_id": OPEN} for one in ids]}, ids

    # --- what it answers ---

    def answer(self, request):
        parts = urlsplit(request.url)
        steps = [unquote(step) for step in parts.path.split("/")[4:]]
        query = {name: values[0] for name, values in parse_qs(parts.query).items()}
        self.log.append((request.method, "/".join(steps)))
        if parts.path == "/_matrix/client/versions":
            return self.ok({"versions": ["v1.15"]})
        if steps[0] != "login" and request.headers.get("Authorization") != f"Bearer {SECRET}":
            return self.no(401, "M_UNKNOWN_TOKEN")
        if parts.path == "/_matrix/media/v3/upload":
            self.uploads[f"mxc://matrix.example/m{len(self.uploads)}"] = bytes(request.body)
            return self.ok({"content_uri": list(self.uploads)[-1]})
        body = json.loads(request.body) if request.body else {}
        handler = getattr(self, f"{request.method.lower()}_{steps[0]}", None)
        return handler(steps[1:], query, body) if handler else self.no(404, "M_UNRECOGNIZED")

    @staticmethod
    def ok(content):
        return 200, {"Content-Type": "application/json"}, json.dumps(content).encode()

    @staticmethod
    def no(status, code, **more):
        return (
            status,
            {"Content-Type": "application/json"},
            json.dumps({"errcode": code, "error": "No", **more}).encode(),
        )

    def get_account(self, steps, query, body):
        return self.ok({"user_id": ME, "device_id": "DESK"})

    def get_joined_rooms(self, steps, query, body):
        return self.ok({"joined_rooms": list(self.events)})

    def get_directory(self, steps, query, body):
        return (
            self.ok({"room_id": OPEN, "servers": ["matrix.example"]})
            if steps[1] == ALIAS
            else self.no(404, "M_NOT_FOUND")
        )

    def get_profile(self, steps, query, body):
        known = steps[0] in (ANA, ME)
        return self.ok({"displayname": "Ana", "avatar_url": "mxc://x/y"}) if known else self.no(404, "M_NOT_FOUND")

    def get_user(self, steps, query, body):
        return self.ok(self.direct_rooms)

    def put_user(self, steps, query, body):
        self.direct_rooms = body
        return self.ok({})

    def post_createRoom(self, steps, query, body):
        room = f"!new{len(self.events)}:matrix.example"
        self.events[room] = []
        return self.ok({"room_id": room})

    def get_sync(self, steps, query, body):
        since = int(query.get("since", "s0")[1:])
        limit = json.loads(query["filter"])["room"]["timeline"]["limit"]
        joined = {}
        for room, events in self.events.items():
            fresh = [event for order, event in events if order > since]
            if fresh or not since:
                rule = {"join_rule": "public" if room == OPEN else "invite"}
                state = [{"type": "m.room.join_rules", "state_key": "", "content": rule, "sender": ANA}]
                state.append(
                    {"type": "m.room.member", "state_key": ANA, "content": {"membership": "join", "displayname": "Ana"}}
                )
                if room in self.encrypted:
                    state.append({"type": "m.room.encryption", "state_key": "", "content": {}})
                timeline = {"events": fresh[-limit:], "limited": len(fresh) > limit, "prev_batch": "t1"}
                joined[room] = {"timeline": timeline, "state": {"events": state}}
        invite = {
            room: {"invite_state": {"events": [event]}}
            for room, event in self.invited.items()
            if room not in self.events
        }
        account = [] if since else [{"type": "m.direct", "content": self.direct_rooms}]
        return self.ok(
            {
                "next_batch": f"s{self.order}",
                "rooms": {"join": joined, "invite": invite, "leave": {}},
                "account_data": {"events": account},
            }
        )

    def get_rooms(self, steps, query, body):
        room, what, *rest = steps
        if room not in self.events:
            return self.no(403, "M_FORBIDDEN")
        events = self.events[room]
        if what == "messages":
            return self.messages(events, query)
        if what == "event":
            event = self.find(rest[0])[1]
            return self.ok(event) if event else self.no(404, "M_NOT_FOUND")
        if what == "context":
            place = next((n for n, (_order, event) in enumerate(events) if event["event_id"] == rest[0]), None)
            if place is None:
                return self.no(404, "M_NOT_FOUND")
            before = [event for _order, event in events[max(place - 25, 0) : place]]
            after = [event for _order, event in events[place + 1 : place + 26]]
            return self.ok({"event": events[place][1], "events_before": before[::-1], "events_after": after})
        if what == "relations":
            wanted = [
                event
                for _order, event in events
                if event["content"].get("m.relates_to", {}).get("rel_type") == rest[1]
                and event["content"]["m.relates_to"]["event_id"] == rest[0]
            ]
            return self.ok({"chunk": wanted})
        if what == "joined_members":
            return self.ok({"joined": {ME: {}, ANA: {"display_name": "Ana"}}})
        if what == "state" and room in self.encrypted:
            return self.ok({"algorithm": "m.megolm.v1.aes-sha2"})
        return self.no(404, "M_NOT_FOUND")

    def messages(self, events, query):
        """Page through a room in either direction."""
        senders = json.loads(query["filter"]).get("senders")
        limit, forward = int(query["limit"]), query["dir"] == "f"
        start = int(query["from"][1:]) if "from" in query else 0 if forward else self.order
        stop = int(query["to"][1:]) if "to" in query else self.order if forward else 0
        if forward:
            wanted = [(order, event) for order, event in events if start < order <= stop]
        else:
            wanted = [(order, event) for order, event in events[::-1] if stop < order <= start]
        wanted = [pair for pair in wanted if not senders or pair[1]["sender"] in senders]
        answer = {"chunk": [event for _order, event in wanted[:limit]], "start": query.get("from", "s0")}
        if len(wanted) > limit:
            answer["end"] = f"s{wanted[limit - 1][0] - (0 if forward else 1)}"
        return self.ok(answer)

    def put_rooms(self, steps, query, body):
        room, what, *rest = steps
        if what == "redact":
            self.remove(rest[0])
            return self.ok({"event_id": "$redaction"})
        if room not in self.events:
            return self.no(403, "M_FORBIDDEN")
        known = self.transactions.get(rest[1])
        if not known:
            known = self.transactions[rest[1]] = self.add(room, body, rest[0], ME)
            self.find(known)[1]["origin_server_ts"] = int(time.time() * 1000)
        return self.ok({"event_id": known})

    def post_rooms(self, steps, query, body):
        room, what, *_rest = steps
        if what == "join":
            self.events.setdefault(room, [])
        return self.ok({"room_id": room} if what == "join" else {})

    def post_login(self, steps, query, body):
        if body["password"] != SECRET:
            return self.no(403, "M_FORBIDDEN")
        return self.ok({"user_id": ME, "access_token": SECRET, "device_id": body["device_id"]})


def connect(answer, secrets=None, **values):
    """Return a connector that is answered by a function, or by the adapter."""
    answer = getattr(answer, "answer", answer)
    given = MatrixAdapter.secrets if secrets is None else secrets
    return Matrix(Http(transport=answer), {**MatrixAdapter.settings, **values}, given)
