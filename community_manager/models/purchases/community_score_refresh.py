import logging
from datetime import timedelta

from odoo import api, fields, models
from odoo.tools import SQL, mute_logger

from ..platform.cursors import is_concurrency_error
from .buying_sql import bought

_logger = logging.getLogger(__name__)

#: all customers are ranked anew after this; in between those who bought are ranked among the others
WHOLE_EVERY = timedelta(days=7)
#: customers that are counted again in one transaction
BATCH = 20_000
#: ... and read documents of at once
FIRMS = 5_000
#: first key of the advisory lock of a company's figures, "rfm" in ASCII
CLAIM_CLASS = 0x72666D
#: memory of the database for one sort: with the usual 4 MB a million customers are sorted on disk
WORK_MEM = "128MB"
#: contact in a stale row that stands for all
EVERYBODY = 0
LETTERS = {"r": "last_on", "f": "frequency", "m": "monetary"}
CASTS = {"r": SQL("date"), "f": SQL("integer"), "m": SQL("numeric")}
FIGURES = ("first_on", "last_on", "frequency", "monetary", "r", "f", "m", "segment_id")


class CommunityScore(models.Model):
    """Counting and ranking customers, set-wise.

    Once a week all documents are read, and where each fifth begins is written down.  In between only the customers
    whose documents changed are counted again, and ranked by what was written down: that costs what changed, not what
    there is.
    """

    _inherit = "community.score"

    @api.model
    def _cron_refresh(self):
        """Refresh every company where something changed, until nothing is left or the time is used up."""
        progress = self.env["ir.cron"]._commit_progress
        left = progress(0)
        companies = self.env["res.company"].search([], order="id")
        for company in companies:
            while left:
                scores = self.with_company(company).with_context(allowed_company_ids=company.ids)
                try:
                    with mute_logger("odoo.sql_db"):
                        done, more = scores._refresh_batch(company)
                    left = progress(done)
                except Exception as error:
                    self.env.cr.rollback()
                    if not is_concurrency_error(error):
                        # one company in trouble must not keep the others from their figures
                        _logger.exception("company %s: customers could not be counted", company.id)
                        break
                    left = progress(0)
                    continue
                if not more:
                    break
        self.env.ref("community_manager.cron_alarms").sudo()._trigger()

    @api.model
    def _refresh_batch(self, company):
        """Refresh what waits in one company; return (customers, whether more wait)."""
        # two workers: the second leaves the company to the first
        claimed = self.env.execute_query(SQL("SELECT pg_try_advisory_xact_lock(%s, %s)", CLAIM_CLASS, company.id))
        if not claimed[0][0]:
            return 0, False
        basis = self.env["community.score.basis"]._of(company)
        stale = self.env["community.score.stale"]
        old = not basis.whole_at or basis.whole_at < fields.Datetime.now() - WHOLE_EVERY
        partners = [] if old else stale._take(company, BATCH)
        if old or EVERYBODY in partners:
            # what is expected of everybody takes longer than ranking them: batch by batch, each committed
            done = self._refresh(company, later=True)
            basis.write({"valuing": True, "valued_to": 0})
            return done, True
        if basis.valuing:
            # whoever bought meanwhile waits with the others
            self.env["community.score.stale"]._mark((company.id, partner) for partner in partners)
            return self._value_next(company, basis), True
        if not partners and not self._recent_receipts(company, basis):
            return self._move_borders(company, basis), False
        partners = sorted({*partners, *self._recent_receipts(company, basis)})
        done = self._refresh(company, partners) + self._move_borders(company, basis)
        basis.write({"receipts_at": self.env.cr.now()})
        return done, len(partners) >= BATCH

    @api.model
    def _refresh_soon(self, whole=False, companies=None):
        """Have figures refreshed in the background, at once.

        :param bool whole: everybody's, for what ranks them has changed
        :param companies: ``res.company``; all when empty
        """
        if whole:
            companies = companies or self.env["res.company"].sudo().search([])
            # not through _mark, which leaves out contacts that are none
            pending = self.env.cr.precommit.data.setdefault("community.score.stale", set())
            if not pending:
                self.env.cr.precommit.add(self.env["community.score.stale"]._write_pending)
            pending.update((company.id, EVERYBODY) for company in companies)
        cron = self.env.ref("community_manager.cron_customers", raise_if_not_found=False)
        if cron:
            cron.sudo()._trigger()

    def action_refresh(self):
        """Rank all customers anew, in the background."""
        self.env["community.score.basis"].check_access("read")
        self.sudo()._refresh_soon(whole=True, companies=self.env.company)
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "type": "info",
                "message": self.env._("All customers are being counted and ranked anew. That may take some minutes."),
            },
        }

    # -- one refresh --------------------------------------------------------------------------------------------------

    @api.model
    def _refresh(self, company, partner_ids=None, later=False):
        """Count and rank customers of a company in this transaction.

        :param company: ``res.company``
        :param partner_ids: contacts whose customers are meant; everybody when None, and then the fifths are found anew
        :param bool later: what is expected of everybody is computed afterwards, see :meth:`_value_next`
        :returns: the number of customers whose figures changed
        """
        self.env.flush_all()
        cr, basis = self.env.cr, self.env["community.score.basis"]._of(company)
        cr.execute(SQL("SET LOCAL work_mem = %s", WORK_MEM))
        try:
            if partner_ids is None:
                self.env["community.score.stale"]._take(company)
                firms = None
            else:
                firms = self._firms(partner_ids)
                if not firms:
                    return 0
            self._count(company, firms)
            if partner_ids is None:
                self._find_borders(company, basis)
            changed = self._store_ranked(company, basis, firms)
            if partner_ids is None:
                self._fit(company, basis)
                if not later:
                    self._value(company, basis)
                basis.write({"whole_at": cr.now(), "receipts_at": cr.now()})
            else:
                self._value(company, basis, firms)
        finally:
            if not cr.closed and cr._cnx.get_transaction_status() != 3:  # not in an aborted transaction
                cr.execute("RESET work_mem")
        self.invalidate_model()
        return changed

    @api.model
    def _firms(self, partner_ids):
        """Return the ids of the customers that contacts belong to; of a contact that is gone its own."""
        rows = self.env.execute_query(
            SQL(
                "SELECT COALESCE(p.commercial_partner_id, wanted.id)"
                " FROM unnest(%s::integer[]) AS wanted(id) LEFT JOIN res_partner p ON p.id = wanted.id",
                list(partner_ids),
            )
        )
        return sorted({*(row[0] for row in rows), *partner_ids} - {EVERYBODY})

    @api.model
    def _count(self, company, firms):
        """Fill the table ``community_counted`` of this transaction with what customers bought."""
        cr = self.env.cr
        zone = company._community_zone().key
        cr.execute("DROP TABLE IF EXISTS pg_temp.community_counted")
        # SQL: one pass over millions of documents; a table of the moment, for a plan that counts in parallel
        cr.execute(
            SQL(
                """
                CREATE TEMP TABLE community_counted ON COMMIT DROP AS
                SELECT partner_id, frequency, monetary,
                       (first_at AT TIME ZONE 'UTC' AT TIME ZONE %(zone)s)::date AS first_on,
                       (last_at AT TIME ZONE 'UTC' AT TIME ZONE %(zone)s)::date AS last_on
                  FROM (SELECT p.commercial_partner_id AS partner_id, count(bought_at)::integer AS frequency,
                               round(sum(amount), 4) AS monetary, min(bought_at) AS first_at, max(bought_at) AS last_at
                          FROM (%(bought)s) AS document
                          JOIN res_partner p ON p.id = document.contact_id
                      GROUP BY p.commercial_partner_id) AS customer
                 WHERE frequency > 0
                """,
                zone=zone,
                bought=bought(self.env, company, zone, firms),
            )
        )

    @api.model
    def _score_sql(self, basis, letter, value):
        """Return the SQL of a score from 1 to 5."""
        starts = [start for start in (basis.borders or {}).get(letter, ()) if start is not None]
        terms = [SQL("(%s >= %s::%s)::integer", value, str(start), CASTS[letter]) for start in starts]
        return SQL(" + ").join([SQL("1"), *terms])

    @api.model
    def _ranked_sql(self, company, basis):
        """Return the query of ``community_counted`` with scores and segments."""
        scores = {letter: self._score_sql(basis, letter, SQL.identifier(column)) for letter, column in LETTERS.items()}
        return SQL(
            """
            SELECT *, (%(cells)s::integer[])[(r - 1) * 25 + (f - 1) * 5 + m] AS segment_id
              FROM (SELECT *, %(r)s AS r, %(f)s AS f, %(m)s AS m FROM community_counted) AS scored
            """,
            cells=self.env["community.segment"]._cells(company),
            **scores,
        )

    @api.model
    def _store_ranked(self, company, basis, firms):
        """Store what was counted where it differs from what is stored; return how many rows changed."""
        cr = self.env.cr
        ranked = self._ranked_sql(company, basis)
        columns = SQL(", ").join(SQL.identifier(name) for name in FIGURES)
        among = SQL("TRUE") if firms is None else SQL("old.partner_id = ANY(%s)", firms)
        known = self.search_count([("company_id", "=", company.id)], limit=1)
        if not known:
            # in the order of the index: a million rows in any other cost twice the time
            insert = """
                INSERT INTO community_score (company_id, partner_id, method, %(columns)s)
                SELECT %(company)s, partner_id, 'none', %(columns)s FROM (%(ranked)s) AS ranked ORDER BY partner_id
            """
            cr.execute(SQL(insert, columns=columns, company=company.id, ranked=ranked))
            return cr.rowcount
        cr.execute("DROP TABLE IF EXISTS pg_temp.community_changed")
        cr.execute(
            SQL(
                """
                CREATE TEMP TABLE community_changed ON COMMIT DROP AS
                SELECT old.id AS old_id, old.segment_id AS old_segment_id, old.partner_id AS old_partner_id, ranked.*
                  FROM (%(ranked)s) AS ranked
             FULL JOIN (SELECT id, partner_id, %(columns)s
                          FROM community_score old WHERE old.company_id = %(company)s AND %(among)s) AS old
                    ON old.partner_id = ranked.partner_id
                 WHERE %(differs)s
                """,
                columns=columns,
                ranked=ranked,
                company=company.id,
                among=among,
                # one by one: rows are compared several times as slowly
                differs=SQL(" OR ").join(
                    SQL("old.%s IS DISTINCT FROM ranked.%s", *(SQL.identifier(name),) * 2) for name in FIGURES
                ),
            )
        )
        self._note_moves(company)
        cr.execute(
            SQL(
                "UPDATE community_score SET %s FROM community_changed c WHERE community_score.id = c.old_id"
                " AND c.partner_id IS NOT NULL",
                SQL(", ").join(SQL("%s = c.%s", *(SQL.identifier(name),) * 2) for name in FIGURES),
            )
        )
        changed = cr.rowcount
        insert = """
            INSERT INTO community_score (company_id, partner_id, method, %(columns)s)
            SELECT %(company)s, partner_id, 'none', %(columns)s FROM community_changed WHERE old_id IS NULL
        """
        cr.execute(SQL(insert, columns=columns, company=company.id))
        changed += cr.rowcount
        cr.execute(
            "DELETE FROM community_score USING community_changed c WHERE community_score.id = c.old_id"
            " AND c.partner_id IS NULL"
        )
        return changed + cr.rowcount

    @api.model
    def _note_moves(self, company):
        """Note who goes from one segment to another; the first one is no change."""
        self.env.cr.execute(
            SQL(
                """
                INSERT INTO community_score_change
                            (partner_id, company_id, from_segment_id, to_segment_id, moment, direction)
                SELECT c.partner_id, %s, c.old_segment_id, c.segment_id, %s,
                       CASE WHEN new.sequence < old.sequence THEN 'up' WHEN new.sequence > old.sequence THEN 'down'
                            ELSE 'same' END
                  FROM community_changed c
                  JOIN community_segment old ON old.id = c.old_segment_id
             LEFT JOIN community_segment new ON new.id = c.segment_id
                 WHERE c.partner_id IS NOT NULL AND c.old_segment_id IS DISTINCT FROM c.segment_id
                """,
                company.id,
                self.env.cr.now().replace(microsecond=0),
            )
        )

    @api.model
    def _recent_receipts(self, company, basis):
        """Return the contacts with new receipts of the point of sale, which cannot tell by themselves.

        Receipts are of these days, so an index leads to them; one hour more than needed, for those that were being
        written the last time.
        """
        if "pos.order" not in self.env or not basis.receipts_at:
            return []
        since = basis.receipts_at - timedelta(hours=1)
        rows = self.env.execute_query(
            SQL(
                "SELECT DISTINCT partner_id FROM pos_order WHERE company_id = %s AND partner_id IS NOT NULL"
                " AND date_order >= %s AND write_date >= %s",
                company.id,
                since - timedelta(days=60),
                since,
            )
        )
        return [row[0] for row in rows]

    @api.model
    def _leave_segments(self, segment_ids):
        """Take customers out of segments that are deleted, which no foreign key does."""
        self.env.cr.execute(
            SQL("UPDATE community_score SET segment_id = NULL WHERE segment_id = ANY(%s)", list(segment_ids))
        )
        self.invalidate_model(["segment_id"])
