from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.tools import ormcache

from ...analysis.matching import Keyword, Matcher


class CommunitySensitive(models.Model):
    """A matter on which not everybody says what comes to mind: what the company says about it, and what it does not."""

    _name = "community.sensitive"
    _description = "Sensitive Issue"
    _inherit = ["mail.thread", "mail.activity.mixin", "community.compiled"]
    _order = "sequence, name, id"
    _check_company_auto = True

    name = fields.Char(required=True, tracking=True)
    active = fields.Boolean(default=True)
    sequence = fields.Integer(default=10)
    company_id = fields.Many2one("res.company", required=True, default=lambda self: self.env.company, index=True)
    user_id = fields.Many2one(
        "res.users",
        string="Owner",
        default=lambda self: self.env.user,
        domain="[('share', '=', False)]",
        tracking=True,
        help="Who is asked when something is not clear.",
    )
    position = fields.Text("Our position", tracking=True, help="What we say. Shown to whoever writes about it.")
    avoid = fields.Text("What not to say", tracking=True, help="Shown to whoever writes about it.")
    keywords = fields.Text(
        help="Words and phrases that give it away, one on each line. Upper case and accents do not matter; end with * "
        "for every word that begins like this."
    )
    topic_ids = fields.Many2many(
        "community.topic",
        "community_sensitive_topic_rel",
        "sensitive_id",
        "topic_id",
        string="Topics",
        check_company=True,
        help="Every mention of these topics touches it.",
    )
    date_from = fields.Date("From", help="Empty: it stands already.")
    date_to = fields.Date("Until", help="The last day. Empty: until somebody ends it.")
    needs_approval = fields.Boolean(
        "Needs approval", default=True, help="An answer that touches it waits until somebody approves it."
    )
    approver_ids = fields.Many2many(
        "res.users",
        "community_sensitive_approver_rel",
        "sensitive_id",
        "user_id",
        string="Approved by",
        domain=lambda self: [("all_group_ids", "in", self.env.ref("community_manager.group_agent").ids)],
        check_company=True,
        help="Any of them. Empty: the managers.",
    )
    is_current = fields.Boolean(compute="_compute_is_current", search="_search_is_current")

    @api.depends("date_from", "date_to", "active")
    def _compute_is_current(self):
        today = fields.Date.context_today(self)
        for issue in self:
            begun = not issue.date_from or issue.date_from <= today
            issue.is_current = issue.active and begun and (not issue.date_to or issue.date_to >= today)

    @api.model
    def _search_is_current(self, operator, value):
        if operator not in ("=", "!=") or not isinstance(value, bool):
            return NotImplemented
        today = fields.Date.context_today(self)
        current = ["&", "|", ("date_from", "=", False), ("date_from", "<=", today)]
        current += ["|", ("date_to", "=", False), ("date_to", ">=", today)]
        return current if (operator == "=") == value else ["!", *current]

    @api.constrains("keywords")
    def _check_keywords(self):
        for issue in self:
            for word in issue._words():
                try:
                    Keyword(0, word)
                except ValueError:
                    raise ValidationError(self.env._("“%s” has no letter or digit to look for.", word)) from None

    @api.constrains("keywords", "topic_ids")
    def _check_can_be_touched(self):
        for issue in self:
            if not issue._words() and not issue.topic_ids:
                raise ValidationError(self.env._("Say by which words or topics “%s” is recognised.", issue.name))

    @api.constrains("date_from", "date_to")
    def _check_dates(self):
        for issue in self:
            if issue.date_from and issue.date_to and issue.date_to < issue.date_from:
                raise ValidationError(self.env._("“%s” ends before it begins.", issue.name))

    def _words(self):
        return [line.strip() for line in (self.keywords or "").splitlines() if line.strip()]

    @api.model
    @ormcache("company_id")
    def _matcher(self, company_id):
        """Return the :class:`~...analysis.matching.Matcher` over the words of a company's issues.

        Built once in each worker and dropped in all of them when one of them changes.
        """
        issues = self.sudo().search([("company_id", "=", company_id)])
        return Matcher([Keyword(issue.id, word) for issue in issues for word in issue._words()])

    @api.model
    def _touched(self, company, texts, topics):
        """Return the issues that texts or topics touch now, in their order.

        :param company: ``res.company``
        :param texts: plain texts
        :param topics: ``community.topic``
        """
        matcher = self._matcher(company.id)
        ids = {issue_id for text in texts if text for issue_id in matcher.match(text)}
        # whoever answers is told, also when they may read no issue
        issues = self.sudo().search([("company_id", "=", company.id)])
        return issues.filtered(lambda issue: issue.is_current and (issue.id in ids or issue.topic_ids & topics))

    def _sentences(self):
        """Return what whoever writes about this issue is told."""
        self.ensure_one()
        sentences = [self.env._("This is a sensitive issue: %s.", self.name)]
        if self.position:
            sentences.append(self.env._("Our position: %s", self.position))
        if self.avoid:
            sentences.append(self.env._("What not to say: %s", self.avoid))
        return sentences
