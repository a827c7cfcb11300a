from odoo import models


class CrmLead(models.Model):
    """Leads that are won bring people into campaigns."""

    _inherit = "crm.lead"

    def write(self, vals):
        watched = "stage_id" in vals and self.env["community.campaign"]._awaits("lead")
        before = self.filtered(lambda lead: lead.stage_id.is_won) if watched else self
        result = super().write(vals)
        if watched:
            for lead in (self - before).filtered(lambda one: one.stage_id.is_won and one.partner_id):
                company = lead.company_id or self.env.company
                origin = self.env._("Lead “%s” was won", lead.name)
                self.env["community.campaign.signal"]._note("lead", company, lead.partner_id, origin)
        return result
