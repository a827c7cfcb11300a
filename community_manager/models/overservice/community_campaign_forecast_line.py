from odoo import fields, models

from ..contact.media import MEDIA, REASONS

#: reasons of campaigns beside those of the contact policy
OWN_REASONS = [
    ("words", "Something is not known"),
    ("language", "No text in their language"),
    ("reach", "Cannot be reached by it"),
    ("budget", "Budget used up"),
    ("control", "Control group"),
]


class CommunityCampaignForecastLine(models.TransientModel):
    """One thing that a campaign would do for a person, or would not."""

    _name = "community.campaign.forecast.line"
    _description = "Simulated Action of a Campaign"
    _order = "moment, id"
    _rec_name = "partner_id"

    forecast_id = fields.Many2one("community.campaign.forecast", required=True, ondelete="cascade", index=True)
    currency_id = fields.Many2one(related="forecast_id.currency_id")
    partner_id = fields.Many2one("res.partner", string="Contact", ondelete="cascade")
    step_id = fields.Many2one("community.campaign.step", ondelete="cascade")
    moment = fields.Datetime("When")
    day = fields.Date()
    medium = fields.Selection(MEDIA)
    outcome = fields.Selection(
        [
            ("contact", "Contacted"),
            ("work", "Done for them"),
            ("held", "Held back"),
            ("control", "Control group"),
        ]
    )
    code = fields.Selection(REASONS + OWN_REASONS, string="Kind of reason")
    reason = fields.Char(help="Why they are held back, or contacted later than planned.")
    cost = fields.Monetary()

    def action_open_partner(self):
        """Open the contact."""
        self.ensure_one()
        return self.partner_id.get_formview_action()
