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
    #: what the network charges for this page, in the connector's ``currency``
    cost: float = 0.0


@dataclass(slots=True)
class Target:
    """The mention that is answered, as it was stored: what :meth:`.base.Connector.reply` needs to know of it."""

    external_id: str
    realm: str | None = ""
    kind: str = "post"
    visibility: str = "public"
    url: str = ""
    text: str = ""
    author_id: str = ""
    author_handle: str = ""
    #: aware UTC
    published_at: datetime | None = None
    #: external id of the conversation's first post
    conversation_id: str = ""
    identifiers: dict = field(default_factory=dict)


@dataclass(slots=True)
class OutgoingFile:
    """A picture or file that goes out with a text; ``alt`` says in words what a picture shows."""

    name: str
    mimetype: str
    data: bytes
    alt: str = ""


@dataclass(slots=True)
class Outgoing:
    """Something to be said on a network.

    ``key`` is the same at each attempt of one message and never used again: 32 lower-case hexadecimal digits.
    ``first_tried_at`` (aware UTC) is when the first attempt was made; what went out cannot be older than that.
    """

    key: str
    text: str
    #: "reply" (beneath the target, seen by whoever sees that), "message" (private, to its author) or "publish"
    way: str = "reply"
    #: ``None`` when publishing
    target: Target | None = None
    title: str = ""
    #: of a publication: "public" or "unlisted"
    visibility: str = "public"
    language: str = ""
    first_tried_at: datetime | None = None
    #: only what the connector's ``media`` takes
    attachments: tuple[OutgoingFile, ...] = ()


@dataclass(slots=True)
class Tokens:
    """Access as a network grants it, by authorisation or renewal.

    ``secrets`` are stored encrypted under these names, among them usually "access_token" and "refresh_token"; an empty
    text removes one.  ``expires_at`` (aware UTC) is when the access must have been renewed, ``None`` for never.
    ``lost_at`` is when a person has to authorise again, because renewing ends then.
    """

    secrets: dict
    expires_at: datetime | None = None
    lost_at: datetime | None = None
    scopes: tuple[str, ...] = ()


@dataclass(slots=True)
class Counts:
    """How often one thing was seen, liked, shared and answered; ``None`` where the network does not say."""

    views: int | None = None
    likes: int | None = None
    shares: int | None = None
    replies: int | None = None
    clicks: int | None = None


@dataclass(slots=True)
class Figures:
    """Figures from the network: of the account, and of single things by external id."""

    followers: int | None = None
    posts: int | None = None
    #: views or impressions of the account in the last complete day
    views: int | None = None
    #: average stars of a reviewed account, 0 to 5
    rating: float | None = None
    items: dict[str, Counts] = field(default_factory=dict)


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
