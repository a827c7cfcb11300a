"""What every network has to keep to, whatever it talks to."""

import copy
import json
import logging
import re
from dataclasses import fields
from datetime import UTC, datetime, timedelta

import pytest

from connectors import errors, networks
from connectors.base import Connector, Sentence, Setting
from connectors.http import Http
from connectors.items import Attachment, AuthorItem, Check, MentionItem, Page, Reject

from .adapters import ADAPTERS, SECRET

UTC = UTC
NETWORKS = networks()
METHODS = {
    "listen": "listen", "thread": "thread", "lookup": "lookup", "push": "parse_push",
    "reply": "reply", "message": "message", "publish": "publish", "metrics": "metrics", "moderate": "moderate",
    "profile": "profile",
}  # fmt: skip
KINDS = {"social", "blog", "forum", "wiki", "reviews", "qa", "aggregator", "messaging", "website", "import"}
LISTENING = sorted(code for code, cls in NETWORKS.items() if cls.can("listen"))
PUSHED = sorted(code for code, cls in NETWORKS.items() if cls.can("push"))
CANNOT_READ = (errors.Malformed, errors.TooLarge, errors.Misconfigured, errors.Retriable)


@pytest.fixture(params=sorted(NETWORKS))
def network(request):
    return NETWORKS[request.param]


@pytest.fixture(params=LISTENING)
def adapter(request):
    made = ADAPTERS[request.param]()
    made.cls = NETWORKS[request.param]
    return made


def connect(adapter, answer=None, http=None):
    http = http or Http(transport=answer or adapter.answer, max_bytes=3_000_000)
    return adapter.cls(http, adapter.settings, adapter.secrets)


def run(adapter, cursor, answer=None, pages=None):
    """Listen and return the pages, at most ``pages`` of them, with cursors as a database gives them back."""
    found = []
    for page in connect(adapter, answer).listen(copy.deepcopy(cursor)):
        assert isinstance(page, Page)
        page.cursor = json.loads(json.dumps(page.cursor, sort_keys=True))
        found.append(page)
        if len(found) == pages:
            break
    return found


def ids(pages):
    return [item.external_id for page in pages for item in page.items]


# --- declarations ------------------------------------------------------------------------------------------------


def test_it_says_what_it_is(network):
    assert re.fullmatch(r"[a-z][a-z0-9_]{1,30}", network.code)
    assert network.label and network.description.endswith(".")
    assert network.kind in KINDS
    assert network.scope in ("horizontal", "vertical")
    assert 1 <= network.poll_seconds[0] <= network.poll_seconds[1] <= 7 * 86400
    assert network.text_limit >= 0
    assert network.code in ADAPTERS


def test_it_does_what_it_says_and_no_more(network):
    assert network.capabilities <= set(METHODS) | {"search"}
    for capability, method in METHODS.items():
        own = getattr(network, method, None)
        overridden = own is not None and own is not getattr(Connector, method, None)
        assert overridden == network.can(capability), f"{capability}: {method}"
    assert network.check is not Connector.check
    assert network.can("push") == bool(network.push_headers)


def test_its_settings_can_be_shown_and_explained(network):
    names = [setting.name for setting in network.settings]
    assert len(names) == len(set(names))
    for setting in network.settings:
        assert isinstance(setting, Setting)
        assert re.fullmatch(r"[a-z][a-z0-9_]*", setting.name)
        assert setting.label and setting.help.endswith(".")
        assert setting.kind in ("char", "url", "text", "bool", "select")
        assert bool(setting.options) == (setting.kind == "select")
        assert not (setting.generated and not setting.secret)
    empty = {setting.name for setting in network.missing_settings({}, ())}
    assert empty == {setting.name for setting in network.settings if setting.required and not setting.generated}


# --- what arrives ------------------------------------------------------------------------------------------------


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


