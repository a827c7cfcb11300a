from odoo import api, models
from odoo.tools import SQL

#: the stages in their order; the number of one is its rank
RANKS = ("community", "market", "prospect", "customer", "partner")

#: who is asked about: the given contacts, with all who belong to the same company
PEOPLE = """
firms AS (SELECT DISTINCT commercial_partner_id AS id FROM res_partner WHERE id = ANY(%(ids)s)),
members AS (
    SELECT p.id, p.commercial_partner_id AS firm_id, p.create_date,
           p.type = 'contact' OR p.id = p.commercial_partner_id AS person
    FROM res_partner p JOIN firms f ON f.id = p.commercial_partner_id
),
people AS (SELECT * FROM members WHERE person),
spoke AS (
    SELECT a.partner_id, a.company_id, min(least(a.create_date, m.first)) AS moment
    FROM people p
    JOIN community_author a ON a.partner_id = p.id
    LEFT JOIN LATERAL (
        SELECT min(published_at) AS first FROM community_mention WHERE author_id = a.id AND outgoing IS NOT TRUE
    ) m ON TRUE
    GROUP BY 1, 2
),
leads AS (
    SELECT p.firm_id, p.id AS partner_id, coalesce(l.company_id, c.id) AS company_id, l.id, l.create_date,
           l.active AND l.won_status = 'pending' AS holds, l.won_status, l.date_closed, l.write_date
    FROM members p
    JOIN crm_lead l ON l.partner_id = p.id
    JOIN res_company c ON c.id = coalesce(l.company_id, c.id)
),
orders AS (
    SELECT p.firm_id, p.id AS partner_id, o.company_id, o.state, least(o.create_date, o.date_order) AS asked_at,
           o.date_order
    FROM members p
    JOIN sale_order o ON o.partner_id = p.id
    WHERE o.state != 'cancel'
)
"""

#: what each source says of a firm, of which it is true for all its people, or of one person
OF_PERSON = """
SELECT partner_id, company_id, 0 AS rank, moment, 'mention' AS reason, TRUE AS holds, NULL::timestamp AS ended
FROM spoke
UNION ALL
SELECT s.partner_id, s.company_id, 1, greatest(s.moment, p.create_date), 'contact', TRUE, NULL
FROM spoke s JOIN people p ON p.id = s.partner_id
UNION ALL
SELECT a.partner_id, a.company_id, 2, l.create_date, 'lead', l.active AND l.won_status = 'pending',
       coalesce(l.date_closed, l.write_date)
FROM people p JOIN community_author a ON a.partner_id = p.id JOIN crm_lead l ON l.id = a.lead_id
WHERE l.partner_id IS NULL
"""
OF_FIRM = """
SELECT firm_id, company_id, 2 AS rank, min(create_date) AS moment, 'lead' AS reason, bool_or(holds) AS holds,
       max(coalesce(date_closed, write_date)) FILTER (WHERE NOT holds) AS ended, array_agg(DISTINCT partner_id) AS whose
FROM leads GROUP BY 1, 2
UNION ALL
SELECT firm_id, company_id, 2, min(asked_at), 'quotation', TRUE, NULL, array_agg(DISTINCT partner_id)
FROM orders GROUP BY 1, 2
UNION ALL
SELECT firm_id, company_id, 3, min(date_order), 'order', TRUE, NULL, array_agg(DISTINCT partner_id)
FROM orders WHERE state = 'sale' GROUP BY 1, 2
UNION ALL
SELECT firm_id, company_id, 4, min(coalesce(date_closed, write_date)), 'partnership', TRUE, NULL,
       array_agg(DISTINCT partner_id)
FROM leads WHERE won_status = 'won' AND id IN (SELECT lead_id FROM crm_tag_rel WHERE tag_id = %(tag)s) GROUP BY 1, 2
"""

RECKONED = """
evidence AS (
    SELECT partner_id, company_id, rank, moment, reason, holds, ended, NULL::integer AS through_id FROM of_person
    UNION ALL
    SELECT p.id, f.company_id, f.rank, f.moment, f.reason, f.holds, f.ended,
           CASE WHEN p.id = f.firm_id OR p.id = ANY(f.whose) THEN NULL ELSE f.firm_id END
    FROM of_firm f JOIN people p ON p.firm_id = f.firm_id
),
first AS (
    SELECT DISTINCT ON (partner_id, company_id, rank) * FROM evidence
    ORDER BY partner_id, company_id, rank, moment, reason
),
steps AS (
    SELECT partner_id, company_id, rank, (%(ranks)s::varchar[])[rank + 1] AS stage, moment, reason, through_id,
           extract(epoch FROM moment - lag(moment) OVER (PARTITION BY partner_id, company_id ORDER BY rank)) / 86400
           AS days
    FROM first
),
held AS (
    SELECT partner_id, company_id, coalesce(max(rank) FILTER (WHERE holds), 1) AS rank, max(rank) AS most,
           max(ended) FILTER (WHERE NOT holds) AS ended, max(moment) AS latest
    FROM evidence GROUP BY 1, 2
),
stages AS (
    SELECT h.partner_id, h.company_id, (%(ranks)s::varchar[])[h.rank + 1] AS stage, s.through_id,
           CASE WHEN h.most > h.rank THEN greatest(coalesce(s.moment, h.ended), h.ended)
                ELSE coalesce(s.moment, h.latest) END AS since
    FROM held h LEFT JOIN steps s USING (partner_id, company_id, rank)
)
"""


