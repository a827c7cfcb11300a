"""What a connector hands up: plain values, no records.

Times are timezone-aware UTC datetimes.  Texts are plain text: a connector turns HTML into text with
:func:`.text.html_to_text` before it builds an item.
"""

from dataclasses import dataclass, field
from datetime import datetime


@dataclass(slots=True)
class AuthorItem:
    """A profile on a network.

    ``external_id`` identifies it within ``realm``; an empty realm is the whole network, ``None`` is this channel only
    (for sources that name their writers without saying who they are).
    """

    external_id: str
    name: str = ""
    handle: str = ""
    url: str = ""
    avatar_url: str = ""
    realm: str | None = ""
    email: str = ""
    followers: int | None = None
    bot: bool = False
    verified_urls: tuple[str, ...] = ()


@dataclass(slots=True)
class Attachment:
    """A picture, video, sound or file that came with an item; only its address is kept."""

    kind: str
    url: str
    alt: str = ""


@dataclass(slots=True)
class MentionItem:
    """A post, comment, review, article or message.

    ``external_id`` identifies it within ``realm`` (a server's host name, for example); an empty realm is the whole
    network, ``None`` is this channel only.  ``parent_id`` and ``conversation_id`` are external ids in the same realm.
    """

    external_id: str
    #: "post", "comment", "review", "article" or "message"
    kind: str = "post"
    realm: str | None = ""
    text: str = ""
    title: str = ""
    url: str = ""
    author: AuthorItem | None = None
    #: ``None`` when the source gives no usable time; the records floor then takes the time of arrival
    published_at: datetime | None = None
    edited_at: datetime | None = None
    language: str = ""
    parent_id: str = ""
    conversation_id: str = ""
    #: "public", "unlisted", "private" (followers) or "direct"
    visibility: str = "public"
    #: "own": concerns the own account, always stored; "search": stored only if a topic matches
    origin: str = "search"
    #: written by the connected account itself
    outgoing: bool = False
    #: the network says that it was deleted; text may then be empty
    deleted: bool = False
    attachments: tuple[Attachment, ...] = ()
    hashtags: tuple[str, ...] = ()
    likes: int = 0
    shares: int = 0
    replies: int = 0
    #: 0 to 5 stars, for reviews
    rating: float | None = None
    #: only its existence was looked at: title and text say nothing and must not replace what is stored
    partial: bool = False
    #: the network's own identifiers, as they came (uri, id, guid, in_reply_to_id…): small, JSON-able
    identifiers: dict = field(default_factory=dict)


@dataclass(slots=True)
class Reject:
    """An item that could not be read; it goes to quarantine while the rest of its page goes on."""

    payload: object
    error: str
    external_id: str = ""


@dataclass(slots=True)
class Page:
    """One step of listening: what came, and where to go on from once it is stored.

    ``cursor`` is JSON-able and complete: given to :meth:`Connector.listen` it resumes right after this page.
    ``more`` says whether the connector knows of further pages now.
    """

    items: list[MentionItem] = field(default_factory=list)
    cursor: dict = field(default_factory=dict)
    more: bool = False
    requests: int = 1
    rejects: list[Reject] = field(default_factory=list)


@dataclass(slots=True)
class Check:
    """What :meth:`Connector.check` found out.

    ``account`` is who we are there; ``can`` and ``missing`` are sentences; ``expires_at`` is when access ends, if
    known; ``sample`` holds the first items as they would arrive (at most ten).
    """

    ok: bool = True
    account: str = ""
    account_id: str = ""
    can: list[str] = field(default_factory=list)
    missing: list[str] = field(default_factory=list)
    expires_at: datetime | None = None
    sample: list[MentionItem] = field(default_factory=list)
