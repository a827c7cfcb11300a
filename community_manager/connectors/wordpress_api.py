"""The REST interface of one WordPress site, asked with an application password."""

from base64 import b64encode
from datetime import UTC, datetime, timedelta
from functools import cached_property
from urllib.parse import urlsplit

from . import errors
from .base import _
from .http import UNREADABLE
from .saying import as_sentence
from .text import clean_line, html_to_text
from .typed_address import site_address

#: WordPress lets one person comment every 15 seconds (wp_throttle_comment_flood in wp-includes/comment.php).
FLOOD_SECONDS = 15
#: Folders of the addresses of pages of a site; its own address ends before them.
INSIDE = frozenset(("wp-admin", "wp-login.php", "wp-json", "feed"))

NO_SITE = _("“%(site)s” is not the address of a site. It should look like https://www.example.com.")
NO_API = _("%(host)s does not offer the interface of WordPress. Check the address, or whether a plugin closes it.")
MOVED = _("The site lives at %(url)s. Enter that address.")
BAD_PASSWORD = _(
    "The site does not accept the user name with the application password, or its server removes them from requests. "
    "Enter them again, and see that the site is reached by https."
)
NO_RIGHT = _("The user of this channel may not do this on the site: %(why)s")
FLOOD = _("The site wants a pause between two comments.")
ALREADY = _("The site has this comment already.")
CLOSED = _("Comments are closed there.")
TARGET_GONE = _("What was to be answered is no longer on the site.")
NOT_TAKEN = _("The site does not take this: %(why)s")

_CLOSED = ("rest_comment_closed", "rest_comment_draft_post", "rest_comment_trash_post", "rest_cannot_read_post")
_GONE = ("rest_comment_invalid_id", "rest_post_invalid_id", "rest_comment_invalid_post_id", "rest_already_trashed")
_NO_LOGIN = (
    "rest_not_logged_in", "rest_comment_login_required", "rest_user_invalid_id", "incorrect_password",
    "invalid_username", "invalid_email", "application_passwords_disabled", "application_passwords_disabled_for_user",
)  # fmt: skip


class Site:
    """One site and our access to it.

    :ivar str root: address of the interface, known after :meth:`discover`
    """

    def __init__(self, http, address, user, password, root=""):
        self.http = http
        self._address = address
        self.user = (user or "").strip()
        self._login = f"{self.user}:{(password or '').strip()}".encode()
        self.root = root
        http.mask(password, b64encode(self._login).decode())

    @cached_property
    def base(self):
        """Address of the site.

        :raises errors.Misconfigured: the setting holds none
        """
        return site_address(self._address, INSIDE, NO_SITE, "site")

    @cached_property
    def realm(self):
        """Within what the numbers of posts and comments are known."""
        parts = urlsplit(self.base)
        return parts.netloc + parts.path

    @property
    def host(self):
        """Name of the server, for sentences."""
        return urlsplit(self.base).hostname

    def malformed(self, detail):
        """Return the error for an answer that is JSON, but not what was asked for."""
        return errors.Malformed(UNREADABLE, detail, params={"host": self.host})

    def discover(self):
        """Find the interface and return what the site says of itself.

        :raises errors.Misconfigured: there is none
        """
        absent = dict.fromkeys((404, 405, 410))
        answer = self.http.get(self.base + "/wp-json/", params={"_fields": "name,url,namespaces"}, actions=absent)
        if answer.status in absent:
            # Sites with plain addresses name theirs in a header of every page.
            page = self.http.request("HEAD", self.base + "/", actions=absent)
            found = page.links.get("https://api.w.org/", "")
            if not found:
                raise errors.Misconfigured(NO_API, params={"host": self.host})
            answer = self.http.get(found, actions=absent)
        about = answer.json()
        spaces = about.get("namespaces") if isinstance(about, dict) else None
        if not isinstance(spaces, list) or "wp/v2" not in spaces:
            raise errors.Misconfigured(NO_API, params={"host": self.host})
        lives = urlsplit(answer.url)
        if lives.netloc.lower() != urlsplit(self.base).netloc:
            raise errors.Misconfigured(MOVED, params={"url": f"{lives.scheme}://{lives.netloc}"[:200]})
        # sites behind a proxy may name their interface without TLS: the password takes the way that was entered
        root, safe = self._root_of(answer.url), self.base.startswith("https:")
        self.root = "https:" + root.partition(":")[2] if safe else root
        return about

    def is_root(self, root):
        """Return whether an address that was kept belongs to this site."""
        base = urlsplit(self.base)
        parts = urlsplit(root) if isinstance(root, str) else None
        return bool(parts) and parts.netloc.lower() == base.netloc and parts.scheme in (base.scheme, "https")

    @staticmethod
    def _root_of(url):
        """Return the address of the interface without our own parameters, ready to have a route put behind it."""
        if "rest_route=" in url:
            return url.partition("rest_route=")[0] + "rest_route=/"
        return url.partition("?")[0].rstrip("/") + "/"

    def ask(self, method, route, params=None, json=None):
        """Ask the interface and return the answer.

        :param str route: as in ``wp/v2/comments``
        :raises errors.ConnectorError: a refusal, as what it is
        """
        if not self.root:
            self.discover()
        headers = {"Authorization": "Basic " + b64encode(self._login).decode()}
        return self.http.request(
            method, self.root + route, params=params, json=json, headers=headers, judge=self._judge
        )

    def one(self, method, route, params=None, json=None):
        """Ask for one thing and return it as an object."""
        found = self.ask(method, route, params, json).json()
        if not isinstance(found, dict):
            raise self.malformed(f"{route}: {type(found).__name__} instead of an object")
        return found

    def many(self, route, params):
        """Return ``(entries, how many there are in all or None)`` of a list."""
        answer = self.ask("GET", route, params)
        entries = answer.json()
        if not isinstance(entries, list):
            raise self.malformed(f"{route}: {type(entries).__name__} instead of a list")
        total = answer.headers.get("x-wp-total", "")
        return entries, int(total) if total.isascii() and total.isdigit() and len(total) < 12 else None

    def _judge(self, answer):
        """Return the error for a refusal, by what WordPress calls it; ``None`` when it is not WordPress that speaks."""
        code, why = _code(answer)
        if not code or answer.status >= 500 and answer.status != 501:
            return None
        why = as_sentence(self.http.hide(why or code))
        if code == "comment_duplicate":
            return errors.Duplicate(ALREADY, code)
        if code == "comment_flood":
            return errors.RateLimited(FLOOD, datetime.now(UTC) + timedelta(seconds=FLOOD_SECONDS), code)
        if code in _GONE:
            return errors.Gone(TARGET_GONE, code)
        if code in _CLOSED:
            return errors.Refused(CLOSED, code)
        if code in _NO_LOGIN:
            return errors.AccessExpired(BAD_PASSWORD, code)
        if answer.status in (401, 403):
            return errors.AccessDenied(NO_RIGHT, code, params={"why": why})
        if code == "rest_no_route":
            return errors.Misconfigured(NO_API, code, params={"host": self.host})
        return None if answer.status in (408, 429) else errors.Refused(NOT_TAKEN, code, params={"why": why})


def _code(answer):
    """Return ``(code, sentence)`` of a refusal, empty where it holds none."""
    try:
        said = answer.json()
    except errors.Malformed:
        return "", ""
    if not isinstance(said, dict):
        return "", ""
    code, why = said.get("code"), said.get("message")
    return (
        clean_line(code, 100) if isinstance(code, str) else "",
        clean_line(html_to_text(why[:2000]), 300) if isinstance(why, str) else "",
    )
