from odoo import api, fields, models
from odoo.exceptions import UserError


class CommunityParticipationRule(models.Model):
    """One rule for taking part in our spaces."""

    _name = "community.participation.rule"
    _description = "Rule for Taking Part"
    _order = "sequence, id"
    _rec_name = "title"

    participation_id = fields.Many2one("community.participation", required=True, ondelete="cascade", index=True)
    company_id = fields.Many2one(related="participation_id.company_id", store=True, index=True)
    sequence = fields.Integer(default=10)
    title = fields.Char(string="Rule", required=True, translate=True)
    text = fields.Text(string="What it means", translate=True)
    record_count = fields.Integer(compute="_compute_record_count", string="Times broken")

    def _compute_record_count(self):
        records = self.env["community.moderation.record"]
        counts = dict(records._read_group([("rule_id", "in", self.ids)], ["rule_id"], ["__count"]))
        for rule in self:
            rule.record_count = counts.get(rule, 0)

    @api.model_create_multi
    def create(self, vals_list):
        rules = super().create(vals_list)
        rules._ensure_draft()
        return rules

    def write(self, vals):
        self._ensure_draft()
        result = super().write(vals)
        if "participation_id" in vals:
            self._ensure_draft()
        return result

    def unlink(self):
        self._ensure_draft()
        return super().unlink()

    def _ensure_draft(self):
        if any(rules.state != "draft" for rules in self.participation_id):
            raise UserError(self.env._("What was published stays as it was. Make a new version."))
