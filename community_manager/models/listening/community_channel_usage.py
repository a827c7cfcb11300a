from psycopg2.extras import Json

from odoo import api, fields, models
from odoo.tools import SQL


class CommunityChannelUsage(models.Model):
    """What a channel did in one hour; the health of the last day is read from it."""

    _name = "community.channel.usage"
    _description = "Hourly Use of a Channel"
    _order = "hour desc"
    _log_access = False

    channel_id = fields.Many2one("community.channel", required=True, ondelete="cascade", readonly=True)
    company_id = fields.Many2one(related="channel_id.company_id", store=True, index=True)
    hour = fields.Datetime(required=True, readonly=True)
    requests = fields.Integer(readonly=True)
    items = fields.Integer(readonly=True, string="Items read")
    stored = fields.Integer(readonly=True, string="Mentions stored")
    errors = fields.Integer(readonly=True)
    cost = fields.Float(readonly=True, digits=(16, 6), help="What the network charges, in its own currency.")

    _unique_hour = models.UniqueIndex("(channel_id, hour)")

    @api.model
    def _count(self, channel, requests=0, items=0, stored=0, errors=0, cost=0.0):
        """Add to the current hour of a channel.

        One upsert: reading first and writing after would lose what another transaction counted meanwhile.
        """
        if requests or items or stored or errors or cost:
            self.env.cr.execute(self._counting(channel, requests, items, stored, errors, cost))
            self.invalidate_model(flush=False)

    @api.model
    def _counting(self, channel, requests, items, stored, errors, cost):
        """Return the statement that adds to the current hour of a channel."""
        return SQL(
            "INSERT INTO %s AS usage (channel_id, company_id, hour, requests, items, stored, errors, cost)"
            " VALUES (%s, %s, date_trunc('hour', now() AT TIME ZONE 'UTC'), %s, %s, %s, %s, %s)"
            " ON CONFLICT (channel_id, hour) DO UPDATE SET requests = usage.requests + excluded.requests,"
            " items = usage.items + excluded.items, stored = usage.stored + excluded.stored,"
            " errors = usage.errors + excluded.errors, cost = COALESCE(usage.cost, 0) + excluded.cost",
            SQL.identifier(self._table),
            channel.id,
            channel.company_id.id,
            requests,
            items,
            stored,
            errors,
            cost,
        )

    @api.model
    def _count_page(self, channel, page, stored, position):
        """Note a stored page: on the channel, with the position to go on from, and in its current hour.

        One statement, for every page costs it.

        :param page: a :class:`~...connectors.items.Page`
        :param int stored: how many mentions it brought
        :param position: JSON-able, falsy to keep the present one
        :returns: whether the channel is still there
        """
        names = ("listen_read", "listen_stored", "position")
        channel.flush_recordset(names)
        self.env.cr.execute(
            SQL(
                "WITH counted AS (%s RETURNING 1) UPDATE %s SET listen_read = COALESCE(listen_read, 0) + %s,"
                " listen_stored = COALESCE(listen_stored, 0) + %s, position = COALESCE(%s, position) WHERE id = %s",
                self._counting(channel, page.requests, len(page.items), stored, 0, page.cost),
                SQL.identifier(channel._table),
                len(page.items),
                stored,
                Json(position) if position else None,
                channel.id,
            )
        )
        found = bool(self.env.cr.rowcount)
        channel.invalidate_recordset(names, flush=False)
        self.invalidate_model(flush=False)
        return found

    @api.autovacuum
    def _gc_usage(self):
        """Forget hours older than ninety days."""
        limit = fields.Datetime.subtract(fields.Datetime.now(), days=90)
        self.search([("hour", "<", limit)], limit=10000).unlink()
