from odoo import api, models


class RatingRating(models.Model):
    """Every employee may read the name of what was rated: it must not hold what somebody wrote."""

    _inherit = "rating.rating"

    @api.depends("res_model", "res_id")
    def _compute_res_name(self):
        ours = self.filtered(lambda rating: rating.res_model == "community.mention")
        for rating in ours:
            rating.res_name = self.env._("Mention %d", rating.res_id)
        return super(RatingRating, self - ours)._compute_res_name()
