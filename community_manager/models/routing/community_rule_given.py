from collections import defaultdict

from odoo import api, models


class CommunityRule(models.Model):
    """Rules that give mentions to people."""

    _inherit = "community.rule"

    @api.model
    def _decisions(self, company, ruleset, facts_list):
        decisions = super()._decisions(company, ruleset, facts_list)
        wanted = defaultdict(list)
        for decision, facts in zip(decisions, facts_list, strict=True):
            if decision and decision.choose and not decision.ignore:
                wanted[decision.choose].append((decision, facts))
        gone = self._gone_users(decisions)
        for decision in decisions:
            if decision and decision.user_id in gone:
                decision.note = self.env._("%s is not there, so nobody has it yet.", gone[decision.user_id])
                decision.user_id = 0
        for action_id, mine in wanted.items():
            line = self.env["community.rule.action"].sudo().browse(action_id).exists().with_company(company)
            if not line:
                continue
            about = [(d.department_id, facts.language, facts.topics) for d, facts in mine]
            for (decision, _facts), user_id in zip(mine, line._choose(about), strict=True):
                decision.user_id = user_id
                if not user_id:
                    decision.note = self.env._("Nobody was there to take it: %s.", line.words)
        return decisions

    @api.model
    def _gone_users(self, decisions):
        """Return ``{id: name}`` of those that rules name and who are not there."""
        ids = {decision.user_id for decision in decisions if decision and decision.user_id}
        users = self.env["res.users"].sudo().browse(sorted(ids))
        return {user.id: user.name for user in users - users._community_available()}
