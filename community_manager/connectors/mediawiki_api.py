"""The action API of one MediaWiki, asked as anybody or with a bot password.

A bot password opens a session that is known by cookies.  They are carried by hand for one run, told to nobody, and
opened only for what needs them: most wikis let everybody read.
"""

import re
from datetime import UTC, datetime, timedelta
from functools import cached_property
from html import unescape
from urllib.parse import urljoin, urlsplit

from . import errors
from .base import _
from .http import UNREADABLE
from .limits import parse_moment
from .saying import as_sentence
from .text import clean_line
from .typed_address import page_address

#: Seconds of lag of the databases above which we stay away (mediawiki.org, Manual:Maxlag parameter).
MAX_LAG = 5
#: A pause where the wiki names none.
PAUSE = timedelta(seconds=60)

NO_WIKI = _("“%(wiki)s” is not the address of a wiki. It should look like https://wiki.example.com.")
NO_API = _(
    "%(host)s does not offer the interface of MediaWiki. Enter the address of a page of the wiki, or of api.php."
)
MOVED = _("The wiki lives at %(url)s. Enter that address.")
NO_ACCESS = _("This needs a bot password. Enter the user name and the password of the channel.")
BAD_PASSWORD = _("The wiki does not accept the user name or the bot password: %(why)s")
NO_RIGHT = _("The wiki does not let us do this: %(why)s Check the rights that were given to the bot password.")
BLOCKED = _("The account of this channel is blocked on the wiki.")
WAIT = _("The wiki asks us to wait before we ask again.")
CONFLICT = _("Others are editing that page right now. We try again.")
TARGET_GONE = _("What was meant is no longer on the wiki.")
NOT_TAKEN = _("The wiki does not take this: %(why)s")
NOT_UNDERSTOOD = _("The wiki does not accept our request: %(why)s Check the settings.")

_WAITING = ("maxlag", "ratelimited", "readonly", "actionthrottledtext", "cant-see-hidden-lag")
_BLOCKED = (
    "blocked",
    "autoblocked",
    "globalblocking-blockedtext-user",
    "systemblocked",
    "wikimedia-globalblocking-blocked",
)
_NO_RIGHT = (
    "permissiondenied", "readapidenied", "writeapidenied", "noapiwrite", "noedit", "noedit-anon", "cantcreate",
    "cantcreate-anon", "nocreate-loggedin", "noimageredirect", "watchlistdenied", "notloggedin",
)  # fmt: skip
_GONE = ("missingtitle", "nosuchsection", "nosuchpageid", "nosuchrevid", "pagedeleted", "nosuchuser", "missingrev")
_NO_SESSION = ("assertuserfailed", "assertnameduserfailed", "assertbotfailed")
_COOKIE = re.compile(r"(?:^|,\s*)([!#$%&'*+.^_`|~0-9A-Za-z-]{1,200})=([^;,\s]{0,4000})")
_EDIT_URI = re.compile(r'<link\b[^<>]{0,200}\brel="EditURI"[^<>]{0,500}>', re.IGNORECASE)
_HREF = re.compile(r'\bhref="([^"<>]{1,1000})"')


