"""What every network has to keep to, whatever it talks to."""

import json
import logging
import re
from dataclasses import fields
from datetime import UTC, datetime, timedelta

import pytest

from connectors import errors
from connectors.base import Connector, Sentence, Setting
from connectors.items import Check, MentionItem, Reject
from connectors.oauth import Authorization

from .adapters import ADAPTERS, SECRET
from .conforming import CANNOT_READ, GARBAGE, NETWORKS, ODD, REMOTE, changed, connect, enriched, ids, places, run, whole

METHODS = {
    "listen": "listen", "thread": "thread", "lookup": "lookup", "push": "parse_push", "mail": "parse_mail",
    "reply": "reply", "message": "message", "publish": "publish", "metrics": "metrics", "moderate": "moderate",
    "profile": "profile",
}  # fmt: skip
WAYS = {"reply", "message", "publish"}
MODERATIONS = {"hide", "unhide", "delete", "report", "ban", "approve", "spam", "mute"}
#: Names of settings that hold the address of a server or page.
ADDRESSES = re.compile(r"(.*_)?(server|url|address|host|homeserver|instance|site|endpoint)")
KINDS = {"social", "blog", "forum", "wiki", "reviews", "qa", "aggregator", "messaging", "website", "import"}
LISTENING = sorted(code for code, cls in REMOTE.items() if cls.can("listen"))


@pytest.fixture(params=sorted(NETWORKS))
def network(request):
    return NETWORKS[request.param]


@pytest.fixture(params=LISTENING)
def adapter(request):
    made = ADAPTERS[request.param]()
    made.cls = NETWORKS[request.param]
    return made


# --- declarations ------------------------------------------------------------------------------------------------


def test_it_says_what_it_is(network):
    assert re.fullmatch(r"[a-z][a-z0-9_]{0,30}", network.code)
    assert network.label and network.description.endswith(".")
    assert network.kind in KINDS
    assert network.scope in ("horizontal", "vertical")
    assert 1 <= network.poll_seconds[0] <= network.poll_seconds[1] <= 7 * 86400
    assert network.text_limit >= 0
    assert network.code in ADAPTERS


def own(network, method):
    """Return whether a network overrides a method of the base."""
    return getattr(network, method) is not getattr(Connector, method)


def test_it_does_what_it_says_and_no_more(network):
    assert network.capabilities <= set(METHODS) | {"search"}
    for capability, method in METHODS.items():
        assert own(network, method) == network.can(capability), f"{capability}: {method}"
    assert own(network, "check")
    assert network.can("push") == bool(network.push_headers)
    assert not network.can("search") or "searches" in {setting.name for setting in network.settings}
    for method in ("subscribe", "unsubscribe", "handshake", "delivery_id"):
        assert network.can("push") or not own(network, method), method
    assert own(network, "mail_id") == network.can("mail")
    assert network.local or not network.needs_models
    assert own(network, "subscribe") == own(network, "unsubscribe")
    assert network.capabilities & WAYS or not own(network, "find_sent")
    assert own(network, "choices") == any(setting.kind == "choice" for setting in network.settings)


def test_its_settings_can_be_shown_and_explained(network):
    names = [setting.name for setting in network.settings]
    assert len(names) == len(set(names))
    for setting in network.settings:
        assert isinstance(setting, Setting)
        assert re.fullmatch(r"[a-z][a-z0-9_]*", setting.name)
        assert setting.label and (setting.help.endswith(".") or setting.granted)
        assert setting.kind in ("char", "url", "text", "bool", "select", "choice")
        assert bool(setting.options) == (setting.kind == "select")
        assert setting.secret or not (setting.generated or setting.granted)
        assert not (setting.secret and setting.kind != "char")
        if ADDRESSES.fullmatch(setting.name):
            assert setting.kind == "url", f"{setting.name} is an address: secrets of one server must not reach another"
    asked = {setting.name for setting in network.settings if not (setting.generated or setting.granted)}
    empty = {setting.name for setting in network.missing_settings({}, ())}
    assert empty == {setting.name for setting in network.settings if setting.required} & asked


def test_it_says_how_to_get_access(network):
    secrets = [setting for setting in network.settings if setting.secret and not setting.generated]
    assert network.guide or not (secrets or network.authorization)
    steps = network.guide.splitlines()
    assert all(step.strip() == step and step.endswith((".", ":")) for step in steps), steps


