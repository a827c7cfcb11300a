"""What every network that delivers to us has to keep to, beside what the conformance suite asks of it."""

import json
from datetime import UTC, datetime

import pytest

from connectors import networks
from connectors.http import Http

from .adapters import ADAPTERS, SECRET

PUSHED = sorted(code for code, cls in networks().items() if cls.can("push"))


def offline(request):
    raise AssertionError(f"a sender waits while {request.url} is asked")


def connect(code):
    adapter, cls = ADAPTERS[code](), networks()[code]
    connector = cls(Http(transport=offline), adapter.settings, adapter.secrets)
    connector.account_id = getattr(adapter, "account_id", "")
    return adapter, connector


def kept(connector, headers):
    """Return what is stored of the headers of a delivery, as the desk does it."""
    names = [name for name in connector.push_headers if name not in connector.push_credentials]
    found = {name: headers[name] for name in names if name in headers}
    return found | {":verified": "1"} if connector.push_credentials else found


@pytest.mark.parametrize("code", PUSHED)
def test_what_is_stored_holds_no_secret_and_can_be_read_later(code):
    adapter, connector = connect(code)
    now = datetime.now(UTC)
    headers, body = adapter.push(adapter.message(2)[0], now)
    at_once = connector.parse_push(headers, body, now)
    assert set(connector.push_credentials) <= set(connector.push_headers)
    stored = kept(connector, headers)
    assert SECRET not in json.dumps(stored)
    later = connect(code)[1].parse_push(stored, body, now)
    assert later.items == at_once.items and later.requests == at_once.requests == 0
    assert later.cursor == {}, "deliveries do not move the position of listening"


@pytest.mark.parametrize("code", PUSHED)
def test_a_delivery_that_comes_again_is_known_again(code):
    adapter, connector = connect(code)
    now = datetime.now(UTC)
    first = adapter.push(adapter.message(1)[0], now)
    other = adapter.push(adapter.message(3)[0], now)
    known = connector.delivery_id(*first)
    assert known == connector.delivery_id(*first) == connect(code)[1].delivery_id(*first)
    if other[1] != first[1]:  # some fakes tell the same thing each time
        assert known != connector.delivery_id(*other)
    assert SECRET not in known


@pytest.mark.parametrize("code", PUSHED)
def test_answers_are_texts_with_a_status(code):
    connector = connect(code)[1]
    for status, body in (connector.push_answers or {}).values():
        assert 200 <= status < 600 and isinstance(body, str)
        if body.startswith("{"):
            json.loads(body)


@pytest.mark.parametrize("code", PUSHED)
def test_an_address_that_is_entered_by_hand_comes_with_instructions(code):
    cls = networks()[code]
    if cls.push_guide:
        assert all(line.strip().endswith(".") for line in cls.push_guide.splitlines())
