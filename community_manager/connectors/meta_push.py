"""Webhooks of Meta: handshake, signature, subscription of apps and pages (developers.facebook.com, "Webhooks")."""

import hashlib
import hmac

from . import errors
from .base import Setting, _
from .items import Page, Reject
from .signed import document, verify
from .values import identifier

SIGNATURE = "x-hub-signature-256"
MAX_BODY = 4 * 1024 * 1024
#: Entries and changes that are read from one delivery; Meta sends a thousand at most.
MANY = 1000

NO_SECRET = _("Enter the app secret first: Meta signs with it.")
BAD_SIGNATURE = _("The message is not signed by Meta with the app secret of this channel.")
BAD_TOKEN = _("The address was not set up with the verify token of this channel.")
NOT_READABLE = _("The message is signed by Meta, but not the JSON that is expected here.")

VERIFY_TOKEN = Setting(
    "verify_token",
    _("Verify token"),
    _("Made here. Meta shows it when it looks whether the address for deliveries is ours."),
    secret=True,
    generated=True,
)


def signature(secret, body):
    """Return the value of the signature header for a body.

    >>> signature("secret", b"{}")[:15]
    'sha256=77325902'
    """
    return "sha256=" + hmac.new(secret.encode("utf-8"), body, hashlib.sha256).hexdigest()


class MetaDeliveries:
    """The handshake and the signature of deliveries."""

    push_headers = (SIGNATURE,)
    push_answers = {"accepted": (200, "EVENT_RECEIVED"), "duplicate": (200, "EVENT_RECEIVED")}

    def signing_secret(self):
        """Return what deliveries are signed with.

        :raises errors.AccessDenied: there is none, so anybody could sign
        """
        secret = (self.secrets.get("client_secret") or "").strip()
        if not secret:
            raise errors.AccessDenied(NO_SECRET)
        return secret

    def handshake(self, method, path, query, headers):
        """See :meth:`Connector.handshake`."""
        if method != "GET" or query.get("hub.mode") != "subscribe":
            return None
        wanted = (self.secrets.get("verify_token") or "").encode("utf-8")
        given = str(query.get("hub.verify_token") or "").encode("utf-8", "surrogatepass")
        if not wanted or not hmac.compare_digest(given, wanted):
            raise errors.AccessDenied(BAD_TOKEN)
        challenge = str(query.get("hub.challenge") or "")[:1000]
        # a number; anything else would let a stranger choose what we answer
        return 200, "text/plain", challenge if challenge.isascii() and challenge.isalnum() else ""

    def read_signed(self, headers, body):
        """Return the document of a delivery.

        :raises errors.AccessDenied: it is not signed by Meta
        :raises errors.Malformed: it is, but cannot be read
        """
        verify(headers.get(SIGNATURE), signature(self.signing_secret(), body), BAD_SIGNATURE)
        sent = document(body, MAX_BODY, NOT_READABLE)
        if isinstance(sent, list) and sent:
            sent = sent[0]  # some examples of Meta wrap the object
        if not isinstance(sent, dict):
            raise errors.Malformed(NOT_READABLE, "not an object")
        return sent


class MetaPush(MetaDeliveries):
    """Deliveries to one page or to the account that is connected to it.

    :cvar str push_object: what Meta calls the kind of account
    :cvar push_fields: names of what is delivered
    """

    push_object = ""
    push_fields = ()

    def parse_push(self, headers, body, now):
        """See :meth:`Connector.parse_push`."""
        sent = self.read_signed(headers, body)
        entries = sent.get("entry")
        if not isinstance(entries, list):
            raise errors.Malformed(NOT_READABLE, "no entries")
        page = Page(requests=0)
        if sent.get("object") != self.push_object:
            return page
        for entry in entries[:MANY]:
            if isinstance(entry, dict) and identifier(entry.get("id")) == self.pushed_to():
                self._read_entry(entry, now, page)
        return page

    def pushed_to(self):
        """Return the id of the account whose deliveries are ours; an app gets those of all of its accounts."""
        return self.chosen()

    def _read_entry(self, entry, now, page):
        """Read the changes and messages of one account."""
        changes = entry.get("changes")
        if not isinstance(changes, list):
            changes = [entry] if "field" in entry else []
        told = [(self.read_change, one) for one in changes[:MANY]]
        messages = entry.get("messaging")
        told += [(self.read_messaging, one) for one in messages[:MANY]] if isinstance(messages, list) else []
        for read, one in told:
            try:
                found = read(one, now)
            except (ValueError, TypeError, AttributeError, KeyError, IndexError) as problem:
                page.rejects.append(Reject(one, f"{type(problem).__name__}: {problem}"[:300]))
                continue
            if found is not None:
                page.items.append(found)

    def read_change(self, change, now):
        """Return the item of a change, ``None`` for what nobody said.

        :raises ValueError: it cannot be read
        """
        raise NotImplementedError

    def read_messaging(self, event, now):
        """Return the item of a message, ``None`` for what is none; see :meth:`read_change`."""
        raise NotImplementedError

    # --- subscriptions ---

    def subscribe(self, address):
        """See :meth:`Connector.subscribe`: enters the address in the app, and adds the app to the page."""
        self.subscribe_app(address)
        self.send("POST", f"{self.page_id()}/subscribed_apps", {"subscribed_fields": ",".join(self.page_fields())})

    def unsubscribe(self, address):
        """See :meth:`Connector.unsubscribe`.  The address stays in the app, which other channels may use."""
        self.send("DELETE", f"{self.page_id()}/subscribed_apps")

    def page_id(self):
        """Return the id of the page that the app is added to."""
        return self.chosen()

    def page_fields(self):
        """Return what of the page is delivered."""
        return self.push_fields

    def subscribe_app(self, address):
        """Enter the address in the app, with the app's own access."""
        app = str(self.values.get("client_id") or "").strip()
        self.send(
            "POST",
            f"{app}/subscriptions",
            {
                "object": self.push_object,
                "callback_url": address,
                "verify_token": self.secrets.get("verify_token") or "",
                "fields": ",".join(self.push_fields),
                "include_values": "true",
            },
            token=f"{app}|{self.signing_secret()}",
        )
