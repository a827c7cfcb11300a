import io

from odoo import api, models
from odoo.tools import SQL

from ...analysis.later import numpy as np
from ...analysis.purchases import Buying, Spending, Unfit, fit_buying, fit_spending, plain_alive, value

EVERYBODY = SQL("TRUE")
#: customers who came back at least, before more is read from them than their own gaps: below this the fit of four
#: parameters is guesswork
LEAST_REPEATERS = 100
#: purchases from which a customer has a usual gap of their own
GAP_FROM = 3
#: days of a week, the unit of the models, and weeks of a year
WEEK, YEAR = 7.0, 365.25 / 7
#: years of the value to come, and by how much money that comes a year later is worth less
YEARS, DISCOUNT = 3, 0.10
#: customers whose expectations are computed and stored at once
BATCH = 50_000
#: days; a next purchase later than this is none
FARTHEST = 3 * 365


class CommunityScore(models.Model):
    """What may be expected of customers: next purchase, being lost, value to come."""

    _inherit = "community.score"

    @api.model
    def _columns(self, query):
        """Return the columns of a query of numbers as arrays; no Python object is made for each of a million rows."""
        target = io.StringIO()
        copied = self.env.cr.mogrify(query).decode()
        self.env.cr.copy_expert(f"COPY ({copied}) TO STDOUT (DELIMITER ' ', NULL 'nan')", target)
        text = target.getvalue()
        if not text:
            return None
        width = text[: text.index("\n")].count(" ") + 1
        return np.fromstring(text, sep=" ").reshape(-1, width).T

    @api.model
    def _history(self, company, where=EVERYBODY):
        """Return arrays of ``id``, purchases, days from first to last, days from first to today, and money spent."""
        query = """
            SELECT id, frequency, last_on - first_on, GREATEST(%s::date, last_on) - first_on, monetary
              FROM community_score WHERE company_id = %s AND %s ORDER BY id
        """
        return self._columns(SQL(query, company._community_day(), company.id, where))

    @api.model
    def _fit(self, company, basis):
        """Read from a company's customers how they behave, and keep it in ``basis``."""
        found = {"method": "none", "parameters": False, "gap_days": 0.0, "fitted_at": self.env.cr.now()}
        history = self._history(company)
        if history is not None:
            _ids, frequency, span, age, monetary = history
            back = (frequency > 1) & (span > 0)
            if back.any():
                found["gap_days"] = float(np.median(span[back] / (frequency[back] - 1)))
                found["method"] = "plain"
            if back.sum() >= LEAST_REPEATERS:
                found |= self._fitted(frequency, span, age, monetary)
        basis.write(found)

    @api.model
    def _fitted(self, frequency, span, age, monetary):
        """Return ``method`` and ``parameters``; nothing where the data do not say."""
        try:
            buying = fit_buying(frequency - 1, span / WEEK, age / WEEK)
        except Unfit:
            return {}
        parameters = {"buying": buying.as_dict()}
        try:
            parameters["spending"] = fit_spending(frequency, monetary / frequency).as_dict()
        except Unfit:
            pass  # then each customer's own average stands, see _expected
        return {"method": "bgnbd", "parameters": parameters}

    @api.model
    def _value_next(self, company, basis):
        """Compute what may be expected of the next customers, until all were; return how many."""
        rows = self.env.execute_query(
            SQL(
                "SELECT id, partner_id FROM community_score WHERE company_id = %s AND id > %s ORDER BY id LIMIT %s",
                company.id,
                basis.valued_to,
                BATCH,
            )
        )
        if rows:
            self._value(company, basis, [row[1] for row in rows])
            basis.write({"valued_to": rows[-1][0]})
        if len(rows) < BATCH:
            basis.write({"valuing": False})
        return len(rows)

    @api.model
    def _value(self, company, basis, firms=None):
        """Compute and store what may be expected of customers: of all, or of those with the ids ``firms``."""
        where = SQL("TRUE") if firms is None else SQL("partner_id = ANY(%s)", list(firms))
        history = self._history(company, where)
        if history is None:
            return
        today = company._community_day()
        for start in range(0, history.shape[1], BATCH):
            part = history[:, start : start + BATCH]
            figures = self._expected(basis, *part[1:])
            # SQL: thousands of rows in a statement, and nothing else depends on these columns
            self.env.cr.execute(
                SQL(
                    """
                    UPDATE community_score
                       SET method = new.method, alive = new.alive, expected_purchases = new.purchases,
                           lifetime_value = new.worth, valued_on = %(today)s,
                           next_purchase_on = CASE WHEN new.days <= %(farthest)s THEN
                               CASE WHEN new.method = 'plain' THEN last_on ELSE %(today)s END + new.days END
                      FROM unnest(%(ids)s::integer[], %(methods)s::varchar[], %(alive)s::float8[],
                                  %(purchases)s::numeric[], %(worth)s::numeric[], %(days)s::integer[])
                        AS new(id, method, alive, purchases, worth, days)
                     WHERE community_score.id = new.id
                    """,
                    today=today,
                    farthest=FARTHEST,
                    ids=part[0].astype(int).tolist(),
                    methods=figures[0].tolist(),
                    alive=np.round(figures[1], 4).tolist(),
                    purchases=np.round(figures[2], 2).tolist(),
                    worth=np.round(figures[3], 2).tolist(),
                    days=np.minimum(figures[4], FARTHEST + 1).astype(int).tolist(),
                )
            )

    @api.model
    def _expected(self, basis, frequency, span, age, monetary):
        """Return arrays of method, probability, purchases in a year, value to come, and days to the next purchase."""
        number = len(frequency)
        if basis.method == "none":
            nothing = np.zeros(number)
            return np.full(number, "none"), nothing, nothing, nothing, np.full(number, FARTHEST + 1)
        mean = np.maximum(monetary, 0) / frequency
        silence = age - span
        back = (frequency > 1) & (span > 0)
        # two purchases are one gap, which may be chance: from three on the own one stands
        own = back & (frequency >= GAP_FROM)
        usual = np.where(own, span / np.maximum(frequency - 1, 1), basis.gap_days or 1.0)
        usual = np.maximum(usual, 1.0)
        if basis.method == "plain":
            alive = plain_alive(usual, silence)
            # as often as until now; who came a month ago is not taken to come twelve times as often in a year
            yearly = alive * frequency / np.maximum(age / (YEAR * WEEK), 1.0)
            worth = yearly * mean * sum((1 + DISCOUNT) ** (0.5 - year) for year in range(1, YEARS + 1))
            return np.full(number, "plain"), alive, yearly, worth, np.round(usual)
        buying = Buying(**basis.parameters["buying"])
        spending = basis.parameters.get("spending")
        if spending:
            mean = np.where(mean > 0, Spending(**spending).average(frequency, mean), 0.0)
        x, t_x, T = frequency - 1, span / WEEK, age / WEEK
        purchases = buying.expected(YEAR, x, t_x, T)
        worth = value(buying, mean, x, t_x, T, YEAR, YEARS, DISCOUNT)
        # the model takes nobody for lost before the second purchase, which would be said of people who never come back
        once = x <= 0
        alive = np.where(once, plain_alive(usual, silence), buying.alive(x, t_x, T))
        methods = np.where(once, "once", "bgnbd")
        return methods, alive, purchases, worth, np.round(buying.gap(x, T) * WEEK)
