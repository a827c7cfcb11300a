"""What the benchmarks share: interleaved rounds, medians, a desk to measure on."""

import contextlib
import functools
import json
import statistics
import time

from tests.local import posts
from tests.local.server import timeline_numbers
from tests.odoo_desk import clone_database, drop_database

SERVER = "https://social.example"


@contextlib.contextmanager
def database(purpose):
    """Yield a copy of the template, dropped at the end."""
    name = clone_database(f"bench_{purpose}")
    try:
        yield name
    finally:
        drop_database(name)


def timed(work):
    """Return (seconds, result) of ``work()``."""
    start = time.perf_counter()
    result = work()
    return time.perf_counter() - start, result


def rates(rounds, **works):
    """Run every work in turns and return what each did in a second, round by round.

    :param int rounds: how often each is run
    :param works: name → function from the number of the round to how many things it did
    """
    found = {name: [] for name in works}
    for number in range(rounds):
        for name, work in works.items():
            seconds, done = timed(functools.partial(work, number))
            found[name].append(done / seconds)
        print(f"round {number + 1}: " + ", ".join(f"{name} {found[name][-1]:,.0f}/s" for name in works), flush=True)
    return found


def ratio(speeds, one, other):
    """Median over the rounds of how many times as fast one work was as another: neighbours in time are compared, so a
    machine that is busy for a while does not matter."""
    return statistics.median(a / b for a, b in zip(speeds[one], speeds[other], strict=True))


class Memory:
    """A server with the Mastodon API that answers from memory, as ``transport`` of ``Http``."""

    def __init__(self, published):
        self.published = published
        self._bodies = {}

    def prepare(self, numbers, strangers=False):
        """Write these posts down, so that making them up is not measured.

        :param bool strangers: each is by an author of its own
        """
        for number in numbers:
            status = posts.status(number)
            if strangers:
                status["account"] = posts.account(posts.AUTHORS + number)
            self._bodies[number] = json.dumps(status).encode()

    def __call__(self, request):
        """Answer a prepared request."""
        from urllib.parse import parse_qsl, urlsplit

        parts = urlsplit(request.url)
        query = dict(parse_qsl(parts.query))
        headers = {"Content-Type": "application/json"}
        if "/timelines/tag/" in parts.path:
            numbers = timeline_numbers(query, 1, self.published)
            if numbers:
                base = f"{SERVER}{parts.path}?limit=40"
                headers["Link"] = (
                    f'<{base}&max_id={posts.post_id(numbers[-1])}>; rel="next", '
                    f'<{base}&min_id={posts.post_id(numbers[0])}>; rel="prev"'
                )
            return 200, headers, b"[" + b",".join(self._bodies[number] for number in numbers) + b"]"
        if parts.path.endswith("/instance"):
            return 200, headers, b'{"domain": "social.example", "version": "4.3.0"}'
        return 404, headers, b"{}"

    @contextlib.contextmanager
    def installed(self):
        """Let all channels of this process talk to this server only."""
        from odoo.addons.community_manager.models.listening import community_channel_access as place

        original = place.Http
        place.Http = functools.partial(original, transport=self)
        try:
            yield
        finally:
            place.Http = original