def test_items_are_plain_timed_and_bounded(adapter):
    published = adapter.publish(8)
    pages = run(adapter, {})
    assert set(ids(pages)) == set(published)
    for page in pages:
        for item in page.items:
            whole(item)
    assert sum(page.requests for page in pages) > 0
    assert pages[-1].more is False


def test_checking_says_who_we_are_and_shows_a_sample(adapter):
    adapter.publish(20)
    found = connect(adapter).check()
    assert isinstance(found, Check)
    assert found.ok and found.account and found.can
    assert 0 < len(found.sample) <= 10
    for item in found.sample:
        whole(item)
    for sentence in (*found.can, *found.missing):
        template = getattr(sentence, "template", sentence)
        assert isinstance(sentence, str)
        assert "%" not in sentence or isinstance(sentence, Sentence), template


# --- positions ---------------------------------------------------------------------------------------------------


def test_nothing_new_costs_little_and_brings_nothing(adapter):
    adapter.publish(10)
    cursor = run(adapter, {})[-1].cursor
    again = run(adapter, cursor)
    assert ids(again) == []
    assert sum(page.requests for page in again) <= 10


def test_only_what_is_new_arrives_and_all_of_it(adapter):
    adapter.publish(10)
    cursor = run(adapter, {})[-1].cursor
    for number in (1, 5, 170, 3):
        published = adapter.publish(number)
        pages = run(adapter, cursor)
        assert sorted(ids(pages)) == sorted(published)
        cursor = pages[-1].cursor


def test_an_empty_place_that_fills_up_is_read_whole(adapter):
    cursor = run(adapter, {})[-1].cursor
    published = adapter.publish(130)
    assert set(ids(run(adapter, cursor))) == set(published)


def test_being_killed_after_any_page_loses_nothing(adapter):
    known = set(adapter.publish(10))
    start = run(adapter, {})[-1].cursor
    published = set(adapter.publish(200))
    total = len(run(adapter, start))
    assert total > 3
    for killed_after in range(total):
        pages = run(adapter, start, pages=killed_after) if killed_after else []
        cursor = pages[-1].cursor if pages else start
        rest = run(adapter, cursor)
        stored, later = set(ids(pages)), ids(rest)
        assert stored | set(later) == published
        doubled = {one for one in later if one in stored}
        assert len(later) == len(set(later)) and doubled <= stored and not known & set(later)


def test_a_page_that_was_not_stored_comes_again(adapter):
    adapter.publish(10)
    cursor = run(adapter, {})[-1].cursor
    published = set(adapter.publish(100))
    first = run(adapter, cursor, pages=1)
    assert set(ids(run(adapter, cursor))) == published
    assert set(ids(first)) <= published


def test_pages_are_of_bounded_size_and_so_is_the_position(adapter):
    adapter.publish(10)
    cursor = run(adapter, {})[-1].cursor
    adapter.publish(400)
    for page in run(adapter, cursor):
        assert len(page.items) <= 100
        assert len(json.dumps(page.cursor)) < 200_000


def test_a_position_of_another_kind_does_no_harm(adapter):
    adapter.publish(3)
    pages = run(adapter, {"streams": {}, "seen": [], "unknown": 1})
    assert len(set(ids(pages))) == 3


# --- errors ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("status", "headers", "kinds"),
    [
        (401, {}, (errors.AccessExpired, errors.AccessDenied)),
        (403, {}, (errors.AccessDenied,)),
        (404, {}, (errors.Misconfigured,)),
        (429, {"Retry-After": "90"}, (errors.RateLimited,)),
        (500, {}, (errors.Retriable,)),
        (502, {}, (errors.Retriable,)),
        (503, {}, (errors.Retriable,)),
    ],
)
def test_refusals_become_the_errors_they_are(adapter, status, headers, kinds):
    adapter.publish(5)
    cursor = run(adapter, {})[-1].cursor
    for position in ({}, cursor):
        with pytest.raises(kinds) as caught:
            run(adapter, position, lambda request: (status, headers, b'{"error": "no"}'))
        assert caught.value.message.endswith(".")
        if status == 429:
            assert abs((caught.value.retry_at - datetime.now(UTC)).total_seconds() - 90) < 10


