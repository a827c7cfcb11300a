from odoo import api, fields, models


class ResPartner(models.Model):
    """When somebody asked to be left alone: what was sent before is no failure."""

    _inherit = "res.partner"

    community_not_now_at = fields.Datetime(
        "Asked to be left alone", readonly=True, copy=False, groups="community_manager.group_agent"
    )

    @api.model_create_multi
    def create(self, vals_list):
        now = fields.Datetime.now()
        for vals in vals_list:
            if vals.get("community_not_now"):
                vals.setdefault("community_not_now_at", now)
        return super().create(vals_list)

    def write(self, vals):
        if "community_not_now" in vals:
            vals = {"community_not_now_at": fields.Datetime.now() if vals["community_not_now"] else False, **vals}
        result = super().write(vals)
        if "community_not_now" in vals or "parent_id" in vals or "is_company" in vals:
            # sudo: whether a company has journeys is asked, for the queue alone
            companies = self.env["community.journey"].sudo().search([]).company_id
            self.env["community.position.stale"].sudo()._mark(
                (company.id, partner.id) for company in companies for partner in self
            )
        return result
