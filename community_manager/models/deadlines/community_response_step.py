from odoo import fields, models


class CommunityResponseStep(models.Model):
    """What happens some time after a deadline has passed without an answer."""

    _name = "community.response.step"
    _description = "Escalation"
    _inherit = ["community.compiled"]
    _order = "policy_id, after, id"
    _rec_name = "whom"
    _check_company_auto = True

    policy_id = fields.Many2one("community.response.policy", required=True, ondelete="cascade", index=True)
    company_id = fields.Many2one(related="policy_id.company_id", store=True)
    after = fields.Integer(
        string="Minutes after", required=True, help="Minutes of working time after the deadline; 0: at once."
    )
    whom = fields.Selection(
        [
            ("assignee", "Whoever has it"),
            ("head", "The head of the department"),
            ("user", "A person"),
            ("managers", "All managers of the community"),
        ],
        string="Tell",
        default="head",
        required=True,
        help="Where there is no such person, the next in this list are told: whoever has it, the head of the "
        "department, the managers.",
    )
    user_id = fields.Many2one("res.users", string="Person", domain="[('share', '=', False)]", check_company=True)
    priority = fields.Selection(
        [("1", "Important"), ("2", "High"), ("3", "Urgent")], string="Raise priority to", help="Empty: as it is."
    )

    _after = models.Constraint("CHECK (after >= 0)", "Escalations come after the deadline.")

    def _whom(self, mention):
        """Return who is told of a mention that is not answered in time.

        :param mention: one ``community.mention``
        :rtype: res.users
        """
        self.ensure_one()
        wanted = {
            "assignee": mention.user_id,
            "head": mention.department_id.manager_id,
            "user": self.user_id,
            "managers": self.browse(),
        }[self.whom]
        if self.whom != "managers" and wanted.filtered("active"):
            return wanted
        return self._responsible(mention, skip_assignee=self.whom == "head", only_managers=self.whom == "managers")

    def _responsible(self, mention, skip_assignee=False, only_managers=False):
        """Return who is responsible for a mention: whoever has it, else the head of its department, else managers.

        :param bool skip_assignee: do not ask who has it
        :param bool only_managers: ask for managers at once
        """
        if not only_managers:
            candidates = [mention.user_id] if not skip_assignee else []
            for user in (*candidates, mention.department_id.manager_id):
                if user.active:
                    return user
        managers = self.env.ref("community_manager.group_manager").all_user_ids
        company = mention.company_id
        return managers.filtered(
            lambda user: user.active and not user.share and company in user.company_ids and user.id != 1
        )
