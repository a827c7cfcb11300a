from odoo import api, fields, models
from odoo.exceptions import ValidationError

from .community_approvable import Finding


class CommunityApprovalRule(models.Model):
    """What has to be approved before it is said, and by whom.  All that a rule says must hold."""

    _name = "community.approval.rule"
    _description = "Approval Rule"
    _order = "sequence, id"
    _check_company_auto = True

    name = fields.Char(required=True, translate=True, help="What the writer is told: why somebody has to approve it.")
    active = fields.Boolean(default=True)
    sequence = fields.Integer(default=10)
    company_id = fields.Many2one("res.company", required=True, default=lambda self: self.env.company, index=True)
    way = fields.Selection(
        [
            ("any", "Everything"),
            ("reply", "Public answers"),
            ("message", "Private messages"),
            ("publish", "Publications"),
        ],
        default="any",
        required=True,
        string="For",
    )
    topic_ids = fields.Many2many(
        "community.topic",
        "community_approval_rule_topic_rel",
        "rule_id",
        "topic_id",
        string="Topics",
        check_company=True,
        help="Of what is answered, any of them. Empty: whatever it is about.",
    )
    intent_ids = fields.Many2many(
        "community.intent",
        "community_approval_rule_intent_rel",
        "rule_id",
        "intent_id",
        string="Intents",
        help="Of what is answered, any of them. Empty: whatever they want.",
    )
    sentiment = fields.Selection(
        [("negative", "Negative"), ("neutral", "Neutral"), ("positive", "Positive")],
        string="Feeling",
        help="Of what is answered. Empty: any.",
    )
    network_ids = fields.Many2many(
        "community.network", "community_approval_rule_network_rel", "rule_id", "network_id", string="Networks"
    )
    channel_ids = fields.Many2many(
        "community.channel",
        "community_approval_rule_channel_rel",
        "rule_id",
        "channel_id",
        string="Channels",
        check_company=True,
        help="Sent from any of these. Empty: from whichever.",
    )
    crisis = fields.Boolean("During a crisis", help="Only what belongs to a crisis that is going on.")
    first_answers = fields.Integer(
        "First answers", help="The first so many answers of each person. 0: whoever writes, however long."
    )
    followers = fields.Integer("Followers at least", help="Of who is answered. 0: however many.")
    approver_ids = fields.Many2many(
        "res.users",
        "community_approval_rule_user_rel",
        "rule_id",
        "user_id",
        string="Approved by",
        domain=lambda self: [("all_group_ids", "in", self.env.ref("community_manager.group_agent").ids)],
        check_company=True,
        help="Any of them. Empty: the head of the department, or the managers.",
    )
    department_id = fields.Many2one(
        "community.department",
        string="Head of",
        check_company=True,
        help="The head of this department approves, if they work in the community.",
    )
    hours = fields.Float("Decide within", help="Hours. 0: the company's usual time.")

    @api.constrains("first_answers", "followers", "hours")
    def _check_numbers(self):
        for rule in self:
            if rule.first_answers < 0 or rule.followers < 0 or rule.hours < 0:
                raise ValidationError(self.env._("Numbers of a rule cannot be negative."))

    def copy_data(self, default=None):
        return [
            {**values, "name": self.env._("%s (copy)", rule.name)}
            for rule, values in zip(self, super().copy_data(default), strict=True)
        ]

    @api.model
    def _findings(self, reply):
        """Return a :class:`Finding` for each rule that holds for a message."""
        rules = self.sudo().search([("company_id", "=", reply.company_id.id)])
        return [
            Finding(rule.with_env(self.env).sudo().name, rule._approvers(), rule.hours)
            for rule in rules
            if rule._applies(reply)
        ]

    def _approvers(self):
        """Return the users that a rule names, of those who have a role in the community."""
        self.ensure_one()
        users = self.approver_ids or self.department_id.manager_id
        return users.filtered(lambda user: user.active and user.has_group("community_manager.group_agent"))

    def _applies(self, reply):
        """Return whether all that a rule says holds for a message."""
        self.ensure_one()
        mention = reply.mention_id
        checks = (
            self.way in ("any", reply.way),
            not self.topic_ids or self.topic_ids & mention.topic_ids,
            not self.intent_ids or self.intent_ids & mention.intent_ids,
            not self.sentiment or self.sentiment == mention.sentiment,
            not self.network_ids or reply.channel_id.network in self.network_ids.mapped("code"),
            not self.channel_ids or reply.channel_id in self.channel_ids,
            not self.crisis or mention.sudo().crisis_id.is_open,
            not self.followers or mention.author_id.followers >= self.followers,
        )
        # the count is asked for last, as it is the only one that costs a query
        return all(checks) and (not self.first_answers or self._answered(reply.user_id) < self.first_answers)

    def _answered(self, user):
        """Return how many answers of a user have gone out, counted no further than the rule asks for."""
        sent = [("user_id", "=", user.id), ("company_id", "=", self.company_id.id), ("state", "=", "sent")]
        return self.env["community.reply"].sudo().search_count(sent, limit=self.first_answers)
