from odoo import fields, models


class CommunityRule(models.Model):
    """What is seen of rules and done with them on screen."""

    _inherit = "community.rule"

    hit_count = fields.Integer(compute="_compute_hit_count", string="Mentions (30 days)")

    def _compute_hit_count(self):
        since = fields.Datetime.subtract(fields.Datetime.now(), days=30)
        counts = dict(
            self.env["community.mention"]._read_group(
                [("rule_ids", "in", self.ids), ("published_at", ">", since)], ["rule_ids"], ["__count"]
            )
        )
        for rule in self:
            rule.hit_count = counts.get(rule, 0)

    def copy_data(self, default=None):
        return [
            {**values, "name": self.env._("%s (copy)", rule.name), "active": False}
            for rule, values in zip(self, super().copy_data(default), strict=True)
        ]

    # -- buttons ------------------------------------------------------------------------------------------------------

    def action_open_mentions(self):
        """Open what these rules applied to."""
        action = self.env["ir.actions.act_window"]._for_xml_id("community_manager.action_mentions")
        return {**action, "domain": [("rule_ids", "in", self.ids)], "context": {}}

    def action_try(self):
        """Show which mentions of the last days this rule would apply to, changing nothing."""
        self.ensure_one()
        wizard = self.env["community.rule.try"].create({"rule_id": self.id})
        wizard._try()
        return wizard._reopen()
