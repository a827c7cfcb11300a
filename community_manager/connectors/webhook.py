"""Mentions that any other system posts to us, signed.

How to post
-----------
Send ``POST`` to the address that the channel shows, ``Content-Type: application/json``, with these headers:

``X-Community-Timestamp``
    seconds since 1970 (UTC); a message more than five minutes old or in the future is refused.
``X-Community-Signature``
    ``sha256=`` and the hexadecimal HMAC-SHA256 of the timestamp, a full stop and the body as sent, made with the
    channel's signing key.  While a key is being changed, several signatures may stand there, parted by commas.

The same message, with the same timestamp, is accepted once: a repeat is refused.  A sender that is not sure whether a
message arrived signs it again with a new timestamp; what was stored already is not stored twice.

The body is one mention, or ``{"mentions": [...]}`` with up to 500 of them.  A mention is an object::

    {
      "id": "4711",                                 required: stays the same when the mention is sent again
      "text": "The parcel is late.",                required unless "html", "title" or "deleted" is there
      "html": "<p>The parcel is late.</p>",         instead of text
      "title": "Where is it?",
      "url": "https://forum.example/t/4711",
      "kind": "post",                               post, comment, review, article or message
      "published_at": "2026-01-31T12:00:00Z",       ISO 8601; without a zone it is UTC
      "edited_at": "2026-01-31T12:30:00Z",
      "language": "en",
      "parent_id": "4700",                          id of the mention that this one answers
      "conversation_id": "4700",
      "visibility": "public",                       public, unlisted, private or direct
      "concerns_us": true,                          false: kept only when a topic matches
      "rating": 4.5,                                0 to 5 stars
      "likes": 3, "shares": 0, "replies": 1,
      "hashtags": ["parcel"],
      "attachments": [{"url": "https://…", "kind": "image", "alt": "A torn box"}],
      "author": {
        "id": "ana", "name": "Ana Ruiz", "handle": "@ana", "url": "https://…", "avatar_url": "https://…",
        "email": "ana@example.com", "followers": 120, "bot": false
      },
      "deleted": false                              true: it was deleted where it came from; only "id" is needed
    }

Fields that are not in this list are ignored.  To edit a mention, send it again with the same ``id`` and the new text.
A mention that cannot be read does not keep the others from being stored; it is put aside, with the reason.
"""

import hashlib
import hmac
import re
from json import loads

from . import errors
from .base import Connector, Setting, _
from .items import Attachment, AuthorItem, Check, MentionItem, Page, Reject
from .registry import register
from .text import clean_line, clean_text, html_to_text
from .values import count, identifier, moment, web_url

TIMESTAMP_HEADER = "x-community-timestamp"
SIGNATURE_HEADER = "x-community-signature"
#: Seconds that the clocks of both sides may differ; a message is refused later than that, so a repeat is as well.
WINDOW = 300
MAX_BODY = 2 * 1024 * 1024
MAX_MENTIONS = 500
#: Signatures that are compared; more are no change of keys.
MAX_SIGNATURES = 5
MANY = 20
KINDS = frozenset(("post", "comment", "review", "article", "message"))
VISIBILITIES = frozenset(("public", "unlisted", "private", "direct"))
MEDIA = frozenset(("image", "video", "audio", "file"))

NOT_SIGNED = _("The message carries no signature, or no time.")
BAD_SIGNATURE = _("The signature of the message is wrong. Check the signing key on the other side.")
TOO_OLD = _("The message is too old, or the clock of the other side is wrong.")
NO_KEY = _("The channel has no signing key yet.")
NOT_JSON = _("The message is signed, but not the JSON that is expected here.")
TOO_BIG = _("The message is too large. Send at most 500 mentions and 2 MB at once.")

_EMAIL = re.compile(r"[^\s@<>\"]{1,64}@[^\s@<>\"]{1,190}\.[^\s@<>\".]{2,63}")


