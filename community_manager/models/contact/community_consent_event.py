from odoo import api, fields, models
from odoo.exceptions import AccessError

from .community_consent import SOURCES, STATES
from .media import CONSENT_MEDIA


class CommunityConsentEvent(models.Model):
    """One change of what somebody agreed to; it is never changed afterwards."""

    _name = "community.consent.event"
    _description = "Change of Consent"
    _order = "moment desc, id desc"
    _rec_name = "moment"

    consent_id = fields.Many2one("community.consent", required=True, index=True, ondelete="cascade")
    company_id = fields.Many2one(related="consent_id.company_id", store=True, index=True)
    partner_id = fields.Many2one("res.partner", required=True, index=True, ondelete="cascade")
    purpose_id = fields.Many2one("community.purpose", ondelete="set null")
    medium = fields.Selection(CONSENT_MEDIA, required=True)
    before = fields.Selection(STATES)
    after = fields.Selection(STATES, required=True)
    moment = fields.Datetime(required=True, default=fields.Datetime.now)
    source = fields.Selection(SOURCES)
    proof = fields.Char()
    user_id = fields.Many2one("res.users", string="By", ondelete="set null")

    @api.model_create_multi
    def create(self, vals_list):
        if not self.env.su:
            raise AccessError(self.env._("The history of consent writes itself."))
        return super().create(vals_list)

    def write(self, vals):
        if not self.env.su:
            raise AccessError(self.env._("The history of consent is not changed."))
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_never_by_hand(self):
        if not self.env.su:
            raise AccessError(self.env._("The history of consent is not changed."))
