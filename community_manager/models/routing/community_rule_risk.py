from dataclasses import replace

from odoo import api, fields, models
from odoo.tools import ormcache

from .ruleset import keyword_lines


class CommunityRule(models.Model):
    """Rules by risk: topics of that kind, and words that the whole company shares."""

    _inherit = "community.rule"

    risk = fields.Boolean(
        string="Only risks", help="About a topic of the kind “Risk”, or with one of the company's risk words."
    )

    @api.constrains("risk")
    def _check_risk(self):
        self._check_condition()

    def _condition_words(self):
        return super()._condition_words() + ([self.env._("Risk")] if self.risk else [])

    def _to_plain(self):
        rule = super()._to_plain()
        return replace(rule, condition=replace(rule.condition, risk=self.risk))

    @api.model
    @ormcache("company_id")
    def _risks(self, company_id):
        topics = self.env["community.topic"].sudo().search([("company_id", "=", company_id), ("kind", "=", "risk")])
        words, _excluded = keyword_lines(self.env["res.company"].sudo().browse(company_id).community_risk_words)
        return tuple(topics.ids), tuple(words)