class CommunityLifecycle(models.Model):
    """The one definition of the stages: which records make somebody what, and since when.

    * community: speaks of us, since the first mention;
    * known contact: and is a contact of ours, or has given consent;
    * prospect: has an open lead or a quotation, since the first one;
    * customer: has a confirmed order, an invoice, a receipt or a purchase from elsewhere, since the first one;
    * partner: a partnership was won.

    The highest that holds counts.  Leads, orders and partnerships count for all people of the company that has them.
    """

    _inherit = "community.lifecycle"

    @api.model
    def _sources(self):
        """Return the sources of evidence; rooms and optional modules extend this.

        :returns: two lists of SQL queries: of persons (partner_id, company_id, rank, moment, reason, holds, ended), and
            of firms (firm_id, company_id, rank, moment, reason, holds, ended, ids of the contacts that have it).  They
            may read ``people`` and ``members`` (id, firm_id).
        """
        tag = self.env.ref("community_manager.tag_partnership", raise_if_not_found=False)
        persons, firms = [SQL(OF_PERSON)], [SQL(OF_FIRM.replace("%(tag)s", "%s"), tag.id if tag else 0)]
        if "community.consent" in self.env:
            persons.append(
                SQL(
                    "SELECT c.partner_id, c.company_id, 1, min(c.date), 'consent', TRUE, NULL"
                    " FROM people p JOIN community_consent c ON c.partner_id = p.id"
                    " WHERE c.state = 'granted' GROUP BY 1, 2"
                )
            )
        firms.append(
            SQL(
                "SELECT p.firm_id, b.company_id, 3, min(b.date)::timestamp, 'purchase', TRUE, NULL::timestamp,"
                " array_agg(DISTINCT p.id) FROM members p JOIN community_purchase b ON b.partner_id = p.id"
                " WHERE b.amount > 0 GROUP BY 1, 2"
                " UNION ALL SELECT p.firm_id, i.company_id, 3, min(i.invoice_date)::timestamp, 'purchase', TRUE, NULL,"
                " array_agg(DISTINCT p.id) FROM members p JOIN account_move i ON i.partner_id = p.id"
                " WHERE i.move_type IN ('out_invoice', 'out_receipt') AND i.state = 'posted' AND i.amount_total > 0"
                " GROUP BY 1, 2"
            )
        )
        if "pos.order" in self.env:
            firms.append(
                SQL(
                    "SELECT p.firm_id, o.company_id, 3, min(o.date_order), 'purchase', TRUE, NULL,"
                    " array_agg(DISTINCT p.id) FROM members p JOIN pos_order o ON o.partner_id = p.id"
                    " WHERE o.state IN ('paid', 'done') AND o.amount_total > 0 GROUP BY 1, 2"
                )
            )
        return persons, firms

    @api.model
    def _reckoned(self, ids):
        """Return the SQL of what the records say of some contacts: CTEs ``people``, ``steps`` and ``stages``."""
        persons, firms = self._sources()
        ranks = list(RANKS)
        parts = [
            SQL(PEOPLE.replace("%(ids)s", "%s"), list(ids)),
            SQL("of_person AS (%s)", SQL(" UNION ALL ").join(persons)),
            SQL("of_firm AS (%s)", SQL(" UNION ALL ").join(firms)),
            SQL(RECKONED.replace("%(ranks)s", "%s"), ranks, ranks),
        ]
        return SQL(", ").join(parts)

    @api.model
    def _flush_sources(self):
        """Write down what the records of a stage hold in memory only."""
        for model, names in (
            ("res.partner", ["commercial_partner_id", "type"]),
            ("community.author", ["partner_id", "lead_id", "company_id"]),
            ("community.mention", ["author_id", "published_at", "outgoing"]),
            ("crm.lead", ["partner_id", "company_id", "active", "won_status", "date_closed", "tag_ids"]),
            ("sale.order", ["partner_id", "company_id", "state", "date_order"]),
            ("community.consent", ["partner_id", "state", "date"]),
            ("community.purchase", ["partner_id", "date", "amount"]),
            ("account.move", ["partner_id", "state", "invoice_date", "move_type"]),
            ("pos.order", ["partner_id", "state", "date_order"]),
        ):
            if model in self.env:
                self.env[model].flush_model(names)

    @api.model
    def _current(self, partner_ids):
        """Return ``{(contact id, company id): stage}`` as the records say now; what was set by hand stands before."""
        ids = sorted({partner_id for partner_id in partner_ids if partner_id})
        if not ids:
            return {}
        self._flush_sources()
        rows = self.env.execute_query(
            SQL(
                "WITH %s SELECT partner_id, company_id, stage FROM stages WHERE partner_id = ANY(%s)",
                self._reckoned(ids),
                ids,
            )
        )
        found = {(partner_id, company_id): stage for partner_id, company_id, stage in rows}
        manual = self.sudo().search([("partner_id", "in", ids), ("manual_stage", "!=", False)])
        return found | {(one.partner_id.id, one.company_id.id): one.manual_stage for one in manual}
