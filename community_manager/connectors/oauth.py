"""OAuth 2 as every network speaks it: authorisation code with PKCE, and renewal (RFC 6749, RFC 7636).

The protocol is oauthlib's; requests go through the connector's own ``http``, so that limits, guards and masks hold here
as everywhere.  Client and tokens are settings and secrets of the connector under the names of the standard.
"""

import json
import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qsl, quote_plus, urlsplit

from oauthlib.oauth2 import OAuth2Error, WebApplicationClient

from . import errors
from .answer import UNREADABLE
from .base import _
from .items import Tokens
from .text import clean_line
from .values import count, web_url

#: Longest token that is taken: those of large providers have some thousand characters.
MAX_TOKEN = 16_000
MAX_SCOPES = 100
#: An answer about tokens is small.
MAX_ANSWER = 256 * 1024
#: Access for longer than this is as good as for ever.
LONGEST = 10 * 365 * 86400
#: Under which names networks say how long renewing goes on; the first is LinkedIn's and GitHub's.
LOST_AFTER = ("refresh_token_expires_in", "refresh_expires_in", "x_refresh_token_expires_in")
#: What is wrong with our application or with the server, not with the person's access.
OUR_FAULT = frozenset({"invalid_client", "unauthorized_client", "unsupported_grant_type", "invalid_scope"})
FOR_NOW = frozenset({"temporarily_unavailable", "server_error", "slow_down"})

_CODE = re.compile(r"[a-z]{1,30}([_ ][a-z]{1,30}){0,4}")

NO_APP = _("Enter the client ID of the application first.")
BAD_ADDRESS = _("“%(url)s” is not an address at which people can authorise. Check the settings.")
WRONG_APP = _("The server %(host)s does not accept our application (%(error)s). Check the client ID and the secret.")
NOT_GRANTED = _("The server %(host)s did not grant access (%(error)s). Authorise again.")
ENDED = _("The server %(host)s does not renew our access any more: it was withdrawn or has ended. Authorise again.")
NOT_NOW = _("The server %(host)s cannot grant access at the moment. Try again later.")
NOTHING_TO_RENEW = _("There is nothing to renew access with. Authorise again.")


@dataclass(frozen=True, slots=True)
class Authorization:
    """Where and for what people authorise.

    ``client_auth`` says how the application shows who it is: "body", "basic" or "none" (public clients).  ``extra`` are
    further parameters of the authorisation address.  With ``dynamic`` the desk registers itself on the server, else the
    settings ``client_id`` and ``client_secret`` hold what an administrator got there.
    """

    authorize_url: str
    token_url: str
    scopes: tuple[str, ...] = ()
    scope_separator: str = " "
    pkce: bool = True
    client_auth: str = "body"
    extra: tuple[tuple[str, str], ...] = ()
    refresh: bool = True
    dynamic: bool = False


def authorization_address(connector, redirect_uri, state, verifier):
    """Return the address on the network where a person authorises us.

    :param connector: a :class:`~.base.Connector` that has ``authorization``
    :param str redirect_uri: where the network sends the person back to
    :param str state: what it sends along, so that we know our own question
    :param str verifier: of PKCE, 43 to 128 characters; only its hash is told
    :raises errors.Misconfigured: a setting is missing or wrong
    """
    endpoints = connector.endpoints()
    client = WebApplicationClient(_client_id(connector))
    options = dict(endpoints.extra)
    if endpoints.pkce:
        options |= {
            "code_challenge": client.create_code_challenge(verifier, "S256"),
            "code_challenge_method": "S256",
        }
    scheme, address = _address(endpoints.authorize_url)
    try:
        # oauthlib knows https only; plain http is for servers inside, which an administrator has to allow
        asked = client.prepare_request_uri(
            f"https{address}",
            redirect_uri=redirect_uri,
            scope=endpoints.scope_separator.join(endpoints.scopes),
            state=state,
            **options,
        )
    except ValueError as problem:
        raise errors.Misconfigured(BAD_ADDRESS, str(problem)[:200], params={"url": _shown(address)}) from None
    return scheme + asked.removeprefix("https")


def exchange(connector, code, verifier, redirect_uri):
    """Return the access that an authorisation code stands for.

    :param str redirect_uri: the same as in the authorisation address
    :rtype: Tokens
    :raises errors.AccessExpired: the code is not valid (any more)
    """
    endpoints = connector.endpoints()
    client = WebApplicationClient(_client_id(connector))
    connector.http.mask(code, verifier)
    body = client.prepare_request_body(
        code=code,
        redirect_uri=redirect_uri,
        code_verifier=verifier if endpoints.pkce else None,
        include_client_id=endpoints.client_auth != "basic",
        **_secret_in_body(connector, endpoints),
    )
    return _tokens(connector, _ask(connector, endpoints, client, body, NOT_GRANTED))


def refresh(connector):
    """Return renewed access; where the network gives no new refresh token, the present one stays.

    :rtype: Tokens
    :raises errors.AccessExpired: a person has to authorise again
    """
    endpoints = connector.endpoints()
    present = str(connector.secrets.get("refresh_token") or "")
    if not present:
        raise errors.AccessExpired(NOTHING_TO_RENEW)
    client = WebApplicationClient(_client_id(connector))
    body = client.prepare_refresh_body(
        refresh_token=present,
        **({} if endpoints.client_auth == "basic" else {"client_id": client.client_id}),
        **_secret_in_body(connector, endpoints),
    )
    tokens = _tokens(connector, _ask(connector, endpoints, client, body, ENDED))
    tokens.secrets.setdefault("refresh_token", present)
    return tokens


