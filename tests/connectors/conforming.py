"""What the conformance suites share: running a connector on an adapter, and judging what it brings."""

import copy
import json
import re
from datetime import UTC, datetime, timedelta

from connectors import errors, networks
from connectors.http import Http
from connectors.items import Attachment, AuthorItem, MentionItem, Outgoing, Page

from .adapters import ADAPTERS

NETWORKS = networks()
#: Those that are asked over a network; the others read this very Odoo.
REMOTE = {code: cls for code, cls in NETWORKS.items() if not cls.local}
WAIT = {"Retry-After": "90"}
CANNOT_READ = (errors.Malformed, errors.TooLarge, errors.Misconfigured, errors.Retriable)


def having(capability):
    """Return the codes of the networks that can do something."""
    return sorted(code for code, cls in REMOTE.items() if cls.can(capability))


def network_of(code):
    """Return an adapter on which something was published."""
    adapter = ADAPTERS[code]()
    adapter.cls = NETWORKS[code]
    adapter.publish(4)
    return adapter


def connect(adapter, answer=None, http=None):
    http = http or Http(transport=answer or adapter.answer, max_bytes=3_000_000)
    return adapter.cls(http, adapter.settings, adapter.secrets)


def run(adapter, cursor, answer=None, pages=None):
    """Listen and return the pages, at most ``pages`` of them, with cursors as a database gives them back.

    A run whose last page says that there is more is followed by another, as the desk does.
    """
    found = []
    while True:
        before = len(found)
        for page in connect(adapter, answer).listen(copy.deepcopy(cursor)):
            assert isinstance(page, Page)
            page.cursor = json.loads(json.dumps(page.cursor, sort_keys=True))
            found.append(page)
            if len(found) == pages:
                return found
        if len(found) == before or not found[-1].more:
            return found
        assert found[-1].cursor != cursor, "there is more, and no way on to it"
        cursor = found[-1].cursor


class Wire:
    """Between a connector and its network: sees which request sends, and spoils what it is told to.

    :ivar list requests: (method, address without query) of every request
    :ivar int sent_at: number of the request that sent something, ``None`` before
    """

    def __init__(self, adapter, *, at=None, instead=None, lost=None, later=None):
        """
        :param int at: number of the request that never arrives
        :param instead: what is answered to it: ``(status, headers, body)``, or an exception that is raised
        :param lost: what is answered to the request that sends, instead of the network's answer; may be a function
        :param later: what is answered to every request after that
        """
        self.adapter, self.at, self.instead, self.lost, self.later = adapter, at, instead, lost, later
        self.requests = []
        self.sent_at = None

    def __call__(self, request):
        """Answer a prepared request."""
        number = len(self.requests)
        self.requests.append((request.method, request.url.partition("?")[0]))
        if self.sent_at is not None and self.later:
            return self.later
        if number == self.at:
            if isinstance(self.instead, Exception):
                raise self.instead
            return self.instead
        before = len(self.adapter.sent())
        answer = self.adapter.answer(request)
        if len(self.adapter.sent()) > before and self.sent_at is None:
            self.sent_at = number
            if self.lost:
                return self.lost(answer) if callable(self.lost) else self.lost
        return answer


class Desk:
    """What the desk does around a connector to say something in one way."""

    def __init__(self, code, way):
        self.cls = NETWORKS[code]
        self.way = way
        self.adapter = ADAPTERS[code]()
        self.adapter.cls = self.cls
        self.adapter.publish(4)
        self.account_id = connect(self.adapter).check().account_id
        self.target = self.find_target()

    def find_target(self):
        """Return something that can be answered in this way, ``None`` for a publication."""
        if self.way == "publish":
            return None
        for make in ("target", "direct"):
            if self.adapter.does(make):
                found = getattr(self.adapter, make)()
                if self.way in self.cls.ways(found):
                    return found
        raise AssertionError(f"the adapter has nothing that can be answered by a {self.way}")

    def connector(self, answer=None):
        """Return a fresh connector, as every attempt gets one."""
        made = connect(self.adapter, answer)
        made.account_id = self.account_id
        return made

    def outgoing(self, text="Thank you, we look into it.", key="0" * 31 + "1", **values):
        """Return something to be said."""
        values.setdefault("target", self.target)
        values.setdefault("first_tried_at", datetime.now(UTC))
        if self.way == "publish":
            values.setdefault("title", "News from us")
        return Outgoing(key, text, self.way, **values)

    def send(self, outgoing=None, answer=None):
        """Make one attempt and return what went out."""
        return getattr(self.connector(answer), self.way)(outgoing or self.outgoing())

    def sending_step(self):
        """Return the number of the request that sends, found out on another network of the same kind."""
        other = Desk(self.cls.code, self.way)
        wire = Wire(other.adapter)
        other.send(answer=wire)
        assert wire.sent_at is not None, "nothing was sent"
        return wire.sent_at


