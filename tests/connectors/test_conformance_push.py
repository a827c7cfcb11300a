"""What every network has to keep to that delivers to us."""

import re
from datetime import UTC, datetime

import pytest

from connectors import errors
from connectors.http import Http

from .adapters import ADAPTERS, SECRET
from .conforming import CANNOT_READ, GARBAGE, NETWORKS, whole

PUSHED = sorted(code for code, cls in NETWORKS.items() if cls.can("push"))


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
    known = cls(Http(), adapter.settings, adapter.secrets).delivery_id(kept, body)
    assert re.fullmatch(r"[0-9a-zA-Z:_-]{8,128}", known)
    for name in headers if adapter.signed is None else adapter.signed:
        with pytest.raises(errors.AccessDenied) as caught:
            cls(Http(), adapter.settings, adapter.secrets).parse_push({**headers, name: "x"}, body, now)
        assert SECRET not in repr(caught.value.__dict__)
    with pytest.raises(errors.AccessDenied):
        cls(Http(), adapter.settings, {}).parse_push(headers, body, now)
    if adapter.signs_body:
        with pytest.raises(errors.AccessDenied):
            cls(Http(), adapter.settings, adapter.secrets).parse_push(headers, body + b" ", now)


@pytest.mark.parametrize("code", PUSHED)
@pytest.mark.parametrize("garbage", sorted(GARBAGE))
def test_pushed_garbage_is_an_error_or_a_reject(code, garbage):
    adapter, cls, now = ADAPTERS[code](), NETWORKS[code], datetime.now(UTC)
    try:
        headers, body = adapter.push(GARBAGE[garbage], now)
        page = cls(Http(), adapter.settings, adapter.secrets).parse_push(headers, body, now)
    except (errors.AccessDenied, *CANNOT_READ) as error:
        assert error.message.endswith(".")
    else:
        for item in page.items:
            whole(item)


@pytest.mark.parametrize("code", PUSHED)
def test_what_is_no_handshake_is_answered_by_nobody(code):
    adapter = ADAPTERS[code]()
    connector = NETWORKS[code](Http(), adapter.settings, adapter.secrets)
    for method, path, query in (("GET", "", {}), ("POST", "", {}), ("PUT", "/x", {"a": "b"})):
        try:
            found = connector.handshake(method, path, query, {})
        except errors.AccessDenied as error:
            assert SECRET not in repr(error.__dict__)
        else:
            assert found is None or (100 < found[0] < 600 and SECRET not in repr(found))
