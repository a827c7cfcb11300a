from datetime import timedelta

from odoo import api, fields, models
from odoo.tools import SQL

from ...analysis.cycle import base_zone

#: days in which a rating, a complaint or praise says how a customer feels
FEELS = 30
#: weeks of budgets that are counted, before and after this one
WEEKS_BACK, WEEKS_AHEAD = 8, 8


class CommunityZoneDaily(models.Model):
    """Counting the zones of a day, and what weeks of moments cost."""

    _inherit = "community.zone.daily"

    @api.model
    def _cron_refresh(self):
        """Count the zones of today and the weeks around it, company by company."""
        progress = self.env["ir.cron"]._commit_progress
        companies = self.env["community.journey"].search([]).company_id
        left = progress(0, remaining=len(companies))
        for company in companies:
            if not left:
                break
            self._count(company)
            self.env["community.moment.budget"]._count(company)
            left = progress(1)

    @api.model
    def _count_now(self):
        """Count all companies within this transaction, as demo data is while it is installed."""
        for company in self.env["community.journey"].search([]).company_id:
            self._count(company)
            self.env["community.moment.budget"]._count(company)

    @api.model
    def _count(self, company):
        """Count how the customers of a company stand today; doing it twice changes nothing.

        SQL: one statement over all who are on a journey.
        """
        self.env["community.position"].flush_model()
        now = fields.Datetime.now()
        intents = self.env["community.intent"]._by_code()
        rows = self.env.execute_query(
            SQL(
                """
                WITH said AS (
                    SELECT who.commercial_partner_id AS customer,
                           bool_or(said.sentiment = 'negative' OR said.satisfaction = 'unhappy' OR EXISTS (
                               SELECT FROM community_mention_intent_rel wish
                                WHERE wish.mention_id = said.id AND wish.intent_id = %(complaint)s)) AS unhappy,
                           bool_or(said.satisfaction = 'happy' OR EXISTS (
                               SELECT FROM community_mention_intent_rel wish
                                WHERE wish.mention_id = said.id AND wish.intent_id = %(praise)s)) AS happy
                      FROM community_mention said
                      JOIN community_author author ON author.id = said.author_id
                      JOIN res_partner who ON who.id = author.partner_id
                     WHERE said.company_id = %(company)s AND said.published_at >= %(since)s
                       AND said.outgoing IS NOT TRUE AND said.deleted_at IS NULL AND said.is_namesake IS NOT TRUE
                     GROUP BY who.commercial_partner_id),
                rated AS (
                    SELECT who.commercial_partner_id AS customer, bool_or(given.rating < 2.5) AS unhappy,
                           bool_or(given.rating >= 4) AS happy
                      FROM rating_rating given JOIN res_partner who ON who.id = given.partner_id
                     WHERE given.consumed AND given.rating >= 1 AND given.write_date >= %(since)s
                     GROUP BY who.commercial_partner_id)
                SELECT place.journey_id, place.zone, COALESCE(said.unhappy, false) OR COALESCE(rated.unhappy, false),
                       COALESCE(said.happy, false) OR COALESCE(rated.happy, false), count(*)
                  FROM community_position place
                  LEFT JOIN said ON said.customer = place.partner_id
                  LEFT JOIN rated ON rated.customer = place.partner_id
                 WHERE place.is_current AND place.company_id = %(company)s
                 GROUP BY 1, 2, 3, 4
                """,
                company=company.id,
                since=now - timedelta(days=FEELS),
                complaint=intents.get("complaint", 0),
                praise=intents.get("praise", 0),
            )
        )
        counts = {}
        for journey_id, place, unhappy, happy, customers in rows:
            key = (journey_id, base_zone(place, unhappy, happy))
            counts[key] = counts.get(key, 0) + customers
        self._store(company, company._community_day(now), counts)

    @api.model
    def _store(self, company, day, counts):
        """Keep the figures of a day.

        :param dict counts: ``{(journey id, zone): customers}``
        """
        journeys = self.env["community.journey"].search([("company_id", "=", company.id)])
        zones = [zone for zone, _label in self._fields["zone"].selection]
        values = [(company.id, journey, day, zone) for journey in journeys.ids for zone in zones]
        if not values:
            return
        # SQL: an upsert, so that two workers that count the same day agree
        self.env.cr.execute(
            SQL(
                "INSERT INTO community_zone_daily (company_id, journey_id, day, zone, customers) VALUES %s"
                " ON CONFLICT (journey_id, day, zone) DO UPDATE SET customers = excluded.customers",
                SQL(", ").join(SQL("(%s, %s, %s, %s, %s)", *row, counts.get((row[1], row[3]), 0)) for row in values),
            )
        )
        self.invalidate_model(flush=False)

    @api.model
    @api.readonly
    def get_heading(self, domain):
        """Return what the report shows, in plain words.

        :param list domain: which days
        :returns: dict with ``sentence`` and ``more``
        """
        self.check_access("read")
        rows = self._read_group(domain or [], ["day:day", "zone"], ["customers:sum"], order="day:day")
        days = {}
        for day, zone, customers in rows:
            days.setdefault(day, {})[zone] = customers
        sentence = ""
        if days:
            first, last = days[min(days)], days[max(days)]
            sentence = self.env._(
                "%(total)s customers are on a journey: %(bad)s dissatisfied, %(good)s delighted, and %(excess)s are "
                "contacted too much.",
                total=sum(last.values()),
                bad=last.get("dissatisfied", 0),
                good=last.get("delighted", 0),
                excess=last.get("excess", 0),
            )
            shares = [_share(first, "delighted"), _share(last, "delighted")]
            if len(days) > 1 and None not in shares and round(shares[0]) != round(shares[1]):
                words = {"before": round(shares[0]), "now": round(shares[1])}
                sentence += " " + self.env._("Delighted were %(before)s%% at first and are %(now)s%% now.", **words)
        more = [
            self.env._("Dissatisfied: served late, or rated us badly, spoke badly of us or complained in thirty days."),
            self.env._("Too much: not dissatisfied, and contacted more than the moment allows or after “not now”."),
            self.env._("Delighted: neither, and anticipated, or rated us well or praised us in thirty days."),
            self.env._("Satisfied: all others who are at a moment of the journey on that day."),
        ]
        return {"sentence": sentence, "more": more}


def _share(zones, zone):
    """Return the share of a zone in percent, None where nobody is."""
    total = sum(zones.values())
    return 100 * zones.get(zone, 0) / total if total else None
