from odoo import fields, models


class CommunityDepartment(models.Model):
    """A part of the company that mentions are put before."""

    _name = "community.department"
    _description = "Department"
    _order = "sequence, name, id"
    _check_company_auto = True

    name = fields.Char(required=True, translate=True)
    code = fields.Char(
        help="A short name that stays the same in every language, for imports and integrations.", index="btree_not_null"
    )
    sequence = fields.Integer(default=10)
    color = fields.Integer(string="Colour")
    active = fields.Boolean(default=True)
    company_id = fields.Many2one("res.company", required=True, default=lambda self: self.env.company, index=True)
    manager_id = fields.Many2one("res.users", string="Head", domain="[('share', '=', False)]", check_company=True)
    member_ids = fields.Many2many(
        "res.users",
        "community_department_user_rel",
        "department_id",
        "user_id",
        string="Members",
        domain="[('share', '=', False)]",
        check_company=True,
    )
    crm_team_id = fields.Many2one(
        "crm.team",
        string="Sales team",
        check_company=True,
        help="Leads from this department's mentions go to this team.",
    )
    project_id = fields.Many2one(
        "project.project",
        string="Project for tickets",
        check_company=True,
        domain="[('is_template', '=', False)]",
        help="Tickets from this department's mentions are kept here. Empty: the company's ticket project.",
    )
    description = fields.Text(translate=True, help="What this department takes care of, for colleagues.")
    mention_count = fields.Integer(compute="_compute_counts", string="Open mentions")
    rule_count = fields.Integer(compute="_compute_counts", string="Rules")

    _unique_code = models.UniqueIndex(
        "(company_id, code) WHERE code <> ''",
        "This code belongs to another department of the company.",
    )

    def _compute_counts(self):
        mentions = dict(
            self.env["community.mention"]._read_group(
                [("department_id", "in", self.ids), ("state", "in", ("new", "open", "waiting"))],
                ["department_id"],
                ["__count"],
            )
        )
        rules = dict(
            self.env["community.rule"]._read_group([("department_id", "in", self.ids)], ["department_id"], ["__count"])
        )
        for department in self:
            department.mention_count = mentions.get(department, 0)
            department.rule_count = rules.get(department, 0)

    def copy_data(self, default=None):
        return [
            {**values, "name": self.env._("%s (copy)", department.name), "code": False}
            for department, values in zip(self, super().copy_data(default), strict=True)
        ]

    def action_open_mentions(self):
        """Open what waits for these departments."""
        action = self.env["ir.actions.act_window"]._for_xml_id("community_manager.action_mentions")
        return {**action, "domain": [("department_id", "in", self.ids)], "context": {}}

    def action_open_rules(self):
        """Open the rules that send mentions to these departments."""
        action = self.env["ir.actions.act_window"]._for_xml_id("community_manager.action_rules")
        return {**action, "domain": [("department_id", "in", self.ids)], "context": {}}
