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
#: seconds after which a sender that was told to wait should try again, and where the channel is paused by somebody
RETRY_AFTER = 60
RETRY_PAUSED = 3600
#: characters that may follow the token of a channel in the address; networks add some dozens
LONGEST_PATH = 500
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


def _offline(_request):
    """Stand in for the network while an answer is made: a sender waits seconds, a network may take minutes."""
    raise RuntimeError("A delivery is answered without asking the network.")


class PushController(Controller):
    """Where networks and other systems deliver what happened there."""

    @route(
        ["/community_manager/push/<string:token>", "/community_manager/push/<string:token>/<path:rest>"],
        type="http",
        auth="public",
        methods=["GET", "POST", "PUT"],
        csrf=False,
        save_session=False,
        max_content_length=_bound,
    )
    def push(self, token, rest="", **_parameters):
        """Answer what a network asks before it delivers; verify a delivery, store it and answer.

        The listener turns deliveries into mentions.  Where a network wants no certain answer it is a JSON object with
        ``status`` ("accepted" or "refused") and, when refused, ``message``, a sentence for whoever looks after the
        sender.  ``docs/webhook.md`` and ``docs/push.md`` describe it for senders.
        """
        path = f"/{rest}" if rest else ""
        if not _TOKEN.fullmatch(token) or len(path) > LONGEST_PATH:
            return self._unknown()
        if request.httprequest.mimetype in FORM_TYPES:
            return _refuse(415, request.env._("Send JSON, with the header Content-Type: application/json."))
        body = self._read()
        if body is None:
            return _refuse(413, request.env._("A delivery may have %s MiB at most.", LARGEST_BODY // 1024 // 1024))
        channel = self._channel(token)
        if not channel:
            return self._unknown()
        if channel.env["community.home"]._status() not in ("live", "new"):
            return _later(
                request.env._("This database takes no deliveries: it is a copy, or was neutralized, or lost its key.")
            )
        try:
            connector = channel._connector(transport=_offline)
        except vault.Unreadable as error:
            channel._note_failure(channel._sentence(error), action="access")
            return _later(request.env._("Deliveries cannot be verified at the moment."))
        # names that begin with a colon are ours
        headers = {name.lower(): value for name, value in request.httprequest.headers.items() if name[:1] != ":"}
        headers[":path"] = path
        return self._greet(channel, connector, path, headers) or self._take(channel, connector, headers, body)

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

    def _greet(self, channel, connector, path, headers):
        """Return the answer to what a network asks to see whose this address is; None when this is a delivery."""
        method = request.httprequest.method
        try:
            found = connector.handshake(method, path, request.httprequest.args.to_dict(), headers)
        except ConnectorError as error:
            return self._denied(channel, connector, error, 403)
        if found:
            status, kind, body = found
            return _answer(status, body, kind)
        if method not in ("POST", "PUT"):
            response = _refuse(405, request.env._("Deliveries are sent with POST."))
            response.headers["Allow"] = "POST, PUT"
            return response
        return None

    def _take(self, channel, connector, headers, body):
        """Verify and store a delivery for ``channel``."""
        try:
            page = connector.parse_push(headers, body, datetime.now(UTC))
        except Malformed as error:  # raised only after the signature was found right
            return _refuse(422, channel._sentence(error))
        except ConnectorError as error:
            return self._denied(channel, connector, error, 401)
        if channel.state == "paused":
            # a network sends again what was not taken; what it no longer holds then, the first poll brings
            sentence = request.env._("This channel is paused. Send again when it listens again.")
            return _later(sentence, retry_after=RETRY_PAUSED, connector=connector)
        pushes = channel.env["community.push"]
        waiting = [("channel_id", "=", channel.id), ("state", "=", "waiting")]
        if pushes.search_count(waiting, limit=MOST_WAITING) >= MOST_WAITING:
            sentence = request.env._("Too many deliveries are waiting. Send again later.")
            return _later(sentence, 429, connector=connector)
        try:
            with channel.env.cr.savepoint():
                new = pushes._receive(channel, _kept(connector, headers), body, connector.delivery_id(headers, body))
        except psycopg2.errors.UniqueViolation:  # the same delivery came twice at the same moment
            new = False
        if not new:
            sentence = request.env._("This delivery was accepted before; nothing was stored again.")
            return _as_wanted(connector, "duplicate") or _refuse(409, sentence)
        content = {"status": "accepted"}
        if page.rejects:
            content["put_aside"] = [
                {"id": reject.external_id, "reason": said(request.env, reject.error)}
                for reject in page.rejects[:MOST_REASONS]
            ]
        return _as_wanted(connector, "accepted") or _answer(202, json.dumps(content))

    # -- answers ---------------------------------------------------------------------------------------------------

    def _unknown(self):
        """The one answer for a token of the wrong shape, an unknown one, and a channel that takes no deliveries."""
        return _refuse(404, request.env._("There is no channel for deliveries at this address."))

    def _denied(self, channel, connector, error, status):
        """Refuse what does not come from the network; the sender is not told what was wrong, the channel is."""
        _logger.info("channel %s: delivery refused: %s", channel.id, error)
        channel._note_refused_delivery(error)
        sentence = request.env._("The signature or the timestamp of this delivery is not valid.")
        return _as_wanted(connector, "refused") or _refuse(status, sentence)


def _kept(connector, headers):
    """Return the headers that reading a delivery later needs, never credentials."""
    names = [name for name in connector.push_headers if name not in connector.push_credentials]
    kept = {name: headers[name] for name in names if name in headers}
    return kept | {":verified": "1"} if connector.push_credentials else kept


def _as_wanted(connector, name):
    """Return the answer that a network wants in a case, or None when it wants none in particular."""
    wanted = (connector.push_answers or {}).get(name)
    return _answer(*wanted, "application/json" if wanted[1][:1] == "{" else "text/plain") if wanted else None


def _answer(status, content, kind="application/json"):
    """Return an answer with its length: some senders take one without for a failure and send again."""
    body = content if isinstance(content, bytes) else content.encode()
    headers = {"Content-Type": kind, "Content-Length": str(len(body)), "Cache-Control": "no-store"}
    headers["X-Content-Type-Options"] = "nosniff"  # some of it repeats what the sender gave
    return Response(body, status=status, headers=headers)


def _refuse(status, sentence):
    return _answer(status, json.dumps({"status": "refused", "message": str(sentence)}))


def _later(sentence, status=503, retry_after=RETRY_AFTER, connector=None):
    """Ask the sender to come back."""
    response = (connector and _as_wanted(connector, "later")) or _refuse(status, sentence)
    response.headers["Retry-After"] = str(retry_after)
    return response