def signature(key, timestamp, body):
    """Return the value of the signature header for a message.

    :param str key: the signing key
    :param timestamp: seconds since 1970, as in the header
    :param bytes body: as sent

    >>> signature("key", 1700000000, b"{}")[:15]
    'sha256=9d713ed4'
    """
    signed = str(timestamp).encode("ascii") + b"." + body
    return "sha256=" + hmac.new(key.encode("utf-8"), signed, hashlib.sha256).hexdigest()


@register
class Webhook(Connector):
    """Receives what another system posts; see this module's text for how."""

    code = "webhook"
    label = "Webhook"
    description = _("Any system that can post signed JSON: a shop, a review service, a forum, an automation tool.")
    kind = "website"
    scope = "horizontal"
    capabilities = frozenset({"push"})
    push_headers = (TIMESTAMP_HEADER, SIGNATURE_HEADER)
    settings = (
        Setting(
            "signing_key",
            _("Signing key"),
            _("Made here. Copy it to the system that posts; it signs each message with it."),
            secret=True,
            generated=True,
        ),
    )

    def parse_push(self, headers, body, now):
        """See :meth:`Connector.parse_push`."""
        self._verify(headers, body, now)
        if len(body) > MAX_BODY:
            raise errors.Malformed(TOO_BIG)
        sent, detail = None, "neither an object nor a list"
        try:
            sent = loads(body)
        except (ValueError, RecursionError) as problem:
            detail = str(problem)[:200]
        mentions = sent.get("mentions", [sent]) if isinstance(sent, dict) else sent
        if not isinstance(mentions, list):
            raise errors.Malformed(NOT_JSON, detail)
        if len(mentions) > MAX_MENTIONS:
            raise errors.Malformed(TOO_BIG)
        page = Page(requests=0)
        for mention in mentions:
            try:
                page.items.append(read_mention(mention, now))
            except (ValueError, TypeError, AttributeError) as problem:
                known = identifier(mention.get("id")) if isinstance(mention, dict) else ""
                page.rejects.append(Reject(mention, str(problem)[:300], known))
        return page

    @classmethod
    def delivery_id(cls, headers, body):
        """See :meth:`Connector.delivery_id`: made of what is signed, so that a repeat cannot pass for something new."""
        timestamp = (headers.get(TIMESTAMP_HEADER) or "").encode("utf-8", "surrogatepass")
        return hashlib.sha256(timestamp + b"." + body).hexdigest()

    def _verify(self, headers, body, now):
        """
        :raises errors.AccessDenied: the message is not from whoever has the key, or not from now
        """
        key = self.secrets.get("signing_key") or ""
        if not key:
            # Without a key anybody could sign.
            raise errors.AccessDenied(NO_KEY)
        timestamp = headers.get(TIMESTAMP_HEADER) or ""
        given = headers.get(SIGNATURE_HEADER) or ""
        if not given or not re.fullmatch(r"[0-9]{1,12}", timestamp, re.ASCII):
            raise errors.AccessDenied(NOT_SIGNED)
        expected = signature(key, timestamp, body).encode("ascii")
        matched = False
        for one in given.split(",")[:MAX_SIGNATURES]:
            matched |= hmac.compare_digest(one.strip().lower().encode("utf-8", "surrogatepass"), expected)
        if not matched:
            raise errors.AccessDenied(BAD_SIGNATURE)
        if abs(now.timestamp() - int(timestamp)) > WINDOW:
            raise errors.AccessDenied(TOO_OLD)

    def check(self):
        """See :meth:`Connector.check`: there is nothing to ask, only the key must be there."""
        if not self.secrets.get("signing_key"):
            return Check(ok=False, missing=[NO_KEY])
        return Check(can=[_("Receive signed messages")])


def _text(holder, name, limit):
    """Return a field that has to be text where it is there.

    :raises ValueError: it is something else
    """
    value = holder.get(name)
    if value is None:
        return ""
    if not isinstance(value, str):
        raise ValueError(f"“{name}” is not text")
    return clean_text(value, limit)


