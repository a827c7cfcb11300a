from odoo import fields, models


class CommunityRule(models.Model):
    """What became of the leads that rules made."""

    _inherit = "community.rule"

    lead_mention_count = fields.Integer(
        compute="_compute_lead_rates", string="Leads", help="Leads that mentions of this rule made or were added to."
    )
    lead_rate = fields.Float(
        compute="_compute_lead_rates", string="Lead rate", help="Of these leads, how many sales kept as leads."
    )
    returned_count = fields.Integer(compute="_compute_lead_rates", string="Not a lead")
    won_count = fields.Integer(compute="_compute_lead_rates", string="Won")
    won_rate = fields.Float(compute="_compute_lead_rates", string="Won rate", help="Of these leads, how many were won.")
    return_reasons = fields.Char(compute="_compute_lead_rates", string="Most frequent reason")

    def _compute_lead_rates(self):
        # as superuser: figures are for whoever writes the rules, and name no lead
        mentions = self.env["community.mention"].sudo()
        domain = [("rule_ids", "in", self.ids), ("lead_id", "!=", False)]
        leads, returned, reasons = {}, {}, {}
        for rule, lead, reason, count in mentions._read_group(
            domain, ["rule_ids", "lead_id", "lead_return_id"], ["__count"]
        ):
            leads.setdefault(rule.id, set()).add(lead.id)
            if reason:
                returned.setdefault(rule.id, set()).add(lead.id)
                reasons.setdefault(rule.id, {}).setdefault(reason.name, 0)
                reasons[rule.id][reason.name] += count
        every = self.env["crm.lead"].sudo().browse(sorted(set().union(*leads.values())) if leads else ())
        won = set(every.filtered(lambda lead: lead.won_status == "won").ids)
        for rule in self:
            mine = leads.get(rule.id, set())
            back = returned.get(rule.id, set())
            rule.lead_mention_count = len(mine)
            rule.returned_count = len(back)
            rule.won_count = len(mine & won)
            rule.lead_rate = (len(mine) - len(back)) / len(mine) if mine else 0.0
            rule.won_rate = len(mine & won) / len(mine) if mine else 0.0
            said = reasons.get(rule.id, {})
            rule.return_reasons = max(said, key=lambda name: (said[name], name)) if said else False

    def action_open_leads(self):
        """Open the leads that mentions of these rules made, those that are lost among them."""
        mentions = self.env["community.mention"].search([("rule_ids", "in", self.ids), ("lead_id", "!=", False)])
        return mentions._open_followed(mentions.sudo().lead_id)
