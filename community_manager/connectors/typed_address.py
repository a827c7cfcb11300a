"""Addresses as people type them into a setting: of a server, of a site on a server, of one page."""

import re
from urllib.parse import urlsplit, urlunsplit

from . import errors
from .base import _
from .values import web_url

NO_SERVER = _("“%(server)s” is not the address of a server. It should look like mastodon.social.")


def page_address(text, wrong, name):
    """Return a web address with its protocol from what people enter.

    :param str wrong: the sentence for what is none; it calls what was entered ``name``
    :raises errors.Misconfigured: it is none

    >>> page_address(" A.example/wiki/Ana?x=1 ", "No wiki: %(wiki)s.", "wiki")
    'https://A.example/wiki/Ana?x=1'
    """
    given = (text or "").strip()
    full = given if "://" in given else "https://" + given
    if not _is_usable(full):
        raise errors.Misconfigured(wrong, params={name: given[:100]})
    return full


def site_address(text, inside, wrong, name):
    """Return where a site begins, which may be a folder of its server, from what people enter.

    :param inside: names of folders that belong to the site: its address ends before the first of them
    :raises errors.Misconfigured: see :func:`page_address`

    >>> site_address("A.example/", {"feed"}, "No site: %(site)s.", "site")
    'https://a.example'
    >>> site_address("http://a.example:81/feedback/feed/?x=1", {"feed"}, "No site: %(site)s.", "site")
    'http://a.example:81/feedback'
    """
    parts = urlsplit(page_address(text, wrong, name))
    folders = parts.path.split("/")
    end = next((place for place, folder in enumerate(folders) if folder in inside), len(folders))
    return urlunsplit((parts.scheme, parts.netloc.lower(), "/".join(folders[:end]).rstrip("/"), "", ""))


def server_address(text, wrong=NO_SERVER, name="server"):
    """Return the address of a server from what people enter: a host, an address, ``@user@host``.

    :raises errors.Misconfigured: it is none of these; see :func:`page_address`

    >>> server_address("@ana@Mastodon.social"), server_address("https://a.example/@ana"), server_address("b.example:81")
    ('https://mastodon.social', 'https://a.example', 'https://b.example:81')
    """
    given = (text or "").strip()
    scheme, separator, rest = given.rpartition("://")
    scheme = scheme.lower() if separator else "https"
    host = re.split(r"[/?#]", rest, maxsplit=1)[0].rpartition("@")[2].lower().rstrip(".")
    found = f"{scheme}://{host}"
    if not _is_usable(found) or not re.fullmatch(r"[^\s@\\\"'<>%]{1,255}", host):
        raise errors.Misconfigured(wrong, params={name: given[:100]})
    return found


def _is_usable(address):
    """Return whether a text is a web address that names a server, and nobody's password."""
    try:
        parts = urlsplit(address)
        named = parts.hostname and "@" not in parts.netloc and (parts.port is None or parts.port > 0)
    except ValueError:
        return False
    return bool(named and web_url(address))
