from collections import defaultdict
from datetime import datetime, time, timedelta

from odoo import api, models
from odoo.tools import SQL

from ...analysis.cycle import Event, anniversaries

#: intents of those who ask us for something
ASKING = ("question", "complaint", "defect", "purchase")
#: dates that come back are known so long ahead
AHEAD = timedelta(days=366)
#: a day without an hour is taken as its noon
NOON = "12 hours"
#: what only some events have
MORE = ("promised", "until", "purpose", "medium", "own", "needed", "subject")


class CommunityPositionEvents(models.AbstractModel):
    """What happened between a company and some customers, read from the models in which it happens.

    What other modules bring (deliveries of a warehouse, tickets of a help desk) is looked for at run time.
    """

    _name = "community.position.events"
    _description = "Events of Customers"

    @api.model
    def _of(self, company, partner_ids, kinds, since):
        """Return what happened to customers, people being those of their firm.

        :param company: ``res.company``
        :param list partner_ids: ids of commercial contacts
        :param set kinds: of events that are asked for, see ``analysis.cycle.Event``
        :param datetime since: nothing older, except for what lasts
        :returns: ``{customer id: [Event, …]}``
        """
        kinds = kinds | {"not_now"}
        parts = [part for kind in sorted(kinds) for part in self._parts(kind, company, since)]
        found = defaultdict(list)
        if parts and partner_ids:
            # SQL: a dozen models are read at once; the columns are the same for all of them
            rows = self.env.execute_query(
                SQL(
                    "WITH who AS MATERIALIZED (SELECT id, commercial_partner_id AS customer FROM res_partner"
                    " WHERE commercial_partner_id = ANY(%s)) %s",
                    list(partner_ids),
                    SQL(" UNION ALL ").join(parts),
                )
            )
            for customer, kind, at, key, person, promised, until, purpose, medium, own, needed, subject in rows:
                found[customer].append(
                    Event(
                        at=at,
                        kind=kind,
                        key=key,
                        person=person or 0,
                        promised=promised,
                        until=until,
                        purpose=purpose or 0,
                        medium=medium or "",
                        own=bool(own),
                        needed=bool(needed),
                        subject=subject or "",
                    )
                )
        if "anniversary" in kinds:
            self._add_anniversaries(found, company, partner_ids, since)
        if "date" in kinds:
            self._add_dates(found, company, partner_ids, since)
        return found

    @api.model
    def _part(self, kind, key, at, source, where, **more):
        """Return SQL of the events of one kind.

        :param str key: what tells it from others, before the id of its row
        :param at: SQL of when; ``source``: SQL of the tables, in which ``who`` is the person; ``where``: SQL of which
        :param more: SQL of ``row`` (id, "row.id" when left out), ``promised``, ``until``, ``purpose``, ``medium``,
            ``own``, ``needed`` and ``subject``
        """
        return SQL(
            "SELECT who.customer, %(kind)s, (%(at)s)::timestamp, %(key)s || %(row)s, who.id,"
            " (%(promised)s)::timestamp, (%(until)s)::timestamp, (%(purpose)s)::integer, (%(medium)s)::varchar,"
            " (%(own)s)::boolean, (%(needed)s)::boolean, (%(subject)s)::varchar"
            " FROM %(source)s WHERE %(where)s AND %(at)s IS NOT NULL",
            kind=kind,
            key=key,
            at=at,
            source=source,
            where=where,
            row=more.get("row", SQL("row.id")),
            **{name: more.get(name, SQL("NULL")) for name in MORE},
        )

    @api.model
    def _parts(self, kind, company, since):
        """Return SQL of where events of a kind are found; rooms and bridges extend this.

        :param str kind: see ``analysis.cycle.Event``
        :param company: ``res.company``
        :param datetime since: nothing older
        :returns: list of SQL, see :meth:`_part`
        """
        reader = getattr(self, f"_{kind}_parts", None)
        return reader(company, since) if reader else []

    @api.model
    def _order_parts(self, company, since):
        return [
            self._part(
                "order",
                "o",
                SQL("row.date_order"),
                SQL("who JOIN sale_order row ON row.partner_id = who.id"),
                SQL("row.company_id = %s AND row.state = 'sale' AND row.date_order >= %s", company.id, since),
                promised=SQL("row.commitment_date"),
                subject=SQL("'sale.order,' || row.id"),
            )
        ]

    @api.model
    def _delivery_parts(self, company, since):
        if "stock.picking" in self.env:
            field = self.env["stock.picking"]._fields.get("sale_id")
            subject = SQL("'sale.order,' || row.sale_id") if field and field.store else SQL("NULL")
            return [
                self._part(
                    "delivery",
                    "d",
                    SQL("row.date_done"),
                    SQL(
                        "who JOIN stock_picking row ON row.partner_id = who.id"
                        " JOIN stock_picking_type way ON way.id = row.picking_type_id"
                    ),
                    SQL(
                        "row.company_id = %s AND row.state = 'done' AND way.code = 'outgoing' AND row.date_done >= %s",
                        company.id,
                        since,
                    ),
                    subject=subject,
                )
            ]
        # without a warehouse what was promised is all that is known
        return [
            self._part(
                "delivery",
                "d",
                SQL("row.commitment_date"),
                SQL("who JOIN sale_order row ON row.partner_id = who.id"),
                SQL("row.company_id = %s AND row.state = 'sale' AND row.commitment_date >= %s", company.id, since),
                subject=SQL("'sale.order,' || row.id"),
            )
        ]

    @api.model
    def _invoice_parts(self, company, since):
        return [
            self._part(
                "invoice",
                "i",
                SQL("row.invoice_date + interval %s", NOON),
                SQL("who JOIN account_move row ON row.partner_id = who.id"),
                SQL(
                    "row.company_id = %s AND row.state = 'posted' AND row.move_type = 'out_invoice'"
                    " AND row.invoice_date >= %s",
                    company.id,
                    since,
                ),
            )
        ]

    @api.model
    def _ticket_opened_parts(self, company, since):
        return self._ticket_parts("ticket_opened", company, since)

    @api.model
    def _ticket_closed_parts(self, company, since):
        return self._ticket_parts("ticket_closed", company, since)

    @api.model
    def _ticket_parts(self, kind, company, since):
        """Return SQL of tickets as they were opened or closed, of the tasks of support and of a help desk."""
        tickets = SQL("who JOIN project_task row ON row.partner_id = who.id")
        where = SQL(
            "(row.company_id IS NULL OR row.company_id = %(company)s) AND (EXISTS (SELECT FROM community_mention said"
            " WHERE said.task_id = row.id AND said.company_id = %(company)s) OR row.project_id IN"
            " (SELECT community_ticket_project_id FROM res_company WHERE id = %(company)s"
            " UNION SELECT project_id FROM community_department WHERE company_id IS NULL OR company_id = %(company)s))",
            company=company.id,
        )
        closed = SQL("COALESCE(row.date_end, CASE WHEN row.state IN ('1_done', '1_canceled') THEN row.write_date END)")
        sources = [("k", tickets, where, closed, SQL("'project.task,' || row.id"))]
        if "helpdesk.ticket" in self.env:
            names = self.env["helpdesk.ticket"]._fields
            done = next((name for name in ("closed_date", "close_date") if name in names and names[name].store), None)
            sources.append(
                (
                    "h",
                    SQL("who JOIN helpdesk_ticket row ON row.partner_id = who.id"),
                    SQL("(row.company_id IS NULL OR row.company_id = %s)", company.id),
                    SQL.identifier("row", done) if done else SQL("NULL::timestamp"),
                    SQL("'helpdesk.ticket,' || row.id"),
                )
            )
        return [
            self._part(
                kind,
                key if kind == "ticket_opened" else f"{key}c",
                at := SQL("row.create_date") if kind == "ticket_opened" else closed,
                source,
                SQL("%s AND %s >= %s", where, at, since),
                subject=subject,
            )
            for key, source, where, closed, subject in sources
        ]

    @api.model
    def _mention_parts(self, company, since):
        return [
            self._part(
                "mention",
                "m",
                SQL("row.published_at"),
                SQL(
                    "who JOIN community_author author ON author.partner_id = who.id"
                    " JOIN community_mention row ON row.author_id = author.id"
                ),
                SQL(
                    "row.company_id = %s AND row.published_at >= %s AND row.outgoing IS NOT TRUE"
                    " AND row.deleted_at IS NULL AND row.copy_of_id IS NULL AND EXISTS ("
                    "SELECT FROM community_mention_intent_rel wish JOIN community_intent intent"
                    " ON intent.id = wish.intent_id WHERE wish.mention_id = row.id AND intent.code IN %s)",
                    company.id,
                    since,
                    ASKING,
                ),
                subject=SQL("'community.mention,' || row.id"),
            )
        ]

    @api.model
    def _reply_parts(self, company, since):
        return [
            self._part(
                "reply",
                "r",
                SQL("row.sent_at"),
                SQL(
                    "who JOIN community_author author ON author.partner_id = who.id"
                    " JOIN community_reply row ON row.author_id = author.id"
                ),
                SQL("row.company_id = %s AND row.state = 'sent' AND row.sent_at >= %s", company.id, since),
                subject=SQL("'community.mention,' || row.mention_id"),
            )
        ]

    @api.model
    def _touch_parts(self, company, since):
        return [
            self._part(
                "touch",
                "t",
                SQL("row.moment"),
                SQL(
                    "who JOIN community_touch row ON row.partner_id = who.id"
                    " LEFT JOIN community_purpose purpose ON purpose.id = row.purpose_id"
                ),
                SQL("row.company_id = %s AND row.state = 'used' AND row.moment >= %s", company.id, since),
                purpose=SQL("row.purpose_id"),
                medium=SQL("row.medium"),
                own=SQL("row.own_question"),
                needed=SQL("COALESCE(purpose.always, false)"),
            )
        ]

    @api.model
    def _not_now_parts(self, company, since):
        return [
            self._part(
                "not_now",
                "n",
                SQL("row.community_not_now_at"),
                SQL("who JOIN res_partner row ON row.id = who.id"),
                SQL("row.community_not_now IS NOT NULL"),
                until=SQL("row.community_not_now"),
            )
        ]

    @api.model
    def _activity_parts(self, company, since):
        ours = SQL("(row.record_company_id IS NULL OR row.record_company_id = %s)", company.id)
        where = SQL("%s AND row.mail_activity_type_id IS NOT NULL AND row.date >= %s", ours, since)
        at = SQL("row.date")
        return [
            self._part(
                "activity",
                "a",
                at,
                SQL("who JOIN mail_message row ON row.model = 'res.partner' AND row.res_id = who.id"),
                where,
            ),
            self._part(
                "activity",
                "a",
                at,
                SQL(
                    "who JOIN sale_order sale ON sale.partner_id = who.id AND sale.company_id = %s"
                    " JOIN mail_message row ON row.model = 'sale.order' AND row.res_id = sale.id",
                    company.id,
                ),
                where,
                subject=SQL("'sale.order,' || sale.id"),
            ),
        ]

    # -- days that come back ---------------------------------------------------------------------------------------

    @api.model
    def _day_event(self, company, day, **values):
        """Return an event of a day: it happens when the day begins where the company is."""
        begins = company._community_span(day)[0]
        return Event(at=begins if isinstance(begins, datetime) else datetime.combine(day, time()), **values)

    @api.model
    def _add_anniversaries(self, found, company, partner_ids, since):
        """Add the anniversaries of the first order of each customer."""
        rows = self.env.execute_query(
            SQL(
                "SELECT DISTINCT ON (who.commercial_partner_id) who.commercial_partner_id, who.id, sale.date_order"
                " FROM sale_order sale JOIN res_partner who ON who.id = sale.partner_id"
                " WHERE who.commercial_partner_id = ANY(%s) AND sale.company_id = %s AND sale.state = 'sale'"
                " ORDER BY who.commercial_partner_id, sale.date_order, sale.id",
                list(partner_ids),
                company.id,
            )
        )
        today = company._community_day()
        after = company.community_leap_day == "after"
        for customer, person, first in rows:
            for day in anniversaries(company._community_day(first), since.date(), today + AHEAD, after):
                found[customer].append(
                    self._day_event(company, day, kind="anniversary", key=f"y{day.year}", person=person)
                )

    @api.model
    def _add_dates(self, found, company, partner_ids, since):
        """Add the dates that are kept of persons, as often as they come back."""
        dates = self.env["community.date"].search(
            [("company_id", "=", company.id), ("partner_id.commercial_partner_id", "in", list(partner_ids))]
        )
        last = company._community_day() + AHEAD
        for one in dates:
            years = range(since.year, last.year + 1) if one.yearly else [one.year]
            for year in years:
                day = one._in_year(year) if year and year >= (one.year or 0) else None
                if day and since.date() <= day <= last:
                    event = self._day_event(
                        company,
                        day,
                        kind="date",
                        key=f"x{one.id}.{year}",
                        person=one.partner_id.id,
                        date_kind=one.kind,
                        name=one.name or "",
                    )
                    found[one.partner_id.commercial_partner_id.id].append(event)
