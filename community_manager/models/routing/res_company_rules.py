from odoo import api, fields, models

from .ruleset import keyword_lines


class ResCompany(models.Model):
    """What all rules of a company share."""

    _inherit = "res.company"

    community_risk_words = fields.Text(
        string="Risk words",
        help="One word or phrase a line, for every rule that asks for risks. Upper case and accents do not matter, "
        "* at the end stands for any ending.",
    )

    community_brake_mentions = fields.Integer(string="Mentions an hour by one rule", default=5000)
    community_brake_leads = fields.Integer(string="Leads an hour by one rule", default=200)
    community_brake_tickets = fields.Integer(string="Tickets an hour by one rule", default=200)
    community_catch_all_share = fields.Integer(
        string="Share of mentions that is too much for the words of a rule", default=50
    )

    _community_brakes = models.Constraint(
        "CHECK (community_brake_mentions >= 0 AND community_brake_leads >= 0 AND community_brake_tickets >= 0"
        " AND community_catch_all_share BETWEEN 1 AND 100)",
        "A limit cannot be negative, and a share is between 1 and 100.",
    )

    @api.constrains("community_risk_words")
    def _check_community_risk_words(self):
        for company in self:
            self.env["community.rule"]._check_words(keyword_lines(company.community_risk_words)[0])

    def write(self, vals):
        if any(name == "community_risk_words" or name.startswith("community_brake_") for name in vals):
            self.env.registry.clear_cache()
        return super().write(vals)
