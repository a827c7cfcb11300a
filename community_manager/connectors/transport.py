"""Sockets that know where they may go and when they must stop.

The guard looks at the very address a socket connects to, so a name that resolves to another address a moment later
(DNS rebinding) and unusual ways to write an address (decimal, octal) gain nothing.  Every wait for the network is cut
into short turns between which the deadline and the stop event are looked at, so a server that sends one byte now and
then cannot hold a worker.
"""

import io
import logging
import socket
import ssl
import threading
import time

import requests
import urllib3
from requests.adapters import BaseAdapter, HTTPAdapter
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.util.ssl_ import create_urllib3_context

from . import errors
from .addresses import is_public
from .base import _

#: Longest wait before the deadline and the stop event are looked at again, in seconds.
TURN = 0.5

NOT_FOUND = _("The server %(host)s cannot be found. Check the address for a typing mistake.")
NO_ANSWER = _("The server %(host)s does not answer. Check the address, or wait: we try again at growing intervals.")
TOO_SLOW = _("The server %(host)s answers too slowly. We try again at growing intervals.")
FORBIDDEN = _(
    "The address of %(host)s leads inside a private network, which channels may not read. "
    "An administrator can allow it in the settings."
)
TIME_IS_UP = _("Our own time for this run is used up; the next run goes on here.")
STOPPING = _("Our own server is stopping; the next run goes on here.")


class Clock:
    """How long the present request and the whole run may still take."""

    def __init__(self, deadline=None, stop=None):
        """
        :param float deadline: when the run ends, on the scale of :func:`time.monotonic`
        :param threading.Event stop: set when the run has to end now
        """
        self.deadline = deadline
        self.stop = stop
        self.host = ""
        self._request_ends = None

    def start(self, host, seconds):
        """A request to ``host`` begins, which may take ``seconds`` in all."""
        self.host = host
        self._request_ends = time.monotonic() + seconds
        self.check()

    def left(self):
        """Return the seconds until the nearer of both ends."""
        ends = [end for end in (self._request_ends, self.deadline) if end is not None]
        return max(min(ends) - time.monotonic(), 0.0) if ends else 3600.0

    def check(self):
        """
        :raises errors.Interrupted: the run has to end
        :raises errors.Retriable: the request has taken too long
        """
        if self.stop is not None and self.stop.is_set():
            raise errors.Interrupted(STOPPING)
        now = time.monotonic()
        if self.deadline is not None and now >= self.deadline:
            raise errors.Interrupted(TIME_IS_UP)
        if self._request_ends is not None and now >= self._request_ends:
            raise errors.Retriable(TOO_SLOW, params={"host": self.host})


class _Watched:
    """Mixin of sockets: waits in turns.  ``clock`` is set once the socket is connected."""

    clock = None
    patience = 20.0

    def recv_into(self, *args, **kwargs):
        """Receive, looking at the clock between turns."""
        if self.clock is None:
            return super().recv_into(*args, **kwargs)
        ends = time.monotonic() + self.patience
        while True:
            self.clock.check()
            left = min(TURN, ends - time.monotonic(), self.clock.left())
            self.settimeout(max(left, 0.001))
            try:
                return super().recv_into(*args, **kwargs)
            except TimeoutError:
                if time.monotonic() >= ends:
                    raise


class _WatchedSocket(_Watched, socket.socket):
    pass


class _WatchedTLS(_Watched, ssl.SSLSocket):
    pass


class Guard:
    """Opens connections for one :class:`~.http.Http`, only to where they may go."""

    def __init__(self, allowed, clock, timeout):
        """
        :param addresses.Allowed allowed: exceptions from the rule
        :param Clock clock: when to stop
        :param tuple timeout: seconds to connect, seconds to wait for the next bytes
        """
        self.allowed = allowed
        self.clock = clock
        self.connect_timeout, self.read_timeout = timeout

    def resolve(self, host, port):
        """Return the addresses of ``host`` that may be connected to, as :func:`socket.getaddrinfo` gives them.

        :raises errors.Unreachable: the name is not known
        :raises errors.ForbiddenAddress: none of its addresses may be read
        """
        name = host.strip("[]")
        try:
            found = socket.getaddrinfo(name, port, type=socket.SOCK_STREAM)
        except (OSError, UnicodeError, OverflowError) as problem:
            detail = f"{type(problem).__name__}: {problem}"
            found = None
        if not found:
            raise errors.Unreachable(NOT_FOUND, detail if found is None else "", params={"host": name})
        open_to_us = [info for info in found if is_public(info[4][0]) or self.allowed.permits(name, port, info[4][0])]
        if not open_to_us:
            raise errors.ForbiddenAddress(FORBIDDEN, params={"host": name})
        return open_to_us

    def connect(self, host, port):
        """Return a connected socket.

        :raises errors.ConnectorError: it may not be read, or does not answer
        """
        detail = ""
        for family, kind, protocol, _name, address in self.resolve(host, port):
            self.clock.check()
            sock = _WatchedSocket(family, kind, protocol)
            try:
                sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                sock.settimeout(max(min(self.connect_timeout, self.clock.left()), 0.001))
                sock.connect(address)
            except OSError as problem:
                sock.close()
                detail = f"{type(problem).__name__}: {problem}"
                continue
            self.watch(sock)
            return sock
        self.clock.check()
        raise errors.Unreachable(NO_ANSWER, detail, params={"host": host})

    def watch(self, sock):
        """Make a socket look at the clock while it waits."""
        sock.patience = self.read_timeout
        sock.clock = self.clock


