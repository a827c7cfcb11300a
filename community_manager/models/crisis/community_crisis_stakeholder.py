from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import ValidationError


class CommunityCrisisStakeholder(models.Model):
    """Somebody who is kept informed of a crisis: management, an authority, a supplier, the shops."""

    _name = "community.crisis.stakeholder"
    _description = "Stakeholder of a Crisis"
    _order = "crisis_id, sequence, id"
    _check_company_auto = True

    crisis_id = fields.Many2one("community.crisis", required=True, ondelete="cascade", index=True)
    company_id = fields.Many2one(related="crisis_id.company_id", store=True, index=True)
    sequence = fields.Integer(default=10)
    user_id = fields.Many2one("res.users", string="Colleague", domain="[('share', '=', False)]")
    partner_id = fields.Many2one("res.partner", string="Contact", check_company=True)
    email = fields.Char("E-mail")
    hours = fields.Float("Every hours", help="How often they are informed. 0: when somebody thinks of it.")
    informed_at = fields.Datetime("Last informed", readonly=True, copy=False)
    due_at = fields.Datetime("Next", compute="_compute_due_at")
    reminded_at = fields.Datetime(readonly=True, copy=False)

    @api.depends("user_id", "partner_id", "email")
    def _compute_display_name(self):
        for one in self:
            one.display_name = one.user_id.name or one.partner_id.name or one.email or ""

    @api.depends("hours", "informed_at", "crisis_id.opened_at")
    def _compute_due_at(self):
        for one in self:
            last = one.informed_at or one.crisis_id.opened_at
            one.due_at = last + timedelta(hours=one.hours) if one.hours and last else False

    @api.constrains("crisis_id", "user_id", "partner_id", "email", "hours")
    def _check_somebody(self):
        for one in self:
            if not (one.user_id or one.partner_id or one.email):
                raise ValidationError(self.env._("Choose a colleague or a contact, or enter an e-mail address."))
            if one.hours < 0:
                raise ValidationError(self.env._("Hours are 0 or more."))

    def _recipients(self):
        """Return the contacts of these stakeholders; for a bare address one is found or made."""
        partners = self.env["res.partner"]
        for one in self:
            partner = one.user_id.partner_id or one.partner_id
            if not partner and one.email:
                partner = partners.find_or_create(one.email)
            partners |= partner
        return partners

    def action_inform(self):
        """Write to these people now."""
        return self.crisis_id._compose(self)
