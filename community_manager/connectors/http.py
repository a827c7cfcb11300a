"""The only door to the network: limits, guards, counting, and one table from status to what is to be done."""

import logging
import os
import re
import zlib
from datetime import UTC, datetime
from http.cookiejar import DefaultCookiePolicy
from urllib.parse import urljoin, urlsplit

import requests
import urllib3
from requests.structures import CaseInsensitiveDict

from . import errors
from .addresses import Allowed
from .answer import UNREADABLE, Response, Unpacker, safe_url
from .base import _
from .limits import parse_moment, parse_rate_limit
from .transport import NO_ANSWER, TOO_SLOW, CallableAdapter, Clock, Guard, GuardedAdapter, Secrets, quiet

_logger = logging.getLogger(__name__)

USER_AGENT = "CommunityManager/19.0 (addon for Odoo)"
MIB = 1024 * 1024
#: An error page is read this far, for the log.
ERROR_BYTES = 64 * 1024
CHUNK = 64 * 1024
MAX_REDIRECTS = 5
#: Requests of a limit that listening leaves to answering, and the smallest limit of which any are left.
KEPT_FOR_ANSWERS = 20
WORTH_KEEPING = 100
#: Headers of ours that may follow a redirect to another host: none of them can be a secret.
_HARMLESS = frozenset({"accept", "accept-language", "if-none-match", "if-modified-since", "content-type"})

#: What to do about a status; a request may override single lines with ``actions``, ``None`` meaning "it is an answer".
STATUS_ACTIONS = {
    401: errors.AccessExpired,
    402: errors.AccessDenied,
    403: errors.AccessDenied,
    408: errors.Retriable,
    413: errors.TooLarge,
    421: errors.Retriable,
    423: errors.Retriable,
    425: errors.Retriable,
    429: errors.RateLimited,
    451: errors.AccessDenied,
    501: errors.Misconfigured,
}
#: The remaining statuses, by their first digit.
CLASS_ACTIONS = {1: errors.Malformed, 3: errors.Malformed, 4: errors.Misconfigured, 5: errors.Retriable}

NOT_AN_ADDRESS = _("“%(url)s” is not a web address. It should look like https://www.example.com/feed.")
NO_LOGIN = _("The server %(host)s no longer accepts our access: it has expired or was withdrawn. Enter access again.")
NOT_ALLOWED = _("The server %(host)s does not let us do this. Check the permissions that were given to our access.")
NOT_THERE = _("There is nothing at %(url)s. Check the address.")
NOT_UNDERSTOOD = _("The server %(host)s does not accept our request (status %(status)s). Check the settings.")
DELETED = _("%(host)s says that this was deleted.")
WAIT = _("The server %(host)s asks us to wait before we ask again.")
TROUBLE = _("The server %(host)s has a problem of its own (status %(status)s). We try again at growing intervals.")
TOO_LARGE = _("The answer of %(host)s is larger than %(limit)s MB, so it was not read.")
BROKEN_OFF = _("The connection to %(host)s broke off. We try again at growing intervals.")
BAD_CERTIFICATE = _("The security certificate of %(host)s is not valid, so we do not talk to that server.")
REDIRECTS = _("The server %(host)s sends us in circles. Check the address.")

_SENTENCES = {
    errors.AccessExpired: NO_LOGIN,
    errors.AccessDenied: NOT_ALLOWED,
    errors.Gone: DELETED,
    errors.RateLimited: WAIT,
    errors.Retriable: TROUBLE,
    errors.Misconfigured: NOT_UNDERSTOOD,
    errors.Malformed: UNREADABLE,
    errors.TooLarge: TOO_LARGE,
}


def _origin(url):
    parts = urlsplit(url)
    return parts.scheme, parts.hostname, parts.port or {"http": 80, "https": 443}.get(parts.scheme)


def _hung_up(problem):
    """Return whether the other side closed the connection before it answered anything."""
    cause = problem.args[0] if isinstance(problem, requests.ConnectionError) and problem.args else None
    return isinstance(cause, urllib3.exceptions.ProtocolError) and isinstance(cause.args[-1], ConnectionError)


