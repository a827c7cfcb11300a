"""What X pushes: the X Activity API over its webhooks (docs.x.com, "X Activity API", "V2 Webhooks API")."""

import base64
import hashlib
import hmac
from datetime import UTC, datetime
from json import dumps

from . import errors
from .base import _
from .http import UNREADABLE
from .items import MentionItem, Page, Reject
from .signed import challenge, document, verify
from .text import clean_text
from .values import believable, identifier
from .x_api import API, MESSAGE_READ, POST_READ
from .x_items import Reader, author_of, by_id, made_at, number_of

SIGNATURE = "x-twitter-webhooks-signature"
#: What is subscribed to.  All but the first need the consent of the account.
EVENTS = ("post.create", "post.delete", "post.mention.create", "post.reply.create", "post.quote.create")
MESSAGE_EVENTS = ("dm.received", "dm.sent")
MAX_BODY = 2 * 1024 * 1024

NO_SECRET = _("Enter the API key secret of the app first: X signs with it.")
NO_KEY = _("Enter the API key of the app and its secret first.")
BAD_SIGNATURE = _("The message is not signed by X with the API key secret of this channel.")
NOT_READABLE = _("The message is signed by X, but not the JSON that is expected here.")


def signature(secret, message):
    """Return the signature of a message as X writes it.

    :param bytes message: a body, or the token of a challenge

    >>> signature("secret", b"{}")
    'sha256=dzJZAsrKgS3CWXM6rNBGtzgXNyx3e42VtAJkdHRRbhM='
    """
    made = hmac.new(secret.encode("utf-8"), message, hashlib.sha256).digest()
    return "sha256=" + base64.b64encode(made).decode("ascii")


