from odoo import api, fields, models

from .ruleset import Ruleset


class CommunityMention(models.Model):
    """Why a mention is where it is."""

    _inherit = "community.mention"

    routing_note = fields.Char(readonly=True, copy=False, string="Left open by a rule")
    rule_why = fields.Char(compute="_compute_rule_why", string="Why", help="What the rules that applied look for.")

    @api.depends_context("lang")
    @api.depends("rule_ids")
    def _compute_rule_why(self):
        rules = self.env["community.rule"].sudo()
        for mention in self:
            told = []
            # each rule alone, as it is today: which of its words stand in the text
            facts = dict(rules._facts(mention.sudo())) if mention.rule_ids and isinstance(mention.id, int) else {}
            for rule in mention.sudo().rule_ids:
                ruleset = Ruleset([rule._to_plain()], *rules._risks(rule.company_id.id))
                decision = ruleset.decide(facts[mention.id]) if mention.id in facts else None
                words = dict.fromkeys(word for _start, _end, word in decision.spans) if decision else ()
                found = ", ".join(f"“{word}”" for word in words)
                told.append(f"{rule.name}: {found or rule.condition_text}")
            mention.rule_why = " · ".join(told) or False
