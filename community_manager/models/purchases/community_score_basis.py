from odoo import api, fields, models
from odoo.tools import format_date
from odoo.tools.misc import formatLang


class CommunityScoreBasis(models.Model):
    """What the figures of a company's customers rest on: where the fifths begin, and the fitted behaviour."""

    _name = "community.score.basis"
    _description = "Basis of Customer Figures"
    _rec_name = "company_id"

    company_id = fields.Many2one("res.company", required=True, readonly=True, ondelete="cascade")
    borders = fields.Json(readonly=True, help="The least value of the scores 2 to 5 of each letter.")
    customers = fields.Integer(readonly=True)
    repeaters = fields.Integer(readonly=True, string="Customers who came back")
    method = fields.Selection(
        selection=lambda self: self.env["community.score"]._fields["method"].selection,
        readonly=True,
        default="none",
        string="Found by",
    )
    parameters = fields.Json(readonly=True, help="Of BG/NBD and Gamma-Gamma.")
    whole_at = fields.Datetime(readonly=True, string="All ranked anew")
    fitted_at = fields.Datetime(readonly=True, string="Behaviour read anew")
    receipts_at = fields.Datetime(readonly=True, string="Receipts looked for")
    valuing = fields.Boolean(readonly=True, help="What is expected of all is being computed, batch by batch.")
    valued_to = fields.Integer(readonly=True, help="The last row that was.")
    gap_days = fields.Float(readonly=True, digits=(16, 0), string="Usual days between purchases")
    explanation = fields.Text(compute="_compute_explanation", string="How these figures come about")

    _unique_company = models.UniqueIndex("(company_id)")

    @api.model
    def _of(self, company):
        """Return the record of a company, made where there is none."""
        found = self.search([("company_id", "=", company.id)], limit=1)
        return found or self.create({"company_id": company.id})

    @api.depends_context("lang")
    @api.depends("borders", "method", "gap_days", "customers", "repeaters")
    def _compute_explanation(self):
        for basis in self:
            basis.explanation = "\n".join([*basis._sentences_of_scores(), *basis._sentences_of_behaviour()])

    def _sentences_of_scores(self):
        """Say where the scores begin."""
        borders = self.borders or {}
        if not borders:
            return [self.env._("No customer has bought anything yet.")]
        currency = self.company_id.currency_id
        shown = {
            "r": lambda day: format_date(self.env, day),
            "f": lambda number: formatLang(self.env, number, digits=0),
            "m": lambda amount: formatLang(self.env, float(amount), currency_obj=currency),
        }
        labels = {
            "r": self.env._("Recency, by the last purchase"),
            "f": self.env._("Frequency, by the number of purchases"),
            "m": self.env._("Monetary, by what was spent"),
        }
        lines = []
        for letter, label in labels.items():
            starts = [
                self.env._("%(score)s from %(value)s", score=score, value=shown[letter](value))
                # where two begin at the same value, nobody has the lower one
                for score, value, above in zip((2, 3, 4, 5), borders[letter], [*borders[letter][1:], None], strict=True)
                if value is not None and value != above
            ]
            lines.append(f"{label}: {', '.join(starts) or self.env._('all alike')}.")
        return lines

    def _sentences_of_behaviour(self):
        """Say what the expectations rest on."""
        if self.method == "bgnbd":
            return [
                self.env._(
                    "What may be expected is read from the purchases of %(customers)s customers, %(repeaters)s of whom "
                    "came back.",
                    customers=formatLang(self.env, self.customers, digits=0),
                    repeaters=formatLang(self.env, self.repeaters, digits=0),
                )
            ]
        if self.method == "plain":
            return [
                self.env._(
                    "Too few customers (%(repeaters)s) came back to read more from them: what may be expected rests on "
                    "each customer's own gap between purchases, or on the usual one, %(days)s days.",
                    repeaters=formatLang(self.env, self.repeaters, digits=0),
                    days=formatLang(self.env, self.gap_days, digits=0),
                )
            ]
        return [self.env._("Nobody has bought twice yet, so nothing can be expected.")]
