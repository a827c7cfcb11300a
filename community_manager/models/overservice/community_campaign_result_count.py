from odoo import api, fields, models
from odoo.tools import SQL

from ...analysis.uplift import means, shares
from ..platform.cursors import is_concurrency_error
from .community_campaign_result import COMPARED

#: figures that are added up, in the order of the query
SUMS = (
    "people touched held answered bought purchases revenue revenue_squares complained unsubscribed rated stars valued"
    " value_change value_squares excess"
).split()


class CommunityCampaignResult(models.Model):
    """Counting results, set-wise: one statement for a campaign, whatever the number of its people."""

    _inherit = "community.campaign.result"

    @api.model
    def _cron_count(self):
        """Count campaigns that run, and once more those that have ended; then they are frozen."""
        progress = self.env["ir.cron"]._commit_progress
        campaigns = self.env["community.campaign"].with_context(active_test=False).search(self._waiting())
        left = progress(0, remaining=len(campaigns))
        for campaign in campaigns:
            if not left:
                break
            try:
                self._count(campaign)
            except Exception as error:
                if not is_concurrency_error(error):
                    raise
                self.env.cr.rollback()  # another worker counts it
            left = progress(1)

    @api.model
    def _count_now(self):
        """Count all campaigns that wait within this transaction, as demo data is while it is installed."""
        self._count(self.env["community.campaign"].with_context(active_test=False).search(self._waiting()))

    @api.model
    def _waiting(self):
        """Return the domain of the campaigns that have to be counted."""
        return [("state", "in", ("running", "paused", "done")), ("result_frozen_at", "=", False)]

    @api.model
    def _count(self, campaigns):
        """Count the results of campaigns anew, those that are frozen left out."""
        for campaign in campaigns.sudo().filtered(lambda one: not one.result_frozen_at):
            groups = self._groups(campaign)
            treated = _added(sums for (control, _variant), sums in groups.items() if not control)
            control = _added(sums for (control, _variant), sums in groups.items() if control)
            costs = self._costs(campaign)
            held = self._held_reasons(campaign)
            now = fields.Datetime.now()
            frozen = now if campaign.state == "done" else False
            rows = [("all", False, treated)]
            if control["people"] or campaign.control_share:
                rows.append(("control", False, control))
            rows += [
                ("variant", variant, groups.get((False, variant.id), _added(()))) for variant in campaign.variant_ids
            ]
            known = {
                (one.group, one.variant_id.id): one for one in self.sudo().search([("campaign_id", "=", campaign.id)])
            }
            for place, (group, variant, sums) in enumerate(rows):
                values = {name: sums[name] for name in SUMS if not name.endswith("_squares")}
                spent = sum(costs.values()) + campaign.erased_cost  # whoever was erased has cost something
                values["cost"] = spent if group == "all" else costs.get(variant and variant.id, 0.0)
                values["cost"] = 0.0 if group == "control" else values["cost"]
                values["held_reasons"] = held if group == "all" else {}
                values["figures"] = {} if group == "control" else _figures(sums, control)
                bought = values["figures"].get("bought") or {}
                values["uplift"] = 100 * bought.get("difference", 0.0)
                values["uplift_low"] = 100 * bought.get("low", 0.0)
                values["uplift_high"] = 100 * bought.get("high", 0.0)
                begun = campaign.started_at or campaign.create_date
                values |= {"sequence": place, "counted_at": now, "frozen_at": frozen}
                values["month"] = campaign.company_id._community_day(begun).replace(day=1)
                old = known.pop((group, variant and variant.id), None)
                if old:
                    old.write(values)
                else:
                    values |= {"campaign_id": campaign.id, "group": group, "variant_id": variant and variant.id}
                    self.sudo().create(values)
            self.sudo().concat(*known.values()).unlink()
            if frozen:
                campaign.result_frozen_at = frozen

    @api.model
    def _groups(self, campaign):
        """Return ``{(control, variant id): {figure: sum}}`` of the people of a campaign.

        SQL: purchases, mentions, consent and ratings of a hundred thousand people are read in one statement.
        """
        self.env.flush_all()
        rows = self.env.execute_query(
            SQL(
                """
                WITH people AS MATERIALIZED (
                    SELECT person.id, person.control IS TRUE AS control, person.variant_id, person.partner_id,
                           person.value_before, who.commercial_partner_id AS customer, person.started_at AS begins,
                           LEAST(person.started_at + %(window)s * interval '1 day', %(until)s::timestamp) AS ends
                      FROM community_campaign_person person
                      JOIN res_partner who ON who.id = person.partner_id
                     WHERE person.campaign_id = %(campaign)s),
                paid AS (
                    SELECT people.id, count(DISTINCT (buy.res_model, buy.res_id)) AS documents,
                           sum(buy.amount) AS amount
                      FROM people JOIN (%(transactions)s) AS buy ON buy.commercial_partner_id = people.customer
                       AND buy.company_id = %(company)s AND buy.date >= people.begins AND buy.date <= people.ends
                     GROUP BY people.id HAVING sum(buy.amount) > 0),
                said AS (
                    SELECT people.id,
                           bool_or(EXISTS (
                               SELECT FROM community_mention_intent_rel wish
                                WHERE wish.mention_id = said.id AND wish.intent_id = ANY(%(complaints)s))) AS complained
                      FROM people
                      JOIN community_author author ON author.partner_id = people.partner_id
                       AND author.company_id = %(company)s
                      JOIN community_mention said ON said.author_id = author.id AND said.outgoing IS NOT TRUE
                       AND said.deleted_at IS NULL
                       AND said.published_at >= people.begins AND said.published_at <= people.ends
                     GROUP BY people.id),
                done AS (
                    SELECT people.id, bool_or(done.medium <> '') AS touched,
                           bool_or(trace.reply_datetime BETWEEN people.begins AND people.ends) AS answered
                      FROM people
                      JOIN community_campaign_action done ON done.person_id = people.id AND done.state = 'done'
                      LEFT JOIN mailing_trace trace ON trace.id = done.trace_id
                     GROUP BY people.id),
                rated AS (
                    SELECT people.id, count(*) AS ratings, sum(given.rating) AS stars
                      FROM people JOIN rating_rating given ON given.partner_id = people.partner_id AND given.consumed
                       AND given.rating >= 1
                       AND given.write_date >= people.begins AND given.write_date <= people.ends
                     GROUP BY people.id),
                %(surveys)s,
                told AS (
                    SELECT people.*, done.touched IS TRUE AS touched,
                           (done.answered IS TRUE OR said.id IS NOT NULL OR filled.id IS NOT NULL) AS answered,
                           said.complained IS TRUE AS complained, paid.documents, paid.amount, rated.ratings,
                           rated.stars,
                           score.lifetime_value - people.value_before AS changed,
                           EXISTS (SELECT FROM community_touch held WHERE held.campaign_id = %(campaign)s
                                    AND held.partner_id = people.partner_id AND held.state = 'held'
                                    AND held.moment >= people.begins - interval '1 minute')
                           OR EXISTS (SELECT FROM community_campaign_person now
                                       WHERE now.id = people.id AND now.state = 'held') AS held,
                           EXISTS (SELECT FROM community_consent_event change
                                     JOIN community_consent consent ON consent.id = change.consent_id
                                    WHERE change.partner_id = people.partner_id AND change.after = 'withdrawn'
                                      AND consent.company_id = %(company)s
                                      AND change.moment >= people.begins AND change.moment <= people.ends) AS withdrew
                      FROM people
                      LEFT JOIN paid ON paid.id = people.id
                      LEFT JOIN said ON said.id = people.id
                      LEFT JOIN done ON done.id = people.id
                      LEFT JOIN rated ON rated.id = people.id
                      LEFT JOIN filled ON filled.id = people.id
                      LEFT JOIN community_score score ON score.partner_id = people.customer
                            AND score.company_id = %(company)s AND people.value_before IS NOT NULL)
                SELECT control, variant_id, count(*), count(*) FILTER (WHERE touched), count(*) FILTER (WHERE held),
                       count(*) FILTER (WHERE answered), count(amount), COALESCE(sum(documents), 0)::integer,
                       COALESCE(sum(amount), 0)::float, COALESCE(sum(amount * amount), 0)::float,
                       count(*) FILTER (WHERE complained), count(*) FILTER (WHERE withdrew),
                       COALESCE(sum(ratings), 0)::integer, COALESCE(sum(stars), 0)::float,
                       count(changed), COALESCE(sum(changed), 0)::float, COALESCE(sum(changed * changed), 0)::float,
                       count(*) FILTER (WHERE touched AND (withdrew OR %(excess)s))
                  FROM told GROUP BY control, variant_id
                """,
                campaign=campaign.id,
                company=campaign.company_id.id,
                window=campaign.result_days,
                until=campaign.ended_at or fields.Datetime.now(),
                transactions=self.env["community.transaction"]._table_query,
                complaints=self._complaints(),
                surveys=self._surveys_sql(),
                excess=self._excess_sql(campaign.company_id),
            )
        )
        groups = {}
        for control, variant_id, *figures in rows:
            sums = dict(zip(SUMS, figures, strict=True))
            # of the control group no variant is told apart
            key = (control, False if control else variant_id or False)
            groups[key] = _added([groups[key], sums] if key in groups else [sums])
        return groups

    @api.model
    def _complaints(self):
        known = self.env["community.intent"]._by_code()
        return [known[code] for code in ("complaint", "defect") if code in known]

    @api.model
    def _surveys_sql(self):
        """Return SQL of ``filled``: the people who answered a survey."""
        if "survey.user_input" not in self.env:
            return SQL("filled AS (SELECT people.id FROM people WHERE false)")
        return SQL(
            "filled AS (SELECT DISTINCT people.id FROM people JOIN survey_user_input answer"
            " ON answer.partner_id = people.partner_id AND answer.state = 'done'"
            " AND answer.end_datetime >= people.begins AND answer.end_datetime <= people.ends)"
        )

    @api.model
    def _excess_sql(self, company):
        """Return SQL for whether somebody ``told`` of was contacted too much.

        That is: asked to be left alone, is in the zone of too much at a moment of truth, or got more than a limit of
        the policy that counts everything.
        """
        rules = self.env["community.contact.policy"]._rules_of(company.id)
        plain = [
            rule
            for rule in rules.get("limits", ())
            if rule["media"] == "all" and not rule["purposes"] and not rule["department"]
        ]
        conditions = [
            SQL(
                "EXISTS (SELECT FROM res_partner asked WHERE asked.id = told.partner_id"
                " AND asked.community_not_now_at > told.begins AND asked.community_not_now_at <= told.ends)"
            ),
            SQL(
                "EXISTS (SELECT FROM community_position place WHERE place.partner_id = told.customer"
                " AND place.company_id = %s AND place.zone = 'excess'"
                " AND place.since <= told.ends AND place.ends_at >= told.begins)",
                company.id,
            ),
        ]
        conditions += [
            SQL(
                "EXISTS (SELECT FROM (SELECT each.moment, count(*) OVER (ORDER BY each.moment RANGE BETWEEN"
                " %(seconds)s * interval '1 second' PRECEDING AND CURRENT ROW) AS so_far FROM community_touch each"
                " WHERE each.partner_id = told.partner_id AND each.company_id = %(company)s AND each.state = 'used'"
                " AND each.own_question IS NOT TRUE AND each.moment <= told.ends"
                " AND each.moment >= told.begins - %(seconds)s * interval '1 second') AS line"
                " WHERE line.so_far > %(most)s AND line.moment >= told.begins)",
                company=company.id,
                seconds=rule["seconds"],
                most=rule["most"],
            )
            for rule in plain
        ]
        return SQL(" OR ").join(conditions)

    @api.model
    def _costs(self, campaign):
        """Return ``{variant id or False: cost}`` of what was done."""
        rows = (
            self.env["community.campaign.action"]
            .sudo()
            ._read_group([("campaign_id", "=", campaign.id), ("state", "=", "done")], ["variant_id"], ["cost:sum"])
        )
        return {variant.id: cost for variant, cost in rows}

    @api.model
    def _held_reasons(self, campaign):
        """Return ``{kind of reason: people}`` of those who were held back, or left because of it."""
        rows = self.env.execute_query(
            SQL(
                """
                SELECT code, count(DISTINCT partner_id) FROM (
                    SELECT code, partner_id FROM community_touch WHERE campaign_id = %(campaign)s AND state = 'held'
                     UNION ALL
                    SELECT code, partner_id FROM community_campaign_person
                     WHERE campaign_id = %(campaign)s AND state = 'held' AND control IS NOT TRUE) AS held
                 WHERE code IS NOT NULL GROUP BY code
                """,
                campaign=campaign.id,
            )
        )
        return dict(rows)


def _added(groups):
    """Return the sums of several groups as those of one."""
    total = dict.fromkeys(SUMS, 0)
    for sums in groups:
        for name in SUMS:
            total[name] += sums[name] or 0
    return total


def _told(difference):
    """Return a difference as it is stored, {} for none."""
    if difference is None:
        return {}
    return {
        "difference": difference.difference,
        "low": difference.low,
        "high": difference.high,
        "verdict": difference.verdict,
    }


def _figures(sums, control):
    """Return by how much a group differs from the control group, each with its interval."""
    figures = {name: _told(shares(sums[name], sums["people"], control[name], control["people"])) for name in COMPARED}
    for name, value, squares, count in (
        ("revenue", "revenue", "revenue_squares", "people"),
        ("value", "value_change", "value_squares", "valued"),
    ):
        figures[name] = _told(
            means(sums[count], sums[value], sums[squares], control[count], control[value], control[squares])
        )
    return {name: figure for name, figure in figures.items() if figure}
