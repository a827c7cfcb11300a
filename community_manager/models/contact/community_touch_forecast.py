from odoo import fields, models

from .media import REASONS


class CommunityTouchForecast(models.TransientModel):
    """Whom a mailing would not reach if it went out now."""

    _name = "community.touch.forecast"
    _description = "Who Will Not Be Written To"
    _order = "code, id"
    _rec_name = "reason"

    mailing_id = fields.Many2one("mailing.mailing", ondelete="cascade")
    partner_id = fields.Many2one("res.partner", string="Person", ondelete="cascade")
    code = fields.Selection(REASONS, string="Held because")
    reason = fields.Char("Why")
    until = fields.Datetime()