def test_access_that_is_granted_is_asked_for_by_oauth(network):
    granted = {setting.name for setting in network.settings if setting.granted}
    if network.authorization is None:
        assert not granted
        assert not own(network, "endpoints") and not own(network, "register_app")
        return
    known = network.authorization
    assert isinstance(known, Authorization)
    secret = {setting.name for setting in network.settings if setting.secret}
    assert "access_token" in secret
    assert not known.refresh or "refresh_token" in granted
    assert known.client_auth in ("body", "basic", "none")
    assert own(network, "register_app") == known.dynamic
    if not known.dynamic:
        assert "client_id" in {setting.name for setting in network.settings if not setting.secret}
        assert "client_secret" in secret or known.client_auth == "none"
    if not own(network, "endpoints"):
        assert known.authorize_url.startswith("https://") and known.token_url.startswith("https://")
    assert network.renew_seconds >= 60


def test_its_limits_are_sane(network):
    for limit in (network.text_limit, network.message_limit or 0, network.publish_limit or 0):
        assert isinstance(limit, int) and 0 <= limit <= 1_000_000
    for window in (network.reply_window, network.message_window):
        assert window is None or timedelta(minutes=1) <= window <= timedelta(days=3650)
    assert 0 <= network.repeat_seconds <= 7 * 86400
    assert 0 <= network.settle_seconds <= 3600
    assert network.moderations <= MODERATIONS
    assert bool(network.moderations) == network.can("moderate")
    assert network.ways_of_direct and set(network.ways_of_direct) <= {"reply", "message"}
    assert re.fullmatch(r"([A-Z]{3})?", network.currency)
    assert network.send_cost >= 0 and (network.currency or not network.send_cost)
    assert not network.cost_note or network.cost_note.endswith(".")
    assert all(name == name.lower() for name in network.push_headers)
    if network.push_answers is not None:
        assert {"accepted", "duplicate"} <= set(network.push_answers) <= {"accepted", "duplicate", "refused", "later"}
        assert all(200 <= status < 600 for status, _body in network.push_answers.values())
    assert network.length("") == 0
    assert 0 < network.length("a") <= network.length("a" * 10) <= 10 * network.length("a")


# --- what arrives ------------------------------------------------------------------------------------------------


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


def test_fields_that_nobody_knows_change_nothing(adapter):
    adapter.publish(12)

    def answer(request):
        status, headers, body = adapter.answer(request)
        try:
            document = json.loads(body)
        except ValueError:
            return status, headers, body
        return status, headers, json.dumps(enriched(document)).encode()

    expected = [item for page in run(adapter, {}) for item in page.items]
    assert [item for page in run(adapter, {}, answer) for item in page.items] == expected


def test_a_changed_thing_comes_again(adapter):
    if not adapter.does("edit"):
        pytest.skip("its fake changes nothing")
    adapter.publish(6)
    pages = run(adapter, {})
    cursor = pages[-1].cursor
    known = {item.external_id: item.identifiers for page in pages for item in page.items}
    external_id, text = adapter.edit()
    found = [item for page in run(adapter, cursor) for item in page.items]
    if found or not adapter.cls.can("lookup"):
        assert [(item.external_id, item.text) for item in found] == [(external_id, text)]
        assert ids(run(adapter, run(adapter, cursor)[-1].cursor)) == []
    else:
        assert connect(adapter).lookup(external_id, known[external_id]).text == text


def test_a_private_message_is_private(adapter):
    if not adapter.does("direct"):
        pytest.skip("its fake has no private messages")
    adapter.publish(2)
    cursor = run(adapter, {})[-1].cursor
    target = adapter.direct()
    (item,) = (item for page in run(adapter, cursor) for item in page.items)
    whole(item)
    assert (item.external_id, item.visibility, item.kind, item.origin) == (
        target.external_id, "direct", "message", "own"
    )  # fmt: skip
    assert target.visibility == "direct" and item.realm == target.realm


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
    assert tried > 30 or adapter.cls.code == "feed"


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
        if not adapter.says_gone_by_status:
            adapter.remove(item.external_id)
            return adapter.answer(request)
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


def test_items_can_be_built_from_their_fields_alone():
    """The records floor reads items by name: a field is not to be renamed."""
    assert {field.name for field in fields(MentionItem)} >= {
        "external_id", "kind", "realm", "text", "title", "url", "author", "published_at", "edited_at", "language",
        "parent_id", "conversation_id", "visibility", "origin", "outgoing", "deleted", "attachments", "hashtags",
        "likes", "shares", "replies", "rating", "identifiers", "partial",
    }  # fmt: skip
