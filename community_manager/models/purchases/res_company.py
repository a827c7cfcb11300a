from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.tools import float_compare

#: how many thresholds there are between five scores
THRESHOLDS = 4


class ResCompany(models.Model):
    """How a company ranks its customers."""

    _inherit = "res.company"

    community_rank_by = fields.Selection(
        [("fifths", "By fifths of the customers"), ("own", "By own limits")],
        string="Recency, frequency and money",
        default="fifths",
        required=True,
    )
    community_rank_days = fields.Char(
        string="Days since the last purchase",
        default="30, 90, 180, 365",
        help="At most so many days for the scores 5, 4, 3 and 2.",
    )
    community_rank_count = fields.Char(
        string="Number of purchases", default="2, 3, 5, 10", help="At least so many for the scores 2, 3, 4 and 5."
    )
    community_rank_amount = fields.Char(
        string="Spent", default="100, 300, 1000, 3000", help="At least so much for the scores 2, 3, 4 and 5."
    )

    def _community_numbers(self, name):
        """Return the four rising numbers of a setting.

        :raises ValidationError: they are not
        """
        try:
            numbers = [float(part) for part in (self[name] or "").replace(";", ",").split(",") if part.strip()]
        except ValueError:
            numbers = []
        rising = all(float_compare(one, two, 6) < 0 for one, two in zip(numbers, numbers[1:], strict=False))
        if len(numbers) != THRESHOLDS or not rising or numbers[0] < 0:
            label = self._fields[name]._description_string(self.env)
            raise ValidationError(
                self.env._(
                    "“%s” takes four numbers, each greater than the one before, such as 30, 90, 180, 365.", label
                )
            )
        return numbers

    @api.constrains("community_rank_by", "community_rank_days", "community_rank_count", "community_rank_amount")
    def _check_community_ranks(self):
        for company in self:
            company._community_thresholds()

    def _community_thresholds(self):
        """Return where the scores 2 to 5 of each letter begin by own limits, as of today; None where fifths rank."""
        self.ensure_one()
        company = self.sudo()
        if company.community_rank_by != "own":
            return None
        today = company._community_day()
        return {
            "r": [
                today - timedelta(days=int(days))
                for days in reversed(company._community_numbers("community_rank_days"))
            ],
            "f": [int(count) for count in company._community_numbers("community_rank_count")],
            "m": company._community_numbers("community_rank_amount"),
        }

    def write(self, vals):
        result = super().write(vals)
        if any(name.startswith("community_rank_") for name in vals):
            self.env["community.score"].sudo()._refresh_soon(whole=True, companies=self)
        return result
