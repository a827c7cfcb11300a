"""Servers with the Mastodon API, as they differ, in memory."""

import json
import re
from datetime import UTC, datetime, timedelta
from html import escape
from pathlib import Path
from urllib.parse import parse_qs, unquote, urlsplit

from connectors.http import Http
from connectors.mastodon import Mastodon

from .forms import parse_form

DATA = Path(__file__).parent / "data" / "mastodon"
HOST = "mastodon.example"
#: ids made of a time in milliseconds above 16 other bits, as Mastodon makes them
EPOCH = datetime(2025, 1, 1, tzinfo=UTC)


def recorded(name):
    """Return a recorded exchange."""
    return json.loads((DATA / f"{name}.json").read_text(encoding="utf-8"))


class FakeMastodon:
    """A server; ``style`` says how it reads the paging parameters.

    "mastodon": as documented.  "since": ``min_id`` gives the newest entries, not the oldest.  "ignorant": knows
    neither ``min_id`` nor ``since_id``.  "opaque": ids that cannot be compared, ``min_id`` has to be one it still has.
    """

    def __init__(self, style="mastodon", limit=40):
        self.style = style
        self.most = limit
        self.requests = []
        self.lists = {"home": [], "notifications": [], "conversations": [], "tag": {}, "search": {}}
        self.refuse = {}
        self.headers = {}
        #: by id, in the order in which they were written; ours with what we sent under "_sent"
        self.statuses = {}
        #: answers to what was sent, by key
        self.keys = {}
        self.knows_keys = True
        #: (bytes, description) by id; media of the statuses that use them stand in "_media"
        self.media = {}
        self.knows_second_media = True
        #: how often it is still worked on when asked
        self.slow_media = 0
        #: what was done to whom: ("mute", id of the account), ("report", the report)
        self.done = []
        self.instance = recorded("instance_v2")["body"]
        self.me = recorded("verify_credentials")["body"]
        self._made = 0
        self._pattern = recorded("home")["body"][0]

    # --- what happens there ---

    def status(self, text="hello", author="ana", minutes=None, **fields):
        """Return a new status; ``minutes`` sets when it was written, one a minute otherwise."""
        self._made += 1
        written = EPOCH + timedelta(minutes=self._made if minutes is None else minutes)
        number = (int(written.timestamp() * 1000) << 16) + self._made
        status_id = f"{self._made * 7919 % 100003:05d}x{self._made:06d}" if self.style == "opaque" else str(number)
        account = {
            **self._pattern["account"],
            "id": f"a-{author}",
            "acct": author,
            "username": author.partition("@")[0],
        }
        made = {
            **self._pattern,
            "id": status_id,
            "uri": f"https://{HOST}/s/{status_id}",
            "url": f"https://{HOST}/@{author}/{status_id}",
            "created_at": written.isoformat().replace("+00:00", "Z"),
            "content": f"<p>{text}</p>",
            "account": account,
            **fields,
        }
        self.statuses[made["id"]] = made
        return made

    def post(self, where, status, name="", place=None):
        """Put a status into a list ("home", "tag", "search"), newest last."""
        entries = self.lists[where] if not name else self.lists[where].setdefault(name, [])
        entries.insert(len(entries) if place is None else place, status)
        return status["id"]

    def notify(self, status, kind="mention"):
        """Put a status into the notifications."""
        entries = self.lists["notifications"]
        number = f"n{len(entries) * 31 % 101}z{len(entries)}" if self.style == "opaque" else str(len(entries) + 20)
        entries.append({"id": number, "type": kind, "account": status["account"], "status": status})
        return status["id"]

    # --- what it answers ---

    def __call__(self, request):
        """Answer a prepared request."""
        parts = urlsplit(request.url)
        query = parse_qs(parts.query)
        self.requests.append((parts.path, {name: values[-1] for name, values in query.items()}))
        for path, status in self.refuse.items():
            if parts.path.startswith(path):
                return status, self.headers, b'{"error": "refused"}'
        if request.method == "POST" and parts.path in ("/api/v1/media", "/api/v2/media"):
            status, body = self._take_media(parts.path, request)
        elif request.method == "GET":
            status, body = self._answer(parts.path, query)
        else:
            sent = json.loads(request.body) if request.body else {}
            status, body = self._done(request.method, parts.path, sent, request.headers)
        return status, {"Content-Type": "application/json", **self.headers}, json.dumps(body).encode()

    def _answer(self, path, query):
        if path == "/api/v2/instance":
            return 200, self.instance
        if path == "/api/v1/accounts/verify_credentials":
            return 200, self.me
        if path == "/api/v1/apps/verify_credentials":
            return 200, {"id": "1", "name": "Community manager", "scopes": ["read", "write"]}
        if path == "/api/v1/accounts/lookup":
            return self._account(query["acct"][0])
        if path == f"/api/v1/accounts/{self.me['id']}/statuses":
            ours = [status for status in self.statuses.values() if "_sent" in status]
            return 200, self._page(ours, query, style="since")
        if path == "/api/v1/statuses":
            return 200, [self.statuses[one] for one in query["id[]"] if one in self.statuses]
        if path.startswith("/api/v1/statuses/"):
            return self._one(*path.removeprefix("/api/v1/statuses/").partition("/")[::2])
        if path == "/api/v2/search" and query["type"] == ["accounts"]:
            status, account = self._account(query["q"][0].strip("@"))
            return 200, {"accounts": [account] if status == 200 else [], "statuses": [], "hashtags": []}
        if path.startswith("/api/v1/media/"):
            self.slow_media -= 1
            return (206 if self.slow_media > 0 else 200), {"id": path.rpartition("/")[2]}
        if path.startswith("/api/v1/timelines/tag/"):
            return 200, self._page(self.lists["tag"].get(unquote(path.rpartition("/")[2]), []), query)
        if path == "/api/v2/search":
            return 200, {"statuses": self._page(self.lists["search"].get(query["q"][0], []), query, style="since")}
        if path in ("/api/v1/notifications", "/api/v1/conversations", "/api/v1/timelines/home"):
            return 200, self._page(self.lists[path.rpartition("/")[2]], query)
        return 404, {"error": "Record not found"}

    def _take_media(self, path, request):
        """Keep a picture, as documented: at once with 200, or with 202 while it is worked on."""
        if path == "/api/v2/media" and not self.knows_second_media:
            return 404, {"error": "Record not found"}
        fields = parse_form(request)
        name, kind, data = fields["file"]
        if not kind.startswith("image/"):
            return 422, {"error": "Validation failed: File content type is invalid"}
        found = str(9000 + len(self.media))
        self.media[found] = (data, fields.get("description", (None, None, b""))[2].decode())
        ready = {"id": found, "type": "image", "url": f"https://{HOST}/{name}", "description": self.media[found][1]}
        return (202, {**ready, "url": None}) if self.slow_media else (200, ready)

    def _account(self, name):
        """Return an account by its name."""
        for status in self.statuses.values():
            if name.partition("@")[0] == status["account"]["acct"].partition("@")[0]:
                return 200, status["account"]
        return 404, {"error": "Record not found"}

    def _one(self, status_id, what):
        """Return a status, or what stands around it."""
        found = self.statuses.get(status_id)
        if found is None:
            return 404, recorded("status_missing")["body"]
        if what == "context":
            beneath = [one for one in self.statuses.values() if one.get("in_reply_to_id") == status_id]
            above = self.statuses.get(found.get("in_reply_to_id"))
            return 200, {"ancestors": [above] if above else [], "descendants": beneath}
        return 200, found

    def _done(self, method, path, sent, headers):
        """Do what is asked, as Mastodon documents it."""
        if path == "/api/v1/statuses":
            return self._say(sent, headers.get("Idempotency-Key"))
        if path == "/api/v1/apps":
            return 200, {"id": "1", "name": sent["client_name"], "client_id": "an-id", "client_secret": "a-secret-one"}
        if path == "/api/v1/reports":
            self.done.append(("report", sent))
            return 200, {"id": "1", "action_taken": False, "comment": sent["comment"]}
        if method == "DELETE":
            found = self.statuses.pop(path.rpartition("/")[2], None)
            return (200, found) if found else (404, {"error": "Record not found"})
        account_id, _sep, what = path.removeprefix("/api/v1/accounts/").partition("/")
        if what in ("mute", "block"):
            self.done.append((what, account_id))
            return 200, {"id": account_id, "muting": what == "mute", "blocking": what == "block"}
        return 404, {"error": "Record not found"}

    def _say(self, sent, key):
        """Take a status: answered again if the key is known, refused if empty or beneath nothing."""
        if self.knows_keys and key in self.keys:
            return 200, self.keys[key]
        if not sent["status"].strip():
            return 422, {"error": "Validation failed: Text can't be blank"}
        beneath = sent.get("in_reply_to_id")
        if beneath and beneath not in self.statuses:
            return 404, {"error": "The post you are trying to reply to does not appear to exist."}
        made = self.status(minutes=None, author=self.me["acct"])
        now = datetime.now(UTC)
        made |= {
            "created_at": now.isoformat().replace("+00:00", "Z"),
            "content": self.markup(sent["status"]),
            "account": self.me,
            "visibility": sent["visibility"],
            "in_reply_to_id": beneath,
            "in_reply_to_account_id": beneath and self.statuses[beneath]["account"]["id"],
            "spoiler_text": sent.get("spoiler_text", ""),
            "language": sent.get("language", "en"),
            "_sent": sent["status"],
            "_media": list(sent.get("media_ids", ())),
        }
        self.post("home", made)
        self.keys[key] = made
        return 200, made

    @staticmethod
    def markup(text):
        """Return a text as Mastodon shows it: links cut short for the eye, handles without their server."""
        handle = r'<span class="h-card"><a href="/@\1">@<span>\1</span></a></span>'
        link = (
            r'<a href="https://\1\2"><span class="invisible">https://</span><span class="ellipsis">\1</span>'
            r'<span class="invisible">\2</span></a>'
        )
        shown = re.sub(r" *\n", "\n", escape(text.strip(), quote=False))
        shown = re.sub(r"@(\w+)(?:@[\w.-]+\w)?", handle, shown)
        shown = re.sub(r"https://(\S{1,20})(\S*)", link, shown)
        paragraphs = re.split(r"\n{2,}", shown)
        return "".join(f"<p>{one}</p>" for one in paragraphs).replace("\n", "<br>")

    def _page(self, entries, query, style=None):
        """Return a page of a list, newest first."""
        style = style or self.style
        limit = min(int(query.get("limit", ["20"])[0]), self.most)
        bounds = {name: query[name][0] for name in ("min_id", "since_id", "max_id") if name in query}

        def place(entry_id):
            for number, entry in enumerate(entries):
                if self.key(entry) == entry_id:
                    return number
            return None

        if style == "opaque":
            if "min_id" in bounds:
                start = place(bounds["min_id"])
                return [] if start is None else entries[start + 1 : start + 1 + limit][::-1]
            end = place(bounds["max_id"]) if "max_id" in bounds else len(entries)
            return entries[max((end or 0) - limit, 0) : end or 0][::-1]
        found = sorted(entries, key=lambda entry: int(self.key(entry)))
        if "max_id" in bounds:
            found = [entry for entry in found if int(self.key(entry)) < int(bounds["max_id"])]
        lowest = bounds.get("min_id") or bounds.get("since_id")
        if lowest and style != "ignorant":
            found = [entry for entry in found if int(self.key(entry)) > int(lowest)]
        if style == "mastodon" and "min_id" in bounds:
            return found[:limit][::-1]
        return found[-limit:][::-1]

    @staticmethod
    def key(entry):
        """Return the id by which an entry's list is paged."""
        return entry["last_status"]["id"] if "last_status" in entry else entry["id"]


class Recorded(FakeMastodon):
    """Answers one kind of request with what a real server answered, and keeps what it was asked."""

    def __init__(self, **answers):
        super().__init__()
        self.answers = answers
        self.asked = []

    def __call__(self, request):
        path = request.url.removeprefix(f"https://{HOST}").partition("?")[0]
        for name, where in self.answers.items():
            if f"{request.method} {path}" == where:
                self.asked.append((json.loads(request.body) if request.body else None, dict(request.headers)))
                exchange = recorded(name)
                return exchange["status"], exchange["headers"], json.dumps(exchange["body"]).encode()
        return super().__call__(request)


def connect(answer, token="a-token", **values):
    """Return a connector that is answered by a function."""
    return Mastodon(Http(transport=answer), {"server": HOST, **values}, {"access_token": token} if token else {})


def listen(server, cursor=None, **values):
    """Return all pages of a run and the cursor after it."""
    cursor = cursor or {}
    pages = []
    for page in connect(server, **values).listen(cursor):
        cursor = json.loads(json.dumps(page.cursor, sort_keys=True))
        pages.append(page)
    return pages, cursor


def items(pages):
    """Return the items of pages."""
    return [item for page in pages for item in page.items]
