"""What a Discourse forum delivers to us by its webhooks.

The forum signs the body of a delivery; its number and what happened stand in headers that are not signed.  So what is
believed is the body: a deletion, for example, is read from the post itself.
"""

import hashlib
import hmac
from json import loads

from . import errors
from .base import _
from .items import Page, Reject
from .webhook import BAD_SIGNATURE, NO_KEY, NOT_JSON, NOT_SIGNED, TOO_BIG

SIGNATURE = "x-discourse-event-signature"
EVENT_TYPE = "x-discourse-event-type"
MAX_BODY = 2 * 1024 * 1024


class Push:
    """The part of the connector that reads deliveries."""

    push_headers = (SIGNATURE, EVENT_TYPE)
    # Anything but a success makes the forum send again, five times.
    push_answers = {"accepted": (200, "OK"), "duplicate": (200, "OK")}
    push_guide = _(
        "On the forum, open Admin → Advanced → Webhooks and press “Add webhook”.\n"
        "Enter the address shown here as the payload URL; the content type is application/json.\n"
        "Enter the secret shown here as the secret.\n"
        "Choose “Select individual events” and there “Post is created”, “Post is updated” and “Post is deleted”.\n"
        "Save it, then press “Ping” to try it."
    )

    def parse_push(self, headers, body, now):
        """See :meth:`Connector.parse_push`.  What is no post, a ping for example, brings nothing."""
        secret = self.secrets.get("webhook_secret") or ""
        if not secret:
            raise errors.AccessDenied(NO_KEY)
        given = headers.get(SIGNATURE) or ""
        if not given:
            raise errors.AccessDenied(NOT_SIGNED)
        expected = "sha256=" + hmac.new(secret.encode("utf-8"), body, hashlib.sha256).hexdigest()
        if not hmac.compare_digest(given.strip().lower().encode("utf-8", "surrogatepass"), expected.encode("ascii")):
            raise errors.AccessDenied(BAD_SIGNATURE)
        if len(body) > MAX_BODY:
            raise errors.Malformed(TOO_BIG)
        said, detail = None, "no object"
        try:
            said = loads(body)
        except (ValueError, RecursionError) as problem:
            detail = str(problem)[:200]
        if not isinstance(said, dict):
            raise errors.Malformed(NOT_JSON, detail)
        page = Page(requests=0)
        if "post" in said:
            if isinstance(said["post"], dict):
                page.items, page.rejects = self._reader().read([said["post"]])
            else:
                page.rejects.append(Reject(said["post"], "a post that is no object"))
        return page

    @classmethod
    def delivery_id(cls, headers, body):
        """See :meth:`Connector.delivery_id`: made of what is signed, so that a repeat cannot pass for something new."""
        return hashlib.sha256(body).hexdigest()
