"""A network without a network: what it answers is decided by the test."""

import hashlib
import hmac
import json
from contextlib import contextmanager
from datetime import UTC, datetime

from odoo.addons.community_manager.connectors import network, register, unregister
from odoo.addons.community_manager.connectors.base import Connector, Setting
from odoo.addons.community_manager.connectors.errors import AccessDenied, Gone, Malformed
from odoo.addons.community_manager.connectors.items import AuthorItem, Check, MentionItem, Page

from .toy_sending import ToySending


class Toy(ToySending, Connector):
    """Answers with the pages and errors that :attr:`script` holds for its ``source`` setting.

    ``script[source]`` is a list of runs; each run is a list of pages and exceptions, the exceptions being raised in
    their place.  The last run is repeated.  ``seen`` notes the cursors that runs were started with.
    """

    code = "toy"
    label = "Toy"
    description = "A network for tests."
    capabilities = frozenset({"listen", "search", "lookup", "push", "reply", "message", "publish"})
    settings = (
        Setting("source", "Source", required=True),
        Setting("server", "Server", kind="url"),
        Setting("token", "Token", secret=True, help="For tests."),
        Setting("key", "Signing key", secret=True, generated=True),
    )
    poll_seconds = (60, 3600)
    push_headers = ("x-toy-signature", "x-toy-time")

    script = {}
    seen = {}
    #: what lookup answers by external id: an item or an exception; nothing: the item has not changed
    things = {}
    #: called before each page, for tests that let time pass
    before_page = staticmethod(lambda connector: None)

    @classmethod
    def reset(cls):
        """Forget what a test said and did."""
        cls.script, cls.seen, cls.things = {}, {}, {}
        cls.before_page = staticmethod(lambda connector: None)
        cls.reset_sending()

    def check(self):
        """See :class:`.Connector`."""
        return Check(account=self.values["source"], account_id="1")

    def listen(self, cursor):
        """See :class:`.Connector`."""
        source = self.values["source"]
        self.seen.setdefault(source, []).append(dict(cursor))
        runs = self.script.get(source) or [[]]
        run = runs.pop(0) if len(runs) > 1 else runs[0]
        for step in run:
            self.before_page(self)
            if isinstance(step, Exception):
                raise step
            yield step

    def lookup(self, item_id, identifiers):
        """See :class:`.Connector`."""
        answer = self.things.get(item_id)
        if isinstance(answer, Exception):
            raise answer
        return answer

    def parse_push(self, headers, body, now):
        """See :class:`.Connector`."""
        wanted = sign(self.secrets.get("key", ""), headers.get("x-toy-time", ""), body)
        if not hmac.compare_digest(wanted, headers.get("x-toy-signature", "")):
            raise AccessDenied("The signature is wrong.")
        try:
            entries = json.loads(body)["items"]
        except (ValueError, KeyError, TypeError) as error:
            raise Malformed("The delivery has no items.") from error
        return Page(items=[item(**entry) for entry in entries], requests=0)


def sign(key, moment, body):
    """Return the signature that the toy network puts on a delivery."""
    return hmac.new(key.encode(), moment.encode() + b"." + body, hashlib.sha256).hexdigest()


def item(external_id="1", text="Acme is great", author="ann", **values):
    """Return a ``MentionItem`` with sensible values."""
    values.setdefault("published_at", datetime(2026, 1, 5, 10, 0, tzinfo=UTC))
    values.setdefault("url", f"https://toy.example/{external_id}")
    if isinstance(author, str):
        author = AuthorItem(external_id=author, name=author.title(), handle=f"@{author}") if author else None
    return MentionItem(external_id=external_id, text=text, author=author, **values)


def page(*items, **values):
    """Return a ``Page`` whose cursor names its last item."""
    values.setdefault("cursor", {"last": items[-1].external_id} if items else {})
    return Page(items=list(items), **values)


def gone():
    """Return the error of a network that says that something was deleted."""
    return Gone("It was deleted.", status=404)


@contextmanager
def toy_network(cls=Toy):
    """Register a network for a while."""
    assert network(cls.code) is None, "registered already"
    register(cls)
    cls.reset()
    try:
        yield cls
    finally:
        unregister(cls.code)
