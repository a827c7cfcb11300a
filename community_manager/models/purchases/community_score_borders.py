import json

from odoo import api, models
from odoo.tools import SQL

from .community_segment import BEST


class CommunityScore(models.Model):
    """Where the scores from 2 to 5 begin."""

    _inherit = "community.score"

    @api.model
    def _find_borders(self, company, basis):
        """Find where the scores 2 to 5 begin, by own thresholds or by fifths of the customers counted."""
        borders = company._community_thresholds() or {
            "r": self._fifths(SQL("last_on")),
            # who bought once bought least often, however many they are
            "f": self._fifths(SQL("frequency"), middle=0.0),
            "m": self._fifths_of_many(SQL("monetary")),
        }
        values = json.loads(json.dumps(borders, default=str))
        figures = self.env.execute_query(
            SQL("SELECT count(*), count(*) FILTER (WHERE frequency > 1) FROM community_counted")
        )[0]
        basis.write({"borders": values, "customers": figures[0], "repeaters": figures[1]})

    @api.model
    def _fifths(self, column, middle=0.5):
        """Return the least value of the second, third, fourth and last fifth; None for one that nobody is in.

        Equal values are never torn apart: all who have one belong to the fifth that the middle of them is in, so a
        score does not depend on the order in which rows are read.  Where no two are equal this is ``ntile(5)``.

        :param SQL column: of ``community_counted``
        :param float middle: 0 where all who are equal belong to the fifth that the first of them is in
        """
        rows = self.env.execute_query(
            SQL(
                """
                SELECT score, min(value)
                  FROM (SELECT value, 1 + floor(
                                   %(best)s * (sum(number) OVER (ORDER BY value) - number * %(after)s::numeric)
                                   / sum(number) OVER ())::integer AS score
                          FROM (SELECT %(column)s AS value, count(*) AS number
                                  FROM community_counted GROUP BY 1) AS grouped) AS ranked
              GROUP BY score
                """,
                best=BEST,
                column=column,
                after=1 - middle,
            )
        )
        return [min((value for score, value in rows if score >= least), default=None) for least in range(2, BEST + 1)]

    @api.model
    def _fifths_of_many(self, column):
        """Return what :meth:`_fifths` does, for a column in which hardly two values are equal.

        One sort finds the values that the fifths end with; which fifth each of these four belongs to is counted.
        """
        shares = [place / BEST for place in range(1, BEST)]
        query = "SELECT percentile_disc(%s::float8[]) WITHIN GROUP (ORDER BY %s), count(*) FROM community_counted"
        ends, total = self.env.execute_query(SQL(query, shares, column))[0]
        if not total:
            return [None] * len(shares)
        counted = [
            SQL(
                "count(*) FILTER (WHERE %(v)s < %(end)s), count(*) FILTER (WHERE %(v)s = %(end)s),"
                " min(%(v)s) FILTER (WHERE %(v)s > %(end)s)",
                v=column,
                end=end,
            )
            for end in ends
        ]
        row = self.env.execute_query(SQL("SELECT %s FROM community_counted", SQL(", ").join(counted)))[0]
        starts = []
        for place, end in enumerate(ends):
            below, equal, above = row[3 * place : 3 * place + 3]
            # whoever has this value belongs to the fifth that the middle one of them is in
            starts.append(end if BEST * (below + equal / 2) / total >= place + 1 else above)
        return starts

    @api.model
    def _move_borders(self, company, basis):
        """With own thresholds days pass: rank those anew whose last purchase has just become older than one.

        :returns: the number of customers
        """
        own = company._community_thresholds()
        if not own or not basis.borders:
            return 0
        before, now = basis.borders["r"], [str(day) for day in own["r"]]
        if before == now:
            return 0
        spans = [
            SQL("last_on BETWEEN %s AND %s", *sorted(pair))
            for pair in zip(before, now, strict=True)
            if pair[0] != pair[1]
        ]
        basis.write({"borders": {**basis.borders, "r": now}})
        rows = self.env.execute_query(
            SQL(
                "SELECT partner_id FROM community_score WHERE company_id = %s AND (%s)",
                company.id,
                SQL(" OR ").join(spans),
            )
        )
        return self._refresh(company, [row[0] for row in rows]) if rows else 0
