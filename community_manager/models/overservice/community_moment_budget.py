from odoo import api, fields, models
from odoo.exceptions import ValidationError


class CommunityMomentBudget(models.Model):
    """What may be spent at a moment of truth in a week, what was, and how many customers were there."""

    _name = "community.moment.budget"
    _description = "Budget of a Moment by Week"
    _order = "week desc, moment_id"
    _rec_name = "week"

    moment_id = fields.Many2one("community.moment", required=True, index=True, ondelete="cascade")
    journey_id = fields.Many2one(related="moment_id.journey_id", store=True, index=True)
    company_id = fields.Many2one(related="moment_id.company_id", store=True, index=True)
    currency_id = fields.Many2one(related="company_id.currency_id")
    week = fields.Date(required=True, string="Week of", help="Its Monday.")
    planned = fields.Monetary()
    by_hand = fields.Boolean(readonly=True, string="Set for this week")
    spent = fields.Monetary(readonly=True, help="Cost of the campaigns that began with this moment.")
    customers = fields.Integer(
        readonly=True, string="Customers there", help="For whom the moment came, or will come, in this week."
    )
    left = fields.Monetary("Remaining", compute="_compute_left", help="Planned and not spent.")

    _unique_week = models.UniqueIndex("(moment_id, week)")

    @api.depends("planned", "spent")
    def _compute_left(self):
        for line in self:
            line.left = line.planned - line.spent

    @api.constrains("week")
    def _check_week(self):
        if any(line.week.weekday() for line in self):
            raise ValidationError(self.env._("A week is named by its Monday."))

    def write(self, vals):
        if "planned" in vals and not self.env.context.get("community_refresh"):
            vals = {"by_hand": True, **vals}
        return super().write(vals)