def ids(pages):
    return [item.external_id for page in pages for item in page.items]


def plain(text, lines=False):
    assert isinstance(text, str)
    text.encode("utf-8")
    assert not re.search(r"[\x00-\x08\x0b-\x1f\x7f\u202a-\u202e\u2066-\u2069]", text)
    assert lines or "\n" not in text


def whole(item):
    """Check that an item is what the contract says."""
    assert isinstance(item, MentionItem)
    assert item.external_id and len(item.external_id) <= 500
    for name in ("external_id", "title", "url", "language", "parent_id", "conversation_id"):
        plain(getattr(item, name))
    plain(item.text, lines=True)
    assert item.kind in ("post", "comment", "review", "article", "message")
    assert item.visibility in ("public", "unlisted", "private", "direct")
    assert item.origin in ("own", "search")
    assert item.realm is None or isinstance(item.realm, str)
    for moment in (item.published_at, item.edited_at):
        assert moment is None or moment.utcoffset() == timedelta(0)
        assert moment is None or moment <= datetime.now(UTC) + timedelta(hours=1)
    for url in (item.url, *(one.url for one in item.attachments)):
        assert not url or url.startswith(("https://", "http://"))
    assert all(isinstance(one, Attachment) for one in item.attachments)
    assert isinstance(item.hashtags, tuple) and all(tag and not tag.startswith("#") for tag in item.hashtags)
    assert all(isinstance(n, int) and 0 <= n < 2**31 for n in (item.likes, item.shares, item.replies))
    json.dumps(item.identifiers)
    assert len(json.dumps(item.identifiers)) < 10_000
    if item.author is not None:
        assert isinstance(item.author, AuthorItem)
        assert item.author.external_id and item.author.name
        for name in ("external_id", "name", "handle", "url", "avatar_url", "email"):
            plain(getattr(item.author, name))
        assert item.author.followers is None or 0 <= item.author.followers < 2**31


GARBAGE = {
    "nothing": b"", "html": b"<html><body>Hello</body></html>", "null": b"null", "number": b"5", "text": b'"x"',
    "list": b"[]", "object": b"{}", "list of junk": b'[null, 5, "x", [], {}]', "nested": b"[" * 100_000,
    "truncated": b'[{"id": "1", "content": "<p>x', "binary": bytes(range(256)) * 50,
    "xml": b"<?xml version='1.0'?><a/>",
    "entities": b'<!DOCTYPE a [<!ENTITY b "cc">]><rss version="2.0"><channel>&b;</channel></rss>',
    "cut xml": b"<rss version='2.0'><channel><item><title>x", "surrogate": b'[{"id": "1", "content": "\\ud800"}]',
    "huge numbers": b'[{"id": ' + b"9" * 5000 + b"}]", "too large": b"x" * 4_000_000,
}  # fmt: skip


ODD = [None, True, -1, 1.5, 10**30, "", "x", "\x00\ud800\u202e", [], {}, [[]], [{}], [None], {"a": 1},
       "javascript:alert(1)",       "9999-99-99", "<p>" * 50]  # fmt: skip


def places(value, path=()):
    """Yield the path of every value inside a JSON document, lists by their first entry only."""
    if path:
        yield path
    if isinstance(value, dict):
        for name in value:
            yield from places(value[name], (*path, name))
    elif isinstance(value, list) and value:
        yield from places(value[0], (*path, 0))


def changed(document, path, value):
    """Return a copy of a document with one value replaced, or removed when it is ``KeyError``."""
    document = copy.deepcopy(document)
    holder = document
    for step in path[:-1]:
        holder = holder[step]
    if value is KeyError:
        del holder[path[-1]]
    else:
        holder[path[-1]] = value
    return document


def enriched(value):
    """Return a copy of a document with fields in every object that nobody knows."""
    if isinstance(value, dict):
        return {"zz_new": None, **{name: enriched(one) for name, one in value.items()}, "zz_more": ["x", {"y": 1}]}
    if isinstance(value, list):
        return [enriched(one) for one in value]
    return value
