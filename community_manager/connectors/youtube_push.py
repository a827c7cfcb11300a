"""YouTube tells of new and changed videos through Google's WebSub hub.

Sources: "Subscribe to Push Notifications" (developers.google.com/youtube/v3/guides/push_notifications) and WebSub
(w3.org/TR/websub).  The hub asks whether a subscription is wanted, delivers Atom, signs it with the secret we chose,
and forgets us after a lease.  It says nothing of comments: those are asked for.
"""

import hashlib
import hmac
from datetime import UTC, datetime, timedelta

from lxml import etree

from . import errors
from .answer import UNREADABLE
from .base import _
from .feed_xml import decode, defuse, well_formed
from .items import AuthorItem, MentionItem, Page, Reject
from .text import clean_line
from .values import digest, identifier, moment

HUB = "https://pubsubhubbub.appspot.com/subscribe"
TOPIC = "https://www.youtube.com/xml/feeds/videos.xml?channel_id="
HOST = "www.youtube.com"
#: Asked for; the hub may shorten it, so it is renewed long before.
LEASE = timedelta(days=10)
RENEWED_AFTER = timedelta(days=3)
#: So long a video is new; after that, listening knows it better than the hub.
NEW = timedelta(minutes=15)
#: A delivery holds one video, or a few.
MOST_ENTRIES = 100
#: Methods that WebSub names for signatures.
METHODS = {"sha1": hashlib.sha1, "sha256": hashlib.sha256, "sha384": hashlib.sha384, "sha512": hashlib.sha512}
ATOM, YT = "{http://www.w3.org/2005/Atom}", "{http://www.youtube.com/xml/schemas/2015}"
DELETED = "{http://purl.org/atompub/tombstones/1.0}deleted-entry"

NOT_SIGNED = _("The message carries no signature of the hub.")
BAD_SIGNATURE = _("The signature of the message is wrong: it does not come from the hub, or was changed on its way.")
NOT_OURS = _("Somebody asks us to confirm a subscription that we did not ask for.")
NO_KEY = _("The channel has no key yet by which messages of the hub are known.")
NO_CHANNEL_YET = _("Connect the channel first: which one it is tells what to subscribe to.")