class Http:
    """A client for one run of one channel, with one session whose connections are reused.

    :ivar int requests: requests sent so far, redirects included
    :ivar limits.RateLimit rate_limit: what the last answer said about limits, or ``None``
    """

    def __init__(
        self,
        *,
        allowed_hosts=(),
        user_agent=USER_AGENT,
        timeout=(5, 20),
        request_seconds=60,
        max_bytes=10 * MIB,
        deadline=None,
        stop=None,
        proxy="",
        reserve=0,
        transport=None,
    ):
        """
        :param allowed_hosts: "host", "host:port" or networks ("10.2.0.0/16") that may be read although not public
        :param tuple timeout: seconds to connect, seconds to wait for the next bytes
        :param float request_seconds: longest time of one request in all
        :param int max_bytes: longest answer, compressed and uncompressed
        :param float deadline: when the run ends, on the scale of :func:`time.monotonic`
        :param threading.Event stop: set when the run has to end now
        :param str proxy: address of the proxy that leads outside, where there is one
        :param int reserve: requests of the network's limit that are left to others: listening leaves some to answering
        :param transport: for tests, a function from a prepared request to ``(status, headers, body)``
        """
        self.requests = 0
        self.rate_limit = None
        self.max_bytes = max_bytes
        self._timeout = timeout
        self._request_seconds = request_seconds
        self._reserve = reserve
        self._secrets = Secrets()
        self._clock = Clock(deadline, stop)
        self._guard = Guard(Allowed(allowed_hosts), self._clock, timeout)
        self._session = requests.Session()
        self._session.trust_env = False
        self._session.verify = os.environ.get("REQUESTS_CA_BUNDLE") or True
        self._session.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))
        self._session.headers.update({"User-Agent": user_agent, "Accept-Encoding": "gzip, deflate"})
        self._proxy = bool(proxy and not transport)
        if self._proxy:
            self._session.proxies = {"http": proxy, "https": proxy}
        adapter = CallableAdapter(transport) if transport else GuardedAdapter(self._guard)
        self._session.mount("http://", adapter)
        self._session.mount("https://", adapter)

    def mask(self, *values):
        """Let these values appear in no log and no error text."""
        for value in values:
            self._secrets.add(value)

    def hide(self, text):
        """Return text of a server without what :meth:`mask` was told, fit to be shown."""
        return self._secrets.hide(text)

    def close(self):
        """Close the connections."""
        self._session.close()

    def __enter__(self):
        return self

    def __exit__(self, *_exc):
        self.close()

    def get(self, url, **options):
        """See :meth:`request`."""
        return self.request("GET", url, **options)

    def post(self, url, **options):
        """See :meth:`request`."""
        return self.request("POST", url, **options)

    def request(
        self,
        method,
        url,
        *,
        params=None,
        headers=None,
        auth=None,
        json=None,
        data=None,
        actions=None,
        max_bytes=None,
        judge=None,
    ):
        """Ask and return the whole answer.

        :param dict params: query
        :param dict headers: further headers; they do not follow a redirect to another host
        :param auth: (user, password)
        :param json: body to send as JSON
        :param data: body to send as it is, or as a form
        :param dict actions: ``{status: error class}``, or ``None`` for a status that is a proper answer here
        :param int max_bytes: other limit than the client's
        :param judge: for networks that say in the body what a status means: a function from the refusing
            :class:`Response` to an error, or ``None`` for what the status alone stands for
        :rtype: Response
        :raises errors.ConnectorError: anything but a proper answer
        """
        limit = max_bytes or self.max_bytes
        headers = dict(headers or {})
        permanent = True
        for _step in range(MAX_REDIRECTS + 1):
            prepared = self._prepare(method, url, params, headers, auth, json, data)
            answer = self._send(prepared)
            try:
                target = self._redirect(answer)
                if not target:
                    moved_to = url if permanent and _step else ""
                    return self._read(answer, limit, actions or {}, headers, moved_to, judge)
            finally:
                answer.close()
            permanent = permanent and answer.status_code in (301, 308)
            if method not in ("GET", "HEAD") and answer.status_code not in (307, 308):
                method, json, data = "GET", None, None
            if _origin(target) != _origin(prepared.url):
                headers = {name: value for name, value in headers.items() if name.lower() in _HARMLESS}
                auth = None
                if method not in ("GET", "HEAD"):
                    raise self._error(errors.Misconfigured, REDIRECTS, prepared.url, "a body is not sent elsewhere")
            url, params = target, None
        raise self._error(errors.Misconfigured, REDIRECTS, url, f"more than {MAX_REDIRECTS} redirects")

    def _prepare(self, method, url, params, headers, auth, json, data):
        """Check an address and build the request for it."""
        detail = ""
        try:
            parts = urlsplit(url)
            usable = parts.scheme in ("http", "https") and parts.hostname and parts.port != 0
            if usable and url.isprintable() and "\\" not in parts.netloc:
                request = requests.Request(method, url, params=params, headers=headers, auth=auth, json=json, data=data)
                return self._session.prepare_request(request)
        except (requests.RequestException, urllib3.exceptions.HTTPError, ValueError) as problem:
            detail = type(problem).__name__
        raise errors.Misconfigured(NOT_AN_ADDRESS, detail, params={"url": self._secrets.hide(safe_url(url))})

    def _keep_reserve(self, host):
        """
        :raises errors.RateLimited: what is left until the limit is renewed is not ours
        """
        limit = self.rate_limit
        # where a server allows few requests anyway, nothing can be kept
        if not (self._reserve and limit and limit.reset_at and (limit.limit or 0) >= WORTH_KEEPING):
            return
        if limit.remaining is not None and limit.remaining < self._reserve and limit.reset_at > datetime.now(UTC):
            raise errors.RateLimited(WAIT, limit.reset_at, "requests left to answers", None, {"host": host})

    def _send(self, prepared):
        host = urlsplit(prepared.url).hostname
        self._keep_reserve(host)
        self._clock.start(host, self._request_seconds)
        if self._proxy:
            self._guard.resolve(host, urlsplit(prepared.url).port or 0)
        proxies = self._session.proxies if self._proxy else {}
        # Some servers close a connection after each answer without saying so: the next request on it finds out.  What
        # only reads is asked again; what changes something would be left in doubt, so it starts on a new connection.
        second_try = prepared.method in ("GET", "HEAD")
        if not second_try and self.requests:
            self._session.close()
        while True:
            self.requests += 1
            quiet.secrets = self._secrets
            try:
                return self._session.send(
                    prepared,
                    stream=True,
                    timeout=self._timeout,
                    allow_redirects=False,
                    proxies=proxies,
                    verify=self._session.verify,
                )
            except Exception as problem:  # noqa: BLE001 - sorted by _trouble, which lets ours and unknown ones through
                if not (second_try and _hung_up(problem)):
                    trouble = self._trouble(problem, prepared.url)
                    break
                second_try = False
            finally:
                quiet.secrets = None
        raise trouble

    def _redirect(self, answer):
        """Return where an answer sends us, or an empty string."""
        location = answer.headers.get("location")
        if answer.status_code not in (301, 302, 303, 307, 308) or not location:
            return ""
        try:
            # Servers send UTF-8 here, which the protocol hands over as Latin-1.
            location = location.encode("latin-1").decode("utf-8")
        except UnicodeError:
            pass
        try:
            return urljoin(answer.request.url, location.strip())
        except ValueError:
            return location

    def _read(self, answer, limit, actions, asked, moved_to, judge=None):
        """Read the body within its limit, and raise what the status means."""
        now = datetime.now(UTC)
        self.rate_limit = parse_rate_limit(answer.headers, now) or self.rate_limit
        status = answer.status_code
        action = self._action(status, answer.headers, actions, asked)
        content = self._body(answer, ERROR_BYTES if action else limit, cut=bool(action))
        response = Response(status, CaseInsensitiveDict(answer.headers), content, answer.url, moved_to)
        if action:
            judged = judge(response) if judge else None
            if judged is not None:
                judged.status = status
                judged.detail = self._secrets.hide(judged.detail)
                raise judged
            raise self._status_error(action, answer, content, now)
        return response

    @staticmethod
    def _action(status, headers, actions, asked):
        """Return the error class for a status, or ``None`` when it is a proper answer."""
        if status in actions:
            return actions[status]
        if 200 <= status < 300:
            return None
        if status == 304 and {name.lower() for name in asked} & {"if-none-match", "if-modified-since"}:
            return None
        if status in (403, 503) and (headers.get("retry-after") or headers.get("x-ratelimit-remaining") == "0"):
            return errors.RateLimited
        return STATUS_ACTIONS.get(status) or CLASS_ACTIONS.get(status // 100, errors.Malformed)

    def _status_error(self, action, answer, content, now):
        """Build the error that a status stands for."""
        # Hidden before it is cut: half a secret would not be known for one.
        excerpt = self._secrets.hide(content.decode("utf-8", "replace"))[:2000]
        excerpt = re.sub(r"<[^>]{0,500}>|\s+", " ", excerpt).strip()
        detail = f"HTTP {answer.status_code} {self._secrets.hide(safe_url(answer.url))} {excerpt[:300]}".strip()
        sentence = _SENTENCES.get(action, TROUBLE)
        if answer.status_code in (404, 410) and action is errors.Misconfigured:
            sentence = NOT_THERE
        error = self._error(action, sentence, answer.url, detail, answer.status_code)
        if isinstance(error, errors.RateLimited):
            error.retry_at = parse_moment(answer.headers.get("retry-after"), now)
            if error.retry_at is None and self.rate_limit:
                error.retry_at = self.rate_limit.reset_at
        return error

    def _error(self, kind, sentence, url, detail="", status=None):
        """Build an error about an address, without secrets."""
        params = {
            "host": urlsplit(url).hostname or "?",
            "url": self._secrets.hide(safe_url(url)),
            "status": status or "",
            "limit": max(self.max_bytes // MIB, 1),
        }
        used = {name: value for name, value in params.items() if f"%({name})s" in sentence}
        return kind(sentence, detail=self._secrets.hide(detail), status=status, params=used)

    def _body(self, answer, limit, cut=False):
        """Return the body, unpacked; ``cut`` ends quietly at the limit."""
        declared = answer.headers.get("content-length", "")
        if not cut and declared.isdigit() and int(declared[:18]) > limit:
            raise self._error(errors.TooLarge, TOO_LARGE, answer.url, f"{declared[:18]} bytes declared")
        encoding = answer.headers.get("content-encoding", "")
        try:
            unpacker = Unpacker(encoding)
        except ValueError:
            if cut:
                return b""
            raise self._error(errors.Malformed, UNREADABLE, answer.url, f"packed as {encoding[:40]}") from None
        parts, size, packed = [], 0, 0
        trouble = None
        try:
            while size <= limit and packed <= limit:
                self._clock.check()
                # Our sockets wait in turns, so this ends in time even when the server sends byte by byte.
                chunk = answer.raw.read(CHUNK, decode_content=False)
                packed += len(chunk)
                part = unpacker.unpack(chunk, limit - size + 1)
                parts.append(part)
                size += len(part)
                if not chunk and not part:
                    break
        except Exception as problem:  # noqa: BLE001 - as in _send
            trouble = self._trouble(problem, answer.url)
        if not cut:
            if trouble:
                raise trouble
            if size > limit or packed > limit:
                raise self._error(errors.TooLarge, TOO_LARGE, answer.url, f"more than {limit} bytes")
            if not unpacker.complete:
                raise self._error(errors.Retriable, BROKEN_OFF, answer.url, "packed body without its end")
        return b"".join(parts)[:limit]

    def _trouble(self, problem, url):
        """Turn what the libraries raise into one of our errors; ours pass, and bugs are not hidden."""
        if isinstance(problem, errors.ConnectorError):
            return problem
        detail = self._secrets.hide(re.sub(r"[?][^ ]*", "", str(problem)))[:300]
        detail = f"{type(problem).__name__}: {detail}"
        if isinstance(problem, zlib.error):
            return self._error(errors.Malformed, UNREADABLE, url, detail)
        if isinstance(problem, requests.exceptions.SSLError):
            return self._error(errors.Retriable, BAD_CERTIFICATE, url, detail)
        if isinstance(problem, (requests.exceptions.ReadTimeout, urllib3.exceptions.ReadTimeoutError, TimeoutError)):
            return self._error(errors.Retriable, TOO_SLOW, url, detail)
        if isinstance(problem, (requests.exceptions.InvalidURL, requests.exceptions.InvalidSchema)):
            return self._error(errors.Misconfigured, NOT_AN_ADDRESS, url, detail)
        if isinstance(problem, requests.exceptions.ConnectTimeout):
            return self._error(errors.Unreachable, NO_ANSWER, url, detail)
        if isinstance(problem, (requests.RequestException, urllib3.exceptions.HTTPError, OSError)):
            return self._error(errors.Retriable, BROKEN_OFF, url, detail)
        return problem
