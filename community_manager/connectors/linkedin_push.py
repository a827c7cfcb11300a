"""What LinkedIn pushes: notifications of a page (learn.microsoft.com, "Webhooks", "Organization Social Action")."""

import hashlib
import hmac
from datetime import UTC, datetime
from json import dumps

from . import errors
from .base import _
from .items import Page, Reject
from .linkedin_api import part
from .linkedin_items import Reader, urn
from .signed import challenge, document, verify
from .values import identifier

EVENT = "ORGANIZATION_SOCIAL_ACTION_NOTIFICATIONS"
SIGNATURE = "x-li-signature"
MAX_BODY = 2 * 1024 * 1024
#: Notifications come in tens; more than this in one delivery are not read.
MANY = 500

NOT_YOURS = _("The person who authorised is no administrator of the page that was chosen.")
NO_APP = _("Enter the number of the application first, from its address in the developer portal of LinkedIn.")
NO_SECRET = _("Enter the client secret first: LinkedIn signs with it.")
BAD_SIGNATURE = _("The message is not signed by LinkedIn with the client secret of this channel.")
NOT_READABLE = _("The message is signed by LinkedIn, but not the JSON that is expected here.")


class LinkedinPush:
    """Handshake, deliveries and the subscription."""

    push_headers = (SIGNATURE,)
    push_answers = {"accepted": (200, ""), "duplicate": (200, "")}

    def _signed(self, message):
        secret = (self.secrets.get("client_secret") or "").strip()
        if not secret:
            raise errors.AccessDenied(NO_SECRET)
        return hmac.new(secret.encode("utf-8"), message, hashlib.sha256).hexdigest()

    def handshake(self, method, path, query, headers):
        """See :meth:`Connector.handshake`: LinkedIn asks for the signature of a code every two hours."""
        code = challenge(method, query, "challengeCode", BAD_SIGNATURE)
        if code is None:
            return None
        code = code[:200]
        answer = {"challengeCode": code, "challengeResponse": self._signed(code.encode("utf-8", "surrogatepass"))}
        return 200, "application/json", dumps(answer)

    def parse_push(self, headers, body, now):
        """See :meth:`Connector.parse_push`."""
        verify(headers.get(SIGNATURE), self._signed(b"hmacsha256=" + body), BAD_SIGNATURE)
        sent = document(body, MAX_BODY, NOT_READABLE)
        listed = sent.get("notifications") if isinstance(sent, dict) else None
        if not isinstance(listed, list):
            raise errors.Malformed(NOT_READABLE, "no notifications")
        ours = [
            one for one in listed[:MANY] if isinstance(one, dict) and one.get("organizationalEntity") == self.page()
        ]
        page = Page(
            requests=0, rejects=[Reject(one, "no notification") for one in listed[:MANY] if not isinstance(one, dict)]
        )
        # without the name of the page, which takes a request: only its own posts would show it
        page.items, rejects = Reader(self.page()).read("notification", ours)
        page.rejects += rejects
        return page

    def _subscription(self):
        """Return the path of the subscription, whose key is made of application, person, page and kind of event."""
        number = identifier(self.values.get("application_id"))
        if not number.isdigit():
            raise errors.Misconfigured(NO_APP)
        person = next((urn(one.get("roleAssignee")) for one in self._roles() if one["organization"] == self.page()), "")
        if not person:
            raise errors.AccessDenied(NOT_YOURS)
        app = f"urn:li:developerApplication:{number}"
        parts = f"developerApplication:{part(app)},user:{part(person)},entity:{part(self.page())},eventType:{EVENT}"
        return f"eventSubscriptions/({parts})"

    def subscribe(self, address):
        """See :meth:`Connector.subscribe`.  The address has to be entered and tested in the developer portal before."""
        path = self._subscription()
        self.send("PUT", path, {"webhook": address})
        end = self.get(path).get("expiresAt")
        known = isinstance(end, int) and not isinstance(end, bool) and 0 < end < 4 * 10**12
        return datetime.fromtimestamp(end / 1000, UTC) if known else None

    def unsubscribe(self, address):
        """See :meth:`Connector.unsubscribe`."""
        self.send("DELETE", self._subscription())