class HubPush:
    """Subscribing to the videos of the own channel, and reading what the hub delivers."""

    push_headers = ("x-hub-signature",)
    #: The hub takes any success for received, and tries again after anything else.
    push_answers = {"accepted": (200, ""), "duplicate": (200, "")}

    @property
    def _topic(self):
        """Address of the feed that is subscribed to.

        :raises errors.Misconfigured: it is not known which channel we are
        """
        if not self.account_id:
            raise errors.Misconfigured(NO_CHANNEL_YET)
        return TOPIC + self.account_id

    def _hub_key(self):
        key = self.secrets.get("hub_secret") or ""
        if not key:
            raise errors.AccessDenied(NO_KEY)
        return key

    def _verify_token(self):
        """Return what the hub repeats to us, so that we know our own question."""
        return digest("websub", self._hub_key(), length=40)

    def _ask_hub(self, mode, address):
        form = {
            "hub.mode": mode,
            "hub.callback": address,
            "hub.topic": self._topic,
            "hub.verify": "async",
            "hub.verify_token": self._verify_token(),
            "hub.secret": self._hub_key(),
            "hub.lease_seconds": str(int(LEASE.total_seconds())),
        }
        self.http.post(HUB, data=form)

    def subscribe(self, address):
        """See :meth:`Connector.subscribe`."""
        self._ask_hub("subscribe", address)
        return datetime.now(UTC) + RENEWED_AFTER

    def unsubscribe(self, address):
        """See :meth:`Connector.unsubscribe`."""
        self._ask_hub("unsubscribe", address)

    def handshake(self, method, path, query, headers):
        """See :meth:`Connector.handshake`.

        Anybody may ask the hub to subscribe or unsubscribe our address; the hub then asks us.  Without our word an
        ending is not confirmed, and a beginning only for the own channel, whose deliveries are signed with our key.
        """
        mode = query.get("hub.mode")
        if method != "GET" or mode not in ("subscribe", "unsubscribe", "denied"):
            return None
        token, challenge = query.get("hub.verify_token"), query.get("hub.challenge")
        if query.get("hub.topic") != self._topic:
            raise errors.AccessDenied(NOT_OURS)
        known = isinstance(token, str) and hmac.compare_digest(token.encode(), self._verify_token().encode())
        if mode == "denied":
            return 200, "text/plain", ""
        if not known and (mode == "unsubscribe" or token is not None):
            raise errors.AccessDenied(NOT_OURS)
        if not isinstance(challenge, str) or not challenge.isprintable() or not 0 < len(challenge) <= 500:
            raise errors.AccessDenied(NOT_OURS)
        return 200, "text/plain", challenge

    def _verify(self, headers, body):
        """
        :raises errors.AccessDenied: the message is not signed with our key
        """
        name, equals, signature = headers.get("x-hub-signature", "").strip().partition("=")
        method = METHODS.get(name.lower())
        if not equals or method is None:
            raise errors.AccessDenied(NOT_SIGNED)
        wanted = hmac.new(self._hub_key().encode(), body, method).hexdigest()
        if not hmac.compare_digest(wanted.encode(), signature.lower().encode("utf-8", "replace")):
            raise errors.AccessDenied(BAD_SIGNATURE)

    def parse_push(self, headers, body, now):
        """See :meth:`Connector.parse_push`."""
        self._verify(headers, body)
        document = well_formed(defuse(decode(body), HOST), HOST)
        parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False)
        feed, detail = None, ""
        try:
            feed = etree.fromstring(document, parser)
        except (etree.LxmlError, ValueError) as problem:
            detail = str(problem)[:200]
        if feed is None or feed.tag != ATOM + "feed":
            raise errors.Malformed(UNREADABLE, detail or "no Atom feed", params={"host": HOST})
        page = Page(requests=0)
        entries = [entry for entry in feed if entry.tag in (ATOM + "entry", DELETED)]
        for entry in entries[:MOST_ENTRIES]:
            item = self._gone(entry) if entry.tag == DELETED else self._told(entry, now)
            if item is None:
                page.rejects.append(Reject(etree.tostring(entry, encoding="unicode")[:10_000], "entry without a video"))
            else:
                page.items.append(item)
        return page

    @staticmethod
    def _gone(entry):
        """Return the item of a video that was deleted, ``None`` when it is none."""
        scheme, _colon, video = (entry.get("ref") or "").rpartition(":")
        video = identifier(video)
        return MentionItem(video, deleted=True, partial=True, origin="own") if scheme == "yt:video" and video else None

    def _told(self, entry, now):
        """Return the item of a video, ``None`` when it is none.  The hub does not tell the description."""

        def text(*path):
            found = entry.findtext("/".join(path))
            return found.strip() if found else ""

        video, channel = identifier(text(YT + "videoId")), identifier(text(YT + "channelId"))
        if not video:
            return None
        name, mine = clean_line(text(ATOM + "author", ATOM + "name"), 200), channel == self.account_id
        published = moment(text(ATOM + "published"), now)
        return MentionItem(
            external_id=video,
            title=clean_line(text(ATOM + "title")),
            url=f"https://www.youtube.com/watch?v={video}" if video.replace("-", "").replace("_", "").isalnum() else "",
            author=AuthorItem(channel, name or channel, url=f"https://{HOST}/channel/{channel}") if channel else None,
            published_at=published,
            conversation_id=video,
            origin="own",
            outgoing=bool(channel) and mine,
            # without its description it must not replace what listening brought, so only a new one is told whole
            partial=published is None or now - published > NEW,
            identifiers={"video": video} | ({"channel": channel} if channel else {}),
        )
