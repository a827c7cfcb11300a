import logging
from datetime import timedelta

from odoo import api, fields, models
from odoo.tools import SQL

from ..platform.cursors import is_concurrency_error
from .community_alarm import LOOKED_FOR
from .community_score_value import GAP_FROM

_logger = logging.getLogger(__name__)

#: first key of the advisory lock of an alarm, "alrm" in ASCII
CLAIM_CLASS = 0x616C726D
#: occasions that one look at an alarm stores; the rest comes with the next
MOST = 5_000
#: kinds of dates by kind of alarm
DATES = {"birthday": "birthday", "anniversary": "anniversary", "own_date": "own"}


class CommunityAlarm(models.Model):
    """Finding what alarms are for, set-wise: one statement for each alarm."""

    _inherit = "community.alarm"

    @api.model
    def _look(self, companies):
        """Look for what every alarm of some companies is for, and start what it says, each in a transaction."""
        progress = self.env["ir.cron"]._commit_progress
        alarms = self.search([("kind", "in", LOOKED_FOR), ("company_id", "in", companies.ids)])
        for alarm in alarms:
            try:
                alarm._find()
                left = progress(1)
            except Exception as error:
                self.env.cr.rollback()
                if not is_concurrency_error(error):
                    # an alarm in trouble must not keep the others quiet
                    _logger.exception("alarm %s: could not be looked for", alarm.id)
                left = progress(0)
            if not left:
                break
        self.env["community.alarm.event"]._handle_waiting()

    def _find(self):
        """Store what happened since and was not noticed yet; return the new events."""
        events = self.env["community.alarm.event"]
        self.env.flush_all()
        for alarm in self:
            claimed = self.env.execute_query(SQL("SELECT pg_try_advisory_xact_lock(%s, %s)", CLAIM_CLASS, alarm.id))
            if not claimed[0][0]:
                continue  # another worker is at it
            here = alarm.with_company(alarm.company_id)
            found = getattr(here, f"_find_{alarm.kind}")() if alarm.kind in LOOKED_FOR else None
            if found is not None:
                events |= here._store(found)
            alarm.sudo().looked_at = fields.Datetime.now()
        return events

    def _store(self, found):
        """Store occasions that are not known yet.

        :param SQL found: query of ``partner_id``, ``occasion`` (text, unique for the alarm and contact), ``facts``
            (jsonb) and ``mention_id``
        :returns: the new ``community.alarm.event`` records
        """
        self.ensure_one()
        narrowed = SQL("TRUE")
        if self.domain and self.domain.strip() not in ("", "[]"):
            # sudo: whoever is meant by a condition does not depend on who made it
            query = self.env["res.partner"].sudo()._search(self._partner_domain())
            narrowed = SQL("found.partner_id IN %s", query.subselect())
        if self.segment_ids and self.kind != "drop":
            ids = self.segment_ids._partners(self.company_id)
            narrowed = SQL("%s AND p.commercial_partner_id = ANY(%s)", narrowed, ids)
        rows = self.env.execute_query(
            SQL(
                """
                INSERT INTO community_alarm_event (alarm_id, partner_id, company_id, occasion, facts, mention_id, kind,
                            state, moment, create_uid, write_uid, create_date, write_date)
                SELECT %(alarm)s, found.partner_id, %(company)s, found.occasion, found.facts, found.mention_id,
                       %(kind)s, 'new', %(now)s, %(uid)s, %(uid)s, %(now)s, %(now)s
                  FROM (%(found)s) AS found
                  JOIN res_partner p ON p.id = found.partner_id AND p.active IS TRUE
                 WHERE %(narrowed)s AND NOT EXISTS (
                       SELECT FROM community_alarm_event old WHERE old.alarm_id = %(alarm)s
                          AND old.partner_id = found.partner_id AND old.occasion = found.occasion)
                 LIMIT %(most)s
           ON CONFLICT DO NOTHING
             RETURNING id
                """,
                alarm=self.id,
                company=self.company_id.id,
                kind=self.kind,
                now=fields.Datetime.now(),
                uid=self.env.uid,
                found=found,
                narrowed=narrowed,
                most=MOST,
            )
        )
        self.invalidate_recordset(["event_ids", "event_count"], flush=False)
        return self.env["community.alarm.event"].browse([row[0] for row in rows])

    # -- kinds --------------------------------------------------------------------------------------------------------

    def _today(self):
        return self.company_id._community_day()

    def _find_quiet(self):
        """Customers who spend much and let pass more than their usual gap; once for each silence."""
        return SQL(
            """
            SELECT partner_id, 'last ' || last_on AS occasion, NULL::integer AS mention_id,
                   jsonb_build_object('last', last_on, 'gap', round(gap), 'days', %(today)s::date - last_on) AS facts
              FROM (SELECT partner_id, last_on, m, company_id,
                           (last_on - first_on)::numeric / (frequency - 1) AS gap
                      FROM community_score WHERE company_id = %(company)s AND frequency >= %(from)s
                       AND last_on > first_on AND m >= %(least)s) AS customer
             WHERE last_on + ceil(gap * %(times)s)::integer BETWEEN %(since)s AND %(today)s
            """,
            **{"from": GAP_FROM},
            today=self._today(),
            company=self.company_id.id,
            least=self.least_score,
            times=self.number,
            since=self.since,
        )

    def _find_drop(self):
        """Customers who went to a worse segment."""
        origin = SQL("from_segment_id = ANY(%s)", self.segment_ids.ids) if self.segment_ids else SQL("TRUE")
        return SQL(
            """
            SELECT partner_id, 'change ' || id AS occasion, NULL::integer AS mention_id,
                   jsonb_build_object('from', from_segment_id, 'to', to_segment_id) AS facts
              FROM community_score_change
             WHERE company_id = %s AND direction = 'down' AND moment >= %s AND %s
            """,
            self.company_id.id,
            self.company_id._community_span(self.since)[0],
            origin,
        )

    def _find_complaint(self):
        """People who complained so many times within some days; not again before that time has passed."""
        return SQL(
            """
            SELECT partner_id, 'mention ' || last_id AS occasion, last_id AS mention_id,
                   jsonb_build_object('number', number, 'days', %(days)s) AS facts
              FROM (SELECT author.partner_id, count(DISTINCT mention.id) AS number,
                           max(mention.published_at) AS last_at,
                           (array_agg(mention.id ORDER BY mention.published_at DESC, mention.id DESC))[1] AS last_id
                      FROM community_mention mention
                      JOIN community_author author ON author.id = mention.author_id
                      JOIN community_mention_intent_rel rel ON rel.mention_id = mention.id
                      JOIN community_intent intent ON intent.id = rel.intent_id
                     WHERE mention.company_id = %(company)s AND mention.published_at >= %(from)s
                       AND mention.outgoing IS NOT TRUE AND mention.deleted_at IS NULL
                       AND author.partner_id IS NOT NULL AND intent.code IN ('complaint', 'defect')
                  GROUP BY author.partner_id) AS complaining
             WHERE number >= %(number)s AND last_at >= %(since)s AND NOT EXISTS (
                   SELECT FROM community_alarm_event earlier WHERE earlier.alarm_id = %(alarm)s
                      AND earlier.partner_id = complaining.partner_id AND earlier.moment >= %(from)s)
            """,
            **{"from": fields.Datetime.now() - timedelta(days=self.days)},
            company=self.company_id.id,
            number=self.number,
            days=self.days,
            since=self.company_id._community_span(self.since)[0],
            alarm=self.id,
        )

    def _find_birthday(self):
        """Dates of people that come within some days; once for each year."""
        if "community.date" not in self.env:
            return None
        return SQL(
            """
            SELECT partner_id, 'date ' || id || ' ' || next_on AS occasion, NULL::integer AS mention_id,
                   jsonb_build_object('on', next_on, 'name', name) AS facts
              FROM community_date
             WHERE company_id = %s AND kind = %s AND active IS TRUE AND next_on BETWEEN %s AND %s
            """,
            self.company_id.id,
            DATES[self.kind],
            max(self._today(), self.since),
            self._today() + timedelta(days=self.number),
        )

    def _find_anniversary(self):
        return self._find_birthday()

    def _find_own_date(self):
        return self._find_birthday()

    def _find_first_purchase(self):
        """Customers whose first purchase this is."""
        return SQL(
            """
            SELECT partner_id, 'first' AS occasion, NULL::integer AS mention_id,
                   jsonb_build_object('on', first_on) AS facts
              FROM community_score WHERE company_id = %s AND first_on >= %s
            """,
            self.company_id.id,
            self.since,
        )

    def _find_nth_purchase(self):
        """Customers who have bought so many times."""
        return SQL(
            """
            SELECT partner_id, 'purchase ' || %(number)s AS occasion, NULL::integer AS mention_id,
                   jsonb_build_object('number', %(number)s, 'on', last_on) AS facts
              FROM community_score WHERE company_id = %(company)s AND frequency >= %(number)s AND last_on >= %(since)s
            """,
            number=self.number,
            company=self.company_id.id,
            since=self.since,
        )

    def _find_domain(self):
        """Contacts who meet the condition, once each."""
        query = self.env["res.partner"].sudo()._search(self._partner_domain())
        return SQL(
            "SELECT id AS partner_id, 'condition' AS occasion, NULL::integer AS mention_id, '{}'::jsonb AS facts"
            " FROM res_partner WHERE id IN %s",
            query.subselect(),
        )

    @api.model
    def _hear(self, mentions):
        """Notice what important customers just said; called for a page of mentions, in its transaction.

        :param mentions: ``community.mention`` records of one company
        """
        bad = mentions.filtered(
            lambda mention: mention.sentiment == "negative" and not mention.outgoing and mention.author_id
        )
        bad = bad.filtered(lambda mention: mention.author_id.partner_id and not mention.is_namesake)
        if not bad:
            return self.env["community.alarm.event"]
        events = self.env["community.alarm.event"].sudo()
        for company, theirs in bad.grouped("company_id").items():
            alarms = self.sudo().search([("kind", "=", "vip"), ("company_id", "=", company.id)])
            if not alarms:
                continue
            theirs.flush_recordset()
            for alarm in alarms:
                events |= alarm.with_company(company)._store(alarm._heard_sql(theirs))
        events._handle_soon()
        return events

    def _heard_sql(self, mentions):
        """Return what a page of mentions means for this alarm: important are those who spend much."""
        return SQL(
            """
            SELECT author.partner_id, 'mention ' || mention.id AS occasion, mention.id AS mention_id,
                   jsonb_build_object('rfm', score.r || '-' || score.f || '-' || score.m) AS facts
              FROM community_mention mention
              JOIN community_author author ON author.id = mention.author_id
              JOIN res_partner person ON person.id = author.partner_id
              JOIN community_score score ON score.partner_id = person.commercial_partner_id
                   AND score.company_id = mention.company_id
             WHERE mention.id = ANY(%s) AND score.m >= %s AND mention.published_at >= %s
            """,
            mentions.ids,
            self.least_score,
            self.company_id._community_span(self.since)[0],
        )