# --- requests ---


def _address(url):
    """Return (scheme, rest) of a web address.

    :raises errors.Misconfigured: it is none
    """
    address = web_url(url)
    scheme, separator, rest = address.partition("://")
    if not separator or not urlsplit(address).hostname:
        raise errors.Misconfigured(BAD_ADDRESS, params={"url": _shown(url)})
    return scheme.lower(), separator + rest


def _shown(url):
    return clean_line(str(url).partition("?")[0])[:200]


def _client_id(connector):
    found = str(connector.values.get("client_id") or connector.secrets.get("client_id") or "").strip()
    if not found:
        raise errors.Misconfigured(NO_APP)
    return found


def _client_secret(connector):
    return str(connector.secrets.get("client_secret") or "").strip()


def _secret_in_body(connector, endpoints):
    secret = _client_secret(connector)
    return {"client_secret": secret} if endpoints.client_auth == "body" and secret else {}


def _ask(connector, endpoints, client, body, refused):
    """Ask for tokens and return the answer as a dict.

    :param str refused: sentence for when the network does not accept the code or the refresh token
    """
    _address(endpoints.token_url)
    auth = None
    if endpoints.client_auth == "basic":
        auth = (quote_plus(client.client_id), quote_plus(_client_secret(connector)))  # RFC 6749, 2.3.1
    response = connector.http.post(
        endpoints.token_url,
        data=dict(parse_qsl(body, keep_blank_values=True)),
        headers={"Accept": "application/json"},
        auth=auth,
        actions=dict.fromkeys((400, 401, 403)),
        max_bytes=MAX_ANSWER,
    )
    host = urlsplit(endpoints.token_url).hostname
    try:
        answer = response.json()
    except errors.Malformed:
        if response.status in (401, 403):
            answer = {"error": f"HTTP {response.status}"}
        else:
            raise
    if not isinstance(answer, dict):
        raise _unreadable(host, f"{type(answer).__name__} instead of an object")
    if response.status >= 400 or answer.get("error"):
        raise _refusal(answer, response.status, host, refused)
    return _read(client, answer, host)


def _unreadable(host, detail):
    return errors.Malformed(UNREADABLE, detail, params={"host": host})


def _refusal(answer, status, host, refused):
    """Return the error that a refusal stands for.

    Networks name the end of access in many ways ("invalid_grant" as the standard has it, "invalid_request", words of
    their own): what is neither about our application nor for now only, a person has to mend by authorising.
    """
    error = answer.get("error") or f"HTTP {status}"
    code = error if isinstance(error, str) else ""
    # only what looks like an error code is shown: anything else may quote what we sent
    params = {"host": host, "error": code if _CODE.fullmatch(code) else f"HTTP {status}"}
    if code in OUR_FAULT:
        return errors.Misconfigured(WRONG_APP, f"HTTP {status}", status, params)
    if code in FOR_NOW:
        return errors.Retriable(NOT_NOW, f"HTTP {status} {params['error']}", status, {"host": host})
    if refused == ENDED:
        return errors.AccessExpired(ENDED, f"HTTP {status} {params['error']}", status, {"host": host})
    return errors.AccessExpired(refused, f"HTTP {status}", status, params)


def _read(client, answer, host):
    """Return what an answer grants, as oauthlib reads it."""
    wanted = ("access_token", "refresh_token", "token_type", "scope")
    plain = {name: answer[name] for name in wanted if isinstance(answer.get(name), str)}
    if isinstance(answer.get("scope"), list):  # Twitch and others give a list
        plain["scope"] = " ".join(scope for scope in answer["scope"] if isinstance(scope, str))
    try:
        given = dict(client.parse_request_body_response(json.dumps(plain)))
    except OAuth2Error as problem:
        raise _unreadable(host, type(problem).__name__) from None
    for name in ("access_token", "refresh_token"):
        token = given.get(name)
        if token is not None and not _is_token(token):
            raise _unreadable(host, f"{name} is no token")
    return {**{name: answer.get(name) for name in ("expires_in", *LOST_AFTER)}, **given}


def _is_token(text):
    return 0 < len(text) <= MAX_TOKEN and text.isascii() and text.isprintable() and " " not in text


def _tokens(connector, given):
    secrets = {name: given[name] for name in ("access_token", "refresh_token") if given.get(name)}
    connector.http.mask(*secrets.values())
    now = datetime.now(UTC)
    scopes = given.get("scope") or ()
    if isinstance(scopes, str):
        scopes = scopes.split()
    return Tokens(
        secrets,
        expires_at=_after(now, given.get("expires_in")),
        lost_at=next((end for name in LOST_AFTER if (end := _after(now, given.get(name)))), None),
        scopes=tuple(clean_line(scope)[:200] for scope in list(scopes)[:MAX_SCOPES]),
    )


def _after(now, seconds):
    """Return the time ``seconds`` from now, ``None`` where the network names no usable time."""
    if isinstance(seconds, str) and seconds.strip().isdigit():
        seconds = int(seconds.strip()[:12])
    number = count(seconds)
    return now + timedelta(seconds=number) if 0 < number <= LONGEST else None
