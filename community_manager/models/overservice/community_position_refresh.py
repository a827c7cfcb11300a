import logging
from datetime import timedelta

from odoo import api, fields, models
from odoo.tools import SQL, mute_logger

from ...analysis.cycle import positions
from ..platform.cursors import is_concurrency_error

_logger = logging.getLogger(__name__)

#: customers that are looked at in one transaction
BATCH = 500
#: whoever came to a moment longer ago than this is shown there, and nothing is started for them
FRESH = timedelta(days=2)
#: what failed is tried again after this
AGAIN = timedelta(hours=1)
#: what is stored of a position, and the type of each column
STORED = {
    "company_id": "integer",
    "journey_id": "integer",
    "moment_id": "integer",
    "partner_id": "integer",
    "key": "varchar",
    "person_id": "integer",
    "since": "timestamp",
    "due_at": "timestamp",
    "ends_at": "timestamp",
    "served_at": "timestamp",
    "serves": "integer",
    "touches": "integer",
    "zone": "varchar",
    "waits": "integer",
    "is_current": "boolean",
    "next_at": "timestamp",
}
#: what names a row; the rest is compared
NAMES = ("moment_id", "partner_id", "key")


class CommunityPosition(models.Model):
    """The scheduled work that says where customers stand.

    Only customers to whom something happened, or whose time has come, are looked at, each as a whole: the result hangs
    on what happened and on nothing that was computed before, so that a run that was killed leaves nothing behind.  Two
    workers take different customers; where they meet all the same, one of them starts again.
    """

    _inherit = "community.position"

    @api.model
    def _cron_refresh(self):
        """Look at all customers that wait, until none does or the time of this run is used up."""
        progress = self.env["ir.cron"]._commit_progress
        self.env["community.position.stale"]._mark_touched(self.env.context.get("lastcall"))
        left = progress(0)
        while left:
            try:
                done = self._refresh_next()
            except Exception as error:
                if not is_concurrency_error(error):
                    raise
                self.env.cr.rollback()  # another worker was quicker with one of them
                left = progress(0)
                continue
            if not done:
                break
            left = progress(done, remaining=1)

    @api.model
    def _refresh_now(self):
        """Look at all customers that wait within this transaction, as demo data and tests do."""
        while self._refresh_next():
            pass

    @api.model
    def _refresh_next(self):
        """Look at the next customers; return how many there were."""
        company, customers = self.env["community.position.stale"]._take(BATCH)
        if not customers:
            company, customers = self._take_due()
        if not customers:
            return 0
        if not company:
            return len(customers)  # their company is gone
        try:
            with mute_logger("odoo.sql_db"), self.env.cr.savepoint():
                self._refresh(company, customers)
        except Exception as error:
            if self.env["community.ingest"]._is_infrastructure(error) or is_concurrency_error(error):
                raise
            self._refresh_one_by_one(company, customers)
        return len(customers)

    @api.model
    def _take_due(self):
        """Return (company, ids of customers) for whom time alone has changed something."""
        rows = self.env.execute_query(
            SQL(
                "WITH first AS (SELECT company_id FROM community_position WHERE next_at <= %(now)s"
                " ORDER BY next_at LIMIT 1)"
                " SELECT DISTINCT company_id, partner_id FROM community_position JOIN first USING (company_id)"
                " WHERE next_at <= %(now)s LIMIT %(most)s",
                now=fields.Datetime.now(),
                most=BATCH,
            )
        )
        return self.env["res.company"].browse(rows[0][0] if rows else ()), [row[1] for row in rows]

    @api.model
    def _refresh_one_by_one(self, company, customers):
        """Let the one that cannot be placed stop nobody else."""
        for customer in customers:
            try:
                with mute_logger("odoo.sql_db"), self.env.cr.savepoint():
                    self._refresh(company, [customer])
            except Exception as error:
                if self.env["community.ingest"]._is_infrastructure(error) or is_concurrency_error(error):
                    raise
                _logger.exception("customer %s: the place on the journeys could not be told", customer)
                self._put_off(SQL("partner_id = %s AND company_id = %s", customer, company.id))

    def _retire(self):
        """Keep these as history: nobody stands there any more, and time changes nothing."""
        self.sudo().write({"is_current": False, "next_at": False})

    @api.model
    def _put_off(self, which):
        """Have positions looked at again later.

        :param SQL which: condition on the table
        """
        again = fields.Datetime.now() + AGAIN
        self.env.cr.execute(
            SQL("UPDATE community_position SET next_at = %s WHERE next_at <= %s AND %s", again, again, which)
        )
        self.invalidate_model(["next_at"], flush=False)

    @api.model
    def _refresh(self, company, customers):
        """Say where customers stand on all journeys of a company; doing it twice changes nothing.

        SQL: rows are compared and stored by the hundred; three statements whatever the number of customers.

        :param company: ``res.company``
        :param list customers: ids of commercial contacts
        """
        now = fields.Datetime.now()
        journeys = self.env["community.journey"].sudo().search([("company_id", "=", company.id)])
        wanted = self._wanted(journeys, company, customers, now)
        self.flush_model()
        names = list(STORED)
        rows = self.env.execute_query(
            SQL(
                "SELECT id, %s FROM community_position WHERE company_id = %s AND partner_id = ANY(%s)"
                " AND moment_id = ANY(%s)",
                SQL(", ").join(map(SQL.identifier, names)),
                company.id,
                list(customers),
                journeys.moment_ids.ids,
            )
        )
        places = [names.index(name) for name in NAMES]
        known = {tuple(row[1 + place] for place in places): row for row in rows}
        gone = [row[0] for key, row in known.items() if key not in wanted]
        changed = [values for key, values in wanted.items() if key not in known or known[key][1:] != values]
        if gone:
            self.env.cr.execute(SQL("DELETE FROM community_position WHERE id = ANY(%s)", gone))
        if changed:
            self.env.cr.execute(
                SQL(
                    "INSERT INTO community_position (%(columns)s, reached_at)"
                    " SELECT given.*, CASE WHEN given.since <= %(old)s THEN %(now)s::timestamp END"
                    " FROM unnest(%(values)s) AS given(%(columns)s)"
                    " ON CONFLICT (moment_id, partner_id, key) DO UPDATE SET (%(columns)s) = (%(excluded)s)",
                    old=now - FRESH,  # nothing is started for them, so they need no second look
                    now=now,
                    columns=SQL(", ").join(map(SQL.identifier, names)),
                    excluded=SQL(", ").join(SQL.identifier("excluded", name) for name in names),
                    values=SQL(", ").join(
                        SQL("%s::%s[]", list(column), SQL(kind))
                        for column, kind in zip(zip(*changed, strict=True), STORED.values(), strict=True)
                    ),
                )
            )
        self.invalidate_model(flush=False)
        self._start_reached(journeys.moment_ids, customers, now)

    @api.model
    def _wanted(self, journeys, company, customers, now):
        """Return ``{(moment, customer, key): row}`` of what the journeys say of customers."""
        meanings = {journey: journey.moment_ids._meaning() for journey in journeys}
        moments = [moment for line in meanings.values() for moment in line]
        if not moments:
            return {}
        kinds = {moment.opens for moment in moments} | {moment.serves for moment in moments}
        kinds |= {"touch", "mention", "ticket_opened"}
        begins = {journey: fields.Datetime.to_datetime(journey.starts_on) for journey in journeys}
        since = min(begins.values()) - max(moment.ahead for moment in moments)
        events = self.env["community.position.events"].sudo()._of(company, customers, kinds, since)
        wanted = {}
        for journey, line in meanings.items():
            for customer in customers:
                happened = events.get(customer)
                for place in positions(line, happened, now, begins[journey]) if happened else ():
                    wanted[place.moment, customer, place.key] = (
                        company.id,
                        journey.id,
                        place.moment,
                        customer,
                        place.key,
                        place.person or None,
                        place.since,
                        place.due_at,
                        place.ends_at,
                        place.served_at,
                        place.serves,
                        place.touches,
                        place.zone,
                        int(place.served_at is None),
                        place.current,
                        place.next_at,
                    )
        return wanted

    @api.model
    def _start_reached(self, moments, customers, now):
        """Start what starts where customers have come to moments, once for each that comes."""
        rows = self.env.execute_query(
            SQL(
                "UPDATE community_position SET reached_at = %(now)s WHERE moment_id = ANY(%(moments)s)"
                " AND partner_id = ANY(%(customers)s) AND reached_at IS NULL AND since <= %(now)s"
                " RETURNING id, moment_id, COALESCE(person_id, partner_id), since",
                now=now,
                moments=moments.ids,
                customers=list(customers),
            )
        )
        reached = {}
        for position_id, moment_id, person_id, since in rows:
            if since > now - FRESH:
                reached.setdefault(moment_id, []).append((position_id, person_id))
        for moment_id, found in reached.items():
            moment = moments.browse(moment_id)
            partners = self.env["res.partner"].browse(dict.fromkeys(person for _position, person in found))
            try:
                with self.env.cr.savepoint():
                    moments._reached(partners, moment)
                    self.env.flush_all()
            except Exception as error:
                if self.env["community.ingest"]._is_infrastructure(error) or is_concurrency_error(error):
                    raise
                _logger.exception("moment %s: what starts there could not be started", moment_id)
                ids = [position for position, _person in found]
                self.env.invalidate_all(flush=False)
                again = now + AGAIN
                self.env.cr.execute(
                    SQL(
                        "UPDATE community_position SET reached_at = NULL, next_at = LEAST(next_at, %s)"
                        " WHERE id = ANY(%s)",
                        again,
                        ids,
                    )
                )
        self.invalidate_model(flush=False)
