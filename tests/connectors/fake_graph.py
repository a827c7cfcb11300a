"""A Graph API in memory: paging, errors and figures as developers.facebook.com documents them."""

import json
from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qs, unquote, urlsplit

START = datetime(2025, 3, 1, 8, tzinfo=UTC)


def when(moment):
    """Return a time as the Graph API writes it."""
    return moment.strftime("%Y-%m-%dT%H:%M:%S+0000")


def error(code, message="(#%s) said no", subcode=None, **more):
    """Return the body of an error."""
    body = {"message": message % code if "%" in message else message, "type": "OAuthException", "code": code, **more}
    if subcode:
        body["error_subcode"] = subcode
    return {"error": {**body, "fbtrace_id": "A1b2C3"}}


class FakeGraph:
    """What every graph does.

    :ivar things: whatever has an id, by id
    :ivar list sent: (id, text) of what we sent, oldest first
    """

    time = "created_time"

    def __init__(self):
        self.things = {}
        self.sent = []
        self.requests = []
        self._minutes = 0

    def tick(self, moment=None):
        """Return a new number and the time that belongs to it, one a minute."""
        self._minutes += 1
        return self._minutes, when(moment or START + timedelta(minutes=self._minutes))

    def __call__(self, request):
        """Answer a prepared request."""
        parts = urlsplit(request.url)
        query = {name: values[-1] for name, values in parse_qs(parts.query).items()}
        body = request.body or ""
        body = body.decode() if isinstance(body, bytes) else body
        query.update({name: values[-1] for name, values in parse_qs(body).items()})
        path = [unquote(step) for step in parts.path.strip("/").split("/")[1:]]
        self.requests.append((request.method, "/".join(path), query))
        status, answer = self.answer(request.method, path, query)
        return status, {"Content-Type": "application/json"}, json.dumps(answer).encode()

    def answer(self, method, path, query):
        """Return ``(status, document)``."""
        raise NotImplementedError

    @staticmethod
    def gone():
        """Return the answer about a thing that is not there."""
        words = "Unsupported get request. Object does not exist, cannot be loaded due to missing permissions"
        return 400, error(100, words, 33)

    def page(self, entries, query, size=25):
        """Return a page of a list, newest first."""
        found = sorted(entries, key=lambda entry: entry.get(self.time) or entry.get("updated_time"), reverse=True)
        start = int(query["after"].removeprefix("c")) if query.get("after") else 0
        size = int(query.get("limit", size))
        shown = found[start : start + size]
        answer = {"data": shown}
        if shown:
            answer["paging"] = {"cursors": {"before": f"c{start}", "after": f"c{start + size}"}}
            if start + size < len(found):
                answer["paging"]["next"] = "https://graph.example/next"
        return answer
