from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError

#: departments that are proposed for what somebody wants, by the code of the intent
PROPOSED = {
    "job": "hr",
    "partnership": "partnerships",
    "purchase": "sales",
    "defect": "quality",
    "suggestion": "product",
    "complaint": "support",
}


class CommunityHandoffAsk(models.TransientModel):
    """Put mentions before a department."""

    _name = "community.handoff.ask"
    _description = "Hand Mentions to a Department"

    mention_ids = fields.Many2many("community.mention", required=True, readonly=True)
    mention_count = fields.Integer(compute="_compute_mention_count")
    company_id = fields.Many2one("res.company", compute="_compute_mention_count")
    department_id = fields.Many2one(
        "community.department",
        compute="_compute_department_id",
        store=True,
        readonly=False,
        required=True,
        precompute=True,
        domain="[('company_id', '=', company_id)]",
    )
    people_ids = fields.Many2many("res.users", compute="_compute_people_ids")
    member_id = fields.Many2one("res.users", string="To", domain="[('id', 'in', people_ids)]")
    reason = fields.Text(string="Why")
    asked = fields.Text(string="What is asked", required=True)
    consequence = fields.Char(compute="_compute_consequence", string="What happens")

    @api.depends("mention_ids")
    def _compute_mention_count(self):
        for wizard in self:
            wizard.mention_count = len(wizard.mention_ids)
            wizard.company_id = wizard.mention_ids.company_id[:1] or self.env.company

    @api.depends("mention_ids")
    def _compute_department_id(self):
        departments = self.env["community.department"]
        for wizard in self:
            mentions = wizard.mention_ids
            company = mentions.company_id[:1] or self.env.company
            wanted = [PROPOSED[code] for code in mentions.intent_ids.mapped("code") if code in PROPOSED]
            found = mentions.department_id[:1]
            # what somebody wants says more than where a rule has put it, for jobs and partnerships
            for code in sorted(wanted, key=lambda code: code not in ("hr", "partnerships")):
                if found and code not in ("hr", "partnerships"):
                    break
                proposed = departments.search([("company_id", "=", company.id), ("code", "=", code)], limit=1)
                if proposed:
                    found = proposed
                    break
            wizard.department_id = found

    @api.depends("department_id")
    def _compute_people_ids(self):
        for wizard in self:
            wizard.people_ids = wizard.department_id._people() if wizard.department_id else False

    @api.depends("department_id", "member_id")
    def _compute_consequence(self):
        labels = dict(self.env["community.department"]._fields["target"]._description_selection(self.env))
        for wizard in self:
            department = wizard.department_id
            if not department:
                wizard.consequence = False
                continue
            people = wizard.member_id or department._people()
            names = ", ".join(people[:3].mapped("name")) + ("…" if len(people) > 3 else "")
            if not people:
                wizard.consequence = self.env._("Nobody belongs to this department yet: nobody will be told.")
            elif department.target in ("activity", False):
                wizard.consequence = self.env._("Told: %s", names)
            else:
                wizard.consequence = self.env._(
                    "Made: %(what)s. Told: %(names)s", what=labels[department.target].lower(), names=names
                )

    def action_hand_off(self):
        """Make the hand-offs and open them when there are several, or say that it is done."""
        self.ensure_one()
        if not self.env.user.has_group("community_manager.group_agent"):
            raise AccessError(self.env._("Only community agents hand mentions to departments."))
        self.mention_ids.check_access("write")
        self.department_id.check_access("read")
        if len(self.mention_ids.company_id) > 1:
            raise UserError(self.env._("These mentions belong to several companies. Hand them off one by one."))
        handoffs = self.env["community.handoff"]._hand_to(
            self.department_id,
            self.mention_ids,
            asked=self.asked.strip(),
            reason=(self.reason or "").strip(),
            member=self.member_id,
            user=self.env.user,
        )
        if not handoffs:
            raise UserError(self.env._("Choose mentions of the company that the department belongs to."))
        self.mention_ids.filtered(lambda mention: mention.state == "new").write({"state": "open"})
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "message": self.env._("Handed to %s", self.department_id.name),
                "type": "success",
                "next": {"type": "ir.actions.act_window_close"},
            },
        }