class Wiki:
    """One wiki and our access to it.

    :ivar str api: address of ``api.php``, known after :meth:`discover`
    """

    def __init__(self, http, address, user="", password="", api=""):
        self.http = http
        self._address = address
        self.user = (user or "").strip()
        self._password = password or ""
        self._cookies = {}
        self._tokens = {}
        self.logged_in = False
        self.user_id = 0
        self.api = api

    @cached_property
    def base(self):
        """Address that was entered, with its protocol.

        :raises errors.Misconfigured: it is none
        """
        return page_address(self._address, NO_WIKI, "wiki")

    @cached_property
    def realm(self):
        """Within what the numbers of revisions are known."""
        return urlsplit(self.base).netloc.lower()

    @property
    def host(self):
        """Name of the server, for sentences."""
        return urlsplit(self.base).hostname

    @property
    def name(self):
        """Our user's name: a bot password belongs to ``Name@purpose``."""
        name = self.user.rpartition("@")[0] or self.user
        name = " ".join(name.replace("_", " ").split())
        return name[:1].upper() + name[1:]

    def is_api(self, address):
        """Return whether an address that was kept belongs to this wiki."""
        return isinstance(address, str) and urlsplit(address).netloc.lower() == self.realm

    def discover(self):
        """Find the interface: every page of a wiki names it.

        :raises errors.Misconfigured: there is none
        """
        base = self.base
        if urlsplit(base).path.endswith("/api.php"):
            self.api = base.partition("?")[0]
            return
        page = self.http.get(base)
        link = _EDIT_URI.search(page.text[:500_000])
        href = _HREF.search(link.group()) if link else None
        if not href:
            raise errors.Misconfigured(NO_API, params={"host": self.host})
        try:
            found = urljoin(page.url, unescape(href.group(1))).partition("?")[0]
            there = urlsplit(found)
        except ValueError:
            raise errors.Misconfigured(NO_API, params={"host": self.host}) from None
        if there.netloc.lower() != self.realm:
            raise errors.Misconfigured(MOVED, params={"url": f"{there.scheme}://{there.netloc}"[:200]})
        self.api = f"{urlsplit(page.url).scheme}://{there.netloc}{there.path}"

    # --- asking ---

    def query(self, **params):
        """Ask what can be read and return the whole answer; logs in where the wiki shows itself to nobody else."""
        try:
            return self._ask("GET", {"action": "query", "maxlag": MAX_LAG, **params})
        except errors.AccessDenied as problem:
            if problem.detail != "readapidenied" or self.logged_in or not self._password:
                raise
        self.log_in()
        return self._ask("GET", {"action": "query", "maxlag": MAX_LAG, **params})

    def act(self, **params):
        """Do something as our user and return the answer; a worn-out token is renewed once."""
        self.log_in()
        for again in (True, False):
            token = self._token("csrf")
            try:
                return self._ask("POST", {"assert": "user", **params, "token": token})
            except errors.ConnectorError as problem:
                if not again or problem.detail not in ("badtoken", *_NO_SESSION):
                    raise
                self._tokens.clear()
                if problem.detail in _NO_SESSION:
                    self.logged_in = False
                    self.log_in()
        raise AssertionError

    def log_in(self):
        """Open a session with the bot password.

        :raises errors.AccessExpired: it is not accepted
        """
        if self.logged_in:
            return
        if not (self.user and self._password):
            raise errors.AccessDenied(NO_ACCESS)
        self._cookies.clear()
        token = self._token("login")
        sent = {"action": "login", "lgname": self.user, "lgpassword": self._password, "lgtoken": token}
        said = self._ask("POST", sent).get("login")
        said = said if isinstance(said, dict) else {}
        result = said.get("result")
        if result == "Throttled":
            seconds = said.get("wait")
            pause = timedelta(seconds=seconds) if type(seconds) is int and 0 < seconds < 86400 else PAUSE
            raise errors.RateLimited(WAIT, datetime.now(UTC) + pause, "login throttled")
        if result not in ("Success", "Failed", "Aborted", "WrongToken", "NeedToken"):
            raise self.malformed("login")
        if result != "Success":
            why = self._sentence(said.get("reason"))
            raise errors.AccessExpired(BAD_PASSWORD, str(result)[:40], params={"why": why})
        self.logged_in = True
        number = said.get("lguserid")
        self.user_id = number if type(number) is int else 0

    def _token(self, kind):
        if kind not in self._tokens:
            answer = self._ask("GET", {"action": "query", "meta": "tokens", "type": kind})
            tokens = _inside(answer, "query", "tokens")
            token = tokens.get(kind + "token")
            if not isinstance(token, str) or not token:
                raise self.malformed("tokens")
            self.http.mask(token)
            if kind == "login":
                return token
            self._tokens[kind] = token
        return self._tokens[kind]

    def _ask(self, method, params):
        """Ask the interface and return its answer as an object."""
        if not self.api:
            self.discover()
        headers = {"Accept": "application/json"}
        if self._cookies:
            headers["Cookie"] = "; ".join(f"{name}={value}" for name, value in self._cookies.items())
        params = {"format": "json", "formatversion": 2, **params}
        sent = {"params": params} if method == "GET" else {"data": params}
        response = self.http.request(method, self.api, headers=headers, **sent)
        self._keep_cookies(response)
        answer = response.json()
        if not isinstance(answer, dict):
            raise self.malformed(f"{params['action']}: {type(answer).__name__} instead of an object")
        error = answer.get("error")
        if error is not None:
            raise self._refusal(error if isinstance(error, dict) else {}, response, method)
        return answer

    def _keep_cookies(self, response):
        if urlsplit(response.url).netloc.lower() != self.realm:
            return
        for name, value in _COOKIE.findall(response.headers.get("set-cookie", "")[:20_000]):
            if name.lower() in ("expires", "path", "domain", "max-age", "samesite"):
                continue
            if value in ("", "deleted"):
                self._cookies.pop(name, None)
            else:
                self._cookies[name] = value
                if len(value) >= 8:
                    self.http.mask(value)

    def malformed(self, detail):
        """Return the error for an answer that is JSON, but not what was asked for."""
        return errors.Malformed(UNREADABLE, detail, params={"host": self.host})

    def _sentence(self, text):
        found = clean_line(text, 300) if isinstance(text, str) else ""
        return as_sentence(self.http.hide(found) or "?")

    def _refusal(self, error, response, method):
        """Return the error for what the wiki calls one; all of them come with status 200."""
        code = clean_line(error.get("code"), 100) if isinstance(error.get("code"), str) else ""
        why = self._sentence(error.get("info"))
        if code in _WAITING:
            now = datetime.now(UTC)
            later = parse_moment(response.headers.get("retry-after"), now) or now + PAUSE
            return errors.RateLimited(WAIT, later, code)
        if code == "editconflict":
            return errors.RateLimited(CONFLICT, datetime.now(UTC) + PAUSE, code)
        if code in _BLOCKED:
            return errors.AccessDenied(BLOCKED, code)
        if code in _NO_SESSION:
            return errors.AccessExpired(BAD_PASSWORD, code, params={"why": why})
        if code in _NO_RIGHT:
            return errors.AccessDenied(NO_RIGHT, code, params={"why": why})
        if code in _GONE:
            return errors.Gone(TARGET_GONE, code)
        if not code or code.startswith("internal_api_error"):
            return errors.Retriable(UNREADABLE, code, params={"host": self.host})
        if code == "articleexists":
            return errors.Duplicate(NOT_TAKEN, code, params={"why": why})
        kind, sentence = (errors.Refused, NOT_TAKEN) if method == "POST" else (errors.Misconfigured, NOT_UNDERSTOOD)
        return kind(sentence, code, params={"why": why})


def _inside(answer, *names):
    """Return an object inside an answer, an empty one when it is not there."""
    for name in names:
        answer = answer.get(name) if isinstance(answer, dict) else None
    return answer if isinstance(answer, dict) else {}


def entries(answer, *names):
    """Return a list of objects inside an answer; ``None`` when there is no list."""
    holder = _inside(answer, *names[:-1])
    found = holder.get(names[-1])
    return found if isinstance(found, list) else None


def following(answer, name):
    """Return where a list goes on, ``None`` at its end."""
    value = _inside(answer, "continue").get(name)
    return value if isinstance(value, (str, int)) and not isinstance(value, bool) and len(str(value)) < 200 else None
