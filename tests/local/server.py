"""A local server that speaks the part of the Mastodon API that listening uses, and serves feeds.

It runs in a process of its own (``python -m tests.local.server PORT-FILE``) and is steered over HTTP:
``POST /control`` with ``{"published": 1000, "delay": 0.1}`` says how many posts of :mod:`.posts` exist and how long an
answer takes; ``GET /control`` tells what was asked.  The timeline of the tag ``every3`` holds every third post, and so
on, so that timelines overlap.  ``/feed/<n>`` is an RSS feed.
"""

import contextlib
import json
import os
import re
import subprocess
import sys
import tempfile
import threading
import time
import urllib.request
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

from . import posts
from .sayings import Sayings

STATUS = re.compile(r"/api/v1/statuses/(\d+)(/context)?$")
TIMELINE = re.compile(r"/api/v1/timelines/tag/every(\d+)$")


class State:
    """What the server was told and asked."""

    def __init__(self):
        self.lock = threading.Lock()
        self.published = 0
        self.delay = 0.0
        self.served = 0
        self.requests = 0
        self.busy = {}
        self.most_busy = {}
        self.sayings = Sayings()

    @contextlib.contextmanager
    def counted(self, path):
        """Count a request, and how many of the same path are answered at once."""
        with self.lock:
            self.requests += 1
            self.busy[path] = self.busy.get(path, 0) + 1
            self.most_busy[path] = max(self.most_busy.get(path, 0), self.busy[path])
        try:
            yield
        finally:
            with self.lock:
                self.busy[path] -= 1

    def facts(self):
        """What ``GET /control`` tells."""
        with self.lock:
            return {
                "published": self.published,
                "served": self.served,
                "requests": self.requests,
                "most_busy": dict(self.most_busy),
                "said": self.sayings.facts(),
            }


def timeline_numbers(query, every, published):
    """Numbers of one page of a timeline, newest first, as ``max_id``, ``since_id`` and ``min_id`` ask for them."""
    limit = min(int(query.get("limit", 20)), 40)
    after = [int(query[name]) + 1 for name in ("since_id", "min_id") if name in query]
    low = posts.post_number(max(after, default=0))
    high = min(posts.post_number(query["max_id"]), published) if "max_id" in query else published
    low = -(-low // every) * every
    numbers = range(low, high, every)
    return list(reversed(numbers[:limit] if "min_id" in query else numbers[-limit:] if limit else ()))


class Handler(BaseHTTPRequestHandler):
    """Answers one connection."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    state = None

    def log_message(self, *_args):
        """Quiet."""

    def do_POST(self):
        """``/control``, or something that is said."""
        values = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        if self.path == "/api/v1/statuses":
            status = self.state.sayings.take(values, self.headers.get("Idempotency-Key", ""))
            time.sleep(self.state.sayings.delay)
            return self._answer(status)
        with self.state.lock:
            self.state.sayings.steer(values)
            self.state.published = values.get("published", self.state.published)
            self.state.delay = values.get("delay", self.state.delay)
            self.state.most_busy.clear()
        self._answer(self.state.facts())

    def do_GET(self):
        """The API."""
        parts = urlsplit(self.path)
        query = {name: values[-1] for name, values in parse_qs(parts.query).items()}
        if parts.path == "/control":
            return self._answer(self.state.facts())
        with self.state.counted(parts.path):
            if self.state.delay:
                time.sleep(self.state.delay)
            return self._api(parts.path, query)

    def _api(self, path, query):
        timeline = TIMELINE.match(path)
        if timeline:
            numbers = timeline_numbers(query, int(timeline[1]), self.state.published)
            with self.state.lock:
                self.state.served += len(numbers)
            links = {}
            if numbers:
                base = f"http://{self.headers['Host']}{path}?limit={query.get('limit', 20)}"
                links["Link"] = (
                    f'<{base}&max_id={posts.post_id(numbers[-1])}>; rel="next", '
                    f'<{base}&min_id={posts.post_id(numbers[0])}>; rel="prev"'
                )
            return self._answer([posts.status(number) for number in numbers], links)
        if path == "/api/v1/accounts/verify_credentials":
            return self._answer(posts.account(0) | {"source": {"note": ""}})
        if path in ("/api/v1/instance", "/api/v2/instance"):
            return self._answer({"uri": "social.example", "domain": "social.example", "version": "4.3.0"})
        if path == f"/api/v1/accounts/{posts.account(0)['id']}/statuses":
            return self._answer(self.state.sayings.page(query))
        status = STATUS.match(path)
        if status:
            answer = {"ancestors": [], "descendants": []} if status[2] else self.state.sayings.status(status[1])
            return self._answer(answer)
        if path.startswith("/feed/"):
            return self._answer(feed(path[6:]), {"Content-Type": "application/rss+xml"})
        if path in ("/api/v1/notifications", "/api/v1/conversations", "/api/v1/timelines/home"):
            return self._answer([])
        return self._answer({"error": "Record not found"}, status=404)

    def _answer(self, content, headers=None, status=200):
        body = content if isinstance(content, bytes) else json.dumps(content).encode()
        self.send_response(status)
        for name, value in ({"Content-Type": "application/json"} | (headers or {})).items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


def feed(name):
    """An RSS feed of five entries."""
    entries = "".join(
        f"<item><guid>{name}-{n}</guid><title>{posts.NAMES[n].title()} in {name}</title>"
        f"<link>https://blog{name}.example/{n}</link><pubDate>Mon, 05 Jan 2026 0{n}:00:00 GMT</pubDate>"
        f"<description>Something about {posts.NAMES[n]} &amp;amp; others.</description></item>"
        for n in range(5)
    )
    return f'<?xml version="1.0"?><rss version="2.0"><channel><title>{name}</title>{entries}</channel></rss>'.encode()


class Server(ThreadingHTTPServer):
    """One thread a connection, many waiting."""

    daemon_threads = True
    request_queue_size = 256

    def handle_error(self, request, client_address):
        """Callers that hang up in the middle of an answer, as killed workers do, are nothing to report."""
        if not isinstance(sys.exception(), ConnectionError):
            super().handle_error(request, client_address)


class Client:
    """The test's side of a running server."""

    def __init__(self, port):
        self.port = port
        self.url = f"http://127.0.0.1:{port}"

    def control(self, **values):
        """Steer the server, or only ask; returns its facts."""
        body = json.dumps(values).encode() if values else None
        with urllib.request.urlopen(f"{self.url}/control", data=body, timeout=10) as answer:
            return json.load(answer)


@contextlib.contextmanager
def running(**values):
    """Start the server in a process of its own, yield its :class:`Client`, and end it."""
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder, "port")
        command = [sys.executable, "-m", "tests.local.server", str(place)]
        process = subprocess.Popen(command, cwd=Path(__file__).parents[2], stdin=subprocess.PIPE)
        try:
            ends = time.monotonic() + 30
            while not place.exists():
                if process.poll() is not None or time.monotonic() > ends:
                    raise RuntimeError("the local server did not start")
                time.sleep(0.02)
            client = Client(int(place.read_text(encoding="ascii")))
            if values:
                client.control(**values)
            yield client
        finally:
            process.kill()
            process.wait()


def main():
    """Serve until standard input ends, which it does with the process that started this one."""
    Handler.state = State()
    server = Server(("127.0.0.1", 0), Handler)
    place = Path(sys.argv[1])
    draft = place.with_suffix(".new")
    draft.write_text(str(server.server_port), encoding="ascii")
    os.replace(draft, place)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    sys.stdin.read()


if __name__ == "__main__":
    main()
