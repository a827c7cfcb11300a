from datetime import timedelta

from odoo import api, fields, models
from odoo.tools import SQL, format_date

from ...analysis.terms import LEAST_NOW, rising

#: days that are "now", and days before them that say what is normal: whole weeks, as weekends differ
NOW, BEFORE = 7, 28
#: terms of each kind that are listed
MOST = 100


class CommunityRising(models.Model):
    """A word, tag or link that people use more than is normal."""

    _name = "community.rising"
    _description = "Rising Term"
    _order = "score desc, id"
    _rec_name = "shown"
    _log_access = False

    company_id = fields.Many2one("res.company", required=True, readonly=True, ondelete="cascade", index=True)
    day = fields.Date(required=True, readonly=True, string="Counted on", help="The last of the days that are compared.")
    kind = fields.Selection(selection=lambda self: self._selection_kind(), required=True, readonly=True)
    term = fields.Char(required=True, readonly=True)
    shown = fields.Char(required=True, readonly=True, string="Word, tag or link")
    now = fields.Integer(readonly=True, string="Last 7 days", help="People who used it in the last seven days.")
    usual = fields.Float(readonly=True, aggregator="avg", help="What four weeks before make one expect.")
    times = fields.Float(
        readonly=True, aggregator="avg", string="Times as many", help="Drawn towards 1 where there are few."
    )
    score = fields.Float(
        readonly=True, aggregator="max", string="Surprise", help="How surely it is no chance: log-likelihood ratio G²."
    )
    history = fields.Json(compute="_compute_history", string="Five weeks")

    _unique_term = models.UniqueIndex("(company_id, kind, term)")

    @api.model
    def _selection_kind(self):
        return self.env["community.term"]._fields["kind"]._description_selection(self.env)

    @api.depends("kind", "term", "day")
    def _compute_history(self):
        counts = {
            (company, kind, term, day): count
            for company, kind, term, day, count in self.env["community.term"]._read_group(
                [
                    ("company_id", "in", self.company_id.ids),
                    ("kind", "in", list(set(self.mapped("kind")))),
                    ("term", "in", self.mapped("term")),
                    ("day", ">", min(self.mapped("day")) - timedelta(days=NOW + BEFORE)),
                ],
                ["company_id", "kind", "term", "day:day"],
                ["count:sum"],
            )
        }
        for rise in self:
            days = [rise.day - timedelta(days=ago) for ago in reversed(range(NOW + BEFORE))]
            rise.history = {
                "counts": [counts.get((rise.company_id, rise.kind, rise.term, day), 0) for day in days],
                "now": NOW,
            }

    @api.model
    def _refresh(self, company):
        """Find anew which terms rise in a company.

        :param company: ``res.company``
        """
        today = company._community_day()
        since, begin = today - timedelta(days=NOW), today - timedelta(days=NOW + BEFORE)
        totals = self._totals(company, begin, since, today)
        found = {}
        for kind, rows in self._counts(company, begin, since, today).items():
            now = {term: count for term, _shown, count, _before in rows}
            before = {term: count for term, _shown, _count, count in rows}
            shown = {term: written for term, written, _count, _before in rows}
            for rise in rising(now, before, *totals, most=MOST):
                found[kind, rise.term] = {
                    "shown": shown[rise.term],
                    "day": today,
                    "now": rise.now,
                    "usual": rise.expected,
                    "times": rise.times,
                    "score": rise.score,
                }
        known = {(rise.kind, rise.term): rise for rise in self.search([("company_id", "=", company.id)])}
        self.union(*(rise for key, rise in known.items() if key not in found)).unlink()
        for key, values in found.items():
            if key in known:
                known[key].write(values)
        self.create(
            [
                {"company_id": company.id, "kind": key[0], "term": key[1], **values}
                for key, values in found.items()
                if key not in known
            ]
        )

    @api.model
    def _totals(self, company, begin, since, today):
        """Return how many people wrote in the days that are now, and in those before."""
        daily = self.env["community.daily"]
        return [
            daily._read_group(
                [("company_id", "=", company.id), ("day", ">", first), ("day", "<=", last)], [], ["authors:sum"]
            )[0][0]
            or 0
            for first, last in ((since, today), (begin, since))
        ]

    @api.model
    def _counts(self, company, begin, since, today):
        """Return ``{kind: [(term, as written, now, before)]}`` of the terms that are frequent enough now."""
        # SQL: what was before is looked up for the few terms that are frequent now, not read for all of five weeks
        rows = self.env.execute_query(
            SQL(
                """
                SELECT kind, term, shown, count,
                       (SELECT COALESCE(sum(earlier.count), 0) FROM %(table)s earlier
                         WHERE earlier.company_id = %(company)s AND earlier.kind = lately.kind
                           AND earlier.term = lately.term AND earlier.day > %(begin)s AND earlier.day <= %(since)s)
                  FROM (SELECT kind, term, max(shown) AS shown, sum(count) AS count FROM %(table)s
                         WHERE company_id = %(company)s AND day > %(since)s AND day <= %(today)s
                      GROUP BY kind, term HAVING sum(count) >= %(least)s) lately
                """,
                table=SQL.identifier("community_term"),
                company=company.id,
                begin=begin,
                since=since,
                today=today,
                least=LEAST_NOW,
            )
        )
        found = {}
        for kind, *row in rows:
            found.setdefault(kind, []).append(row)
        return found

    @api.model
    @api.readonly
    def get_heading(self, domain):
        """Return what the list shows, in plain words.

        :rtype: dict
        """
        company = self.env.company
        begin = company._community_day() - timedelta(days=NOW + BEFORE)
        first = self.env["community.daily"].search_fetch(
            [("company_id", "=", company.id)], ["day"], order="day", limit=1
        )
        more = [
            self.env._(
                "Counted are people, not mentions: who repeats the same word counts once a day. Copies, spam, "
                "namesakes and what we wrote ourselves do not count."
            ),
            self.env._(
                "Usual is what the four weeks before make one expect for as many people as wrote in the last seven "
                "days. Listed is what at least %(least)s people used, twice as many as usual or more, when that is "
                "hardly chance; the surest comes first (log-likelihood ratio G² above 15).",
                least=LEAST_NOW,
            ),
        ]
        if first and first.day > begin + timedelta(days=BEFORE - 7):
            more.insert(
                0,
                self.env._(
                    "There are figures only since %(day)s: a week or more before the last seven days is needed to say "
                    "what is normal.",
                    day=format_date(self.env, first.day),
                ),
            )
        return {
            "sentence": self.env._(
                "Words, tags and links that people used more in the last seven days than in the four weeks before."
            ),
            "more": more,
        }

    def action_open_mentions(self):
        """Open the mentions of the last days in which this term stands."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id("community_manager.action_mentions")
        begins, _ends = self.company_id._community_span(self.day - timedelta(days=NOW - 1))
        return {
            **action,
            "name": self.shown,
            "display_name": self.shown,
            "domain": [
                ("words", "ilike", f'"{self.term}"'),
                ("published_at", ">=", fields.Datetime.to_string(begins)),
                ("company_id", "=", self.company_id.id),
                ("outgoing", "=", False),
            ],
            "context": {},
        }
