"""Whether a network can reach an address of ours."""

from urllib.parse import urlsplit

from .addresses import is_public
from .base import Sentence, _

#: Names that are known inside one network only (RFC 2606, RFC 6762, and what routers and companies make up).
LOCAL_NAMES = frozenset(
    ("localhost", "local", "localdomain", "internal", "intranet", "lan", "home", "corp", "private", "test", "invalid")
)

NOT_HTTPS = _(
    "Networks deliver to addresses that begin with https only, and this Odoo is known as %(address)s. Set the system "
    "parameter web.base.url. Until then the channel is asked for what is new."
)
NOT_OUTSIDE = _(
    "%(host)s cannot be reached from outside, so no network can deliver there. Set the system parameter web.base.url. "
    "Until then the channel is asked for what is new."
)


def obstacle(address):
    """Return why no network can deliver to an address of ours, or ``None``.

    The address is judged as it is written: nobody is asked.

    >>> obstacle("https://odoo.example.com/x"), obstacle("http://odoo.example.com/x").params["address"]
    (None, 'http://odoo.example.com')
    >>> [bool(obstacle(f"https://{host}/")) for host in ("localhost:8069", "10.0.0.5", "[::1]", "odoo", "8.8.8.8")]
    [True, True, True, True, False]
    """
    parts = urlsplit(address)
    host = (parts.hostname or "").rstrip(".")
    if parts.scheme != "https":
        return Sentence(NOT_HTTPS, address=f"{parts.scheme}://{parts.netloc}")
    if ":" in host or host.rpartition(".")[2].isdigit():
        outside = is_public(host)
    else:
        outside = "." in host and host.rpartition(".")[2] not in LOCAL_NAMES
    return None if outside else Sentence(NOT_OUTSIDE, host=host)