class XPush:
    """Handshake, deliveries and subscriptions."""

    def _signing_secret(self):
        secret = (self.secrets.get("api_secret") or "").strip()
        if not secret:
            raise errors.AccessDenied(NO_SECRET)
        return secret

    def handshake(self, method, path, query, headers):
        """See :meth:`Connector.handshake`: X asks for the signature of a token, every day at least."""
        token = challenge(method, query, "crc_token", BAD_SIGNATURE)
        if token is None:
            return None
        answer = {"response_token": signature(self._signing_secret(), token[:1000].encode("utf-8", "surrogatepass"))}
        return 200, "application/json", dumps(answer)

    def parse_push(self, headers, body, now):
        """See :meth:`Connector.parse_push`."""
        verify(headers.get(SIGNATURE), signature(self._signing_secret(), body), BAD_SIGNATURE)
        sent = document(body, MAX_BODY, NOT_READABLE)
        event = sent.get("data") if isinstance(sent, dict) else None
        if not isinstance(event, dict):
            raise errors.Malformed(NOT_READABLE, "no data")
        page = Page(requests=0)
        about = event.get("filter")
        ours = identifier(about.get("user_id")) if isinstance(about, dict) else ""
        if self.account_id and ours != self.account_id:
            return page  # of another account of the same app
        try:
            self._read_event(event, ours, page)
        except (ValueError, TypeError, AttributeError, KeyError, IndexError) as problem:
            payload = event.get("payload")
            known = identifier(payload.get("id")) if isinstance(payload, dict) else ""
            page.rejects.append(Reject(event, f"{type(problem).__name__}: {problem}"[:300], known))
        return page

    def _read_event(self, event, ours, page):
        """Put what an event tells into a page."""
        kind, payload = event.get("event_type"), event["payload"]
        includes = event.get("includes") if isinstance(event.get("includes"), dict) else {}
        users = by_id(includes.get("users"))
        if kind == "post.delete":
            page.items.append(MentionItem(identifier(payload["id"]), origin="own", deleted=True, outgoing=True))
        elif kind in EVENTS:
            media = by_id(includes.get("media"), "media_key")
            items, page.rejects = Reader(ours).read([(payload, {"users": users, "media": media})], "own")
            page.items += items
            page.cost = POST_READ
        elif kind in MESSAGE_EVENTS:
            users = payload.get("users")
            for message in payload["direct_message_events"]:
                page.items.append(_message(message, users if isinstance(users, dict) else {}, ours))
            page.cost = MESSAGE_READ if kind == "dm.received" else 0.0

    # --- subscriptions ---

    def _app_headers(self):
        """Return headers with the access of the app itself, which webhooks belong to.

        :raises errors.Misconfigured: the API key or its secret is missing
        """
        key = (self.values.get("api_key") or "").strip()
        secret = (self.secrets.get("api_secret") or "").strip()
        if not key or not secret:
            raise errors.Misconfigured(NO_KEY)
        answer = self.http.post(
            f"{API}/oauth2/token", data={"grant_type": "client_credentials"}, auth=(key, secret)
        ).json()
        token = answer.get("access_token") if isinstance(answer, dict) else None
        if not isinstance(token, str) or not token.isascii() or not token.isprintable():
            raise errors.Malformed(UNREADABLE, "no app token", params={"host": "api.x.com"})
        self.http.mask(token)
        return {"Authorization": f"Bearer {token}", "Accept": "application/json"}

    def _ask_app(self, method, path, headers, body=None):
        options = {"json": body} if body is not None else {}
        answer = self.http.request(method, API + path, headers=headers, judge=self._judge, **options)
        return self._object(answer)

    def _webhook(self, headers, address):
        """Return the id of the webhook that delivers to an address, empty when there is none."""
        listed = self._ask_app("GET", "/2/webhooks", headers).get("data")
        return next((one for one, hook in by_id(listed).items() if hook.get("url") == address), "")

    def subscribe(self, address):
        """See :meth:`Connector.subscribe`: makes the webhook, and subscribes the account's events to it."""
        headers, me = self._app_headers(), self.my_id()
        hook = self._webhook(headers, address)
        if hook:
            # brings back a webhook that X switched off because it got no answer for a day
            self._ask_app("PUT", f"/2/webhooks/{hook}", headers)
        else:
            made = self._ask_app("POST", "/2/webhooks", headers, {"url": address}).get("data")
            hook = identifier(made.get("id")) if isinstance(made, dict) else ""
            if not hook:
                raise errors.Malformed(UNREADABLE, "no webhook", params={"host": "api.x.com"})
        known = {(one.get("event_type"), one.get("webhook_id")) for one in self._subscriptions(headers, me).values()}
        for event in (*EVENTS, *(MESSAGE_EVENTS if self.values.get("messages") else ())):
            if (event, hook) not in known:
                body = {"event_type": event, "filter": {"user_id": me}, "webhook_id": hook}
                self._send("POST", "/2/activity/subscriptions", body)

    def _subscriptions(self, headers, me):
        """Return the subscriptions to our own events, by id."""
        listed = by_id(self._ask_app("GET", "/2/activity/subscriptions", headers).get("data"), "subscription_id")
        return {
            one: entry
            for one, entry in listed.items()
            if isinstance(entry.get("filter"), dict) and identifier(entry["filter"].get("user_id")) == me
        }

    def unsubscribe(self, address):
        """See :meth:`Connector.unsubscribe`."""
        headers, me = self._app_headers(), self.my_id()
        hook = self._webhook(headers, address)
        for subscription, entry in self._subscriptions(headers, me).items():
            if entry.get("webhook_id") == hook:
                self._ask_app("DELETE", f"/2/activity/subscriptions/{subscription}", headers)
        if hook:
            self._ask_app("DELETE", f"/2/webhooks/{hook}", headers)


def _message(event, users, ours):
    """Return the item of a direct message in the older form that events have."""
    made, event_id = event["message_create"], identifier(event.get("id"))
    sender, recipient = identifier(made.get("sender_id")), identifier(made["target"].get("recipient_id"))
    if not event_id or not sender:
        raise ValueError("no id or no sender")
    text = made["message_data"].get("text")
    stamp = event.get("created_timestamp")
    written = None
    if isinstance(stamp, str) and stamp.isdigit() and len(stamp) < 15:
        written = believable(datetime.fromtimestamp(int(stamp) / 1000, UTC))
    user = by_id([users.get(sender)]).get(sender, {})
    # conversations of two are known by both ids, the smaller one first
    pair = sorted((number_of(sender), number_of(recipient)))
    conversation = f"{pair[0]}-{pair[1]}" if pair[0] else ""
    return MentionItem(
        external_id=event_id,
        kind="message",
        text=clean_text(text if isinstance(text, str) else ""),
        author=author_of({**user, "id": sender}),
        published_at=written or made_at(number_of(event_id)),
        conversation_id=conversation,
        visibility="direct",
        origin="own",
        outgoing=bool(ours) and sender == ours,
        identifiers={"id": event_id, "dm_conversation_id": conversation},
    )
