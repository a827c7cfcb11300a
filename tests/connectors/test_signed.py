"""Deliveries with a signature: whose they are, whether they can be read, and what is never signed for a stranger."""

import pytest

from connectors import errors, signed


def test_only_the_right_signature_is_taken():
    signed.verify("sha256=ab", "sha256=ab", "Not signed.")
    for given in ("sha256=ac", "", None, "sha256=ä", "\udcff"):
        with pytest.raises(errors.AccessDenied, match="Not signed."):
            signed.verify(given, "sha256=ab", "Not signed.")


def test_what_is_signed_may_still_be_unreadable():
    assert signed.document(b'{"a": 1}', 8, "Not readable.") == {"a": 1}
    for body, limit in ((b'{"a": 1}', 7), (b"<a/>", 8), (b"\xff\xff", 8), (b"[" * 100_000, 200_000)):
        with pytest.raises(errors.Malformed, match="Not readable."):
            signed.document(body, limit, "Not readable.")


def test_a_stranger_cannot_have_a_delivery_signed():
    assert signed.challenge("GET", {"crc_token": "abc"}, "crc_token", "Not signed.") == "abc"
    for method, query in (("POST", {"crc_token": "abc"}), ("GET", {}), ("GET", {"crc_token": ""})):
        assert signed.challenge(method, query, "crc_token", "Not signed.") is None
    with pytest.raises(errors.AccessDenied, match="Not signed."):
        signed.challenge("GET", {"crc_token": '{"data": {}}'}, "crc_token", "Not signed.")
