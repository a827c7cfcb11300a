import json
import logging
import re
from datetime import UTC, datetime

import psycopg2
from werkzeug.exceptions import ClientDisconnected, RequestEntityTooLarge

from odoo.http import DEFAULT_MAX_CONTENT_LENGTH, Controller, Response, request, route

from ..connectors.errors import ConnectorError, Malformed
from ..models.platform import vault
from ..models.platform.sentences import said

_logger = logging.getLogger(__name__)

#: a delivery is a message or a page of them; larger ones belong in several deliveries
LARGEST_BODY = 2 * 1024 * 1024
#: deliveries of one channel that may wait; a sender that is this far ahead must slow down
MOST_WAITING = 10_000
#: seconds after which a sender that was told to wait should try again
RETRY_AFTER = 60
#: mentions that cannot be read whose reasons are told to the sender
MOST_REASONS = 20
#: form types, which are read before a controller sees them, so that a signature over the body could not be verified
FORM_TYPES = ("application/x-www-form-urlencoded", "multipart/form-data")

_TOKEN = re.compile(r"[0-9a-f]{32}")


def _bound(_controller):
    """Return the size at which reading the body stops.

    Where its length is announced the controller itself refuses it, in words; where it is not, reading must be bounded.
    """
    return LARGEST_BODY if request.httprequest.content_length is None else DEFAULT_MAX_CONTENT_LENGTH


class PushController(Controller):
    """Where networks and other systems deliver what happened there."""

    @route(
        "/community_manager/push/<string:token>",
        type="http",
        auth="public",
        methods=["POST"],
        csrf=False,
        save_session=False,
        max_content_length=_bound,
    )
    def push(self, token, **_parameters):
        """Verify a delivery, store it and answer; the listener turns it into mentions.

        The answer is a JSON object with ``status`` ("accepted" or "refused") and, when refused, ``message``, a sentence
        for whoever looks after the sender.  ``docs/webhook.md`` describes it for senders.
        """
        if not _TOKEN.fullmatch(token):
            return self._unknown()
        kind = request.httprequest.mimetype
        if kind in FORM_TYPES:
            return _refuse(415, request.env._("Send JSON, with the header Content-Type: application/json."))
        body = self._read()
        if body is None:
            return _refuse(413, request.env._("A delivery may have %s MiB at most.", LARGEST_BODY // 1024 // 1024))
        channel = self._channel(token)
        if not channel:
            return self._unknown()
        if channel.env["community.home"]._status() not in ("live", "new"):
            return self._later(
                request.env._("This database takes no deliveries: it is a copy, or was neutralized, or lost its key.")
            )
        return self._take(channel, body)

    # -- steps -----------------------------------------------------------------------------------------------------

    def _read(self):
        """Return the body, or None when it is too large.  Never more than the limit is read."""
        length = request.httprequest.content_length
        if length is not None and length > LARGEST_BODY:
            return None
        try:
            return request.httprequest.get_data(cache=False)
        except RequestEntityTooLarge:
            return None
        except ClientDisconnected:
            return b""

    def _channel(self, token):
        """Return the connected channel that has this token, as superuser; an empty record when there is none."""
        channels = request.env["community.channel"].sudo()
        channel = channels.search([("push_token", "=", token), ("state", "!=", "draft")], limit=1)
        if not channel or not channel.can_push:
            return channels.browse()
        company = channel.company_id
        return channel.with_company(company).with_context(allowed_company_ids=company.ids)

    def _take(self, channel, body):
        """Verify and store a delivery for ``channel``."""
        headers = {name.lower(): value for name, value in request.httprequest.headers.items()}
        try:
            connector = channel._connector()
            page = connector.parse_push(headers, body, datetime.now(UTC))
        except vault.Unreadable as error:
            channel._note_failure(channel._sentence(error), action="access")
            return self._later(request.env._("Deliveries cannot be verified at the moment."))
        except Malformed as error:  # raised only after the signature was found right
            return _refuse(422, channel._sentence(error))
        except ConnectorError as error:
            _logger.info("channel %s: delivery refused: %s", channel.id, error)
            return _refuse(401, request.env._("The signature or the timestamp of this delivery is not valid."))
        if channel.state == "paused":
            return _refuse(409, request.env._("This channel is paused. Send again when it listens again."))
        pushes = channel.env["community.push"]
        waiting = [("channel_id", "=", channel.id), ("state", "=", "waiting")]
        if pushes.search_count(waiting, limit=MOST_WAITING) >= MOST_WAITING:
            return self._later(request.env._("Too many deliveries are waiting. Send again later."), status=429)
        try:
            with channel.env.cr.savepoint():
                # only what reading it later needs is kept, never credentials
                kept = {name: headers[name] for name in connector.push_headers if name in headers}
                new = pushes._receive(channel, kept, body, connector.delivery_id(kept, body))
        except psycopg2.errors.UniqueViolation:  # the same delivery came twice at the same moment
            new = False
        if not new:
            return _refuse(409, request.env._("This delivery was accepted before; nothing was stored again."))
        content = {"status": "accepted"}
        if page.rejects:
            content["put_aside"] = [
                {"id": reject.external_id, "reason": said(request.env, reject.error)}
                for reject in page.rejects[:MOST_REASONS]
            ]
        return _answer(202, content)

    # -- answers ---------------------------------------------------------------------------------------------------

    def _unknown(self):
        """The one answer for a token of the wrong shape, an unknown one, and a channel that takes no deliveries."""
        return _refuse(404, request.env._("There is no channel for deliveries at this address."))

    def _later(self, sentence, status=503):
        response = _refuse(status, sentence)
        response.headers["Retry-After"] = str(RETRY_AFTER)
        return response


def _answer(status, content):
    body = json.dumps(content).encode()
    headers = {"Content-Type": "application/json", "Content-Length": str(len(body)), "Cache-Control": "no-store"}
    return Response(body, status=status, headers=headers)


def _refuse(status, sentence):
    return _answer(status, {"status": "refused", "message": str(sentence)})
