"""A Bluesky server with its network and its private messages, in memory.

Its answers to posts, sessions and records have the shape of what the network's own servers answer
(``data/bluesky/ORIGIN``); those of private messages follow the lexicons ``chat.bsky.convo.*`` (npm @atproto/api 0.20).
"""

import base64
import hashlib
import json
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

from connectors.bluesky_text import tid

DATA = Path(__file__).parent / "data" / "bluesky"
HOST = "pds.example"
ME, ANA, BEN = "did:plc:ourselves", "did:plc:ana", "did:plc:ben"
HANDLES = {"acme.test": ME, "ana.test": ANA, "ben.test": BEN}
START = datetime(2025, 3, 1, 8, tzinfo=UTC)
POST = "app.bsky.feed.post"
CONVO = "convo1"


def recorded(name):
    """Return a recorded answer."""
    return json.loads((DATA / f"{name}.json").read_text(encoding="utf-8"))


def token(did, expires=None):
    """Return a token as servers make it."""
    body = {"scope": "com.atproto.appPass", "sub": did, "exp": int(expires or time.time() + 7200)}
    return ".".join(base64.urlsafe_b64encode(json.dumps(one).encode()).decode().rstrip("=") for one in ({}, body, {}))


def text_of(moment):
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")


class FakeBluesky:
    """The network as our account sees it.

    ``refuse`` maps method names to (status, body); ``calls`` are (method, name, parameters or body, headers).
    """

    def __init__(self):
        self.calls = []
        self.refuse = {}
        self.headers = {}
        self.posts = {}
        self.records = {}
        self.told, self.found, self.muted, self.reports = [], [], set(), []
        self.log, self.messages = [], []
        self.sent = []
        #: files that were uploaded, by what records refer to them with
        self.blobs = {}
        self.open_to_messages = True
        self._made = 0
        self._revision = int(time.time() * 1_000_000)

    # --- what happens there ---

    @staticmethod
    def profile(did):
        """Return the profile of an account."""
        handle = next(name for name, known in HANDLES.items() if known == did)
        return {"did": did, "handle": handle, "displayName": handle.partition(".")[0].title(), "labels": [],
                "avatar": f"https://cdn.example/{handle}.jpg", "viewer": {"muted": False, "blockedBy": False},
                "followersCount": 12, "followsCount": 3, "postsCount": 40}  # fmt: skip

    def add(self, did, text, key="", **more):
        """Publish a post and return it as lists show it; one a minute, oldest first."""
        self._made += 1
        key = key or f"3k{self._made:011d}".translate(str.maketrans("0189", "abcd"))
        uri = f"at://{did}/{POST}/{key}"
        record = {"$type": POST, "text": text, "createdAt": text_of(START + timedelta(minutes=self._made)), **more}
        view = {"uri": uri, "cid": f"bafyrei{self._made:040d}", "author": self.profile(did), "record": record,
                "replyCount": 1, "repostCount": 2, "likeCount": 3, "quoteCount": 4, "labels": [],
                "indexedAt": record["createdAt"], "viewer": {"replyDisabled": False}}  # fmt: skip
        self.posts[uri] = view
        return view

    def notify(self, view, reason="mention"):
        """Tell our account of a post."""
        author = {name: view["author"][name] for name in ("did", "handle", "displayName", "avatar", "labels")}
        self.told.append({"uri": view["uri"], "cid": view["cid"], "author": author, "reason": reason,
                          "record": view["record"], "isRead": False, "indexedAt": view["indexedAt"]})  # fmt: skip

    def write(self, text, did=ANA, convo=CONVO):
        """Write a private message and return it."""
        self._made += 1
        self._revision += 1
        now = datetime.now(UTC) if did == ME else START + timedelta(minutes=self._made)
        message = {"$type": "chat.bsky.convo.defs#messageView", "id": f"3m{self._made:011d}", "text": text,
                   "rev": tid(self._revision), "sender": {"did": did}, "sentAt": text_of(now)}  # fmt: skip
        self.messages.append(message)
        profiles = [{name: self.profile(did)[name] for name in ("did", "handle", "displayName")}]
        self.log.append({"$type": "chat.bsky.convo.defs#logCreateMessage", "rev": message["rev"], "convoId": convo,
                         "message": message, "relatedProfiles": profiles})  # fmt: skip
        return message

    def delete(self, uri):
        """Delete a post or a private message."""
        self.posts.pop(uri, None)
        for name in ("told", "found"):
            setattr(self, name, [one for one in getattr(self, name) if one["uri"] != uri])
        for message in self.messages:
            if uri.endswith(f"/{message['id']}"):
                message.pop("text", None)
                message["$type"] = "chat.bsky.convo.defs#deletedMessageView"

    # --- what it answers ---

    def __call__(self, request):
        """Answer a prepared request."""
        parts = urlsplit(request.url)
        name = parts.path.removeprefix("/xrpc/")
        query = {key: values if key in ("uris", "actors", "reasons", "members") else values[-1]
                 for key, values in parse_qs(parts.query).items()}  # fmt: skip
        raw = name == "com.atproto.repo.uploadBlob"
        values = request if raw else json.loads(request.body) if request.body else query
        self.calls.append((request.method, name, values, dict(request.headers)))
        if name in self.refuse:
            status, body = self.refuse[name]
        else:
            status, body = self._answer(name, values, request.headers)
        text = b"" if body is None else json.dumps(body).encode()
        return status, {"Content-Type": "application/json", **self.headers}, text

    def _answer(self, name, values, headers):
        if name.startswith("chat.") and headers.get("Atproto-Proxy") != "did:web:api.bsky.chat#bsky_chat":
            return 404, {"error": "XRPCNotSupported", "message": "XRPCNotSupported"}
        if not headers.get("Authorization") and name != "com.atproto.server.createSession":
            return 401, {"error": "AuthMissing", "message": "Authentication Required"}
        method = getattr(self, "_" + name.rpartition(".")[2], None)
        return method(values) if method else (501, {"error": "MethodNotImplemented"})

    def _createSession(self, values):
        if values["password"] == "wrong":
            return 401, {"error": "AuthenticationRequired", "message": "Invalid identifier or password"}
        return 200, {"accessJwt": token(ME), "refreshJwt": token(ME, 1), "handle": "acme.test", "did": ME}

    def _refreshSession(self, values):
        return self._createSession({"password": ""})

    def _getSession(self, values):
        return 200, {"handle": "acme.test", "did": ME, "active": True}

    @staticmethod
    def _page(entries, values, field):
        """Return a page of a list, newest first; its mark is the entry it ended with."""
        entries = sorted(entries, key=lambda one: one["indexedAt"], reverse=True)
        marks = [one["uri"] for one in entries]
        start = marks.index(values["cursor"]) + 1 if values.get("cursor") in marks else 0
        page = entries[start : start + int(values.get("limit", 50))]
        answer = {field: page}
        if start + len(page) < len(entries):
            answer["cursor"] = page[-1]["uri"]
        return 200, answer

    def _listNotifications(self, values):
        return self._page(self.told, values, "notifications")

    def _searchPosts(self, values):
        return self._page(self.found, values, "posts")

    def _getAuthorFeed(self, values):
        own = [view for view in self.posts.values() if view["author"]["did"] == values["actor"]]
        status, answer = self._page(own, values, "feed")
        shared = {"post": self.add(BEN, "shared"), "reason": {"$type": "app.bsky.feed.defs#reasonRepost"}}
        answer["feed"] = [{"post": view} for view in answer["feed"]] + [shared]
        return status, answer

    def _getPosts(self, values):
        return 200, {"posts": [self.posts[uri] for uri in values.get("uris", ()) if uri in self.posts]}

    def _getPostThread(self, values):
        if values["uri"] not in self.posts:
            return 400, {"error": "NotFound", "message": f"Post not found: {values['uri']}"}

        def node(uri, up, down):
            if uri not in self.posts:
                return {"$type": "app.bsky.feed.defs#notFoundPost", "uri": uri, "notFound": True}
            reply = self.posts[uri]["record"].get("reply")
            found = {"$type": "app.bsky.feed.defs#threadViewPost", "post": self.posts[uri]}
            if up and reply:
                found["parent"] = node(reply["parent"]["uri"], True, False)
            answers = [one["uri"] for one in self.posts.values()
                       if one["record"].get("reply", {}).get("parent", {}).get("uri") == uri]  # fmt: skip
            found["replies"] = [node(one, False, True) for one in reversed(answers)] if down else []
            return found

        return 200, {"thread": node(values["uri"], True, True)}

    def _getProfile(self, values):
        did = HANDLES.get(values["actor"], values["actor"])
        if did not in HANDLES.values():
            return 400, {"error": "InvalidRequest", "message": "Profile not found"}
        return 200, self.profile(did)

    def _getProfiles(self, values):
        return 200, {"profiles": [self.profile(did) for did in values["actors"] if did in HANDLES.values()]}

    def _resolveHandle(self, values):
        if values["handle"] not in HANDLES:
            return 400, {"error": "HandleNotFound", "message": "Unable to resolve handle"}
        return 200, {"did": HANDLES[values["handle"]]}

    def _getRecord(self, values):
        uri = f"at://{values['repo']}/{values['collection']}/{values['rkey']}"
        if uri in self.posts:
            return 200, {"uri": uri, "cid": self.posts[uri]["cid"], "value": self.posts[uri]["record"]}
        if uri in self.records:
            return 200, {"uri": uri, **self.records[uri]}
        return 400, {"error": "RecordNotFound", "message": f"Could not locate record: {uri}"}

    def _putRecord(self, values):
        uri = f"at://{values['repo']}/{values['collection']}/{values['rkey']}"
        known = self._getRecord(values)[1]
        if known.get("value") == values["record"]:
            return 200, {"uri": uri, "cid": known["cid"]}
        if known.get("cid") != values.get("swapRecord"):
            return 400, {"error": "InvalidSwap", "message": f"Record was at {known.get('cid')}"}
        if values["collection"] != POST:
            self._made += 1
            self.records[uri] = {"cid": f"bafyrec{self._made}", "value": values["record"]}
            return 200, {"uri": uri, "cid": self.records[uri]["cid"]}
        if len(values["record"]["text"]) > 300:
            why = "Invalid app.bsky.feed.post record: grapheme too big (maximum 300, got 301) at $.record.text"
            return 400, {"error": "InvalidRequest", "message": why}
        for image in values["record"].get("embed", {}).get("images", ()):
            if image["image"]["size"] > 1_000_000 or image["image"]["ref"]["$link"] not in self.blobs:
                return 400, {"error": "BlobNotFound", "message": "Could not find blob"}
        view = self.add(
            values["repo"], key=values["rkey"], **{k: v for k, v in values["record"].items() if k[0] != "$"}
        )
        view["indexedAt"] = view["record"]["createdAt"]
        self.sent.append((uri, values["record"]["text"]))
        return 200, {"uri": uri, "cid": view["cid"], "validationStatus": "valid"}

    def _uploadBlob(self, request):
        """Keep a file (com.atproto.repo.uploadBlob); its place is told by its content."""
        link = f"bafkrei{hashlib.sha256(request.body).hexdigest()[:52]}"
        self.blobs[link] = request.body
        kind = request.headers["Content-Type"]
        blob = {"$type": "blob", "ref": {"$link": link}, "mimeType": kind, "size": len(request.body)}
        return 200, {"blob": blob}

    def _deleteRecord(self, values):
        self.delete(f"at://{values['repo']}/{values['collection']}/{values['rkey']}")
        return 200, {}

    def _muteActor(self, values):
        self.muted.add(values["actor"])
        return 200, None

    def _createReport(self, values):
        self.reports.append(values)
        return 200, {"id": len(self.reports), "reportedBy": ME, **values}

    # --- private messages ---

    def _listConvos(self, values):
        if not self.messages:
            return 200, {"convos": []}
        members = [{name: self.profile(did)[name] for name in ("did", "handle", "displayName")} for did in (ME, ANA)]
        convo = {"id": CONVO, "rev": self.messages[-1]["rev"], "members": members, "lastMessage": self.messages[-1],
                 "muted": False, "unreadCount": 1}  # fmt: skip
        return 200, {"convos": [convo]}

    def _getLog(self, values):
        logs = [one for one in self.log if one["rev"] > values.get("cursor", "")][:40]
        return 200, {"logs": logs, "cursor": logs[-1]["rev"] if logs else values.get("cursor", "")}

    def _getMessages(self, values):
        return 200, {"messages": self.messages[::-1][:100]}

    def _getConvoForMembers(self, values):
        if not self.open_to_messages:
            return 400, {"error": "MessagesDisabled", "message": "recipient has disabled incoming messages"}
        return 200, {"convo": {"id": CONVO, "rev": tid(1), "members": [], "unreadCount": 0, "muted": False}}

    def _sendMessage(self, values):
        message = self.write(values["message"]["text"], ME, values["convoId"])
        self.sent.append((f"chat:{values['convoId']}/{message['id']}", message["text"]))
        return 200, message
