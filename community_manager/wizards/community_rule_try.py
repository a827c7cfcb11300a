from odoo import api, fields, models

from ..models.routing.ruleset import Ruleset


class CommunityRuleTry(models.TransientModel):
    """Which mentions of the last days a rule would apply to."""

    _name = "community.rule.try"
    _description = "Try a Rule"
    _inherit = ["community.try"]

    rule_id = fields.Many2one("community.rule", required=True, readonly=True, ondelete="cascade")
    company_id = fields.Many2one(related="rule_id.company_id", store=True, required=False)
    line_ids = fields.One2many("community.try.line", "rule_try_id", string="Sample")
    earlier_count = fields.Integer(
        readonly=True,
        string="Of these, decided by an earlier rule",
        help="They meet the conditions, but a rule further up would come first and end there.",
    )

    @api.depends("rule_id.name")
    def _compute_display_name(self):
        for trial in self:
            trial.display_name = trial.rule_id.name

    def _try(self):
        self.earlier_count = 0
        return super()._try()

    def _matches(self, mentions):
        rule = self.rule_id._to_plain()
        own = Ruleset([rule])
        # what stands above it today, whether this one is switched on or not
        records = self.env["community.rule"].search([("company_id", "=", self.company_id.id)])
        above = Ruleset(
            other._to_plain()
            for other in records
            if other != self.rule_id and (other.sequence, other.id) < (self.rule_id.sequence, self.rule_id.id)
        )
        names = {other.id: other.name for other in records}
        found, taken = {}, 0
        for mention_id, facts in self.env["community.rule"]._facts(mentions):
            decision = own.decide(facts)
            if decision is None:
                continue
            first = above.decide(facts)
            ends = above.ends(first)
            found[mention_id] = (facts.text, decision.spans, names[first.rules[-1]] if ends else "")
            taken += ends
        self.earlier_count += taken
        return found
