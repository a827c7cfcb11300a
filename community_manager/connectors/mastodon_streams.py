"""The lists of a Mastodon server that a channel can read."""

import re
from dataclasses import dataclass
from urllib.parse import quote

from .base import Sentence, _
from .text import clean_line

MAX_LINES = 50

#: What a notification may bring that somebody said.  The other kinds only count.
SAID = frozenset(("mention", "status", "update", "quote", "quoted_update"))
#: Those of them that are addressed to us.
TO_US = frozenset(("mention", "quote"))
NOT_SAID = ("follow", "follow_request", "favourite", "reblog", "poll", "admin.sign_up", "admin.report")

CAN_MENTIONS = _("Read who mentions, answers or quotes us")
CAN_DIRECT = _("Read private conversations with us")
CAN_HOME = _("Read the home timeline")
CAN_TAG = _("Follow #%(name)s")
CAN_SEARCH = _("Search for “%(name)s”")


@dataclass(frozen=True, slots=True)
class Stream:
    """One list that is read: where it is, what it needs, and what it is good for."""

    name: str
    path: str
    scope: str
    says: str
    params: tuple = ()
    label: str = ""
    way: str = ""
    origin: str = "search"
    #: statuses that mean "there is no such list": a hashtag nobody used, a server without conversations
    absent: tuple = ()

    @property
    def sentence(self):
        """What reading it means, in words."""
        return Sentence(self.says, name=self.label) if self.label else Sentence(self.says)


def lines(text):
    """Return the lines of a setting with one value a line, each once."""
    found = (clean_line(line, 200) for line in str(text or "").splitlines())
    return list(dict.fromkeys(line for line in found if line))[:MAX_LINES]


def streams(values, token, searches=()):
    """Return the lists that a channel reads, the most pressing first.

    :param dict values: settings of the channel
    :param token: whether there is access
    :param searches: words to search for; only those of the settings are missed where the server cannot search
    """
    entered = lines(values.get("searches"))
    found = []
    if token:
        excluded = tuple(NOT_SAID)
        found.append(
            Stream(
                "notifications", "/api/v1/notifications", "read:notifications", CAN_MENTIONS,
                (("exclude_types[]", excluded), ("include_filtered", "true")),
            )
        )  # fmt: skip
        found.append(
            Stream("conversations", "/api/v1/conversations", "read:statuses", CAN_DIRECT, origin="own", absent=(404,))
        )
        if values.get("home"):
            found.append(Stream("home", "/api/v1/timelines/home", "read:statuses", CAN_HOME))
    for tag in lines(values.get("hashtags")):
        tag = re.sub(r"[\s#/?]", "", tag)
        if tag:
            path = "/api/v1/timelines/tag/" + quote(tag, safe="")
            found.append(Stream(f"tag:{tag.lower()}", path, "read:statuses", CAN_TAG, label=tag, absent=(404,)))
    if token:
        for words in searches:
            params = (("q", words), ("type", "statuses"))
            # Searches answer with the newest matches whatever is asked, so they are walked back.
            absent = () if words in entered else (404,)
            found.append(
                Stream(
                    f"search:{words}", "/api/v2/search", "read:search", CAN_SEARCH, params, words, "max", absent=absent
                )
            )  # fmt: skip
    return found
