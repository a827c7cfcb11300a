from odoo import fields, models


class ResCompany(models.Model):
    """How a company closes what people wrote."""

    _inherit = "res.company"

    community_ask_reason = fields.Boolean(string="Ask why when closing")
    community_ask_satisfied = fields.Boolean(string="Ask people whether they are satisfied")
    community_ask_satisfied_hours = fields.Integer(string="Hours between closing and asking", default=24)
    community_ask_satisfied_days = fields.Integer(string="Days in which a person is asked once", default=30)
    community_ask_satisfied_way = fields.Selection(
        [("message", "Only in private"), ("any", "In private, or else in public")],
        string="How they are asked",
        default="message",
        required=True,
    )
    community_ask_satisfied_text = fields.Char(
        string="Question", translate=True, help="The link is put behind it. Empty: the usual question."
    )
    community_reopen_unsatisfied = fields.Boolean(string="Open again what somebody is not satisfied with", default=True)

    _community_ask_satisfied = models.Constraint(
        "CHECK (community_ask_satisfied_hours >= 0 AND community_ask_satisfied_days >= 0)",
        "Hours and days cannot be negative.",
    )