GARBAGE = {
    "nothing": b"", "html": b"<html><body>Hello</body></html>", "null": b"null", "number": b"5", "text": b'"x"',
    "list": b"[]", "object": b"{}", "list of junk": b'[null, 5, "x", [], {}]', "nested": b"[" * 100_000,
    "truncated": b'[{"id": "1", "content": "<p>x', "binary": bytes(range(256)) * 50,
    "xml": b"<?xml version='1.0'?><a/>",
    "entities": b'<!DOCTYPE a [<!ENTITY b "cc">]><rss version="2.0"><channel>&b;</channel></rss>',
    "cut xml": b"<rss version='2.0'><channel><item><title>x", "surrogate": b'[{"id": "1", "content": "\\ud800"}]',
    "huge numbers": b'[{"id": ' + b"9" * 5000 + b"}]", "too large": b"x" * 4_000_000,
}  # fmt: skip


@pytest.mark.parametrize("garbage", sorted(GARBAGE))
def test_garbage_is_an_error_or_a_reject_and_never_a_crash(adapter, garbage):
    adapter.publish(5)
    cursor = run(adapter, {})[-1].cursor
    adapter.publish(5)
    for position in ({}, cursor):
        try:
            pages = run(adapter, position, lambda request: (200, {}, GARBAGE[garbage]))
        except CANNOT_READ as error:
            assert error.message
        else:
            for page in pages:
                assert all(isinstance(one, Reject) and one.error for one in page.rejects)
                for item in page.items:
                    whole(item)


