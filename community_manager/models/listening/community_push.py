import base64
from datetime import UTC, datetime
from functools import partial

from odoo import api, fields, models

from ...connectors.errors import ConnectorError, Gone, Interrupted
from ..platform import vault

#: deliveries that one run takes
BATCH = 200


class CommunityPush(models.Model):
    """What a network sent to us, verified and stored, waiting to be turned into mentions.

    The sender gets its answer as soon as the delivery is stored; the work is done by the listener.  A delivery that
    comes twice is recognised by its identifier.
    """

    _name = "community.push"
    _description = "Delivery from a Network"
    _order = "id"
    _rec_name = "delivery_id"

    channel_id = fields.Many2one("community.channel", required=True, ondelete="cascade", readonly=True, index=True)
    company_id = fields.Many2one(related="channel_id.company_id", store=True, index=True)
    delivery_id = fields.Char(required=True, readonly=True)
    received_at = fields.Datetime(required=True, readonly=True)
    headers = fields.Json(readonly=True)
    body = fields.Text(readonly=True, help="Base64 of what was sent.")
    state = fields.Selection(
        [("waiting", "Waiting"), ("done", "Done"), ("failed", "Failed")],
        default="waiting",
        required=True,
        readonly=True,
    )
    error = fields.Text(readonly=True)

    _unique_delivery = models.UniqueIndex("(channel_id, delivery_id)")
    _waiting = models.Index("(id) WHERE state = 'waiting'")

    @api.model
    def _cron_process(self, budget=30.0):
        """Turn waiting deliveries into mentions, oldest first, each in a transaction of its own."""
        if self.env["community.home"]._status() not in ("live", "new"):
            return 0
        listener = self.env["community.listener"]
        return listener._take_pushes(self.search([("state", "=", "waiting")], limit=BATCH), budget)

    def _process(self, channel, deadline=None):
        """Read this delivery and store what is in it, unless the network has to be asked for that first.

        :param channel: its ``community.channel`` in the environment that stores
        :param float deadline: when the network is waited for no longer, on the scale of :func:`time.monotonic`
        :returns: ``None``, or a :class:`_Question` to ask while no transaction is open; what it brings goes to
            :meth:`_keep`
        """
        self.ensure_one()
        try:
            connector = channel._connector(deadline=deadline)
            page = self._page(connector)
        except (ConnectorError, vault.Unreadable) as error:
            self._keep(channel, None, error)
            return None
        if any(_only_named(connector, item) for item in page.items):
            return _Question(channel._renewal(connector), page)
        self._keep(channel, page)
        return None

    def _keep(self, channel, page, problem=None):
        """Store what is in this delivery, or put it aside with what is in the way.

        :param channel: its ``community.channel`` in the environment that stores
        :param page: a :class:`...connectors.items.Page`
        :param problem: the error because of which there is none
        """
        if problem:
            self._put_aside(channel._without_secrets(channel._sentence(problem)))
            return
        page.cursor = {}
        self.env["community.ingest"]._ingest_page(channel, page)
        # the content lives on in the mentions, and must not outlive them here
        self.write({"state": "done", "body": False, "headers": False})
        channel._note_delivery()

    def _page(self, connector):
        """Return what is in this delivery.

        :param connector: of its channel
        :rtype: ...connectors.items.Page
        """
        body, arrived = base64.b64decode(self.body or ""), self.received_at.replace(tzinfo=UTC)
        if connector.can("mail"):
            return connector.parse_mail(body, arrived)
        return connector.parse_push(self.headers or {}, body, arrived)

    def _put_aside(self, sentence):
        """Note that these deliveries could not be worked on; they keep their content, to be tried again."""
        self.write({"state": "failed", "error": sentence})

    def action_retry(self):
        """Work on failed deliveries again."""
        self.check_access("unlink")  # the right that administrators have on deliveries
        self.sudo().filtered(lambda push: push.state == "failed" and push.body).write(
            {"state": "waiting", "error": False}
        )
        self.env.ref("community_manager.cron_listen").sudo()._trigger()

    @api.autovacuum
    def _gc_push(self):
        """Forget deliveries after thirty days; a replay older than that is refused by its timestamp."""
        limit = fields.Datetime.subtract(fields.Datetime.now(), days=30)
        self.search([("state", "!=", "waiting"), ("received_at", "<", limit)], limit=10000).unlink()

    @api.model
    def _receive(self, channel, headers, body, delivery_id):
        """Store a verified delivery unless it is known.

        :param channel: one ``community.channel``
        :param dict headers: the ones its connector needs, lower case
        :param bytes body: as received
        :param str delivery_id: tells one delivery from another
        :returns: True when it is new
        """
        known = self.search_count([("channel_id", "=", channel.id), ("delivery_id", "=", delivery_id)], limit=1)
        if known:
            return False
        self.create(
            {
                "channel_id": channel.id,
                "delivery_id": delivery_id,
                "received_at": datetime.now(UTC).replace(tzinfo=None, microsecond=0),
                "headers": headers,
                "body": base64.b64encode(body).decode(),
            }
        )
        self.env.ref("community_manager.cron_listen")._trigger()
        return True


class _Question:
    """What the network is asked because a delivery only told where it is.

    No transaction may be open meanwhile: a network may take minutes, and what is waited for holds rows and locks.
    """

    def __init__(self, renewal, page):
        """
        :param renewal: keeps the access valid with which the network is asked
        :param page: what the delivery told; it holds the answers once :meth:`ask` was called
        """
        self.page = page
        self.problem = None
        self._renewal = renewal

    def ask(self):
        """Ask, and keep what comes or the problem that is in the way.

        :raises Interrupted: our own time is used up
        """
        connector = self._renewal.connector
        try:
            found = [self._renewal.run(partial(_looked_up, connector, item)) for item in self.page.items]
        except Interrupted:
            raise
        except ConnectorError as error:
            self.problem = error
            return
        self.page.items = [item for item in found if item]
        self.page.requests, self.page.cost = connector.http.requests, connector.spent


def _only_named(connector, item):
    """Return whether a delivery only told where an item is, and the network shows it."""
    return item.partial and not item.deleted and connector.can("lookup")


def _looked_up(connector, item):
    """Return an item as the network has it where a delivery only named it; ``None`` when it is gone already.

    :raises ConnectorError: the network does not show it now
    """
    if not _only_named(connector, item):
        return item
    try:
        found = connector.lookup(item.external_id, item.identifiers)
    except Gone:
        return None
    found.origin = item.origin
    return found
