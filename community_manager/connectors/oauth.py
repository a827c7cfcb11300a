"""OAuth 2 as every network speaks it: authorisation code with PKCE, and renewal (RFC 6749, RFC 7636)."""

from dataclasses import dataclass


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