def test_cutting_an_answer_anywhere_is_an_error_or_a_reject(adapter):
    adapter.publish(5)
    for share in range(0, 100, 7):

        def cut(request, share=share):
            status, headers, body = adapter.answer(request)
            return status, headers, body[: len(body) * share // 100]

        try:
            for page in run(adapter, {}, cut):
                for item in page.items:
                    whole(item)
        except CANNOT_READ as error:
            assert error.message


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


def test_missing_and_odd_fields_spoil_one_item_at_most(adapter):
    """Every field of every JSON answer in turn is left out, or replaced by something it never should be."""
    adapter.publish(8)
    answers = {}

    def keep(request):
        answer = adapter.answer(request)
        answers.setdefault(request.url, answer)
        return answer

    run(adapter, {}, keep)
    tried = 0
    for url, (_status, _headers, body) in answers.items():
        try:
            document = json.loads(body)
        except ValueError:
            continue
        for number, path in enumerate(places(document)):
            for value in (KeyError, ODD[number % len(ODD)], ODD[(number * 5 + 3) % len(ODD)]):
                spoiled = json.dumps(changed(document, path, value)).encode()

                def answer(request, spoiled=spoiled, url=url):
                    if request.url == url:
                        return 200, {}, spoiled
                    status, headers, body = answers.get(request.url) or adapter.answer(request)
                    return status, headers, body

                tried += 1
                try:
                    pages = run(adapter, {}, answer)
                except CANNOT_READ as error:
                    assert error.message
                    continue
                for page in pages:
                    for item in page.items:
                        whole(item)
    assert tried > 100 or adapter.cls.code == "feed"


def test_secrets_are_told_to_nobody(adapter, caplog):
    caplog.set_level(logging.DEBUG)
    if not adapter.secrets:
        pytest.skip("has no secrets")
    adapter.publish(3)
    echo = f'{{"error": "token {SECRET} is wrong", "items": "{SECRET}"}}'.encode()
    told = []
    for status in (200, 400, 401, 403, 404, 429, 500):
        connector = connect(adapter, lambda request, status=status: (status, {"X-Echo": SECRET}, echo))
        told.append(repr(connector) + repr(connector.http))
        for ask in (connector.check, lambda connector=connector: list(connector.listen({}))):
            try:
                ask()
            except errors.ConnectorError as error:
                told += [str(error), error.message, error.detail, repr(error), repr(error.params), repr(error.__dict__)]
                told += [repr(error.__cause__), repr(error.__context__)]
    for page in run(adapter, {}):
        told += [json.dumps(page.cursor), repr(page)]
    assert SECRET not in "\n".join(told) + caplog.text


def test_access_is_sent_to_the_own_server_only(adapter):
    adapter.publish(3)
    seen = []

    def answer(request):
        seen.append((request.url.split("/")[2], SECRET in str(request.headers) or SECRET in request.url))
        if request.url.startswith("https://elsewhere.example"):
            return 200, {}, b"[]"
        return 302, {"Location": "https://elsewhere.example/x"}, b""

    try:
        run(adapter, {}, answer)
    except errors.ConnectorError:
        pass
    assert not [host for host, told in seen if told and host == "elsewhere.example"]


# --- looking again -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("code", sorted(code for code in LISTENING if NETWORKS[code].can("lookup")))
def test_a_deleted_thing_is_gone_and_a_server_in_trouble_deletes_nothing(code):
    adapter = ADAPTERS[code]()
    adapter.cls = NETWORKS[code]
    adapter.publish(4)
    item = run(adapter, {})[-1].items[-1] if run(adapter, {})[-1].items else run(adapter, {})[0].items[-1]

    def deleted(request):
        known = item.external_id in request.url or request.url == item.url
        return (404, {"Content-Type": "application/json"}, b"{}") if known else adapter.answer(request)

    with pytest.raises(errors.Gone):
        connect(adapter, deleted).lookup(item.external_id, item.identifiers)
    for status in (401, 403, 429, 500, 503):
        with pytest.raises(errors.ConnectorError) as caught:
            connect(adapter, lambda request, status=status: (status, {}, b"")).lookup(
                item.external_id, item.identifiers
            )
        assert not isinstance(caught.value, errors.Gone)
    with pytest.raises(errors.ConnectorError) as caught:
        # A host that answers 404 to everything is another host now.
        connect(adapter, lambda request: (404, {}, b"<html>parked</html>")).lookup(item.external_id, item.identifiers)
    assert not isinstance(caught.value, errors.Gone)


# --- push --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("code", PUSHED)
def test_a_pushed_message_is_verified_and_read(code):
    adapter, cls, now = ADAPTERS[code](), NETWORKS[code], datetime.now(UTC)
    content, expected = adapter.message(5)
    headers, body = adapter.push(content, now)
    page = cls(Http(), adapter.settings, adapter.secrets).parse_push(headers, body, now)
    assert [item.external_id for item in page.items] == expected
    for item in page.items:
        whole(item)
    kept = {name: headers[name] for name in cls.push_headers}
    assert cls(Http(), adapter.settings, adapter.secrets).parse_push(kept, body, now).items
    assert re.fullmatch(r"[0-9a-zA-Z:_-]{8,128}", cls.delivery_id(kept, body))
    for name in headers:
        with pytest.raises(errors.AccessDenied) as caught:
            cls(Http(), adapter.settings, adapter.secrets).parse_push({**headers, name: "x"}, body, now)
        assert SECRET not in repr(caught.value.__dict__)
    with pytest.raises(errors.AccessDenied):
        cls(Http(), adapter.settings, adapter.secrets).parse_push(headers, body + b" ", now)


def test_items_can_be_built_from_their_fields_alone():
    """The records floor reads items by name: a field is not to be renamed."""
    assert {field.name for field in fields(MentionItem)} >= {
        "external_id", "kind", "realm", "text", "title", "url", "author", "published_at", "edited_at", "language",
        "parent_id", "conversation_id", "visibility", "origin", "outgoing", "deleted", "attachments", "hashtags",
        "likes", "shares", "replies", "rating", "identifiers", "partial",
    }  # fmt: skip
