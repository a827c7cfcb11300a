"""What was said on the local server, as the part of the Mastodon API that sending uses has it."""

import threading
from datetime import UTC, datetime

from . import posts


class Sayings:
    """Statuses that somebody posted, in the order in which they came."""

    def __init__(self):
        self._lock = threading.Lock()
        self._statuses = []
        self._by_key = {}
        #: Whether a repeated key is recognised.
        self.keys = True
        #: Seconds between taking a status and answering.
        self.delay = 0.0

    def steer(self, values):
        """Follow ``{"keys": false, "answer_delay": 0.1, "forget": true}``."""
        with self._lock:
            self.keys = values.get("keys", self.keys)
            self.delay = values.get("answer_delay", self.delay)
            if values.get("forget"):
                self._statuses.clear()
                self._by_key.clear()

    def take(self, values, key):
        """Return the status that is made of what was posted, or was before under the same key."""
        with self._lock:
            known = self._by_key.get(key) if self.keys else None
            if known:
                return known
            number = len(self._statuses)
            now = datetime.now(UTC)
            status = posts.status(0) | {
                "id": str((int(now.timestamp() * 1000) << 16) + number),
                "created_at": now.isoformat(timespec="milliseconds").replace("+00:00", "Z"),
                "content": f"<p>{values['status']}</p>",
                "account": posts.account(0),
                "in_reply_to_id": values.get("in_reply_to_id"),
                "visibility": values.get("visibility", "public"),
                "tags": [],
                "media_attachments": [],
            }
            self._statuses.append(status)
            self._by_key[key] = status
            return status

    def page(self, query):
        """Return what was said, newest first, as ``max_id`` and ``limit`` ask for it."""
        with self._lock:
            statuses = self._statuses[::-1]
        if "max_id" in query:
            statuses = [status for status in statuses if int(status["id"]) < int(query["max_id"])]
        return statuses[: int(query.get("limit", 20))]

    def status(self, identifier):
        """Return a status by its id; one that nobody said is an invented post."""
        with self._lock:
            found = next((status for status in self._statuses if status["id"] == identifier), None)
        return found or posts.status(posts.post_number(identifier))

    def facts(self):
        """Return ``[text, id of what is answered]`` of everything, in order."""
        with self._lock:
            return [[status["content"][3:-4], status["in_reply_to_id"]] for status in self._statuses]