def _list(holder, name):
    value = holder.get(name)
    if value is None:
        return []
    if not isinstance(value, list):
        raise ValueError(f"“{name}” is not a list")
    return value[:MANY]


def _moment(holder, name, now):
    """Return a time; one that cannot be read is an error, so that the sender hears of it."""
    value = holder.get(name)
    if value in (None, ""):
        return None
    found = moment(value, now)
    if found is None:
        raise ValueError(f"“{name}” is not a time in ISO 8601 that has passed")
    return found


def read_mention(sent, now):
    """Return the item of one mention as it was posted.

    :param datetime now: aware UTC time of arrival
    :raises ValueError: with the reason why it cannot be read
    """
    if not isinstance(sent, dict):
        raise ValueError("a mention has to be an object")
    external_id = identifier(sent.get("id"))
    if not external_id:
        raise ValueError("“id” is missing")
    deleted = sent.get("deleted", False)
    if not isinstance(deleted, bool):
        raise ValueError("“deleted” is neither true nor false")
    markup = sent.get("html")
    if markup is not None and not isinstance(markup, str):
        raise ValueError("“html” is not text")
    text = _text(sent, "text", 100_000) or html_to_text(markup)
    title = clean_line(_text(sent, "title", 2000))
    if not (text or title or deleted):
        raise ValueError("“text” is missing")
    kind = sent.get("kind") or "post"
    if kind not in KINDS:
        raise ValueError("“kind” is none of post, comment, review, article, message")
    visibility = sent.get("visibility") or "public"
    if visibility not in VISIBILITIES:
        raise ValueError("“visibility” is none of public, unlisted, private, direct")
    return MentionItem(
        external_id=external_id,
        kind=kind,
        realm=None,
        text=text,
        title=title,
        url=web_url(sent.get("url")),
        author=_author(sent.get("author")),
        published_at=_moment(sent, "published_at", now),
        edited_at=_moment(sent, "edited_at", now),
        language=_text(sent, "language", 20).partition("-")[0].lower()[:3],
        parent_id=identifier(sent.get("parent_id")),
        conversation_id=identifier(sent.get("conversation_id")),
        visibility=visibility,
        origin="search" if sent.get("concerns_us") is False else "own",
        deleted=deleted,
        attachments=tuple(_attachment(one) for one in _list(sent, "attachments")),
        hashtags=tuple(clean_line(str(tag), 200).lstrip("#").lower() for tag in _list(sent, "hashtags")),
        likes=count(sent.get("likes")),
        shares=count(sent.get("shares")),
        replies=count(sent.get("replies")),
        rating=_rating(sent.get("rating")),
        identifiers={"id": external_id},
    )


def _rating(value):
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not 0 <= value <= 5:
        raise ValueError("“rating” is not a number from 0 to 5")
    return float(value)


def _attachment(sent):
    if not isinstance(sent, dict):
        raise ValueError("an attachment has to be an object")
    url = web_url(sent.get("url"))
    if not url:
        raise ValueError("an attachment has no web address")
    kind = sent.get("kind")
    return Attachment(kind if kind in MEDIA else "file", url, _text(sent, "alt", 2000))


def _author(sent):
    """Return the author, known within this channel only."""
    if sent is None:
        return None
    if not isinstance(sent, dict):
        raise ValueError("“author” has to be an object")
    email = _EMAIL.fullmatch(_text(sent, "email", 320))
    email = email.group().lower() if email else ""
    name = clean_line(_text(sent, "name", 200))
    handle = clean_line(_text(sent, "handle", 200))
    external_id = identifier(sent.get("id")) or handle or email or name
    if not external_id:
        raise ValueError("“author” has neither an id nor a name")
    followers = sent.get("followers")
    return AuthorItem(
        external_id=external_id,
        name=name or handle or external_id,
        handle=handle,
        url=web_url(sent.get("url")),
        avatar_url=web_url(sent.get("avatar_url")),
        realm=None,
        email=email,
        followers=count(followers) if followers is not None else None,
        bot=sent.get("bot") is True,
    )
