"""Servers with the Mastodon API, as they differ, in memory."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import parse_qs, unquote, urlsplit

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
        self._made = 0
        self._pattern = recorded("home")["body"][0]

    # --- what happens there ---

    def status(self, text="hello", author="ana", minutes=None, **fields):
        """Return a new status; ``minutes`` sets when it was written, one a minute otherwise."""
        self._made += 1
        written = EPOCH + timedelta(minutes=self._made if minutes is None else minutes)
        number = (int(written.timestamp() * 1000) << 16) + self._made
        status_id = f"{self._made * 7919 % 100003:05d}x{self._made:06d}" if self.style == "opaque" else str(number)
        account = {**self._pattern["account"], "acct": author, "username": author.partition("@")[0]}
        return {
            **self._pattern,
            "id": status_id,
            "uri": f"https://{HOST}/s/{status_id}",
            "url": f"https://{HOST}/@{author}/{status_id}",
            "created_at": written.isoformat().replace("+00:00", "Z"),
            "content": f"<p>{text}</p>",
            "account": account,
            **fields,
        }

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
        status, body = self._answer(parts.path, query)
        return status, {"Content-Type": "application/json", **self.headers}, json.dumps(body).encode()

    def _answer(self, path, query):
        if path == "/api/v2/instance":
            return 200, recorded("instance_v2")["body"]
        if path == "/api/v1/accounts/verify_credentials":
            return 200, recorded("verify_credentials")["body"]
        if path.startswith("/api/v1/timelines/tag/"):
            return 200, self._page(self.lists["tag"].get(unquote(path.rpartition("/")[2]), []), query)
        if path == "/api/v2/search":
            return 200, {"statuses": self._page(self.lists["search"].get(query["q"][0], []), query, style="since")}
        if path in ("/api/v1/notifications", "/api/v1/conversations", "/api/v1/timelines/home"):
            return 200, self._page(self.lists[path.rpartition("/")[2]], query)
        return 404, {"error": "Record not found"}

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