class _GuardedHTTP(HTTPConnection):
    guard = None

    def _new_conn(self):
        return self.guard.connect(getattr(self, "_dns_host", self.host), self.port)


class _GuardedHTTPS(HTTPSConnection):
    guard = None

    def _new_conn(self):
        return self.guard.connect(getattr(self, "_dns_host", self.host), self.port)

    def connect(self):
        super().connect()
        if isinstance(self.sock, _Watched):
            self.guard.watch(self.sock)


class GuardedAdapter(HTTPAdapter):
    """What a :class:`requests.Session` sends through: all connections come from a :class:`Guard`."""

    def __init__(self, guard, **kwargs):
        self.guard = guard
        super().__init__(**kwargs)

    def init_poolmanager(self, connections, maxsize, block=False, **kwargs):
        """Build the pools from guarded connections."""
        context = create_urllib3_context()
        context.sslsocket_class = _WatchedTLS
        super().init_poolmanager(connections, maxsize, block=block, ssl_context=context, **kwargs)
        members = {"guard": self.guard}
        plain = type("Plain", (_GuardedHTTP,), members)
        secure = type("Secure", (_GuardedHTTPS,), members)
        self.poolmanager.pool_classes_by_scheme = {
            "http": type("PlainPool", (HTTPConnectionPool,), {"ConnectionCls": plain}),
            "https": type("SecurePool", (HTTPSConnectionPool,), {"ConnectionCls": secure}),
        }


class CallableAdapter(BaseAdapter):
    """Answers from a function instead of the network, for tests: everything above the socket stays the same.

    The function takes the :class:`requests.PreparedRequest` and returns ``(status, headers, body)``; it may raise what
    a network would.
    """

    def __init__(self, answer):
        super().__init__()
        self.answer = answer

    def send(self, request, **_options):
        """Return what the function answers, in the shape a connection would give it."""
        status, headers, body = self.answer(request)
        raw = urllib3.HTTPResponse(
            body=io.BytesIO(body) if isinstance(body, bytes) else body,
            headers=list(dict(headers).items()),
            status=status,
            preload_content=False,
            decode_content=False,
        )
        response = requests.Response()
        response.status_code = status
        response.headers.update(headers)
        response.raw = raw
        response.url = request.url
        response.request = request
        return response

    def close(self):
        """Nothing is open."""


class Secrets:
    """Words that may appear in no log and no error text."""

    def __init__(self):
        self._words = set()
        self._lock = threading.Lock()

    def add(self, value):
        """Hide ``value``, also as it looks inside an address.  Very short values are left: hiding them would only
        punch holes into ordinary words."""
        value = str(value or "")
        if len(value) >= 4:
            quoted = requests.utils.quote(value, safe="")
            with self._lock:
                self._words = self._words | {value, quoted, quoted.replace("%20", "+")}

    def hide(self, text):
        """Return ``text`` with every secret replaced."""
        for word in sorted(self._words, key=len, reverse=True):
            text = text.replace(word, "***")
        return text

    def __repr__(self):
        return f"<{len(self._words)} secrets>"


class Quiet(threading.local):
    """Whether this thread is inside one of our requests, and what must not be told of it.

    :ivar Secrets secrets: those of the client that asks, ``None`` outside of its requests
    """

    secrets = None


quiet = Quiet()


class NoSecrets(logging.Filter):
    """urllib3 writes whole addresses into its debug log.

    Ours lose their query there, which may hold a token, and the secrets that some networks want in the path.
    """

    def filter(self, record):
        secrets = quiet.secrets
        if secrets is not None and isinstance(record.args, tuple):
            record.args = tuple(
                secrets.hide(arg.partition("?")[0]) if isinstance(arg, str) else arg for arg in record.args
            )
        return True


logging.getLogger("urllib3.connectionpool").addFilter(NoSecrets())
