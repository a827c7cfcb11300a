"""How Mastodon counts a text, whom it mentions, and whether two texts say the same."""

import re

import regex

#: An address counts as this many characters, however long it is ("characters_reserved_per_url" of every Mastodon).
ADDRESS_LENGTH = 23

_ADDRESS = re.compile(r"https?://[^\s<>\"]+", re.IGNORECASE)
_HANDLE = re.compile(r"(?<![\w/.])@(\w[\w.-]*)(?:@([\w-]+(?:\.[\w-]+)*(?::\d+)?))?")


def length(text):
    """Return the length of a text as Mastodon counts it: graphemes, 23 for an address, handles without their server.

    >>> length("see https://acme.example/a/very/long/path?with=parameters"), length("@ana@a.example"), length("é👍🏽")
    (27, 4, 2)
    """
    text = _HANDLE.sub(r"@\1", _ADDRESS.sub("x" * ADDRESS_LENGTH, text))
    return len(text) if text.isascii() and "\r" not in text else len(regex.findall(r"\X", text))


def mentions(text, handle, server=""):
    """Return whether a text holds a handle; on its own server an account is known without the server's name.

    >>> mentions("Hello @Ana@a.example!", "@ana@a.example"), mentions("Hello @ana!", "@ana@a.example")
    (True, False)
    >>> mentions("Hello @ana!", "@ana@a.example", "a.example")
    True
    """
    name, _at, host = handle.strip("@").lower().partition("@")
    for match in _HANDLE.finditer(text):
        mentioned, place = match.group(1).lower(), (match.group(2) or server).lower()
        if mentioned.rstrip(".-") == name and place == host:
            return True
    return False


def essence(text):
    """Return what stays of a text whatever a server makes of its marks, blanks, links and handles.

    >>> essence("@ana@a.example  *Hello*,\\n\\nyou!") == essence("@ana Hello, you!")
    True
    """
    text = _HANDLE.sub(r"@\1", text)
    return "".join(filter(str.isalnum, text)).lower() or "".join(text.split())
