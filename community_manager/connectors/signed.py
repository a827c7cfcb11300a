"""Deliveries that a network signs with a secret of the app, and what it asks to see that we know the secret."""

import hmac
from json import loads

from . import errors


def verify(given, expected, refusal):
    """Compare a signature with what it should be.

    :param given: value of a header, ``None`` when it is missing
    :param str refusal: sentence
    :raises errors.AccessDenied: it is another one
    """
    if not hmac.compare_digest((given or "").encode("utf-8", "surrogatepass"), expected.encode("ascii")):
        raise errors.AccessDenied(refusal)


def document(body, limit, refusal):
    """Return the JSON of a body that is signed.

    :param int limit: bytes that are read
    :param str refusal: sentence
    :raises errors.Malformed: it is none, or too large
    """
    detail = f"{len(body)} bytes"
    if len(body) <= limit:
        try:
            return loads(body)
        except (ValueError, RecursionError) as problem:
            detail = type(problem).__name__
    raise errors.Malformed(refusal, detail)


def challenge(method, query, name, refusal):
    """Return the code that a network wants signed, ``None`` when it asks for nothing.

    :param str name: of the parameter that holds it
    :param str refusal: sentence
    :raises errors.AccessDenied: a stranger would have a delivery signed, which is done the same way
    """
    code = query.get(name)
    if method != "GET" or not isinstance(code, str) or not code:
        return None
    if "{" in code:
        raise errors.AccessDenied(refusal)
    return code
